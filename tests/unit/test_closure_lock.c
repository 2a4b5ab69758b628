// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "closure/chain.h"
#include "closure/presence.h"
#include "closure/lock.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static char dir[] = "/tmp/hull-test-lock-XXXXXX";

static int set_up(void **state)
{
	struct hull_err e;

	(void)state;
	return mkdtemp(dir) ? hull_mkdirs(AT_FDCWD, dir, 0755, &e) : -1;
}

static int tear_down(void **state)
{
	struct hull_err e;

	(void)state;
	return hull_remove_tree(AT_FDCWD, dir, &e);
}

static void ok(int rc, const struct hull_err *e)
{
	if (rc < 0)
		fail_msg("%s", e->msg);
}

static void contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(null)", part);
}

static struct hull_locked packages[] = {
	{.name = "app",
	 .evr = "1:2-3",
	 .arch = "x86_64",
	 .sha256 = A,
	 .location = "x86_64/app-2-3.x86_64.rpm",
	 .repository = "hull",
	 .source = "app-2-3.src.rpm",
	 .file_bytes = 1000,
	 .installed_bytes = 5000,
	 .want = "app >= 2",
	 .origin = "image.json:7"},
	{.name = "lib",
	 .evr = "1-1",
	 .arch = "x86_64",
	 .sha256 = B,
	 .location = "x86_64/lib-1-1.x86_64.rpm",
	 .repository = "hull",
	 .file_bytes = 2000,
	 .installed_bytes = 6000,
	 .by = "app",
	 .dep = "libx.so.1()(64bit)"},
};

static struct hull_lock make_lock(char *repo)
{
	static struct hull_lock_repository r;
	struct hull_lock l = {
		.arch = "x86_64", .v = packages, .n = 2, .repositories = &r, .nrepositories = 1};

	r = (struct hull_lock_repository){.name = "hull", .url = repo, .digest = A};
	memcpy(l.request, B, sizeof l.request);
	return l;
}

static const char text[] = "{\n"
			   "  \"arch\": \"x86_64\",\n"
			   "  \"format\": 1,\n"
			   "  \"packages\": [\n"
			   "    {\n"
			   "      \"arch\": \"x86_64\",\n"
			   "      \"evr\": \"1:2-3\",\n"
			   "      \"file_bytes\": 1000,\n"
			   "      \"installed_bytes\": 5000,\n"
			   "      \"location\": \"x86_64/app-2-3.x86_64.rpm\",\n"
			   "      \"name\": \"app\",\n"
			   "      \"origin\": \"image.json:7\",\n"
			   "      \"repository\": \"hull\",\n"
			   "      \"sha256\": \"" A "\",\n"
			   "      \"source\": \"app-2-3.src.rpm\",\n"
			   "      \"want\": \"app >= 2\"\n"
			   "    },\n"
			   "    {\n"
			   "      \"arch\": \"x86_64\",\n"
			   "      \"by\": \"app\",\n"
			   "      \"dep\": \"libx.so.1()(64bit)\",\n"
			   "      \"evr\": \"1-1\",\n"
			   "      \"file_bytes\": 2000,\n"
			   "      \"installed_bytes\": 6000,\n"
			   "      \"location\": \"x86_64/lib-1-1.x86_64.rpm\",\n"
			   "      \"name\": \"lib\",\n"
			   "      \"repository\": \"hull\",\n"
			   "      \"sha256\": \"" B "\"\n"
			   "    }\n"
			   "  ],\n"
			   "  \"repositories\": [\n"
			   "    {\n"
			   "      \"digest\": \"" A "\",\n"
			   "      \"name\": \"hull\",\n"
			   "      \"url\": \"../out/repo/x86_64\"\n"
			   "    }\n"
			   "  ],\n"
			   "  \"request\": \"" B "\"\n"
			   "}\n";

