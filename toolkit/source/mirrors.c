// SPDX-License-Identifier: MIT
#include "source/mirrors.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/process.h"
#include "text/percent.h"

static bool has_scheme(const char *url, const char *scheme)
{
	size_t n = strlen(scheme);

	return !strncasecmp(url, scheme, n) && url[n] == ':';
}

bool hull_source_is_remote(const char *place)
{
	return has_scheme(place, "http") || has_scheme(place, "https");
}

bool hull_source_is_relative(const char *url)
{
	const char *p = url;

	if (*p == '/')
		return false;
	while (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.')
		p++;
	return *p != ':';
}

/* Some servers take '+' in a path for a space, so all but the safest characters are escaped. */
static void add_escaped(struct hull_buf *b, const char *path)
{
	hull_percent_encode(b, path, strlen(path), "/");
}

/* The path of a file: URL, without a fragment; NULL if it names another host. */
static char *file_url_path(const char *url)
{
	const char *p = url + strlen("file:");
	hull_autobuf struct hull_buf b = {0};

	if (hull_starts(p, "//")) {
		p += 2;
		if (hull_starts(p, "localhost/"))
			p += strlen("localhost");
		if (*p != '/')
			return NULL;
	}
	hull_percent_decode(&b, p, strcspn(p, "#"));
	return hull_buf_steal(&b);
}

/* `path` below a base, which is an http(s) or file: URL or a directory. */
static int add_below(const char *base, const char *path, struct hull_strv *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf b = {0};

	if (hull_source_is_remote(base)) {
		hull_buf_adds(&b, base);
	} else if (has_scheme(base, "file") || has_scheme(base, "copy")) {
		hull_autofree char *dir = file_url_path(base);

		if (!dir)
			return hull_fail(e, HULL_FAILED, "%s: a file: URL names no other host",
					 base);
		hull_buf_adds(&b, dir);
	} else if (*base == '/' || hull_source_is_relative(base)) {
		hull_buf_adds(&b, base);
	} else {
		return hull_fail(e, HULL_FAILED, "%s: neither http(s): nor file: nor a directory",
				 base);
	}
	if (!b.n || b.p[b.n - 1] != '/')
		hull_buf_addc(&b, '/');
	if (hull_source_is_remote(base))
		add_escaped(&b, path);
	else
		hull_buf_adds(&b, path);
	hull_strv_take(out, hull_buf_steal(&b));
	return 0;
}

char *hull_source_beside(const struct hull_source_want *w)
{
	bool relative = hull_source_is_relative(w->url);
	hull_autofree char *path = NULL;

	if (!w->dir)
		return NULL;
	path = hull_asprintf("%s/%s", w->dir, relative ? w->url : w->file);
	return hull_exists(AT_FDCWD, path) ? hull_steal(path) : NULL;
}

/* The base of an archive of old versions as it was at the end of a day; NULL if it needs a date and there is
 * none. The caller frees. */
static char *dated(const char *archive, const char *date)
{
	static const char mark[] = "@SNAPSHOTID@";
	const char *at = strstr(archive, mark);

	if (!at)
		return hull_strdup(archive);
	if (!date)
		return NULL;
	return hull_asprintf("%.*s%.4s%.2s%.2sT235959Z%s", (int)(at - archive), archive, date,
			     date + 5, date + 8, at + strlen(mark));
}

static int add_debian(const struct hull_source_want *w, const struct hull_debian_places *debian,
		      bool before, struct hull_strv *out, struct hull_err *e)
{
	const char *path = w->url + strlen("debian:");

	while (*path == '/')
		path++;
	if (!debian->bases.n && !debian->archives.n && !before)
		return hull_fail(e, HULL_FAILED, "%s: no Debian archive is known", w->url);
	for (size_t i = 0; i < debian->bases.n; i++)
		if (add_below(debian->bases.v[i], path, out, e) < 0)
			return -1;
	for (size_t i = 0; i < debian->archives.n; i++) {
		hull_autofree char *base = dated(debian->archives.v[i], w->date);

		if (base && add_below(base, path, out, e) < 0)
			return -1;
	}
	return 0;
}

/* What the URL says; `before` is whether something was found before it. */
static int add_url(const struct hull_source_want *w, const struct hull_debian_places *debian,
		   bool before, struct hull_strv *out, struct hull_err *e)
{
	char *path;

	if (hull_source_is_remote(w->url)) {
		hull_strv_add(out, w->url);
	} else if (has_scheme(w->url, "debian")) {
		return add_debian(w, debian, before, out, e);
	} else if (has_scheme(w->url, "file")) {
		path = file_url_path(w->url);
		if (!path)
			return hull_fail(e, HULL_FAILED, "%s: a file: URL names no other host",
					 w->url);
		hull_strv_take(out, path);
	} else if (*w->url == '/') {
		hull_strv_add(out, w->url);
	} else if (hull_source_url_is_made(w->url)) {
		if (!before)
			return hull_fail(
				e, HULL_FAILED,
				"%s: it is pinned, so hull does not make it: it has to be next "
				"to the spec or at a --source-url",
				w->url);
	} else if (has_scheme(w->url, "pypi")) {
		if (!before)
			return hull_fail(e, HULL_FAILED,
					 "%s: no host is known for %%pypi_source: define "
					 "%%__pypi_url, or have the file at a --source-url",
					 w->url);
	} else if (!hull_source_is_relative(w->url)) {
		return hull_fail(
			e, HULL_FAILED,
			"%s: a source is https:, http:, file:, debian: or a file next to the spec",
			w->url);
	} else if (!before) {
		return hull_fail(e, HULL_FAILED, "no file %s/%s", w->dir ? w->dir : ".", w->url);
	}
	return 0;
}

int hull_source_places(const struct hull_source_want *w, const struct hull_source_options *o,
		       const struct hull_debian_places *debian, struct hull_strv *out,
		       struct hull_err *e)
{
	char *beside = hull_source_beside(w);
	bool relative = hull_source_is_relative(w->url);

	if (beside)
		hull_strv_take(out, beside);
	for (size_t i = 0; i < o->nmirrors; i++)
		if (add_below(o->mirrors[i], w->file, out, e) < 0)
			return -1;
	if (add_url(w, debian, (relative ? beside != NULL : out->n > 0) || w->nplaces, out, e) < 0)
		return -1;
	for (size_t i = 0; i < w->nplaces; i++) {
		const struct hull_source_want other = {
			.url = w->places[i], .file = w->file, .date = w->date};

		if (!hull_source_is_remote(other.url) && !has_scheme(other.url, "debian"))
			return hull_fail(e, HULL_FAILED,
					 "\"Places\" of %s: '%s' is neither http(s): nor debian:",
					 w->file, other.url);
		if (add_url(&other, debian, true, out, e) < 0)
			return -1;
	}
	return 0;
}

void hull_debian_places_fini(struct hull_debian_places *p)
{
	hull_strv_fini(&p->bases);
	hull_strv_fini(&p->archives);
}

static void add_base(const char *base, size_t n, struct hull_strv *out)
{
	hull_autofree char *s =
		hull_asprintf("%.*s%s", (int)n, base, base[n - 1] == '/' ? "" : "/");

	if (!hull_strv_has(out, s))
		hull_strv_add(out, s);
}

/* Lines "BASE [ORIGIN]"; an archive that says it is somebody else's has no Debian files. */
static void parse_targets(const char *text, struct hull_strv *out)
{
	while (*text) {
		const char *end = strchrnul(text, '\n'),
			   *space = memchr(text, ' ', (size_t)(end - text));
		size_t n = (size_t)((space ? space : end) - text);
		bool usable = hull_source_is_remote(text) || has_scheme(text, "file") ||
			      has_scheme(text, "copy");

		if (usable && (!space || space + 1 == end || hull_starts(space, " Debian\n")))
			add_base(text, n, out);
		text = *end ? end + 1 : end;
	}
}

int hull_debian_bases(const char *given, struct hull_strv *out, struct hull_err *e)
{
	static const char *const argv[] = {"apt-get",
					   "indextargets",
					   "--format",
					   "$(REPO_URI) $(ORIGIN)",
					   "Created-By: Packages",
					   NULL};
	hull_autobuf struct hull_buf text = {0};
	const char *word;
	size_t len;

	if (given) {
		while (hull_word(&given, &word, &len))
			add_base(word, len, out);
	} else {
		if (hull_run_checked((char *const *)argv, &text, e) < 0)
			return hull_wrap(
				e, "the Debian archive's address (or set HULL_DEBIAN_MIRROR): ");
		hull_buf_addc(&text, '\n');
		parse_targets(text.p, out);
	}
	if (!out->n)
		return hull_fail(
			e, HULL_FAILED,
			"no Debian archive in apt's configuration: set HULL_DEBIAN_MIRROR");
	return 0;
}

int hull_debian_archives(const char *given, struct hull_strv *out, struct hull_err *e)
{
	static const char *const argv[] = {"apt-config", "dump", "--no-empty",
					   "--format",	 "%v%n", "Acquire::Snapshots::URI",
					   NULL};
	hull_autobuf struct hull_buf text = {0};
	const char *word;
	size_t len;

	if (!given) {
		if (hull_run_checked((char *const *)argv, &text, e) < 0)
			return -1;
		hull_buf_adds(&text, "");
		given = text.p;
	}
	while (hull_word(&given, &word, &len)) {
		hull_autofree char *base = hull_strndup(word, len);

		if (hull_source_is_remote(base) || strchr(base, '/'))
			add_base(word, len, out);
	}
	return 0;
}
