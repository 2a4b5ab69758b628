// SPDX-License-Identifier: MIT
/*
 * What a command of a sandbox can reach of the kernel and of the machine: system calls, sockets,
 * keys, terminals, /proc. As root, everything is run a second time as an ordinary user. The program
 * itself is what runs inside: see inside().
 */
#include "sandbox_fixture.h"
#include "seccomp_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "base/file.h"
#include "base/mem.h"
#include "sandbox/plan.h"

#define SECRET "hull-test-secret"

static char *self; /* a copy of this program that the user can read */

/* --- inside --- */

struct walk {
	int listener; /* 0: not there yet */
	int done;
	int result[CALLS];
};

/* Of x86-64, for the kernel's own use: they do not go through a filter, and kill whoever tries. */
static bool past_filters(long call)
{
#if defined(__x86_64__)
	return call == 335 || call == 336; /* uretprobe, uprobe */
#else
	return call < 0;
#endif
}

/* Makes every call, with 1 as its first argument and 0 else, and notes the error. */
static void make_calls(volatile struct walk *w)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	struct sock_fprog program = {.len = 1, .filter = &all};
	int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);

	w->listener = fd < 0 ? -1 : fd;
	for (long call = 0; fd >= 0 && call < CALLS; call++)
		if (!past_filters(call))
			w->result[call] = syscall(call, 1L, 0L, 0L, 0L, 0L, 0L) < 0 ? errno : 0;
	w->done = 1;
	_exit(0);
}

/*
 * No call is executed that the sandbox allows: a second filter, whose answer counts less than a
 * refusal, hands it to this process, which answers TRAPPED.
 */
static int walk(void)
{
	volatile struct walk *w =
		mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	struct pollfd fd = {.events = POLLIN};

	if (pid == 0)
		make_calls(w);
	while (pid > 0 && !w->listener)
		sched_yield();
	fd.fd = w->listener;
	while (w->listener > 0 && poll(&fd, 1, 10000) > 0 && !(fd.revents & POLLHUP)) {
		struct seccomp_notif asked = {0};
		struct seccomp_notif_resp answer = {.error = -TRAPPED};

		if (ioctl(fd.fd, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
			break;
		answer.id = asked.id;
		if (w->done) {
			answer.error = 0;
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		}
		if (ioctl(fd.fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
			break;
	}
	waitpid(pid, NULL, 0);
	for (int call = 0; call < CALLS; call++)
		printf("%d\n", w->result[call]);
	return w->done ? 0 : 1;
}

static int denied(const char *what, bool failed)
{
	if (!failed)
		printf("%s was allowed\n", what);
	return failed ? 0 : 1;
}

static int fails(const char *what, long result, int error)
{
	if (result < 0 && errno == error)
		return 0;
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "was allowed");
	return 1;
}

static int sockets(void)
{
	int bad = 0;

	for (int family = 0; family < 64; family++) {
		bool has = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
			   family == AF_NETLINK;
		int fd = socket(family, family == AF_NETLINK ? SOCK_RAW : SOCK_DGRAM, 0);
		long high = syscall(SYS_socket, 1ll << 32 | family, SOCK_DGRAM, 0);

		if (has == (fd < 0) || (fd < 0 && errno != EAFNOSUPPORT) || (!has && high >= 0))
			bad += printf("family %d: %d %s\n", family, fd, strerror(errno));
		close(fd);
	}
	return bad;
}

/* Larger buffers would be memory that is not counted. */
static int buffers(void)
{
	static const int options[] = {SO_SNDBUF, SO_RCVBUF};
	int bad = 0, fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return puts("no sockets");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		int before = 0, after = 0, wanted = 100000;
		socklen_t n = sizeof before;

		getsockopt(fds[0], SOL_SOCKET, options[i], &before, &n);
		if (setsockopt(fds[0], SOL_SOCKET, options[i], &wanted, sizeof wanted) < 0 ||
		    syscall(SYS_setsockopt, fds[0], 1ll << 32 | SOL_SOCKET, 1ll << 32 | options[i],
			    &wanted, sizeof wanted) < 0)
			bad += printf("buffers: %s\n", strerror(errno));
		getsockopt(fds[0], SOL_SOCKET, options[i], &after, &n);
		if (!before || after != before)
			bad += printf("buffers: %d\n", after);
	}
	return bad;
}

static int namespaces(void)
{
	static const long kinds[] = {CLONE_NEWCGROUP, CLONE_NEWIPC,  CLONE_NEWNET, CLONE_NEWNS,
				     CLONE_NEWPID,    CLONE_NEWUSER, CLONE_NEWUTS};
	int bad = fails("unshare time", unshare(CLONE_NEWTIME), EPERM);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		long pid = syscall(SYS_clone, kinds[i] | SIGCHLD, NULL, NULL, NULL, NULL);

		if (pid == 0)
			_exit(0);
		bad += fails("clone", pid, EPERM);
		bad += fails("unshare", unshare((int)kinds[i]), EPERM);
	}
	return bad + fails("setns", setns(open("/proc/self/ns/uts", O_RDONLY), 0), EPERM);
}

/* The calls of other architectures would not pass through the list. */
static int other_calls(void)
{
	int bad = 0;
#if defined(__x86_64__)
	long result = 20; /* getpid of 32 bits */

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	if (result != -ENOSYS)
		bad += printf("getpid of 32 bits: %ld\n", result);
	bad += fails("getpid of x32", syscall(0x40000000L | SYS_getpid), ENOSYS);
#endif
	return bad;
}

static int typing(int fd, const char *what)
{
	static const unsigned long requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD};
	char c = '\n';
	int bad = 0;

	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		bad += fails(what, syscall(SYS_ioctl, fd, requests[i], &c), EPERM);
		bad += fails(what, syscall(SYS_ioctl, fd, 1ul << 32 | requests[i], &c), EPERM);
	}
	return bad;
}

