// SPDX-License-Identifier: MIT
/*
 * Who the processes of a sandbox are, inside and outside, and whose the files are that they see and write.
 * As root, everything is run a second time as an ordinary user, whose id they have. The program itself
 * is what runs inside: see inside().
 */
#include "sandbox_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "sandbox/ids.h"

enum { NOBODY = 65534 };

static char *self; /* a copy of this program that the user can read */
static char *work; /* a directory of this user, writable in the sandbox as /tmp/w */
static bool other; /* id 0 is not the caller's outside */

/* --- inside --- */

static int denied(const char *what, bool failed)
{
	if (!failed)
		printf("%s was allowed\n", what);
	return failed ? 0 : 1;
}

static int owned(const char *path, uid_t want)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return printf("%s: %s\n", path, strerror(errno));
	return st.st_uid == want && st.st_gid == want
		       ? 0
		       : printf("%s is of %u, %u\n", path, st.st_uid, st.st_gid);
}

/* The caller's files are 0's; what is the kernel's or another user's is of nobody. */
static int owners(uid_t nobody)
{
	int bad = owned("/tmp", 0) + owned("/tmp/w", 0) + owned("/tmp/w/given", 0) +
		  owned("/dev", 0) + owned("/dev/shm", 0) + owned("/tmp/u/given", 0) +
		  owned("/dev/null", nobody) + owned("/proc/1/stat", 0) +
		  owned("/proc/self/stat", 0);
	gid_t none = 0;
	int fd = open("/tmp/w/made", O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || mkdir("/tmp/w/dir", 0700) < 0 || symlink("made", "/tmp/w/link") < 0 ||
	    rename("/tmp/w/given", "/tmp/w/dir/given") < 0 || chown("/tmp/w/made", 0, 0) < 0)
		bad += printf("/tmp/w: %s\n", strerror(errno));
	bad += owned("/tmp/w/made", 0) + owned("/tmp/w/dir", 0) + owned("/tmp/w/link", 0);
	bad += denied("chown", chown("/tmp/w/made", 1, 1) < 0 && errno == EINVAL);
	bad += denied("chown nobody", chown("/tmp/w/made", NOBODY, NOBODY) < 0 && errno == EINVAL);
	bad += denied("setuid", setuid(1) < 0 && errno == EINVAL);
	bad += denied("setgroups", setgroups(1, &none) < 0 && errno == EPERM);
	return bad;
}

/* Opens what others have opened for it. */
static int outputs(void)
{
	int out = open("/dev/stdout", O_WRONLY), err = open("/proc/self/fd/2", O_WRONLY);

	if (out < 0 || err < 0 || write(out, "out\n", 4) != 4 || write(err, "err\n", 4) != 4)
		return printf("%s\n", strerror(errno));
	return 0;
}

/* Its standard input is a directory of the host's, by mistake: status 0 if there is no more to it. */
static int leaked_directory(void)
{
	int bad = 0, up = openat(0, "../../../../../../..", O_RDONLY | O_DIRECTORY);

	bad += denied("its file", openat(0, "secret", O_RDONLY) < 0 && errno == EACCES);
	bad += denied("writing its file", openat(0, "secret", O_WRONLY) < 0 && errno == EACCES);
	bad += denied("a new file", openat(0, "new", O_WRONLY | O_CREAT, 0600) < 0);
	bad += denied("removing", unlinkat(0, "secret", 0) < 0);
	bad += denied("changing the mode", fchmodat(0, "secret", 0666, 0) < 0);
	bad += denied("changing the owner", fchownat(0, "secret", 0, 0, 0) < 0);
	bad += denied("the host's passwords", openat(up, "etc/shadow", O_RDONLY) < 0);
	return bad;
}

/* And that is a process of the host's. */
static int leaked_process(void)
{
	return denied("signal", syscall(SYS_pidfd_send_signal, 0, SIGKILL, NULL, 0) < 0);
}

static int lists_of_mounts(void)
{
	static const char *const files[] = {"/proc/self/mountinfo", "/proc/self/mounts",
					    "/proc/mounts",	    "/proc/self/mountstats",
					    "/proc/1/mountinfo",    "/proc/thread-self/mountinfo"};
	char text[4096];
	int bad = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int fd = open(files[i], O_RDONLY);
		ssize_t n = read(fd, text, sizeof text);

		if (n != 0)
			bad += printf("%s: %.*s\n", files[i], n < 0 ? 0 : (int)n, text);
		close(fd);
	}
	return bad;
}

