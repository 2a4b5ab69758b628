// SPDX-License-Identifier: MIT
#include "sandbox/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "sandbox/ids.h"
#include "sandbox/meter.h"
#include "sandbox/plan.h"
#include "sandbox/support.h"
#include "streams/output.h"
#include "streams/terminal.h"

enum {
	LOOK_MS = 100,
	NEAR_MS = 20, /* when half of a limit is used */
};

struct running_sandbox {
	pid_t pid;  /* of the first process */
	int report; /* its pipe */
	struct hull_output log, data;
	struct hull_plan plan;
	struct hull_meter meter;
	struct hull_terminal terminal;
	bool ready, ended, failed;
	bool decided; /* result.end is: by a report, or because we killed it */
	struct hull_sandbox_result result;
	struct hull_err err; /* when failed */
	int64_t start_ms, looked_ms;
	int look_ms; /* how long to wait before the next look */
};

/* From the processor we run on: where the scheduler put this process is as good a place as any. */
static void choose_cpus(int cores, cpu_set_t *out)
{
	int start = sched_getcpu();
	cpu_set_t all;

	CPU_ZERO(out);
	if (start < 0 || sched_getaffinity(0, sizeof all, &all) < 0)
		return;
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(out) < cores; i++) {
		int cpu = (start + i) % CPU_SETSIZE;

		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, out);
	}
}

/* What only the first process needs. */
static void close_handed_over(struct running_sandbox *r)
{
	hull_ids_close(&r->plan);
	hull_closep(&r->plan.procs);
	hull_output_started(&r->log);
	hull_output_started(&r->data);
	hull_terminal_started(&r->terminal);
}

static void free_running(struct running_sandbox *r)
{
	hull_terminal_fini(&r->terminal);
	hull_closep(&r->plan.ids[0]);
	hull_closep(&r->plan.ids[1]);
	close_handed_over(r);
	hull_plan_fini(&r->plan);
	hull_meter_fini(&r->meter);
	hull_closep(&r->report);
	hull_output_fini(&r->log);
	hull_output_fini(&r->data);
	free(r);
}

/*
 * Not fork(): the namespaces have to be there from the start, for the process to be the first of
 * its pid namespace. No handler of hull's may run in it, so signals are blocked until it has reset
 * them.
 */
static pid_t clone_first(struct running_sandbox *r)
{
	unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
			      CLONE_NEWIPC | CLONE_NEWUTS;
	sigset_t all, before;
	pid_t pid;
	int saved;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = hull_cgroup_clone(&r->meter.group, flags, &r->plan.procs);
	if (pid == 0)
		return 0;
	saved = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

static int connect_outputs(struct running_sandbox *r, struct hull_err *e)
{
	struct hull_sandbox *s = &r->plan.sandbox;
	uint64_t max = s->limits.output_bytes;

	if (s->log && hull_output_init(&r->log, s->log, true, max, e) < 0)
		return -1;
	if (s->data && hull_output_init(&r->data, s->data, false, max, e) < 0)
		return -1;
	if (s->log)
		s->out = s->err = r->log.command;
	if (s->data)
		s->out = r->data.command;
	return 0;
}

static int connect_terminal(struct running_sandbox *r, struct hull_err *e)
{
	struct hull_sandbox *s = &r->plan.sandbox;

	if (hull_terminal_init(&r->terminal, e) < 0)
		return -1;
	s->in = hull_terminal_descriptor(&r->terminal, STDIN_FILENO);
	s->out = hull_terminal_descriptor(&r->terminal, STDOUT_FILENO);
	s->err = hull_terminal_descriptor(&r->terminal, STDERR_FILENO);
	return 0;
}

/* What hull made for the command: it may open these again, as /dev/stdout. */
static int give_outputs(const struct running_sandbox *r, uid_t id, struct hull_err *e)
{
	const int fds[] = {r->log.command, r->data.command, r->terminal.slave};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0 && fchown(fds[i], id, id) < 0)
			return hull_fail_errno(e, "sandbox: owner of its output");
	return 0;
}

