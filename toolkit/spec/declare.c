// SPDX-License-Identifier: MIT
#include "spec/declare.h"

#include <limits.h>
#include <rpm/header.h>
#include <rpm/rpmbuild.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmtd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rpm/describe.h"
#include "scriptlet/emptied.h"
#include "scriptlet/fate.h"
#include "spec/written.h"

enum { MAX_RUNNING = 1000 }; /* no spec of people has more scriptlets */

/* The work on one spec. */
struct declarer {
	rpmSpec spec;
	const char *file, *raw;
	struct hull_arena *a;
	struct hull_err *e;
	struct hull_written written;
};

/* 1: lists the value; 0: does not; -1: there is no such tag. */
static int lists(Header h, rpmTag tag, const char *value)
{
	struct rpmtd_s td;
	const char *s;
	int found = 0;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return -1;
	while ((s = rpmtdNextString(&td)))
		found |= !strcmp(s, value);
	rpmtdFreeData(&td);
	return found;
}

/* "ExclusiveArch: aarch64 noarch" */
static void add_rule(Header h, rpmTag tag, const char *name, struct hull_buf *out)
{
	struct rpmtd_s td;
	const char *s;

	hull_buf_addf(out, "%s:", name);
	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return;
	while ((s = rpmtdNextString(&td)))
		hull_buf_addf(out, " %s", s);
	rpmtdFreeData(&td);
}

bool hull_spec_excludes(rpmSpec spec, const char *arch, struct hull_buf *rule)
{
	Header h = rpmSpecSourceHeader(spec);
	bool noarch = lists(h, RPMTAG_BUILDARCHS, "noarch") == 1;

	if (lists(h, RPMTAG_EXCLUDEARCH, arch) == 1) {
		add_rule(h, RPMTAG_EXCLUDEARCH, "ExcludeArch", rule);
		return true;
	}
	if (lists(h, RPMTAG_EXCLUSIVEARCH, arch) != 0 ||
	    (noarch && lists(h, RPMTAG_EXCLUSIVEARCH, "noarch") == 1))
		return false;
	add_rule(h, RPMTAG_EXCLUSIVEARCH, "ExclusiveArch", rule);
	return true;
}

json_t *hull_spec_package_names(rpmSpec spec)
{
	rpmSpecPkgIter it = rpmSpecPkgIterInit(spec);
	json_t *names = json_array();
	rpmSpecPkg pkg;

	while ((pkg = rpmSpecPkgIterNext(it)))
		json_array_append_new(
			names, json_string(headerGetString(rpmSpecPkgHeader(pkg), RPMTAG_NAME)));
	rpmSpecPkgIterFree(it);
	return names;
}

/* The package that a section belongs to, by its line; the caller frees. */
static char *owner_of_section(const char *text, size_t n, const char *main_name)
{
	hull_autofree char *line = hull_strndup(text, n);
	char *rest = line, *word, *own = NULL;
	bool whole = false;

	strsep(&rest, " \t"); /* the section */
	while ((word = strsep(&rest, " \t")) && strcmp(word, "--") != 0) {
		if (!strcmp(word, "-f") || !strcmp(word, "-p") || !strcmp(word, "-P"))
			strsep(&rest, " \t");
		else if (!strcmp(word, "-n"))
			whole = true;
		else if (*word && *word != '-' && !own)
			own = whole ? hull_strdup(word) : hull_asprintf("%s-%s", main_name, word);
	}
	return own ? own : hull_strdup(main_name);
}

/*
 * Whether the package has a %files section: without one it is not built, and librpm does not tell
 * an empty section from none. `text` is the expanded spec.
 */
static bool has_files(const char *text, const char *main_name, const char *name)
{
	enum hull_section section;
	size_t n;

	for (; *text; text += n + (text[n] == '\n')) {
		hull_autofree char *own = NULL;

		n = strcspn(text, "\n");
		if (!hull_section_begins(text, n, &section) || strncasecmp(text, "%files", 6) != 0)
			continue;
		own = owner_of_section(text, n, main_name);
		if (!strcmp(own, name))
			return true;
	}
	return false;
}

/* Whether a text has a section, only as the one behind `after` unless that is NULL. */
static bool has_section(const char *text, const char *name, const char *after)
{
	enum hull_section section;
	bool follows = !after;
	size_t n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (!hull_section_begins(text, n, &section))
			continue;
		if (follows && !strncasecmp(text, name, strlen(name)))
			return true;
		follows = !after || !strncasecmp(text, after, strlen(after));
	}
	return false;
}

