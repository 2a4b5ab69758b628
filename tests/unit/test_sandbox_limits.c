// SPDX-License-Identifier: MIT
/*
 * Commands that use too much, each of one thing and with an end of its own: 400 processes, 300 MiB.
 * As root, everything is run a second time as an ordinary user. The program itself is what runs
 * inside: see inside().
 */
#include "sandbox_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "sandbox/support.h"

enum { MIB = 1 << 20 };

static char *self; /* a copy of this program that the user can read */
static char *work; /* a directory of this user, writable in the sandbox as /tmp/w */

/* --- inside --- */

static useconds_t stay_us;

/* Long enough to be seen, if that is expected. */
static int stay(void)
{
	usleep(stay_us);
	return 0;
}

static int fill(int fd, size_t mib)
{
	static char block[MIB];

	memset(block, 1, sizeof block);
	for (size_t i = 0; i < mib; i++)
		if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
			return 1;
	return stay();
}

static void *touch(size_t mib, int flags)
{
	void *p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : memset(p, 1, mib * MIB);
}

static int grow(size_t mib)
{
	return touch(mib, MAP_PRIVATE) ? stay() : 1;
}

/* Memory that three processes have in common. */
static int share(size_t mib)
{
	if (!touch(mib, MAP_PRIVATE))
		return 1;
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			break;
	return stay();
}

/* One page a table: the kernel has as much for them as the process. */
static int tables(size_t mib)
{
	size_t step = 2 * MIB, n = mib * MIB / 4096;
	char *p =
		mmap(NULL, n * step, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || madvise(p, n * step, MADV_NOHUGEPAGE) < 0)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (*(volatile char *)(p + i * step)) /* the page of zeros: only tables are made */
			return 1;
	return stay();
}

/* In pieces. */
static int memfds(size_t mib)
{
	for (size_t i = 0; i < mib; i += 10)
		if (ftruncate(memfd_create("x", 0), 0) < 0)
			return 1;
	for (int fd = 3; mib > 0; fd++, mib -= 10)
		for (int i = 0; i < 10; i++) {
			static char block[MIB];

			memset(block, 1, sizeof block);
			if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
				return 1;
		}
	return stay();
}

/* Memory that is mapped, and counts once. */
static int mapped_memfd(size_t mib)
{
	int fd = memfd_create("x", 0);
	void *p;

	if (ftruncate(fd, (off_t)(mib * MIB)) < 0)
		return 1;
	p = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return 1;
	memset(p, 1, mib * MIB);
	return stay();
}

/* Memory that is neither mapped in any page table nor an open file. */
static int given_back(size_t mib)
{
	for (size_t i = 0; i < mib; i += 10) {
		void *p = touch(10, MAP_SHARED);

		if (!p || madvise(p, 10 * MIB, MADV_DONTNEED) < 0)
			return 1;
	}
	return stay();
}

static int groups(size_t mib)
{
	char text[4096];
	int fd = open("/proc/self/cgroup", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);

	(void)mib;
	text[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, "0::", 3))
			printf("%s", line + 3);
	return 0;
}

/* With the kernel's own limit it takes some memory besides. */
static int sysv(size_t mib)
{
	for (size_t i = 0; i < mib; i += 10) {
		int id = shmget(IPC_PRIVATE, 10 * MIB, 0600);
		void *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

		if (p == (void *)-1)
			break;
		memset(p, 1, 10 * MIB);
		shmdt(p);
	}
	return grow(15);
}

static int sockets(size_t n)
{
	char block[4096] = {0};

	for (size_t i = 0; i < n; i++) {
		int fds[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
			return 1;
		while (write(fds[0], block, sizeof block) > 0)
			;
		while (write(fds[1], block, sizeof block) > 0)
			;
	}
	return stay();
}

static int pipes(size_t processes)
{
	char block[4096] = {0};
	int fds[2];

	for (size_t i = 1; i < processes; i++)
		if (fork() == 0)
			break;
	for (int i = 0; i < 480 && pipe2(fds, O_NONBLOCK) == 0; i++)
		while (write(fds[1], block, sizeof block) > 0)
			;
	return stay();
}

/* Says at which number it could have no more. */
static int forks(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(stay());
		if (pid < 0) {
			printf("%zu", i);
			fflush(stdout);
			break;
		}
	}
	return stay();
}

static void *idle(void *arg)
{
	stay();
	return arg;
}

