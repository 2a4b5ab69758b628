// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "builder/collect.h"
#include "builder/inputs.h"
#include "builder/job.h"
#include "builder/record.h"
#include "builder/tokens.h"
#include "spec/macros.h"
#include "store/garbage.h"
#include "rpm_craft.h"

static char *dir;
static struct hull_store store;

static int open_store(void **state)
{
	struct hull_err e;

	(void)state;
	dir = hull_strdup("/tmp/hull-test-XXXXXX");
	return mkdtemp(dir) && hull_store_open(&store, dir, &e) == 0 ? 0 : -1;
}

static int close_store(void **state)
{
	struct hull_err e;

	(void)state;
	hull_store_close(&store);
	hull_ignore(hull_remove_tree(AT_FDCWD, dir, &e));
	free(dir);
	return 0;
}

static void tokens_are_counted(void **state)
{
	struct hull_tokens t;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_tokens_init(&t, &store, 2, &e), 0);
	assert_true(hull_tokens_take(&t, 1));
	assert_true(hull_tokens_take(&t, 1));
	assert_false(hull_tokens_take(&t, 1));
	hull_tokens_give(&t);
	assert_true(hull_tokens_take(&t, 1));
	/* a killed build took both with it */
	hull_tokens_give(&t);
	hull_tokens_give(&t);
	hull_tokens_settle(&t);
	assert_true(hull_tokens_take(&t, 1));
	assert_true(hull_tokens_take(&t, 1));
	assert_false(hull_tokens_take(&t, 1));
	hull_tokens_fini(&t);
}

static size_t drain(const struct hull_tokens *t)
{
	char bytes[1 << 16];
	ssize_t n = read(t->fd, bytes, sizeof bytes);

	return n < 0 ? 0 : (size_t)n;
}

/* What builds do to the fifo, which is theirs to write. */
static void tokens_are_not_trusted(void **state)
{
	struct hull_tokens t;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_tokens_init(&t, &store, 3, &e), 0);
	assert_true(hull_tokens_take(&t, 1));
	/* filled up to its end, with anything */
	while (write(t.fd, "\0hostile", 8) > 0)
		;
	hull_tokens_settle(&t);
	assert_int_equal(drain(&t), 2);
	/* full at the moment when a build ends */
	while (write(t.fd, "+", 1) > 0)
		;
	hull_tokens_give(&t);
	hull_tokens_settle(&t);
	assert_int_equal(drain(&t), 3);
	hull_tokens_settle(&t);
	/* all taken by one: the next one waits, but not for ever, and not beyond their number */
	assert_true(hull_tokens_take(&t, 1));
	assert_int_equal(drain(&t), 2);
	assert_false(hull_tokens_take(&t, 1000));
	assert_false(hull_tokens_take(&t, 20999));
	assert_true(hull_tokens_take(&t, 21000));
	assert_false(hull_tokens_take(&t, 22000));
	assert_true(hull_tokens_take(&t, 42000));
	assert_false(hull_tokens_take(&t, 43000));
	assert_false(hull_tokens_take(&t, 143000));
	/* what one gives back the next one has, however quick a thief is */
	hull_tokens_give(&t);
	assert_int_equal(drain(&t), 0);
	assert_true(hull_tokens_take(&t, 144000));
	hull_tokens_fini(&t);
}

/* --- what a build has left --- */

static const char crafted[] = "crafted-1-1.noarch.rpm";

/* A job's directory with one package of so many bytes, and what is to be collected of it. */
static struct hull_collect new_results(size_t bytes, json_t *job)
{
	hull_autofree char *data = hull_alloc(bytes + 1), *rpms = NULL, *file = NULL;
	struct craft c = {.files = {{.dir = "/", .base = "f", .mode = 0100644, .data = data}},
			  .entries = {{.name = "./f", .mode = 0100644, .data = data}}};
	hull_autobuf struct hull_buf rpm = {0};
	struct hull_err e;
	char *dir_of_job = hull_store_tmp(&store, &e);

