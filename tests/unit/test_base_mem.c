// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"

/* The compiler must not see that they are too large. */
static volatile size_t max = SIZE_MAX, half = SIZE_MAX / 2 + 1;

static void arrays(void **state)
{
	struct hull_arena a = {0};
	uint64_t *v = hull_alloc_array(1000, sizeof *v), *w;
	size_t cap = 0;
	char *grown = NULL;

	(void)state;
	free(hull_alloc_array(0, max)); /* nothing of something huge is nothing */
	free(hull_realloc_array(NULL, 0, max));
	assert_non_null(hull_arena_array(&a, 0, max));
	assert_int_equal(hull_size_sum(half, half - 1), max);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v[i], 0);
	v[999] = 7;
	v = hull_realloc_array(v, 100000, sizeof *v);
	assert_int_equal(v[999], 7);
	memset(v, 1, 100000 * sizeof *v);
	free(v);
	/* within a block, a block of its own, and nothing */
	for (size_t n = 0; n < 20000; n = n * 3 + 1) {
		w = hull_arena_array(&a, n, sizeof *w);
		assert_int_equal((uintptr_t)w % sizeof(max_align_t *), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(w[i], 0);
		memset(w, 0xff, n * sizeof *w);
	}
	hull_arena_fini(&a);
	for (size_t n = 0; n < 100; n++) {
		grown = hull_grow(grown, &cap, n, 3);
		assert_memory_equal(grown + 3 * n, "\0\0\0", 3);
		memcpy(grown + 3 * n, "abc", 3);
		assert_memory_equal(grown, "abc", 3);
	}
	assert_true(cap >= 100);
	free(grown);
}

/* By the second time the number is somebody else's. */
static void descriptors_are_closed_once(void **state)
{
	int fd = dup(0), first = fd, other;

	(void)state;
	assert_true(fd > 2);
	hull_closep(&fd);
	assert_int_equal(fd, -1);
	other = dup(0);
	assert_int_equal(other, first);
	hull_closep(&fd);
	assert_int_equal(close(other), 0);
}

static void product(void)
{
	free(hull_alloc_array(half, 2));
}

/* What can be said, but not be had. */
static void largest_product(void)
{
	free(hull_alloc_array(half - 1, 2));
}

static void all_there_is(void)
{
	free(hull_alloc_array(max, 1));
}

static void sum(void)
{
	hull_size_sum(half, half);
}

static void alloc_array(void)
{
	free(hull_alloc_array(max / 8 + 2, 8));
}

static void realloc_array(void)
{
	free(hull_realloc_array(NULL, max / 8 + 2, 8));
}

static void arena_array(void)
{
	struct hull_arena a = {0};

	hull_arena_array(&a, max / 8 + 2, 8);
}

/* Rounded up, it would be nothing. */
static void arena_rounded(void)
{
	struct hull_arena a = {0};

	hull_arena_alloc(&a, max - 2);
}

/* With the head of its block it would be little. */
static void arena_block(void)
{
	struct hull_arena a = {0};

	hull_arena_alloc(&a, max - 31);
}

static void arena_string(void)
{
	struct hull_arena a = {0};

	hull_arena_strndup(&a, "x", max);
}

static void grow_items(void)
{
	size_t cap = 0;

	free(hull_grow(NULL, &cap, max / 16, 64));
}

static void grow_doubled(void)
{
	size_t cap = 0;

	free(hull_grow(NULL, &cap, half, 1));
}

static void buffer(void)
{
	struct hull_buf b = {.n = max - 3};

	hull_buf_add(&b, "12345678", 8);
}

/* Nothing smaller than what was asked for is handed out: the process ends. */
static void sizes_that_overflow(void **state)
{
	static void (*const cases[])(void) = {
		product,       largest_product, all_there_is,  sum,	    alloc_array,
		realloc_array, arena_array,	arena_rounded, arena_block, arena_string,
		grow_items,    grow_doubled,	buffer,
	};

	static const char said[] = "hull: out of memory\n";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_err e;
		int fds[2];
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			dup2(fds[1], STDERR_FILENO);
			cases[i]();
			_exit(0);
		}
		close(fds[1]);
		assert_int_equal(hull_fd_read(fds[0], &text, &e), 0);
		close(fds[0]);
		assert_int_equal(hull_wait(pid, &e), 1);
		/* sanitizers have a warning before it */
		assert_true(text.n >= strlen(said));
		assert_string_equal(text.p + text.n - strlen(said), said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays),
		cmocka_unit_test(descriptors_are_closed_once),
		cmocka_unit_test(sizes_that_overflow),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
