// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "closure/resolve.h"
#include "repo/location.h"
#include "rpm/rpmfile.h"
#include "source/source.h"

enum { POLL_MS = 100 };

struct fetch {
	const struct hull_store *store;
	const struct hull_lock *lock;
	const struct hull_repository *repositories;
	size_t nrepositories;
	bool offline;
	struct hull_progress *progress;
	size_t *todo; /* indexes of packages that something is to be done for */
	size_t n;
};

static const struct hull_repository *repository_of(const struct fetch *f,
						   const struct hull_locked *p, struct hull_err *e)
{
	for (size_t i = 0; i < f->nrepositories; i++)
		if (!strcmp(f->repositories[i].name, p->repository))
			return &f->repositories[i];
	hull_fail(e, HULL_FAILED, "%s is from the repository '%s', which is not given", p->name,
		  p->repository);
	return NULL;
}

/* --- one package, in a worker --- */

/* A copy, because what goes into the store is moved and belongs to it. */
static int copy_local(const struct fetch *f, const struct hull_locked *p, const char *path,
		      const char *to, struct hull_err *e)
{
	char digest[HULL_HEX];
	uint64_t bytes;

	if (hull_file_copy(AT_FDCWD, path, f->store->fd, to, e) < 0 ||
	    hull_hash_file(f->store->fd, to, digest, &bytes, e) < 0)
		return -1;
	if (bytes != p->file_bytes)
		return hull_fail(e, HULL_FAILED, "%s: has %llu bytes, expected %llu", path,
				 (unsigned long long)bytes, (unsigned long long)p->file_bytes);
	if (strcmp(digest, p->sha256) != 0)
		return hull_fail(e, HULL_FAILED, "%s: expected sha256 %s, got %s", path, p->sha256,
				 digest);
	return 0;
}

static int store_local(const struct fetch *f, const struct hull_locked *p, const char *url,
		       struct hull_err *e)
{
	hull_autofree char *directory = hull_repo_directory(url, e), *path = NULL, *tmp = NULL,
			   *to = NULL;
	struct hull_arena arena = {0};
	struct hull_package stored;
	struct hull_err ignored;
	int r;

	if (!directory)
		return -1;
	path = hull_asprintf("%s/%s", directory, p->location);
	tmp = hull_store_tmp(f->store, e);
	if (!tmp)
		return -1;
	to = hull_asprintf("%s/rpm", tmp);
	r = copy_local(f, p, path, to, e);
	if (r == 0)
		r = hull_rpm_store(f->store, f->store->fd, to, &arena, &stored, e);
	hull_arena_fini(&arena);
	hull_remove_tree(f->store->fd, tmp, &ignored);
	return r;
}

/* The download is in sources/ by now. */
static int store_remote(const struct fetch *f, const struct hull_locked *p, struct hull_err *e)
{
	struct hull_store_path source = hull_store_path(HULL_STORE_SOURCE, p->sha256);
	struct hull_arena arena = {0};
	struct hull_package stored;
	int r = hull_rpm_store(f->store, f->store->fd, source.path, &arena, &stored, e);

	hull_arena_fini(&arena);
	if (r == 0)
		unlinkat(f->store->fd, hull_store_path(HULL_STORE_ORIGIN, p->sha256).path, 0);
	return r;
}

static int store_one(const struct fetch *f, const struct hull_locked *p, struct hull_err *e)
{
	struct hull_arena arena = {0};
	struct hull_package stored;
	int r = 0;

	if (!hull_store_has(f->store, HULL_STORE_RPM, p->sha256)) {
		const struct hull_repository *from = repository_of(f, p, e);

		if (!from)
			return -1;
		r = hull_repo_is_remote(from->url) ? store_remote(f, p, e)
						   : store_local(f, p, from->url, e);
	}
	if (r == 0)
		r = hull_rpm_stored(f->store, p->sha256, &arena, &stored, e);
	if (r == 0)
		r = hull_rpm_unpacked(f->store, p->sha256, e);
	hull_arena_fini(&arena);
	return r;
}

/* --- workers --- */

struct shared { /* with all workers */
	atomic_size_t next;
	atomic_int failed;
	struct hull_err err; /* of the first that failed */
};

static void work(const struct fetch *f, struct shared *s, int done_fd)
{
	for (size_t i; !s->failed && (i = atomic_fetch_add(&s->next, 1)) < f->n;) {
		const struct hull_locked *p = &f->lock->v[f->todo[i]];
		struct hull_err e;

		if (store_one(f, p, &e) == 0) {
			if (write(done_fd, "", 1) < 0)
				_exit(1);
			continue;
		}
		hull_wrap(&e, "%s: ", p->name);
		if (atomic_exchange(&s->failed, 1) == 0)
			s->err = e;
		_exit(1);
	}
	_exit(0);
}

