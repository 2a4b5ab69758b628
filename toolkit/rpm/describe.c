// SPDX-License-Identifier: MIT
#include "rpm/describe.h"

#include <rpm/header.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/str.h"
#include "text/printable.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

enum { MAX_PATH = 4096 }; /* with its NUL, as the kernel has it */

/* The work on one header. */
struct header_reader {
	Header h;
	const char *path;
	struct hull_arena *a;
	struct hull_err *e;
	bool installed; /* it describes what is there already, whatever that is */
};

static const struct {
	rpmTag name, evr, flags;
} dep_tags[HULL_DEP_KINDS] = {
	[HULL_PROVIDES] = {RPMTAG_PROVIDENAME, RPMTAG_PROVIDEVERSION, RPMTAG_PROVIDEFLAGS},
	[HULL_REQUIRES] = {RPMTAG_REQUIRENAME, RPMTAG_REQUIREVERSION, RPMTAG_REQUIREFLAGS},
	[HULL_CONFLICTS] = {RPMTAG_CONFLICTNAME, RPMTAG_CONFLICTVERSION, RPMTAG_CONFLICTFLAGS},
	[HULL_OBSOLETES] = {RPMTAG_OBSOLETENAME, RPMTAG_OBSOLETEVERSION, RPMTAG_OBSOLETEFLAGS},
	[HULL_RECOMMENDS] = {RPMTAG_RECOMMENDNAME, RPMTAG_RECOMMENDVERSION, RPMTAG_RECOMMENDFLAGS},
	[HULL_SUGGESTS] = {RPMTAG_SUGGESTNAME, RPMTAG_SUGGESTVERSION, RPMTAG_SUGGESTFLAGS},
	[HULL_SUPPLEMENTS] = {RPMTAG_SUPPLEMENTNAME, RPMTAG_SUPPLEMENTVERSION,
			      RPMTAG_SUPPLEMENTFLAGS},
	[HULL_ENHANCES] = {RPMTAG_ENHANCENAME, RPMTAG_ENHANCEVERSION, RPMTAG_ENHANCEFLAGS},
};

static bool is_utf8(const char *s)
{
	hull_autojson json_t *j = json_string(s);

	return j != NULL;
}

/* Names of a package that may be taken have to survive JSON and XML unchanged. */
static int check_name(const struct header_reader *r, const char *s)
{
	if (!s)
		return hull_fail(r->e, HULL_FAILED, "%s: a name in it is missing", r->path);
	if (!r->installed && !is_utf8(s))
		return hull_fail(r->e, HULL_FAILED, "%s: the name '%s' in it is not UTF-8", r->path,
				 s);
	return 0;
}

/* One of a file: of what is installed it is as the file system has it, byte for byte. */
static int take_path(const struct header_reader *r, const char *s, const char **out)
{
	if (check_name(r, s) < 0)
		return -1;
	*out = hull_arena_strdup(r->a, s);
	return 0;
}

static int take_name(const struct header_reader *r, const char *s, const char **out)
{
	if (check_name(r, s) < 0)
		return -1;
	*out = hull_arena_strdup(r->a, is_utf8(s) ? s : hull_printable(s, r->a));
	return 0;
}

static int take_tag(const struct header_reader *r, rpmTag tag, const char **out)
{
	return take_name(r, headerGetString(r->h, tag), out);
}

/* Prose may be Latin-1 in old packages; its lines stay. */
static const char *copy_text(struct hull_arena *a, const char *s)
{
	hull_autobuf struct hull_buf shown = {0};

	if (!s || is_utf8(s))
		return hull_arena_strdup(a, s);
	hull_buf_showf(&shown, "%-s", s);
	return hull_arena_strdup(a, shown.p);
}

static const char *take_text(const struct header_reader *r, rpmTag tag)
{
	struct rpmtd_s td;
	const char *s = NULL, *copy;

	/* Summary, Description and Group are translatable arrays: the first is the untranslated
	 * one. */
	if (headerGet(r->h, tag, &td, HEADERGET_MINMEM))
		s = rpmtdGetString(&td);
	copy = copy_text(r->a, s);
	rpmtdFreeData(&td);
	return copy;
}

uint64_t hull_header_number(Header h, rpmTag tag)
{
	struct rpmtd_s td;
	uint64_t n;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return 0;
	n = rpmtdGetNumber(&td);
	rpmtdFreeData(&td); /* it may be strings after all */
	return n;
}

