// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/str.h"
#include "disk/crc32c.h"
#include "disk/layout.h"
#include "disk/sink.h"
#include "text/guid.h"

enum { DISK_BYTES = 64 * 1024, FILES = 5, ROUNDS = 200 };

static char dir[] = "/tmp/hull-test-XXXXXX";
static int dirfd_;
static struct hull_err e;

static int open_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dirfd_ < 0 ? -1 : 0;
}

static int drop_dir(void **state)
{
	(void)state;
	close(dirfd_);
	return hull_remove_tree(AT_FDCWD, dir, &e);
}

static void assert_names(const char *expected)
{
	hull_autostrv struct hull_strv names = {0};
	hull_autobuf struct hull_buf b = {0};

	assert_int_equal(hull_dir_list(AT_FDCWD, dir, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++)
		hull_buf_addf(&b, "%s%s", i ? " " : "", names.v[i]);
	assert_string_equal(b.n ? b.p : "", expected);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void guids(void **state)
{
	static const char text[] = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
	static const uint8_t mixed[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
					  0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
	static const char *bad[] = {
		"",
		"c12a7328",
		"c12a7328-f81f-11d2-ba4b-00a0c93ec93",
		"c12a7328-f81f-11d2-ba4b-00a0c93ec93b0",
		"c12a7328-f81f-11d2-ba4b-00a0c93ec93g",
		"c12a7328f81f11d2ba4b00a0c93ec93b",
		"{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}",
		"c12a-7328f81f-11d2-ba4b-00a0c93ec93b",
	};
	struct hull_guid g, back;
	char out[HULL_GUID_TEXT];
	uint8_t le[16];

	(void)state;
	assert_true(hull_guid_parse(text, &g));
	assert_int_equal(g.b[0], 0xc1);
	hull_guid_text(&g, out);
	assert_string_equal(out, text);
	assert_true(hull_guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", &back));
	assert_memory_equal(&g, &back, sizeof g);
	hull_guid_put_le(&g, le);
	assert_memory_equal(le, mixed, sizeof mixed);
	hull_guid_get_le(le, &back);
	assert_memory_equal(&g, &back, sizeof g);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(hull_guid_parse(bad[i], &g));
}

static void guids_are_derived(void **state)
{
	struct hull_guid a = hull_guid_derive("image", "disk");
	struct hull_guid b = hull_guid_derive("imaged", "isk");
	char out[HULL_GUID_TEXT];

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof a);
	hull_guid_text(&a, out);
	assert_int_equal(out[14], '8');
	assert_non_null(strchr("89ab", out[19]));
	/* Golden: every id in every image changes with it. */
	assert_string_equal(out, "5c3e8a04-a744-8c1d-9098-9695ce261f52");
}

static void integers(void **state)
{
	uint8_t b[9] = {0};

	(void)state;
	hull_put_le16(b + 1, 0x0102);
	assert_memory_equal(b, "\0\2\1\0", 4);
	hull_put_be16(b + 1, 0x0102);
	assert_memory_equal(b, "\0\1\2\0", 4);
	hull_put_le32(b + 1, 0x01020304);
	assert_memory_equal(b, "\0\4\3\2\1\0", 6);
	hull_put_be64(b + 1, 0x0102030405060708);
	assert_memory_equal(b, "\0\1\2\3\4\5\6\7\10", 9);
	assert_int_equal(hull_get_be64(b + 1), 0x0102030405060708);
	assert_int_equal(hull_get_be32(b + 2), 0x02030405);
	assert_int_equal(hull_get_be16(b + 2), 0x0203);
	assert_int_equal(hull_get_le16(b + 2), 0x0302);
	hull_put_le64(b + 1, 0x0102030405060708);
	assert_memory_equal(b, "\0\10\7\6\5\4\3\2\1", 9);
	assert_int_equal(hull_get_le64(b + 1), 0x0102030405060708);
	hull_put_be32(b + 1, 0x01020304);
	assert_int_equal(hull_get_le32(b + 1), 0x04030201);
}

/* A disk with random extents, from memory and from files, and what it has to look like. */
struct random_disk {
	struct hull_layout l;
	uint8_t expected[DISK_BYTES];
	bool touched[DISK_BYTES];
	uint8_t memory[DISK_BYTES];
	char names[FILES][16];
	uint32_t seed;
};

static void make_disk(struct random_disk *d, uint32_t seed)
{
	size_t order[64], n = 0, at = 0;
	uint64_t begin[64], length[64];

	memset(d, 0, sizeof *d);
	d->seed = seed;
	d->l.size_bytes = DISK_BYTES;
	for (size_t i = 0; i < DISK_BYTES; i++)
		d->memory[i] = (uint8_t)(next_random(&d->seed) | 1);
	for (int i = 0; i < FILES; i++) {
		snprintf(d->names[i], sizeof d->names[i], "f%d", i);
		assert_int_equal(
			hull_file_write(dirfd_, d->names[i], d->memory, DISK_BYTES, 0644, &e), 0);
	}
	while (at < DISK_BYTES && n < 64) {
		at += next_random(&d->seed) % 3 ? 0 : next_random(&d->seed) % 3000;
		if (at >= DISK_BYTES)
			break;
		begin[n] = at;
		length[n] = 1 + next_random(&d->seed) % 4000;
		if (length[n] > DISK_BYTES - at)
			length[n] = DISK_BYTES - at;
		at += length[n];
		order[n] = n;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		size_t other = next_random(&d->seed) % n, swap = order[i];

		order[i] = order[other];
		order[other] = swap;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t to = begin[order[i]], len = length[order[i]];
		uint64_t from = next_random(&d->seed) % (DISK_BYTES - len + 1);
		struct hull_content c = {.dirfd = dirfd_, .offset_bytes = from};

		if (next_random(&d->seed) % 2)
			c.memory = d->memory;
		else
			c.path = d->names[next_random(&d->seed) % FILES];
		hull_layout_add(&d->l, to, len, &c);
		memcpy(d->expected + to, d->memory + from, len);
		memset(d->touched + to, true, len);
	}
	assert_int_equal(hull_layout_seal(&d->l, &e), 0);
}

static void reads_anywhere(void **state)
{
	static struct random_disk d;
	static uint8_t got[DISK_BYTES];

	(void)state;
	for (uint32_t seed = 1; seed <= 8; seed++) {
		struct hull_layout_reader r;

		make_disk(&d, seed);
		hull_layout_reader_init(&r, &d.l);
		assert_int_equal(hull_layout_read(&r, 0, got, DISK_BYTES, &e), 0);
		assert_memory_equal(got, d.expected, DISK_BYTES);
		for (int i = 0; i < ROUNDS; i++) {
			uint64_t at = next_random(&d.seed) % (DISK_BYTES + 1);
			uint64_t n = next_random(&d.seed) % (i % 2 ? 200 : DISK_BYTES);
			bool hole;

			if (n > DISK_BYTES - at)
				n = DISK_BYTES - at;
			memset(got, 0xee, sizeof got);
			assert_int_equal(hull_layout_read(&r, at, got, n, &e), 0);
			assert_memory_equal(got, d.expected + at, n);
			assert_true(n == DISK_BYTES || got[n] == 0xee);
			hole = !memchr(d.touched + at, true, n);
			assert_int_equal(hull_layout_is_hole(&d.l, at, n), hole);
		}
		hull_layout_reader_fini(&r);
		hull_layout_fini(&d.l);
	}
	for (int i = 0; i < FILES; i++)
		assert_int_equal(unlinkat(dirfd_, d.names[i], 0), 0);
}

/* The same name below another directory is another file. */
static void directories_are_told_apart(void **state)
{
	struct hull_layout l = {.size_bytes = 8};
	struct hull_layout_reader r;
	struct hull_content c = {.path = "name"};
	int sub;
	char got[9] = {0};

	(void)state;
	assert_int_equal(mkdirat(dirfd_, "sub", 0755), 0);
	sub = openat(dirfd_, "sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(hull_file_write(dirfd_, "name", "outer", 5, 0644, &e), 0);
	assert_int_equal(hull_file_write(sub, "name", "inner", 5, 0644, &e), 0);
	c.dirfd = dirfd_;
	hull_layout_add(&l, 0, 2, &c);
	c.dirfd = sub;
	hull_layout_add(&l, 2, 2, &c);
	c.offset_bytes = 3;
	hull_layout_add(&l, 4, 2, &c);
	hull_layout_add_bytes(&l, 6, "xy", 2);
	hull_layout_add_bytes(&l, 6, "", 0);
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	hull_layout_reader_init(&r, &l);
	assert_int_equal(hull_layout_read(&r, 0, got, 8, &e), 0);
	assert_string_equal(got, "ouinerxy");
	hull_layout_reader_fini(&r);
	hull_layout_fini(&l);
	close(sub);
	assert_int_equal(hull_remove_tree(dirfd_, "sub", &e), 0);
	assert_int_equal(unlinkat(dirfd_, "name", 0), 0);
}

static void bad_plans_are_refused(void **state)
{
	static const struct {
		uint64_t a, a_bytes, b, b_bytes;
		const char *message;
	} cases[] = {
		{0, 100, 100, 900, NULL},
		{100, 900, 0, 100, NULL},
		{0, 101, 100, 10,
		 "disk layout: 101 bytes at 0 (a/file) overlap 10 bytes at 100 (memory)"},
		{50, 10, 50, 1, "disk layout: "},
		{500, 1, 0, 501,
		 "disk layout: 501 bytes at 0 (memory) overlap 1 bytes at 500 (a/file)"},
		{0, 1, 999, 2,
		 "disk layout: 2 bytes at 999 (memory) reach beyond the end of the disk at 1000"},
		{1001, 1, 0, 1, "disk layout: 1 bytes at 1001 (a/file) reach beyond the end"},
		{0, 1, UINT64_MAX, 2,
		 "disk layout: 2 bytes at 18446744073709551615 (memory) reach"},
		{1, UINT64_MAX, 0, 1,
		 "disk layout: 18446744073709551615 bytes at 1 (a/file) reach"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_layout l = {.size_bytes = 1000};
		struct hull_content file = {.dirfd = AT_FDCWD, .path = "a/file"};
		struct hull_content memory = {.memory = "m"};

		hull_layout_add(&l, cases[i].a, cases[i].a_bytes, &file);
		hull_layout_add(&l, cases[i].b, cases[i].b_bytes, &memory);
		assert_int_equal(hull_layout_seal(&l, &e), cases[i].message ? -1 : 0);
		if (cases[i].message &&
		    strncmp(e.msg, cases[i].message, strlen(cases[i].message)) != 0)
			assert_string_equal(e.msg, cases[i].message);
		hull_layout_fini(&l);
	}
}

static void short_and_missing_files_are_named(void **state)
{
	struct hull_layout l = {.size_bytes = 100};
	struct hull_content small = {.dirfd = dirfd_, .path = "small", .offset_bytes = 4};
	struct hull_content none = {.dirfd = dirfd_, .path = "none"};
	struct hull_layout_reader r;
	char got[100];

	(void)state;
	assert_int_equal(hull_file_write(dirfd_, "small", "0123456789", 10, 0644, &e), 0);
	hull_layout_add(&l, 10, 7, &small);
	hull_layout_add(&l, 50, 1, &none);
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	hull_layout_reader_init(&r, &l);
	assert_int_equal(hull_layout_read(&r, 0, got, 16, &e), 0);
	assert_int_equal(hull_layout_read(&r, 0, got, 17, &e), -1);
	assert_string_equal(e.msg, "small: the file ends at byte 10, not at 11");
	assert_int_equal(hull_layout_read(&r, 40, got, 60, &e), -1);
	assert_string_equal(e.msg, "none: No such file or directory");
	hull_layout_reader_fini(&r);
	hull_layout_fini(&l);
	assert_int_equal(unlinkat(dirfd_, "small", 0), 0);
}

static struct hull_sink *open_sink(const char *name, enum hull_compression compression)
{
	struct hull_sink *s = hull_sink_new(dirfd_, name, compression, &e);

	assert_non_null(s);
	return s;
}

/* Writes of any size give one file; runs of zeros in it take no space. */
static void files_are_sparse_and_exact(void **state)
{
	enum { TOTAL = 6 << 20 };
	uint8_t *expected = calloc(1, TOTAL);
	hull_autobuf struct hull_buf got = {0};
	struct hull_sink *s = open_sink("out", HULL_COMPRESS_NONE);
	uint32_t seed = 7;
	struct stat st;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < TOTAL; i++)
		expected[i] = (uint8_t)(i / 65536 % 8 < 6 ? 0 : i % 251);
	expected[TOTAL - 1] = 0;
	while (at < TOTAL) {
		size_t n = next_random(&seed) % (at % 3 ? 3 << 20 : 5000);

		n = n < TOTAL - at ? n : TOTAL - at;
		assert_int_equal(hull_sink_write(s, expected + at, n, &e), 0);
		at += n;
		assert_int_equal(hull_sink_offset(s), at);
	}
	assert_int_equal(hull_sink_zeros(s, 3 << 20, &e), 0);
	assert_int_equal(hull_sink_zeros(s, 1, &e), 0);
	assert_int_equal(hull_sink_offset(s), TOTAL + (3 << 20) + 1);
	assert_false(hull_exists(dirfd_, "out"));
	assert_int_equal(hull_sink_finish(s, &e), 0);
	hull_sinkp(&s);
	assert_names("out");
	assert_int_equal(hull_file_read(dirfd_, "out", &got, &e), 0);
	assert_int_equal(got.n, TOTAL + (3 << 20) + 1);
	assert_memory_equal(got.p, expected, TOTAL);
	for (size_t i = TOTAL; i < got.n; i++)
		assert_int_equal(got.p[i], 0);
	assert_int_equal(fstatat(dirfd_, "out", &st, 0), 0);
	assert_true(st.st_blocks * 512 <= TOTAL / 4 + (1 << 18));
	assert_int_equal(unlinkat(dirfd_, "out", 0), 0);
	free(expected);
}

static void nothing_is_left_without_finish(void **state)
{
	hull_autobuf struct hull_buf got = {0};

	(void)state;
	assert_int_equal(hull_file_write(dirfd_, "out", "old", 3, 0644, &e), 0);
	for (int c = HULL_COMPRESS_NONE; c <= HULL_COMPRESS_XZ; c++) {
		struct hull_sink *s = open_sink("out", (enum hull_compression)c);

		assert_int_equal(hull_sink_write(s, "new", 3, &e), 0);
		hull_sinkp(&s);
	}
	hull_sinkp(&(struct hull_sink *){NULL});
	assert_names("out");
	assert_int_equal(hull_file_read(dirfd_, "out", &got, &e), 0);
	assert_string_equal(got.p, "old");
	assert_int_equal(unlinkat(dirfd_, "out", 0), 0);
}

/* A limit on the size of files stands for a full disk: both are errors of write. */
static void a_full_disk_leaves_nothing(void **state)
{
	struct rlimit old, small = {.rlim_cur = 2 << 20};
	uint8_t *noise = malloc(8 << 20);
	uint32_t seed = 3;

	(void)state;
	for (size_t i = 0; i < 8 << 20; i++)
		noise[i] = (uint8_t)next_random(&seed);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	for (int c = HULL_COMPRESS_NONE; c <= HULL_COMPRESS_XZ; c++) {
		struct hull_sink *s = open_sink("out", (enum hull_compression)c);
		int r = 0;

		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		for (int i = 0; i < 8 && r == 0; i++)
			r = hull_sink_write(s, noise + (i << 20), 1 << 20, &e);
		if (r == 0)
			r = hull_sink_finish(s, &e);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(r, -1);
		assert_string_equal(e.msg, "out: write: File too large");
		assert_int_equal(hull_sink_write(s, noise, 1, &e), -1);
		assert_int_equal(hull_sink_zeros(s, 1 << 30, &e), -1);
		assert_int_equal(hull_sink_finish(s, &e), -1);
		assert_string_equal(e.msg, "out: writing it failed before");
		hull_sinkp(&s);
		assert_names("");
	}
	free(noise);
}

static void bad_places_are_named(void **state)
{
	struct hull_sink *s;

	(void)state;
	assert_null(hull_sink_new(dirfd_, "no/out", HULL_COMPRESS_NONE, &e));
	assert_string_equal(e.msg, "no/out: No such file or directory");
	assert_int_equal(hull_file_write(dirfd_, "file", "", 0, 0644, &e), 0);
	assert_null(hull_sink_new(dirfd_, "file/out", HULL_COMPRESS_ZSTD, &e));
	assert_string_equal(e.msg, "file/out: Not a directory");
	assert_int_equal(unlinkat(dirfd_, "file", 0), 0);
	if (geteuid() != 0) {
		assert_int_equal(chmod(dir, 0555), 0);
		assert_null(hull_sink_new(dirfd_, "out", HULL_COMPRESS_NONE, &e));
		assert_string_equal(e.msg, "out: Permission denied");
		assert_int_equal(chmod(dir, 0755), 0);
	}
	/* A directory that has the name cannot be replaced. */
	assert_int_equal(mkdirat(dirfd_, "out", 0755), 0);
	s = open_sink("out", HULL_COMPRESS_NONE);
	assert_int_equal(hull_sink_finish(s, &e), -1);
	assert_string_equal(e.msg, "out: Is a directory");
	hull_sinkp(&s);
	assert_names("out");
	assert_int_equal(unlinkat(dirfd_, "out", AT_REMOVEDIR), 0);
}

static void crc32c_in_pieces(void **state)
{
	static const struct {
		const char *text;
		uint32_t crc;
	} cases[] = {
		{"", 0}, {"a", 0xc1d04330}, {"123456789", 0xe3069283}, /* the check value */
	};
	static const uint8_t zeros[32]; /* RFC 3720, B.4 */

	(void)state;
	assert_int_equal(hull_crc32c(0, zeros, sizeof zeros), 0x8a9136aa);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = strlen(cases[i].text);

		for (size_t k = 0; k <= n; k++)
			assert_int_equal(hull_crc32c(hull_crc32c(0, cases[i].text, k),
						     cases[i].text + k, n - k),
					 cases[i].crc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32c_in_pieces),
		cmocka_unit_test(guids),
		cmocka_unit_test(guids_are_derived),
		cmocka_unit_test(integers),
		cmocka_unit_test(reads_anywhere),
		cmocka_unit_test(directories_are_told_apart),
		cmocka_unit_test(bad_plans_are_refused),
		cmocka_unit_test(short_and_missing_files_are_named),
		cmocka_unit_test(files_are_sparse_and_exact),
		cmocka_unit_test(nothing_is_left_without_finish),
		cmocka_unit_test(a_full_disk_leaves_nothing),
		cmocka_unit_test(bad_places_are_named),
	};

	return cmocka_run_group_tests(tests, open_dir, drop_dir);
}