static int threads(size_t n)
{
	pthread_t t;

	for (size_t i = 0; i < n && pthread_create(&t, NULL, idle, NULL) == 0; i++)
		;
	return stay();
}

static int make_files(const char *dir, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char path[64];

		snprintf(path, sizeof path, "%s/%zu", dir, i);
		if (mknod(path, S_IFREG | 0600, 0) < 0)
			break;
	}
	return stay();
}

/* Closed to others, where only the rights of an owner of all reach. */
static int hidden(size_t mib)
{
	int fd;

	if (mkdir("/tmp/w/hidden", 0700) < 0)
		return 1;
	fd = open("/tmp/w/hidden/file", O_WRONLY | O_CREAT, 0600);
	if (chmod("/tmp/w/hidden", 0) < 0)
		return 1;
	return fill(fd, mib);
}

static int unlinked(size_t mib)
{
	int fd = open("/tmp/w/file", O_WRONLY | O_CREAT, 0600);

	return unlink("/tmp/w/file") < 0 ? 1 : fill(fd, mib);
}

static int file(size_t mib)
{
	return fill(open("/tmp/w/file", O_WRONLY | O_CREAT, 0600), mib);
}

static int holes(size_t mib)
{
	int fd = open("/tmp/w/file", O_WRONLY | O_CREAT, 0600);

	return ftruncate(fd, (off_t)(mib * MIB)) < 0 ? 1 : stay();
}

static int files(size_t n)
{
	return make_files("/tmp/w", n);
}

static int tmp_files(size_t n)
{
	return make_files("/tmp", n);
}

static int tmp(size_t mib)
{
	return fill(open("/tmp/file", O_WRONLY | O_CREAT, 0600), mib / 2) +
	       fill(open("/dev/shm/file", O_WRONLY | O_CREAT, 0600), mib / 2);
}

/* No process has a number from n on. */
static int pids(size_t n)
{
	for (int i = 0; i < 400; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) < 0 || (size_t)pid >= n)
			return 1;
	}
	return 0;
}

static int sleeps(size_t n)
{
	usleep((useconds_t)(n * 1000000));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(size_t n);
} programs[] = {
	{"grow", grow},
	{"share", share},
	{"tables", tables},
	{"memfds", memfds},
	{"mapped memfd", mapped_memfd},
	{"given back", given_back},
	{"groups", groups},
	{"sysv", sysv},
	{"sockets", sockets},
	{"pipes", pipes},
	{"forks", forks},
	{"threads", threads},
	{"hidden", hidden},
	{"unlinked", unlinked},
	{"file", file},
	{"files", files},
	{"tmp files", tmp_files},
	{"tmp", tmp},
	{"holes", holes},
	{"pids", pids},
	{"sleep", sleeps},
};

static int inside(char **argv)
{
	stay_us = (useconds_t)atol(argv[2]);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (!strcmp(argv[0], programs[i].name))
			return programs[i].run((size_t)atol(argv[1]));
	return 100;
}

/* --- running --- */

static void run_inside(struct hull_limits limits, const char *what, const char *n, bool ends,
		       struct run *out)
{
	hull_autofree char *dir = hull_asprintf("%s/written", work);
	const char *argv[] = {"/tmp/self", "--inside", what, n, ends ? "1500000" : "60000000",
			      NULL};
	struct hull_mount m[] = {
		{.kind = HULL_MOUNT_RO, .target = "/tmp/self", .source = self},
		{.kind = HULL_MOUNT_RW, .target = "/tmp/w", .source = dir},
	};
	struct hull_err e;

	if (hull_mkdirs(AT_FDCWD, dir, 0700, &e) < 0)
		fail_msg("%s", e.msg);
	run_sandbox(
		(struct hull_sandbox){
			.argv = ARGV(argv), .mounts = m, .nmounts = 2, .limits = limits},
		out);
	if (hull_remove_tree(AT_FDCWD, dir, &e) < 0)
		fail_msg("%s", e.msg);
}

struct limit_case {
	struct hull_limits limits;
	const char *what, *n;
	enum hull_sandbox_end end;
};

static void try_all(const struct limit_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool ends = cases[i].end == HULL_END_EXIT;
		struct run r;

		run_inside(cases[i].limits, cases[i].what, cases[i].n, ends, &r);
		expect(cases[i].what, &r, cases[i].end, ends ? 0 : SIGKILL, NULL);
		if (cases[i].end == HULL_END_MEMORY)
			assert_in_range(r.result.peak_memory_bytes, cases[i].limits.memory_bytes,
					1000 * MIB);
	}
}