/* The first process waits for it, HULL_STEP_IDS. */
static int map_ids(struct running_sandbox *r, struct hull_err *e)
{
	const struct hull_plan *p = &r->plan;
	uid_t id;

	if (!hull_plan_waits_for_ids(p))
		return 0;
	if (hull_ids_map(p, r->pid, &id, e) < 0)
		return -1;
	return p->other_id ? give_outputs(r, id, e) : 0;
}

/* out_first: the end of the reports' pipe that the first process gets. */
static int open_pipes(struct running_sandbox *r, int *out_first, struct hull_err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "sandbox: pipe");
	r->report = fds[0];
	*out_first = fds[1];
	fcntl(r->report, F_SETFL, O_NONBLOCK);
	if (hull_plan_waits_for_ids(&r->plan) && pipe2(r->plan.ids, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "sandbox: pipe");
	return 0;
}

static void describe_failure(const struct running_sandbox *r, const struct hull_step *st, int sys,
			     struct hull_err *e)
{
	const struct hull_cgroup *g = &r->meter.group;
	hull_autobuf struct hull_buf text = {0};
	struct stat stat_buf;

	hull_step_describe(st, &text);
	if (st->kind == HULL_STEP_CGROUP && g->fd >= 0)
		hull_buf_addf(&text, ": %s/%s/cgroup.procs", g->in->path, g->name);
	for (size_t i = 0; i < st->nlayers; i++)
		if (stat(st->layers[i] + strlen(HULL_OLD), &stat_buf) < 0 ||
		    !S_ISDIR(stat_buf.st_mode)) {
			hull_buf_addf(&text, ": layer %s", st->layers[i] + strlen(HULL_OLD));
			break;
		}
	errno = sys;
	hull_fail_errno(e, "sandbox: %s", text.p);
}

static struct running_sandbox *new_running(void)
{
	struct running_sandbox *r = hull_alloc(sizeof *r);

	r->report = -1;
	r->meter = HULL_METER_NONE;
	r->look_ms = LOOK_MS;
	r->log = r->data = HULL_OUTPUT_NONE;
	r->terminal.master = r->terminal.slave = -1;
	return r;
}

static int open_trees(struct running_sandbox *r, struct hull_err *e)
{
	size_t step;

	if (!r->plan.other_id || hull_ids_open(&r->plan, &step) == 0)
		return 0;
	describe_failure(r, &r->plan.steps[step], errno, e);
	return -1;
}

/* The first reason counts. */
static void decide(struct running_sandbox *r, enum hull_sandbox_end end, int status)
{
	if (r->decided)
		return;
	r->decided = true;
	r->result.end = end;
	r->result.status = status;
}

static void fail_setup(struct running_sandbox *r)
{
	decide(r, HULL_END_SETUP, 0);
	r->failed = r->result.end == HULL_END_SETUP;
}

static void take_report(struct running_sandbox *r, const struct hull_plan_report *report)
{
	switch (report->kind) {
	case HULL_REPORT_READY:
		r->ready = true;
		return;
	case HULL_REPORT_FAILED:
		describe_failure(r, &r->plan.steps[report->step], report->value, &r->err);
		fail_setup(r);
		return;
	case HULL_REPORT_ENDED:
		if (WIFEXITED(report->value))
			decide(r, HULL_END_EXIT, WEXITSTATUS(report->value));
		else
			decide(r, HULL_END_SIGNAL, WTERMSIG(report->value));
		return;
	}
}

static void take_reports(struct running_sandbox *r)
{
	struct hull_plan_report report;

	while (read(r->report, &report, sizeof report) == (ssize_t)sizeof report)
		take_report(r, &report);
}

static void kill_now(const struct running_sandbox *r)
{
	if (!r->ended)
		kill(r->pid, SIGKILL);
}

static void kill_for(struct running_sandbox *r, enum hull_sandbox_end end)
{
	decide(r, end, SIGKILL);
	kill_now(r);
}