static void test_round_trip(void **state)
{
	hull_autofree char *repo = hull_asprintf("%s/out/repo/x86_64", dir),
			   *directory = hull_asprintf("%s/configs", dir),
			   *path = hull_asprintf("%s/image.lock.json", directory);
	hull_autobuf struct hull_buf got = {0}, again = {0};
	struct hull_lock l = make_lock(repo), back;
	struct hull_err e;

	(void)state;
	ok(hull_mkdirs(AT_FDCWD, repo, 0755, &e), &e);
	ok(hull_mkdirs(AT_FDCWD, directory, 0755, &e), &e);
	ok(hull_lock_write(path, &l, &e), &e);
	ok(hull_file_read(AT_FDCWD, path, &got, &e), &e);
	assert_string_equal(got.p, text);
	ok(hull_lock_read(path, &back, &e), &e);
	assert_int_equal(back.n, 2);
	assert_string_equal(back.v[0].want, "app >= 2");
	assert_null(back.v[0].by);
	assert_string_equal(back.v[1].dep, "libx.so.1()(64bit)");
	assert_null(back.v[1].source);
	contains(back.repositories[0].url, "/configs/../out/repo/x86_64");
	ok(hull_lock_write(path, &back, &e), &e);
	ok(hull_file_read(AT_FDCWD, path, &again, &e), &e);
	assert_string_equal(again.p, text);
	hull_lock_fini(&back);

	/* a URL stays, and so does a directory in another corner */
	l.repositories[0].url = (char *)"https://localhost/x";
	ok(hull_lock_write(path, &l, &e), &e);
	ok(hull_lock_read(path, &back, &e), &e);
	assert_string_equal(back.repositories[0].url, "https://localhost/x");
	hull_lock_fini(&back);
	l.repositories[0].url = (char *)"/usr/share";
	ok(hull_lock_write(path, &l, &e), &e);
	ok(hull_lock_read(path, &back, &e), &e);
	assert_string_equal(back.repositories[0].url, "/usr/share");
	hull_lock_fini(&back);
}

/* What is said beside packages and their reasons. */
static void test_notes(void **state)
{
	static const struct hull_lock_left_out left_out[] = {{"bad-1-1.noarch", "has no checksum"}};
	struct hull_lock_provider provider = {"mta", "x.json:1", "app", "mta = 2"};
	struct hull_lock_older older = {"lib", "1-1", "2-1", "nothing provides x"};
	hull_autofree char *path = hull_asprintf("%s/notes.lock.json", dir);
	hull_autobuf struct hull_buf got = {0}, again = {0}, lines = {0};
	struct hull_lock l = make_lock((char *)"https://localhost/x"), back;
	hull_autojson json_t *in_image = NULL;
	const json_t *first;
	struct hull_err e;

	(void)state;
	l.providers = &provider;
	l.older = &older;
	l.nproviders = l.nolder = 1;
	l.repositories[0].left_out = left_out;
	l.repositories[0].nleft_out = 1;
	l.repositories[0].left_out_count = 30;
	ok(hull_lock_write(path, &l, &e), &e);
	ok(hull_file_read(AT_FDCWD, path, &got, &e), &e);
	ok(hull_lock_read(path, &back, &e), &e);
	hull_lock_notices(&back, &lines);
	assert_string_equal(
		lines.p,
		"repository hull: 30 packages are left out: bad-1-1.noarch: has no checksum; and 29 "
		"more (--json names them)\n"
		"mta (x.json:1): no package has that name; app provides mta = 2\n"
		"lib: 1-1 is taken, not the newest version, 2-1: nothing provides x\n");
	assert_string_equal(hull_lock_provider_of(&back, "mta")->package, "app");
	assert_null(hull_lock_provider_of(&back, "mt"));
	ok(hull_lock_write(path, &back, &e), &e);
	ok(hull_file_read(AT_FDCWD, path, &again, &e), &e);
	assert_string_equal(again.p, got.p);
	/* an image has what belongs to its packages */
	in_image = hull_lock_to_image_json(&back);
	first = json_array_get(json_object_get(in_image, "repositories"), 0);
	assert_non_null(json_object_get(in_image, "providers"));
	assert_null(json_object_get(in_image, "passed_over"));
	assert_null(json_object_get(first, "left_out"));
	assert_string_equal(json_string_value(json_object_get(first, "url")), "");
	hull_lock_fini(&back);
}