#define TRY(cases) try_all(cases, sizeof(cases) / sizeof *(cases))

static void test_memory(void **state)
{
	static const struct limit_case cases[] = {
		{{.memory_bytes = 64 * MIB}, "grow", "128", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "tmp", "128", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "tables", "128", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "memfds", "300", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "sysv", "300", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "sockets", "300", HULL_END_MEMORY},
		{{.memory_bytes = 16 * MIB}, "pipes", "4", HULL_END_MEMORY},
		{{.memory_bytes = 64 * MIB}, "tmp files", "80000", HULL_END_MEMORY},
		/* 192 MiB by the cheap count, 64 in truth */
		{{.memory_bytes = 128 * MIB}, "share", "64", HULL_END_EXIT},
		{{.memory_bytes = 64 * MIB}, "memfds", "30", HULL_END_EXIT},
		{{.memory_bytes = 64 * MIB}, "sysv", "30", HULL_END_EXIT},
		{{.memory_bytes = 64 * MIB}, "sockets", "10", HULL_END_EXIT},
		{{.memory_bytes = 64 * MIB}, "tmp", "30", HULL_END_EXIT},
		{{.memory_bytes = 64 * MIB}, "mapped memfd", "40", HULL_END_EXIT},
	};

	(void)state;
	TRY(cases);
}

static void test_disk(void **state)
{
	static const struct limit_case cases[] = {
		{{.disk_bytes = 64 * MIB}, "file", "200", HULL_END_DISK},
		{{.disk_bytes = 64 * MIB}, "hidden", "200", HULL_END_DISK},
		{{.disk_bytes = 64 * MIB}, "unlinked", "200", HULL_END_DISK},
		{{.inodes = 1000}, "files", "20000", HULL_END_INODES},
		{{.inodes = 1000}, "tmp files", "20000", HULL_END_INODES},
		{{.disk_bytes = 64 * MIB}, "file", "30", HULL_END_EXIT},
		{{.disk_bytes = 64 * MIB}, "holes", "1000", HULL_END_EXIT},
		{{.inodes = 1000}, "files", "900", HULL_END_EXIT},
		{{.inodes = 1000}, "tmp files", "900", HULL_END_EXIT},
	};

	(void)state;
	TRY(cases);
}

static void test_processes(void **state)
{
	static const struct limit_case cases[] = {
		{{.processes = 20}, "forks", "400", HULL_END_PROCESSES},
		{{.processes = 20}, "threads", "100", HULL_END_PROCESSES},
		{{.processes = 20}, "share", "1", HULL_END_EXIT},
		{{.processes = 20}, "forks", "18", HULL_END_EXIT},
		{{.seconds = 1}, "sleep", "100", HULL_END_TIME},
	};

	(void)state;
	TRY(cases);
}

/* For the user whom it is expected for, it has to be so: tests/e2e/cgroup-guest. */
static bool in_groups(void)
{
	const char *expected = getenv("HULL_TEST_GROUPS");
	const struct hull_cgroups *c;
	struct hull_err e;

	c = hull_cgroups_here(&e);
	if (!c)
		fail_msg("%s", e.msg);
	if (c->fd < 0 && expected && (uid_t)atol(expected) == geteuid())
		fail_msg("no control groups: %s", c->reason);
	return c->fd >= 0;
}

/* Those that this process has made. */
static size_t count_groups(pid_t pid)
{
	hull_autofree char *start = hull_asprintf("hull-%d-", (int)pid);
	const struct hull_cgroups *c;
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;
	size_t n = 0;

	c = hull_cgroups_here(&e);
	assert_non_null(c);
	if (hull_dir_list(c->fd, ".", &names, &e) < 0)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < names.n; i++)
		n += hull_starts(names.v[i], start);
	return n;
}

static void run_for_long(void *ctx)
{
	struct run r;

	(void)ctx;
	run_inside((struct hull_limits){0}, "sleep", "100", true, &r);
}

