// SPDX-License-Identifier: MIT
#include "spec/spec.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/children.h"
#include "base/file.h"
#include "sandbox/support.h"
#include "spec/specsource.h"
#include "spec/macros.h"
#include "spec/parsebox.h"
#include "spec/specdigest.h"
#include "spec/specjson.h"
#include "store/sealed.h"

enum {
	DEFAULT_SECONDS = 30,
};

/* A directory of specs. */
struct spec_tree {
	const char *path;
	char *macros;	       /* its own: as known, or NULL */
	char *real;	       /* that without links */
	char digest[HULL_HEX]; /* of all macros of its specs */
	char built_by
		[HULL_HEX]; /* these in the store; only if it has own ones, and there is a store */
};

/* One spec that the trees have. */
struct found_spec {
	char *name, *dir; /* <dir>/<name>.spec */
	char *real;	  /* dir without links; of those to parse */
	size_t tree;
	size_t ndefines; /* of the request's definitions: all or none */
	struct hull_spec_digest digest;
	json_t *result; /* see parse.h; NULL until it is known */
	bool declared;	/* the result has a spec: */
	struct hull_spec spec;
	struct hull_strv errors; /* because of which it is left out */
};

struct loader {
	const struct hull_specs_request *r;
	struct hull_specs *out;
	struct spec_tree *trees;
	struct found_spec *v;
	size_t n, cap, sorted; /* by name, those of the trees before */
	size_t *missing;       /* indexes of those to parse */
	size_t nmissing;
	struct hull_parsebox box;
	char *macros;		 /* absolute */
	struct hull_strv errors; /* in the macros: nothing can be said of any spec */
	size_t faults_cap;
	char *tmp; /* directory in the store for new cache entries */
};

/* --- what there is --- */

/* Those of a name lie together. */
static int by_name(const void *a, const void *b)
{
	const struct found_spec *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->dir, y->dir);
}

/* A file of that name in an earlier tree. */
static struct found_spec *find(struct loader *l, size_t tree, const char *name)
{
	size_t low = 0, high = l->sorted;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(l->v[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < l->sorted && !strcmp(l->v[low].name, name); low++)
		if (l->v[low].tree < tree)
			return &l->v[low];
	return NULL;
}

static void add_found(struct loader *l, size_t tree, const char *directory, const char *name)
{
	struct found_spec *f = find(l, tree, name);
	char *dir = hull_asprintf("%s/%s", l->trees[tree].path, directory);

	if (f) {
		hull_strv_addf(&l->out->warnings, "%s: %s/%s.spec overrides %s/%s.spec", name, dir,
			       name, f->dir, name);
		free(f->dir);
	} else {
		l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
		f = &l->v[l->n++];
		f->name = hull_strdup(name);
	}
	f->dir = dir;
	f->tree = tree;
}

/* All specs of a directory: there may be some that bootstrap one of the others. */
static int scan_directory(struct loader *l, size_t tree, int fd, const char *directory,
			  struct hull_err *e)
{
	static const char suffix[] = ".spec";
	hull_autostrv struct hull_strv names = {0};
	struct stat st;
	bool found = false;

	if (hull_dir_list(fd, directory, &names, e) < 0)
		return hull_wrap(e, "%s/", l->trees[tree].path);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", directory, names.v[i]);

