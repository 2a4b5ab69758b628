// SPDX-License-Identifier: MIT
/*
 * Runs real sandboxes, with the host's / as root. As root, everything is run a second time as an
 * ordinary user. The program itself is what runs inside when a shell would not do: see inside().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "sandbox/plan.h"
#include "sandbox/runner.h"
#include "sandbox_fixture.h"

static char *work; /* a directory of this user */
static char *self; /* a copy of this program that the user can read */

/* --- inside --- */

static int denied(const char *what, bool failed)
{
	if (!failed)
		printf("%s was allowed\n", what);
	return failed ? 0 : 1;
}

/* Whatever would undo the sandbox. */
static int escape(void)
{
	int bad = 0, pty = posix_openpt(O_RDWR | O_NOCTTY);

	bad += denied("remount /", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) < 0);
	bad += denied("remount /proc", mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND, NULL) < 0);
	bad += denied("mount tmpfs", mount("x", "/tmp", "tmpfs", 0, NULL) < 0);
	bad += denied("bind", mount("/tmp", "/usr", NULL, MS_BIND, NULL) < 0);
	bad += denied("umount", umount2("/tmp", MNT_DETACH) < 0);
	bad += denied("user namespace", unshare(CLONE_NEWUSER) < 0);
	bad += denied("mount namespace", unshare(CLONE_NEWNS) < 0);
	bad += denied("pid namespace", unshare(CLONE_NEWPID) < 0);
	bad += denied("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp") < 0);
	bad += denied("device node", mknod("/tmp/d", S_IFBLK | 0600, makedev(8, 0)) < 0);
	bad += denied("host name", sethostname("x", 1) < 0);
	bad += denied("write /proc/sys", open("/proc/sys/kernel/core_pattern", O_WRONLY) < 0);
	bad += denied("write /proc/self", open("/proc/self/uid_map", O_WRONLY) < 0);
	bad += denied("write /dev", open("/dev/x", O_WRONLY | O_CREAT, 0600) < 0);
	bad += denied("memory of pid 1", open("/proc/1/mem", O_RDONLY) < 0);
	bad += denied("root of pid 1", open("/proc/1/root/tmp", O_RDONLY) < 0);
	bad += denied("other ids", setuid(1) < 0 && errno == EINVAL);
	if (pty < 0 || grantpt(pty) < 0 || unlockpt(pty) < 0)
		bad += puts("no pseudo-terminal");
	kill(1, SIGKILL);
	return bad;
}

static int network(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(80)};
	int out = socket(AF_INET, SOCK_STREAM, 0), in = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof a;

	inet_pton(AF_INET, "192.0.2.1", &a.sin_addr);
	if (connect(out, (struct sockaddr *)&a, sizeof a) == 0 || errno != ENETUNREACH)
		return 1;
	a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(in, (struct sockaddr *)&a, sizeof a) < 0 || listen(in, 1) < 0 ||
	    getsockname(in, (struct sockaddr *)&a, &n) < 0)
		return 2;
	return connect(out, (struct sockaddr *)&a, sizeof a) == 0 ? 0 : 3;
}

static int inside(char **argv)
{
	const char *what = argv[0];

	if (!strcmp(what, "escape"))
		return escape();
	if (!strcmp(what, "network"))
		return network();
	if (!strcmp(what, "check")) { /* no user namespace can be made in a sandbox */
		struct hull_err e;

		return hull_sandbox_check("/usr", &e) < 0 &&
				       strstr(e.msg, "user.max_user_namespaces")
			       ? 0
			       : 1;
	}
	if (!strcmp(what, "priority"))
		return setpriority(PRIO_PROCESS, 0, 0) < 0 && getpriority(PRIO_PROCESS, 0) == 19
			       ? 0
			       : 1;
	if (!strcmp(what, "session"))
		return getsid(0) == getpid() && open("/dev/tty", O_RDWR) < 0 ? 0 : 1;
	if (!strcmp(what, "cores"))
		return hull_cores();
	if (!strcmp(what, "orphan")) { /* outlives its parent, but not the sandbox */
		if (fork() == 0) {
			setsid();
			pause();
		}
		return 0;
	}
	pause();
	return 0;
}

/* --- running --- */