static void test_checksums(void **state)
{
	struct hull_locked p = packages[0];

	(void)state;
	assert_true(hull_locked_is(&p, A));
	assert_false(hull_locked_is(&p, B));
	p.checksum = "sha512:12";
	assert_true(hull_locked_is(&p, A));
	assert_true(hull_locked_is(&p, "sha512:12"));
	assert_false(hull_locked_is(&p, "sha512:13"));
}

/* The good text with one part exchanged is an error that says `part`. */
static void test_refused(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} cases[] = {
		{"{\n", "[\n", ":"},
		{"\"format\": 1", "\"format\": 2", "no lock file of this version"},
		{"\"request\": \"b", "\"request\": \"B", "\"request\" is not 64"},
		{"\"name\": \"app\"", "\"name\": \"\"", "package 1: \"name\" is empty"},
		{"\"name\": \"app\"", "\"name\": 7", "package 1: no string \"name\""},
		{"\"name\": \"lib\"", "\"name\": \"app\"", "app is there twice"},
		{"\"evr\": \"1:2-3\",", "", "package 1 (app): no string \"evr\""},
		{"\"sha256\": \"a", "\"sha256\": \"x", "package 1 (app): \"sha256\" is not 64"},
		{"\"file_bytes\": 1000", "\"file_bytes\": -1", "no size \"file_bytes\""},
		{"\"location\": \"x86_64/app", "\"location\": \"../app", "leaves the repository"},
		{"\"want\": \"app >= 2\"", "\"by\": \"lib\"", "its reason has to be"},
		{"\"by\": \"app\",", "", "package 2 (lib): its reason has to be"},
		{"\"by\": \"app\"", "\"by\": \"gone\"", "lib is there for gone, which is not"},
		{"\"repository\": \"hull\"", "\"repository\": \"x\"", "unknown repository 'x'"},
		{"\"digest\": \"aa", "\"digest\": \"", "repository 1: \"digest\" is not 64"},
		{"\"packages\"", "\"parcels\"", "no lists"},
		{"\"format\": 1", "\"format\": 1, \"providers\": 7", "\"providers\" is no list"},
		{"\"format\": 1", "\"format\": 1, \"providers\": [{\"want\": \"x\"}]",
		 "\"providers\": no string \"origin\""},
		{"\"format\": 1",
		 "\"format\": 1, \"providers\": [{\"want\": \"x\", \"origin\": \"x\", "
		 "\"package\": \"gone\", \"provides\": \"x\"}]",
		 "\"providers\": gone is not there"},
		{"\"format\": 1", "\"format\": 1, \"passed_over\": {}",
		 "\"passed_over\" is no list"},
		{"\"format\": 1",
		 "\"format\": 1, \"passed_over\": [{\"package\": \"gone\", \"evr\": \"1\", "
		 "\"newest\": \"2\", \"reason\": \"x\"}]",
		 "\"passed_over\": gone is not there"},
		{"\"name\": \"hull\"", "\"name\": \"hull\", \"left_out\": 1",
		 "repository 1: \"left_out\" is no list"},
		{"\"name\": \"hull\"",
		 "\"name\": \"hull\", \"left_out\": [{\"package\": \"x\", \"reason\": \"y\"}]",
		 "repository 1: no number \"left_out_count\""},
		{"\"request\"", "\"arch\"", ":"},
		{NULL, NULL, NULL},
	};
	hull_autofree char *path = hull_asprintf("%s/bad.lock.json", dir);

	(void)state;
	for (size_t i = 0; cases[i].from; i++) {
		const char *at = strstr(text, cases[i].from);
		hull_autofree char *bad = hull_asprintf("%.*s%s%s", (int)(at - text), text,
							cases[i].to, at + strlen(cases[i].from));
		struct hull_lock l;
		struct hull_err e;

		ok(hull_file_write(AT_FDCWD, path, bad, strlen(bad), 0644, &e), &e);
		if (hull_lock_read(path, &l, &e) == 0)
			fail_msg("\"%s\" was taken", cases[i].to);
		contains(e.msg, "bad.lock.json");
		contains(e.msg, cases[i].part);
	}
}