		if (names.v[i][0] == '.' || !hull_ends(names.v[i], suffix) ||
		    fstatat(fd, path, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		names.v[i][strlen(names.v[i]) - strlen(suffix)] = '\0';
		add_found(l, tree, directory, names.v[i]);
		found = true;
	}
	if (!found)
		hull_strv_addf(&l->out->warnings, "%s/%s: skipped, it has no spec",
			       l->trees[tree].path, directory);
	return 0;
}

static int scan_tree(struct loader *l, size_t tree, struct hull_err *e)
{
	const char *path = l->trees[tree].path;
	hull_autostrv struct hull_strv names = {0};
	hull_autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return hull_fail_errno(e, "specs directory %s", path);
	if (hull_dir_list(fd, ".", &names, e) < 0)
		return hull_wrap(e, "%s/", path);
	for (size_t i = 0; i < names.n; i++) {
		if (names.v[i][0] == '.' || fstatat(fd, names.v[i], &st, 0) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		if (!strcmp(names.v[i], HULL_TREE_MACROS))
			l->trees[tree].macros = hull_asprintf("%s/" HULL_TREE_MACROS, path);
		else if (scan_directory(l, tree, fd, names.v[i], e) < 0)
			return -1;
	}
	return 0;
}

/* --- digests --- */

/* Of Hull's macros and those of a tree, if it has some; these are in the store then, for builds. */
static int digest_macros(struct loader *l, struct spec_tree *t, const char *hull,
			 struct hull_buf *buf, struct hull_err *e)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char own[HULL_HEX];

	memcpy(t->digest, hull, HULL_HEX);
	if (!t->macros)
		return 0;
	t->real = hull_realpath(t->macros, e);
	if (!t->real || hull_spec_directory_digest(t->macros, buf, own, e) < 0)
		return -1;
	hull_hash_field(h, "hull", hull);
	hull_hash_field(h, "tree", own);
	hull_hash_hex(h, t->digest);
	if (!l->r->store)
		return 0;
	return hull_macros_store_with(l->r->store, l->r->macros, t->macros, t->built_by, e);
}

static int digest_all(struct loader *l, struct hull_err *e)
{
	hull_autobuf struct hull_buf buf = {0};
	char macros[HULL_HEX];

	if (hull_spec_directory_digest(l->r->macros, &buf, macros, e) < 0)
		return hull_wrap(e, "macros: ");
	for (size_t i = 0; i < l->r->ntrees; i++)
		if (digest_macros(l, &l->trees[i], macros, &buf, e) < 0)
			return hull_wrap(e, "macros of %s: ", l->trees[i].path);
	for (size_t i = 0; i < l->n; i++) {
		struct found_spec *f = &l->v[i];

		if (!l->r->defined || hull_strv_has(l->r->defined, f->name))
			f->ndefines = l->r->ndefines;
		if (hull_spec_digest(f->name, f->dir, l->trees[f->tree].digest, l->r->arch,
				     l->r->defines, f->ndefines, &buf, &f->digest, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the cache --- */

/* Lines of a result with the place of its spec in front; NULL if there are none. */
static const char *known_lines(const struct found_spec *f, const json_t *list, struct hull_arena *a)
{
	hull_autobuf struct hull_buf text = {0};
	const json_t *line;
	size_t i;

	json_array_foreach (list, i, line) {
		if (json_is_string(line))
			hull_buf_addf(&text, "%s%s/%s", text.n ? "\n" : "", f->dir,
				      json_string_value(line));
	}
	return text.n ? hull_arena_strdup(a, text.p) : NULL;
}

/* Takes the spec out of the result; false if it has none that counts, and does not say why either. */
static bool take_spec(struct loader *l, struct found_spec *f)
{
	const json_t *spec = json_object_get(f->result, "spec");
	const struct spec_tree *tree = &l->trees[f->tree];
	struct hull_arena *a = &l->out->arena;

	if (!spec)
		return json_is_true(json_object_get(f->result, "excluded")) ||
		       ((json_array_size(json_object_get(f->result, "errors")) ||
			 json_array_size(json_object_get(f->result, "own"))) &&
			!json_array_size(json_object_get(f->result, "macros")));
	f->declared = hull_spec_from_json(spec, f->name, a, &f->spec, NULL) == 0;
	json_object_del(f->result, "spec"); /* of thousands, it is much */
	if (!f->declared)
		return false;
	f->spec.path = hull_arena_printf(a, "%s/%s.spec", f->dir, f->name);
	f->spec.dir = hull_arena_strdup(a, f->dir);
	f->spec.tree = hull_arena_strdup(a, tree->path);
	f->spec.digest = hull_arena_strdup(a, f->digest.all);
	f->spec.macros = *tree->built_by ? hull_arena_strdup(a, tree->built_by) : NULL;
	f->spec.unbuildable = known_lines(f, json_object_get(f->result, "unknown"), a);
	return true;
}

static void read_cache(struct loader *l, struct found_spec *f)
{
	struct hull_err e;

	/* an entry that cannot be read is made again */
	if (hull_sealed_take(l->r->store, HULL_STORE_SPEC, f->digest.key, &f->result, &e) > 0 &&
	    !take_spec(l, f)) {
		json_decref(f->result);
		f->result = NULL;
	}
}

/* Without fsync: what a power cut truncates is no JSON any more. Not to have an entry is no
 * failure. */
static void write_cache(struct loader *l, const struct found_spec *f, const char *json, size_t n)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autofree char *from = NULL;
	hull_autofd int fd = -1;

	if (!l->tmp)
		l->tmp = hull_store_tmp(l->r->store, NULL);
	if (!l->tmp)
		return;
	from = hull_asprintf("%s/%s", l->tmp, f->digest.key);
	fd = openat(l->r->store->fd, from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	hull_buf_add(&text, json, n);
	hull_seal_json(&text, HULL_STORE_SPEC, f->digest.key);
	if (fd >= 0 && hull_fd_write(fd, text.p, text.n, NULL) == 0)
		hull_ignore(
			hull_store_commit(l->r->store, from, HULL_STORE_SPEC, f->digest.key, NULL));
}

/* --- parsing --- */

static int enter_box(hull_children_work *work, void *arg, int out, void *ctx, struct hull_err *e)
{
	const struct loader *l = ctx;

	return hull_parsebox_enter(&l->box, work, arg, out, e);
}

static int parse_one(size_t i, int out, void *ctx, struct hull_err *e)
{
	struct loader *l = ctx;
	const struct found_spec *f = &l->v[l->missing[i]];

	const struct hull_parse p = {
		.dir = f->real,
		.name = f->name,
		.tree_macros = l->trees[f->tree].real,
		.defines = l->r->defines,
		.ndefines = f->ndefines,
	};

	return hull_parsebox_parse(&l->box, &p, out, e);
}

/* If it is not said behind `from` yet. */
static void add_line(struct hull_strv *v, size_t from, const char *dir, const char *line)
{
	hull_autofree char *text = hull_asprintf("%s/%s", dir, line);

	while (from < v->n && strcmp(v->v[from], text) != 0)
		from++;
	if (from == v->n)
		hull_strv_take(v, hull_steal(text));
}

/* Places in the sandbox are told as the user knows them. */
static char *as_known(const struct loader *l, const struct found_spec *f, const char *line)
{
	const char *own = l->trees[f->tree].macros;
	const struct {
		const char *inside, *known;
	} places[] = {{HULL_PARSEBOX_SPEC "/", f->dir},
		      {HULL_PARSEBOX_MACROS "/", l->r->macros},
		      {HULL_PARSEBOX_OWN "/", own ? own : ""}};
	const size_t n = sizeof places / sizeof *places;
	struct hull_buf text = {0};

	while (*line) {
		size_t i = 0;

		while (i < n && !hull_starts(line, places[i].inside))
			i++;
		if (i < n) {
			hull_buf_addf(&text, "%s/", places[i].known);
			line += strlen(places[i].inside);
		} else {
			hull_buf_addc(&text, *line++);
		}
	}
	return text.p ? hull_buf_steal(&text) : hull_strdup("");
}

/* The lines of a member of its result, which are seen from the directory `dir`; what is wrong with Hull's
 * macros is said once. */
static void add_lines(const struct loader *l, const struct found_spec *f, struct hull_strv *v,
		      const char *dir, const char *member)
{
	size_t from = v == &l->errors ? 0 : v->n;
	const json_t *line;
	size_t i;

	json_array_foreach (json_object_get(f->result, member), i, line) {
		hull_autofree char *text = NULL;

		if (!json_is_string(line))
			continue;
		text = as_known(l, f, json_string_value(line));
		add_line(v, from, dir, text);
	}
}

/* What was saved meanwhile must not be kept under the digest of what was there before. */
static bool has_changed(const struct found_spec *f)
{
	hull_autobuf struct hull_buf buf = {0};
	char directory[HULL_HEX];

	return hull_spec_directory_digest(f->dir, &buf, directory, NULL) < 0 ||
	       strcmp(directory, f->digest.directory) != 0;
}

static int take_result(struct loader *l, struct found_spec *f, const struct hull_buf *out,
		       struct hull_err *e)
{
	const char *json = "";
	size_t n = 0;
	int status = hull_parsebox_result(out, &json, &n, e);

	if (has_changed(f))
		return hull_fail(e, HULL_FAILED, "changed while it was read");
	if (status < 0)
		return -1;
	if (status > 0)
		return hull_fail(e, HULL_FAILED, "the parser died of signal %d", status - 128);
	f->result = json_loadb(json, n, 0, NULL);
	if (!f->result)
		return hull_fail(e, HULL_FAILED, "the parser ended without a result");
	if (take_spec(l, f) && l->r->store)
		write_cache(l, f, json, n);
	return 0;
}

/* What is wrong with one spec does not keep the others from being parsed. */
static int end_parse(size_t i, const struct hull_buf *out, int status, void *ctx,
		     struct hull_err *e)
{
	struct loader *l = ctx;
	struct found_spec *f = &l->v[l->missing[i]];
	struct hull_err why;
	int r = -1;

	(void)e;
	if (status == -1)
		hull_fail(&why, HULL_FAILED, "not parsed within %d s: is there a loop in a macro?",
			  l->r->seconds ? l->r->seconds : DEFAULT_SECONDS);
	else if (status == HULL_PARSEBOX_MEMORY)
		hull_fail(&why, HULL_FAILED, "not parsed with %d MiB of memory",
			  (int)(HULL_PARSEBOX_BYTES >> 20));
	else if (status == HULL_PARSEBOX_PROCESSES)
		hull_fail(&why, HULL_FAILED, "not parsed with %d processes", HULL_PARSEBOX_TASKS);
	else if (status == HULL_PARSEBOX_KILLED)
		hull_fail(&why, HULL_FAILED, "it killed what parses it");
	else if (status > 0 && status <= 128)
		return -1; /* there is no sandbox, for none of them */
	else if (status > 128)
		hull_fail(&why, HULL_FAILED, "its worker died of signal %d", status - 128);
	else
		r = take_result(l, f, out, &why);
	if (r < 0)
		hull_strv_addf(&f->errors, "%s/%s.spec: %s", f->dir, f->name, why.msg);
	return 0;
}

/* A directory that no tree has: a link leads there. */
static void show_in_box(struct loader *l, const char *real)
{
	bool known = false;

	for (size_t i = 0; i < l->box.dirs.n && !known; i++)
		known = hull_spec_below(real, l->box.dirs.v[i]);
	if (!known)
		hull_strv_add(&l->box.dirs, real);
}

/* What the workers see: the trees, and what links in them lead to. */
static int fill_box(struct loader *l, struct hull_err *e)
{
	l->macros = hull_realpath(l->r->macros, e);
	if (!l->macros)
		return hull_wrap(e, "macros: ");
	l->box.macros = l->macros;
	l->box.arch = l->r->arch;
	for (size_t i = 0; i < l->r->ntrees; i++) {
		char *tree = hull_realpath(l->r->trees[i], e);

		if (!tree)
			return hull_wrap(e, "specs directory ");
		hull_strv_take(&l->box.dirs, tree);
	}
	for (size_t i = 0; i < l->r->ntrees; i++)
		if (l->trees[i].real)
			show_in_box(l, l->trees[i].real);
	for (size_t i = 0; i < l->nmissing; i++) {
		struct found_spec *f = &l->v[l->missing[i]];

		f->real = hull_realpath(f->dir, e);
		if (!f->real)
			return -1;
		show_in_box(l, f->real);
	}
	return 0;
}

static int parse_missing(struct loader *l, struct hull_err *e)
{
	const struct hull_children parsers = {
		.processes = l->r->workers,
		.seconds = l->r->seconds > 0 ? l->r->seconds : DEFAULT_SECONDS,
		.address_bytes = HULL_PARSEBOX_BYTES,
		.reuse = true,
		.within = enter_box,
		.job = parse_one,
		.done = end_parse,
		.ctx = l,
	};
	hull_autofree size_t *missing = hull_alloc_array(l->n + 1, sizeof *missing);
	int r;

	l->missing = missing;
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].result)
			missing[l->nmissing++] = i;
	if (!l->nmissing)
		return 0;
	if (fill_box(l, e) < 0)
		return -1;
	/* while this process is alone in its group: each worker makes a sandbox */
	if (!hull_cgroups_here(e))
		return -1;
	r = hull_children_run(&parsers, l->nmissing, e);
	if (l->tmp)
		unlinkat(l->r->store->fd, l->tmp, AT_REMOVEDIR);
	return r;
}

/* --- the result --- */

static int by_name_and_tree(const void *a, const void *b)
{
	const struct found_spec *const *x = a, *const *y = b;
	int r = strcmp((*x)->spec.name, (*y)->spec.name);

	if (r == 0 && (*x)->tree != (*y)->tree)
		return (*x)->tree < (*y)->tree ? -1 : 1;
	return r ? r : strcmp((*x)->spec.path, (*y)->spec.path);
}

/* Those that count, by Name: one of a later tree in place of those of the same Name. */
static void take_specs(struct loader *l)
{
	hull_autofree struct found_spec **v = hull_alloc_array(l->n + 1, sizeof *v);
	struct hull_specs *out = l->out;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].declared && !l->v[i].errors.n)
			v[n++] = &l->v[i];
	qsort(v, n, sizeof *v, by_name_and_tree);
	out->v = hull_arena_array(&out->arena, n, sizeof *out->v);
	for (size_t i = 0; i < n; out->v[out->n++] = v[i++]->spec) {
		const struct hull_spec *spec = &v[i]->spec;

		for (; out->n && !strcmp(out->v[out->n - 1].name, spec->name) &&
		       strcmp(out->v[out->n - 1].tree, spec->tree) != 0;
		     out->n--)
			hull_strv_addf(&out->warnings, "%s: %s overrides %s", spec->name,
				       spec->path, out->v[out->n - 1].path);
	}
}

static struct hull_spec_fault *add_fault(struct loader *l, enum hull_fault_kind kind,
					 const char *name, const char *path, const char *text)
{
	struct hull_specs *out = l->out;
	struct hull_spec_fault *fault;

	out->left_out =
		hull_grow(out->left_out, &l->faults_cap, out->nleft_out, sizeof *out->left_out);
	fault = &out->left_out[out->nleft_out++];
	*fault = (struct hull_spec_fault){
		.kind = kind,
		.name = hull_arena_strdup(&out->arena, name),
		.path = hull_arena_strdup(&out->arena, path),
		.text = hull_arena_strdup(&out->arena, text),
	};
	return fault;
}

/* What it would build is known: who needs that is told. */
static void leave_other_arch_out(struct loader *l, const struct found_spec *f, const char *path)
{
	const char *rule = json_string_value(json_object_get(f->result, "excluded_by"));
	const json_t *packages = json_object_get(f->result, "packages"), *package;
	hull_autofree char *text = hull_asprintf("%s: it is not for %s: %s", path, l->r->arch,
						 rule ? rule : "ExclusiveArch");
	struct hull_spec_fault *fault = add_fault(l, HULL_FAULT_ARCH, f->name, path, text);
	const char **names =
		hull_arena_array(&l->out->arena, json_array_size(packages), sizeof(char *));
	size_t i;

	json_array_foreach (packages, i, package)
		if (json_is_string(package))
			names[fault->npackages++] =
				hull_arena_strdup(&l->out->arena, json_string_value(package));
	fault->packages = names;
}

static void leave_out(struct loader *l, const struct found_spec *f)
{
	hull_autofree char *path = hull_asprintf("%s/%s.spec", f->dir, f->name);
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < f->errors.n; i++)
		hull_buf_showf(&text, "%-s%s", i ? "\n" : "", f->errors.v[i]);
	if (f->errors.n)
		add_fault(l, HULL_FAULT_MISTAKE, f->name, path, text.p);
	else
		leave_other_arch_out(l, f, path);
}

/* What is wrong with the macros of its tree is so for each of its specs. */
static void add_own_errors(const struct loader *l, struct found_spec *f)
{
	hull_autostrv struct hull_strv lines = {0};

	if (l->trees[f->tree].macros)
		add_lines(l, f, &lines, l->trees[f->tree].macros, "own");
	for (size_t i = 0; i < lines.n; i++)
		hull_strv_addf(&f->errors, "%s/%s.spec: the macros of its tree: %s", f->dir,
			       f->name, lines.v[i]);
}

static void take_results(struct loader *l)
{
	struct hull_specs *out = l->out;

	for (size_t i = 0; i < l->n; i++) {
		struct found_spec *f = &l->v[i];

		add_lines(l, f, &l->errors, l->r->macros, "macros");
		add_own_errors(l, f);
		add_lines(l, f, &f->errors, f->dir, "errors");
		add_lines(l, f, &out->warnings, f->dir, "warnings");
		add_lines(l, f, &out->warnings, f->dir, "unknown");
		if (f->declared)
			hull_sources_confine(&f->spec, &f->errors);
		if ((!f->declared || f->errors.n) && !l->errors.n)
			leave_out(l, f);
	}
	take_specs(l);
}

/* A binary package and the spec that declares it. */
struct declared {
	const char *name;
	const struct hull_spec *spec;
	size_t tree;
	bool named; /* the spec has its name */
};

/* That which stays first. */
static int by_declared(const void *a, const void *b)
{
	const struct declared *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (r == 0 && x->tree != y->tree)
		r = x->tree > y->tree ? -1 : 1;
	if (r == 0 && x->named != y->named)
		r = x->named ? -1 : 1;
	if (r == 0)
		r = strcmp(x->spec->name, y->spec->name);
	return r ? r : strcmp(x->spec->path, y->spec->path);
}

static size_t tree_of(const struct loader *l, const struct hull_spec *spec)
{
	size_t i = 0;

	while (i + 1 < l->r->ntrees && strcmp(l->r->trees[i], spec->tree) != 0)
		i++;
	return i;
}

static struct declared *list_declared(const struct loader *l, size_t *out_n)
{
	const struct hull_specs *s = l->out;
	struct declared *all = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct hull_spec *spec = &s->v[i];
		size_t tree = tree_of(l, spec);