static int inside(const char *what)
{
	if (!strcmp(what, "owners"))
		return owners(NOBODY);
	if (!strcmp(what, "owners for root"))
		return owners(0);
	if (!strcmp(what, "outputs"))
		return outputs();
	if (!strcmp(what, "directory"))
		return leaked_directory();
	if (!strcmp(what, "process"))
		return leaked_process();
	if (!strcmp(what, "mounts"))
		return lists_of_mounts();
	pause();
	return 0;
}

/* --- running --- */

static void run_inside(struct hull_sandbox s, const char *what, struct run *out)
{
	const char *argv[] = {"/tmp/self", "--inside", what, NULL}, *layers[] = {work};
	const struct hull_mount mounts[] = {
		{.kind = HULL_MOUNT_RO, .target = "/tmp/self", .source = self},
		{.kind = HULL_MOUNT_RW, .target = "/tmp/w", .source = work},
		{.kind = HULL_MOUNT_UNION, .target = "/tmp/u", .layers = layers, .nlayers = 1},
	};

	s.argv = ARGV(argv);
	s.mounts = mounts;
	s.nmounts = 3;
	run_sandbox(s, out);
}

static void expect_inside(struct hull_sandbox s, const char *what)
{
	struct run r;

	run_inside(s, what, &r);
	expect(what, &r, HULL_END_EXIT, 0, "");
	assert_int_equal(r.result.is_root, geteuid() == 0 && !other && hull_ids_are_root());
}

/* --- tests --- */

static void test_owners(void **state)
{
	static const char *const made[] = {"made", "dir", "link", "dir/given"};
	hull_autofd int dir = open(work, O_PATH | O_CLOEXEC);
	struct stat st;

	(void)state;
	make_file(work, "given", "");
	expect_inside((struct hull_sandbox){0},
		      geteuid() == 0 && !other ? "owners for root" : "owners");
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		assert_int_equal(fstatat(dir, made[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(st.st_uid, geteuid());
		assert_int_equal(st.st_gid, getegid());
	}
}

static void test_outputs(void **state)
{
	const char *argv[] = {"/tmp/self", "--inside", "outputs", NULL};
	const struct hull_mount m = {.kind = HULL_MOUNT_RO, .target = "/tmp/self", .source = self};
	hull_autofd int log = memfd_create("log", MFD_CLOEXEC);
	hull_autofd int data = memfd_create("data", MFD_CLOEXEC);
	struct hull_sandbox s = {.root = "/",
				 .mounts = &m,
				 .nmounts = 1,
				 .argv = ARGV(argv),
				 .envp = ARGV(environment),
				 .hostname = "build",
				 .log = log,
				 .data = data};
	struct hull_sandbox_result r;
	char text[64] = "";
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_sandbox_run(&s, &r, &e), 0);
	assert_true(pread(data, text, sizeof text - 1, 0) >= 0);
	assert_string_equal(text, "out\n");
	assert_true(pread(log, text, sizeof text - 1, 0) >= 0);
	assert_string_equal(text, "err\n");
	assert_int_equal(r.status, 0);
}

/* An ordinary user's sandbox has his id, so such a mistake would give it his files. */
static void test_leaks(void **state)
{
	hull_autofree char *dir = hull_asprintf("%s/leak", work);
	hull_autofree char *secret = hull_asprintf("%s/secret", dir);
	struct hull_sandbox s = {0};
	struct run r;
	pid_t pid;

	(void)state;
	make_file(dir, "secret", "x");
	assert_int_equal(chmod(secret, 0600), 0);
	s.in = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	run_inside(s, "directory", &r);
	close(s.in);
	if (other)
		expect("directory", &r, HULL_END_EXIT, 0, "");
	else
		assert_true(hull_starts(r.out, "its file was allowed\n"));
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	s.in = (int)syscall(SYS_pidfd_open, pid, 0);
	expect_inside(s, "process");
	close(s.in);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_mounts(void **state)
{
	(void)state;
	expect_inside((struct hull_sandbox){0}, "mounts");
}

/* --- from outside --- */

/* The child of a process, in this pid namespace, which is waited for. */
static pid_t await_child_of(pid_t pid)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);

	for (int i = 0; i < 2500; i++) {
		hull_autobuf struct hull_buf text = {0};

		if (hull_file_read(AT_FDCWD, path, &text, NULL) == 0 && text.n)
			return (pid_t)strtol(text.p, NULL, 10);
		usleep(2000);
	}
	fail_msg("%s is empty", path);
	return -1;
}