static void run_inside(struct hull_sandbox s, const char *what, const char *arg, struct run *out)
{
	const char *argv[] = {"/tmp/self", "--inside", what, arg, NULL};
	struct hull_mount m = {.kind = HULL_MOUNT_RO, .target = "/tmp/self", .source = self};

	s.argv = ARGV(argv);
	s.mounts = &m;
	s.nmounts = 1;
	run_sandbox(s, out);
}

/* --- tests --- */

static void test_check(void **state)
{
	struct hull_err e;

	(void)state;
	if (hull_sandbox_check(work, &e) < 0)
		fail_msg("%s", e.msg);
}

static void test_shell(void **state)
{
	static const struct {
		const char *script;
		enum hull_sandbox_end end;
		int status;
		const char *out;
	} cases[] = {
		{"exit 0", HULL_END_EXIT, 0, ""},
		{"exit 7", HULL_END_EXIT, 7, ""},
		{"kill -TERM $$", HULL_END_SIGNAL, SIGTERM, ""},
		{"id -u; id -g; uname -n", HULL_END_EXIT, 0, "0\n0\nbuild\n"},
		{"env | sort | grep -v -e ^_= -e ^SHLVL= -e ^OLDPWD=", HULL_END_EXIT, 0,
		 "A=b\nPATH=/usr/bin:/bin\nPWD=/usr\n"},
		{"pwd; umask", HULL_END_EXIT, 0, "/usr\n0022\n"},
		{"read x || echo eof", HULL_END_EXIT, 0, "eof\n"},
		{"echo $$; echo /proc/[0-9]*", HULL_END_EXIT, 0, "2\n/proc/1 /proc/2\n"},
		{"echo /proc/self/fd/* | tr ' ' '\\n' | wc -l", HULL_END_EXIT, 0, "4\n"},
		{"for d in / /usr /etc /dev /proc /sys; do "
		 "touch $d/x 2>/dev/null && echo $d; done; exit 0",
		 HULL_END_EXIT, 0, ""},
		{"cd /tmp && echo a > f && chown 0:0 f && chmod 000 f && cat f && ls -ln f | cut "
		 "-c1-15",
		 HULL_END_EXIT, 0, "a\n---------- 1 0 \n"},
		{"touch /tmp/f && chown 1 /tmp/f", HULL_END_EXIT, 1, NULL},
		{"touch /dev/shm/f && echo x > /dev/null && head -c 3 /dev/zero | wc -c && "
		 "head -c 3 /dev/urandom | wc -c && echo y > /dev/full",
		 HULL_END_EXIT, 1, NULL},
		{"echo a > /dev/stdout; echo b > /dev/stderr; echo c | cat /dev/stdin",
		 HULL_END_EXIT, 0, NULL},
		{"tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", HULL_END_EXIT, 0, "lo\n"},
		{"ulimit -c", HULL_END_EXIT, 0, "0\n"},
		{"sed -n 's/^CapEff:\\s*//p; s/^CapBnd:\\s*//p; s/^NoNewPrivs:\\s*//p' "
		 "/proc/self/status",
		 HULL_END_EXIT, 0, "00000000000400fb\n00000000000400fb\n1\n"},
		/* a background process does not keep the sandbox alive */
		{"sleep 100 & exit 3", HULL_END_EXIT, 3, ""},
		{"cat /proc/self/oom_score_adj", HULL_END_EXIT, 0, "1000\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *argv[] = {"/bin/sh", "-c", cases[i].script, NULL};
		struct run r;

		run_sandbox((struct hull_sandbox){.argv = ARGV(argv), .cwd = "/usr"}, &r);
		expect(cases[i].script, &r, cases[i].end, cases[i].status, cases[i].out);
	}
}

static void test_inside(void **state)
{
	static const char *const cases[] = {"escape",  "network",  "check",
					    "session", "priority", "orphan"};
	struct run r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		run_inside((struct hull_sandbox){0}, cases[i], NULL, &r);
		expect(cases[i], &r, HULL_END_EXIT, 0, "");
		assert_true(r.result.wall_ms < 5000);
	}
	run_inside((struct hull_sandbox){.cores = 1}, "cores", NULL, &r);
	expect("cores", &r, HULL_END_EXIT, 1, "");
	run_inside((struct hull_sandbox){.cores = 10000}, "cores", NULL, &r);
	expect("cores", &r, HULL_END_EXIT, hull_cores(), "");
}

