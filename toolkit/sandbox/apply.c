// SPDX-License-Identifier: MIT
#include "sandbox/plan.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/mounts.h"
#include "sandbox/runner.h"

/*
 * Everything here runs between fork and exec, in a copy of a process that may have had threads:
 * system calls only, nothing that allocates or locks. Functions return -1 with errno set. What they
 * leave open on the way out does not matter: a failure ends the process.
 */

enum { REPORT = 3 }; /* where the descriptor for reports goes */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* It is closed when the command is executed. */
static int open_sysv(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == HULL_PLAN_SYSV || (fd < 0 && errno == ENOENT))
		return 0;
	if (fd < 0 || dup3(fd, HULL_PLAN_SYSV, O_CLOEXEC) < 0)
		return -1;
	return close(fd);
}

/* Whoever has started this closes the pipe, after a byte if all went well. */
static int wait_for_ids(const int ids[2])
{
	char byte;

	close(ids[1]);
	errno = EPERM;
	return read(ids[0], &byte, 1) == 1 ? 0 : -1;
}

/* To be told when hull is dead: the kernel forgets that when ids change. */
static int stay_with_hull(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/*
 * Nothing of the caller's ids is left then, no group either. Not those of the C library, which tell all
 * threads. A process that has changed them is closed to others of its ids, as it would be to itself.
 */
static int take_ids(void)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, 0, 0, 0) < 0 ||
	    syscall(SYS_setresuid, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return -1;
	return stay_with_hull();
}

/*
 * A namespace of groups has its top where whoever makes it is at that moment: so the process is in its
 * group first, and not CLONE_NEWCGROUP does it, whose top is where the parent is.
 */
static int enter_group(int procs)
{
	if (procs >= 0 && write(procs, "0", 1) != 1)
		return -1;
	return unshare(CLONE_NEWCGROUP) < 0 && errno != EINVAL ? -1
							       : 0; /* a kernel without groups */
}

static int bring_up_loopback(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		return -1;
	return close(fd);
}

static int set_names(const char *hostname)
{
	static const char domain[] = "(none)"; /* what a machine without NIS has */

	if (sethostname(hostname, strlen(hostname)) < 0)
		return -1;
	return setdomainname(domain, sizeof domain - 1);
}

/* After that nothing of hull's is open: no lock is kept, no pipe of another sandbox. */
static int connect_descriptors(const struct hull_sandbox *s, int *report)
{
	int fds[] = {s->in, s->out ? s->out : 1, s->err ? s->err : 2, *report};

	if (!s->in && !s->terminal)
		fds[0] = open(HULL_OLD "/dev/null", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i <= REPORT; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, REPORT + 1);
		if (fds[i] < 0)
			return -1;
	}
	for (int i = 0; i <= REPORT; i++)
		if (dup3(fds[i], i, i == REPORT ? O_CLOEXEC : 0) < 0)
			return -1;
	*report = REPORT;
	return close_range(REPORT + 1, ~0U, 0);
}

static int limit(const struct hull_step *st)
{
	__rlimit_resource_t resource = (__rlimit_resource_t)st->attr;
	struct rlimit now;

	if (getrlimit(resource, &now) < 0)
		return -1;
	if (st->number < now.rlim_max)
		now.rlim_max = st->number;
	now.rlim_cur = now.rlim_max;
	return setrlimit(resource, &now);
}

static int take_terminal(void)
{
	for (int fd = 0; fd < REPORT; fd++)
		if (ioctl(fd, TIOCSCTTY, 0) == 0)
			break;
	return 0;
}

/* By the first process: the kernel gives them in order. */
static int use_up_pids(uint64_t number)
{
	while (number--) {
		pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) < 0)
			return -1;
	}
	return 0;
}

/*
 * A kernel may have none, and a user has no more of them than kernel.keys.maxkeys. That is no reason
 * to fail: the calls that would use the caller's are refused.
 */
static int make_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    errno != EDQUOT)
		return -1;
	return 0;
}

/* All but `kept`, bits of capabilities. */
static int give_up_capabilities(uint32_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = kept, .permitted = kept, .inheritable = kept}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if ((cap > 31 || !(kept & 1U << cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &header, data) < 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* What installing files takes, and nothing over mounts, devices, the network or other processes. */
static int keep_for_files(void)
{
	static const int kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
				   CAP_KILL,  CAP_SETGID,	CAP_SETUID, CAP_SYS_CHROOT};
	uint32_t bits = 0;

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		bits |= 1U << kept[i];
	return give_up_capabilities(bits);
}

/* But for CAP_KILL, to end what has another id. */
static int put_in_force(bool on)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		data[i].effective = on ? data[i].permitted : i ? 0 : 1U << CAP_KILL;
	return (int)syscall(SYS_capset, &header, data);
}

