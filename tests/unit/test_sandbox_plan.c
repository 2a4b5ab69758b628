// SPDX-License-Identifier: MIT
/* What a sandbox would do, as text, and what is said when it cannot be made. */
#include <errno.h>
#include <fcntl.h>

#include "base/str.h"
#include "sandbox/plan.h"
#include "sandbox/support.h"
#include "sandbox_fixture.h"
#include "temp_fixture.h"

static void describe(const struct hull_sandbox *s, bool other_id, struct hull_buf *out)
{
	struct hull_plan p;
	struct hull_err e;

	if (hull_plan_init(&p, s, other_id, &e) < 0)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < p.n; i++) {
		hull_step_describe(&p.steps[i], out);
		hull_buf_addc(out, '\n');
		for (size_t k = 0; k < p.steps[i].nlayers; k++)
			hull_buf_addf(out, "  %s\n", p.steps[i].layers[k] + strlen(HULL_OLD));
	}
	hull_plan_fini(&p);
}

static void test_describe(void **state)
{
	static const char *const layers[] = {"/usr", "/etc"};
	static const char *argv[] = {"/usr/bin/make", "all", NULL};
	struct hull_mount m[] = {
		{.kind = HULL_MOUNT_TMPFS, .target = "/hull"},
		{.kind = HULL_MOUNT_UNION,
		 .target = "/hull/sysroot",
		 .layers = layers,
		 .nlayers = 2},
		{.kind = HULL_MOUNT_RO, .target = "/hull/tools", .source = "@/hull/sysroot/tools"},
		{.kind = HULL_MOUNT_RW, .target = "/hull/build", .source = "/var"},
	};
	struct hull_sandbox s = {
		.root = "/usr",
		.mounts = m,
		.nmounts = 4,
		.argv = ARGV(argv),
		.cwd = "/hull/build",
		.hostname = "build",
		.cores = 2,
		.limits = {.memory_bytes = 1 << 30, .processes = 100, .inodes = 1000}};
	hull_autobuf struct hull_buf out = {0}, want = {0};

	(void)state;
	hull_buf_addf(
		&want,
		"enter a control group, and see none above\n"
		"write \"deny\" to /proc/self/setgroups\n"
		"write \"0 %u 1\" to /proc/self/uid_map\n"
		"write \"0 %u 1\" to /proc/self/gid_map\n"
		"write \"1000\" to /proc/self/oom_score_adj\n"
		"network interface lo up\n"
		"host name build\n"
		"enter a tmpfs to put the root together\n"
		"bind /usr at /, read-only\n"
		"mount proc at /proc\n"
		"write \"0\" to /proc/sys/user/max_user_namespaces\n"
		"%s"
		"write \"262144\" to /proc/sys/kernel/shmall if that is possible\n"
		"write \"128\" to /proc/sys/kernel/msgmni if that is possible\n"
		"write \"250 32000 32 128\" to /proc/sys/kernel/sem if that is possible\n"
		"write \"4096 131072 212992\" to /proc/sys/net/ipv4/tcp_rmem if that is possible\n"
		"write \"4096 16384 212992\" to /proc/sys/net/ipv4/tcp_wmem if that is possible\n"
		"show of /proc but processes only cpuinfo filesystems loadavg meminfo mounts "
		"net self stat sys sysvipc thread-self uptime version vmstat\n"
		"make /proc read-only\n"
		"mount tmpfs at /proc/sys, mode=755,size=64k\n"
		"text at /proc/cpuinfo\n"
		"text at /proc/version\n"
		"text at /proc/sys/kernel/ostype\n",
		(unsigned int)geteuid(), (unsigned int)getegid(),
		has_pid_max() ? "write \"500\" to /proc/sys/kernel/pid_max if that is possible\n"
			      : "");
	describe(&s, false, &out);
	assert_true(hull_starts(out.p, want.p));
	assert_non_null(strstr(out.p,
			       "mount tmpfs at /tmp, mode=1777,size=1073741824,nr_inodes=1002\n"
			       "mount tmpfs at /hull, mode=755,size=1073741824,nr_inodes=1002\n"
			       "mount overlay at /hull/sysroot, 2 layers\n"
			       "  /usr\n"
			       "  /etc\n"
			       "bind @/hull/sysroot/tools at /hull/tools, read-only\n"
			       "bind /var at /hull/build\n"
			       "connect standard input, output and error\n"
			       "open /proc/sysvipc/shm\n"
			       "enter the root, where no mounts are seen\n"
			       "start the command's process\n"
			       "use 2 processors\n"
			       "be nice by 19\n"
			       "limit nice to 0\n"
			       "limit rtprio to 0\n"
			       "limit core to 0\n"
			       "limit nproc to 102\n"
			       "make a session\n"
			       "make a session keyring\n"
			       "give up capabilities\n"
			       "change to /hull/build\n"
			       "filter arguments of system calls\n"
			       "filter calls of system calls\n"
			       "run /usr/bin/make\n"));
	assert_null(strstr(out.p, "process ids"));
	s.elsewhere = true;
	describe(&s, false, &out);
	assert_non_null(strstr(out.p, "use up 1000 process ids\n"
				      "start the command's process\n"
				      "call the kernel an old one\n"));
}