	assert_non_null(dir_of_job);
	memset(data, 'x', bytes);
	craft_rpm(&c, &rpm);
	rpms = hull_asprintf("%s/build/RPMS", dir_of_job);
	file = hull_asprintf("%s/%s", rpms, crafted);
	assert_int_equal(hull_mkdirs(store.fd, rpms, 0755, &e), 0);
	assert_int_equal(hull_file_write(store.fd, file, rpm.p, rpm.n, 0644, &e), 0);
	return (struct hull_collect){.store = &store,
				     .job_dir = dir_of_job,
				     .job = job,
				     .timeout_seconds = 7,
				     .left_ms = 60000};
}

static void end_results(struct hull_collect *c, json_t *job)
{
	hull_ignore(hull_remove_tree(store.fd, c->job_dir, NULL));
	free((char *)c->job_dir);
	json_decref(job);
}

static void results_are_collected(void **state)
{
	json_t *job = json_pack("{s:[s]}", "packages", "crafted");
	struct hull_collect c = new_results(1000, job);
	hull_autofree char *file = hull_asprintf("%s/build/RPMS/%s", c.job_dir, crafted);
	struct hull_built_packages out;
	struct hull_arena a = {0};
	struct hull_err e;

	(void)state;
	if (hull_collect_check(&c, &e) < 0 || hull_collect(&c, &a, &out, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(out.n, 1);
	assert_string_equal(out.v[0].name, "crafted");
	assert_string_equal(out.v[0].nevra, "crafted-1-1.noarch");
	assert_true(hull_store_has(&store, HULL_STORE_RPM, out.v[0].sha256));
	assert_true(hull_store_has(&store, HULL_STORE_UNPACKED, out.v[0].sha256));
	assert_true(hull_store_has(&store, HULL_STORE_HEADER, out.v[0].sha256));
	/* it has a second name by now, in the store */
	assert_int_equal(hull_collect_check(&c, &e), -1);
	assert_non_null(strstr(e.msg, "which has another name, too"));
	assert_int_equal(
		unlinkat(store.fd, hull_store_path(HULL_STORE_RPM, out.v[0].sha256).path, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(store.fd, file, 12345, 12345, 0), 0);
		assert_int_equal(hull_collect_check(&c, &e), -1);
		assert_non_null(strstr(e.msg, "which belongs to somebody else"));
	}
	hull_arena_fini(&a);
	end_results(&c, job);
}

/* Stops what this process starts next, as if reading a package had no end. */
static pid_t stop_next_child(void)
{
	pid_t parent = getpid(), own = fork();
	hull_autofree char *path = NULL;

	if (own)
		return own;
	path = hull_asprintf("/proc/%d/task/%d/children", (int)parent, (int)parent);
	for (;;) {
		hull_autobuf struct hull_buf text = {0};
		char *rest, *word;

		if (hull_file_read(AT_FDCWD, path, &text, NULL) < 0)
			_exit(1);
		for (rest = text.p; (word = strsep(&rest, " "));)
			if (*word && atoi(word) != getpid()) {
				kill(atoi(word), SIGSTOP);
				_exit(0);
			}
	}
}

static void collecting_ends_with_the_build(void **state)
{
	json_t *job = json_pack("{s:[s]}", "packages", "crafted");
	struct hull_collect c = new_results((size_t)60 << 20, job);
	struct hull_built_packages out;
	struct hull_arena a = {0};
	struct hull_err e;
	int status;
	pid_t pid;

	(void)state;
	c.left_ms = 0;
	assert_int_equal(hull_collect(&c, &a, &out, &e), -1);
	assert_string_equal(e.msg,
			    "the build did not end within 7 s (--timeout): its packages were not "
			    "taken by then");
	c.left_ms = 1000;
	pid = stop_next_child();
	assert_int_equal(hull_collect(&c, &a, &out, &e), -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_non_null(strstr(e.msg, "did not end within 7 s (--timeout)"));
	assert_int_equal(out.n, 0);
	hull_arena_fini(&a);
	end_results(&c, job);
}

static struct hull_package package(struct hull_file *files, size_t n)
{
	return (struct hull_package){.name = "x", .files = files, .nfiles = n};
}

static void first_difference_is_found(void **state)
{
	struct hull_file base[] = {
		{.path = "/b", .mode = 0100644, .digest = "1"},
		{.path = "/a", .mode = 0120777, .link = "b"},
	};
	struct hull_file other[2];
	struct hull_package x = package(base, 2), y = package(other, 2);
	struct hull_arena a = {0};

	(void)state;
	memcpy(other, base, sizeof base);
	assert_null(hull_package_first_difference(&x, &y, &a));
	other[0].digest = "2";
	assert_string_equal(hull_package_first_difference(&x, &y, &a), "/b differs");
	other[1].link = "c";
	assert_string_equal(hull_package_first_difference(&x, &y, &a), "/a differs");
	memcpy(other, base, sizeof base);
	other[0].mode = 0100755;
	assert_string_equal(hull_package_first_difference(&x, &y, &a),
			    "/b has another mode or owner");
	y.nfiles = 1;
	assert_string_equal(hull_package_first_difference(&x, &y, &a), "/a is gone");
	assert_string_equal(hull_package_first_difference(&y, &x, &a), "/a is new");
	hull_arena_fini(&a);
}

/* Writes a spec directory and gives the inputs and key for it. */
static json_t *inputs(const char *spec_text, const char *sha256, const char *macros,
		      const char *content, char key[HULL_HEX])
{
	hull_autofree char *path = hull_asprintf("%s/x.spec", dir);
	struct hull_spec_source source = {.file = "x.tar.gz", .sha256 = sha256};
	struct hull_spec spec = {
		.name = "x", .path = path, .dir = dir, .sources = &source, .nsources = 1};
	struct hull_package dep = {.name = "dep", .content = content, .sha256 = content};
	const struct hull_package *root[] = {&dep};
	struct hull_inputs_request r = {.spec = &spec,
					.arch = "x86_64",
					.macros = macros,
					.seed = "seed",
					.root = root,
					.nroot = 1};
	struct hull_err e;
	json_t *j;

	assert_int_equal(hull_file_write(AT_FDCWD, path, spec_text, strlen(spec_text), 0644, &e),
			 0);
	j = hull_inputs_new(&r, key, &e);
	assert_non_null(j);
	return j;
}

static void keys_depend_on_every_input(void **state)
{
	static const struct {
		const char *spec, *source, *macros, *content, *why;
	} cases[] = {
		{"one", "s1", "m1", "c1", NULL},
		{"two", "s1", "m1", "c1", "file x.spec changed"},
		{"one", "s2", "m1", "c1", "source x.tar.gz changed"},
		{"one", "s1", "m2", "c1", "the macros changed"},
		{"one", "s1", "m1", "c2", "BuildRequires dep changed"},
	};
	char first[HULL_HEX], key[HULL_HEX];
	hull_autojson json_t *old = inputs("one", "s1", "m1", "c1", first);
	const struct hull_build_inputs before = hull_build_inputs_parse(old);
	const struct hull_built_packages none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autojson json_t *now = inputs(cases[i].spec, cases[i].source, cases[i].macros,
						   cases[i].content, key);
		const struct hull_build_inputs after = hull_build_inputs_parse(now);
		hull_autostrv struct hull_strv why = {0};

		hull_inputs_explain(&store, &before, &none, &after, &none, &why);
		assert_int_equal(strcmp(first, key) != 0, cases[i].why != NULL);
		assert_int_equal(why.n, cases[i].why ? 1 : 0);
		if (cases[i].why)
			assert_string_equal(why.v[0], cases[i].why);
	}
}

static void builds_see_a_copy_of_the_macros(void **state)
{
	hull_autofree char *macros = hull_asprintf("%s/m", dir);
	hull_autofree char *sub = hull_asprintf("%s/m/sub", dir);
	hull_autofree char *file = hull_asprintf("%s/m/sub/macros", dir);
	hull_autofree char *copy = NULL;
	hull_autobuf struct hull_buf text = {0};
	char one[HULL_HEX], two[HULL_HEX], again[HULL_HEX];
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_mkdirs(AT_FDCWD, sub, 0755, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, file, "%a 1", 4, 0644, &e), 0);
	assert_int_equal(hull_macros_store(&store, macros, one, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, file, "%a 2", 4, 0644, &e), 0);
	assert_int_equal(hull_macros_store(&store, macros, two, &e), 0);
	assert_string_not_equal(one, two);
	copy = hull_asprintf("macros/%s/sub/macros", one);
	assert_int_equal(hull_file_read(store.fd, copy, &text, &e), 0);
	assert_string_equal(text.p, "%a 1");
	assert_int_equal(hull_file_write(AT_FDCWD, file, "%a 1", 4, 0644, &e), 0);
	assert_int_equal(hull_macros_store(&store, macros, again, &e), 0);
	assert_string_equal(one, again);
}

static void a_record_without_its_packages_does_not_count(void **state)
{
	struct hull_arena a = {0};
	struct hull_record r;
	struct hull_err e;
	struct hull_built_package package = {.name = "alone"};
	struct hull_build_record record = {
		.arch = "x86_64", .spec = "alone", .packages = {&package, 1}};
	char key[HULL_HEX], rpm[HULL_HEX];

	(void)state;
	hull_hash_bytes("key", 3, key);
	hull_hash_bytes("rpm", 3, rpm);
	memcpy(record.key, key, HULL_HEX);
	package.sha256 = rpm;
	assert_int_equal(hull_record_read(&store, key, &a, &r, &e), 0);
	assert_int_equal(hull_record_latest(&store, "x86_64", "alone", &a, &r, &e), 0);
	assert_int_equal(hull_build_record_write(&store, &record, &e), 0);
	assert_int_equal(hull_record_read(&store, key, &a, &r, &e), 0);
	/* a damaged record is away, as if there never was one */
	assert_int_equal(hull_file_write(store.fd, hull_store_path(HULL_STORE_BUILD, key).path, "{",
					 1, 0644, &e),
			 0);
	assert_int_equal(hull_record_latest(&store, "x86_64", "alone", &a, &r, &e), 0);
	assert_false(hull_store_has(&store, HULL_STORE_BUILD, key));
	hull_arena_fini(&a);
}

static struct hull_store_path named(enum hull_store_kind kind, const char *name)
{
	char digest[HULL_HEX];

	hull_hash_bytes(name, strlen(name), digest);
	return hull_store_path(kind, digest);
}

static bool has(enum hull_store_kind kind, const char *name)
{
	return hull_exists(store.fd, named(kind, name).path);
}

static void put(enum hull_store_kind kind, const char *name, const char *text)
{
	struct hull_err e;

	assert_int_equal(
		hull_file_write(store.fd, named(kind, name).path, text, strlen(text), 0644, &e), 0);
}

static void put_build(const char *key, const char *spec, const char *rpm, const char *source)
{
	char package_sha256[HULL_HEX], source_sha256[HULL_HEX];
	struct hull_built_package package = {.sha256 = package_sha256};
	struct hull_built_source file = {.sha256 = source_sha256};
	struct hull_build_record record = {.arch = "x86_64",
					   .spec = spec,
					   .finished = 1000,
					   .packages = {&package, 1},
					   .sources = {&file, 1}};
	struct hull_err e;

	hull_hash_bytes(key, strlen(key), record.key);
	hull_hash_bytes(rpm, strlen(rpm), package_sha256);
	hull_hash_bytes(source, strlen(source), source_sha256);
	assert_int_equal(hull_build_record_write(&store, &record, &e), 0);
	put(HULL_STORE_RPM, rpm, rpm);
	put(HULL_STORE_SOURCE, source, source);
	put(HULL_STORE_LOG, key, "log");
}

static size_t collect(int64_t now, int64_t keep_since, bool dry_run)
{
	struct hull_garbage_request request = {
		.now = now, .keep_since = keep_since, .dry_run = dry_run};
	struct hull_garbage_result r;
	struct hull_err e;

	if (hull_garbage_collect(&store, &request, NULL, &r, &e) < 0)
		fail_msg("%s", e.msg);
	return r.removed;
}

/* Two builds of one spec: the older one goes with all that only it refers to. */
static void gc_removes_what_no_build_refers_to(void **state)
{
	const int64_t hours = 3600, now = 4000000000;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_remove_tree(store.fd, "builds", &e), 0);
	assert_int_equal(hull_mkdirs(store.fd, "builds", 0755, &e), 0);
	put_build("k1", "x", "r1", "s0");
	put_build("k2", "x", "r2", "s0");
	put_build("k3", "y", "r3", "s3");
	/* a run that may be at work has made these: nothing goes within the hour */
	assert_int_equal(collect(0, 0, false), 0);
	assert_int_equal(collect(now, now - hours, true), 3);
	assert_true(has(HULL_STORE_RPM, "r1"));
	assert_int_equal(collect(now, now - hours, false), 3); /* k1.json, r1.rpm, k1.log */
	assert_false(has(HULL_STORE_RPM, "r1"));
	assert_false(has(HULL_STORE_BUILD, "k1"));
	assert_true(has(HULL_STORE_RPM, "r2"));
	assert_true(has(HULL_STORE_SOURCE, "s0"));
	assert_true(has(HULL_STORE_SOURCE, "s3"));
	/* builds that finished lately stay even if they are not the latest */
	put_build("k4", "y", "r4", "s3");
	assert_int_equal(collect(now, 999, false), 0);
}

