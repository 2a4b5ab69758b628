// SPDX-License-Identifier: MIT
#include "base/workers.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/process.h"

struct pool {
	hull_worker_job *job;
	void *ctx;
	size_t n;
	atomic_size_t next;
	atomic_int threads; /* that have a number */
	atomic_bool stop;
	pthread_mutex_t lock; /* of the rest */
	size_t failed;	      /* the first job that failed, n if none did */
	struct hull_err *e;
};

static void fail(struct pool *p, size_t i, const struct hull_err *e)
{
	pthread_mutex_lock(&p->lock);
	if (i < p->failed) {
		p->failed = i;
		hull_fail_as(p->e, e);
	}
	pthread_mutex_unlock(&p->lock);
	atomic_store(&p->stop, true);
}

/* Whoever takes a number does the job: all jobs before one that failed have been begun. */
static void *work(void *arg)
{
	struct pool *p = arg;
	int thread = atomic_fetch_add(&p->threads, 1);
	size_t i;

	while (!atomic_load(&p->stop) && !hull_interrupted() &&
	       (i = atomic_fetch_add(&p->next, 1)) < p->n) {
		struct hull_err e;

		if (p->job(i, thread, p->ctx, &e) < 0)
			fail(p, i, &e);
	}
	return NULL;
}

int hull_workers_run(int threads, size_t n, hull_worker_job *job, void *ctx, struct hull_err *e)
{
	struct pool p = {.job = job,
			 .ctx = ctx,
			 .n = n,
			 .lock = PTHREAD_MUTEX_INITIALIZER,
			 .failed = n,
			 .e = e};
	pthread_t others[HULL_WORKERS_MAX - 1];
	size_t started = 0, wanted = (size_t)(threads < 1 ? hull_cores() : threads);

	if (wanted > HULL_WORKERS_MAX)
		wanted = HULL_WORKERS_MAX;
	while (started + 1 < wanted && started + 1 < n &&
	       pthread_create(&others[started], NULL, work, &p) == 0)
		started++;
	work(&p);
	while (started)
		pthread_join(others[--started], NULL);
	pthread_mutex_destroy(&p.lock);
	if (p.failed < n)
		return -1;
	if (atomic_load(&p.next) < n)
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	return 0;
}