/*
 * librpm does not tell, and 4.18 loses the header of the section behind %prep from the expanded text. One that
 * stands there in a condition that does not hold prints nothing.
 */
static bool generates(rpmSpec spec, const char *raw)
{
	static const char name[] = "%generate_buildrequires";
	const char *parsed = rpmSpecGetSection(spec, RPMBUILD_NONE);

	return has_section(raw, name, "%prep") || (parsed && has_section(parsed, name, NULL));
}

/* The line of the text on which a section of a package begins; 0 if it is not known. */
static int line_of_section(const char *raw, const char *section, const char *main_name,
			   const char *name)
{
	size_t n, length = strlen(section);
	int line = 0;

	for (; *raw; raw += n + (raw[n] == '\n')) {
		hull_autofree char *text = NULL, *expanded = NULL, *own = NULL;

		line++;
		n = strcspn(raw, "\n");
		if (!hull_starts(raw, section) || !strchr(" \t\n", raw[length]))
			continue;
		/* the section would be taken for a macro */
		text = hull_strndup(raw + length, n - length);
		expanded = rpmExpand(text, NULL);
		own = owner_of_section(expanded, strlen(expanded), main_name);
		if (!strcmp(own, name))
			return line;
	}
	return 0;
}

/*
 * The section that follows %prep, expanded: librpm 4.18 leaves its first line out of the expanded text.
 * "" if that is no %files. The caller frees.
 */
static char *files_after_prep(const char *raw)
{
	enum hull_section section;
	bool after = false;
	size_t n;

	for (; *raw; raw += n + (raw[n] == '\n')) {
		n = strcspn(raw, "\n");
		if (!hull_section_begins(raw, n, &section))
			continue;
		if (after && section == HULL_FILES) {
			hull_autofree char *line = hull_strndup(raw, n);

			return rpmExpand(line, NULL);
		}
		if (after)
			break;
		after = hull_starts(raw, "%prep") && hull_macro_name(raw + 1) == strlen("prep");
	}
	return hull_strdup("");
}

/* A mark such as "%attr(0755, root, root)" at *s: skips it; false if its line lists no files. */
static bool take_mark(const char **s, struct hull_file *f)
{
	static const struct {
		const char *name;
		unsigned int flags;
		bool lists;
	} marks[] = {
		{"config", HULL_FILE_CONFIG, true},
		{"doc", HULL_FILE_DOC, true},
		{"ghost", HULL_FILE_GHOST, true},
		{"license", HULL_FILE_LICENSE, true},
		{"defattr", 0, false},
		{"docdir", 0, false},
		{"exclude", 0, false},
		{"defverify", 0, false},
	};
	const char *name = *s + 1;
	size_t n = hull_macro_name(name);
	bool result = true;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (strlen(marks[i].name) == n && !memcmp(marks[i].name, name, n)) {
			f->flags |= marks[i].flags;
			result = marks[i].lists;
		}
	if (n == 3 && !memcmp(name, "dir", 3))
		f->mode = S_IFDIR;
	*s = name + n;
	if (**s == '(') {
		*s += strcspn(*s, ")");
		*s += **s == ')';
	}
	return result;
}

static void add_file(struct hull_package *p, size_t *cap, const struct hull_file *like,
		     const char *path, size_t n, struct hull_arena *a)
{
	p->files = hull_grow(p->files, cap, p->nfiles, sizeof *p->files);
	p->files[p->nfiles] = *like;
	p->files[p->nfiles++].path = hull_arena_strndup(a, path, n);
}

/* Relative names (%doc README) are left out: they are not known before the build. */
static void take_files_line(const char *s, struct hull_package *p, size_t *cap,
			    struct hull_arena *a)
{
	struct hull_file like = {0};
	size_t n;

	for (s += strspn(s, " \t"); *s; s += strspn(s, " \t")) {
		if (*s == '%' && hull_macro_name(s + 1)) {
			if (!take_mark(&s, &like))
				return;
			continue;
		}
		if (*s == '"') {
			n = strcspn(++s, "\"");
			if (*s == '/')
				add_file(p, cap, &like, s, n, a);
			s += n + (s[n] == '"');
			continue;
		}
		n = strcspn(s, " \t");
		/* "/usr/include/x/" is everything below: the directory itself is listed too. */
		if (*s == '/')
			add_file(p, cap, &like, s, n > 1 && s[n - 1] == '/' ? n - 1 : n, a);
		s += n;
	}
}