/* The command writes to the log, but has no hold of it. */
static void test_log(void **state)
{
	const char *argv[] = {
		"/bin/sh", "-c",
		"echo out; echo err >&2; chmod 4755 /proc/self/fd/1; : >/dev/stdout; "
		"head -c 3000000 /dev/zero | tr '\\0' x; printf '\\r\\n\\033[31m\\303'",
		NULL};
	hull_autofree char *path = hull_asprintf("%s/log", work);
	struct hull_sandbox s = {.root = "/",
				 .argv = ARGV(argv),
				 .envp = ARGV(environment),
				 .hostname = "build",
				 .log = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
	hull_autobuf struct hull_buf text = {0};
	struct hull_sandbox_result r;
	struct hull_err e;
	struct stat st;

	(void)state;
	assert_int_equal(hull_sandbox_run(&s, &r, &e), 0);
	assert_int_equal(r.end, HULL_END_EXIT);
	assert_int_equal(fstat(s.log, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	close(s.log);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
	assert_int_equal(text.n, 3000000 + 8 + 13);
	assert_memory_equal(text.p, "out\nerr\nx", 9);
	assert_string_equal(text.p + text.n - 14, "x\n\\x1b[31m\\xc3");
	argv[2] = "echo end"; /* it has ended before that is written */
	s.log = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(hull_sandbox_run(&s, &r, &e), -1);
	assert_string_equal(e.msg, "sandbox: log: write: No space left on device");
	close(s.log);
}

/* More than a log may have ends the command, and a line says that. */
static void test_log_limit(void **state)
{
	static const struct {
		const char *script, *log, *data;
	} cases[] = {
		{"yes 12345678 | head -c 36; sleep 100 & echo",
		 "12345678\n12345678\n12345678\n12345678\n\n", NULL},
		{"yes 12345678",
		 "12345678\n12345678\n12345678\n12345678\n1234\n"
		 "hull: the log ends here: it may not be longer than 40 B\n",
		 NULL},
		{"tr '\\0' x </dev/zero; sleep 100",
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
		 "hull: the log ends here: it may not be longer than 40 B\n",
		 NULL},
		{"echo 1 >&2; cat /dev/zero", "1\n", ""},
		{"echo 1 >&2; printf 'a\\033\\r\\n'", "1\n", "a\033\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *argv[] = {"/bin/sh", "-c", cases[i].script, NULL};
		hull_autofd int log = memfd_create("log", MFD_CLOEXEC);
		hull_autofd int data = memfd_create("data", MFD_CLOEXEC);
		struct hull_sandbox s = {.root = "/",
					 .argv = ARGV(argv),
					 .envp = ARGV(environment),
					 .hostname = "build",
					 .log = log,
					 .data = cases[i].data ? data : 0,
					 .limits.output_bytes = 40};
		bool over = strstr(cases[i].script, "zero") || strstr(cases[i].log, "hull:");
		char text[256] = "", other[256] = "";
		struct hull_sandbox_result r;
		struct hull_err e;

		assert_int_equal(hull_sandbox_run(&s, &r, &e), 0);
		assert_int_equal(r.end, over ? HULL_END_OUTPUT : HULL_END_EXIT);
		assert_true(r.wall_ms < 20000);
		assert_true(pread(log, text, sizeof text - 1, 0) >= 0);
		assert_string_equal(text, cases[i].log);
		assert_true(pread(data, other, sizeof other - 1, 0) >= 0);
		if (cases[i].data)
			assert_string_equal(other, cases[i].data);
	}
}

static int run_sleeper(struct hull_sandbox_result *out)
{
	static const char *argv[] = {"/bin/sleep", "1000", NULL};
	struct hull_sandbox s = {
		.root = "/", .argv = ARGV(argv), .envp = ARGV(environment), .hostname = "build"};
	struct hull_err e;

	return hull_sandbox_run(&s, out, &e);
}

/* A process that runs a sandbox and exits with how it ended; interrupted at once if that is asked. */
static pid_t fork_hull(bool interrupted)
{
	pid_t hull = fork();

	if (hull == 0) {
		struct hull_sandbox_result r;
		struct hull_err e;

		if (hull_signals_init(&e) < 0 || (interrupted && raise(SIGTERM) != 0) ||
		    run_sleeper(&r) < 0)
			_exit(100);
		_exit((int)r.end);
	}
	assert_true(hull > 0);
	return hull;
}

static void hull_says(pid_t hull, enum hull_sandbox_end end)
{
	int status;

	assert_int_equal(waitpid(hull, &status, 0), hull);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), end);
}

/* Process id of the child of a process, in this pid namespace; 0: it has none. */
static pid_t child_of(pid_t pid)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	if (hull_file_read(AT_FDCWD, path, &text, &e) < 0)
		return 0;
	return (pid_t)atoi(text.p);
}

static void wait_gone(int pidfd)
{
	struct pollfd fd = {.fd = pidfd, .events = POLLIN};

	assert_true(pidfd >= 0);
	assert_int_equal(poll(&fd, 1, 5000), 1);
	close(pidfd);
}

/* Waits for it. */
static pid_t await_child_of(pid_t pid)
{
	pid_t child = 0;

	for (int i = 0; i < 1000 && !(child = child_of(pid)); i++)
		usleep(2000);
	assert_true(child > 0);
	return child;
}

static void test_stop(void **state)
{
	pid_t hull, first;

	(void)state;
	hull_says(fork_hull(true), HULL_END_STOPPED); /* at once, before anything is set up */
	hull = fork_hull(false);
	await_child_of(await_child_of(hull));
	usleep(100000);
	assert_int_equal(waitpid(hull, NULL, WNOHANG), 0);
	kill(hull, SIGTERM);
	hull_says(hull, HULL_END_STOPPED);
	hull = fork_hull(false);
	first = await_child_of(hull);
	kill(first, SIGKILL); /* as the kernel does when memory is short */
	hull_says(hull, HULL_END_SIGNAL);
}

/* hull is killed without a chance to clean up. */
static void test_parent_killed(void **state)
{
	pid_t hull = fork_hull(false), first = await_child_of(hull);
	pid_t command = await_child_of(first);
	int first_fd = (int)syscall(SYS_pidfd_open, first, 0);
	int command_fd = (int)syscall(SYS_pidfd_open, command, 0);

	(void)state;
	kill(hull, SIGKILL);
	waitpid(hull, NULL, 0);
	wait_gone(first_fd);
	wait_gone(command_fd);
}

/* Layers 0, 1, 2, ...: each has a file of its own number, and one that all have. */
static void make_layers(struct hull_strv *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char number[24];

		hull_strv_addf(out, "%s/layer/%04zu-with-quite-a-long-name-as-digests-have", work,
			       i);
		snprintf(number, sizeof number, "%zu", i);
		make_file(out->v[i], number, number);
		make_file(out->v[i], "all", number);
	}
}

