// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/process.h"
#include "base/store.h"
#include "base/str.h"

static char *temp_dir(void)
{
	char *p = hull_strdup("/tmp/hull-test-XXXXXX");

	assert_non_null(mkdtemp(p));
	return p;
}

static void drop_dir(char *dir)
{
	struct hull_err e;

	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
	free(dir);
}

static void err_messages_are_wrapped_and_truncated(void **state)
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
	assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
	hull_wrap(&e, "front: ");
	assert_memory_equal(e.msg, "front: xx", 9);
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

struct opts {
	bool flag;
	const char *string;
	struct hull_strv list;
	uint64_t count;
};

static const struct hull_option table[] = {
	{HULL_OPT_FLAG, "flag", 'f', offsetof(struct opts, flag), NULL, "a flag"},
	{HULL_OPT_STRING, "string", 's', offsetof(struct opts, string), "TEXT", "a string"},
	{HULL_OPT_LIST, "list", 0, offsetof(struct opts, list), "X", "a list"},
	{HULL_OPT_COUNT, "count", 'c', offsetof(struct opts, count), "N", "a number"},
	{HULL_OPT_HELP, "help", 'h', 0, NULL, "help"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void options_are_parsed(void **state)
{
	const char *argv[] = {"x",	"-f", "one",	"--string=text",
			      "--list", "a",  "--list", "b",
			      "-c12",	"--", "-z",	NULL};
	struct opts o = {0};
	hull_autostrv struct hull_strv rest = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_options_parse((char *const *)argv, table, &o, NULL, NULL, &rest, &e),
			 0);
	assert_true(o.flag);
	assert_string_equal(o.string, "text");
	assert_int_equal(o.list.n, 2);
	assert_int_equal(o.count, 12);
	assert_int_equal(rest.n, 2);
	assert_string_equal(rest.v[1], "-z");
	hull_strv_fini(&o.list);
}

static void options_are_refused(void **state)
{
	static const struct {
		const char *arg, *text;
	} cases[] = {
		{"--flg", "unknown option '--flg'; did you mean --flag?"},
		{"--string", "--string needs a value: TEXT"},
		{"--flag=1", "--flag takes no value"},
		{"--count=many", "--count: 'many' is not a number"},
		{"-x", "unknown option '-x'"},
		{"-fx", "unknown option '-fx'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *argv[] = {"x", cases[i].arg, NULL};
		hull_autostrv struct hull_strv rest = {0};
		struct opts o = {0};
		struct hull_err e;

		assert_int_equal(
			hull_options_parse((char *const *)argv, table, &o, NULL, NULL, &rest, &e),
			-1);
		assert_int_equal(e.code, HULL_USAGE);
		assert_string_equal(e.msg, cases[i].text);
	}
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

static void json_errors_name_the_place(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *path = hull_asprintf("%s/x.json", dir);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, path, "{\n \"a\": oops}", 13, 0644, &e), 0);
	assert_null(hull_json_read(AT_FDCWD, path, &e));
	assert_non_null(strstr(e.msg, "x.json:2:"));
	drop_dir(dir);
}

static void processes(void **state)
{
	const char *ok[] = {"sh", "-c", "echo out; exit 3", NULL};
	const char *bad[] = {"sh", "-c", "echo why >&2; exit 4", NULL};
	const char *none[] = {"/nonexistent/program", NULL};
	hull_autobuf struct hull_buf out = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_run((char *const *)ok, &out, &e), 3);
	assert_string_equal(out.p, "out\n");
	assert_int_equal(hull_run_checked((char *const *)bad, NULL, &e), -1);
	assert_string_equal(e.msg, "sh: exit status 4: why");
	assert_int_equal(hull_run((char *const *)none, NULL, &e), -1);
	assert_int_equal(e.sys, ENOENT);
}

static void store_commits_once(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (int i = 0; i < 2; i++) {
		hull_autofree char *tmp = hull_store_tmp(&s, &e);
		hull_autofree char *file = hull_asprintf("%s/file", tmp);

		assert_non_null(tmp);
		assert_int_equal(hull_file_write(s.fd, file, "x", 1, 0644, &e), 0);
		assert_int_equal(hull_store_commit(&s, tmp, "unpacked/abc", &e), 0);
		assert_false(hull_store_has(&s, tmp));
	}
	assert_true(hull_store_has(&s, "unpacked/abc/file"));
	hull_store_close(&s);
	drop_dir(dir);
}

/* What a killed process left in tmp/ goes, what a living one has there stays. */
static void store_sweeps_after_the_dead(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *tmp_dir = hull_asprintf("%s/tmp", dir);
	hull_autostrv struct hull_strv names = {0};
	struct hull_store living, next;
	struct hull_err e;
	pid_t pid;

	(void)state;
	assert_int_equal(hull_store_open(&living, dir, &e), 0);
	pid = fork();
	if (pid == 0) {
		struct hull_store s;

		if (hull_store_open(&s, dir, &e) < 0 || !hull_store_tmp(&s, &e))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(hull_wait(pid, &e), 128 + SIGKILL);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2);
	assert_int_equal(hull_store_open(&next, dir, &e), 0);
	hull_strv_fini(&names);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2); /* the living one and the new one */
	assert_true(hull_store_has(&living, living.tmp));
	hull_store_close(&next);
	hull_store_close(&living);
	drop_dir(dir);
}

/* However fast one process opens it again, each has a folder of its own. */
static void store_opens_many_times(void **state)
{
	char *dir = temp_dir();
	struct hull_store s[16];
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(hull_store_open(&s[i], dir, &e), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s[k].tmp, s[i].tmp);
	}
	for (size_t i = 0; i < 16; i++)
		hull_store_close(&s[i]);
	drop_dir(dir);
}

static void store_locks_exclude(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;
	int fd;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	fd = hull_store_lock(&s, "x", true, &e);
	assert_true(fd >= 0);
	assert_int_equal(hull_store_lock(&s, "x", false, &e), -1);
	assert_int_equal(e.sys, EWOULDBLOCK);
	close(fd);
	fd = hull_store_lock(&s, "x", false, &e);
	assert_true(fd >= 0);
	close(fd);
	hull_store_close(&s);
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_messages_are_wrapped_and_truncated),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(strings),
		cmocka_unit_test(digests),
		cmocka_unit_test(options_are_parsed),
		cmocka_unit_test(options_are_refused),
		cmocka_unit_test(files_appear_whole),
		cmocka_unit_test(json_errors_name_the_place),
		cmocka_unit_test(processes),
		cmocka_unit_test(store_commits_once),
		cmocka_unit_test(store_sweeps_after_the_dead),
		cmocka_unit_test(store_opens_many_times),
		cmocka_unit_test(store_locks_exclude),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