static void take_files(rpmSpecPkg pkg, struct hull_package *p, struct hull_arena *a)
{
	hull_autofree char *text = rpmSpecPkgGetSection(pkg, RPMBUILD_FILE_LIST);
	hull_autofree struct hull_file *heap = NULL;
	char *rest = text, *line;
	size_t cap = 0;

	while ((line = strsep(&rest, "\n")))
		if (*line != '#')
			take_files_line(line, p, &cap, a);
	heap = p->files;
	p->files = hull_arena_array(a, p->nfiles, sizeof *p->files);
	if (p->nfiles)
		memcpy(p->files, heap, p->nfiles * sizeof *p->files);
}

/* What an image would refuse: it is known before anything is built. */
static int take_scriptlets(struct declarer *d, Header h, const char *name, struct hull_spec *out)
{
	struct hull_scriptlets all;

	if (hull_scriptlets_of(h, d->file, d->a, &all, d->e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct hull_scriptlet *s = &all.v[i];
		struct hull_needs needs;

		if (hull_scriptlet_fate(s, d->a, &needs) != HULL_EFFECT_RUNS)
			continue;
		if (!out->running)
			out->running = hull_arena_array(d->a, MAX_RUNNING, sizeof *out->running);
		if (out->nrunning == MAX_RUNNING)
			break;
		out->running[out->nrunning++] = (struct hull_spec_running){
			.package = name,
			.scriptlet = s->name,
			.line = line_of_section(d->raw, s->name, out->name, name)};
	}
	return 0;
}

static int take_packages(struct declarer *d, const char *raw, struct hull_spec *out)
{
	const char *text = rpmSpecGetSection(d->spec, RPMBUILD_NONE);
	hull_autofree char *more = files_after_prep(raw);
	rpmSpecPkgIter it = rpmSpecPkgIterInit(d->spec);
	struct hull_package p;
	rpmSpecPkg pkg;
	size_t n = 0;
	int r = 0;

	while (rpmSpecPkgIterNext(it))
		n++;
	rpmSpecPkgIterFree(it);
	out->packages = hull_arena_array(d->a, n, sizeof *out->packages);
	it = rpmSpecPkgIterInit(d->spec);
	while (r == 0 && (pkg = rpmSpecPkgIterNext(it))) {
		Header h = rpmSpecPkgHeader(pkg);

		out->emptied |= hull_scriptlets_empty_drop(h) > 0;
		r = hull_header_describe(h, d->file, d->a, &p, d->e);
		if (r < 0)
			break;
		if (!out->name) {
			out->name = p.name;
			out->version = p.version;
			out->release = p.release;
			out->changelog_time =
				(int64_t)(uint32_t)hull_header_number(h, RPMTAG_CHANGELOGTIME);
		}
		if (!has_files(text, out->name, p.name) && !has_files(more, out->name, p.name))
			continue;
		for (int kind = 0; kind < HULL_DEP_KINDS; kind++)
			hull_written_locate(&d->written.deps[kind], &p.deps[kind]);
		take_files(pkg, &p, d->a);
		r = take_scriptlets(d, h, p.name, out);
		out->packages[out->npackages++] = p;
	}
	rpmSpecPkgIterFree(it);
	return r;
}

static bool is_file(int dirfd, const char *below, const char *file)
{
	hull_autofree char *path = hull_asprintf("%s%s", below, file);
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int by_number(const void *a, const void *b)
{
	const struct hull_spec_source *x = a, *y = b;

	if (x->patch != y->patch)
		return x->patch - y->patch;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void take_sources(const struct declarer *d, int dirfd, struct hull_spec *out)
{
	rpmSpecSrcIter it = rpmSpecSrcIterInit(d->spec);
	rpmSpecSrc src;
	size_t n = 0;

	while (rpmSpecSrcIterNext(it))
		n++;
	rpmSpecSrcIterFree(it);
	out->sources = hull_arena_array(d->a, n, sizeof *out->sources);
	it = rpmSpecSrcIterInit(d->spec);
	while ((src = rpmSpecSrcIterNext(it))) {
		rpmSourceFlags flags = rpmSpecSrcFlags(src);
		struct hull_spec_source *s = &out->sources[out->nsources];

		if (!(flags & (RPMBUILD_ISSOURCE | RPMBUILD_ISPATCH)))
			continue;
		s->file = hull_arena_strdup(d->a, rpmSpecSrcFilename(src, 0));
		s->url = hull_arena_strdup(d->a, rpmSpecSrcFilename(src, 1));
		s->patch = flags & RPMBUILD_ISPATCH;
		s->number = (unsigned int)rpmSpecSrcNum(src);
		s->below =
			!is_file(dirfd, "", s->file) && is_file(dirfd, HULL_SPEC_SOURCES, s->file)
				? HULL_SPEC_SOURCES
				: NULL;
		s->local = s->below || is_file(dirfd, "", s->file);
		s->line = hull_written_source(&d->written, s->url);
		out->nsources++;
	}
	rpmSpecSrcIterFree(it);
	qsort(out->sources, out->nsources, sizeof *out->sources, by_number);
}

/* SOURCE:NAME:CVES */
static int take_patch(const struct declarer *d, struct hull_spec *out, const char *word, size_t n)
{
	char *text = hull_arena_strndup(d->a, word, n);
	char *name = strchr(text, ':'), *cves = strrchr(text, ':');
	struct hull_spec_taken *t = &out->taken[out->ntaken];
	uint64_t number;

	if (!name || cves == name)
		return hull_fail(d->e, HULL_FAILED, "%s: %%{hull_patches_taken}: '%s'", d->file,
				 text);
	*name++ = *cves++ = '\0';
	if (!hull_parse_u64(text, 0, UINT_MAX, &number) ||
	    !hull_spec_source_numbered(out, (unsigned int)number))
		return hull_fail(d->e, HULL_FAILED,
				 "%s: %%debian_patches: '%s' is not the number of a Source",
				 d->file, text);
	*t = (struct hull_spec_taken){(unsigned int)number, name, cves};
	out->ntaken++;
	return 0;
}

/* What %debian_patches has noted while librpm expanded %prep. */
static int take_patches(const struct declarer *d, struct hull_spec *out)
{
	hull_autofree char *text = rpmExpand("%{?hull_patches_taken}", NULL);
	const char *at = text, *word;
	size_t n, count = 0;

	while (hull_word(&at, &word, &n))
		count++;
	out->taken = hull_arena_array(d->a, count, sizeof *out->taken);
	at = text;
	while (hull_word(&at, &word, &n))
		if (take_patch(d, out, word, n) < 0)
			return -1;
	return 0;
}

/* Every package of an architecture needs the toolchain without saying so. */
static int add_toolchain(const struct declarer *d, struct hull_spec *out)
{
	hull_autofree char *text = rpmExpand("%{?hull_toolchain}", NULL);

	out->noarch = out->npackages > 0;
	for (size_t i = 0; i < out->npackages; i++)
		out->noarch &= !strcmp(out->packages[i].arch, "noarch");
	if (out->noarch)
		return 0;
	if (hull_deps_parse(text, d->a, &out->build_requires, d->e) < 0)
		return hull_wrap(d->e, "%s: macro %%{hull_toolchain}: ", d->file);
	return 0;
}

int hull_spec_declare(rpmSpec spec, const char *file, const char *raw, int dirfd,
		      struct hull_arena *a, struct hull_spec *out, struct hull_err *e)
{
	struct declarer d = {.spec = spec, .file = file, .raw = raw, .a = a, .e = e};
	Header source = rpmSpecSourceHeader(spec);
	struct hull_deps required;

	*out = (struct hull_spec){0};
	out->checks = rpmSpecGetSection(spec, RPMBUILD_CHECK) != NULL;
	out->generates = generates(spec, raw);
	hull_written_read(raw, a, &d.written);
	if (take_packages(&d, raw, out) < 0 ||
	    hull_header_deps(source, HULL_REQUIRES, file, a, &required, e) < 0 ||
	    hull_header_deps(source, HULL_CONFLICTS, file, a, &out->build_conflicts, e) < 0)
		return -1;
	hull_written_locate(&d.written.deps[HULL_BUILD_REQUIRES], &required);
	hull_written_locate(&d.written.deps[HULL_BUILD_CONFLICTS], &out->build_conflicts);
	/* Copied, because hull_deps_add grows only what it has made. */
	for (size_t i = 0; i < required.n; i++)
		hull_deps_add(&out->build_requires, a, &required.v[i]);
	take_sources(&d, dirfd, out);
	if (take_patches(&d, out) < 0)
		return -1;
	return add_toolchain(&d, out);
}