static void test_difference(void **state)
{
	struct hull_locked v[] = {packages[0], packages[1], packages[1]};
	struct hull_lock a = {.v = packages, .n = 2}, b = {.v = v, .n = 3};
	hull_autobuf struct hull_buf same = {0}, diff = {0}, back = {0};

	(void)state;
	hull_lock_difference(&a, &a, &same);
	assert_int_equal(same.n, 0);
	v[0].evr = "1:2-4";
	v[0].sha256 = B;
	v[0].installed_bytes += 1500;
	v[1].sha256 = A;
	v[2].name = "zoo";
	hull_lock_difference(&a, &b, &diff);
	assert_string_equal(diff.p, "~ app 1:2-3.x86_64 -> 1:2-4.x86_64, +1.5 kB\n"
				    "~ lib 1-1: another build, sha256 bbbbbbbbbbbb... -> "
				    "aaaaaaaaaaaa..., +0.0 kB\n"
				    "+ zoo-1-1.x86_64, 6.0 kB, required by app "
				    "(libx.so.1()(64bit))\n");
	b.n = 0;
	hull_lock_difference(&a, &b, &back);
	assert_string_equal(back.p, "- app-1:2-3.x86_64, 5.0 kB\n- lib-1-1.x86_64, 6.0 kB\n");
}

static void test_paths(void **state)
{
	static const char *const cases[][2] = {
		{"a/image.json", "a/image.lock.json"},
		{"image", "image.lock.json"},
		{"image.lock.json", "image.lock.json"},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		hull_autofree char *path = hull_lock_path(cases[i][0]);

		assert_string_equal(path, cases[i][1]);
	}
}

static void test_chain(void **state)
{
	struct hull_locked v[] = {packages[0], packages[1], packages[1], packages[1]};
	struct hull_lock l = {.v = v, .n = 4};
	struct hull_chain c;
	struct hull_err e;
	size_t at;

	(void)state;
	v[2].name = "sub";
	v[2].by = "lib";
	ok(hull_chain_find(&l, 2, &c, &e), &e);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.v[0], 0);
	assert_int_equal(c.v[1], 1);
	assert_int_equal(c.v[2], 2);
	hull_chain_fini(&c);
	v[3].name = "turn";
	v[3].by = "turn";
	assert_int_equal(hull_chain_find(&l, 3, &c, &e), -1);
	contains(e.msg, "the reasons of turn lead to nothing");

	ok(hull_chain_package(&l, "sub-1-1.x86_64", &at, &e), &e);
	assert_int_equal(at, 2);
	assert_int_equal(hull_chain_package(&l, "lip", &at, &e), -1);
	assert_string_equal(e.msg, "'lip' is not in the image; did you mean 'lib'?");
	assert_int_equal(hull_chain_package(&l, "something", &at, &e), -1);
	assert_string_equal(e.msg, "'something' is not in the image");
}

/* a wants; a -> b, c; b -> d; c -> d; d -> e; b or c -> f; x is wanted too and needs e */
static struct hull_requirement graph[] = {
	{HULL_REQUEST, 0, 0, "a"},
	{HULL_REQUEST, 6, 1, "x"},
	{0, 1, 2, "b"},
	{0, 2, 3, "c"},
	{1, 3, 4, "d"},
	{1, 3, 5, "d.so"},
	{2, 3, 6, "d"},
	{3, 4, 7, "e"},
	{2, 5, 8, "f"},
	{6, 4, 9, "e"},
	{3, 1, 10, "b"},
};