static int terminals(void)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY), bad;

	if (pty < 0 || unlockpt(pty) < 0)
		return puts("no pseudo-terminal");
	bad = typing(ioctl(pty, TIOCGPTPEER, O_RDWR | O_NOCTTY), "pseudo-terminal");
	return bad + denied("terminal", open("/dev/tty", O_RDWR) < 0);
}

/* What is not listed has nothing in it. */
static int proc(void)
{
	static const char shown[] = " cpuinfo filesystems loadavg meminfo mounts net self stat sys "
				    "sysvipc thread-self uptime version vmstat ";
	DIR *d = opendir("/proc");
	const struct dirent *de;
	int bad = 0;

	while (d && (de = readdir(d))) {
		hull_autofree char *word = hull_asprintf(" %s ", de->d_name);
		hull_autofree char *path = hull_asprintf("/proc/%s", de->d_name);
		hull_autostrv struct hull_strv names = {0};
		hull_autobuf struct hull_buf text = {0};
		struct stat st;

		if (*de->d_name == '.' || strchr("123456789", *de->d_name) || lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && hull_dir_list(AT_FDCWD, path, &names, NULL) < 0)
			bad += printf("%s cannot be read\n", path);
		if (S_ISREG(st.st_mode) && hull_file_read(AT_FDCWD, path, &text, NULL) < 0)
			bad += printf("%s cannot be read\n", path);
		if (!strstr(shown, word) ? names.n || text.n || S_ISLNK(st.st_mode)
					 : !names.n && !text.n && S_ISREG(st.st_mode))
			bad += printf("%s: %zu entries, %zu bytes\n", path, names.n, text.n);
	}
	bad += denied("write /proc/cmdline", open("/proc/cmdline", O_WRONLY) < 0);
	return d && closedir(d) == 0 ? bad : 1;
}

/* There is no list of mounts. */
static int set_ids(void)
{
	static const char *const mounts[] = {"/",	 "/usr",     "/proc", "/proc/sys", "/dev",
					     "/dev/shm", "/dev/pts", "/tmp",  "/tmp/self"};
	struct statvfs fs;
	int bad = 0;

	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
		if (statvfs(mounts[i], &fs) < 0 || !(fs.f_flag & ST_NOSUID))
			bad += printf("%s\n", mounts[i]);
	return bad;
}