/* A process that runs a sandbox; *out is the command in it, with its ids. */
static pid_t fork_hull(pid_t *out)
{
	pid_t hull = fork();

	if (hull == 0) {
		struct run r;

		run_inside((struct hull_sandbox){0}, "pause", &r);
		_exit(0);
	}
	*out = await_child_of(await_child_of(hull));
	return hull;
}

static void check_ids(const char *status, const char *name, uid_t *out)
{
	hull_autofree char *start = hull_asprintf("\n%s:", name);
	const char *line = strstr(status, start);
	unsigned int ids[4];

	assert_non_null(line);
	assert_int_equal(
		sscanf(line + strlen(start), "%u %u %u %u", ids, ids + 1, ids + 2, ids + 3), 4);
	for (int i = 1; i < 4; i++)
		assert_int_equal(ids[i], ids[0]);
	*out = ids[0];
}

static void test_outside(void **state)
{
	pid_t hulls[2], commands[2];
	uid_t uids[2], gids[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		hull_autofree char *path = NULL;
		hull_autobuf struct hull_buf text = {0};
		struct hull_err e;

		hulls[i] = fork_hull(&commands[i]);
		path = hull_asprintf("/proc/%d/status", (int)commands[i]);
		assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
		check_ids(text.p, "Uid", &uids[i]);
		check_ids(text.p, "Gid", &gids[i]);
		assert_true(!other || strstr(text.p, "\nGroups:\t \n"));
	}
	for (int i = 0; i < 2; i++) {
		kill(hulls[i], SIGKILL);
		waitpid(hulls[i], NULL, 0);
		assert_int_equal(uids[i] == geteuid(), !other);
		assert_int_equal(gids[i] == getegid(), !other);
		assert_true(!other || (uids[i] >= 0x7a000000 && uids[i] < 0x7a400001));
	}
	assert_int_equal(uids[0] == uids[1], !other);
}

/* --- file systems of the caller's --- */

/* Runs it in a mount namespace, since it mounts, in a process of its own. Nothing where that is not possible:
 * it is about what root's sandboxes do. */
static void run_with_mounts(int (*run)(void))
{
	int status = -1;
	pid_t pid;

	if (geteuid() != 0 || !other)
		return;
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(100);
		status = run();
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* ramfs cannot map ids: the sandbox is there all the same, says that, and root's files are 0's. */
static int without_map(void)
{
	const char *argv[] = {"/bin/sh", "-c", "cd /tmp/w && echo x >f && stat -c %u . f", NULL};
	hull_autofree char *dir = hull_asprintf("%s/plain", work);
	const struct hull_mount m = {.kind = HULL_MOUNT_RW, .target = "/tmp/w", .source = dir};
	hull_autofree char *file = hull_asprintf("%s/f", dir);
	struct hull_err e;
	struct stat st;
	struct run r;

	if (mkdir(dir, 0755) < 0 || mount("x", dir, "ramfs", 0, "mode=755") < 0)
		return puts("no ramfs");
	run_sandbox((struct hull_sandbox){.argv = ARGV(argv), .mounts = &m, .nmounts = 1}, &r);
	expect("ramfs", &r, HULL_END_EXIT, 0, "0\n0\n");
	if (!r.result.is_root || stat(file, &st) < 0 || st.st_uid != 0)
		return puts("not root");
	if (hull_sandbox_check(dir, &e) != 1 || !strstr(e.msg, dir) || !strstr(e.msg, "cannot map"))
		return puts("no warning");
	return hull_sandbox_check(work, &e) == 0 ? 0 : puts("always a warning");
}

/* What a sandbox mounts does not appear in the caller's namespace, though that shares its mounts. */
static int shared(void)
{
	const char *argv[] = {"/bin/true", NULL};
	hull_autobuf struct hull_buf before = {0}, after = {0};
	struct run r;

	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0 ||
	    hull_file_read(AT_FDCWD, "/proc/self/mountinfo", &before, NULL) < 0)
		return puts("cannot share");
	run_sandbox((struct hull_sandbox){.argv = ARGV(argv)}, &r);
	expect("shared", &r, HULL_END_EXIT, 0, "");
	if (hull_file_read(AT_FDCWD, "/proc/self/mountinfo", &after, NULL) < 0 ||
	    strcmp(before.p, after.p) != 0)
		return printf("mounts:\n%s", after.p);
	return 0;
}

