// SPDX-License-Identifier: MIT
#include "disk/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static const char *content_name(const struct hull_content *c)
{
	return c->memory ? "memory" : c->source ? "a file of a file system" : c->path;
}

static uint64_t extent_end(const struct hull_extent *x)
{
	return x->offset_bytes + x->length_bytes;
}

void hull_layout_fini(struct hull_layout *l)
{
	free(l->v);
	hull_arena_fini(&l->arena);
	*l = (struct hull_layout){0};
}

void hull_layout_add(struct hull_layout *l, uint64_t offset_bytes, uint64_t length_bytes,
		     const struct hull_content *content)
{
	if (!length_bytes)
		return;
	l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
	l->v[l->n++] = (struct hull_extent){offset_bytes, length_bytes, *content};
}

void hull_layout_add_bytes(struct hull_layout *l, uint64_t offset_bytes, const void *p, size_t n)
{
	struct hull_content content = {.dirfd = -1};
	void *copy;

	if (!n)
		return;
	copy = hull_arena_alloc(&l->arena, n);
	memcpy(copy, p, n);
	content.memory = copy;
	hull_layout_add(l, offset_bytes, n, &content);
}

static int by_offset(const void *a, const void *b)
{
	const struct hull_extent *x = a, *y = b;

	return (x->offset_bytes > y->offset_bytes) - (x->offset_bytes < y->offset_bytes);
}

int hull_layout_seal(struct hull_layout *l, struct hull_err *e)
{
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_offset);
	for (size_t i = 0; i < l->n; i++) {
		const struct hull_extent *x = &l->v[i], *next = x + 1;

		if (x->offset_bytes > l->size_bytes ||
		    x->length_bytes > l->size_bytes - x->offset_bytes)
			return hull_fail(e, HULL_FAILED,
					 "disk layout: %" PRIu64 " bytes at %" PRIu64
					 " (%s) reach beyond the end of the disk at %" PRIu64,
					 x->length_bytes, x->offset_bytes,
					 content_name(&x->content), l->size_bytes);
		if (i + 1 < l->n && next->offset_bytes < extent_end(x))
			return hull_fail(e, HULL_FAILED,
					 "disk layout: %" PRIu64 " bytes at %" PRIu64
					 " (%s) overlap %" PRIu64 " bytes at %" PRIu64 " (%s)",
					 x->length_bytes, x->offset_bytes,
					 content_name(&x->content), next->length_bytes,
					 next->offset_bytes, content_name(&next->content));
	}
	return 0;
}

/* Index of the first extent that ends behind `offset_bytes`; l->n if there is none. */
static size_t find(const struct hull_layout *l, uint64_t offset_bytes)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (extent_end(&l->v[mid]) > offset_bytes)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

bool hull_layout_is_hole(const struct hull_layout *l, uint64_t offset_bytes, uint64_t length_bytes)
{
	size_t i = find(l, offset_bytes);

	if (i == l->n || l->v[i].offset_bytes <= offset_bytes)
		return i == l->n || !length_bytes;
	return l->v[i].offset_bytes - offset_bytes >= length_bytes;
}

void hull_layout_reader_init(struct hull_layout_reader *r, const struct hull_layout *l)
{
	*r = (struct hull_layout_reader){.layout = l, .fd = -1};
}

void hull_layout_reader_fini(struct hull_layout_reader *r)
{
	hull_closep(&r->fd);
}

/* Moves r->at to the first extent that ends behind `offset_bytes`. */
static void move_to(struct hull_layout_reader *r, uint64_t offset_bytes)
{
	const struct hull_layout *l = r->layout;
	size_t at = r->at;

	if (at < l->n && extent_end(&l->v[at]) <= offset_bytes)
		at++;
	if ((at < l->n && extent_end(&l->v[at]) <= offset_bytes) ||
	    (at > 0 && extent_end(&l->v[at - 1]) > offset_bytes))
		at = find(l, offset_bytes);
	r->at = at;
}

static int open_extent(struct hull_layout_reader *r, struct hull_err *e)
{
	const struct hull_content *now = &r->layout->v[r->at].content;

	if (r->fd >= 0) {
		const struct hull_content *open = &r->layout->v[r->fd_extent].content;

		if (open->dirfd == now->dirfd &&
		    (open->path == now->path || !strcmp(open->path, now->path)))
			return 0;
		hull_closep(&r->fd);
	}
	r->fd = hull_open(now->dirfd, now->path, e);
	r->fd_extent = r->at;
	return r->fd < 0 ? -1 : 0;
}

static int read_extent(struct hull_layout_reader *r, uint64_t skip_bytes, uint8_t *out, size_t n,
		       struct hull_err *e)
{
	const struct hull_content *c = &r->layout->v[r->at].content;

	if (c->memory || c->source)
		return hull_content_read(c, skip_bytes, out, n, e);
	if (open_extent(r, e) < 0)
		return -1;
	return hull_content_read_fd(r->fd, c, skip_bytes, out, n, e);
}

int hull_layout_read(struct hull_layout_reader *r, uint64_t offset_bytes, void *out, size_t n,
		     struct hull_err *e)
{
	const struct hull_layout *l = r->layout;
	uint8_t *to = out;

	hull_assert(offset_bytes <= l->size_bytes && n <= l->size_bytes - offset_bytes);
	while (n) {
		const struct hull_extent *x;
		uint64_t gap, part;

		move_to(r, offset_bytes);
		x = r->at < l->n ? &l->v[r->at] : NULL;
		if (!x || x->offset_bytes > offset_bytes) {
			gap = x ? x->offset_bytes - offset_bytes : n;
			part = gap < n ? gap : n;
			memset(to, 0, (size_t)part);
		} else {
			gap = extent_end(x) - offset_bytes;
			part = gap < n ? gap : n;
			if (read_extent(r, offset_bytes - x->offset_bytes, to, (size_t)part, e) < 0)
				return -1;
		}
		to += part;
		offset_bytes += part;
		n -= (size_t)part;
	}
	return 0;
}