/* A limit was passed: even if it was quicker, and has ended as if nothing were wrong. */
static void end_at_limit(struct running_sandbox *r, enum hull_sandbox_end end)
{
	if (r->result.end == HULL_END_EXIT || r->result.end == HULL_END_SIGNAL)
		r->decided = false;
	kill_for(r, end);
}

static void take_output(struct running_sandbox *r, struct hull_output *o)
{
	int over = hull_output_take(o, r->ended, &r->err);

	if (over > 0) {
		end_at_limit(r, HULL_END_OUTPUT);
	} else if (over < 0) {
		/* whatever has come of the command: what it wrote is not complete */
		r->decided = r->failed = true;
		r->result.end = HULL_END_SETUP;
		kill_now(r);
	}
}

static void take_outputs(struct running_sandbox *r)
{
	take_output(r, &r->log);
	take_output(r, &r->data);
}

/* What measuring has said: 1 if it has passed the limit `end`. Nothing may run that is not measured. */
static void take_measure(struct running_sandbox *r, int measured, enum hull_sandbox_end end)
{
	if (measured > 0)
		end_at_limit(r, end);
	if (measured >= 0)
		return;
	hull_wrap(&r->err, "sandbox: ");
	fail_setup(r);
	kill_now(r);
}

static void enforce_limits(struct running_sandbox *r)
{
	const struct hull_limits *max = &r->plan.sandbox.limits;
	enum hull_sandbox_end end = HULL_END_SETUP;
	int64_t now = hull_monotonic_ms();
	int measured;

	if (r->decided || now - r->looked_ms < r->look_ms)
		return;
	r->looked_ms = now;
	if (max->seconds && (uint64_t)(now - r->start_ms) >= max->seconds * 1000) {
		kill_for(r, HULL_END_TIME);
		return;
	}
	if (r->ready) {
		measured = hull_meter_look(&r->meter, r->pid, now, &end, &r->err);
		take_measure(r, measured, end);
	}
	r->look_ms = r->meter.near ? NEAR_MS : LOOK_MS;
}

/* Looks at limits and reaps: true when it has ended. To be called at least every 200 ms, until then. */
static bool has_ended(struct running_sandbox *r)
{
	enum hull_sandbox_end end = HULL_END_SETUP;
	struct rusage ru;
	int status, measured;
	pid_t pid;

	take_reports(r);
	take_outputs(r);
	hull_terminal_relay(&r->terminal);
	do {
		pid = wait4(r->pid, &status, WNOHANG, &ru);
	} while (pid < 0 && errno == EINTR);
	if (pid == 0) {
		enforce_limits(r);
		return false;
	}
	take_reports(r);
	r->ended = true;
	take_outputs(r);
	measured = hull_meter_end(&r->meter, &end, &r->err);
	take_measure(r, measured, end);
	r->result.wall_ms = hull_monotonic_ms() - r->start_ms;
	if (pid < 0) {
		hull_fail_errno(&r->err, "sandbox: wait");
		fail_setup(r);
		return true;
	}
	r->result.cpu_ms = (uint64_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
			   (uint64_t)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000;
	/* Somebody else killed it, with everything in it. */
	decide(r, HULL_END_SIGNAL, WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL);
	return true;
}

/* What came of one that has ended; frees r. */
static int finish(struct running_sandbox *r, struct hull_sandbox_result *out, struct hull_err *e)
{
	int result = 0;

	*out = r->result;
	out->peak_memory_bytes = r->meter.peak_memory_bytes;
	if (r->failed)
		result = hull_fail_as(e, &r->err);
	free_running(r);
	return result;
}

/* Ends one whose ids could not be mapped. If that is because it has failed before, e says how. */
static bool has_told_why(struct running_sandbox *r, struct hull_err *e)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	take_reports(r);
	return r->failed && hull_fail_as(e, &r->err) < 0;
}

