// SPDX-License-Identifier: MIT
#include "source/pins.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "spec/specsource.h"
#include "text/json.h"

static char *path_of(const struct hull_spec *spec)
{
	const char *file = hull_basename(spec->path);
	const char *dot = strrchr(file, '.');

	return hull_asprintf("%s/%.*s.signatures.json", spec->dir,
			     (int)(dot ? dot - file : (ptrdiff_t)strlen(file)), file);
}

json_t *hull_pins_read(const struct hull_spec *spec, struct hull_err *e)
{
	hull_autofree char *path = path_of(spec);
	hull_autojson json_t *file = NULL, *pins = NULL;
	const char *name;
	json_t *value;

	if (!hull_exists(AT_FDCWD, path))
		return json_object();
	file = hull_json_read(AT_FDCWD, path, e);
	if (!file)
		return NULL;
	pins = json_is_object(file) ? hull_signatures_member(file) : NULL;
	if (!pins) {
		hull_fail(e, HULL_FAILED, "%s: no object \"Signatures\"", path);
		return NULL;
	}
	json_object_foreach (pins, name, value)
		if (!json_is_string(value)) {
			hull_fail(e, HULL_FAILED, "%s: \"%s\" is no string", path, name);
			return NULL;
		}
	return json_incref(pins);
}

static void drop_places(json_t *places, const json_t *pins)
{
	const char *file;
	json_t *value;
	void *next;

	json_object_foreach_safe (places, next, file, value)
		if (!json_object_get(pins, file))
			json_object_del(places, file);
}

int hull_pins_write(const struct hull_spec *spec, json_t *pins, const char *today,
		    struct hull_err *e)
{
	hull_autofree char *path = path_of(spec);
	hull_autojson json_t *old =
		hull_exists(AT_FDCWD, path) ? hull_json_read(AT_FDCWD, path, e) : json_object();
	hull_autojson json_t *file = json_object();
	json_t *places;

	if (!old)
		return -1;
	places = json_object_get(old, "Places");
	drop_places(places, pins);
	if (json_object_size(places))
		json_object_set(file, "Places", places);
	hull_json_set(file, "Date", today ? today : hull_json_optional(old, "Date"));
	json_object_set(file, "Signatures", pins);
	return hull_json_write(AT_FDCWD, path, file, e);
}
