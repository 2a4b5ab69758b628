// SPDX-License-Identifier: MIT
#include "scriptrun/trial.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "scriptrun/rootdir.h"
#include "scriptrun/runone.h"

enum { SECONDS = 600, PROCESSES = 1000 };

#define MEMORY_BYTES ((uint64_t)2 << 30)
#define MORE_BYTES   ((uint64_t)4 << 30) /* than the tree has */
#define MORE_FILES   200000
#define LOG_BYTES    ((uint64_t)4 << 20)

/* A path that was touched, and by which step last. */
struct touch {
	const char *path;
	size_t step;
};

struct owner {
	uint64_t ino;
	int64_t uid, gid; /* -1: not given away */
};

struct trying {
	struct hull_trial *x;
	const struct hull_scriptrun_request *r;
	const struct hull_run_plan *plan;
	const struct hull_tree *tree;
	struct hull_run_place place;
	struct hull_strv *warnings;
	struct hull_index known; /* touched paths, their place in v */
	struct touch *v;
	size_t n, cap, step;
	struct owner *owners;
	size_t nowners, cap_owners;
	struct hull_err *e;
};

static const struct hull_run_step *step_at(const struct trying *w, size_t i)
{
	return i < w->plan->n ? &w->plan->v[i] : &w->r->more[i - w->plan->n];
}

static void touch(const char *path, void *ctx)
{
	struct trying *w = ctx;
	const char *own;
	size_t place;

	if (hull_index_find(&w->known, path, &place)) {
		w->v[place].step = w->step;
		return;
	}
	own = hull_arena_strdup(&w->x->arena, path);
	hull_index_put(&w->known, own, w->n);
	w->v = hull_grow(w->v, &w->cap, w->n, sizeof *w->v);
	w->v[w->n++] = (struct touch){own, w->step};
}

/* --- owners --- */

static struct owner *find_owner(const struct trying *w, uint64_t ino)
{
	for (size_t i = 0; i < w->nowners; i++)
		if (w->owners[i].ino == ino)
			return &w->owners[i];
	return NULL;
}

/*
 * To give a file to root changes nothing that is not known to be somebody else's: programs that write a file
 * anew give it to whom they have seen it belong to, and in there that is always root.
 */
static void take_owner(struct trying *w, uint64_t ino, int64_t uid, int64_t gid)
{
	struct owner *o = find_owner(w, ino);

	if (!o) {
		if (uid <= 0 && gid <= 0)
			return;
		w->owners = hull_grow(w->owners, &w->cap_owners, w->nowners, sizeof *w->owners);
		o = &w->owners[w->nowners++];
		*o = (struct owner){ino, -1, -1};
	}
	o->uid = uid >= 0 ? uid : o->uid;
	o->gid = gid >= 0 ? gid : o->gid;
	for (size_t i = 0; i < w->x->after.n; i++)
		if (w->x->after.v[i].st.st_ino == ino)
			touch(w->x->after.v[i].path, w);
}

static int take_notes(struct trying *w, char *notes)
{
	char *line;

	while ((line = strsep(&notes, "\n"))) {
		unsigned long long ino;
		long long uid, gid;

		if (hull_starts(line, "refused "))
			return hull_fail(w->e, HULL_FAILED,
					 "it was %s: a sandbox has one user, and no devices", line);
		if (sscanf(line, "owner %llu %lld %lld", &ino, &uid, &gid) == 3)
			take_owner(w, ino, uid, gid);
	}
	return 0;
}

/* The number of a file that is gone may be another's next. */
static void forget_gone(struct trying *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->nowners; i++) {
		bool there = false;

		for (size_t k = 0; k < w->x->after.n && !there; k++)
			there = w->x->after.v[k].st.st_ino == w->owners[i].ino;
		if (there)
			w->owners[kept++] = w->owners[i];
	}
	w->nowners = kept;
}

/* --- a step --- */

static int check_status(struct trying *w, const struct hull_run_step *s,
			const struct hull_run_result *result)
{
	hull_autobuf struct hull_buf said = {0};

	if (!result->status)
		return 0;
	hull_buf_quote(&said, result->log.p ? result->log.p : "");
	if (s->fatal)
		return hull_fail(w->e, HULL_FAILED, "it failed with exit status %d%-s",
				 result->status, said.p ? said.p : "");
	if (w->warnings)
		hull_strv_addf(w->warnings, "%s: %s failed with exit status %d%s", s->package,
			       s->scriptlet->name, result->status, said.p ? said.p : "");
	return 0;
}

static int look(struct trying *w)
{
	struct hull_scan now;

	if (hull_scan_init(&now, w->x->rootfd, w->e) < 0)
		return -1;
	hull_scan_differences(&w->x->after, &now, touch, w);
	hull_scan_fini(&w->x->after);
	w->x->after = now;
	return 0;
}

