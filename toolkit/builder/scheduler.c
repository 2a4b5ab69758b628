// SPDX-License-Identifier: MIT
#include "builder/scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "builder/failure.h"
#include "builder/tokens.h"

enum {
	TICK_MS = 200,
	TAKEN = 100, /* exit code of a child: another hull has built it meanwhile */
};

static const uint64_t unknown_memory_bytes = 1ull << 30;

struct running {
	pid_t pid; /* 0: free slot */
	size_t node;
	int error_fd;	       /* memfd with the message of a failed job */
	int slot;	       /* of the progress */
	uint64_t memory_bytes; /* expected */
	int64_t start_ms;
};

struct scheduler {
	const struct hull_schedule *s;
	struct hull_tokens tokens;
	struct hull_job_place place;
	struct running *running;
	size_t cap, active;
	bool stopping;	       /* after a failure: nothing new is started */
	uint64_t memory_bytes; /* expected use of what runs */
	int signals;
	size_t failed_before, blocked_before;
	struct hull_schedule_result result;
};

struct build_child {
	const struct scheduler *scheduler;
	const char *job;
	int error_fd;
};

/* In the child. Its exit code is that of the error; the message goes to the memfd. */
static void build(void *ctx)
{
	const struct build_child *b = ctx;
	const struct hull_job_place *place = &b->scheduler->place;
	struct hull_err e;
	int r;

	signal(SIGINT, SIG_IGN); /* the parent decides */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	r = hull_job_run(place, b->job, &e);
	/* else the end of hull does it */
	hull_ignore(hull_remove_tree(place->store->fd, b->job, NULL));
	if (r >= 0)
		_exit(r ? TAKEN : 0);
	hull_ignore(hull_fd_write(b->error_fd, e.msg, strlen(e.msg), NULL));
	_exit(e.code ? e.code : 1);
}

static uint64_t expected_memory(const struct hull_spec_node *node)
{
	return node->latest.build.peak_memory_bytes ? node->latest.build.peak_memory_bytes
						    : unknown_memory_bytes;
}

static struct running *free_slot(struct scheduler *sc)
{
	size_t i = 0;

	while (i < sc->cap && sc->running[i].pid)
		i++;
	sc->running = hull_grow(sc->running, &sc->cap, i, sizeof *sc->running);
	return &sc->running[i];
}

/* Those of what a %generate_buildrequires asked for, or a package that was built turned out to need. */
static bool lacks_sources(const struct hull_workspace *w, const struct hull_spec_node *node)
{
	for (size_t i = 0; i < node->spec->nsources; i++) {
		const struct hull_spec_source *s = &node->spec->sources[i];

		if (!s->local && s->sha256 &&
		    !hull_store_has(w->store, HULL_STORE_SOURCE, s->sha256))
			return true;
	}
	return false;
}

static int start(struct scheduler *sc, size_t index, struct hull_err *e)
{
	struct hull_workspace *w = sc->s->workspace;
	struct hull_spec_node *node = &w->nodes[index];
	hull_autofree char *job = NULL;
	struct running *r = free_slot(sc);
	struct build_child child = {.scheduler = sc};
	pid_t pid;

	if (lacks_sources(w, node) && sc->s->fetch(sc->s->ctx, index, e) < 0)
		return -1;
	child.job = job = hull_workspace_job(w, index, e);
	if (!job)
		return -1;
	*r = (struct running){.node = index,
			      .error_fd = memfd_create("error", MFD_CLOEXEC),
			      .memory_bytes = expected_memory(node),
			      .start_ms = hull_monotonic_ms()};
	if (r->error_fd < 0)
		return hull_fail_errno(e, "memfd");
	child.error_fd = r->error_fd;
	pid = hull_fork(build, &child, e);
	if (pid < 0) {
		close(r->error_fd);
		return -1;
	}
	r->pid = pid;
	sc->active++;
	sc->memory_bytes += r->memory_bytes;
	hull_log_verbose(sc->s->progress, "building %s in %s/%s", node->spec->name, w->store->path,
			 job);
	r->slot = hull_task_start(sc->s->progress, node->spec->name, node->latest.build.wall_ms);
	return 0;
}

static void fail(struct scheduler *sc, size_t index, const char *error)
{
	hull_autostrv struct hull_strv blocked = {0};
	struct hull_workspace *w = sc->s->workspace;
	hull_autobuf struct hull_buf text = {0};

	hull_workspace_failed(w, index, error, &blocked);
	hull_failure_describe(w->store, &w->nodes[index], HULL_STORE_LOG, error, &blocked, &text);
	hull_log_error(sc->s->progress, "%-s", text.p);
	if (!sc->s->keep_going)
		sc->stopping = true;
}

static void succeed(struct scheduler *sc, const struct running *r, bool taken)
{
	struct hull_workspace *w = sc->s->workspace;
	struct hull_spec_node *node = &w->nodes[r->node];
	struct hull_err e;
	int done = hull_workspace_done(w, r->node, &e);

	if (done < 0)
		fail(sc, r->node, e.msg);
	if (done <= 0)
		return;
	if (taken) {
		hull_log(sc->s->progress, "%s was built by another hull meanwhile",
			 node->spec->name);
		return;
	}
	sc->result.built++;
	sc->result.cpu_ms += node->result.build.cpu_ms;
	hull_log(sc->s->progress, "built %s %s-%s (%.1f s)", node->spec->name, node->spec->version,
		 node->spec->release, (double)(hull_monotonic_ms() - r->start_ms) / 1000);
}

