// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/children.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

enum { JOBS = 40, SLOW_MS = 60000 };

/* What a job does. */
enum what {
	NOTHING,
	FAIL,
	FAIL_LATE,
	CRASH,
	EXIT,
	LOOP,
	LEAVE_A_LOOP,
	PRINT,
	CHANGE,
	EAT,
	TERMINATE
};

struct children_world {
	enum what jobs[JOBS];
	bool reuse;
	int ms;	     /* that each takes */
	int changed; /* by a job, in its process */

	/* what the calls of `done` saw */
	int status[JOBS], calls[JOBS];
	char *text[JOBS];
};

static void sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static int leave_a_loop(int out)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(out);
		for (;;)
			sleep_ms(SLOW_MS);
	}
	return dprintf(out, "%d", (int)pid);
}

static int do_job(size_t i, int out, void *ctx, struct hull_err *e)
{
	struct children_world *w = ctx;

	switch (w->jobs[i]) {
	case FAIL_LATE:
		sleep_ms(200);
		return hull_fail(e, HULL_FINDINGS, "job %zu: no", i);
	case FAIL:
		return hull_fail(e, HULL_FINDINGS, "job %zu: no", i);
	case CRASH:
		abort();
	case EXIT:
		_exit(7);
	case LOOP:
		for (;;)
			sleep_ms(SLOW_MS);
	case LEAVE_A_LOOP:
		return leave_a_loop(out);
	case PRINT:
		printf("to be seen by nobody\n");
		fflush(stdout);
		break;
	case CHANGE:
		w->changed++;
		break;
	case EAT:
		return mmap(NULL, (size_t)3 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
				       MAP_FAILED
			       ? hull_fail_errno(e, "mmap")
			       : 0;
	case TERMINATE:
		kill(getppid(), SIGTERM);
		sleep_ms(SLOW_MS);
		break;
	case NOTHING:
		break;
	}
	sleep_ms(w->ms);
	return dprintf(out, "job %zu, %d", i, w->changed);
}

static int take(size_t i, const struct hull_buf *out, int status, void *ctx, struct hull_err *e)
{
	struct children_world *w = ctx;

	w->calls[i]++;
	w->status[i] = status;
	free(w->text[i]);
	w->text[i] = hull_strndup(status > 0 && status <= 128 ? e->msg
				  : out->n		      ? out->p
							      : "",
				  status > 0 && status <= 128 ? strlen(e->msg) : out->n);
	return 0;
}

static int take_and_fail(size_t i, const struct hull_buf *out, int status, void *ctx,
			 struct hull_err *e)
{
	take(i, out, status, ctx, e);
	if (status > 128)
		return hull_fail(e, HULL_FAILED, "job %zu: signal %d", i, status - 128);
	if (status < 0)
		return hull_fail(e, HULL_FAILED, "job %zu: too late", i);
	return status ? hull_wrap(e, "wrapped: ") : 0;
}

static struct hull_children children(struct children_world *w)
{
	return (struct hull_children){
		.processes = 3, .reuse = w->reuse, .job = do_job, .done = take, .ctx = w};
}

static void world_fini(struct children_world *w)
{
	for (int i = 0; i < JOBS; i++)
		free(w->text[i]);
	*w = (struct children_world){0};
}

static void expect(const struct children_world *w, size_t i, int status, const char *text)
{
	assert_int_equal(w->calls[i], 1);
	assert_int_equal(w->status[i], status);
	assert_string_equal(w->text[i], text);
}

/* Whatever one does, the others have their results. */
static void test_each_alone(void **state)
{
	struct children_world w = {
		.jobs = {[1] = CRASH, [2] = EXIT, [3] = CHANGE, [4] = FAIL, [5] = PRINT}};
	struct hull_children c = children(&w);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_children_run(&c, JOBS, &e), 0);
	expect(&w, 0, 0, "job 0, 0");
	expect(&w, 1, 128 + SIGABRT, "");
	expect(&w, 2, 7, "a process ended with status 7");
	expect(&w, 3, 0, "job 3, 1");
	expect(&w, 4, 1, "job 4: no");
	for (size_t i = 5; i < JOBS; i++) {
		hull_autofree char *text = hull_asprintf("job %zu, 0", i);

		expect(&w, i, 0, text);
	}
	assert_int_equal(w.changed, 0);
	world_fini(&w);
}

static void test_none(void **state)
{
	struct children_world w = {.reuse = false};
	struct hull_children c = children(&w);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_children_run(&c, 0, &e), 0);
	c.reuse = true;
	assert_int_equal(hull_children_run(&c, 0, &e), 0);
	assert_int_equal(w.calls[0], 0);
}

/* A process that is gone, or a zombie that init has not reaped yet. */
static bool is_dead(pid_t pid)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/stat", (int)pid);
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	return hull_file_read(AT_FDCWD, path, &text, &e) < 0 || strstr(text.p, ") Z ");
}

static void test_time(void **state)
{
	struct children_world w = {.jobs = {[0] = LOOP, [1] = LEAVE_A_LOOP}};
	struct hull_children c = children(&w);
	int64_t start = hull_monotonic_ms();
	struct hull_err e;

	(void)state;
	c.seconds = 1;
	assert_int_equal(hull_children_run(&c, 4, &e), 0);
	expect(&w, 0, -1, "");
	assert_int_equal(w.calls[1], 1);
	assert_int_equal(w.status[1], 0);
	/* what a job leaves goes with it */
	for (int ms = 0; !is_dead((pid_t)strtol(w.text[1], NULL, 10)) && ms < 5000; ms++)
		sleep_ms(1);
	assert_true(is_dead((pid_t)strtol(w.text[1], NULL, 10)));
	expect(&w, 2, 0, "job 2, 0");
	expect(&w, 3, 0, "job 3, 0");
	assert_in_range(hull_monotonic_ms() - start, 1000, 20000);
	world_fini(&w);
}

