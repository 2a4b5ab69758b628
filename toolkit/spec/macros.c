// SPDX-License-Identifier: MIT
#include "spec/macros.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "spec/written.h"
#include "store/intact.h"
#include "text/json.h"

/* Of Hull's set, in the order in which they are read: what comes later counts. */
static const char *const parts[] = {"macros.families", "macros.shared", "macros", "macros.build",
				    "macros.lang"};

char *hull_macro_files(const char *dir, const char *arch)
{
	struct hull_buf list = {0};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		hull_buf_addf(&list, "%s/%s:", dir, parts[i]);
	hull_buf_addf(&list, "%s/platform-%s:%s/fileattrs/*.attr:%s/" HULL_MACROS_OF_TREE "/*", dir,
		      arch, dir, dir);
	return hull_buf_steal(&list);
}

bool hull_macros_is_file(const char *name)
{
	return name[0] != '.' && !hull_ends(name, "~");
}

/* Adds the files below a directory to `files`, and copies them below `to` unless that is NULL. */
static int add_tree(json_t *files, int dirfd, const char *dir, const char *prefix, int to_dirfd,
		    const char *to, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(dirfd, dir, &names, e) < 0 ||
	    (to && hull_mkdirs(to_dirfd, to, 0755, e) < 0))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", dir, names.v[i]);
		hull_autofree char *name = hull_asprintf("%s%s", prefix, names.v[i]);
		hull_autofree char *below = hull_asprintf("%s/", name);
		hull_autofree char *copy = to ? hull_asprintf("%s/%s", to, names.v[i]) : NULL;
		char hex[HULL_HEX];
		struct stat st;

		if (fstatat(dirfd, path, &st, 0) < 0)
			return hull_fail_errno(e, "%s", path);
		if (S_ISDIR(st.st_mode)) {
			if (add_tree(files, dirfd, path, below, to_dirfd, copy, e) < 0)
				return -1;
			continue;
		}
		if (copy && hull_file_copy(dirfd, path, to_dirfd, copy, e) < 0)
			return -1;
		if (hull_hash_file(copy ? to_dirfd : dirfd, copy ? copy : path, hex, NULL, e) < 0)
			return -1;
		json_object_set_new(files, name, json_string(hex));
	}
	return 0;
}

static void digest(const json_t *files, char out[HULL_HEX])
{
	hull_autobuf struct hull_buf text = {0};

	hull_json_text(files, false, &text);
	hull_hash_bytes(text.p, text.n, out);
}

int hull_macros_digest(int dirfd, const char *dir, char out_digest[HULL_HEX], struct hull_err *e)
{
	hull_autojson json_t *files = json_object();

	if (add_tree(files, dirfd, dir, "", -1, NULL, e) < 0)
		return -1;
	digest(files, out_digest);
	return 0;
}

/* 1, or 0 if there is none; a damaged one is set aside. */
static int find_intact(const struct hull_store *s, const char *digest, struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_MACROS, digest);
	char is[HULL_HEX];
	struct hull_err why;

	if (!hull_store_has(s, HULL_STORE_MACROS, digest))
		return 0;
	if (hull_intact_known(s, HULL_STORE_MACROS, digest))
		return 1;
	if (hull_macros_digest(s->fd, o.path, is, &why) == 0) {
		if (!strcmp(is, digest)) {
			hull_intact_note(s, HULL_STORE_MACROS, digest);
			return 1;
		}
		hull_fail(&why, HULL_FAILED, "it has the digest %s", is);
	}
	if (!hull_intact_is_damage(&why))
		return hull_fail_as(e, &why);
	return hull_intact_set_aside(s, HULL_STORE_MACROS, digest, why.msg, e);
}

/* A directory, and the macros of a tree that are added, or NULL. */
struct macros_source {
	const char *dir, *tree;
};

static int add_tree_macros(json_t *files, const char *dir, int to_dirfd, const char *to,
			   struct hull_err *e)
{
	hull_autofree char *below = to ? hull_asprintf("%s/" HULL_MACROS_OF_TREE, to) : NULL;
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, dir, &names, e) < 0 ||
	    (to && hull_mkdirs(to_dirfd, below, 0755, e) < 0))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *from = hull_asprintf("%s/%s", dir, names.v[i]);
		hull_autofree char *name = hull_asprintf(HULL_MACROS_OF_TREE "/%s", names.v[i]);
		hull_autofree char *copy = to ? hull_asprintf("%s/%s", to, name) : NULL;
		char hex[HULL_HEX];

		if (!hull_macros_is_file(names.v[i]))
			continue;
		if ((copy && hull_file_copy(AT_FDCWD, from, to_dirfd, copy, e) < 0) ||
		    hull_hash_file(copy ? to_dirfd : AT_FDCWD, copy ? copy : from, hex, NULL, e) <
			    0)
			return -1;
		json_object_set_new(files, name, json_string(hex));
	}
	return 0;
}