static void reap(struct scheduler *sc, struct running *r, int status)
{
	hull_autobuf struct hull_buf text = {0};

	hull_task_end(sc->s->progress, r->slot);
	sc->active--;
	sc->memory_bytes -= r->memory_bytes;
	hull_tokens_give(&sc->tokens);
	r->pid = 0;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == TAKEN)) {
		succeed(sc, r, WEXITSTATUS(status) == TAKEN);
	} else if (!hull_interrupted()) {
		lseek(r->error_fd, 0, SEEK_SET);
		if (hull_fd_read(r->error_fd, &text, NULL) < 0 || !text.n)
			hull_buf_adds(&text, "the build process was killed");
		fail(sc, r->node, text.p);
	}
	close(r->error_fd);
}

static void reap_all(struct scheduler *sc)
{
	for (size_t i = 0; i < sc->cap; i++) {
		struct running *r = &sc->running[i];
		int status;

		if (r->pid && waitpid(r->pid, &status, WNOHANG) == r->pid)
			reap(sc, r, status);
	}
}

/* Ends everything at once; the sandboxes die with their job's process. */
static void kill_all(struct scheduler *sc)
{
	for (size_t i = 0; i < sc->cap; i++)
		if (sc->running[i].pid)
			kill(-sc->running[i].pid, SIGKILL);
	while (sc->active) {
		reap_all(sc);
		usleep(10000);
	}
}

/* A build of unknown size never waits when nothing else runs. */
static bool memory_free(const struct scheduler *sc, size_t index)
{
	const struct hull_spec_node *node = &sc->s->workspace->nodes[index];

	return !sc->active || !sc->s->memory_bytes ||
	       sc->memory_bytes + expected_memory(node) <= sc->s->memory_bytes;
}

/* Starts what can be started; true if a node waits for a token. */
static bool start_ready(struct scheduler *sc)
{
	struct hull_workspace *w = sc->s->workspace;

	while (!sc->stopping && !hull_interrupted()) {
		struct hull_err e;
		int next = hull_workspace_next(w);

		if (next < 0)
			return false;
		if (w->nodes[next].error) {
			fail(sc, (size_t)next, w->nodes[next].error);
			continue;
		}
		if (!sc->active)
			hull_tokens_settle(&sc->tokens);
		if (!memory_free(sc, (size_t)next)) {
			hull_workspace_later(w, (size_t)next);
			return false;
		}
		if (!hull_tokens_take(&sc->tokens, hull_monotonic_ms())) {
			hull_workspace_later(w, (size_t)next);
			return true;
		}
		if (start(sc, (size_t)next, &e) < 0) {
			hull_tokens_give(&sc->tokens);
			fail(sc, (size_t)next, e.msg);
		}
	}
	return false;
}

static void show_total(struct scheduler *sc)
{
	struct hull_workspace *w = sc->s->workspace;
	size_t done = 0, total = 0;

	for (size_t i = 0; i < w->n; i++) {
		total += w->nodes[i].state != HULL_SPEC_IDLE;
		done += w->nodes[i].state == HULL_SPEC_DONE;
	}
	hull_progress_total(sc->s->progress, "packages", done, total,
			    hull_graph_left_ms(w->graph, sc->s->jobs));
}

static void loop(struct scheduler *sc)
{
	for (;;) {
		struct pollfd fds[2] = {{.fd = sc->signals, .events = POLLIN},
					{.fd = sc->tokens.fd, .events = POLLIN}};
		bool wants_token;

		hull_signals_drain(sc->signals);
		reap_all(sc);
		if (hull_interrupted()) {
			kill_all(sc);
			return;
		}
		wants_token = start_ready(sc);
		if (!wants_token)
			sc->tokens.asked_ms = 0;
		hull_tokens_settle(&sc->tokens);
		if (!sc->active)
			return;
		show_total(sc);
		hull_progress_tick(sc->s->progress);
		poll(fds, wants_token ? 2 : 1, TICK_MS);
	}
}

static size_t count(const struct hull_workspace *w, enum hull_spec_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->nodes[i].state == state;
	return n;
}

static int outcome(struct scheduler *sc, struct hull_err *e)
{
	struct hull_workspace *w = sc->s->workspace;
	struct hull_schedule_result *r = &sc->result;
	size_t waiting = 0;

	r->failed = count(w, HULL_SPEC_FAILED) - sc->failed_before;
	r->blocked = count(w, HULL_SPEC_BLOCKED) - sc->blocked_before;
	for (size_t i = 0; i < w->n; i++) {
		waiting += w->nodes[i].state == HULL_SPEC_WAITING ||
			   w->nodes[i].state == HULL_SPEC_READY;
	}
	if (hull_interrupted())
		return hull_fail(
			e, HULL_INTERRUPTED,
			"interrupted; what was built stays, the next run goes on from there");
	if (r->failed)
		return hull_fail(e, HULL_FAILED,
				 "%zu failed, %zu blocked by that, %zu not started, %zu built",
				 r->failed, r->blocked, waiting, r->built);
	hull_assert(!waiting);
	return 0;
}

int hull_schedule_run(const struct hull_schedule *s, struct hull_schedule_result *out,
		      struct hull_err *e)
{
	struct scheduler sc = {
		.s = s,
		.place = s->place,
		.failed_before = count(s->workspace, HULL_SPEC_FAILED),
		.blocked_before = count(s->workspace, HULL_SPEC_BLOCKED),
	};
	int64_t start_ms = hull_monotonic_ms();
	int r;

	sc.signals = hull_signals_init(e);
	if (sc.signals < 0 || hull_tokens_init(&sc.tokens, s->workspace->store, s->jobs, e) < 0)
		return -1;
	sc.place.jobserver = sc.tokens.path;
	sc.place.total_tokens = s->jobs;
	loop(&sc);
	r = outcome(&sc, e);
	sc.result.wall_ms = hull_monotonic_ms() - start_ms;
	*out = sc.result;
	hull_tokens_fini(&sc.tokens);
	free(sc.running);
	return r;
}