static int cgroup(void)
{
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;
	int bad = 0;

	if (hull_file_read(AT_FDCWD, "/proc/self/cgroup", &text, NULL) < 0)
		return 0; /* a kernel without them */
	for (rest = text.p; (line = strsep(&rest, "\n")) && *line;)
		if (strcmp(strrchr(line, ':'), ":/") != 0)
			bad += printf("%s\n", line);
	return bad;
}

static int reach(void)
{
	return sockets() + buffers() + namespaces() + other_calls() + terminals() + proc() +
	       set_ids() + cgroup();
}

/* Whether the caller's session keyring is this process'; without the filter, which forbids to ask. */
static int keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", SECRET, 0) >= 0)
		return puts("the caller's key");
	return errno == ENOKEY || errno == ENOSYS ? 0 : printf("%s\n", strerror(errno));
}

/* On a terminal of another kind than the caller's, number `outer`, whose size it has. */
static int shell(unsigned long outer)
{
	struct winsize size = {0};
	struct stat st;
	int bad = typing(0, "terminal") + typing(open("/dev/tty", O_RDWR), "/dev/tty");

	if (fstat(0, &st) < 0 || st.st_rdev == outer || !isatty(0) || !isatty(1))
		bad += puts("not a terminal of its own");
	for (int i = 0; i < 500 && size.ws_col != 88; i++) {
		ioctl(0, TIOCGWINSZ, &size);
		if (i == 0 && (size.ws_row != 33 || size.ws_col != 77))
			bad += puts("not the size of the terminal");
		if (i == 0) /* now it is changed */
			puts("ready");
		fflush(stdout);
		usleep(10000);
	}
	if (size.ws_row != 44 || size.ws_col != 88)
		bad += puts("size does not follow");
	return bad ? 1 : 0;
}

static int inside(char **argv)
{
	if (!strcmp(argv[0], "walk"))
		return walk();
	if (!strcmp(argv[0], "reach"))
		return reach() ? 1 : 0;
	if (!strcmp(argv[0], "keyring"))
		return keyring() ? 1 : 0;
	if (!strcmp(argv[0], "shell"))
		return shell(strtoul(argv[1], NULL, 10));
	pause();
	return 0;
}

/* --- running --- */

static const struct hull_mount *program(void)
{
	static struct hull_mount m = {.kind = HULL_MOUNT_RO, .target = "/tmp/self"};

	m.source = self;
	return &m;
}

static struct hull_sandbox sandbox(const char *const *argv)
{
	return (struct hull_sandbox){.root = "/",
				     .argv = ARGV(argv),
				     .envp = ARGV(environment),
				     .mounts = program(),
				     .nmounts = 1,
				     .hostname = "build"};
}

static void run_inside(const char *what, const char *out_want, struct run *out)
{
	const char *argv[] = {"/tmp/self", "--inside", what, NULL};

	run_sandbox(sandbox(argv), out);
	expect(what, out, HULL_END_EXIT, 0, out_want);
}