static void test_all_chains(void **state)
{
	struct hull_requirements k = {.v = graph, .n = sizeof graph / sizeof *graph};
	struct hull_chain *c;
	size_t n;

	(void)state;
	assert_false(hull_requirements_chains(&k, 4, 10, &c, &n));
	/* x e; a b d e; a c d e */
	assert_int_equal(n, 3);
	assert_int_equal(c[0].n, 2);
	assert_int_equal(c[0].v[0], 6);
	assert_int_equal(c[1].n, 4);
	assert_int_equal(c[1].v[1], 1);
	assert_int_equal(c[2].v[1], 2);
	for (size_t i = 0; i < n; i++)
		hull_chain_fini(&c[i]);
	free(c);
	assert_true(hull_requirements_chains(&k, 4, 2, &c, &n));
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		hull_chain_fini(&c[i]);
	free(c);
}

/* 200,000 packages, each of which requires the next: nothing is looked through for each of them. */
static void test_many(void **state)
{
	enum { N = 200000 };
	hull_autofree struct hull_requirement *v = hull_alloc_array(N, sizeof *v);
	hull_autofree enum hull_fate *fate = hull_alloc_array(N, sizeof *fate);
	struct hull_requirements k = {.v = v, .n = N};
	struct hull_lock l = {.n = N};
	struct hull_chain *c, chain;
	struct hull_err e;
	size_t n;

	(void)state;
	l.v = hull_arena_array(&l.arena, N, sizeof *l.v);
	for (int i = 0; i < N; i++) {
		v[i] = (struct hull_requirement){i - 1, i, i, "x"};
		l.v[i].name = hull_arena_printf(&l.arena, "p%06d", i);
		if (i)
			l.v[i].by = l.v[i - 1].name;
		else
			l.v[i].want = l.v[i].name;
	}
	ok(hull_chain_find(&l, N - 1, &chain, &e), &e);
	assert_int_equal(chain.n, N);
	assert_int_equal(chain.v[N - 1], N - 1);
	hull_chain_fini(&chain);
	hull_requirements_without(&k, N, N - 1, fate);
	assert_int_equal(fate[0], HULL_BREAKS);
	hull_requirements_without(&k, N, 0, fate);
	assert_int_equal(fate[N - 1], HULL_UNUSED);
	/* too long to be told, which takes no longer than others */
	hull_requirements_chains(&k, N - 1, 10, &c, &n);
	for (size_t i = 0; i < n; i++)
		hull_chain_fini(&c[i]);
	free(c);
	hull_lock_fini(&l);
}

static void test_without(void **state)
{
	struct hull_requirements k = {.v = graph, .n = sizeof graph / sizeof *graph};
	enum hull_fate fate[7];

	(void)state;
	/* c: a requires it; then only x and e are left */
	hull_requirements_without(&k, 7, 2, fate);
	assert_int_equal(fate[0], HULL_BREAKS);
	assert_int_equal(fate[1], HULL_UNUSED);
	assert_int_equal(fate[2], HULL_BREAKS);
	assert_int_equal(fate[3], HULL_UNUSED);
	assert_int_equal(fate[4], HULL_STAYS);
	assert_int_equal(fate[5], HULL_UNUSED);
	assert_int_equal(fate[6], HULL_STAYS);
	hull_requirements_without(&k, 7, 5, fate);
	assert_int_equal(fate[0], HULL_BREAKS);
	assert_int_equal(fate[6], HULL_STAYS);

	/* if b satisfies what c is required for as well, c can go alone */
	graph[3].group = graph[2].group;
	hull_requirements_without(&k, 7, 2, fate);
	assert_int_equal(fate[0], HULL_STAYS);
	assert_int_equal(fate[1], HULL_STAYS);
	assert_int_equal(fate[3], HULL_STAYS);
	assert_int_equal(fate[5], HULL_UNUSED);
	graph[3].group = 3;
}

/* --- installed packages --- */

static struct hull_dep required[] = {
	{.name = "lib"}, {.name = "ping"}, {.name = "pong"}, {.name = "/usr/bin/tool"}};
