// SPDX-License-Identifier: MIT
#include "base/children.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

/* They reserve terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
enum { ADDRESS_LIMIT = 0 };
#else
enum { ADDRESS_LIMIT = 1 };
#endif

enum { TICK_MS = 100, IDLE_MS = 1000, MESSAGE_BYTES = 1 << 20 };

struct child {
	pid_t pid; /* 0: idle */
	int fd;
	int64_t deadline_ms;
	struct hull_buf
		out; /* the result; of a child that is reused: what is no whole result yet */
};

/* Before the result of a child that is reused. */
struct result_header {
	size_t job, bytes;
};

/* Memory that parent and children have in common. */
struct shared {
	atomic_size_t next; /* the job that is begun next */
	struct {
		size_t job; /* that it does, or has ended by */
		/* Its error; pages of it that nobody writes to are not there. */
		int code, sys;
		char msg[MESSAGE_BYTES];
	} of_child[];
};

struct children {
	const struct hull_children *what;
	size_t n;
	int places;
	struct child *v;    /* one a place */
	struct pollfd *fds; /* the same */
	struct shared *shared;
	size_t shared_bytes;
	size_t failed;	    /* the first job that failed, n if none did */
	struct hull_err *e; /* its error */
};

/* What the child needs to know. */
struct start {
	struct children *all;
	int place, out;
};

static void limit(int resource, rlim_t to)
{
	struct rlimit r = {to, to};

	setrlimit(resource, &r);
}

static void fail_job(const struct start *s, const struct hull_err *e)
{
	s->all->shared->of_child[s->place].sys = e->sys;
	snprintf(s->all->shared->of_child[s->place].msg, MESSAGE_BYTES, "%s", e->msg);
	s->all->shared->of_child[s->place].code = e->code;
	_exit(1);
}

/* What a job has written to `result`, which is emptied for the next one. */
static void send_result(size_t job, int result, int out)
{
	struct result_header h = {.job = job};
	off_t end = lseek(result, 0, SEEK_END);

	h.bytes = (size_t)end;
	if (end < 0 || hull_fd_write(out, &h, sizeof h, NULL) < 0)
		_exit(127);
	if (hull_fd_send(result, (uint64_t)end, out, NULL) < 0)
		_exit(127);
	if (ftruncate(result, 0) < 0 || lseek(result, 0, SEEK_SET) < 0)
		_exit(127);
}

/* Returns if all went well. */
static void do_jobs(void *arg, int out)
{
	const struct start *s = arg;
	const struct hull_children *what = s->all->what;
	size_t *job = &s->all->shared->of_child[s->place].job;
	int result = what->reuse ? memfd_create("result", MFD_CLOEXEC) : out;
	struct hull_err e = {0};

	if (result < 0 || madvise(s->all->shared, s->all->shared_bytes, MADV_DONTFORK) < 0)
		_exit(127);
	do {
		if (what->job(*job, result, what->ctx, &e) < 0)
			fail_job(s, &e);
		if (!what->reuse)
			return;
		send_result(*job, result, out);
		*job = atomic_fetch_add(&s->all->shared->next, 1);
	} while (*job < s->all->n);
}

static void run_jobs(void *arg)
{
	const struct start *s = arg;
	const struct hull_children *what = s->all->what;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	struct hull_err e = {0};

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(127);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its writer */
	limit(RLIMIT_CORE, 0);
	if (ADDRESS_LIMIT && what->address_bytes)
		limit(RLIMIT_AS, (rlim_t)what->address_bytes);
	if (!what->within) {
		do_jobs(arg, s->out);
		return;
	}
	status = what->within(do_jobs, arg, s->out, what->ctx, &e);
	if (status < 0)
		fail_job(s, &e);
	_exit(status);
}

static void set_deadline(const struct children *c, struct child *w)
{
	w->deadline_ms = c->what->seconds ? hull_monotonic_ms() + (int64_t)c->what->seconds * 1000
					  : INT64_MAX;
}

static int start(struct children *c, int place, struct hull_err *e)
{
	struct start s = {.all = c, .place = place};
	size_t job = atomic_fetch_add(&c->shared->next, 1);
	struct child *w = &c->v[place];
	int fds[2];
	pid_t pid;

	if (job >= c->n)
		return 0;
	c->shared->of_child[place].job = job;
	c->shared->of_child[place].code = 0;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "pipe");
	s.out = fds[1];
	pid = hull_fork(run_jobs, &s, e);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -1;
	}
	w->pid = pid;
	w->fd = fds[0];
	set_deadline(c, w);
	return 0;
}

/*
 * Kills what the job started and reaps it. The group is killed while its leader is still a zombie
 * at least: its number cannot have become somebody else's then.
 */
static int reap(struct child *w)
{
	int status;

	kill(-w->pid, SIGKILL);
	status = hull_wait(w->pid, NULL);
	close(w->fd);
	w->pid = 0;
	return status;
}

static void end_job(struct children *c, size_t job, const struct hull_buf *out, int status,
		    struct hull_err *e)
{
	if (c->what->done(job, out, status, c->what->ctx, e) >= 0 || job >= c->failed)
		return;
	c->failed = job;
	*c->e = *e;
	atomic_store(&c->shared->next, c->n);
}

