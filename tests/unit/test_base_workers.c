// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/workers.h"

enum { JOBS = 5000 };

struct count {
	int done[JOBS];			    /* of each job: no lock, one thread does it */
	size_t by_thread[HULL_WORKERS_MAX]; /* no lock: the number is one thread's */
	atomic_bool busy[HULL_WORKERS_MAX];
	atomic_size_t all;
};

static int count_one(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct count *c = ctx;

	(void)e;
	if (atomic_exchange(&c->busy[thread], true))
		return hull_fail(e, HULL_FAILED, "thread %d is two", thread);
	c->done[i]++;
	c->by_thread[thread]++;
	atomic_fetch_add(&c->all, 1);
	atomic_store(&c->busy[thread], false);
	return 0;
}

static void test_every_job_once(void **state)
{
	static const int threads[] = {-1, 0, 1, 2, 7, HULL_WORKERS_MAX, 1000};
	static const size_t jobs[] = {0, 1, 2, 63, 64, 65, JOBS};

	(void)state;
	for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
		for (size_t k = 0; k < sizeof jobs / sizeof *jobs; k++) {
			hull_autofree struct count *c = hull_alloc(sizeof *c);
			size_t by_threads = 0;
			struct hull_err e;

			assert_int_equal(hull_workers_run(threads[t], jobs[k], count_one, c, &e),
					 0);
			assert_int_equal(c->all, jobs[k]);
			for (size_t i = 0; i < JOBS; i++)
				assert_int_equal(c->done[i], i < jobs[k]);
			for (int i = 0; i < HULL_WORKERS_MAX; i++) {
				by_threads += c->by_thread[i];
				if (threads[t] > 0 && i >= threads[t])
					assert_int_equal(c->by_thread[i], 0);
			}
			assert_int_equal(by_threads, jobs[k]);
		}
	}
}

/* Two that wait for each other: they run at the same time. */
static int meet(size_t i, int thread, void *ctx, struct hull_err *e)
{
	atomic_int *here = ctx;

	(void)thread;
	atomic_fetch_add(here, 1);
	for (int ms = 0; atomic_load(here) < 2; ms++) {
		if (ms == 10000)
			return hull_fail(e, HULL_FAILED, "job %zu waits alone", i);
		usleep(1000);
	}
	return 0;
}

static void test_at_the_same_time(void **state)
{
	atomic_int here = 0;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_workers_run(2, 2, meet, &here, &e), 0);
}

struct failing {
	size_t slow, quick; /* the jobs that fail, one of them late */
	atomic_bool quick_failed;
	atomic_size_t begun;
};

static int fail_some(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct failing *f = ctx;

	(void)thread;
	atomic_fetch_add(&f->begun, 1);
	if (i == f->slow) {
		while (!atomic_load(&f->quick_failed))
			usleep(100);
		usleep(20000);
	} else if (i != f->quick) {
		usleep(1000);
		return 0;
	}
	hull_fail(e, HULL_FINDINGS, "job %zu: no", i);
	if (i == f->quick)
		atomic_store(&f->quick_failed, true);
	return -1;
}

/* The first error in the order of the jobs, though another came earlier; the rest is not begun. */
static void test_first_error(void **state)
{
	static const struct {
		int threads;
		size_t slow, quick;
		const char *error;
	} cases[] = {
		{1, JOBS, 40, "job 40: no"},	     {4, JOBS, 40, "job 40: no"},
		{4, 30, 40, "job 30: no"},	     {2, 0, 1, "job 0: no"},
		{8, JOBS, JOBS - 1, "job 4999: no"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct failing f = {.slow = cases[i].slow, .quick = cases[i].quick};
		struct hull_err e = {.msg = ""};

		assert_int_equal(hull_workers_run(cases[i].threads, JOBS, fail_some, &f, &e), -1);
		assert_string_equal(e.msg, cases[i].error);
		assert_int_equal(e.code, HULL_FINDINGS);
		/* those that ran while the first one failed may each take one more */
		assert_true(f.begun <= f.quick + 1 + 2 * (size_t)cases[i].threads);
		assert_true(f.begun > f.quick);
	}
}

static int run_inside(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct count *c = ctx;

	(void)thread;
	return hull_workers_run(3, 100, count_one, &c[i], e);
}

static void test_one_inside_another(void **state)
{
	hull_autofree struct count *c = hull_alloc_array(4, sizeof *c);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_workers_run(2, 4, run_inside, c, &e), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(c[i].all, 100);
}

struct interrupt {
	size_t at;
	atomic_size_t begun;
};

static int interrupt(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct interrupt *x = ctx;

	(void)thread;
	(void)e;
	atomic_fetch_add(&x->begun, 1);
	if (i == x->at)
		raise(SIGTERM);
	usleep(1000);
	return 0;
}

static int fail_interrupted(size_t i, int thread, void *ctx, struct hull_err *e)
{
	(void)thread;
	(void)ctx;
	raise(SIGINT);
	return hull_fail(e, HULL_FAILED, "job %zu: no", i);
}

/* Each in a process of its own: the signal stays. */
static void in_child(size_t n, hull_worker_job *job, void *ctx, int expected, const char *msg)
{
	struct hull_err e = {.msg = ""};
	pid_t pid = fork();

	if (pid == 0) {
		if (hull_signals_init(&e) < 0 ||
		    (hull_workers_run(2, n, job, ctx, &e) < 0) != (*msg != '\0') ||
		    strcmp(e.msg, msg) != 0)
			_exit(99);
		/* nothing is begun later either */
		if (hull_workers_run(2, n, job, ctx, &e) == 0 || e.code != HULL_INTERRUPTED)
			_exit(98);
		_exit((int)((struct interrupt *)ctx)->begun);
	}
	assert_int_equal(hull_wait(pid, &e), expected);
}

static void test_interrupt(void **state)
{
	struct interrupt first = {.at = 0}, last = {.at = 9}, none = {0};
	struct hull_err e;
	int status;
	pid_t pid;

	(void)state;
	/* it comes when all have been begun: they are done */
	in_child(10, interrupt, &last, 10, "");
	in_child(10, fail_interrupted, &none, 0, "job 0: no");
	pid = fork();
	if (pid == 0) {
		if (hull_signals_init(&e) < 0 ||
		    hull_workers_run(2, JOBS, interrupt, &first, &e) == 0 ||
		    e.code != HULL_INTERRUPTED)
			_exit(99);
		_exit((int)first.begun);
	}
	status = hull_wait(pid, &e);
	assert_in_range(status, 1, 50); /* the thread sanitizer delivers signals late */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_job_once), cmocka_unit_test(test_at_the_same_time),
		cmocka_unit_test(test_first_error),    cmocka_unit_test(test_one_inside_another),
		cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