static int start_worker(const struct fetch *f, struct shared *s, const int pipes[2],
			struct hull_err *e)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return hull_fail_errno(e, "fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	close(pipes[0]);
	work(f, s, pipes[1]);
	_exit(1);
}

/* Until every worker has closed its end of the pipe. */
static void watch(const struct fetch *f, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t done = 0;
	char bytes[64];
	ssize_t n = 1;

	while (n != 0 && !hull_interrupted()) {
		if (poll(&p, 1, POLL_MS) > 0) {
			n = read(fd, bytes, sizeof bytes);
			done += n > 0 ? (uint64_t)n : 0;
			hull_progress_total(f->progress, "packages", done, f->n, -1);
		}
		hull_progress_tick(f->progress);
	}
}

static int reap(const pid_t *pids, int n, struct shared *s, struct hull_err *e)
{
	bool bad = false;

	for (int i = 0; i < n; i++) {
		struct hull_err ignored;

		if (hull_interrupted())
			kill(pids[i], SIGKILL);
		bad = hull_wait(pids[i], &ignored) != 0 || bad;
	}
	if (hull_interrupted())
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	if (s->failed) {
		*e = s->err;
		return -1;
	}
	return bad ? hull_fail(e, HULL_FAILED, "a process that unpacks packages was killed") : 0;
}

static int run_workers(const struct fetch *f, struct hull_err *e)
{
	struct shared *s =
		mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int cores = hull_cores(), n = 0, pipes[2], r = 0;
	hull_autofree pid_t *pids = hull_alloc((size_t)cores * sizeof *pids);

	if (s == MAP_FAILED)
		return hull_fail_errno(e, "mmap");
	if (pipe2(pipes, O_CLOEXEC) < 0) {
		hull_fail_errno(e, "pipe");
		munmap(s, sizeof *s);
		return -1;
	}
	while (n < cores && (size_t)n < f->n && r == 0) {
		pids[n] = start_worker(f, s, pipes, e);
		if (pids[n] < 0)
			r = -1;
		else
			n++;
	}
	close(pipes[1]);
	if (r == 0)
		watch(f, pipes[0]);
	close(pipes[0]);
	if (r < 0)
		reap(pids, n, s, &(struct hull_err){0});
	else
		r = reap(pids, n, s, e);
	munmap(s, sizeof *s);
	hull_progress_total(f->progress, "packages", 0, 0, -1);
	return r;
}

/* --- downloads --- */

static int add_want(const struct fetch *f, const struct hull_locked *p, struct hull_arena *a,
		    struct hull_source_want *w, struct hull_err *e)
{
	const struct hull_repository *from = repository_of(f, p, e);
	hull_autofree char *url = NULL;

	if (!from)
		return -1;
	if (!hull_repo_is_remote(from->url))
		return 0;
	url = hull_repo_file_url(from->url, p->location);
	*w = (struct hull_source_want){
		.url = hull_arena_strdup(a, url),
		.file = hull_basename(p->location),
		.sha256 = p->sha256,
		.where = hull_arena_printf(a, "repository %s", from->name),
	};
	return 1;
}

static int download(const struct fetch *f, struct hull_err *e)
{
	struct hull_source_options o = {.offline = f->offline};
	hull_autofree struct hull_source_want *wants = hull_alloc((f->n + 1) * sizeof *wants);
	struct hull_arena arena = {0};
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < f->n && r >= 0; i++) {
		const struct hull_locked *p = &f->lock->v[f->todo[i]];

		if (hull_store_has(f->store, HULL_STORE_RPM, p->sha256))
			continue;
		r = add_want(f, p, &arena, &wants[n], e);
		n += r > 0;
	}
	if (r >= 0 && n)
		r = hull_source_fetch(f->store, &o, wants, n, f->progress, e);
	for (size_t i = 0; i < n; i++)
		hull_source_want_fini(&wants[i]);
	hull_arena_fini(&arena);
	return r < 0 ? -1 : 0;
}

int hull_lock_fetch(const struct hull_store *s, const struct hull_lock *l,
		    const struct hull_repository *repositories, size_t n, bool offline,
		    struct hull_progress *progress, struct hull_err *e)
{
	hull_autofree size_t *todo = hull_alloc((l->n + 1) * sizeof *todo);
	struct fetch f = {.store = s,
			  .lock = l,
			  .repositories = repositories,
			  .nrepositories = n,
			  .offline = offline,
			  .progress = progress,
			  .todo = todo};

	for (size_t i = 0; i < l->n; i++) {
		const char *sha256 = l->v[i].sha256;

		if (!hull_store_has(s, HULL_STORE_RPM, sha256) ||
		    !hull_store_has(s, HULL_STORE_HEADER, sha256) ||
		    !hull_store_has(s, HULL_STORE_UNPACKED, sha256))
			todo[f.n++] = i;
	}
	return f.n == 0 || (download(&f, e) == 0 && run_workers(&f, e) == 0) ? 0 : -1;
}
