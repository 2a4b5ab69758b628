// SPDX-License-Identifier: MIT
#include "source/fetch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/str.h"
#include "source/download.h"
#include "source/mirrors.h"
#include "store/intact.h"

enum {
	PARALLEL = 6,
	STALL_SECONDS = 30,
	ROUNDS = 3,		   /* how often all places are tried */
	PAUSE_MS = 1000,	   /* before the second round; more before later ones */
	ROUND_BYTES = 1024 * 1024, /* who has got that much farther deserves new rounds */
	LOCK_PAUSE_MS = 100,
	POLL_MS = 100,
	UNREACHABLE = 3, /* failures in a row after which a server is left alone */
};

/* Of a file whose size nobody has said. */
static const uint64_t MOST_BYTES = (uint64_t)16 << 30;

enum phase { WAITING, RUNNING, DONE };

/* One want on its way through its places. */
struct job {
	struct hull_source_want *want;
	enum phase phase;
	int64_t due_ms; /* WAITING: not before */
	int lock;
	bool open; /* the lock is held, the partial and places are known */
	struct hull_partial partial;
	struct hull_download download;
	struct hull_strv places;
	char **reasons; /* why the place failed, NULL: not tried; as many as places */
	bool *dead;	/* the place need not be tried again */
	char *no_place; /* why the URL gave no place */
	size_t at;	/* the place that is tried now or next */
	int round;
	uint64_t best_bytes; /* the farthest that a transfer came */
	bool task_shown;
};

struct server {
	char *name;   /* "https://host:port" */
	int failures; /* without any answer since */
};

struct fetch_run {
	const struct hull_store *store;
	const struct hull_source_options *options;
	struct hull_progress *progress;
	CURLM *multi;
	struct job *jobs;
	size_t n, done, running;
	struct hull_debian_places debian;
	char *no_debian; /* why there are no bases */
	struct server *servers;
	size_t nservers, servers_cap;
};

/* --- servers that do not answer --- */

static struct server *find_server(struct fetch_run *r, const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?#") : strlen(url);

	for (size_t i = 0; i < r->nservers; i++)
		if (strlen(r->servers[i].name) == n && !memcmp(r->servers[i].name, url, n))
			return &r->servers[i];
	r->servers = hull_grow(r->servers, &r->servers_cap, r->nservers, sizeof *r->servers);
	r->servers[r->nservers] = (struct server){hull_strndup(url, n), 0};
	return &r->servers[r->nservers++];
}

/* --- the end of a job --- */

static void close_job(struct fetch_run *r, struct job *j)
{
	if (j->download.easy) {
		curl_multi_remove_handle(r->multi, j->download.easy);
		hull_download_fini(&j->download);
	}
	if (j->task_shown)
		hull_task_end(r->progress, j->download.task);
	j->task_shown = false;
	if (!j->open)
		return;
	hull_partial_close(&j->partial);
	if (j->lock >= 0)
		close(j->lock);
	for (size_t i = 0; i < j->places.n; i++)
		free(j->reasons[i]);
	free(j->reasons);
	free(j->dead);
	free(j->no_place);
	hull_strv_fini(&j->places);
	j->open = false;
}

static void finish(struct fetch_run *r, struct job *j)
{
	close_job(r, j);
	j->phase = DONE;
	r->done++;
	hull_progress_total(r->progress, "sources", r->done, r->n, -1);
}

static void succeed(struct fetch_run *r, struct job *j, const char *origin)
{
	struct hull_source_want *w = j->want;
	uint64_t bytes = j->open ? j->partial.have_bytes : 0;
	char size[HULL_AMOUNT];

	for (size_t i = 0; i < j->places.n; i++)
		if (j->reasons[i])
			hull_log_verbose(r->progress, "%s: %s: %s: %s", w->where, w->file,
					 j->places.v[i], j->reasons[i]);
	w->ok = true;
	w->origin = hull_strdup(origin);
	finish(r, j);
	if (hull_source_is_remote(w->origin))
		hull_log(r->progress, "fetched %s, %s, from %s", w->file,
			 hull_size_text(bytes, size), w->origin);
}

static void fail(struct fetch_run *r, struct job *j, const char *reason)
{
	j->want->error = hull_asprintf("%s: %s: %s", j->want->where, j->want->file, reason);
	finish(r, j);
}

/* All places were tried: one line with what each of them said. */
static void fail_everywhere(struct fetch_run *r, struct job *j)
{
	hull_autobuf struct hull_buf b = {0};

	if (r->options->offline)
		hull_buf_addf(&b, "not in the store, and offline (%s)", j->want->url);
	else if (j->no_place)
		hull_buf_adds(&b, j->no_place);
	for (size_t i = 0; i < j->places.n; i++)
		if (j->reasons[i])
			hull_buf_addf(&b, "%s%s: %s", b.n ? "; " : "", j->places.v[i],
				      j->reasons[i]);
	fail(r, j, b.p);
}