int hull_sandbox_rest(void)
{
	enum {
		BITS = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
		       SECBIT_NO_SETUID_FIXUP_LOCKED
	};

	if (prctl(PR_SET_SECUREBITS, BITS, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return put_in_force(false);
}

int hull_sandbox_wake(void)
{
	return put_in_force(true);
}

int hull_sandbox_give_up(bool read_all)
{
	uint32_t kept = read_all ? 1U << CAP_DAC_READ_SEARCH : 0;

	const struct hull_filter *filters = hull_plan_filters(NULL); /* the plan has made them */

	if (give_up_capabilities(kept) < 0)
		return -1;
	if (read_all && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) < 0)
		return -1;
	for (int i = 0; i < HULL_FILTERS; i++)
		if (!filters || hull_filter_apply(&filters[i]) < 0)
			return -1;
	return 0;
}

int hull_sandbox_as_command(void)
{
	const struct hull_filter *filters = hull_plan_filters(NULL);

	if (!filters || make_keyring() < 0 || keep_for_files() < 0)
		return -1;
	for (int i = HULL_FILTERS; i-- > 0;)
		if (hull_filter_apply(&filters[i]) < 0)
			return -1;
	return 0;
}

/* It has no business with the reports and what hull looks at. */
static int call(const struct hull_sandbox *s, int report)
{
	close(report);
	close(HULL_PLAN_SYSV);
	_exit(s->call(s->ctx));
}

static int apply(const struct hull_plan *p, const struct hull_step *st, int *report)
{
	switch (st->kind) {
	case HULL_STEP_DESCRIPTORS:
		return connect_descriptors(&p->sandbox, report);
	case HULL_STEP_IDS:
		return wait_for_ids(p->ids) < 0 || (st->number && take_ids() < 0) ? -1 : 0;
	case HULL_STEP_CGROUP:
		return enter_group(p->procs);
	case HULL_STEP_WRITE:
		return write_file(st->target, st->data);
	case HULL_STEP_TUNE:
		write_file(st->target, st->data);
		return 0;
	case HULL_STEP_SYSV:
		return open_sysv(st->target);
	case HULL_STEP_LOOPBACK:
		return bring_up_loopback();
	case HULL_STEP_HOSTNAME:
		return set_names(st->data);
	case HULL_STEP_STAGE:
	case HULL_STEP_BIND:
	case HULL_STEP_FILESYSTEM:
	case HULL_STEP_UNION:
	case HULL_STEP_SYMLINK:
	case HULL_STEP_TEXT:
	case HULL_STEP_HIDE:
	case HULL_STEP_READONLY:
	case HULL_STEP_ENTER:
	case HULL_STEP_ENTER_APART:
		return hull_mounts_apply(st);
	case HULL_STEP_PIDS:
		return use_up_pids(st->number);
	case HULL_STEP_OLD_KERNEL:
		return personality(UNAME26) < 0 ? -1 : 0;
	case HULL_STEP_COMMAND:
		return 0;
	case HULL_STEP_CORES:
		return sched_setaffinity(0, sizeof p->cpus, &p->cpus);
	case HULL_STEP_NICE:
		return setpriority(PRIO_PROCESS, 0, (int)st->number);
	case HULL_STEP_LIMIT:
		return limit(st);
	case HULL_STEP_SESSION:
		return setsid() < 0 ? -1 : 0;
	case HULL_STEP_TERMINAL:
		return take_terminal();
	case HULL_STEP_KEYRING:
		return make_keyring();
	case HULL_STEP_CAPABILITIES:
		return keep_for_files();
	case HULL_STEP_CHDIR:
		return chdir(st->target);
	case HULL_STEP_FILTER:
		return hull_filter_apply(&p->filters[st->number]);
	case HULL_STEP_EXEC:
		return execve(st->target, p->sandbox.argv, p->sandbox.envp);
	case HULL_STEP_CALL:
		return call(&p->sandbox, *report);
	}
	errno = EINVAL;
	return -1;
}

static void tell(int report, enum hull_plan_report_kind kind, int value, size_t step)
{
	struct hull_plan_report r = {.kind = kind, .value = value, .step = step};

	/* Nobody reads it any more: then hull is gone, and so are we. */
	if (write(report, &r, sizeof r) != (ssize_t)sizeof r)
		_exit(1);
}

/* Applies the steps from `at` up to the first of kind `end`, whose number is returned. */
static size_t apply_until(const struct hull_plan *p, size_t at, enum hull_step_kind end,
			  int *report)
{
	for (; at < p->n && p->steps[at].kind != end; at++)
		if (apply(p, &p->steps[at], report) < 0) {
			tell(*report, HULL_REPORT_FAILED, errno, at);
			_exit(1);
		}
	return at;
}

static void become_first(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	/* If hull died before this call, the report that the root is ready finds no reader. */
	stay_with_hull();
}

static void reap(pid_t command, int report)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) != command)
		if (pid < 0 && errno != EINTR)
			_exit(1);
	/* The kernel would do that, too, but forget what time they took. */
	do
		kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
	tell(report, HULL_REPORT_ENDED, status, 0);
	_exit(0);
}

void hull_plan_live(const struct hull_plan *p, int report)
{
	size_t command_step;
	pid_t command;

	become_first();
	command_step = apply_until(p, 0, HULL_STEP_COMMAND, &report);
	tell(report, HULL_REPORT_READY, 0, 0);
	command = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (command < 0)
		tell(report, HULL_REPORT_FAILED, errno, command_step);
	if (command > 0)
		reap(command, report);
	if (command == 0)
		apply_until(p, command_step + 1, HULL_STEP_COMMAND, &report);
	_exit(0);
}
