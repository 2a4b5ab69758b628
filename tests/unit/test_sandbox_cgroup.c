// SPDX-License-Identifier: MIT
/*
 * Control groups, in a directory that looks like a hierarchy of them: what is chosen, written, removed.
 * That the kernel then limits what it should, test_sandbox_limits shows on machines that have them:
 * tests/e2e/cgroup-guest makes one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sandbox/cgroup.h"
#include "sandbox_fixture.h"
#include "temp_fixture.h"

static char *work;

static void put(const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("%s/%s", work, name);
	hull_autofree char *dir = hull_strdup(path);

	*strrchr(dir, '/') = '\0';
	make_file(dir, hull_basename(path), text);
}

static void expect_file(const char *dir, const char *name, const char *want)
{
	hull_autofree char *path = hull_asprintf("%s/%s/%s", work, dir, name);
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	if (hull_file_read(AT_FDCWD, path, &text, &e) < 0)
		fail_msg("%s", e.msg);
	if (strcmp(text.p, want) != 0)
		fail_msg("%s: '%s'", path, text.p);
}

static bool exists(const char *dir, const char *name)
{
	hull_autofree char *path = hull_asprintf("%s/%s/%s", work, dir, name);

	return hull_exists(AT_FDCWD, path);
}

/* As the kernel has it: the root of the hierarchy has no type. */
static void put_group(const char *dir, const char *controllers, const char *enabled,
		      const char *procs)
{
	hull_autofree char *type = hull_asprintf("%s/cgroup.type", dir);
	hull_autofree char *have = hull_asprintf("%s/cgroup.controllers", dir);
	hull_autofree char *sub = hull_asprintf("%s/cgroup.subtree_control", dir);
	hull_autofree char *list = hull_asprintf("%s/cgroup.procs", dir);

	put(have, controllers);
	put(sub, enabled);
	put(list, procs);
	if (strcmp(dir, "cg") != 0)
		put(type, "domain\n");
}

static const char mounted[] = "22 1 0:21 / /proc rw - proc proc rw\n"
			      "31 23 0:28 / /cg rw,relatime - cgroup2 cgroup2 rw\n";

static void put_machine(const char *mountinfo, const char *own)
{
	put("proc/self/mountinfo", mountinfo);
	put("proc/self/cgroup", own);
}