/* --- the store --- */

/* An empty file is what a crash of the machine leaves of a name that reached the disk before its
 * content. */
static bool stored(const struct fetch_run *r, const char *sha256)
{
	struct hull_store_path source = hull_store_path(HULL_STORE_SOURCE, sha256);
	struct stat st;

	if (fstatat(r->store->fd, source.path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (st.st_size > 0)
		return true;
	unlinkat(r->store->fd, source.path, 0);
	return false;
}

static void mismatch(struct hull_err *e, const char *expected, const char *got)
{
	hull_fail(e, HULL_FAILED, "expected sha256 %s, got %s", expected, got);
}

static int check_beside(const struct hull_source_want *w, const char *path, struct hull_err *e)
{
	char got[HULL_HEX];

	if (hull_hash_file(AT_FDCWD, path, got, NULL, e) < 0)
		return -1;
	if (!strcmp(got, w->sha256))
		return 0;
	mismatch(e, w->sha256, got);
	hull_wrap(e, "%s: ", path);
	return -1;
}

/* Ends the job if the store has the file; true if it did end it. */
static bool settle_stored(struct fetch_run *r, struct job *j)
{
	const struct hull_source_want *w = j->want;
	hull_autofree char *beside = NULL;
	struct hull_err e;

	if (!w->sha256 || !stored(r, w->sha256))
		return false;
	if (hull_source_is_relative(w->url))
		beside = hull_source_beside(w);
	if (beside && check_beside(w, beside, &e) < 0) {
		fail(r, j, e.msg);
		return true;
	}
	memcpy(j->want->digest, w->sha256, HULL_HEX);
	succeed(r, j, "store");
	return true;
}

/* --- places --- */

static void retry_later(struct job *j, int64_t ms)
{
	j->phase = WAITING;
	j->due_ms = hull_monotonic_ms() + ms;
}

/* Takes the lock of the file and opens its partial; false: it did end, or somebody else is at it.
 */
static bool open_job(struct fetch_run *r, struct job *j)
{
	struct hull_source_want *w = j->want;
	struct hull_err e;

	j->lock = -1;
	if (w->sha256) {
		hull_autofree char *name = hull_asprintf("source-%s", w->sha256);

		j->lock = hull_store_lock(r->store, name, false, &e);
		if (j->lock < 0 && e.sys == EWOULDBLOCK)
			retry_later(j, LOCK_PAUSE_MS);
		else if (j->lock < 0)
			fail(r, j, e.msg);
		if (j->lock < 0)
			return false;
	}
	if (settle_stored(r, j)) {
		close(j->lock);
		return false;
	}
	if (hull_partial_open(&j->partial, r->store, w->sha256, &e) < 0) {
		fail(r, j, e.msg);
		if (j->lock >= 0)
			close(j->lock);
		return false;
	}
	j->open = true;
	j->partial.max_bytes = w->max_bytes ? w->max_bytes : MOST_BYTES;
	if (hull_source_places(w, r->options, &r->debian, &j->places, &e) < 0)
		j->no_place = hull_strdup(
			hull_starts(w->url, "debian:") && r->no_debian ? r->no_debian : e.msg);
	for (size_t i = 0; w->others && i < w->others->n; i++)
		hull_strv_add(&j->places, w->others->v[i]);
	j->reasons = hull_alloc_array(j->places.n + 1, sizeof *j->reasons);
	j->dead = hull_alloc_array(j->places.n + 1, sizeof *j->dead);
	j->download.partial = &j->partial;
	j->download.progress = r->progress;
	return true;
}

static void set_reason(struct job *j, const char *reason, bool dead)
{
	free(j->reasons[j->at]);
	j->reasons[j->at] = hull_strdup(reason);
	j->dead[j->at] = dead;
}

/* A file that the user put next to the spec is what he means: nothing else may stand in for it. */
static bool is_final(const struct job *j, const char *place)
{
	hull_autofree char *beside = hull_source_beside(j->want);

	return beside && !strcmp(beside, place);
}

/* Moves a complete file into the store. True: the job has ended. */
static bool commit(struct fetch_run *r, struct job *j)
{
	struct hull_source_want *w = j->want;
	bool resumed = j->partial.old_bytes > 0;
	const char *place = j->places.v[j->at];
	struct hull_err e;
	int c = hull_partial_commit(&j->partial, w->sha256, place, w->digest, &e);

	if (c < 0) {
		fail(r, j, e.msg);
		return true;
	}
	if (c > 0) {
		succeed(r, j, place);
		return true;
	}
	mismatch(&e, w->sha256, w->digest);
	set_reason(j, e.msg, !resumed);
	if (resumed) /* perhaps it was the old part that was wrong: this place once more, from its
			start */
		return false;
	if (is_final(j, place)) {
		fail_everywhere(r, j);
		return true;
	}
	j->at++;
	return false;
}

/* The outcome of the attempt at place j->at. True: the job has ended. */
static bool settle_attempt(struct fetch_run *r, struct job *j, enum hull_attempt outcome,
			   const struct hull_err *e)
{
	if (outcome == HULL_ATTEMPT_COMPLETE)
		return commit(r, j);
	if (outcome == HULL_ATTEMPT_BROKEN) {
		fail(r, j, e->msg);
		return true;
	}
	set_reason(j, e->msg, outcome == HULL_ATTEMPT_NEVER);
	if (j->partial.have_bytes >= j->best_bytes + ROUND_BYTES) {
		j->best_bytes = j->partial.have_bytes;
		j->round = 0;
	}
	j->at++;
	return false;
}

static void show_task(struct fetch_run *r, struct job *j)
{
	if (!j->task_shown)
		j->download.task = hull_task_start(r->progress, j->want->file, 0);
	j->task_shown = true;
}

/* Starts the transfer from place j->at. True: it runs. */
static bool start_download(struct fetch_run *r, struct job *j)
{
	const char *url = j->places.v[j->at];
	int stall = r->options->stall_seconds > 0 ? r->options->stall_seconds : STALL_SECONDS;
	struct hull_err e;

	if (r->options->offline) {
		j->dead[j->at] = true;
	} else if (find_server(r, url)->failures >= UNREACHABLE) {
		set_reason(j, "the server does not answer", true);
	} else if (hull_download_start(&j->download, url, stall, &e) < 0) {
		set_reason(j, e.msg, true);
	} else {
		show_task(r, j);
		hull_assert(curl_multi_add_handle(r->multi, j->download.easy) == CURLM_OK);
		j->phase = RUNNING;
		r->running++;
		return true;
	}
	j->at++;
	return false;
}

/* All places failed: another round over those that are not dead, or the end. */
static void end_round(struct fetch_run *r, struct job *j)
{
	int pause_ms = r->options->pause_ms > 0 ? r->options->pause_ms : PAUSE_MS;
	bool alive = false;

	for (size_t i = 0; i < j->places.n; i++)
		alive = alive || !j->dead[i];
	if (!alive || ++j->round >= ROUNDS) {
		fail_everywhere(r, j);
		return;
	}
	j->at = 0;
	retry_later(j, (int64_t)pause_ms * j->round * j->round);
}

/* Goes on with a job until a transfer runs, it has to wait, or it has ended. */
static void advance(struct fetch_run *r, struct job *j)
{
	struct hull_err e;

	j->phase = WAITING;
	if (!j->open && !open_job(r, j))
		return;
	while (j->at < j->places.n) {
		const char *place = j->places.v[j->at];

		if (j->dead[j->at]) {
			j->at++;
		} else if (hull_source_is_remote(place)) {
			if (start_download(r, j))
				return;
		} else {
			enum hull_attempt outcome = hull_download_copy(&j->partial, place, &e);

			if (settle_attempt(r, j, outcome, &e))
				return;
		}
	}
	end_round(r, j);
}

/* --- the loop --- */

static void start_due(struct fetch_run *r)
{
	size_t parallel = r->options->parallel > 0 ? (size_t)r->options->parallel : PARALLEL;
	int64_t now = hull_monotonic_ms();

	for (size_t i = 0; i < r->n && r->running < parallel && !hull_interrupted(); i++)
		if (r->jobs[i].phase == WAITING && r->jobs[i].due_ms <= now)
			advance(r, &r->jobs[i]);
}

static void reap(struct fetch_run *r)
{
	const CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(r->multi, &left))) {
		CURLcode code = m->data.result;
		enum hull_attempt outcome;
		struct job *j = NULL;
		struct server *server;
		struct hull_err e;
		bool unreachable;

		if (m->msg != CURLMSG_DONE)
			continue;
		for (size_t i = 0; i < r->n && !j; i++)
			if (r->jobs[i].download.easy == m->easy_handle)
				j = &r->jobs[i];
		hull_assert(j);
		outcome = hull_download_end(&j->download, code, &unreachable, &e);
		server = find_server(r, j->places.v[j->at]);
		server->failures = unreachable ? server->failures + 1 : 0;
		curl_multi_remove_handle(r->multi, j->download.easy);
		hull_download_fini(&j->download);
		r->running--;
		if (!settle_attempt(r, j, outcome, &e))
			advance(r, j);
	}
}