static struct hull_dep provides[] = {
	{.name = "app"}, {.name = "lib"}, {.name = "ping"}, {.name = "pong"}, {.name = "tool"}};
static struct hull_file tool[] = {{.path = "/usr/bin/tool"}};

/* app requires lib, lib requires /usr/bin/tool; ping and pong require each other, ping lib too. */
static const struct hull_package installed[] = {
	{.name = "app",
	 .version = "1",
	 .release = "1",
	 .arch = "x86_64",
	 .source_rpm = "app.src.rpm",
	 .installed_bytes = 10,
	 .deps = {[HULL_REQUIRES] = {&required[0], 1}, [HULL_PROVIDES] = {&provides[0], 1}}},
	{.name = "lib",
	 .version = "2",
	 .release = "1",
	 .epoch = 3,
	 .arch = "x86_64",
	 .deps = {[HULL_REQUIRES] = {&required[3], 1}, [HULL_PROVIDES] = {&provides[1], 1}}},
	{.name = "ping",
	 .version = "1",
	 .release = "1",
	 .arch = "noarch",
	 .deps = {[HULL_REQUIRES] = {&required[2], 1}, [HULL_PROVIDES] = {&provides[2], 1}}},
	{.name = "pong",
	 .version = "1",
	 .release = "1",
	 .arch = "noarch",
	 .deps = {[HULL_REQUIRES] = {&required[0], 2}, [HULL_PROVIDES] = {&provides[3], 1}}},
	{.name = "tool",
	 .version = "1",
	 .release = "1",
	 .arch = "noarch",
	 .files = tool,
	 .nfiles = 1,
	 .deps = {[HULL_PROVIDES] = {&provides[4], 1}}},
};

static void expect_chain(const struct hull_lock *l, size_t package, const char *names)
{
	hull_autobuf struct hull_buf is = {0};
	struct hull_chain c;
	struct hull_err e;

	ok(hull_chain_find(l, package, &c, &e), &e);
	for (size_t i = 0; i < c.n; i++)
		hull_buf_addf(&is, "%s%s", i ? " " : "", l->v[c.v[i]].name);
	assert_string_equal(is.p, names);
	hull_chain_fini(&c);
}

static void test_reasons_that_nobody_noted(void **state)
{
	enum hull_fate fate[5];
	struct hull_requirements k;
	struct hull_lock l;

	(void)state;
	hull_requirements_derive(&k, &l, installed, 5);
	assert_string_equal(l.arch, "x86_64");
	assert_string_equal(l.v[0].want, "app");
	assert_null(l.v[0].origin);
	assert_string_equal(l.v[0].source, "app.src.rpm");
	assert_int_equal(l.v[0].installed_bytes, 10);
	assert_string_equal(l.v[1].evr, "3:2-1");
	expect_chain(&l, 1, "app lib");
	expect_chain(&l, 4, "app lib tool");
	assert_string_equal(l.v[4].dep, "/usr/bin/tool");
	expect_chain(&l, 3, "ping pong"); /* of a circle, one counts as asked for */
	hull_requirements_without(&k, 5, 1, fate);
	assert_int_equal(fate[0], HULL_BREAKS);
	assert_int_equal(fate[2], HULL_BREAKS);
	assert_int_equal(fate[3], HULL_BREAKS);
	assert_int_equal(fate[4], HULL_UNUSED);
	hull_requirements_fini(&k);
	hull_lock_fini(&l);
	hull_requirements_derive(&k, &l, installed, 0);
	assert_int_equal(l.n + k.n, 0);
	hull_requirements_fini(&k);
	hull_lock_fini(&l);
}

