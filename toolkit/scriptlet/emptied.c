// SPDX-License-Identifier: MIT
#include "scriptlet/emptied.h"

#include <rpm/header.h>
#include <rpm/rpmcrypto.h>
#include <rpm/rpmds.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "rpm/front.h"
#include "scriptlet/scriptlets.h"

enum { LEAD_BYTES = 96, PIECE_BYTES = 1 << 16 };

static const struct {
	const char *name; /* as hull_scriptlets_of has it */
	rpmTag script, program, flags;
	unsigned int sense; /* of what is required for it */
} sections[] = {
	{"%pretrans", RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG, RPMTAG_PRETRANSFLAGS,
	 RPMSENSE_PRETRANS},
	{"%pre", RPMTAG_PREIN, RPMTAG_PREINPROG, RPMTAG_PREINFLAGS, RPMSENSE_SCRIPT_PRE},
	{"%post", RPMTAG_POSTIN, RPMTAG_POSTINPROG, RPMTAG_POSTINFLAGS, RPMSENSE_SCRIPT_POST},
	{"%preun", RPMTAG_PREUN, RPMTAG_PREUNPROG, RPMTAG_PREUNFLAGS, RPMSENSE_SCRIPT_PREUN},
	{"%postun", RPMTAG_POSTUN, RPMTAG_POSTUNPROG, RPMTAG_POSTUNFLAGS, RPMSENSE_SCRIPT_POSTUN},
	{"%posttrans", RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG, RPMTAG_POSTTRANSFLAGS,
	 RPMSENSE_POSTTRANS},
	{"%verifyscript", RPMTAG_VERIFYSCRIPT, RPMTAG_VERIFYSCRIPTPROG, RPMTAG_VERIFYSCRIPTFLAGS,
	 RPMSENSE_SCRIPT_VERIFY},
};

/* Requirements as three lists that belong together. */
struct requirements {
	struct rpmtd_s names, versions, flags;
};

/* Whether a requirement is there for the interpreter of these sections, or for rpm to have Lua, and for
 * nothing else. */
static bool is_for(const struct requirements *r, unsigned int dropped, bool lua_is_left)
{
	unsigned int flags = (unsigned int)rpmtdGetNumber((rpmtd)&r->flags);
	const char *name = rpmtdGetString((rpmtd)&r->names);

	if (!lua_is_left && !strcmp(name, "rpmlib(BuiltinLuaScripts)"))
		return true;
	return flags & RPMSENSE_INTERP && flags & dropped &&
	       !(flags & ~(dropped | RPMSENSE_INTERP));
}

static void drop_requirements(Header h, unsigned int dropped, bool lua_is_left)
{
	struct requirements r;
	Header kept = headerNew();

	if (!headerGet(h, RPMTAG_REQUIRENAME, &r.names, HEADERGET_MINMEM))
		goto out;
	headerGet(h, RPMTAG_REQUIREVERSION, &r.versions, HEADERGET_MINMEM);
	headerGet(h, RPMTAG_REQUIREFLAGS, &r.flags, HEADERGET_MINMEM);
	while (rpmtdNext(&r.names) >= 0) {
		uint32_t flags;

		if (rpmtdNext(&r.versions) < 0 || rpmtdNext(&r.flags) < 0)
			break;
		if (is_for(&r, dropped, lua_is_left))
			continue;
		flags = (uint32_t)rpmtdGetNumber(&r.flags);
		headerPutString(kept, RPMTAG_REQUIRENAME, rpmtdGetString(&r.names));
		headerPutString(kept, RPMTAG_REQUIREVERSION, rpmtdGetString(&r.versions));
		headerPutUint32(kept, RPMTAG_REQUIREFLAGS, &flags, 1);
	}
	rpmtdFreeData(&r.names);
	rpmtdFreeData(&r.versions);
	rpmtdFreeData(&r.flags);
	for (rpmTag t = RPMTAG_REQUIREFLAGS; t <= RPMTAG_REQUIREVERSION; t++) {
		struct rpmtd_s list;

		headerDel(h, t);
		if (!headerGet(kept, t, &list, HEADERGET_MINMEM))
			continue;
		headerPut(h, &list, HEADERPUT_DEFAULT);
		rpmtdFreeData(&list);
	}
out:
	headerFree(kept);
}

static size_t section_of(const char *name)
{
	size_t i = 0;

	while (i < sizeof sections / sizeof *sections && strcmp(sections[i].name, name) != 0)
		i++;
	return i;
}

int hull_scriptlets_empty_drop(Header h)
{
	struct hull_arena a = {0};
	struct hull_scriptlets all;
	bool lua_is_left = false;
	unsigned int dropped = 0;
	int n = 0;

	if (hull_scriptlets_of(h, "", &a, &all, NULL) < 0)
		all.n = 0;
	for (size_t i = 0; i < all.n; i++) {
		const struct hull_scriptlet *s = &all.v[i];
		size_t k = section_of(s->name);

		if (k == sizeof sections / sizeof *sections || !hull_scriptlet_is_empty(s)) {
			lua_is_left = lua_is_left || hull_program_is_lua(s->program[0]);
			continue;
		}
		headerDel(h, sections[k].script);
		headerDel(h, sections[k].program);
		headerDel(h, sections[k].flags);
		dropped |= sections[k].sense;
		n++;
	}
	if (n)
		drop_requirements(h, dropped, lua_is_left);
	hull_arena_fini(&a);
	return n;
}

