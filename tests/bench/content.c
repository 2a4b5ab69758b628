// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "bench.h"
#include "disk/container.h"
#include "ext4/ext4.h"

/*
 * Content like that of real packages: words, which compress to about a third, in files most of
 * which are small. The same arguments give the same bytes.
 */

enum { POOL = 64 << 20, WORDS = 4096, MIB = 1 << 20 };

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Larger than the window of any compressor at usual levels. */
static char *make_pool(void)
{
	static char words[WORDS][8];
	char *pool = hull_alloc(POOL);
	uint64_t state = 88172645463325252u;

	for (size_t i = 0; i < WORDS; i++)
		for (size_t k = 0; k < 8; k++)
			words[i][k] = (char)(next(&state) >> 32);
	for (size_t at = 0; at < POOL;) {
		uint64_t r = next(&state);
		size_t n = 3 + (r >> 40) % 6;

		if (n > POOL - at)
			n = POOL - at;
		memcpy(pool + at, words[(r >> 20) % WORDS], n);
		at += n;
	}
	return pool;
}

/* Seven of ten files are small, one of twenty is large; `mean` on average. */
static size_t file_bytes(uint64_t *state, size_t mean)
{
	uint64_t r = next(state), kind = (r >> 8) % 20;
	size_t middle = kind == 0 ? mean * 14 : kind < 6 ? mean : mean / 15;

	return middle / 2 + (r >> 20) % (middle + 1);
}

static int write_file(const char *path, const struct hull_buf *program, const char *pool,
		      size_t bytes, uint64_t *state, struct hull_err *e)
{
	uint64_t id = next(state);
	hull_autofd int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, program ? 0755 : 0644);

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	if (program && hull_fd_write(fd, program->p, program->n, e) < 0)
		return hull_wrap(e, "%s: ", path);
	if (hull_fd_write(fd, &id, sizeof id, e) < 0)
		return hull_wrap(e, "%s: ", path);
	for (size_t n; bytes; bytes -= n) {
		n = bytes < MIB ? bytes : MIB;
		if (hull_fd_write(fd, pool + (next(state) >> 16) % (POOL - n), n, e) < 0)
			return hull_wrap(e, "%s: ", path);
	}
	return 0;
}

/* content DIR PACKAGES FILES MEAN PROGRAM */
int bench_content(char **argv, struct hull_err *e)
{
	hull_autobuf struct hull_buf program = {0};
	hull_autofree char *pool = NULL;
	uint64_t packages, files, mean, state = 2463534242u;

	if (!hull_parse_u64(argv[1], 1, 99999, &packages) ||
	    !hull_parse_u64(argv[2], 1, 1000000, &files) || !hull_parse_u64(argv[3], 1, MIB, &mean))
		return hull_fail(e, HULL_USAGE, "content DIR PACKAGES FILES MEAN PROGRAM");
	if (hull_file_read(AT_FDCWD, argv[4], &program, e) < 0)
		return -1;
	pool = make_pool();
	for (size_t p = 1; p <= packages; p++) {
		hull_autofree char *directory = hull_asprintf("%s/usr/lib/bench%05zu", argv[0], p);

		if (hull_mkdirs(AT_FDCWD, directory, 0755, e) < 0)
			return -1;
		for (size_t f = 0; f < files; f++) {
			hull_autofree char *path = hull_asprintf("%s/%06zu", directory, f);

			if (write_file(path, f % 10 == 9 ? &program : NULL, pool,
				       file_bytes(&state, mean), &state, e) < 0)
				return -1;
		}
	}
	return 0;
}

static int fill(struct hull_tree *t, const char *pool, size_t files, struct hull_err *e)
{
	uint64_t state = 362436069u;
	int directory = HULL_NO_NODE;
	char name[24];

	for (size_t i = 0; i < files; i++) {
		size_t bytes = 100 + (next(&state) >> 20) % 900;
		int node;

		if (i % 1000 == 0) {
			snprintf(name, sizeof name, "data/%06zu", i / 1000);
			directory = hull_tree_add(t, name, e);
			if (directory < 0)
				return -1;
			hull_tree_set_directory(t, directory, 0755);
		}
		snprintf(name, sizeof name, "%06zu", i);
		node = hull_tree_add_child(t, directory, name, strlen(name));
		hull_tree_set_file(t, node, pool + (next(&state) >> 16) % (POOL - bytes), bytes,
				   0644);
	}
	return 0;
}

static int write_vhdx(const struct hull_layout *l, const char *path, struct hull_err *e)
{
	struct hull_container c = {.id = hull_guid_derive("bench", "disk")};
	hull_autosink struct hull_sink *sink = hull_sink_new(AT_FDCWD, path, HULL_COMPRESS_NONE, e);

	if (!sink || hull_vhdx_write(l, &c, sink, e) < 0)
		return -1;
	return hull_sink_finish(sink, e);
}

/* files N FILE.vhdx: an ext4 file system of N small files in memory, as a VHDX */
int bench_files(char **argv, struct hull_err *e)
{
	struct hull_ext4_options o = {.uuid = hull_guid_derive("bench", "ext4"),
				      .hash_seed = hull_guid_derive("bench", "hash"),
				      .time = 1700000000};
	struct hull_layout l = {0};
	hull_autofree char *pool = NULL;
	struct hull_tree t;
	uint64_t files;
	int64_t start;
	long user;
	int r;

	if (!hull_parse_u64(argv[0], 1, 100000000, &files))
		return hull_fail(e, HULL_USAGE, "'%s' is no number", argv[0]);
	pool = make_pool();
	start = hull_monotonic_ms();
	user = bench_user_ms();
	hull_tree_init(&t);
	r = fill(&t, pool, files, e);
	if (r == 0)
		r = hull_ext4_min_bytes(&t, HULL_TREE_ROOT, NULL, 0, 16 * MIB, &o, &o.size_bytes,
					e);
	l.size_bytes = o.size_bytes;
	if (r == 0)
		r = hull_ext4_add(&l, 0, &t, HULL_TREE_ROOT, NULL, 0, &o, e);
	if (r == 0)
		r = hull_layout_seal(&l, e);
	if (r == 0)
		r = write_vhdx(&l, argv[1], e);
	if (r == 0)
		printf("%lld %ld %ld\n", (long long)(hull_monotonic_ms() - start),
		       bench_peak_kib() - POOL / 1024, bench_user_ms() - user);
	hull_layout_fini(&l);
	hull_tree_fini(&t);
	return r;
}