static void test_requirements_of_a_lock(void **state)
{
	struct hull_locked locked[] = {
		{.name = "lib", .evr = "3:2-1", .arch = "x86_64", .want = "lib > 1", .origin = "x"},
		{.name = "tool",
		 .evr = "1-1",
		 .arch = "noarch",
		 .by = "lib",
		 .dep = "/usr/bin/tool"},
	};
	struct hull_lock l = {.arch = "x86_64", .v = locked, .n = 2};
	struct hull_requirements k;
	struct hull_err e;

	(void)state;
	ok(hull_requirements_present(&k, &l, installed, 5, &e), &e);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.v[0].by, HULL_REQUEST);
	assert_string_equal(k.v[0].text, "lib > 1");
	assert_int_equal(k.v[1].by, 0);
	assert_int_equal(k.v[1].to, 1);
	assert_string_equal(k.v[1].text, "/usr/bin/tool");
	hull_requirements_fini(&k);
	locked[1].evr = "1-2";
	assert_int_equal(hull_requirements_present(&k, &l, installed, 5, &e), -1);
	assert_string_equal(e.msg, "tool 1-2 of the lock file is not in the rpm database");
}

static void test_pairs_of_installed_packages(void **state)
{
	/* tool is not installed in that version, and pong is required by ping */
	struct hull_locked locked[] = {
		{.name = "app", .evr = "1-1", .arch = "x86_64", .by = "lib", .dep = "(app if x)"},
		{.name = "lib", .evr = "3:2-1", .arch = "x86_64", .want = "lib", .origin = "x"},
		{.name = "pong", .evr = "1-1", .arch = "noarch", .by = "lib", .dep = "pong"},
		{.name = "tool", .evr = "1-2", .arch = "noarch", .by = "gone", .dep = "tool"},
	};
	struct hull_lock l = {.arch = "x86_64", .v = locked, .n = 4};
	static const struct {
		int by, to;
		const char *text;
	} want[] = {{0, 1, "lib"},  {1, 0, "(app if x)"}, {1, 4, "/usr/bin/tool"},
		    {2, 3, "pong"}, {3, 1, "lib"},	  {3, 2, "ping"}};
	struct hull_requirements r;

	(void)state;
	for (int lock = 0; lock < 2; lock++) {
		hull_requirements_pairs(&r, installed, 5, lock ? &l : NULL);
		assert_int_equal(r.n, 5 + lock);
		for (size_t i = 0, k = 0; i < 6; i++) {
			if (!lock && want[i].to == 0) /* only the lock has a reason */
				continue;
			assert_int_equal(r.v[k].by, want[i].by);
			assert_int_equal(r.v[k].to, want[i].to);
			assert_string_equal(r.v[k++].text, want[i].text);
		}
		hull_requirements_fini(&r);
	}
}

static void test_the_lock_of_an_image(void **state)
{
	hull_autofree char *empty = hull_strdup(text);
	struct hull_lock l;
	struct hull_err e;
	char *at;

	(void)state;
	ok(hull_lock_parse(text, strlen(text), "disk: /lock.json", &l, &e), &e);
	assert_int_equal(l.n, 2);
	hull_lock_fini(&l);
	/* places and digests of repositories are not in it */
	at = strstr(empty, "../out/repo/x86_64");
	memmove(at, at + strlen("../out/repo/x86_64"),
		strlen(at + strlen("../out/repo/x86_64")) + 1);
	assert_int_equal(hull_lock_parse(empty, strlen(empty), "disk: /lock.json", &l, &e), -1);
	assert_string_equal(e.msg, "disk: /lock.json: repository 1: \"url\" is empty");
	at = strstr(empty, "\"digest\": \"") + strlen("\"digest\": \"");
	memmove(at, at + 64, strlen(at + 64) + 1);
	ok(hull_lock_parse(empty, strlen(empty), "disk: /lock.json", &l, &e), &e);
	assert_string_equal(l.repositories[0].url, "");
	hull_lock_fini(&l);
	assert_int_equal(hull_lock_parse("{", 1, "disk: /lock.json", &l, &e), -1);
	contains(e.msg, "disk: /lock.json:1:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_all_chains),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_reasons_that_nobody_noted),
		cmocka_unit_test(test_requirements_of_a_lock),
		cmocka_unit_test(test_pairs_of_installed_packages),
		cmocka_unit_test(test_the_lock_of_an_image),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