		for (size_t k = 0; k < spec->npackages; k++) {
			const char *name = spec->packages[k].name;

			all = hull_grow(all, &cap, n, sizeof *all);
			all[n++] = (struct declared){name, spec, tree, !strcmp(name, spec->name)};
		}
	}
	if (n)
		qsort(all, n, sizeof *all, by_declared);
	*out_n = n;
	return all;
}

/* Records and keys go by Name. */
static void leave_second_out(struct loader *l, const struct hull_spec *spec,
			     const struct hull_spec *first)
{
	hull_autofree char *text =
		hull_asprintf("%s: %s is the Name of %s, too", spec->path, spec->name, first->path);

	add_fault(l, HULL_FAULT_DUPLICATE, spec->name, spec->path, text);
}

static void leave_duplicates_out(struct loader *l)
{
	struct hull_specs *s = l->out;
	size_t n, kept = 0;
	hull_autofree struct declared *all = list_declared(l, &n);
	hull_autofree bool *off = hull_alloc_array(s->n, sizeof *off);
	const struct declared *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct hull_spec *spec = all[i].spec;
		hull_autofree char *text = NULL;

		if (off[spec - s->v])
			continue;
		if (!first || strcmp(first->name, all[i].name) != 0) {
			first = &all[i];
			continue;
		}
		off[spec - s->v] = true;
		text = hull_asprintf("%s: package %s is declared by %s, too", spec->path,
				     all[i].name, first->spec->path);
		add_fault(l, HULL_FAULT_DUPLICATE, spec->name, spec->path, text);
	}
	for (size_t i = 0; i < s->n; i++) {
		if (off[i])
			continue;
		if (kept && !strcmp(s->v[kept - 1].name, s->v[i].name))
			leave_second_out(l, &s->v[i], &s->v[kept - 1]);
		else
			s->v[kept++] = s->v[i];
	}
	s->n = kept;
}