/* The i-th number of an array; rpmtdNext has no limit of its own when the arrays differ in length.
 */
static uint64_t number_at(rpmtd td, unsigned int i)
{
	if (rpmtdSetIndex(td, (int)i) < 0)
		return 0;
	return rpmtdGetNumber(td);
}

static const char *string_at(rpmtd td, unsigned int i)
{
	return rpmtdSetIndex(td, (int)i) < 0 ? NULL : rpmtdGetString(td);
}

static bool same_dep(const struct hull_dep *a, const struct hull_dep *b)
{
	return !strcmp(a->name, b->name) && a->flags == b->flags &&
	       (!a->flags || !strcmp(a->evr, b->evr));
}

static int take_deps(const struct header_reader *r, enum hull_dep_kind kind, struct hull_deps *out)
{
	struct rpmtd_s names, evrs, flags;
	unsigned int n;
	int result = 0;

	*out = (struct hull_deps){0};
	if (!headerGet(r->h, dep_tags[kind].name, &names, HEADERGET_MINMEM))
		return 0;
	headerGet(r->h, dep_tags[kind].evr, &evrs, HEADERGET_MINMEM);
	headerGet(r->h, dep_tags[kind].flags, &flags, HEADERGET_MINMEM);
	n = rpmtdCount(&names);
	out->v = hull_arena_array(r->a, n, sizeof *out->v);
	for (unsigned int i = 0; i < n && result == 0; i++) {
		struct hull_dep *d = &out->v[out->n];
		const char *evr = string_at(&evrs, i);

		result = take_name(r, string_at(&names, i), &d->name);
		/* What rpm itself can do is no package's business. */
		if (result < 0 || hull_starts(d->name, "rpmlib("))
			continue;
		d->flags = (unsigned int)number_at(&flags, i) >> 1 &
			   7; /* RPMSENSE_LESS, _GREATER, _EQUAL */
		if (d->flags && evr && *evr)
			result = take_name(r, evr, &d->evr);
		else
			d->flags = 0;
		/* Requires(pre) and Requires(post) are the same to us; the list is sorted. */
		if (out->n && same_dep(d, d - 1))
			*d = (struct hull_dep){0};
		else
			out->n++;
	}
	rpmtdFreeData(&names);
	rpmtdFreeData(&evrs);
	rpmtdFreeData(&flags);
	return result;
}

int hull_header_deps(Header h, enum hull_dep_kind kind, const char *path, struct hull_arena *a,
		     struct hull_deps *out, struct hull_err *e)
{
	const struct header_reader r = {.h = h, .path = path, .a = a, .e = e};

	return take_deps(&r, kind, out);
}

static int take_package(const struct header_reader *r, struct hull_package *out)
{
	*out = (struct hull_package){0};
	if (take_tag(r, RPMTAG_NAME, &out->name) < 0 ||
	    take_tag(r, RPMTAG_VERSION, &out->version) < 0 ||
	    take_tag(r, RPMTAG_RELEASE, &out->release) < 0 ||
	    take_tag(r, RPMTAG_ARCH, &out->arch) < 0)
		return -1;
	out->epoch = (uint32_t)hull_header_number(r->h, RPMTAG_EPOCH);
	out->summary = take_text(r, RPMTAG_SUMMARY);
	out->description = take_text(r, RPMTAG_DESCRIPTION);
	out->license = take_text(r, RPMTAG_LICENSE);
	out->url = take_text(r, RPMTAG_URL);
	out->group = take_text(r, RPMTAG_GROUP);
	out->vendor = take_text(r, RPMTAG_VENDOR);
	for (int kind = 0; kind < HULL_DEP_KINDS; kind++)
		if (take_deps(r, kind, &out->deps[kind]) < 0)
			return -1;
	return 0;
}

int hull_header_describe(Header h, const char *path, struct hull_arena *a, struct hull_package *out,
			 struct hull_err *e)
{
	const struct header_reader r = {.h = h, .path = path, .a = a, .e = e};

	return take_package(&r, out);
}

