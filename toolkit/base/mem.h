// SPDX-License-Identifier: MIT
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * Memory. These never return NULL: when there is none left the process exits, as it does when more
 * is asked for than a size_t can say. Who multiplies sizes that are read from somewhere takes an
 * array function, who adds them this one.
 */
size_t hull_size_sum(size_t a, size_t b);

void *hull_alloc(size_t n);	       /* zeroed */
void *hull_realloc(void *p, size_t n); /* new bytes are not zeroed */

/* The same for n items of so many bytes. */
void *hull_alloc_array(size_t n, size_t size);
void *hull_realloc_array(void *p, size_t n, size_t size);

char *hull_strdup(const char *s); /* NULL gives NULL */
char *hull_strndup(const char *s, size_t n);
char *hull_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *hull_vasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Grows the array `p` of `size`-byte items so that index n is valid; doubles `*cap` (items). */
void *hull_grow(void *p, size_t *cap, size_t n, size_t size);

void hull_freep(void *pp); /* frees *(void **)pp */
void hull_closep(int *fd); /* closes *fd if it is >= 0, and sets it to -1 */

#define hull_autofree __attribute__((cleanup(hull_freep)))
#define hull_autofd   __attribute__((cleanup(hull_closep)))

/* Takes the pointer out of a cleanup variable. */
#define hull_steal(p)                                                                              \
	({                                                                                         \
		__typeof__(p) hull_stolen_ = (p);                                                  \
		(p) = NULL;                                                                        \
		hull_stolen_;                                                                      \
	})
int hull_steal_fd(int *fd); /* returns *fd and sets it to -1 */

/*
 * An arena: everything allocated from it lives until hull_arena_fini. One per unit of work (a
 * parsed spec, an index), so that records may point into it without owning anything.
 */
struct hull_arena {
	struct hull_arena_block *head;
};

void hull_arena_fini(struct hull_arena *a);
void *hull_arena_alloc(struct hull_arena *a, size_t n); /* zeroed, aligned for any type */
void *hull_arena_array(struct hull_arena *a, size_t n, size_t size);
char *hull_arena_strdup(struct hull_arena *a, const char *s); /* NULL gives NULL */
char *hull_arena_strndup(struct hull_arena *a, const char *s, size_t n);
char *hull_arena_printf(struct hull_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