/* --- jobs --- */

static void damaged_jobs_are_errors(void **state)
{
	static const char good[] =
		"{\"name\": \"n\", \"version\": \"1\", \"release\": \"1\", \"spec\": "
		"\"n.spec\", \"key\": \"K\", \"arch\": \"x86_64\", \"seed\": \"s\", \"epoch\": 1, "
		"\"inputs\": {\"macros\": \"K\"}, \"sources\": [{\"file\": \"f\", \"sha256\": "
		"\"K\"}], \"patches\": [], \"root\": [{\"name\": \"r\", \"nevra\": \"r-1-1\", "
		"\"sha256\": \"K\"}], \"packages\": [\"n\"]}";
	/* a text, what is there instead, and what is said */
	static const char *const cases[][3] = {
		{good, "[]", "no string \"name\""},
		{good, "{", "job.json"},
		{"\"key\": \"K\", ", "", "no string \"key\""},
		{"\"key\": \"K\"", "\"key\": \"../../x\"", "\"key\" is '../../x'"},
		{"\"seed\": \"s\"", "\"seed\": 1", "no string \"seed\""},
		{"\"macros\": \"K\"", "", "inputs: no string \"macros\""},
		{"\"file\": \"f\"", "\"file\": \"../f\"", "\"file\" is '../f'"},
		{"\"n.spec\"", "\"..\"", "\"spec\" is '..'"},
		{"[\"n\"]", "[null]", "packages: item 1 is no string"},
		{"[\"n\"]", "\"n\"", "no list \"packages\""},
		{"\"patches\": []", "\"patches\": [[]]", "patches: no string \"archive\""},
		{"\"nevra\": \"r-1-1\", ", "", "root: no string \"nevra\""},
	};
	char digest[HULL_HEX];

	(void)state;
	hull_hash_bytes("", 0, digest);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *at = strstr(good, cases[i][0]);
		hull_autobuf struct hull_buf raw = {0}, text = {0};
		struct hull_err e;
		hull_autofree char *job = hull_store_tmp(&store, &e), *path = NULL;
		struct hull_job_place place = {.store = &store};

		assert_non_null(job);
		assert_non_null(at);
		hull_buf_add(&raw, good, (size_t)(at - good));
		hull_buf_addf(&raw, "%s%s", cases[i][1], at + strlen(cases[i][0]));
		for (const char *p = raw.p; *p; p++)
			if (!strncmp(p, "\"K\"", 3)) {
				hull_buf_addf(&text, "\"%s\"", digest);
				p += 2;
			} else {
				hull_buf_addc(&text, *p);
			}
		path = hull_asprintf("%s/job.json", job);
		assert_int_equal(hull_file_write(store.fd, path, text.p, text.n, 0644, &e), 0);
		assert_int_equal(hull_job_try(&place, job, &e), -1);
		if (!strstr(e.msg, cases[i][2]))
			fail_msg("'%s' lacks '%s'", e.msg, cases[i][2]);
		assert_int_equal(hull_remove_tree(store.fd, job, &e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_counted),
		cmocka_unit_test(tokens_are_not_trusted),
		cmocka_unit_test(first_difference_is_found),
		cmocka_unit_test(keys_depend_on_every_input),
		cmocka_unit_test(gc_removes_what_no_build_refers_to),
		cmocka_unit_test(builds_see_a_copy_of_the_macros),
		cmocka_unit_test(a_record_without_its_packages_does_not_count),
		cmocka_unit_test(results_are_collected),
		cmocka_unit_test(collecting_ends_with_the_build),
		cmocka_unit_test(damaged_jobs_are_errors),
	};

	return cmocka_run_group_tests_name("build", tests, open_store, close_store);
}