static void test_file_systems(void **state)
{
	(void)state;
	run_with_mounts(without_map);
	run_with_mounts(shared);
}

/* --- control groups --- */

/* Of a plan, whose ids are mapped then, until it has put the root together. */
static int start_first(struct hull_plan *p, int report[2], pid_t *out)
{
	const unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
				    CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
	hull_autobuf struct hull_buf text = {0};
	struct hull_plan_report r = {0};
	struct hull_err e = {0};
	size_t step;
	uid_t id;

	if (hull_ids_open(p, &step) < 0 || pipe2(p->ids, O_CLOEXEC) < 0)
		return printf("step %zu: %s\n", step, strerror(errno));
	*out = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (*out == 0)
		hull_plan_live(p, report[1]);
	close(report[1]);
	if (*out < 0 || hull_ids_map(p, *out, &id, &e) < 0)
		return printf("no ids: %s\n", e.msg);
	if (read(report[0], &r, sizeof r) == (ssize_t)sizeof r && r.kind == HULL_REPORT_READY)
		return 0;
	hull_step_describe(&p->steps[r.step], &text);
	return printf("%s: %s\n", text.p, strerror(r.value));
}

/* Where hull has no clone3 the first process enters by itself, whoever it is then. */
static int enter_group(const char *group)
{
	const char *argv[] = {"/bin/cat", "-", "/proc/self/cgroup", NULL};
	hull_autofree char *procs = hull_asprintf("%s/cgroup.procs", group);
	hull_autobuf struct hull_buf list = {0};
	struct hull_sandbox s = {.root = "/", .argv = ARGV(argv), .envp = ARGV(environment)};
	int in[2], report[2], status = -1;
	char text[4096] = "", want[32];
	struct hull_plan p;
	struct hull_err e;
	pid_t pid = -1;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		return puts("no pipe");
	s.in = in[0];
	s.out = memfd_create("out", MFD_CLOEXEC);
	if (hull_plan_init(&p, &s, true, &e) < 0)
		return puts(e.msg);
	p.procs = open(procs, O_WRONLY | O_CLOEXEC);
	if (start_first(&p, report, &pid) != 0 || hull_file_read(AT_FDCWD, procs, &list, &e) < 0)
		return 1;
	close(in[1]);
	waitpid(pid, &status, 0);
	snprintf(want, sizeof want, "%d\n", (int)pid);
	if (status != 0 || pread(s.out, text, sizeof text - 1, 0) < 0 ||
	    !hull_starts(list.p, want) || !strstr(text, "0::/\n"))
		return printf("status %d, in the group: %s, it sees: %s\n", status, list.p, text);
	hull_plan_fini(&p);
	return 0;
}

static int enter_groups(void)
{
	hull_autofree char *dir = hull_asprintf("%s/groups", work);
	hull_autofree char *group = hull_asprintf("%s/hull-test-%d", dir, (int)getpid());
	int bad;

	if (mkdir(dir, 0755) < 0)
		return puts("no directory");
	if (mount("x", dir, "cgroup2", 0, NULL) < 0 || mkdir(group, 0700) < 0) {
		puts("this machine lets root make no control group (version 2)");
		return 0;
	}
	bad = enter_group(group);
	for (int i = 0; i < 500 && rmdir(group) < 0 && errno == EBUSY; i++)
		usleep(2000);
	return bad;
}

static void test_groups(void **state)
{
	(void)state;
	run_with_mounts(enter_groups);
}

/* --- main --- */

/* Not every file system can map ids, so tests have to do without; but this one can. */
static bool is_ext4(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type == EXT4_SUPER_MAGIC;
}

static int run_all(const char *who)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owners),	cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_leaks),	cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_outside), cmocka_unit_test(test_file_systems),
		cmocka_unit_test(test_groups),
	};
	struct hull_err e;

	if (work_make("/tmp/test_sandbox_ids", who, &work) < 0)
		return 1;
	other = hull_ids_can_differ() && hull_sandbox_check(work, &e) == 0;
	if (hull_ids_can_differ() && is_ext4(work) && !other) {
		fprintf(stderr, "root's sandboxes have root's id: %s\n", e.msg);
		return 1;
	}
	return work_end(&work, cmocka_run_group_tests_name(who, tests, NULL, NULL));
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "--inside"))
		return inside(argv[2]);
	return run_for_all("test_sandbox_ids", &self, run_all);
}
