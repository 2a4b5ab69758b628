// SPDX-License-Identifier: MIT
#include "spec/localsource.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

const char *hull_spec_below(const char *path, const char *parent)
{
	size_t n = strlen(parent);

	if (!strcmp(parent, "/"))
		return path;
	return !strncmp(path, parent, n) && (!path[n] || path[n] == '/') ? path + n : NULL;
}

/* A place of this machine as written, not a file's name: absolute, or with "..". */
static bool leads_out(const char *url)
{
	if (*url == '/' || !strncasecmp(url, "file:", 5))
		return true;
	if (strstr(url, "://"))
		return false;
	for (const char *at = url; (at = strstr(at, "..")); at += 2)
		if ((at == url || at[-1] == '/') && (!at[2] || at[2] == '/'))
			return true;
	return false;
}

static void complain(const struct hull_spec *spec, const struct hull_spec_source *s,
		     const char *place, struct hull_strv *errors)
{
	hull_autobuf struct hull_buf at = {0};

	hull_buf_adds(&at, spec->path);
	if (s->line)
		hull_buf_addf(&at, ":%d", s->line);
	hull_strv_addf(errors,
		       "%s: %s%u '%s' is outside of the spec's directory, at %s: copy it there",
		       at.p, s->patch ? "Patch" : "Source", s->number, s->url, place);
}

/* Where a link leads: its target if that is not there. */
static char *destination(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : hull_strdup(path);
}

void hull_sources_confine(const struct hull_spec *spec, struct hull_strv *errors)
{
	hull_autofree char *dir = hull_realpath(spec->dir, NULL);
	struct stat st;

	for (size_t i = 0; i < spec->nsources && dir; i++) {
		const struct hull_spec_source *s = &spec->sources[i];
		hull_autofree char *path = hull_asprintf("%s/%s", dir, s->file), *place = NULL;

		if (leads_out(s->url)) {
			hull_autofree char *written = *s->url == '/'
							      ? hull_strdup(s->url)
							      : hull_asprintf("%s/%s", dir, s->url);

			place = destination(strncasecmp(s->url, "file:", 5) ? written : s->url);
			complain(spec, s, place, errors);
		} else if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
			place = realpath(path, NULL);
			if (place && !hull_spec_below(place, dir))
				complain(spec, s, place, errors);
		}
	}
}
