// SPDX-License-Identifier: MIT
#include "source_fixture.h"

#include <sys/resource.h>

#include "base/clock.h"
#include "base/process.h"
#include "source/fetch.h"
#include "source/mirrors.h"
#include "source/update.h"

/* --- several files --- */

enum { MANY = 12, SIZE = 206000 /* of "source" */ };

struct many {
	struct hull_source_want wants[MANY];
	struct hull_strv urls, files;
	char sha256[MANY][HULL_HEX];
};

static void many_init(struct many *m, const char *behaviour)
{
	*m = (struct many){0};
	for (int i = 0; i < MANY; i++) {
		hull_autofree char *path = NULL;

		hull_strv_addf(&m->files, "file%d", i);
		path = hull_asprintf("@/%s/%s", behaviour, m->files.v[i]);
		hull_strv_take(&m->urls, expand(path));
		digest_of(m->files.v[i], m->sha256[i]);
		m->wants[i] = (struct hull_source_want){.url = m->urls.v[i],
							.file = m->files.v[i],
							.sha256 = m->sha256[i],
							.where = "x.spec:1"};
	}
}

static void many_fini(struct many *m)
{
	for (int i = 0; i < MANY; i++)
		hull_source_want_fini(&m->wants[i]);
	hull_strv_fini(&m->urls);
	hull_strv_fini(&m->files);
}

static void test_parallel(void **state)
{
	static const int widths[] = {1, 4, 0};
	struct hull_err e;

	for (size_t i = 0; i < 3; i++) {
		struct hull_source_options o = {.parallel = widths[i]};
		int expected = widths[i] ? widths[i] : 6;
		struct many m;

		if (i) {
			teardown(state);
			assert_int_equal(setup(state), 0);
		}
		server->together = expected;
		many_init(&m, "slow");
		assert_int_equal(hull_source_fetch(&store, &o, m.wants, MANY, NULL, &e), 0);
		assert_int_equal(check_sources(), MANY);
		assert_int_equal(server->most_active, expected);
		many_fini(&m);
	}
}

static void test_all_failures_named(void **state)
{
	struct hull_source_options o = {0};
	struct hull_err e;
	struct many m, bad;

	(void)state;
	many_init(&m, "good");
	many_init(&bad, "missing");
	m.wants[2].url = bad.urls.v[2];
	m.wants[3].sha256 = NULL;
	m.wants[5].sha256 = "../../../etc/passwd";
	m.wants[7].url = bad.urls.v[7];
	assert_int_equal(hull_source_fetch(&store, &o, m.wants, MANY, NULL, &e), -1);
	assert_int_equal(check_sources(), MANY - 4);
	assert_contains(e.msg, "4 of 12 sources could not be fetched:\n  x.spec:1: file2: http://");
	assert_contains(e.msg,
			"\n  x.spec:1: file3: no sha256 in signatures.json: run 'hull source ");
	assert_contains(e.msg, "\n  x.spec:1: file5: its sha256 is not ");
	assert_contains(e.msg, "\n  x.spec:1: file7: http://");
	for (int i = 0; i < MANY; i++)
		assert_int_equal(m.wants[i].ok, i != 2 && i != 3 && i != 5 && i != 7);
	many_fini(&m);
	many_fini(&bad);
}

static void test_long_report_is_whole(void **state)
{
	struct hull_source_options o = {.parallel = 1, .pause_ms = 10};
	hull_autofree char *where = hull_alloc(701);
	struct hull_err e;
	struct many m;

	(void)state;
	memset(where, 'w', 700);
	many_init(&m, "missing");
	for (int i = 0; i < MANY; i++)
		m.wants[i].where = where;
	assert_int_equal(hull_source_fetch(&store, &o, m.wants, MANY, NULL, &e), -1);
	for (int i = 0; i < MANY; i++) {
		assert_contains(m.wants[i].error, "HTTP 404");
		assert_contains(e.msg, m.wants[i].error);
	}
	many_fini(&m);
}

/* Two specs may have the same source: it is fetched once. */
static void test_same_file_twice(void **state)
{
	struct hull_source_options o = {0};
	struct hull_err e;
	struct many m;

	(void)state;
	many_init(&m, "slow");
	for (int i = 1; i < MANY; i++) {
		m.wants[i].url = m.urls.v[0];
		m.wants[i].sha256 = m.sha256[0];
	}
	assert_int_equal(hull_source_fetch(&store, &o, m.wants, MANY, NULL, &e), 0);
	assert_int_equal(server->requests, 1);
	assert_int_equal(check_sources(), 1);
	assert_string_equal(m.wants[MANY - 1].origin, "store");
	many_fini(&m);
}