static void test_layers(void **state)
{
	static const size_t counts[] = {0, 1, 2, 40, 300, 499};
	hull_autostrv struct hull_strv layers = {0};

	(void)state;
	make_layers(&layers, 499);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const char *argv[] = {"/bin/sh", "-c",
				      "ls /tmp/u/d | wc -l; cat /tmp/u/d/all 2>/dev/null; "
				      "touch /tmp/u/d/x 2>/dev/null || echo ' ro'",
				      NULL};
		struct hull_mount m[] = {
			{.kind = HULL_MOUNT_UNION,
			 .target = "/tmp/u/d",
			 .nlayers = counts[i],
			 .layers = (const char *const *)layers.v},
		};
		struct hull_sandbox s = {.argv = ARGV(argv), .mounts = m, .nmounts = 1};
		hull_autofree char *want = hull_asprintf(
			"%zu\n%s ro\n", counts[i] ? counts[i] + 1 : 0, counts[i] ? "0" : "");
		struct run r;

		run_sandbox(s, &r);
		expect("layers", &r, HULL_END_EXIT, 0, want);
	}
}

/* Mounts on mounts, files on files, and a package that tries to point out of the root. */
static void test_mounts(void **state)
{
	hull_autofree char *rw = hull_asprintf("%s/rw", work), *layer = hull_asprintf("%s/l", work);
	hull_autofree char *link = hull_asprintf("%s/l/evil", work);
	hull_autofree char *alias = hull_asprintf("%s/alias", work);
	const char *layers[] = {layer};
	const char *argv[] = {
		"/bin/sh", "-c",
		"cat /tmp/h/tools/t /tmp/h/file; ls /tmp/h/none /tmp/h/evil; echo w > /tmp/h/b/w; "
		"touch /tmp/h/tools/x /tmp/h/none/x /tmp/h/evil/x; touch /tmp/h/new",
		NULL};
	struct hull_mount m[] = {
		{.kind = HULL_MOUNT_TMPFS, .target = "/tmp/h"},
		{.kind = HULL_MOUNT_UNION,
		 .target = "/tmp/h/sysroot",
		 .layers = layers,
		 .nlayers = 1},
		{.kind = HULL_MOUNT_RO,
		 .target = "/tmp/h/tools",
		 .source = "@/tmp/h/sysroot/tools"},
		{.kind = HULL_MOUNT_RO, .target = "/tmp/h/none", .source = "@/tmp/h/sysroot/none"},
		{.kind = HULL_MOUNT_RO, .target = "/tmp/h/evil", .source = "@/tmp/h/sysroot/evil"},
		{.kind = HULL_MOUNT_RO,
		 .target = "/tmp/h/file",
		 .source = "@/tmp/h/sysroot/tools/t"},
		{.kind = HULL_MOUNT_RW, .target = "/tmp/h/b", .source = alias},
	};
	hull_autofree char *tools = hull_asprintf("%s/tools", layer);
	hull_autofree char *hidden = hull_asprintf("/old%s", work);
	struct run r;

	(void)state;
	make_file(tools, "t", "tool\n");
	make_file(rw, "there", "");
	assert_int_equal(symlink(hidden, link), 0);
	assert_int_equal(symlink(rw, alias), 0);
	run_sandbox((struct hull_sandbox){.argv = ARGV(argv), .mounts = m, .nmounts = 7}, &r);
	assert_int_equal(r.returned, 0);
	assert_non_null(strstr(r.out, "tool\ntool\n/tmp/h/evil:\n\n/tmp/h/none:\n"));
	assert_non_null(strstr(r.out, "/tmp/h/tools/x': Read-only file system"));
	assert_non_null(strstr(r.out, "/tmp/h/none/x': Read-only file system"));
	assert_non_null(strstr(r.out, "/tmp/h/evil/x': Read-only file system"));
	assert_null(strstr(r.out, "/tmp/h/new"));
	assert_true(hull_exists(AT_FDCWD, rw));
	free(tools);
	tools = hull_asprintf("%s/w", rw);
	assert_true(hull_exists(AT_FDCWD, tools));
}