/* What a child that is reused says: the results of jobs that went well. */
static void take_results(struct children *c, struct child *w)
{
	struct hull_err e = {0};
	struct result_header h;
	size_t i = 0;

	while (w->out.n - i >= sizeof h) {
		hull_autobuf struct hull_buf one = {0};

		memcpy(&h, w->out.p + i, sizeof h);
		if (w->out.n - i - sizeof h < h.bytes)
			break;
		hull_buf_add(&one, w->out.p + i + sizeof h, h.bytes);
		i += sizeof h + h.bytes;
		end_job(c, h.job, &one, 0, &e);
		set_deadline(c, w);
	}
	w->out.n -= i;
	memmove(w->out.p, w->out.p + i, w->out.n);
}

/* Takes what there is to read; true when the child has ended. */
static bool take(struct children *c, struct child *w)
{
	char chunk[64 * 1024];
	ssize_t n = read(w->fd, chunk, sizeof chunk);

	if (n > 0)
		hull_buf_add(&w->out, chunk, (size_t)n);
	if (n > 0 && c->what->reuse)
		take_results(c, w);
	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static void take_error(struct children *c, int place, int status, struct hull_err *e)
{
	int code = c->shared->of_child[place].code, sys = c->shared->of_child[place].sys;
	char *msg = c->shared->of_child[place].msg;

	if (!code) {
		hull_fail(e, HULL_FAILED, "a process ended with status %d", status);
		return;
	}
	msg[MESSAGE_BYTES - 1] = '\0';
	hull_fail(e, code, "%-s", msg);
	e->sys = sys;
}

static void finish(struct children *c, int place, bool late)
{
	struct child *w = &c->v[place];
	struct hull_err e = {0};
	siginfo_t info;
	int status;

	/* Its pipe is closed: it is about to exit, and must not be killed while it does. */
	while (!late && waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	status = reap(w);
	if (late) {
		status = -1;
	} else if (status > 0 && status <= 128) {
		take_error(c, place, status, &e);
	} else if (status == 0 && c->what->reuse && c->shared->of_child[place].job < c->n) {
		status = 127;
		hull_fail(&e, HULL_FAILED, "a process ended before its job");
	}
	if (status || !c->what->reuse)
		end_job(c, c->shared->of_child[place].job, &w->out, status, &e);
	w->out.n = 0;
}

/* Waits until a child has something to say or is out of time. */
static int wait_some(struct children *c, struct hull_err *e)
{
	int64_t now = hull_monotonic_ms(), wait_ms = c->what->progress ? TICK_MS : IDLE_MS;

	for (int i = 0; i < c->places; i++) {
		int64_t left = c->v[i].deadline_ms - now;

		c->fds[i] = (struct pollfd){.fd = c->v[i].pid ? c->v[i].fd : -1, .events = POLLIN};
		if (c->v[i].pid && left < wait_ms)
			wait_ms = left > 0 ? left : 0;
	}
	if (poll(c->fds, (nfds_t)c->places, (int)wait_ms) < 0) {
		if (errno != EINTR)
			return hull_fail_errno(e, "poll");
		memset(c->fds, 0, (size_t)c->places * sizeof *c->fds);
	}
	if (hull_interrupted())
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	now = hull_monotonic_ms();
	for (int i = 0; i < c->places; i++) {
		if (!c->v[i].pid)
			continue;
		if (c->fds[i].revents && take(c, &c->v[i]))
			finish(c, i, false);
		else if (now >= c->v[i].deadline_ms)
			finish(c, i, true);
	}
	return 0;
}

static int run(struct children *c, struct hull_err *e)
{
	int running, r = 0;

	do {
		running = 0;
		for (int i = 0; i < c->places && r == 0; i++) {
			if (!c->v[i].pid)
				r = start(c, i, e);
			running += c->v[i].pid != 0;
		}
		if (r == 0 && running)
			r = wait_some(c, e);
		if (c->what->progress)
			hull_progress_tick(c->what->progress);
	} while (r == 0 && running);
	for (int i = 0; i < c->places; i++) {
		if (c->v[i].pid)
			reap(&c->v[i]);
		hull_buf_fini(&c->v[i].out);
	}
	return r;
}

int hull_children_run(const struct hull_children *what, size_t n, struct hull_err *e)
{
	int cores = what->processes < 1 ? hull_cores() : what->processes;
	int places = n < (size_t)cores ? (int)n : cores, r;
	hull_autofree struct child *v = hull_alloc_array((size_t)places, sizeof *v);
	hull_autofree struct pollfd *fds = hull_alloc_array((size_t)places, sizeof *fds);
	struct hull_err failure;
	struct children c = {.what = what,
			     .n = n,
			     .places = places,
			     .v = v,
			     .fds = fds,
			     .failed = n,
			     .e = &failure};

	c.shared_bytes = sizeof *c.shared + (size_t)places * sizeof *c.shared->of_child;
	c.shared = mmap(NULL, c.shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (c.shared == MAP_FAILED)
		return hull_fail_errno(e, "mmap");
	r = run(&c, e);
	munmap(c.shared, c.shared_bytes);
	if (r == 0 && c.failed < n)
		r = hull_fail_as(e, &failure);
	return r;
}
