// SPDX-License-Identifier: MIT
#include "text/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

json_t *hull_json_read(int dirfd, const char *path, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	json_error_t je;
	json_t *j;

	if (hull_file_read(dirfd, path, &text, e) < 0)
		return NULL;
	j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	if (!j)
		hull_fail(e, HULL_FAILED, "%s:%d:%d: %s", path, je.line, je.column, je.text);
	return j;
}

static int append(const char *p, size_t n, void *out)
{
	hull_buf_add(out, p, n);
	return 0;
}

void hull_json_text(const json_t *j, bool pretty, struct hull_buf *out)
{
	size_t flags = JSON_SORT_KEYS | JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT);

	hull_assert(json_dump_callback(j, append, out, flags) == 0);
}

int hull_json_write(int dirfd, const char *path, const json_t *j, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	hull_json_text(j, true, &text);
	hull_buf_addc(&text, '\n');
	return hull_file_write(dirfd, path, text.p, text.n, 0644, e);
}

const char *hull_json_string(const json_t *obj, const char *key, const char *what,
			     struct hull_err *e)
{
	const json_t *v = json_object_get(obj, key);

	if (!json_is_string(v)) {
		hull_fail(e, HULL_FAILED, "%s: no string \"%s\"", what, key);
		return NULL;
	}
	return json_string_value(v);
}

const char *hull_json_optional(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

void hull_json_set(json_t *obj, const char *key, const char *s)
{
	if (s)
		json_object_set_new(obj, key, json_string(s));
}

void hull_json_decrefp(json_t **j)
{
	json_decref(*j);
}

json_t *hull_json_clean(const char *s)
{
	json_t *j = json_string(s);
	hull_autobuf struct hull_buf clean = {0};

	if (j)
		return j;
	while (*s) {
		uint32_t c;
		size_t n = hull_utf8_get(s, &c);

		if (n)
			hull_buf_add(&clean, s, n);
		else
			hull_buf_addf(&clean, "\\x%02x", (unsigned char)*s);
		s += n ? n : 1;
	}
	return json_string(clean.p);
}

void hull_json_set_clean(json_t *object, const char *key, const char *s)
{
	if (s && *s)
		json_object_set_new(object, key, hull_json_clean(s));
}