static void test_dead_server_is_left_alone(void **state)
{
	struct hull_source_options o = {.parallel = 1, .pause_ms = 10};
	static const char *const mirrors[] = {"http://127.0.0.1:1"};
	struct hull_err e;
	struct many m;

	(void)state;
	o.mirrors = mirrors;
	o.nmirrors = 1;
	many_init(&m, "missing");
	assert_int_equal(hull_source_fetch(&store, &o, m.wants, MANY, NULL, &e), -1);
	assert_contains(m.wants[MANY - 1].error, "http://127.0.0.1:1/file11: the server does not ");
	many_fini(&m);
}

/* --- the store --- */

static void init_want(struct hull_source_want *w, char *full_url, char sha256[HULL_HEX])
{
	digest_of("source", sha256);
	*w = (struct hull_source_want){
		.url = full_url, .file = "source", .sha256 = sha256, .where = "x.spec:7"};
}

static void test_store(void **state)
{
	hull_autofree char *good = expand("@/good/source"), *dir = expand("~/spec"), *path = NULL;
	struct hull_source_options o = {0}, offline = {.offline = true};
	struct hull_source_want w;
	char sha256[HULL_HEX];
	struct hull_err e;

	(void)state;
	init_want(&w, good, sha256);
	path = hull_asprintf("store/sources/%s", sha256);
	put_file(path, "", 0); /* what a crash leaves is not trusted */
	assert_int_equal(hull_source_fetch(&store, &o, &w, 1, NULL, &e), 0);
	assert_string_equal(w.origin, good);
	assert_int_equal(check_sources(), 1);
	hull_source_want_fini(&w);

	assert_int_equal(hull_source_fetch(&store, &offline, &w, 1, NULL, &e), 0);
	assert_string_equal(w.origin, "store");
	assert_int_equal(server->requests, 1);
	hull_source_want_fini(&w);

	/* A file that people edit is looked at although the store has the old one. */
	put_served("spec/source", "source", SIZE, true);
	w.dir = dir;
	w.url = "source";
	assert_int_equal(hull_source_fetch(&store, &o, &w, 1, NULL, &e), -1);
	assert_contains(e.msg, "/spec/source: expected sha256 ");
	hull_source_want_fini(&w);
}

/* Runs fetch in a child; its exit status is 0 or the code of the error. */
static pid_t fetch_in_child(struct hull_source_want *w, void (*before)(void), const char *message)
{
	struct hull_source_options o = {0};
	struct hull_err e;
	pid_t pid = fork();

	if (pid)
		return pid;
	before();
	if (hull_source_fetch(&store, &o, w, 1, NULL, &e) == 0)
		_exit(strcmp(w->origin, "store") != 0 ? 0 : 10);
	if (message && !strstr(e.msg, message))
		_exit(99);
	_exit(e.code);
}

static void nothing(void)
{
}

static void test_two_processes(void **state)
{
	hull_autofree char *slow = expand("@/slow/source");
	struct hull_source_want w;
	char sha256[HULL_HEX];
	int a = 0, b = 0;

	(void)state;
	init_want(&w, slow, sha256);
	pid_t first = fetch_in_child(&w, nothing, NULL), second = fetch_in_child(&w, nothing, NULL);

	waitpid(first, &a, 0);
	waitpid(second, &b, 0);
	assert_int_equal(WEXITSTATUS(a) + WEXITSTATUS(b),
			 10); /* one of them found it in the store */
	assert_int_equal(server->requests, 1);
	assert_int_equal(check_sources(), 1);
}

static void take_signals(void)
{
	struct hull_err e;

	hull_ignore(hull_signals_init(&e));
}

