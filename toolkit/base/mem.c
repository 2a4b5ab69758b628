// SPDX-License-Identifier: MIT
#include "base/mem.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
	static const char msg[] = "hull: out of memory\n";

	if (write(STDERR_FILENO, msg, sizeof msg - 1) < 0)
		_exit(1);
	_exit(1);
}

static void *checked(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

static size_t size_product(size_t a, size_t b)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product))
		out_of_memory();
	return product;
}

size_t hull_size_sum(size_t a, size_t b)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		out_of_memory();
	return sum;
}

void *hull_alloc(size_t n)
{
	return checked(calloc(1, n ? n : 1));
}

void *hull_realloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1));
}

void *hull_alloc_array(size_t n, size_t size)
{
	return hull_alloc(size_product(n, size));
}

void *hull_realloc_array(void *p, size_t n, size_t size)
{
	return hull_realloc(p, size_product(n, size));
}

char *hull_strdup(const char *s)
{
	return s ? checked(strdup(s)) : NULL;
}

char *hull_strndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

char *hull_vasprintf(const char *fmt, va_list ap)
{
	char *s;
	int n = vasprintf(&s, fmt, ap);

	return checked(n < 0 ? NULL : s);
}

char *hull_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = hull_vasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void *hull_grow(void *p, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap : 8;

	if (n < *cap)
		return p;
	while (want <= n)
		want = size_product(want, 2);
	p = hull_realloc_array(p, want, size);
	memset((char *)p + *cap * size, 0, (want - *cap) * size);
	*cap = want;
	return p;
}

void hull_freep(void *pp)
{
	free(*(void **)pp);
}

void hull_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int hull_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

struct hull_arena_block {
	struct hull_arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

enum { ARENA_BLOCK_BYTES = 32 * 1024 };

void hull_arena_fini(struct hull_arena *a)
{
	struct hull_arena_block *b = a->head;

	while (b) {
		struct hull_arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->head = NULL;
}

void *hull_arena_alloc(struct hull_arena *a, size_t n)
{
	size_t align = alignof(max_align_t);
	struct hull_arena_block *b = a->head;
	void *p;

	n = hull_size_sum(n, align - 1) / align * align;
	if (!b || b->size - b->used < n) {
		size_t size = n > ARENA_BLOCK_BYTES ? n : ARENA_BLOCK_BYTES;

		b = hull_alloc(hull_size_sum(sizeof *b, size));
		b->size = size;
		b->next = a->head;
		a->head = b;
	}
	p = b->data + b->used;
	b->used += n;
	return p;
}

void *hull_arena_array(struct hull_arena *a, size_t n, size_t size)
{
	return hull_arena_alloc(a, size_product(n, size));
}

char *hull_arena_strndup(struct hull_arena *a, const char *s, size_t n)
{
	char *p = hull_arena_alloc(a, hull_size_sum(n, 1));

	memcpy(p, s, n);
	return p;
}

char *hull_arena_strdup(struct hull_arena *a, const char *s)
{
	return s ? hull_arena_strndup(a, s, strlen(s)) : NULL;
}

char *hull_arena_printf(struct hull_arena *a, const char *fmt, ...)
{
	va_list ap, ap2;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(ap2, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	checked(n < 0 ? NULL : a);
	p = hull_arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap2);
	va_end(ap2);
	return p;
}
