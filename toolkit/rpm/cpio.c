// SPDX-License-Identifier: MIT
#include "rpm/cpio.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	MAGIC_BYTES = 6,
	HEADER_BYTES = 110, /* magic and 13 numbers of 8 digits */
	INDEX_BYTES = 14,   /* magic and one number */
	BLOCK_BYTES = 128 * 1024,
	MAX_NAME = 64 * 1024,
};

/* Where the numbers are that count here. */
enum field {
	INODE,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILESIZE,
	DEVMAJOR,
	DEVMINOR,
	RDEVMAJOR,
	RDEVMINOR,
	NAMESIZE
};

struct hull_cpio {
	struct archive *archive; /* undoes the compression, no more */
	const char *path;
	uint64_t most, all;   /* bytes that the payload may have, and those that are left of them */
	uint64_t left;	      /* bytes of the current entry */
	unsigned int padding; /* behind them */
	char name[MAX_NAME];
};

static int fail(const struct hull_cpio *c, const char *why, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: payload: %s", c->path, why ? why : "unreadable");
}

struct hull_cpio *hull_cpio_open(int fd, const char *path, struct hull_err *e)
{
	struct hull_cpio *c = hull_alloc(sizeof *c);
	struct archive_entry *all;
	struct stat st;

	c->path = path;
	c->archive = archive_read_new();
	if (!c->archive || fstat(fd, &st) < 0) {
		fail(c, "cannot be opened", e);
		hull_cpio_free(c);
		return NULL;
	}
	c->most = c->all = hull_unpacked_most((uint64_t)st.st_size);
	archive_read_support_filter_gzip(c->archive);
	archive_read_support_filter_bzip2(c->archive);
	archive_read_support_filter_xz(c->archive);
	archive_read_support_filter_lzma(c->archive);
	archive_read_support_filter_zstd(c->archive);
	archive_read_support_format_raw(c->archive);
	if (archive_read_open_fd(c->archive, fd, BLOCK_BYTES) != ARCHIVE_OK ||
	    archive_read_next_header(c->archive, &all) != ARCHIVE_OK) {
		fail(c, archive_error_string(c->archive), e);
		hull_cpio_free(c);
		return NULL;
	}
	return c;
}

void hull_cpio_free(struct hull_cpio *c)
{
	if (!c)
		return;
	archive_read_free(c->archive);
	hull_freep(&c);
}

static int too_much(const struct hull_cpio *c, struct hull_err *e)
{
	char most[HULL_AMOUNT];

	return hull_fail(e, HULL_FAILED,
			 "%s: payload: is unpacked to more than %s, the limit for its size",
			 c->path, hull_size_text(c->most, most));
}

static int read_all(struct hull_cpio *c, void *to, size_t n, struct hull_err *e)
{
	char *p = to;

	if (n > c->all)
		return too_much(c, e);
	c->all -= n;
	while (n) {
		la_ssize_t m = archive_read_data(c->archive, p, n);

		if (m < 0)
			return fail(c, archive_error_string(c->archive), e);
		if (m == 0)
			return fail(c, "truncated", e);
		p += m;
		n -= (size_t)m;
	}
	return 0;
}

static int skip(struct hull_cpio *c, uint64_t n, struct hull_err *e)
{
	char scratch[4096];

	while (n) {
		size_t m = n < sizeof scratch ? (size_t)n : sizeof scratch;

		if (read_all(c, scratch, m, e) < 0)
			return -1;
		n -= m;
	}
	return 0;
}

static bool field(const char *header, enum field f, uint32_t *out)
{
	const char *p = header + MAGIC_BYTES + 8 * (size_t)f;

	*out = 0;
	for (int i = 0; i < 8; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return false;
		*out = *out << 4 | (uint32_t)(isdigit((unsigned char)p[i])
						      ? p[i] - '0'
						      : tolower((unsigned char)p[i]) - 'a' + 10);
	}
	return true;
}

/* What it takes from n to the next multiple of 4. */
static unsigned int padding(uint64_t n)
{
	return (unsigned int)(-n & 3);
}

void hull_cpio_expect(struct hull_cpio *c, uint64_t size_bytes)
{
	c->left = size_bytes;
	c->padding = padding(size_bytes);
}

static int read_name(struct hull_cpio *c, uint32_t name_bytes, struct hull_err *e)
{
	if (!name_bytes || name_bytes > sizeof c->name)
		return fail(c, "malformed name", e);
	if (read_all(c, c->name, name_bytes, e) < 0 ||
	    skip(c, padding(HEADER_BYTES + (uint64_t)name_bytes), e) < 0)
		return -1;
	if (memchr(c->name, '\0', name_bytes) != c->name + name_bytes - 1)
		return fail(c, "malformed name", e);
	return 0;
}

int hull_cpio_next(struct hull_cpio *c, struct hull_cpio_entry *out, struct hull_err *e)
{
	char header[HEADER_BYTES];
	uint32_t size, name_bytes;

	*out = (struct hull_cpio_entry){0};
	if (skip(c, c->left + c->padding, e) < 0 || read_all(c, header, INDEX_BYTES, e) < 0)
		return -1;
	hull_cpio_expect(c, 0);
	if (!memcmp(header, "07070X", MAGIC_BYTES)) {
		if (!field(header, INODE, &out->index))
			return fail(c, "malformed entry", e);
		return skip(c, padding(INDEX_BYTES), e) < 0 ? -1 : 1;
	}
	if (memcmp(header, "070701", MAGIC_BYTES) != 0)
		return fail(c, "not of the new ASCII cpio format", e);
	if (read_all(c, header + INDEX_BYTES, HEADER_BYTES - INDEX_BYTES, e) < 0)
		return -1;
	if (!field(header, MODE, &out->mode) || !field(header, INODE, &out->inode) ||
	    !field(header, NLINK, &out->links) || !field(header, MTIME, &out->mtime) ||
	    !field(header, FILESIZE, &size) || !field(header, NAMESIZE, &name_bytes))
		return fail(c, "malformed entry", e);
	if (read_name(c, name_bytes, e) < 0)
		return -1;
	out->name = c->name;
	out->size_bytes = size;
	hull_cpio_expect(c, size);
	return strcmp(c->name, "TRAILER!!!") != 0;
}

ssize_t hull_cpio_read(struct hull_cpio *c, void *to, size_t n, struct hull_err *e)
{
	if (n > c->left)
		n = (size_t)c->left;
	if (read_all(c, to, n, e) < 0)
		return -1;
	c->left -= n;
	return (ssize_t)n;
}