static int loop(struct fetch_run *r, struct hull_err *e)
{
	int running;

	while (r->done < r->n && !hull_interrupted()) {
		CURLMcode m = curl_multi_perform(r->multi, &running);

		if (m == CURLM_OK)
			reap(r);
		start_due(r);
		hull_progress_tick(r->progress);
		if (m == CURLM_OK && r->done < r->n)
			m = curl_multi_poll(r->multi, NULL, 0, POLL_MS, NULL);
		if (m != CURLM_OK)
			return hull_fail(e, HULL_FAILED, "curl: %s", curl_multi_strerror(m));
	}
	return 0;
}

/* --- before and after --- */

/* What needs no transfer. */
static void settle_first(struct fetch_run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct job *j = &r->jobs[i];
		const char *sha256 = j->want->sha256;

		if (!sha256 && !r->options->accept_unpinned)
			fail(r, j, "no sha256 in signatures.json: run 'hull source update'");
		else if (sha256 && !hull_is_sha256(sha256))
			fail(r, j, "its sha256 is not 64 lower-case hex digits");
		else
			settle_stored(r, j);
	}
}

static void find_debian(struct fetch_run *r)
{
	const char *given = r->options->debian_mirror;
	struct hull_err e;

	if (r->options->offline && !given)
		return;
	for (size_t i = 0; i < r->n; i++) {
		if (r->jobs[i].phase == DONE || !hull_starts(r->jobs[i].want->url, "debian:"))
			continue;
		if (hull_debian_bases(given, &r->debian.bases, &e) < 0 ||
		    hull_debian_archives(r->options->debian_archive, &r->debian.archives, &e) < 0)
			r->no_debian = hull_strdup(e.msg);
		return;
	}
}