/* The kernel does what the lists say. */
static void test_walk(void **state)
{
	struct run r;
	int wrong = 0;
	char *rest = r.out, *line;

	(void)state;
	run_inside("walk", NULL, &r);
	for (int call = 0; call < CALLS; call++) {
		line = strsep(&rest, "\n");
		assert_non_null(line);
		if (past_filters(call) ||
		    strtol(line, NULL, 10) == expected(seccomp_arch_native(), call))
			continue;
		print_error("call %d: %s\n", call, strerror((int)strtol(line, NULL, 10)));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void test_reach(void **state)
{
	struct run r;

	(void)state;
	run_inside("reach", "", &r);
}

/* In a child, whose session keyring is then another one. */
static void live_without_filter(void)
{
	const char *argv[] = {"/tmp/self", "--inside", "keyring", NULL};
	struct hull_sandbox s = sandbox(argv);
	struct hull_plan p;
	struct hull_err e;
	pid_t pid;
	int fds[2], status = 1;

	if ((syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	     syscall(SYS_add_key, "user", SECRET, "x", 1, KEY_SPEC_SESSION_KEYRING) < 0) &&
	    errno != ENOSYS)
		_exit(2);
	if (hull_plan_init(&p, &s, false, &e) < 0 || pipe(fds) < 0)
		_exit(3);
	sched_getaffinity(0, sizeof p.cpus, &p.cpus);
	for (size_t i = 0; i < p.n; i++)
		if (p.steps[i].kind == HULL_STEP_FILTER)
			p.steps[i].kind = HULL_STEP_CORES; /* the caller's */
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
		    CLONE_NEWUTS) < 0)
		_exit(4);
	pid = fork();
	if (pid == 0)
		hull_plan_live(&p, fds[1]);
	close(fds[1]);
	for (struct hull_plan_report r; read(fds[0], &r, sizeof r) == (ssize_t)sizeof r;)
		status = r.kind == HULL_REPORT_ENDED ? WEXITSTATUS(r.value) : 5;
	waitpid(pid, NULL, 0);
	_exit(status);
}

static void test_keyring(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		live_without_filter();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- the caller's terminal --- */

/* What hull shell does; the modes of the terminal are compared by the parent. */
static void run_shell(struct hull_sandbox s)
{
	struct hull_sandbox_result r;
	struct hull_err e;

	if (hull_sandbox_run(&s, &r, &e) < 0)
		printf("%s\n", e.msg);
	else
		printf("end %d status %d\n", (int)r.end, r.status);
	fflush(stdout);
	_exit(0);
}

static void read_until(int pty, const char *want, struct hull_buf *out)
{
	struct pollfd fd = {.fd = pty, .events = POLLIN};
	char text[512];
	ssize_t n;

	while (!(out->n && strstr(out->p, want)) && poll(&fd, 1, 10000) > 0 &&
	       (n = read(pty, text, sizeof text)) > 0)
		hull_buf_add(out, text, (size_t)n);
	if (!out->n || !strstr(out->p, want))
		fail_msg("terminal: %s", out->n ? out->p : "");
}

static void test_terminal(void **state)
{
	static const struct {
		const char *what;
		uint64_t seconds;
		const char *want;
	} cases[] = {{"shell", 0, "end 0 status 0"}, {"pause", 1, "end 4 status 9"}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct winsize size = {.ws_row = 33, .ws_col = 77};
		hull_autobuf struct hull_buf out = {0};
		struct termios before = {0}, raw, after = {0};
		char number[32] = "";
		const char *argv[] = {"/tmp/self", "--inside", cases[i].what, number, NULL};
		struct hull_sandbox s = sandbox(argv);
		int pty, slave;
		struct stat st;
		pid_t pid;

		assert_int_equal(openpty(&pty, &slave, NULL, NULL, &size), 0);
		assert_int_equal(fstat(slave, &st), 0);
		snprintf(number, sizeof number, "%lu", (unsigned long)st.st_rdev);
		assert_int_equal(tcgetattr(slave, &before), 0);
		s.terminal = true;
		s.limits.seconds = cases[i].seconds;
		pid = fork();
		if (pid == 0) {
			login_tty(slave);
			run_shell(s);
		}
		if (!cases[i].seconds) {
			read_until(pty, "ready", &out);
			tcgetattr(slave, &raw);
			assert_int_equal(raw.c_lflag & (ICANON | ISIG | ECHO), 0);
			size = (struct winsize){.ws_row = 44, .ws_col = 88};
			ioctl(pty, TIOCSWINSZ, &size);
		}
		read_until(pty, "end ", &out);
		read_until(pty, cases[i].want, &out);
		waitpid(pid, NULL, 0);
		assert_int_equal(tcgetattr(slave, &after), 0);
		assert_memory_equal(&before, &after, sizeof before);
		close(slave);
		close(pty);
	}
}

/* --- main --- */

static int run_all(const char *who)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_keyring),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests_name(who, tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "--inside"))
		return inside(argv + 2);
	return run_for_all("test_sandbox_reach", &self, run_all);
}