void hull_header_changelog(Header h, struct hull_arena *a, struct hull_package *out)
{
	struct rpmtd_s times, authors, texts;
	struct hull_change *v;
	unsigned int n;

	if (!headerGet(h, RPMTAG_CHANGELOGTIME, &times, HEADERGET_MINMEM))
		return;
	headerGet(h, RPMTAG_CHANGELOGNAME, &authors, HEADERGET_MINMEM);
	headerGet(h, RPMTAG_CHANGELOGTEXT, &texts, HEADERGET_MINMEM);
	n = rpmtdCount(&times);
	v = hull_arena_array(a, n, sizeof *v);
	for (unsigned int i = 0; i < n; i++) {
		const char *author = string_at(&authors, i), *text = string_at(&texts, i);

		if (!author || !text)
			break;
		v[out->nchangelog++] = (struct hull_change){
			.time = (int64_t)(uint32_t)number_at(&times, i),
			.author = copy_text(a, author),
			.text = copy_text(a, text),
		};
	}
	out->changelog = v;
	rpmtdFreeData(&times);
	rpmtdFreeData(&authors);
	rpmtdFreeData(&texts);
}

/* The list of files: an array a tag, an item a file. */
enum column {
	COL_BASE,
	COL_DIR_INDEX,
	COL_MODE,
	COL_SIZE,
	COL_FLAGS,
	COL_DIGEST,
	COL_LINK,
	COL_USER,
	COL_GROUP,
	COL_REQUIRED, /* those before it have an item a file, those behind it may be missing */
	COL_CAPS = COL_REQUIRED,
	COL_LANG,
	COL_MTIME,
	COL_RDEV,
	COL_INODE,
	COL_DIR,
	COLUMNS
};

static const rpmTag column_tags[COLUMNS] = {
	[COL_BASE] = RPMTAG_BASENAMES,	    [COL_DIR_INDEX] = RPMTAG_DIRINDEXES,
	[COL_MODE] = RPMTAG_FILEMODES,	    [COL_SIZE] = RPMTAG_FILESIZES,
	[COL_FLAGS] = RPMTAG_FILEFLAGS,	    [COL_DIGEST] = RPMTAG_FILEDIGESTS,
	[COL_LINK] = RPMTAG_FILELINKTOS,    [COL_USER] = RPMTAG_FILEUSERNAME,
	[COL_GROUP] = RPMTAG_FILEGROUPNAME, [COL_CAPS] = RPMTAG_FILECAPS,
	[COL_LANG] = RPMTAG_FILELANGS,	    [COL_MTIME] = RPMTAG_FILEMTIMES,
	[COL_RDEV] = RPMTAG_FILERDEVS,	    [COL_INODE] = RPMTAG_FILEINODES,
	[COL_DIR] = RPMTAG_DIRNAMES,
};

static uint32_t file_flags(uint64_t attrs)
{
	return (attrs & RPMFILE_CONFIG ? HULL_FILE_CONFIG : 0) |
	       (attrs & RPMFILE_DOC ? HULL_FILE_DOC : 0) |
	       (attrs & RPMFILE_GHOST ? HULL_FILE_GHOST : 0) |
	       (attrs & RPMFILE_LICENSE ? HULL_FILE_LICENSE : 0);
}

/* Size and digest of a regular file; a ghost has none that mean anything. */
static int take_bytes(const struct header_reader *r, struct rpmtd_s *columns, unsigned int i,
		      struct hull_file *f)
{
	const char *digest = string_at(&columns[COL_DIGEST], i);

	if (f->flags & HULL_FILE_GHOST)
		return 0;
	f->size_bytes = number_at(&columns[COL_SIZE], i);
	if (f->size_bytes > INT64_MAX)
		return hull_fail(r->e, HULL_FAILED, "%s: %s is too large", r->path, f->path);
	if (hull_header_number(r->h, RPMTAG_FILEDIGESTALGO) != PGPHASHALGO_SHA256 ||
	    !hull_is_sha256(digest))
		return r->installed ? 0
				    : hull_fail(r->e, HULL_FAILED, "%s: no SHA-256 of %s", r->path,
						f->path);
	f->digest = hull_arena_strdup(r->a, digest);
	return 0;
}

static int take_file(const struct header_reader *r, struct rpmtd_s *columns, unsigned int i,
		     struct hull_file *f)
{
	const char *dir =
		string_at(&columns[COL_DIR], (unsigned int)number_at(&columns[COL_DIR_INDEX], i));
	const char *base = string_at(&columns[COL_BASE], i),
		   *link = string_at(&columns[COL_LINK], i);
	const char *caps = string_at(&columns[COL_CAPS], i);
	const char *lang = string_at(&columns[COL_LANG], i);