static void test_interrupt(void **state)
{
	hull_autofree char *stall = expand("@/stall/source");
	struct hull_source_options o = {0};
	struct hull_source_want w;
	char sha256[HULL_HEX];
	struct hull_err e;
	int64_t start;
	int status;
	pid_t pid;

	(void)state;
	init_want(&w, stall, sha256);
	pid = fetch_in_child(&w, take_signals, "interrupted");
	for (int i = 0; i < 300 && partial_size(sha256) < SIZE / 2; i++)
		usleep(10 * 1000);
	start = hull_monotonic_ms();
	kill(pid, SIGINT);
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), HULL_INTERRUPTED);
	assert_true(hull_monotonic_ms() - start < 1000);
	assert_int_equal(partial_size(sha256), SIZE / 2);
	assert_int_equal(check_sources(), 0);

	hull_autofree char *good = expand("@/good/source");
	w.url = good;
	assert_int_equal(hull_source_fetch(&store, &o, &w, 1, NULL, &e), 0);
	assert_int_equal(server->body_bytes, SIZE);
	hull_source_want_fini(&w);
}

/* Stands for a full disk. */
static void limit_files(void)
{
	struct rlimit l = {50000, 50000};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &l);
}

static void test_disk_full(void **state)
{
	hull_autofree char *good = expand("@/good/source");
	struct hull_source_want w;
	char sha256[HULL_HEX];
	int status;

	(void)state;
	init_want(&w, good, sha256);
	waitpid(fetch_in_child(&w, limit_files, ": write: File too large"), &status, 0);
	assert_int_equal(WEXITSTATUS(status), HULL_FAILED);
	assert_int_equal(server->requests, 1);
	assert_int_equal(partial_size(sha256), 50000);
	assert_int_equal(check_sources(), 0);
}

/* --- the Debian archive's bases --- */

static void test_debian_bases(void **state)
{
	static const struct {
		const char *given, *apt; /* what the program prints */
		const char *expected;	 /* the bases, each with a space behind; NULL: an error */
	} table[] = {
		{"http://a/debian", NULL, "http://a/debian/ "},
		{" http://a/debian/\n/srv/b http://a/debian", NULL, "http://a/debian/ /srv/b/ "},
		{"", NULL, NULL},
		{NULL, "http://a/d/ Debian\nhttp://a/d/ Debian\nhttps://s/d/ Debian\n",
		 "http://a/d/ https://s/d/ "},
		{NULL, "http://a/d/ Somebody\nhttp://a/new/ \nfile:/cd/ Debian\n",
		 "http://a/new/ file:/cd/ "},
		{NULL, "mirror+file:/etc/m Debian\ncdrom:[x] Debian\n", NULL},
		{NULL, "http://a/d Debian Derivative", NULL},
		{NULL, "", NULL},
	};
	hull_autofree char *path = hull_asprintf("%s/bin:%s", root, getenv("PATH"));
	hull_autofree char *old_path = hull_strdup(getenv("PATH"));

	(void)state;
	setenv("PATH", path, 1);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		hull_autostrv struct hull_strv bases = {0};
		hull_autobuf struct hull_buf text = {0};
		hull_autofree char *program = hull_asprintf("%s/bin/apt-get", root);
		hull_autofree char *script = hull_asprintf("#!/bin/sh\nprintf '%%s' '%s'\n",
							   table[i].apt ? table[i].apt : "");
		struct hull_err e;
		int r;

		put_file("bin/apt-get", script, strlen(script));
		chmod(program, 0755);
		r = hull_debian_bases(table[i].given, &bases, &e);
		assert_int_equal(r, table[i].expected ? 0 : -1);
		for (size_t k = 0; k < bases.n; k++)
			hull_buf_addf(&text, "%s ", bases.v[k]);
		if (table[i].expected)
			assert_string_equal(text.p, table[i].expected);
		else
			assert_contains(e.msg, "HULL_DEBIAN_MIRROR");
	}
	setenv("PATH", old_path, 1);
}

/* --- signatures.json --- */

static void assert_pins(const char *expected)
{
	hull_autofree char *path = hull_asprintf("%s/spec/x.signatures.json", root);
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
	assert_string_equal(text.p, expected);
}