static void test_memory(void **state)
{
	struct children_world w = {.jobs = {[0] = EAT}};
	struct hull_children c = children(&w);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_children_run(&c, 1, &e), 0);
	expect(&w, 0, 0, "");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	c.address_bytes = (uint64_t)2 << 30;
	w.calls[0] = 0;
	assert_int_equal(hull_children_run(&c, 1, &e), 0);
	expect(&w, 0, 1, "mmap: Cannot allocate memory");
#endif
	world_fini(&w);
}

static void first_error(struct children_world w, const char *error, size_t begun_at_most)
{
	struct hull_children c = children(&w);
	struct hull_err e = {0};
	size_t begun = 0;

	w.ms = 20;
	c.done = take_and_fail;
	c.seconds = 5;
	assert_int_equal(hull_children_run(&c, JOBS, &e), -1);
	assert_string_equal(e.msg, error);
	for (int i = 0; i < JOBS; i++) {
		begun += w.calls[i] != 0;
		assert_true(w.calls[i] <= 1);
	}
	assert_true(begun <= begun_at_most);
	world_fini(&w);
}

/* The first in the order of the jobs, though another came earlier; the rest is not begun. */
static void test_first_error(void **state)
{
	(void)state;
	for (int reuse = 0; reuse < 2; reuse++) {
		bool r = reuse;

		first_error((struct children_world){.reuse = r, .jobs = {[3] = FAIL}},
			    "wrapped: job 3: no", JOBS / 2);
		first_error(
			(struct children_world){.reuse = r, .jobs = {[0] = FAIL_LATE, [1] = FAIL}},
			"wrapped: job 0: no", JOBS / 2);
		first_error(
			(struct children_world){.reuse = r, .jobs = {[0] = FAIL, [1] = FAIL_LATE}},
			"wrapped: job 0: no", JOBS / 2);
		first_error((struct children_world){.reuse = r, .jobs = {[2] = CRASH}},
			    "job 2: signal 6", JOBS / 2);
		first_error((struct children_world){.reuse = r, .jobs = {[2] = EXIT}},
			    "wrapped: a process ended with status 7", JOBS / 2);
		first_error((struct children_world){.reuse = r, .jobs = {[JOBS - 1] = LOOP}},
			    "job 39: too late", JOBS);
	}
}

/* Three processes do all, and each job is told of once. */
static void test_reuse(void **state)
{
	struct children_world w = {.reuse = true};
	struct hull_children c = children(&w);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_children_run(&c, JOBS, &e), 0);
	for (size_t i = 0; i < JOBS; i++) {
		hull_autofree char *text = hull_asprintf("job %zu, 0", i);

		expect(&w, i, 0, text);
	}
	world_fini(&w);
}

/* A process of its own, in which `changed` was 100 before the first job. */
static int elsewhere(hull_children_work *work, void *arg, int out, void *ctx, struct hull_err *e)
{
	struct children_world *w = ctx;
	pid_t pid;

	if (w->jobs[0] == FAIL)
		return hull_fail(e, HULL_FINDINGS, "there is no elsewhere");
	pid = fork();
	if (pid == 0) {
		w->changed = 100;
		work(arg, out);
		_exit(0);
	}
	return hull_wait(pid, e);
}

static void test_within(void **state)
{
	struct children_world w = {.reuse = true, .jobs = {[3] = EXIT}}, first;
	struct hull_children c = children(&w);
	struct hull_err e;

	(void)state;
	c.within = elsewhere;
	assert_int_equal(hull_children_run(&c, JOBS, &e), 0);
	for (size_t i = 0; i < JOBS; i++) {
		hull_autofree char *text = hull_asprintf("job %zu, 100", i);

		expect(&w, i, i == 3 ? 7 : 0, i == 3 ? "a process ended with status 7" : text);
	}
	world_fini(&w);
	first = (struct children_world){.reuse = true, .jobs = {[0] = FAIL}};
	c = children(&first);
	c.within = elsewhere;
	c.done = take_and_fail;
	assert_int_equal(hull_children_run(&c, JOBS, &e), -1);
	assert_string_equal(e.msg, "wrapped: there is no elsewhere");
	world_fini(&first);
}

static void test_interrupt(void **state)
{
	struct hull_err e = {0};
	int64_t start = hull_monotonic_ms();

	(void)state;
	for (int reuse = 0; reuse < 2; reuse++) {
		struct children_world w = {.reuse = reuse, .jobs = {[1] = TERMINATE, [2] = LOOP}};
		struct hull_children c = children(&w);
		pid_t pid = fork(); /* the signal stays */

		if (pid == 0) {
			if (hull_signals_init(&e) < 0 || hull_children_run(&c, JOBS, &e) == 0)
				_exit(99);
			/* none is left */
			_exit(waitpid(-1, NULL, WNOHANG) == -1 ? e.code : 98);
		}
		assert_int_equal(hull_wait(pid, &e), HULL_INTERRUPTED);
	}
	assert_in_range(hull_monotonic_ms() - start, 0, SLOW_MS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_alone),  cmocka_unit_test(test_none),
		cmocka_unit_test(test_time),	    cmocka_unit_test(test_memory),
		cmocka_unit_test(test_first_error), cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_within),	    cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