	/* Short data can make many long paths. */
	if (dir && base && strnlen(dir, MAX_PATH) + strnlen(base, MAX_PATH) >= MAX_PATH)
		return hull_fail(r->e, HULL_FAILED, "%s: a path longer than %d bytes", r->path,
				 MAX_PATH);
	if (take_path(r, dir && base ? hull_arena_printf(r->a, "%s%s", dir, base) : NULL,
		      &f->path) < 0 ||
	    take_name(r, string_at(&columns[COL_USER], i), &f->user) < 0 ||
	    take_name(r, string_at(&columns[COL_GROUP], i), &f->group) < 0)
		return -1;
	if (*f->path != '/')
		return hull_fail(r->e, HULL_FAILED, "%s: file '%s' is not absolute", r->path,
				 f->path);
	f->mode = (uint32_t)number_at(&columns[COL_MODE], i);
	f->flags = file_flags(number_at(&columns[COL_FLAGS], i));
	f->mtime = (int64_t)number_at(&columns[COL_MTIME], i);
	if ((caps && *caps && take_name(r, caps, &f->caps) < 0) ||
	    (lang && *lang && take_name(r, lang, &f->lang) < 0))
		return -1;
	if (S_ISBLK(f->mode) || S_ISCHR(f->mode)) {
		uint64_t device = number_at(&columns[COL_RDEV], i);

		f->major = (uint32_t)(device >> 8 & 0xff);
		f->minor = (uint32_t)(device & 0xff);
	}
	if (S_ISREG(f->mode) && !(f->flags & HULL_FILE_GHOST))
		f->inode = (uint32_t)number_at(&columns[COL_INODE], i);
	if (S_ISLNK(f->mode))
		return take_path(r, link && *link ? link : NULL, &f->link);
	return S_ISREG(f->mode) ? take_bytes(r, columns, i, f) : 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct hull_file *)a)->path, ((const struct hull_file *)b)->path);
}

/* Two names of one file: old packages have inode numbers that were cut off, so all of it counts. */
static int compare_inodes(const void *x, const void *y)
{
	const struct hull_file *a = *(struct hull_file *const *)x,
			       *b = *(struct hull_file *const *)y;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->mode != b->mode)
		return a->mode < b->mode ? -1 : 1;
	return strcmp(a->digest ? a->digest : "", b->digest ? b->digest : "");
}

/* Leaves inode numbers to files that share them, small ones that do not depend on the others. */
static void number_inodes(struct hull_package *p)
{
	hull_autofree struct hull_file **sorted = hull_alloc_array(p->nfiles + 1, sizeof(void *));
	uint32_t number = 0;
	size_t n = 0, end;

	for (size_t i = 0; i < p->nfiles; i++)
		if (p->files[i].inode)
			sorted[n++] = &p->files[i];
	if (n)
		qsort(sorted, n, sizeof *sorted, compare_inodes);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && compare_inodes(&sorted[i], &sorted[end]) == 0; end++)
			;
		number += end > i + 1;
		for (size_t k = i; k < end; k++)
			sorted[k]->inode = end > i + 1 ? number : 0;
	}
}

static int take_files(const struct header_reader *r, struct rpmtd_s *columns,
		      struct hull_package *out)
{
	unsigned int n = rpmtdCount(&columns[COL_BASE]);

	for (int c = 0; c < COL_REQUIRED; c++)
		if (rpmtdCount(&columns[c]) != n)
			return hull_fail(r->e, HULL_FAILED, "%s: malformed list of files", r->path);
	out->files = hull_arena_array(r->a, n, sizeof *out->files);
	for (unsigned int i = 0; i < n; i++)
		if (take_file(r, columns, i, &out->files[out->nfiles++]) < 0)
			return -1;
	qsort(out->files, n, sizeof *out->files, by_path);
	for (unsigned int i = 1; i < n; i++)
		if (!strcmp(out->files[i - 1].path, out->files[i].path))
			return hull_fail(r->e, HULL_FAILED, "%s: lists %s twice", r->path,
					 out->files[i].path);
	number_inodes(out);
	return 0;
}