static void test_errors(void **state)
{
	static const char *const missing[] = {"/usr", "/no/such/layer"};
	static const char *const many[501];
	static const char *const sh[] = {"/bin/true", NULL}, *const none[] = {"/no/program", NULL};
	static const struct {
		struct hull_sandbox s;
		struct hull_mount m;
		const char *want;
	} cases[] = {
		{{.argv = ARGV(none)}, {0}, "sandbox: run /no/program: No such file or directory"},
		{{.argv = ARGV(sh), .cwd = "/no/directory"},
		 {0},
		 "sandbox: change to /no/directory: No such file or directory"},
		{{.argv = ARGV(sh), .root = "/no/root"},
		 {0},
		 "sandbox: bind /no/root at /, read-only: No such file or directory"},
		{{.argv = ARGV(sh), .root = "root"}, {0}, "sandbox: root 'root' is not absolute"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_RO, .target = "/tmp/x", .source = "/no/source"},
		 "sandbox: bind /no/source at /tmp/x, read-only: No such file or directory"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_TMPFS, .target = "/usr/no/directory"},
		 "sandbox: mount tmpfs at /usr/no/directory, mode=755: Read-only file system"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_UNION, .target = "/tmp/x", .layers = missing, .nlayers = 2},
		 "sandbox: mount overlay at /tmp/x, 2 layers: layer /no/such/layer: No such file "
		 "or "
		 "directory"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_UNION, .target = "/tmp/x", .layers = many, .nlayers = 500},
		 "sandbox: 500 layers at /tmp/x, but no more than 499 can be"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_RO, .target = "tmp", .source = "/usr"},
		 "sandbox: mount target 'tmp' is not absolute"},
		{{.argv = ARGV(sh), .nmounts = 1},
		 {.kind = HULL_MOUNT_RW, .target = "/tmp/x", .source = "@/usr"},
		 "sandbox: source '@/usr' of /tmp/x is not absolute"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_sandbox s = cases[i].s;
		struct run r;

		s.mounts = &cases[i].m;
		run_sandbox(s, &r);
		assert_int_equal(r.returned, -1);
		assert_int_equal(r.result.end, HULL_END_SETUP);
		assert_string_equal(r.err.msg, cases[i].want);
	}
}

