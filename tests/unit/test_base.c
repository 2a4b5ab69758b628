// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"
#include "temp_fixture.h"

static void err_messages_are_wrapped_and_whole(void **state)
{
	struct hull_err e;
	char big[8192];

	(void)state;
	assert_int_equal(hull_fail(&e, HULL_USAGE, "cause %d", 7), -1);
	hull_wrap(&e, "%s: ", "object");
	assert_string_equal(e.msg, "object: cause 7");
	assert_int_equal(e.code, HULL_USAGE);
	errno = ENOENT;
	hull_fail_errno(&e, "open x");
	assert_int_equal(e.sys, ENOENT);
	assert_string_equal(e.msg, "open x: No such file or directory");
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	hull_fail(&e, HULL_FAILED, "%s", big);
	assert_string_equal(e.msg, big);
	hull_wrap(&e, "front: ");
	assert_memory_equal(e.msg, "front: xx", 9);
	assert_string_equal(e.msg + 7, big);
}

static void who_does_not_care_gives_no_err(void **state)
{
	struct hull_err cause = {.code = HULL_USAGE, .sys = EPERM, .msg = "cause"}, e;

	(void)state;
	assert_int_equal(hull_fail(NULL, HULL_USAGE, "cause"), -1);
	assert_int_equal(hull_fail_errno(NULL, "open x"), -1);
	assert_int_equal(hull_wrap(NULL, "object: "), -1);
	assert_int_equal(hull_fail_as(NULL, &cause), -1);
	assert_int_equal(hull_fail_as(&e, &cause), -1);
	assert_int_equal(e.code, HULL_USAGE);
	assert_int_equal(e.sys, EPERM);
	assert_string_equal(e.msg, "cause");
}

static void numbers_are_checked(void **state)
{
	static const struct {
		const char *text;
		bool size_ok, seconds_ok;
		uint64_t size, seconds;
	} cases[] = {
		{"0", true, true, 0, 0},
		{"90", true, true, 90, 90},
		{"512M", true, false, 512ull << 20, 0},
		{"4g", true, false, 4ull << 30, 0},
		{"2h", false, true, 0, 7200},
		{"45m", true, true, 45ull << 20, 2700},
		{"", false, false, 0, 0},
		{"-1", false, false, 0, 0},
		{" 1", false, false, 0, 0},
		{"1 ", false, false, 0, 0},
		{"1MB", false, false, 0, 0},
		{"99999999999999999999", false, false, 0, 0},
		{"18446744073709551615T", false, false, 0, 0},
		{"18446744073709551615h", false, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t n;

		assert_int_equal(hull_parse_size(cases[i].text, &n), cases[i].size_ok);
		if (cases[i].size_ok)
			assert_int_equal(n, cases[i].size);
		assert_int_equal(hull_parse_seconds(cases[i].text, &n), cases[i].seconds_ok);
		if (cases[i].seconds_ok)
			assert_int_equal(n, cases[i].seconds);
	}
}

static void amounts(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *size, *kb;
	} sizes[] = {
		{0, "0 B", "0.0 kB"},
		{999, "999 B", "1.0 kB"},
		{1000, "1.0 kB", "1.0 kB"},
		{99949, "99.9 kB", "99.9 kB"},
		{99950, "100 kB", "100.0 kB"},
		{999499, "999 kB", "999.5 kB"},
		{999500, "1.0 MB", "999.5 kB"},
		{5368709120, "5.4 GB", "5368709.1 kB"},
		{UINT64_MAX, "18.4 EB", "18446744073709552.0 kB"},
	};
	static const struct {
		int64_t ms;
		const char *text;
	} durations[] = {
		{INT64_MIN, "0 s"},
		{0, "0 s"},
		{499, "0 s"},
		{500, "1 s"},
		{59499, "59 s"},
		{59500, "1:00 min"},
		{245000, "4:05 min"},
		{3599499, "59:59 min"},
		{3599500, "1:00 h"},
		{90061000, "25:01 h"},
		{INT64_MAX, "2562047788015:12 h"},
	};
	char text[HULL_AMOUNT];

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_string_equal(hull_size_text(sizes[i].bytes, text), sizes[i].size);
		assert_string_equal(hull_kb_text(sizes[i].bytes, text), sizes[i].kb);
	}
	for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
		assert_string_equal(hull_duration_text(durations[i].ms, text), durations[i].text);
}