static int set_up(void **state)
{
	(void)state;
	work = temp_dir();
	put_machine(mounted, "4:memory:/x\n0::/\n");
	put_group("cg", "cpuset cpu io memory pids\n", "", "1\n2\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	drop_dir(work);
	return 0;
}

static void find(struct hull_cgroups *out)
{
	struct hull_err e;

	if (hull_cgroups_find(work, out, &e) < 0)
		fail_msg("%s", e.msg);
}

/* `where` below the work directory; or why there is none. */
static void expect_found(const char *where, const char *reason)
{
	struct hull_cgroups c;

	find(&c);
	if (where) {
		hull_autofree char *path = hull_asprintf("%s/%s", work, where);

		if (!c.path)
			fail_msg("nothing is found: %s", c.reason);
		assert_string_equal(c.path, path);
		assert_true(c.fd >= 0);
	} else {
		if (c.path)
			fail_msg("found %s", c.path);
		assert_string_equal(c.reason, reason);
		assert_int_equal(c.fd, -1);
	}
	hull_cgroups_fini(&c);
}

/* The kernel takes each word for a command; a file keeps the last. */
static void test_root_of_hierarchy(void **state)
{
	(void)state;
	expect_found("cg", NULL);
	expect_file("cg", "cgroup.subtree_control", "+iousry"); /* +memory, +pids, +cpu, +io */
}

static void test_beside_own_group(void **state)
{
	(void)state;
	put_machine(mounted, "0::/user/scope\n");
	put_group("cg/user", "memory pids\n", "memory pids\n", "");
	put_group("cg/user/scope", "memory pids\n", "", "1\n2\n");
	expect_found("cg/user", NULL);
	expect_file("cg/user", "cgroup.subtree_control", "memory pids\n");
	expect_file("cg/user/scope", "cgroup.subtree_control", "");
}

static void test_part_is_mounted(void **state)
{
	(void)state;
	put_machine("31 23 0:28 /elsewhere /other rw - cgroup2 cgroup2 rw\n"
		    "31 23 0:28 /machine /cg rw - cgroup2 cgroup2 rw\n",
		    "0::/machine/user/scope\n");
	put_group("cg/user", "memory pids\n", "memory pids\n", "");
	put_group("cg/user/scope", "memory pids\n", "", "1\n2\n");
	expect_found("cg/user", NULL);
}

static const char other_owner[] = "hull's control group is not its own, nor the one above";
static const char no_count[] = "the control groups (version 2) count no memory or no processes";

static void test_not_to_be_had(void **state)
{
	(void)state;
	put_machine("", "0::/\n");
	expect_found(NULL, "there are no control groups (version 2)");
	put_machine(mounted, "4:memory:/x\n");
	expect_found(NULL, "there are no control groups (version 2)");
	put_machine("31 23 0:28 /machine /cg rw - cgroup2 cgroup2 rw\n", "0::/machines/x\n");
	expect_found(NULL, "there are no control groups (version 2)");
	put_machine(mounted, "0::/gone\n");
	expect_found(NULL, "the control groups (version 2) cannot be read");
	put_machine(mounted, "0::/\n");
	put_group("cg", "hugetlb\n", "", "1\n2\n");
	expect_found(NULL, no_count);
	put_group("cg", "memory\n", "", "1\n2\n");
	expect_found(NULL, no_count);
	expect_file("cg", "cgroup.subtree_control", "");
}

/* Each could be used but for one thing. */
static void test_of_others(void **state)
{
	(void)state;
	put_machine(mounted, "0::/user/scope\n");
	put_group("cg/user/scope", "memory pids\n", "", "1\n2\n");
	put_group("cg/user", "memory pids\n", "memory\n", "");
	expect_found(NULL, other_owner);
	put_group("cg/user", "memory pids\n", "memory pids\n", "");
	put("cg/user/cgroup.type", "threaded\n");
	expect_found(NULL, other_owner);
	put_group("cg/user", "memory pids\n", "memory pids\n", "");
	expect_found("cg/user", NULL);
	put_machine("31 23 0:28 /user/scope /cg/user/scope rw - cgroup2 cgroup2 rw\n",
		    "0::/user/scope\n");
	expect_found(NULL, "other processes are in hull's control group");
	if (geteuid() != 0)
		return;
	put_machine(mounted, "0::/user/scope\n");
	for (int i = 0; i < 2; i++) {
		hull_autofree char *path =
			hull_asprintf("%s/cg/user%s", work, i ? "/cgroup.procs" : "");

		assert_int_equal(chown(path, i ? 0 : USER, (gid_t)-1), 0);
	}
	expect_found(NULL, other_owner);
}

/* Alone in its group it moves; these are no groups, so that fails, with the file's name. */
static void test_moving_down(void **state)
{
	hull_autofree char *self = hull_asprintf("%d\n", (int)getpid());
	hull_autofree char *start = hull_asprintf("control groups: %s/cg/user/scope/hull-main-%d-",
						  work, (int)getpid());
	struct hull_cgroups c;
	struct hull_err e;

	(void)state;
	put_machine(mounted, "0::/user/scope\n");
	put_group("cg/user", "memory pids\n", "memory pids\n", "");
	put_group("cg/user/scope", "memory pids\n", "", self);
	assert_int_equal(hull_cgroups_find(work, &c, &e), -1);
	if (!hull_starts(e.msg, start) || !strstr(e.msg, "/cgroup.procs: No such file"))
		fail_msg("%s", e.msg);
	expect_file("cg/user/scope", "cgroup.subtree_control", "");
	assert_int_equal(c.fd, -1);
	assert_null(c.path);
}

static void test_enabling_fails(void **state)
{
	hull_autofree char *path = hull_asprintf("%s/cg/cgroup.subtree_control", work);
	struct hull_cgroups c;
	struct hull_err e;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(hull_cgroups_find(work, &c, &e), -1);
	assert_non_null(strstr(e.msg, "control groups: +memory to "));
	assert_non_null(strstr(e.msg, "/cg/cgroup.subtree_control: No such file"));
}

static void make_directory(const char *name)
{
	hull_autofree char *path = hull_asprintf("%s/cg/%s", work, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

/* Whoever holds the lock lives. */
static void test_stale_groups(void **state)
{
	static const char *const others[] = {"hull-1-2x",     "hull-build-1", "hull-1",
					     "hull-main-x-1", "xhull-1-2",    "hull-1-"};
	hull_autofree char *path = hull_asprintf("%s/cg/hull-1-2", work);
	struct hull_cgroups c;
	hull_autofd int lock = -1;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		make_directory(others[i]);
	make_directory("hull-1-1");
	make_directory("hull-1-2");
	make_directory("hull-main-3-1");
	lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	find(&c);
	assert_false(exists("cg", "hull-1-1"));
	assert_false(exists("cg", "hull-main-3-1"));
	assert_true(exists("cg", "hull-1-2"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_true(exists("cg", others[i]));
	hull_cgroups_fini(&c);
}

/* Another one that starts leaves those that are used. */
static void test_life_of_a_group(void **state)
{
	struct hull_cgroups c, again;
	struct hull_cgroup one, two, first;
	struct hull_err e;
	struct stat st;

	(void)state;
	find(&c);
	assert_int_equal(hull_cgroup_init(&one, &c, &e), 0);
	assert_int_equal(hull_cgroup_init(&two, &c, &e), 0);
	assert_string_not_equal(one.name, two.name);
	assert_true(hull_starts(one.name, "hull-"));
	assert_int_equal(fstat(one.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	find(&again);
	hull_cgroups_fini(&again);
	assert_true(exists("cg", one.name));
	first = one;
	hull_cgroup_fini(&one);
	assert_int_equal(one.fd, -1);
	assert_false(exists("cg", first.name));
	assert_true(exists("cg", two.name));
	hull_cgroup_fini(&two);
	hull_cgroup_fini(&two);
	hull_cgroups_fini(&c);
}

/* `names` are there, empty. */
static void put_files(const struct hull_cgroup *g, const char *names)
{
	const char *at;
	size_t n;

	while (hull_word(&names, &at, &n)) {
		hull_autofree char *path = hull_asprintf("cg/%s/%.*s", g->name, (int)n, at);

		put(path, "");
	}
}

static void test_limits(void **state)
{
	static const struct hull_limits max = {.memory_bytes = 1 << 26, .processes = 100};
	struct hull_cgroups c;
	struct hull_cgroup g;
	hull_autofree char *dir = NULL;
	struct hull_err e;

	(void)state;
	find(&c);
	assert_int_equal(hull_cgroup_init(&g, &c, &e), 0);
	dir = hull_asprintf("cg/%s", g.name);
	put_files(&g, "memory.max memory.oom.group");
	assert_int_equal(hull_cgroup_limit(&g, &max, &e), -1);
	assert_non_null(strstr(e.msg, "control groups: 101 to "));
	assert_non_null(strstr(e.msg, "/pids.max: No such file"));
	put_files(&g, "pids.max memory.swap.max cpu.weight");
	assert_int_equal(hull_cgroup_limit(&g, &max, &e), 0);
	expect_file(dir, "memory.max", "67108864");
	expect_file(dir, "memory.swap.max", "0");
	expect_file(dir, "memory.oom.group", "1");
	expect_file(dir, "pids.max", "101");
	expect_file(dir, "cpu.weight", "1");
	put_files(&g, "cpu.weight cpu.idle io.weight pids.max");
	assert_int_equal(hull_cgroup_limit(&g, &(struct hull_limits){0}, &e), 0);
	expect_file(dir, "cpu.idle", "1");
	expect_file(dir, "cpu.weight", "");
	expect_file(dir, "io.weight", "1");
	expect_file(dir, "pids.max", "");
	hull_cgroup_fini(&g);
	hull_cgroups_fini(&c);
}

static void put_in(const struct hull_cgroup *g, const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("cg/%s/%s", g->name, name);

	put(path, text);
}

static void test_looking(void **state)
{
	static const struct {
		const char *events, *tasks;
		uint64_t memory_bytes;
		bool over_memory, over_processes;
	} cases[] = {
		{"low 0\nhigh 0\nmax 7\noom 0\noom_kill 0\n", "max 0\n", 1111, false, false},
		{"max 7\noom 1\noom_kill 0\noom_group_kill 0\n", "max 0\n", 1111, false, false},
		{"max 0\noom 0\noom_kill 1\noom_group_kill 0\n", "max 0\n", 1111, false, false},
		{"max 7\noom 1\noom_kill 3\noom_group_kill 1\n", "max 0\n", 5000, true, false},
		{"oom 0\noom_kill 0\n", "max 2\n", 1111, false, true},
	};
	static const struct hull_limits max = {.memory_bytes = 5000, .processes = 100};
	struct hull_cgroup_usage u;
	struct hull_cgroups c;
	struct hull_cgroup g;
	struct hull_err e;

	(void)state;
	find(&c);
	assert_int_equal(hull_cgroup_init(&g, &c, &e), 0);
	put_in(&g, "memory.stat",
	       "anon 1000\nfile 9000\nkernel 700\nkernel_stack 1\nslab_reclaimable 600\n"
	       "slab_unreclaimable 10\nshmem 100\nanon_thp 5\n");
	put_in(&g, "pids.events", "max 0\n");
	assert_int_equal(hull_cgroup_look(&g, &max, &u, &e), -1);
	assert_non_null(strstr(e.msg, "/memory.events: No such file"));
	assert_true(hull_starts(e.msg, "control groups: "));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put_in(&g, "memory.events", cases[i].events);
		put_in(&g, "pids.events", cases[i].tasks);
		assert_int_equal(hull_cgroup_look(&g, &max, &u, &e), 0);
		assert_int_equal(u.memory_bytes, cases[i].memory_bytes);
		assert_int_equal(u.over_memory, cases[i].over_memory);
		assert_int_equal(u.over_processes, cases[i].over_processes);
	}
	hull_cgroup_fini(&g);
	hull_cgroups_fini(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_root_of_hierarchy), TEST(test_beside_own_group),
		TEST(test_part_is_mounted),   TEST(test_not_to_be_had),
		TEST(test_of_others),	      TEST(test_moving_down),
		TEST(test_enabling_fails),    TEST(test_stale_groups),
		TEST(test_life_of_a_group),   TEST(test_limits),
		TEST(test_looking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