static int run_step(struct trying *w, const struct hull_run_step *s)
{
	const struct hull_run_script script = {.program = s->scriptlet->program,
					       .body = s->scriptlet->body,
					       .arguments = {s->arguments[0], s->arguments[1]},
					       .input = s->input};
	struct hull_runs *runs = &w->x->runs;
	struct hull_run_result result;
	int r;

	if (hull_run_one(&script, &w->place, &result, w->e) < 0)
		return -1;
	r = look(w);
	if (r == 0)
		r = take_notes(w, result.notes.p);
	if (r == 0)
		r = check_status(w, s, &result);
	forget_gone(w);
	runs->v[runs->n++] = (struct hull_run){
		.package = s->package, .scriptlet = s->scriptlet->name, .status = result.status};
	hull_run_result_fini(&result);
	return r;
}

static int run_all(struct trying *w)
{
	size_t n = w->plan->n + w->r->nmore;

	w->x->runs.v = hull_arena_array(&w->x->arena, n + 1, sizeof *w->x->runs.v);
	if (hull_scan_init(&w->x->after, w->x->rootfd, w->e) < 0)
		return -1;
	for (w->step = 0; w->step < n; w->step++) {
		const struct hull_run_step *s = step_at(w, w->step);

		if (run_step(w, s) < 0)
			return hull_wrap(w->e, "%s: %s: ", s->package, s->scriptlet->name);
	}
	return 0;
}

/* --- what became of it --- */

static const char *type_of(mode_t mode)
{
	return S_ISREG(mode)	? "file"
	       : S_ISDIR(mode)	? "directory"
	       : S_ISLNK(mode)	? "symlink"
	       : S_ISFIFO(mode) ? "fifo"
				: NULL;
}

static int digest_of(struct trying *w, const struct hull_node *n, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = NULL;
	hull_autofree char *piece = NULL;
	enum { PIECE = 1 << 16 };

	if (n->content.sha256) {
		memcpy(out, n->content.sha256, HULL_HEX);
		return 0;
	}
	h = hull_hash_new();
	piece = hull_alloc(PIECE);
	for (uint64_t at = 0; at < n->size_bytes;) {
		size_t now = n->size_bytes - at < PIECE ? (size_t)(n->size_bytes - at) : PIECE;

		if (hull_content_read(&n->content, at, piece, now, w->e) < 0)
			return -1;
		hull_hash_add(h, piece, now);
		at += now;
	}
	hull_hash_hex(h, out);
	return 0;
}

static int describe(struct trying *w, const struct hull_scanned *f, struct hull_run_change *c)
{
	hull_autobuf struct hull_buf text = {0};
	const struct owner *o = find_owner(w, f->st.st_ino);
	char hex[HULL_HEX], target[4097];
	ssize_t n;

	c->type = type_of(f->st.st_mode);
	if (!c->type)
		return hull_fail(w->e, HULL_FAILED, "%s is a socket or a device", f->path);
	c->mode = S_ISLNK(f->st.st_mode) ? 0 : f->st.st_mode & 07777;
	c->uid = o ? o->uid : -1;
	c->gid = o ? o->gid : -1;
	if (S_ISREG(f->st.st_mode)) {
		if (hull_scan_read(w->x->rootfd, f, &text, hex, w->e) < 0)
			return -1;
		c->sha256 = hull_arena_strdup(&w->x->arena, hex);
	}
	if (S_ISLNK(f->st.st_mode)) {
		n = readlinkat(w->x->rootfd, f->path + 1, target, sizeof target - 1);
		if (n < 0)
			return hull_fail_errno(w->e, "%s", f->path);
		c->target = hull_arena_strndup(&w->x->arena, target, (size_t)n);
	}
	return 0;
}

/* 1: the node is what the change says, 0: it is not. */
static int is_as_before(struct trying *w, const struct hull_node *n,
			const struct hull_run_change *c)
{
	const char *type = type_of(n->mode);
	char hex[HULL_HEX];

	if (!type || strcmp(type, c->type) != 0 || c->uid >= 0 || c->gid >= 0)
		return 0;
	if (S_ISLNK(n->mode))
		return !strcmp(n->target, c->target);
	if ((n->mode & 07777) != c->mode)
		return 0;
	if (!S_ISREG(n->mode))
		return 1;
	if (digest_of(w, n, hex) < 0)
		return -1;
	return !strcmp(hex, c->sha256);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct touch *)a)->path, ((const struct touch *)b)->path);
}