static void hex_values(void **state)
{
	static const char digits[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

	(void)state;
	for (int i = 0; i < 16; i++) {
		assert_int_equal(hull_hex_value(digits[i]), i);
		assert_int_equal(hull_hex_value(upper[i]), i);
	}
	for (const char *p = "g:/@G`\xe1 "; *p; p++)
		assert_int_equal(hull_hex_value(*p), -1);
	assert_int_equal(hull_hex_value('\0'), -1);
}

static void times(void **state)
{
	static const struct {
		int64_t seconds;
		const char *time, *date;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z", "1970-01-01"},
		{1795514399, "2026-11-24T09:59:59Z", "2026-11-24"},
		{951782400, "2000-02-29T00:00:00Z", "2000-02-29"},
		{-1, "1970-01-01T00:00:00Z", "1970-01-01"},
		{INT64_MIN, "1970-01-01T00:00:00Z", "1970-01-01"},
		{INT64_MAX, "9999-12-31T23:59:59Z", "9999-12-31"},
	};
	struct hull_arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_string_equal(hull_time_text(&a, cases[i].seconds), cases[i].time);
		assert_string_equal(hull_date_text(&a, cases[i].seconds), cases[i].date);
	}
	hull_arena_fini(&a);
}

static void strings(void **state)
{
	hull_autostrv struct hull_strv v = {0};
	hull_autobuf struct hull_buf b = {0};
	const char *at = "  one two\n", *word;
	size_t n;

	(void)state;
	hull_strv_add(&v, "b");
	hull_strv_add(&v, "a");
	hull_strv_addf(&v, "%c", 'b');
	hull_strv_sort(&v);
	assert_int_equal(v.n, 2);
	assert_string_equal(v.v[0], "a");
	assert_null(v.v[2]);
	assert_true(hull_strv_has(&v, "b"));
	assert_true(hull_word(&at, &word, &n));
	assert_memory_equal(word, "one", n);
	assert_true(hull_word(&at, &word, &n));
	assert_false(hull_word(&at, &word, &n));
	for (int i = 0; i < 1000; i++)
		hull_buf_addf(&b, "%d,", i);
	assert_int_equal(b.n, 3890);
	assert_true(hull_starts(b.p, "0,1,") && hull_ends(b.p, "999,"));
	assert_int_equal(hull_edit_distance("kitten", "sitting"), 3);
	assert_int_equal(hull_edit_distance("", "abc"), 3);
	assert_string_equal(hull_basename("a/b"), "b");
}

static void digests(void **state)
{
	struct hull_hash *h;
	char a[HULL_HEX], b[HULL_HEX];

	(void)state;
	hull_hash_bytes("abc", 3, a);
	assert_string_equal(a, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	/* fields cannot run into each other */
	h = hull_hash_new();
	hull_hash_field(h, "x", "ab");
	hull_hash_field(h, "y", "c");
	hull_hash_hex(h, a);
	hull_hash_free(h);
	h = hull_hash_new();
	hull_hash_field(h, "x", "a");
	hull_hash_field(h, "y", "bc");
	hull_hash_hex(h, b);
	hull_hash_free(h);
	assert_string_not_equal(a, b);
}

/* A digest becomes the name of a file, so nothing else may pass for one. */
static void digests_are_known(void **state)
{
	static const struct {
		const char *text;
		bool is, starts;
	} cases[] = {
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", true, true},
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.rpm", false,
		 true},
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", false, true},
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0", false, false},
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a", false, false},
		{"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", false, false},
		{"../816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", false, false},
		{"", false, false},
	};
	char hex[7];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(hull_is_sha256(cases[i].text), cases[i].is);
		assert_int_equal(hull_starts_sha256(cases[i].text), cases[i].starts);
	}
	assert_false(hull_is_sha256(NULL));
	hull_hex("\x00\xfa\x19", 3, hex);
	assert_string_equal(hex, "00fa19");
}