/* Hull's own function mounts; mounts are handed over where the id is another one. */
static void test_ids(void **state)
{
	static const char *const layers[] = {"/usr/bin", "/etc", "/usr/lib"};
	struct hull_mount m[] = {
		{.kind = HULL_MOUNT_UNION, .target = "/tmp/u", .layers = layers, .nlayers = 3},
		{.kind = HULL_MOUNT_RO, .target = "/tmp/v", .source = "@/tmp/u/v"},
	};
	struct hull_sandbox s = {.root = "/usr", .mounts = m, .nmounts = 2};
	hull_autobuf struct hull_buf out = {0};
	struct hull_plan p;
	struct hull_err e;

	(void)state;
	describe(&s, true, &out);
	assert_true(hull_starts(out.p, "enter a control group, and see none above\n"
				       "wait for the ids, which are mapped from outside, and take "
				       "id 0\nwrite \"1000\""));
	assert_null(strstr(out.p, "setgroups"));
	assert_int_equal(hull_plan_init(&p, &s, true, &e), 0);
	assert_true(p.other_id && hull_plan_waits_for_ids(&p));
	for (size_t i = 0; i < p.n; i++) {
		const struct hull_step *st = &p.steps[i];

		if (st->kind == HULL_STEP_UNION) {
			assert_int_equal(st->ntrees, 2);
			assert_string_equal(st->trees[0].path, "/usr/");
			assert_string_equal(st->trees[1].path, "/");
			assert_int_equal(
				st->tree_of[0] * 100 + st->tree_of[1] * 10 + st->tree_of[2], 10);
		} else if (st->kind == HULL_STEP_BIND && !strcmp(st->target, "/")) {
			assert_int_equal(st->ntrees, 1);
			assert_string_equal(st->trees[0].path, "/usr");
		} else {
			assert_int_equal(st->ntrees, 0);
		}
	}
	hull_plan_fini(&p);
}

static void test_explain(void **state)
{
	static const struct {
		const char *dir, *file, *text;
		int sys;
		const char *want;
	} cases[] = {
		{"proc/sys/user", "max_user_namespaces", "0\n", ENOSPC,
		 "sysctl -w user.max_user_namesp"},
		{"proc/sys/kernel", "unprivileged_userns_clone", "0\n", EPERM,
		 "sysctl -w kernel.unprivileged_userns_clone=1"},
		{"proc/sys/kernel", "apparmor_restrict_unprivileged_userns", "1\n", EACCES,
		 "kernel.apparmor_restrict_unprivileged_userns=0"},
		{"run", ".containerenv", "", EPERM, "--security-opt"},
		{"proc", "empty", "", EPERM, "security module"},
		{"proc", "empty", "", EINVAL, "Linux 5.12"},
		{"proc", "empty", "", ENODEV, "modprobe overlay"},
		{"proc/sys/user", "max_user_namespaces", "1000\n", ENOSPC, NULL},
	};

	char *work = temp_dir();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *root = hull_asprintf("%s/explain-%zu", work, i);
		hull_autofree char *dir = hull_asprintf("%s/%s", root, cases[i].dir);
		struct hull_err e;

		make_file(dir, cases[i].file, cases[i].text);
		hull_fail(&e, HULL_FAILED, "sandbox: cause");
		e.sys = cases[i].sys;
		hull_sandbox_explain(root, &e);
		if (!cases[i].want)
			assert_string_equal(e.msg, "sandbox: cause");
		else if (!hull_starts(e.msg, "sandbox: cause\n") || !strstr(e.msg, cases[i].want))
			fail_msg("%s: %s", cases[i].file, e.msg);
		assert_int_equal(e.sys, cases[i].sys);
	}
	drop_dir(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
