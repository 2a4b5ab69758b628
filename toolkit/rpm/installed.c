// SPDX-License-Identifier: MIT
#include "rpm/installed.h"

#include <rpm/header.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <string.h>

#include "base/str.h"
#include "rpm/describe.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

/* What the tag of a signature header is called in the header of an installed package; 0: it is not
 * kept. */
static rpmTag installed_tag(rpmTag tag)
{
	static const struct {
		rpmTag from, to;
	} renamed[] = {
		{(rpmTag)RPMSIGTAG_SIZE, RPMTAG_SIGSIZE},
		{(rpmTag)RPMSIGTAG_PGP, RPMTAG_SIGPGP},
		{(rpmTag)RPMSIGTAG_MD5, RPMTAG_SIGMD5},
		{(rpmTag)RPMSIGTAG_GPG, RPMTAG_SIGGPG},
		{(rpmTag)RPMSIGTAG_PAYLOADSIZE, RPMTAG_ARCHIVESIZE},
	};

	for (size_t i = 0; i < LENGTH(renamed); i++)
		if (tag == renamed[i].from)
			return renamed[i].to;
	return tag >= RPMTAG_SIGSIZE && tag < RPMTAG_NAME ? tag : 0;
}

static int merge_signature(Header h, Header signature)
{
	HeaderIterator i = headerInitIterator(signature);
	struct rpmtd_s td;
	int r = 0;

	while (r == 0 && headerNext(i, &td)) {
		td.tag = installed_tag(td.tag);
		if (td.tag && !headerIsEntry(h, td.tag) && !headerPut(h, &td, HEADERPUT_DEFAULT))
			r = -1;
		rpmtdFreeData(&td);
	}
	headerFreeIterator(i);
	return r;
}

struct installed_files {
	struct rpmtd_s base, dir, index, flags;
};

static bool files_get(Header h, struct installed_files *f)
{
	if (!headerGet(h, RPMTAG_BASENAMES, &f->base, HEADERGET_MINMEM))
		return false;
	headerGet(h, RPMTAG_DIRNAMES, &f->dir, HEADERGET_MINMEM);
	headerGet(h, RPMTAG_DIRINDEXES, &f->index, HEADERGET_MINMEM);
	headerGet(h, RPMTAG_FILEFLAGS, &f->flags, HEADERGET_MINMEM);
	return true;
}

static void files_fini(struct installed_files *f)
{
	rpmtdFreeData(&f->base);
	rpmtdFreeData(&f->dir);
	rpmtdFreeData(&f->index);
	rpmtdFreeData(&f->flags);
}

/* The path of a file; false if the lists are malformed. */
static bool files_path(struct installed_files *f, int i, struct hull_buf *out)
{
	const char *base, *dir;

	out->n = 0;
	if (rpmtdSetIndex(&f->index, i) < 0 || rpmtdSetIndex(&f->base, i) < 0 ||
	    rpmtdSetIndex(&f->dir, (int)rpmtdGetNumber(&f->index)) < 0)
		return false;
	base = rpmtdGetString(&f->base);
	dir = rpmtdGetString(&f->dir);
	if (!base || !dir)
		return false;
	hull_buf_adds(out, dir);
	hull_buf_adds(out, base);
	return true;
}

static int put_states(Header h, const char *path,
		      bool (*installed)(void *context, const char *path), void *context,
		      struct hull_err *e)
{
	hull_autobuf struct hull_buf name = {0}, states = {0};
	struct installed_files f;
	int r = 0;

	if (!files_get(h, &f))
		return 0;
	for (int i = 0; i < (int)rpmtdCount(&f.base) && r == 0; i++) {
		bool ghost =
			rpmtdSetIndex(&f.flags, i) >= 0 && rpmtdGetNumber(&f.flags) & RPMFILE_GHOST;

		if (!files_path(&f, i, &name))
			r = hull_fail(e, HULL_FAILED, "%s: malformed list of files", path);
		else
			hull_buf_addc(&states, ghost || installed(context, name.p)
						       ? RPMFILE_STATE_NORMAL
						       : RPMFILE_STATE_NOTINSTALLED);
	}
	files_fini(&f);
	if (r == 0 && !headerPutChar(h, RPMTAG_FILESTATES, states.p, (rpm_count_t)states.n))
		r = hull_fail(e, HULL_FAILED, "%s: malformed RPM header", path);
	return r;
}

int hull_installed_header(Header h, Header signature, const char *path, uint32_t time,
			  uint32_t color, bool (*installed)(void *context, const char *path),
			  void *context, struct hull_err *e)
{
	if (merge_signature(h, signature) < 0 ||
	    !headerPutUint32(h, RPMTAG_INSTALLTIME, &time, 1) ||
	    !headerPutUint32(h, RPMTAG_INSTALLCOLOR, &color, 1) ||
	    !headerPutUint32(h, RPMTAG_INSTALLTID, &time, 1))
		return hull_fail(e, HULL_FAILED, "%s: malformed RPM header", path);
	return put_states(h, path, installed, context, e);
}

/* Takes the files out that were not installed. */
static int drop_left_out(Header h, const char *path, struct hull_package *p, struct hull_err *e)
{
	hull_autobuf struct hull_buf name = {0};
	hull_autostrv struct hull_strv out = {0};
	struct rpmtd_s states;
	struct installed_files f;
	size_t n = 0;
	int r = 0;

	if (!headerGet(h, RPMTAG_FILESTATES, &states, HEADERGET_MINMEM))
		return 0;
	if (!files_get(h, &f))
		goto undo_states;
	for (int i = 0; i < (int)rpmtdCount(&f.base) && r == 0; i++) {
		uint64_t state = rpmtdSetIndex(&states, i) < 0 ? RPMFILE_STATE_NORMAL
							       : rpmtdGetNumber(&states);

		if (!files_path(&f, i, &name))
			r = hull_fail(e, HULL_FAILED, "%s: malformed list of files", path);
		else if (state != RPMFILE_STATE_NORMAL && state != RPMFILE_STATE_NETSHARED)
			hull_strv_add(&out, name.p);
	}
	files_fini(&f);
	hull_strv_sort(&out);
	/* Both lists are sorted by path. */
	for (size_t i = 0, k = 0; i < p->nfiles; i++) {
		while (k < out.n && strcmp(out.v[k], p->files[i].path) < 0)
			k++;
		if (k == out.n || strcmp(out.v[k], p->files[i].path) != 0)
			p->files[n++] = p->files[i];
	}
	p->nfiles = n;
undo_states:
	rpmtdFreeData(&states);
	return r;
}

int hull_installed_describe(Header h, const char *path, struct hull_arena *a,
			    struct hull_package *out, struct hull_err *e)
{
	if (hull_header_describe_installed(h, path, a, out, e) < 0)
		return -1;
	hull_header_changelog(h, a, out);
	return drop_left_out(h, path, out, e);
}