static void checksums_have_kinds(void **state)
{
	static const struct {
		const char *name, *hex; /* of "abc" */
		int kind;		/* -1: none */
	} cases[] = {
		{"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d", HULL_SHA1},
		{"sha", "A9993E364706816ABA3E25717850C26C9CD0D89D", HULL_SHA1},
		{"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		 HULL_SHA256},
		{"sha-384",
		 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		 "8086072ba1e7cc2358baeca134c825a7",
		 HULL_SHA384},
		{"sha512",
		 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		 HULL_SHA512},
		{"md5", "900150983cd24fb0d6963f7d28e17f72", -1},
		{"SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", -1},
		{"sha512", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", -1},
		{"sha1", "a9993e364706816aba3e25717850c26c9cd0d89", -1},
		{"sha1", "a9993e364706816aba3e25717850c26c9cd0d89g", -1},
		{"", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_checksum said, got;

		assert_int_equal(hull_checksum_parse(cases[i].name, cases[i].hex, &said),
				 cases[i].kind >= 0);
		if (cases[i].kind < 0)
			continue;
		assert_int_equal(said.kind, cases[i].kind);
		hull_checksum_bytes("abc", 3, said.kind, &got);
		assert_string_equal(got.hex, said.hex);
	}
	assert_string_equal(hull_digest_name(HULL_SHA384), "sha384");
}

static void files_appear_whole(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *path = hull_asprintf("%s/a/b/file", dir);
	hull_autofree char *parent = hull_asprintf("%s/a/b", dir);
	hull_autobuf struct hull_buf b = {0};
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, path, "x", 1, 0644, &e), -1);
	assert_int_equal(e.sys, ENOENT);
	assert_int_equal(hull_mkdirs(AT_FDCWD, parent, 0755, &e), 0);
	assert_int_equal(hull_mkdirs(AT_FDCWD, parent, 0755, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, path, "one", 3, 0644, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, path, "two", 3, 0644, &e), 0);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &b, &e), 0);
	assert_string_equal(b.p, "two");
	assert_int_equal(hull_dir_list(AT_FDCWD, parent, &names, &e), 0);
	assert_int_equal(names.n, 1);
	chmod(parent, 0500);
	drop_dir(dir);
}

static void refused(const char *path, const char *message)
{
	hull_autobuf struct hull_buf b = {0};
	struct hull_err e;

	assert_int_equal(hull_open(AT_FDCWD, path, &e), -1);
	assert_non_null(strstr(e.msg, message));
	assert_int_equal(hull_file_read(AT_FDCWD, path, &b, &e), -1);
	assert_non_null(strstr(e.msg, message));
}

/* Nothing is waited for, and nothing is read that has no end. */
static void only_files_are_read(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *fifo = hull_asprintf("%s/fifo", dir);
	hull_autofree char *path = hull_asprintf("%s/socket", dir);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	hull_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	refused(fifo, "/fifo: a FIFO, not a regular file");
	refused(path, "/socket: a socket, not a regular file");
	refused(dir, ": a directory, not a regular file");
	refused("/dev/zero", "/dev/zero: a device, not a regular file");
	drop_dir(dir);
}

static void pipes_without_a_name_are_texts(void **state)
{
	hull_autobuf struct hull_buf b = {0};
	hull_autofree char *path = NULL;
	struct hull_err e;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	path = hull_asprintf("/dev/fd/%d", fds[0]);
	assert_int_equal(hull_fd_write(fds[1], "text", 4, &e), 0);
	close(fds[1]);
	assert_int_equal(hull_open(AT_FDCWD, path, &e), -1);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &b, &e), 0);
	assert_string_equal(b.p, "text");
	close(fds[0]);
	/* files of the kernel have no size */
	b.n = 0;
	assert_int_equal(hull_file_read(AT_FDCWD, "/proc/self/status", &b, &e), 0);
	assert_true(b.n > 100);
}

static void texts_have_a_limit(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *path = hull_asprintf("%s/file", dir);
	hull_autobuf struct hull_buf b = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, path, "12345", 5, 0644, &e), 0);
	assert_int_equal(hull_file_read_most(AT_FDCWD, path, 5, &b, &e), 0);
	assert_string_equal(b.p, "12345");
	assert_int_equal(hull_file_read_most(AT_FDCWD, path, 3, &b, &e), -1);
	assert_non_null(strstr(e.msg, "/file: 5 B, the limit for such a file is 3 B"));
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &b, &e), -1);
	assert_non_null(strstr(e.msg, "/file: 1.1 TB, the limit for such a file is 268 MB"));
	/* of what says no size, what is more is not read */
	assert_int_equal(hull_file_read_most(AT_FDCWD, "/proc/self/status", 10, &b, &e), -1);
	assert_non_null(strstr(e.msg, "more than 10 B, the limit for such a file"));
	drop_dir(dir);
}

