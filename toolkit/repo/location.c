// SPDX-License-Identifier: MIT
#include "repo/location.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "source/mirrors.h"
#include "text/percent.h"

static const char mirrorlist[] = "mirrorlist:", metalink[] = "metalink:";

const char *hull_repo_list(const char *url)
{
	if (hull_starts(url, mirrorlist))
		return url + strlen(mirrorlist);
	return hull_starts(url, metalink) ? url + strlen(metalink) : NULL;
}

bool hull_repo_is_metalink(const char *url)
{
	return hull_starts(url, metalink);
}

bool hull_repo_is_remote(const char *url)
{
	return hull_repo_list(url) || hull_source_is_remote(url);
}

bool hull_repo_is_open(const char *url)
{
	const char *list = hull_repo_list(url);

	if (list)
		url = list;
	hull_assert(url);
	return hull_source_is_remote(url) && strncasecmp(url, "https:", 6) != 0;
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

/* --- xml:base --- */

/* Appends a relative path to one that ends with a slash, ".." going up, but not beyond the first `keep`
 * bytes; false if it would. */
static bool walk(struct hull_buf *path, size_t keep, const char *relative)
{
	for (const char *p = relative; *p; p += *p == '/') {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.') {
			if (path->n <= keep)
				return false;
			for (path->n--; path->n > keep && path->p[path->n - 1] != '/';)
				path->n--;
		} else if (n && !(n == 1 && *p == '.')) {
			hull_buf_add(path, p, n);
			hull_buf_addc(path, '/');
		}
		p += n;
	}
	path->p[path->n] = '\0';
	return true;
}

/* The bytes of a URL that are scheme and host, with the slash; of a relative directory none. */
static size_t root_of(const char *root)
{
	const char *host = strstr(root, "://");

	if (!host)
		return *root == '/';
	return (size_t)(host - root) + 3 + strcspn(host + 3, "/") + 1;
}

static int add_relative(const char *root, const char *base, const char *location,
			struct hull_strv *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf path = {0};

	hull_buf_addf(&path, "%s%s", root, hull_ends(root, "/") ? "" : "/");
	/* a directory may be "." or "../repo": the kernel knows where that leads */
	if (!hull_source_is_remote(root))
		hull_buf_addf(&path, "%s%s", base, *base ? "/" : "");
	else if (!walk(&path, root_of(root), base))
		return hull_fail(e, HULL_FAILED, "xml:base %s leaves the server %s", base, root);
	if (hull_source_is_remote(root))
		hull_strv_take(out, hull_repo_file_url(path.p, location));
	else
		hull_strv_addf(out, "%s%s", path.p, location);
	return 0;
}

/* The roots of a repository: addresses, or its directory. */
static int find_roots(const struct hull_repository *at, struct hull_strv *out, struct hull_err *e)
{
	const char *list = hull_repo_list(at->url);
	char *directory;

	hull_assert(at->url);
	for (size_t i = 0; at->mirrors && i < at->mirrors->n; i++)
		hull_strv_add(out, at->mirrors->v[i]);
	if (out->n)
		return 0;
	if (list || hull_source_is_remote(at->url)) {
		hull_strv_add(out, list ? list : at->url);
		return 0;
	}
	directory = hull_repo_directory(at->url, e);
	if (!directory)
		return -1;
	hull_strv_take(out, directory);
	return 0;
}

int hull_repo_places(const struct hull_repository *at, const char *base, const char *location,
		     struct hull_strv *out, struct hull_err *e)
{
	hull_autostrv struct hull_strv roots = {0};
	hull_autofree char *directory = NULL;

	if (base && hull_source_is_remote(base)) {
		hull_strv_take(out, hull_repo_file_url(base, location));
		return 0;
	}
	if (base && (*base == '/' || !hull_source_is_relative(base))) {
		if (hull_repo_is_remote(at->url))
			return hull_fail(
				e, HULL_FAILED,
				"xml:base %s: a repository on another machine can name http: "
				"and https: only",
				base);
		directory = hull_repo_directory(base, e);
		if (!directory)
			return hull_wrap(e, "xml:base ");
		return add_relative(directory, "", location, out, e);
	}
	if (find_roots(at, &roots, e) < 0)
		return -1;
	for (size_t i = 0; i < roots.n; i++)
		if (add_relative(roots.v[i], base ? base : "", location, out, e) < 0)
			return -1;
	return 0;
}