/* --- a file --- */

/* A header structure with its magic. */
static void export(Header h, struct hull_buf *out)
{
	static const char magic[8] = {(char)0x8e, (char)0xad, (char)0xe8, 1};
	unsigned int n;
	hull_autofree void *blob = headerExport(h, &n);

	hull_assert(blob);
	hull_buf_add(out, magic, sizeof magic);
	hull_buf_add(out, blob, n);
}

static void put_digest(Header signature, rpmTag tag, DIGEST_CTX ctx, bool as_text)
{
	hull_autofree void *digest = NULL;
	size_t n = 0;

	rpmDigestFinal(ctx, &digest, &n, as_text);
	headerDel(signature, tag);
	if (as_text)
		headerPutString(signature, tag, digest);
	else
		headerPutBin(signature, tag, digest, (unsigned int)n);
}

/* Bytes of header and payload, in the tag that the old size had. */
static void put_size(Header signature, uint64_t n)
{
	uint32_t narrow = (uint32_t)n;

	if (headerIsEntry(signature, (rpmTag)RPMSIGTAG_LONGSIZE)) {
		headerDel(signature, (rpmTag)RPMSIGTAG_LONGSIZE);
		headerPutUint64(signature, (rpmTag)RPMSIGTAG_LONGSIZE, &n, 1);
	} else {
		headerDel(signature, (rpmTag)RPMSIGTAG_SIZE);
		headerPutUint32(signature, (rpmTag)RPMSIGTAG_SIZE, &narrow, 1);
	}
}

/* The old payload into a digest or a file. */
static int pass_payload(int fd, const char *what, const struct hull_front *f, DIGEST_CTX digest,
			int out, struct hull_err *e)
{
	hull_autofree char *piece = hull_alloc(PIECE_BYTES);

	for (uint64_t at = f->end; at < f->file_bytes;) {
		ssize_t n = hull_fd_read_at(fd, at, piece, PIECE_BYTES);

		if (n < 0)
			return hull_fail_errno(e, "%s", what);
		if (n == 0)
			return hull_fail(e, HULL_FAILED, "%s: truncated RPM", what);
		if (digest)
			rpmDigestUpdate(digest, piece, (size_t)n);
		if (out >= 0 && hull_fd_write(out, piece, (size_t)n, e) < 0)
			return -1;
		at += (uint64_t)n;
	}
	return 0;
}

/* rpm still writes an MD5 of header and payload. */
static int sign(int fd, const char *what, const struct hull_front *f, const struct hull_buf *header,
		struct hull_buf *out, struct hull_err *e)
{
	static const struct {
		rpmTag tag;
		int algorithm;
	} digests[] = {{RPMTAG_SHA1HEADER, RPM_HASH_SHA1}, {RPMTAG_SHA256HEADER, RPM_HASH_SHA256}};
	Header signature = headerCopy(f->signature);
	DIGEST_CTX md5 = rpmDigestInit(RPM_HASH_MD5, RPMDIGEST_NONE);
	int r;

	rpmDigestUpdate(md5, header->p, header->n);
	r = pass_payload(fd, what, f, md5, -1, e);
	if (headerIsEntry(signature, (rpmTag)RPMSIGTAG_MD5))
		put_digest(signature, (rpmTag)RPMSIGTAG_MD5, md5, false);
	else
		rpmDigestFinal(md5, NULL, NULL, 0);
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
		DIGEST_CTX ctx;

		if (!headerIsEntry(signature, digests[i].tag))
			continue;
		ctx = rpmDigestInit(digests[i].algorithm, RPMDIGEST_NONE);
		rpmDigestUpdate(ctx, header->p, header->n);
		put_digest(signature, digests[i].tag, ctx, true);
	}
	put_size(signature, header->n + (f->file_bytes - f->end));
	signature = headerReload(signature, RPMTAG_HEADERSIGNATURES);
	export(signature, out);
	while (out->n % 8)
		hull_buf_addc(out, '\0');
	headerFree(signature);
	return r;
}

static int write_rpm(int fd, const char *what, const struct hull_front *f, Header h, int out,
		     struct hull_err *e)
{
	hull_autobuf struct hull_buf header = {0}, start = {0};
	char lead[LEAD_BYTES];

	if (hull_fd_read_at(fd, 0, lead, sizeof lead) != (ssize_t)sizeof lead)
		return hull_fail_errno(e, "%s", what);
	export(h, &header);
	if (sign(fd, what, f, &header, &start, e) < 0 ||
	    hull_fd_write(out, lead, sizeof lead, e) < 0 ||
	    hull_fd_write(out, start.p, start.n, e) < 0 ||
	    hull_fd_write(out, header.p, header.n, e) < 0)
		return -1;
	return pass_payload(fd, what, f, NULL, out, e);
}

int hull_rpm_emptied(int fd, const char *what, int out, struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	Header h;
	int r = 0;

	if (hull_front_read(fd, what, &front, e) < 0)
		return -1;
	h = headerCopy(front.header);
	if (hull_scriptlets_empty_drop(h)) {
		h = headerReload(h, RPMTAG_HEADERIMMUTABLE);
		r = write_rpm(fd, what, &front, h, out, e) < 0 ? -1 : 1;
	}
	headerFree(h);
	return r;
}
