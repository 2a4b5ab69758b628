// SPDX-License-Identifier: MIT
#include "ext4/ext4_space.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"

enum { MAX_EXTENT = 32768 };

int hull_ext4_space_init(struct hull_ext4_space *s, ext2_filsys fs, struct hull_err *e)
{
	blk64_t end = ext2fs_blocks_count(fs->super), first = 0, next;

	*s = (struct hull_ext4_space){0};
	while (first < end) {
		errcode_t rc =
			ext2fs_find_first_zero_block_bitmap2(fs->block_map, first, end - 1, &first);

		if (rc == ENOENT)
			break;
		if (!rc)
			rc = ext2fs_find_first_set_block_bitmap2(fs->block_map, first, end - 1,
								 &next);
		if (rc == ENOENT)
			next = end;
		else if (rc) {
			hull_ext4_space_fini(s);
			return hull_fail(e, HULL_FAILED, "ext4: block bitmap: %s",
					 error_message(rc));
		}
		s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
		s->v[s->n++] = (struct hull_ext4_run){first, next - first};
		s->free += next - first;
		first = next;
	}
	return 0;
}

void hull_ext4_space_fini(struct hull_ext4_space *s)
{
	free(s->v);
	*s = (struct hull_ext4_space){0};
}

bool hull_ext4_space_take(struct hull_ext4_space *s, uint32_t lblk, uint64_t n,
			  struct hull_ext4_extents *out)
{
	if (n > s->free)
		return false;
	s->free -= n;
	while (n) {
		const struct hull_ext4_run *r = &s->v[s->at];
		uint64_t part = r->n - s->taken;

		if (!part) {
			s->at++;
			s->taken = 0;
			continue;
		}
		part = part < n ? part : n;
		part = part < MAX_EXTENT ? part : MAX_EXTENT;
		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		out->v[out->n++] =
			(struct hull_ext4_extent){r->first + s->taken, lblk, hull_u32(part)};
		lblk += hull_u32(part);
		s->taken += part;
		n -= part;
	}
	return true;
}

void hull_ext4_space_mark(const struct hull_ext4_space *s, ext2_filsys fs)
{
	for (size_t i = 0; i < s->n && i <= s->at; i++) {
		uint64_t n = i < s->at ? s->v[i].n : s->taken;

		if (n)
			ext2fs_block_alloc_stats_range(fs, s->v[i].first, hull_u32(n), +1);
	}
}