static void test_update(void **state)
{
	hull_autofree char *good = expand("@/good/aa"), *other = expand("@/good/source"),
			   *missing = expand("@/missing/zz"), *dir = expand("~/spec");
	char aa[HULL_HEX], source[HULL_HEX], local[HULL_HEX];
	struct hull_spec_source sources[] = {
		{.url = good, .file = "aa", .line = 3},
		{.url = other, .file = "source", .line = 4},
		{.url = "local", .file = "local", .local = true, .line = 5},
		{.url = "x.patch", .file = "x.patch", .local = true, .patch = true, .line = 6},
		{.url = missing, .file = "zz", .line = 7},
	};
	struct hull_spec spec = {.name = "x", .path = "x.spec", .dir = dir, .sources = sources};
	const struct hull_spec *const specs[] = {&spec};
	struct hull_source_options o = {0};
	struct hull_pin_changes changes = {0};
	hull_autofree char *expected = NULL, *old = NULL;
	struct hull_err e;

	(void)state;
	digest_of("aa", aa);
	digest_of("source", source);
	hull_hash_bytes("text", 4, local);
	put_file("spec/local", "text", 4);
	put_file("spec/x.patch", "patch", 5);
	old = hull_asprintf(
		"{\"Signatures\": {\"stale\": \"%s\", \"aa\": \"%s\", \"local\": \"%s\"}}", aa,
		source, source);
	put_file("spec/x.signatures.json", old, strlen(old));

	/* What has a hash stays, what lies there is hashed, the stale name goes. */
	spec.nsources = 4;
	assert_int_equal(hull_source_update(&store, &o, specs, 1, false, &changes, NULL, &e), 0);
	expected = hull_asprintf(
		"{\n  \"Signatures\": {\n    \"aa\": \"%s\",\n    \"local\": \"%s\",\n"
		"    \"source\": \"%s\"\n  }\n}\n",
		source, local, source);
	assert_pins(expected);
	assert_int_equal(server->requests, 1);
	assert_int_equal(changes.n, 3);
	assert_string_equal(changes.v[0].file, "source");
	assert_null(changes.v[0].old_sha256);
	assert_string_equal(changes.v[0].origin, other);
	assert_string_equal(changes.v[1].file, "local");
	assert_string_equal(changes.v[1].new_sha256, local);
	assert_string_equal(changes.v[2].file, "stale");
	assert_null(changes.v[2].new_sha256);
	assert_int_equal(check_sources(), 2);
	hull_pin_changes_fini(&changes);

	/* Again: nothing to do. With all, the wrong one is noticed; one that fails does not stop
	 * it. */
	assert_int_equal(hull_source_update(&store, &o, specs, 1, false, &changes, NULL, &e), 0);
	assert_int_equal(changes.n, 0);
	assert_int_equal(server->requests, 1);
	spec.nsources = 5;
	assert_int_equal(hull_source_update(&store, &o, specs, 1, true, &changes, NULL, &e), -1);
	assert_contains(e.msg, "x.spec:7: zz: http://");
	assert_int_equal(changes.n, 1);
	assert_string_equal(changes.v[0].file, "aa");
	assert_string_equal(changes.v[0].old_sha256, source);
	assert_string_equal(changes.v[0].new_sha256, aa);
	hull_pin_changes_fini(&changes);
	hull_autofree char *all = hull_asprintf(
		"{\n  \"Signatures\": {\n    \"aa\": \"%s\",\n    \"local\": \"%s\",\n"
		"    \"source\": \"%s\"\n  }\n}\n",
		aa, local, source);
	assert_pins(all);
}

static void test_update_bad_pins(void **state)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{"", "x.signatures.json:1:"},
		{"{\"Signatures\": []}", "x.signatures.json: no object \"Signatures\""},
		{"{\"Signatures\": {\"a\": 1}}", "x.signatures.json: \"a\" is no string"},
	};
	hull_autofree char *dir = expand("~/spec");
	struct hull_spec spec = {.name = "x", .path = "x.spec", .dir = dir};
	const struct hull_spec *const specs[] = {&spec};
	struct hull_source_options o = {0};
	struct hull_pin_changes changes = {0};
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		put_file("spec/x.signatures.json", table[i].text, strlen(table[i].text));
		assert_int_equal(
			hull_source_update(&store, &o, specs, 1, false, &changes, NULL, &e), -1);
		assert_contains(e.msg, table[i].error);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_parallel),
		TEST(test_all_failures_named),
		TEST(test_long_report_is_whole),
		TEST(test_same_file_twice),
		TEST(test_dead_server_is_left_alone),
		TEST(test_store),
		TEST(test_two_processes),
		TEST(test_interrupt),
		TEST(test_disk_full),
		TEST(test_debian_bases),
		TEST(test_update),
		TEST(test_update_bad_pins),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