/* The group stays when nobody is left to remove it; then whoever comes next does. */
static void test_kernel_frees_a_group(void **state)
{
	struct hull_cgroups again;
	struct hull_err e;
	pid_t pid;

	(void)state;
	if (!in_groups()) {
		print_message(
			"this machine lets hull have no control groups: tests/e2e/cgroup-guest "
			"makes one that does\n");
		skip();
	}
	pid = hull_fork(run_for_long, NULL, &e);
	assert_true(pid > 0);
	for (int i = 0; i < 1000 && !count_groups(pid); i++)
		usleep(10000);
	assert_int_equal(count_groups(pid), 1);
	usleep(300000);
	if (hull_cgroups_find("", &again, &e) < 0)
		fail_msg("%s", e.msg);
	hull_cgroups_fini(&again);
	assert_int_equal(count_groups(pid), 1);
	kill(pid, SIGKILL);
	assert_int_equal(hull_wait(pid, &e), 128 + SIGKILL);
	assert_int_equal(count_groups(pid), 1);
	for (int i = 0; i < 100 && count_groups(pid);
	     i++) { /* what was in there may take a while to end */
		if (hull_cgroups_find("", &again, &e) < 0)
			fail_msg("%s", e.msg);
		hull_cgroups_fini(&again);
	}
	assert_int_equal(count_groups(pid), 0);
}

static bool on_disk(void)
{
	struct statfs fs;

	assert_int_equal(statfs(work, &fs), 0);
	return fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
}

static void test_kernel_counts_memory(void **state)
{
	const struct hull_limits limits = {.memory_bytes = 64 * MIB, .processes = 20};
	struct run r;

	(void)state;
	if (!in_groups()) {
		print_message(
			"this machine lets hull have no control groups: tests/e2e/cgroup-guest "
			"makes one that does\n");
		skip();
	}
	run_inside(limits, "given back", "300", false, &r);
	expect("given back", &r, HULL_END_MEMORY, SIGKILL, NULL);
	assert_int_equal(r.result.peak_memory_bytes, 64 * MIB);
	run_inside(limits, "given back", "30", true, &r);
	expect("given back", &r, HULL_END_EXIT, 0, NULL);
	assert_in_range(r.result.peak_memory_bytes, 30 * MIB, 40 * MIB);
	if (on_disk()) { /* what it has read and written of files is the kernel's to take back */
		run_inside(limits, "file", "200", true, &r);
		expect("file", &r, HULL_END_EXIT, 0, NULL);
		assert_in_range(r.result.peak_memory_bytes, 0, 20 * MIB);
	}
	/* refused, even if nobody asks again */
	run_inside(limits, "forks", "20", true, &r);
	expect("forks", &r, HULL_END_PROCESSES, SIGKILL, NULL);
	run_inside(limits, "groups", "0", true, &r);
	expect("groups", &r, HULL_END_EXIT, 0, "/");
	assert_int_equal(count_groups(getpid()), 0);
}

static unsigned long machine_pids(void)
{
	FILE *f = fopen("/proc/sys/kernel/pid_max", "r");
	unsigned long max = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &max), 1);
	fclose(f);
	return max;
}

/* The kernel refuses a process before hull looks; and the machine has as many as before. */
static void test_kernel_counts_processes(void **state)
{
	const struct hull_limits limits = {.processes = 20};
	unsigned long before = machine_pids();
	struct run r = {0};

	(void)state;
	for (int i = 0; i < 10 && geteuid() != 0 && !*r.out; i++) { /* unless hull was quicker */
		run_inside(limits, "forks", "400", false, &r);
		expect("forks", &r, HULL_END_PROCESSES, SIGKILL, NULL);
	}
	if (geteuid() != 0) /* a group's limit is as sharp as ours, the other by one less */
		assert_string_equal(r.out, in_groups() ? "19" : "20");
	if (has_pid_max()) {
		run_inside(limits, "pids", "340", true, &r);
		expect("pids", &r, HULL_END_EXIT, 0, "");
	}
	assert_int_equal(machine_pids(), before);
}

/* --- main --- */

static int run_all(const char *who)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_kernel_counts_processes),
		cmocka_unit_test(test_kernel_counts_memory),
		cmocka_unit_test(test_kernel_frees_a_group),
	};

	if (work_make("/var/tmp/test_sandbox_limits", who, &work) < 0)
		return 1;
	return work_end(&work, cmocka_run_group_tests_name(who, tests, NULL, NULL));
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "--inside"))
		return inside(argv + 2);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return run_for_all("test_sandbox_limits", &self, run_all);
}