static int take_list(const struct header_reader *r, struct hull_package *out)
{
	Header h = r->h;
	struct rpmtd_s columns[COLUMNS];
	int result;

	if (!headerIsEntry(h, RPMTAG_BASENAMES))
		return 0;
	for (int c = 0; c < COLUMNS; c++)
		headerGet(h, column_tags[c], &columns[c], HEADERGET_MINMEM);
	if (headerIsEntry(h, RPMTAG_LONGFILESIZES)) {
		rpmtdFreeData(&columns[COL_SIZE]);
		headerGet(h, RPMTAG_LONGFILESIZES, &columns[COL_SIZE], HEADERGET_MINMEM);
	}
	result = take_files(r, columns, out);
	for (int c = 0; c < COLUMNS; c++)
		rpmtdFreeData(&columns[c]);
	return result;
}

int hull_header_files(Header h, const char *path, struct hull_arena *a, struct hull_package *out,
		      struct hull_err *e)
{
	const struct header_reader r = {.h = h, .path = path, .a = a, .e = e};

	return take_list(&r, out);
}

uint64_t hull_header_size(Header h, rpmTag wide, rpmTag narrow)
{
	uint64_t n = hull_header_number(h, headerIsEntry(h, wide) ? wide : narrow);

	return n <= INT64_MAX ? n : 0;
}

static const struct {
	const char *name;
	rpmTag script, program; /* "%post -p /usr/bin/true" has a program only */
} scriptlet_tags[] = {
	{"%pretrans", RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG},
	{"%pre", RPMTAG_PREIN, RPMTAG_PREINPROG},
	{"%post", RPMTAG_POSTIN, RPMTAG_POSTINPROG},
	{"%preun", RPMTAG_PREUN, RPMTAG_PREUNPROG},
	{"%postun", RPMTAG_POSTUN, RPMTAG_POSTUNPROG},
	{"%posttrans", RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG},
	{"%preuntrans", 5103, 5105}, /* since rpm 4.19 */
	{"%postuntrans", 5104, 5106},
	{"%verifyscript", RPMTAG_VERIFYSCRIPT, RPMTAG_VERIFYSCRIPTPROG},
	{"%trigger", RPMTAG_TRIGGERNAME, RPMTAG_TRIGGERSCRIPTPROG},
	{"%filetrigger", RPMTAG_FILETRIGGERNAME, RPMTAG_FILETRIGGERSCRIPTPROG},
	{"%transfiletrigger", RPMTAG_TRANSFILETRIGGERNAME, RPMTAG_TRANSFILETRIGGERSCRIPTPROG},
};

/* A section without a line leaves "/bin/sh" and no script: nothing would run. */
static bool has_scriptlet(Header h, rpmTag script, rpmTag program)
{
	const char *shell = headerGetString(h, program);

	if (headerIsEntry(h, script))
		return true;
	return headerIsEntry(h, program) && !(shell && !strcmp(shell, "/bin/sh"));
}

static void take_scriptlets(Header h, struct hull_arena *a, struct hull_package *out)
{
	const char **names = hull_arena_array(a, LENGTH(scriptlet_tags) + 1, sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(scriptlet_tags); i++)
		if (has_scriptlet(h, scriptlet_tags[i].script, scriptlet_tags[i].program))
			names[n++] = scriptlet_tags[i].name;
	out->scriptlets = n ? names : NULL;
}

static int take_built(const struct header_reader *r, struct hull_package *out)
{
	if (take_package(r, out) < 0)
		return -1;
	if (!headerIsEntry(r->h, RPMTAG_SOURCERPM))
		return hull_fail(r->e, HULL_FAILED, "%s: is a source package", r->path);
	if (take_tag(r, RPMTAG_SOURCERPM, &out->source_rpm) < 0 || take_list(r, out) < 0)
		return -1;
	out->installed_bytes = hull_header_size(r->h, RPMTAG_LONGSIZE, RPMTAG_SIZE);
	out->build_time = (int64_t)(uint32_t)hull_header_number(r->h, RPMTAG_BUILDTIME);
	take_scriptlets(r->h, r->a, out);
	return 0;
}

int hull_header_describe_built(Header h, const char *path, struct hull_arena *a,
			       struct hull_package *out, struct hull_err *e)
{
	const struct header_reader r = {.h = h, .path = path, .a = a, .e = e};

	return take_built(&r, out);
}

int hull_header_describe_installed(Header h, const char *path, struct hull_arena *a,
				   struct hull_package *out, struct hull_err *e)
{
	const struct header_reader r = {.h = h, .path = path, .a = a, .e = e, .installed = true};

	return take_built(&r, out);
}