/* The steps, one a line. */
/* Hull's own code in an empty root: exit status 0 if all is as it should be. */
static int look_around(void *ctx)
{
	const int *number = ctx;
	int bad = *number != 42;
	pid_t pid;

	bad += access("/usr/bin", X_OK) != 0 || access("/etc", F_OK) == 0 ||
	       access("/home", F_OK) == 0;
	bad += open("/x", O_WRONLY | O_CREAT, 0600) >= 0;
	bad += hull_sandbox_rest() < 0 || mount("x", "/tmp", "tmpfs", 0, NULL) == 0;
	pid = fork();
	if (pid == 0) {
		bad = hull_sandbox_wake() < 0 || mount("x", "/tmp", "tmpfs", 0, NULL) < 0;
		bad += hull_sandbox_give_up(false) < 0 || hull_sandbox_wake() < 0;
		bad += denied("filter", syscall(SYS_keyctl, 0, 0, 0, 0, 0) < 0 && errno == EPERM);
		bad += denied("clone3", syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS);
		_exit(bad + denied("mount", mount("x", "/tmp", "tmpfs", 0, NULL) < 0));
	}
	return bad + hull_wait(pid, NULL);
}

static void test_call(void **state)
{
	static const struct hull_mount usr = {
		.kind = HULL_MOUNT_RO, .target = "/usr", .source = "/usr"};
	int number = 42;
	struct hull_sandbox s = {.mounts = &usr,
				 .nmounts = 1,
				 .call = look_around,
				 .ctx = &number,
				 .all_ids = true,
				 .hostname = "parse"};
	struct hull_sandbox_result r;
	struct hull_err e;

	(void)state;
	for (int i = 0; i < 2; i++, s.all_ids = false) {
		if (hull_sandbox_run(&s, &r, &e) < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(r.end, HULL_END_EXIT);
		assert_int_equal(r.status, 0);
	}
}

/* An interactive command has the terminal while it runs, and hull has it again afterwards. */
static void test_terminal(void **state)
{
	const char *argv[] = {"/bin/sh", "-c",
			      "test -t 0 && echo hello > /dev/tty && read line && echo $line",
			      NULL};
	struct hull_sandbox s = {.root = "/",
				 .argv = ARGV(argv),
				 .envp = ARGV(environment),
				 .hostname = "build",
				 .terminal = true};
	char text[512] = "";
	size_t n = 0;
	ssize_t got;
	int pty;
	pid_t pid = forkpty(&pty, NULL, NULL, NULL);

	(void)state;
	if (pid == 0) {
		struct hull_sandbox_result r;
		struct hull_err e;

		if (hull_sandbox_run(&s, &r, &e) < 0)
			puts(e.msg);
		else if (tcgetpgrp(0) == getpgrp())
			printf("end %d status %d\n", (int)r.end, r.status);
		fflush(stdout);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(write(pty, "typed\n", 6), 6);
	while (n < sizeof text - 1 && (got = read(pty, text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(pty);
	waitpid(pid, NULL, 0);
	if (!strstr(text, "hello") || !strstr(text, "typed\r\nend 0 status 0"))
		fail_msg("terminal: %s", text);
}

/* --- main --- */

static int run_all(const char *who)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),	      cmocka_unit_test(test_shell),
		cmocka_unit_test(test_inside),	      cmocka_unit_test(test_stop),
		cmocka_unit_test(test_log),	      cmocka_unit_test(test_log_limit),
		cmocka_unit_test(test_parent_killed), cmocka_unit_test(test_layers),
		cmocka_unit_test(test_mounts),	      cmocka_unit_test(test_errors),
		cmocka_unit_test(test_call),	      cmocka_unit_test(test_terminal),
	};

	if (work_make("/tmp/test_sandbox", who, &work) < 0)
		return 1;
	return work_end(&work, cmocka_run_group_tests_name(who, tests, NULL, NULL));
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "--inside"))
		return inside(argv + 2);
	return run_for_all("test_sandbox", &self, run_all);
}