static int fail_with_lines(const struct hull_strv *lines, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < lines->n; i++)
		hull_buf_showf(&text, "%-s%s", i ? "\n" : "", lines->v[i]);
	return hull_fail(e, HULL_FAILED, "%-s", text.p);
}

static int by_path(const void *a, const void *b)
{
	const struct hull_spec_fault *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Every fault is an error. */
static int refuse(const struct hull_specs *s, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < s->nleft_out; i++)
		if (s->left_out[i].kind != HULL_FAULT_ARCH)
			hull_buf_addf(&text, "%s%s", text.n ? "\n" : "", s->left_out[i].text);
	return text.n ? hull_fail(e, HULL_FAILED, "%-s", text.p) : 0;
}

static int load(struct loader *l, struct hull_err *e)
{
	for (size_t i = 0; i < l->r->ntrees; i++) {
		l->trees[i].path = l->r->trees[i];
		if (scan_tree(l, i, e) < 0)
			return -1;
		if (l->n)
			qsort(l->v, l->n, sizeof *l->v, by_name);
		l->sorted = l->n;
	}
	if (digest_all(l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n && l->r->store; i++)
		read_cache(l, &l->v[i]);
	if (parse_missing(l, e) < 0)
		return -1;
	take_results(l);
	if (l->errors.n)
		return fail_with_lines(&l->errors, e);
	leave_duplicates_out(l);
	if (l->out->nleft_out)
		qsort(l->out->left_out, l->out->nleft_out, sizeof *l->out->left_out, by_path);
	return l->r->strict ? refuse(l->out, e) : 0;
}

int hull_specs_load(struct hull_specs *out, const struct hull_specs_request *r, struct hull_err *e)
{
	hull_autofree struct spec_tree *trees = hull_alloc_array(r->ntrees + 1, sizeof *trees);
	struct loader l = {.r = r, .out = out, .trees = trees};
	int result;

	*out = (struct hull_specs){0};
	result = load(&l, e);
	for (size_t i = 0; i < l.n; i++) {
		free(l.v[i].name);
		free(l.v[i].dir);
		free(l.v[i].real);
		json_decref(l.v[i].result);
		hull_strv_fini(&l.v[i].errors);
	}
	for (size_t i = 0; i < r->ntrees; i++) {
		free(trees[i].macros);
		free(trees[i].real);
	}
	free(l.v);
	free(l.macros);
	free(l.tmp);
	hull_strv_fini(&l.errors);
	hull_strv_fini(&l.box.dirs);
	if (result < 0)
		hull_specs_fini(out);
	return result;
}
