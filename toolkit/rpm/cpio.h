// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * The payload of an RPM: a cpio archive of the "new ASCII" format (magic 070701, cpio(5)),
 * compressed with whatever libarchive knows. Memory does not depend on what the archive says.
 * Packages with a file of 4 GiB or more have entries (magic 07070X) that are only a number: that of
 * the file in the header, which says the rest.
 */
struct hull_cpio;

struct hull_cpio_entry {
	const char *name; /* as written; valid until the next call; NULL: only `index` is set */
	uint32_t index;	  /* in the header */
	uint32_t mode, inode, links, mtime;
	uint64_t size_bytes;
};

/* Reads from where fd is. `path` is for messages. NULL with e set. */
HULL_CHECKED struct hull_cpio *hull_cpio_open(int fd, const char *path, struct hull_err *e);
void hull_cpio_free(struct hull_cpio *c);

/* The next entry: 1, or 0 at the end mark. What was not read of the entry before is skipped. */
HULL_CHECKED int hull_cpio_next(struct hull_cpio *c, struct hull_cpio_entry *out,
				struct hull_err *e);

/* The size of an entry without a name. */
void hull_cpio_expect(struct hull_cpio *c, uint64_t size_bytes);

/* Up to n bytes of the current entry; 0 at its end. */
HULL_CHECKED ssize_t hull_cpio_read(struct hull_cpio *c, void *to, size_t n, struct hull_err *e);