/* Sets *out if the path is not what the tree has: 1; else 0. */
static int take_change(struct trying *w, const struct touch *at, struct hull_run_change *out)
{
	const struct hull_run_step *s = step_at(w, at->step);
	const struct hull_scanned *f = hull_scan_find(&w->x->after, at->path);
	int node = hull_tree_find(w->tree, at->path), same;

	*out = (struct hull_run_change){.path = at->path,
					.package = s->package,
					.scriptlet = s->scriptlet->name,
					.uid = -1,
					.gid = -1};
	if (!f) {
		out->kind = "removed";
		return node != HULL_NO_NODE;
	}
	if (describe(w, f, out) < 0)
		return hull_wrap(w->e, "%s: %s: ", s->package, s->scriptlet->name);
	out->kind = node == HULL_NO_NODE ? "added" : "changed";
	if (node == HULL_NO_NODE)
		return 1;
	same = is_as_before(w, &w->tree->v[w->tree->v[node].inode], out);
	return same < 0 ? -1 : !same;
}

static int collect(struct trying *w)
{
	struct hull_runs *runs = &w->x->runs;

	if (w->n)
		qsort(w->v, w->n, sizeof *w->v, by_path);
	runs->ran = true;
	runs->changes = hull_arena_array(&w->x->arena, w->n + 1, sizeof *runs->changes);
	for (size_t i = 0; i < w->n; i++) {
		int r = take_change(w, &w->v[i], &runs->changes[runs->nchanges]);

		if (r < 0)
			return -1;
		runs->nchanges += (size_t)r;
	}
	return 0;
}

/* --- the whole --- */

/* What the sandbox mounts on would else be made by the first of them. */
static int make_mount_points(int rootfd, struct hull_err *e)
{
	static const char *const names[] = {"dev", "proc", "run", "tmp"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mkdirat(rootfd, names[i], 0755) < 0 && errno != EEXIST)
			return hull_fail_errno(e, "%s", names[i]);
	return 0;
}

static int prepare(struct trying *w)
{
	struct hull_trial *x = w->x;
	hull_autofree char *root = NULL, *scratch = NULL;

	x->dir = hull_store_tmp(x->store, w->e);
	if (!x->dir)
		return -1;
	root = hull_asprintf("%s/root", x->dir);
	scratch = hull_asprintf("%s/scratch", x->dir);
	if (hull_mkdirs(x->store->fd, root, 0755, w->e) < 0 ||
	    hull_mkdirs(x->store->fd, scratch, 0755, w->e) < 0)
		return -1;
	x->rootfd = openat(x->store->fd, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->rootfd < 0)
		return hull_fail_errno(w->e, "store %s: %s", x->store->path, root);
	w->place.root = hull_arena_printf(&x->arena, "%s/%s", x->store->path, root);
	w->place.scratch = hull_arena_printf(&x->arena, "%s/%s", x->store->path, scratch);
	return hull_root_make(w->tree, x->rootfd, w->e) < 0 ? -1
							    : make_mount_points(x->rootfd, w->e);
}

static uint64_t bytes_of(const struct hull_tree *t)
{
	uint64_t n = 0;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		n += S_ISREG(t->v[i].mode) ? t->v[i].size_bytes : 0;
	return n;
}

int hull_trial_init(struct hull_trial *x, const struct hull_scriptrun_request *r,
		    const struct hull_run_plan *plan, const struct hull_tree *t, bool elsewhere,
		    struct hull_strv *warnings, struct hull_err *e)
{
	struct trying w = {
		.x = x,
		.r = r,
		.plan = plan,
		.tree = t,
		.place = {.name = "image",
			  .time = r->time,
			  .elsewhere = elsewhere,
			  .limits = {.memory_bytes = MEMORY_BYTES,
				     .processes = PROCESSES,
				     .disk_bytes = bytes_of(t) + MORE_BYTES,
				     .inodes = t->n + MORE_FILES,
				     .seconds = SECONDS,
				     .output_bytes = LOG_BYTES}},
		.warnings = warnings,
		.e = e,
	};
	int result;

	*x = (struct hull_trial){.store = r->store, .rootfd = -1};
	result = prepare(&w) < 0 || run_all(&w) < 0 || collect(&w) < 0 ? -1 : 0;
	hull_index_fini(&w.known);
	free(w.v);
	free(w.owners);
	if (result < 0)
		hull_trial_fini(x);
	return result;
}

void hull_trial_fini(struct hull_trial *x)
{
	if (x->dir)
		hull_ignore(hull_remove_tree(x->store->fd, x->dir, NULL));
	hull_freep(&x->dir);
	hull_closep(&x->rootfd);
	hull_scan_fini(&x->after);
	hull_arena_fini(&x->arena);
}
