// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/content.h"

/*
 * The plan of a disk: which content is at which byte. What no extent covers is zero. Partition
 * writers (gpt, fat, ext4, verity) add extents, container writers (raw, vhd, vhdx, qcow2) read the
 * whole once, forward.
 */
struct hull_extent {
	uint64_t offset_bytes, length_bytes;
	struct hull_content content;
};

struct hull_layout {
	uint64_t size_bytes;
	struct hull_extent *v;
	size_t n, cap;
	struct hull_arena arena; /* for memory that extents refer to */
};

void hull_layout_fini(struct hull_layout *l);

void hull_layout_add(struct hull_layout *l, uint64_t offset_bytes, uint64_t length_bytes,
		     const struct hull_content *content);
/* The same for bytes that are copied into the layout's arena. */
void hull_layout_add_bytes(struct hull_layout *l, uint64_t offset_bytes, const void *p, size_t n);

/* Sorts the extents; two that overlap, or one beyond the end, are an error that names both places.
 * Called once, before the layout is read. */
HULL_CHECKED int hull_layout_seal(struct hull_layout *l, struct hull_err *e);

/* Whether no extent touches these bytes of a sealed layout. */
bool hull_layout_is_hole(const struct hull_layout *l, uint64_t offset_bytes, uint64_t length_bytes);

/* Reads a sealed layout. One reader per thread; going forward is fast. */
struct hull_layout_reader {
	const struct hull_layout *layout;
	size_t at;	  /* index of the extent that was read last */
	int fd;		  /* open file of that extent, or -1 */
	size_t fd_extent; /* whose file it is */
};

void hull_layout_reader_init(struct hull_layout_reader *r, const struct hull_layout *l);
void hull_layout_reader_fini(struct hull_layout_reader *r);

/* Exactly n bytes; a file that is shorter than its extent says is an error that names it. */
HULL_CHECKED int hull_layout_read(struct hull_layout_reader *r, uint64_t offset_bytes, void *out,
				  size_t n, struct hull_err *e);
