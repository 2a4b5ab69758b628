// SPDX-License-Identifier: MIT
#include "repo/location.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "source/mirrors.h"
#include "text/percent.h"

bool hull_repo_is_remote(const char *url)
{
	return hull_source_is_remote(url);
}

bool hull_repo_is_open(const char *url)
{
	return hull_repo_is_remote(url) && strncasecmp(url, "https:", 6) != 0;
}

char *hull_repo_directory(const char *url, struct hull_err *e)
{
	hull_autostrv struct hull_strv places = {0};
	struct hull_source_want w = {.url = url, .file = ""};
	struct hull_source_options o = {0};

	if (*url == '/' || hull_source_is_relative(url))
		return hull_strdup(url);
	if (!hull_starts(url, "file:")) {
		hull_fail(e, HULL_FAILED,
			  "%s: a repository is a directory, file:, http: or https:", url);
		return NULL;
	}
	return hull_source_places(&w, &o, NULL, &places, e) < 0 ? NULL : hull_strdup(places.v[0]);
}

char *hull_repo_file_url(const char *url, const char *location)
{
	hull_autobuf struct hull_buf b = {0};

	hull_buf_adds(&b, url);
	if (!hull_ends(url, "/"))
		hull_buf_addc(&b, '/');
	hull_percent_encode(&b, location, strlen(location), "/");
	return hull_buf_steal(&b);
}

bool hull_repo_is_inside(const char *location)
{
	if (!*location || *location == '/' || strstr(location, "//"))
		return false;
	for (const char *p = location; *p; p += *p == '/') {
		size_t n = strcspn(p, "/");

		if ((n == 2 && p[0] == '.' && p[1] == '.') || strpbrk(p, "\n\\"))
			return false;
		p += n;
	}
	return true;
}