static int add_all(json_t *files, const struct macros_source *m, int to_dirfd, const char *to,
		   struct hull_err *e)
{
	if (add_tree(files, AT_FDCWD, m->dir, "", to_dirfd, to, e) < 0)
		return -1;
	return m->tree ? add_tree_macros(files, m->tree, to_dirfd, to, e) : 0;
}

static int store_macros(const struct hull_store *s, const struct macros_source *m,
			char out_digest[HULL_HEX], struct hull_err *e)
{
	hull_autojson json_t *seen = json_object(), *copied = json_object();
	hull_autofree char *tmp = NULL;
	int r;

	if (add_all(seen, m, -1, NULL, e) < 0)
		return -1;
	digest(seen, out_digest);
	r = find_intact(s, out_digest, e);
	if (r)
		return r < 0 ? -1 : 0;
	tmp = hull_store_tmp(s, e);
	if (!tmp || add_all(copied, m, s->fd, tmp, e) < 0)
		return -1;
	/* of the copy: the directory may have been edited in between */
	digest(copied, out_digest);
	return hull_store_commit(s, tmp, HULL_STORE_MACROS, out_digest, e);
}

/* --- definitions --- */

size_t hull_definition_name(const char *text)
{
	size_t n = hull_macro_name(text);

	/* rpm has none of fewer letters */
	if (n < 3)
		return 0;
	if (text[n] == '(') {
		n += strcspn(text + n, ")\n");
		n += text[n] == ')';
	}
	return text[n] == ' ' || text[n] == '\t' ? n : 0;
}

const char *const hull_debuginfo_macros[HULL_DEBUGINFO_MACROS] = {
	"hull_debug_cflags -g",
	"__brp_hull %{hull_brp_debuginfo}",
	"install %{hull_debug_package}%%install%{nil}",
};

static const struct hull_autospec autospec[HULL_AUTOSPEC_MACROS] = {
	{"autorelease(e:s:pb:n) %{?-p:0.}%{?_rpmautospec_release_number}"
	 "%{!?_rpmautospec_release_number:%{-b*}%{!-b:1}}%{?-e:.%{-e*}}%{?-s:.%{-s*}}"
	 "%{!-n:%{?dist}}",
	 "autorelease", 0},
	{"autochangelog %{nil}", "autochangelog", 0},
};

/* Whether a line, comments left out, has %name, %{name or %{?name; or defines it by itself. */
static bool mentions(const char *line, size_t n, const char *name, bool *out_defines)
{
	size_t length = strlen(name);

	for (size_t i = 0; i + length <= n && line[strspn(line, " \t")] != '#'; i++) {
		const char *p = line + i;
		size_t before = 0;

		if (strncmp(p, name, length) != 0 || hull_macro_name(p) != length)
			continue;
		while (before < i &&
		       (p[-1 - (ptrdiff_t)before] == '{' || p[-1 - (ptrdiff_t)before] == '?' ||
			p[-1 - (ptrdiff_t)before] == '!'))
			before++;
		if (before < i && p[-1 - (ptrdiff_t)before] == '%')
			return true;
		*out_defines |= hull_starts(line, "%define ") || hull_starts(line, "%global ");
	}
	return false;
}

size_t hull_autospec_used(const char *raw, struct hull_autospec out[HULL_AUTOSPEC_MACROS])
{
	size_t used = 0;

	for (size_t i = 0; i < HULL_AUTOSPEC_MACROS; i++) {
		struct hull_autospec found = autospec[i];
		bool defines = false;
		int line = 0;
		size_t n;

		for (const char *p = raw; *p; p += n + (p[n] == '\n')) {
			n = strcspn(p, "\n");
			line++;
			if (mentions(p, n, found.name, &defines) && !found.line)
				found.line = line;
		}
		if (found.line && !defines)
			out[used++] = found;
	}
	return used;
}

int hull_macros_store(const struct hull_store *s, const char *dir, char out_digest[HULL_HEX],
		      struct hull_err *e)
{
	return store_macros(s, &(struct macros_source){dir, NULL}, out_digest, e);
}

int hull_macros_store_with(const struct hull_store *s, const char *dir, const char *tree_macros,
			   char out_digest[HULL_HEX], struct hull_err *e)
{
	return store_macros(s, &(struct macros_source){dir, tree_macros}, out_digest, e);
}