static int report(const struct fetch_run *r, struct hull_err *e)
{
	hull_autobuf struct hull_buf b = {0};
	size_t failed = 0;

	for (size_t i = 0; i < r->n; i++)
		failed += !r->jobs[i].want->ok;
	if (!failed)
		return 0;
	if (hull_interrupted())
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	for (size_t i = 0; i < r->n; i++) {
		const struct hull_source_want *w = r->jobs[i].want;

		if (w->ok)
			continue;
		hull_buf_showf(&b, "%-s%s", failed > 1 ? "\n  " : "", w->error);
	}
	if (failed == 1)
		return hull_fail(e, HULL_FAILED, "%-s", b.p);
	return hull_fail(e, HULL_FAILED, "%zu of %zu sources could not be fetched:%-s", failed,
			 r->n, b.p);
}

static void fini(struct fetch_run *r)
{
	for (size_t i = 0; i < r->n; i++)
		close_job(r, &r->jobs[i]);
	for (size_t i = 0; i < r->nservers; i++)
		free(r->servers[i].name);
	free(r->servers);
	free(r->jobs);
	free(r->no_debian);
	hull_debian_places_fini(&r->debian);
	hull_progress_total(r->progress, "sources", 0, 0, -1);
}

static int transfer(struct fetch_run *r, struct hull_err *e)
{
	int result;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(r->multi = curl_multi_init()))
		return hull_fail(e, HULL_FAILED, "curl does not start");
	find_debian(r);
	result = loop(r, e);
	for (size_t i = 0; i < r->n; i++)
		close_job(r, &r->jobs[i]);
	curl_multi_cleanup(r->multi);
	curl_global_cleanup();
	return result;
}

/* What is damaged is away then, and fetched again. */
static int compare_stored(const struct hull_store *s, const struct hull_source_want *wants,
			  size_t n, struct hull_err *e)
{
	hull_autofree const char **digests = hull_alloc_array(n + 1, sizeof *digests);

	for (size_t i = 0; i < n; i++)
		digests[i] = wants[i].sha256;
	return hull_intact_files(s, HULL_STORE_SOURCE, digests, n, e);
}

int hull_source_fetch(const struct hull_store *s, const struct hull_source_options *o,
		      struct hull_source_want *wants, size_t n, struct hull_progress *progress,
		      struct hull_err *e)
{
	struct fetch_run r = {.store = s, .options = o, .progress = progress, .n = n};
	int result = 0;

	if (compare_stored(s, wants, n, e) < 0)
		return -1;
	r.jobs = hull_alloc_array(n + 1, sizeof *r.jobs);
	for (size_t i = 0; i < n; i++) {
		r.jobs[i].want = &wants[i];
		wants[i].ok = false;
	}
	settle_first(&r);
	if (r.done < r.n)
		result = transfer(&r, e);
	if (result == 0)
		result = report(&r, e);
	fini(&r);
	return result;
}
