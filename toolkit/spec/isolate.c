// SPDX-License-Identifier: MIT
#include "spec/isolate.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif

struct worker {
	size_t job;
	pid_t pid; /* 0: idle */
	int fd;
	int64_t deadline_ms;
	struct hull_buf out;
};

static void limit_child(void)
{
	struct rlimit none = {0, 0};
	sigset_t all;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !HAS_FEATURE(address_sanitizer)
	/* Address sanitizer reserves terabytes. */
	struct rlimit space = {(rlim_t)2 << 30, (rlim_t)2 << 30};

	setrlimit(RLIMIT_AS, &space);
#endif
}

static void run_child(const struct hull_isolated *r, size_t job, int out, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(127);
	limit_child();
	r->job(job, out, r->ctx);
	_exit(0);
}

static int start(const struct hull_isolated *r, struct worker *w, size_t job, struct hull_err *e)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "pipe");
	w->pid = fork();
	if (w->pid == 0)
		run_child(r, job, fds[1], parent);
	close(fds[1]);
	if (w->pid < 0) {
		w->pid = 0;
		hull_fail_errno(e, "fork");
		close(fds[0]);
		return -1;
	}
	setpgid(w->pid, w->pid); /* both sides do it: whoever is first */
	w->fd = fds[0];
	w->job = job;
	w->deadline_ms = hull_monotonic_ms() + (int64_t)r->seconds * 1000;
	return 0;
}

/*
 * Kills what the job started and reaps it. The group is killed while its leader is still a zombie
 * at least: its number cannot have become somebody else's then.
 */
static int reap(struct worker *w)
{
	struct hull_err ignored;
	int status;

	kill(-w->pid, SIGKILL);
	status = hull_wait(w->pid, &ignored);
	close(w->fd);
	w->pid = 0;
	return status;
}

/* Takes what there is to read; true when the job has ended. */
static bool take(struct worker *w)
{
	char chunk[64 * 1024];
	ssize_t n = read(w->fd, chunk, sizeof chunk);

	if (n > 0)
		hull_buf_add(&w->out, chunk, (size_t)n);
	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void finish(const struct hull_isolated *r, struct worker *w, bool late)
{
	siginfo_t info;
	int status;

	/* Its pipe is closed: it is about to exit, and must not be killed while it does. */
	while (!late && waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	status = reap(w);
	r->done(w->job, &w->out, late ? -1 : status, r->ctx);
	w->out.n = 0;
}

/* Waits until a worker has something to say or is out of time. */
static int wait_some(const struct hull_isolated *r, struct worker *workers, struct pollfd *fds,
		     struct hull_err *e)
{
	int64_t now = hull_monotonic_ms(), wait_ms = 1000;

	for (int i = 0; i < r->workers; i++) {
		int64_t left = workers[i].deadline_ms - now;

		fds[i] = (struct pollfd){.fd = workers[i].pid ? workers[i].fd : -1,
					 .events = POLLIN};
		if (workers[i].pid && left < wait_ms)
			wait_ms = left > 0 ? left : 0;
	}
	if (poll(fds, (nfds_t)r->workers, (int)wait_ms) < 0 && errno != EINTR)
		return hull_fail_errno(e, "poll");
	if (hull_interrupted())
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	now = hull_monotonic_ms();
	for (int i = 0; i < r->workers; i++) {
		if (!workers[i].pid)
			continue;
		if (fds[i].revents && take(&workers[i]))
			finish(r, &workers[i], false);
		else if (now >= workers[i].deadline_ms)
			finish(r, &workers[i], true);
	}
	return 0;
}

int hull_isolated_run(const struct hull_isolated *r, size_t n, struct hull_err *e)
{
	hull_autofree struct worker *workers = hull_alloc((size_t)r->workers * sizeof *workers);
	hull_autofree struct pollfd *fds = hull_alloc((size_t)r->workers * sizeof *fds);
	size_t next = 0, running;
	int result = 0;

	do {
		running = 0;
		for (int i = 0; i < r->workers && result == 0; i++) {
			if (!workers[i].pid && next < n)
				result = start(r, &workers[i], next++, e);
			running += workers[i].pid != 0;
		}
		if (result == 0 && running)
			result = wait_some(r, workers, fds, e);
	} while (result == 0 && running);
	for (int i = 0; i < r->workers; i++) {
		if (workers[i].pid)
			reap(&workers[i]);
		hull_buf_fini(&workers[i].out);
	}
	return result;
}