/* NULL with e set when not even the first process could be made, or, out_unmapped, its ids not be mapped. */
static struct running_sandbox *start(const struct hull_sandbox *s, bool other_id,
				     bool *out_unmapped, struct hull_err *e)
{
	struct running_sandbox *r = new_running();
	hull_autofd int report = -1;

	*out_unmapped = false;
	if (hull_plan_init(&r->plan, s, other_id, e) < 0 ||
	    hull_meter_init(&r->meter, &r->plan, e) < 0 || connect_outputs(r, e) < 0 ||
	    (s->terminal && connect_terminal(r, e) < 0) || open_pipes(r, &report, e) < 0 ||
	    open_trees(r, e) < 0)
		goto undo_alloc;
	if (s->cores > 0)
		choose_cpus(s->cores, &r->plan.cpus);
	r->start_ms = hull_monotonic_ms();
	r->pid = clone_first(r);
	if (r->pid == 0)
		hull_plan_live(&r->plan, report);
	if (r->pid < 0) {
		hull_fail_errno(e, "sandbox: make namespaces");
		goto undo_alloc;
	}
	*out_unmapped = map_ids(r, e) < 0;
	close_handed_over(r);
	if (*out_unmapped) {
		*out_unmapped = !has_told_why(r, e);
		goto undo_alloc;
	}
	return r;
undo_alloc:
	free_running(r);
	return NULL;
}

/* With another id than root's, or, if a file system does not know how to do that, without. */
static struct running_sandbox *start_any(const struct hull_sandbox *s, struct hull_err *e)
{
	bool other_id = !s->all_ids && hull_ids_can_differ(), unmapped;
	struct running_sandbox *r = start(s, other_id, &unmapped, e);

	if (!r && other_id && unmapped) {
		other_id = false;
		r = start(s, false, &unmapped, e);
	}
	if (r)
		r->result.is_root = !other_id && !s->all_ids && hull_ids_are_root();
	return r;
}

int hull_sandbox_run(const struct hull_sandbox *s, struct hull_sandbox_result *out,
		     struct hull_err *e)
{
	struct running_sandbox *r = start_any(s, e);

	if (!r) {
		*out = (struct hull_sandbox_result){.end = HULL_END_SETUP};
		return -1;
	}
	while (!has_ended(r)) {
		struct pollfd fds[6] = {{.fd = r->report, .events = POLLIN},
					{.fd = r->log.pipe, .events = POLLIN},
					{.fd = r->data.pipe, .events = POLLIN}};
		size_t n = 3 + hull_terminal_wants(&r->terminal, fds + 3);

		if (hull_interrupted())
			kill_for(r, HULL_END_STOPPED);
		/* its end closes the pipe */
		poll(fds, n, r->look_ms);
	}
	return finish(r, out, e);
}

int hull_sandbox_check(const char *dir, struct hull_err *e)
{
	/* Everything a build needs, and no command. */
	const struct hull_mount mounts[] = {
		{.kind = HULL_MOUNT_TMPFS, .target = "/tmp/tmpfs"},
		{.kind = HULL_MOUNT_UNION, .target = "/tmp/union"},
		{.kind = HULL_MOUNT_RO, .target = "/tmp/dir", .source = dir},
	};
	static char *const none[] = {NULL};
	struct hull_sandbox s = {
		.mounts = mounts,
		.nmounts = sizeof mounts / sizeof *mounts,
		.envp = none,
		.hostname = "check",
	};
	struct hull_sandbox_result r;

	if (hull_sandbox_run(&s, &r, e) < 0) {
		hull_sandbox_explain("/", e);
		return -1;
	}
	if (r.end != HULL_END_EXIT || r.status != 0)
		return hull_fail(e, HULL_FAILED, "sandbox: the first one was killed by signal %d",
				 r.status);
	if (!r.is_root)
		return 0;
	hull_fail(e, HULL_FAILED,
		  "builds run with root's id, since the kernel or the file system of %s cannot map "
		  "ids: what gets out of a sandbox is root",
		  dir);
	return 1;
}
