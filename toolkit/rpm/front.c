// SPDX-License-Identifier: MIT
#include "rpm/front.h"

#include <rpm/header.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "rpm/describe.h"

enum {
	LEAD_BYTES = 96,
	INTRO_BYTES = 16, /* magic and version, reserved, number of tags, bytes of data */
	MAGIC_BYTES = 8,  /* what librpm does not want to see of it */
	TAG_BYTES = 16,
	MAX_TAGS = 0xffff, /* the limits of rpm itself */
	MAX_DATA = 0x0fffffff,
};

static int read_at(int fd, const char *path, uint64_t at, void *to, size_t n, struct hull_err *e)
{
	ssize_t got = hull_fd_read_at(fd, at, to, n);

	if (got < 0)
		return hull_fail_errno(e, "%s", path);
	if ((size_t)got < n)
		return hull_fail(e, HULL_FAILED, "%s: truncated RPM", path);
	return 0;
}

/* Reads a header structure that starts at `at`; its bytes, magic included, go to `raw`. */
static int read_header(int fd, const char *path, uint64_t at, uint64_t file_bytes,
		       struct hull_buf *raw, Header *out, struct hull_err *e)
{
	static const unsigned char magic[] = {0x8e, 0xad, 0xe8, 0x01};
	unsigned char intro[INTRO_BYTES];
	uint64_t tags, data, n;

	if (read_at(fd, path, at, intro, sizeof intro, e) < 0)
		return -1;
	tags = hull_get_be32(intro + 8);
	data = hull_get_be32(intro + 12);
	n = INTRO_BYTES + tags * TAG_BYTES + data;
	if (memcmp(intro, magic, sizeof magic) != 0 || !tags || tags > MAX_TAGS || data > MAX_DATA)
		return hull_fail(e, HULL_FAILED, "%s: not an RPM header at byte %llu", path,
				 (unsigned long long)at);
	if (at + n > file_bytes)
		return hull_fail(e, HULL_FAILED, "%s: truncated RPM", path);
	raw->p = hull_grow(raw->p, &raw->cap, n, 1);
	raw->n = n;
	if (read_at(fd, path, at, raw->p, n, e) < 0)
		return -1;
	*out = headerImport(raw->p + MAGIC_BYTES, (unsigned int)(n - MAGIC_BYTES),
			    HEADERIMPORT_COPY);
	return *out ? 0 : hull_fail(e, HULL_FAILED, "%s: malformed RPM header", path);
}

static int check_digest(const char *path, const char *what, const char *want, const char *got,
			struct hull_err *e)
{
	if (!want)
		return hull_fail(e, HULL_FAILED,
				 "%s: no SHA-256 of its %s (built by an rpm older than 4.14)", path,
				 what);
	if (strcmp(want, got) != 0)
		return hull_fail(e, HULL_FAILED, "%s: altered: its %s has SHA-256 %s, not %s", path,
				 what, got, want);
	return 0;
}

/* What librpm thinks of a malformed header it would print: we say it in our own words. */
static int quiet(rpmlogRec record, rpmlogCallbackData data)
{
	(void)record;
	(void)data;
	return 0;
}

int hull_front_parse(int fd, const char *path, struct hull_front *out, struct hull_err *e)
{
	static const unsigned char magic[] = {0xed, 0xab, 0xee, 0xdb};
	hull_autobuf struct hull_buf raw = {0};
	unsigned char lead[LEAD_BYTES];
	struct stat st;

	rpmlogSetCallback(quiet, NULL);
	*out = (struct hull_front){0};
	if (fstat(fd, &st) < 0)
		return hull_fail_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return hull_fail(e, HULL_FAILED, "%s: not a regular file", path);
	out->file_bytes = (uint64_t)st.st_size;
	out->file_time = st.st_mtime;
	if (read_at(fd, path, 0, lead, sizeof lead, e) < 0)
		return -1;
	if (memcmp(lead, magic, sizeof magic) != 0)
		return hull_fail(e, HULL_FAILED, "%s: not an RPM", path);
	if (read_header(fd, path, LEAD_BYTES, out->file_bytes, &raw, &out->signature, e) < 0)
		return -1;
	out->start = LEAD_BYTES + (raw.n + 7) / 8 * 8;
	if (read_header(fd, path, out->start, out->file_bytes, &raw, &out->header, e) < 0) {
		hull_front_fini(out);
		return -1;
	}
	out->end = out->start + raw.n;
	hull_hash_bytes(raw.p, raw.n, out->sha256);
	return 0;
}

int hull_front_read(int fd, const char *path, struct hull_front *out, struct hull_err *e)
{
	const char *want;

	if (hull_front_parse(fd, path, out, e) < 0)
		return -1;
	want = headerGetString(out->signature, RPMTAG_SHA256HEADER);
	if (check_digest(path, "header", want, out->sha256, e) < 0) {
		hull_front_fini(out);
		return -1;
	}
	return 0;
}

void hull_front_fini(struct hull_front *f)
{
	headerFree(f->signature);
	headerFree(f->header);
	*f = (struct hull_front){0};
}

/* As the header has it; NULL when it has none, or another kind. The caller frees. */
static char *payload_digest(Header h)
{
	struct rpmtd_s td;
	char *digest = NULL;

	if (hull_header_number(h, RPMTAG_PAYLOADDIGESTALGO) != PGPHASHALGO_SHA256)
		return NULL;
	if (headerGet(h, RPMTAG_PAYLOADDIGEST, &td, HEADERGET_MINMEM))
		digest = hull_strdup(rpmtdGetString(&td));
	rpmtdFreeData(&td);
	return digest;
}

int hull_front_check_payload(const struct hull_front *f, int fd, const char *path,
			     char out_sha256[HULL_HEX], struct hull_err *e)
{
	enum { CHUNK = 256 * 1024 };
	hull_autohash struct hull_hash *whole = hull_hash_new(), *payload = hull_hash_new();
	hull_autofree char *buf = hull_alloc(CHUNK);
	hull_autofree char *want = payload_digest(f->header);
	char hex[HULL_HEX];
	uint64_t at = 0;

	while (at < f->file_bytes) {
		/* A chunk ends where the payload begins. */
		uint64_t left = (at < f->end ? f->end : f->file_bytes) - at;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		if (read_at(fd, path, at, buf, n, e) < 0)
			return -1;
		hull_hash_add(whole, buf, n);
		if (at >= f->end)
			hull_hash_add(payload, buf, n);
		at += n;
	}
	hull_hash_hex(whole, out_sha256);
	hull_hash_hex(payload, hex);
	return check_digest(path, "payload", want, hex, e);
}