static void places_by_name(void **state)
{
	enum { N = 100000 };
	hull_autoindex struct hull_index x = {0};
	hull_autostrv struct hull_strv names = {0};
	size_t place;

	(void)state;
	assert_false(hull_index_find(&x, "0", &place));
	for (size_t i = 0; i < N; i++) {
		hull_strv_addf(&names, "%zu", i);
		assert_true(hull_index_put(&x, names.v[i], i));
	}
	for (size_t i = 0; i < N; i++) {
		assert_true(hull_index_find(&x, names.v[i], &place));
		assert_int_equal(place, i);
	}
	assert_false(hull_index_put(&x, "17", 1));
	assert_true(hull_index_find(&x, "17", &place));
	assert_int_equal(place, 17);
	assert_false(hull_index_find(&x, "", &place));
	assert_true(hull_index_put(&x, "", 5));
	assert_true(hull_index_find(&x, "", &place));
	assert_int_equal(place, 5);
}

static void first_in_order(void **state)
{
	static const struct {
		int before;
		const char *text;
	} items[] = {{0, "b"}, {0, "d"}, {0, "d"}, {0, "d"}, {0, "f"}};
	static const struct {
		const char *text;
		size_t n, first;
	} cases[] = {{"a", 5, 0}, {"b", 5, 0}, {"c", 5, 1}, {"d", 5, 1}, {"e", 5, 4}, {"f", 5, 4},
		     {"g", 5, 5}, {"", 5, 0},  {"d", 2, 1}, {"e", 2, 2}, {"d", 0, 0}, {"b", 1, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(hull_lower_bound(cases[i].text, items, cases[i].n, sizeof *items,
						  offsetof(__typeof__(*items), text)),
				 cases[i].first);
	assert_int_equal(hull_lower_bound("a", NULL, 0, sizeof *items, 0), 0);
}

static void processes(void **state)
{
	const char *ok[] = {"sh", "-c", "echo out", NULL};
	const char *silent[] = {"sh", "-c", "echo more; exit 3", NULL};
	const char *bad[] = {"sh", "-c", "echo why >&2; exit 4", NULL};
	const char *none[] = {"/nonexistent/program", NULL};
	hull_autobuf struct hull_buf out = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_run_checked((char *const *)ok, &out, &e), 0);
	assert_string_equal(out.p, "out\n");
	assert_int_equal(hull_run_checked((char *const *)silent, &out, &e), -1);
	assert_string_equal(e.msg, "sh: exit status 3");
	assert_string_equal(out.p, "out\nmore\n");
	assert_int_equal(hull_run_checked((char *const *)bad, NULL, &e), -1);
	assert_string_equal(e.msg, "sh: exit status 4: why");
	assert_int_equal(hull_run_checked((char *const *)none, NULL, &e), -1);
	assert_int_equal(e.sys, ENOENT);
}

static void bytes_at_an_offset(void **state)
{
	char *dir = temp_dir(), text[8] = {0};
	hull_autofree char *path = hull_asprintf("%s/x", dir);
	hull_autofd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(hull_fd_write_at(fd, 3, "abc", 3), 0);
	assert_int_equal(hull_fd_read_at(fd, 2, text, 3), 3);
	assert_memory_equal(text, "\0ab", 3);
	assert_int_equal(hull_fd_read_at(fd, 4, text, sizeof text), 2);
	assert_memory_equal(text, "bc", 2);
	assert_int_equal(hull_fd_read_at(fd, 6, text, 1), 0);
	assert_int_equal(hull_fd_read_at(-1, 0, text, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(hull_fd_write_at(-1, 0, text, 1), -1);
	assert_int_equal(hull_fd_write_at(-1, 0, text, 0), 0);
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_messages_are_wrapped_and_whole),
		cmocka_unit_test(who_does_not_care_gives_no_err),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(bytes_at_an_offset),
		cmocka_unit_test(amounts),
		cmocka_unit_test(hex_values),
		cmocka_unit_test(times),
		cmocka_unit_test(strings),
		cmocka_unit_test(digests),
		cmocka_unit_test(digests_are_known),
		cmocka_unit_test(checksums_have_kinds),
		cmocka_unit_test(files_appear_whole),
		cmocka_unit_test(only_files_are_read),
		cmocka_unit_test(pipes_without_a_name_are_texts),
		cmocka_unit_test(texts_have_a_limit),
		cmocka_unit_test(places_by_name),
		cmocka_unit_test(first_in_order),
		cmocka_unit_test(processes),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
