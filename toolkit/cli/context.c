// SPDX-License-Identifier: MIT
#include "cli/context.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/faults.h"

#define AT(member) offsetof(struct hull_context, member)

enum { MAX_WARNINGS = 20 }; /* of specs, without --verbose */

const struct hull_option hull_common_options[] = {
	{HULL_OPT_LIST, "specs", 'S', AT(spec_trees), "DIR",
	 "another tree of specs (repeatable, later wins)"},
	{HULL_OPT_STRING, "arch", 0, AT(arch), "ARCH",
	 "target architecture (default: this machine's)"},
	{HULL_OPT_DIRECTORY, "store", 0, AT(store_path), "DIR",
	 "the store (default: $HULL_STORE, else hull in the user's cache directory)"},
	{HULL_OPT_FLAG, "strict", 0, AT(strict), NULL,
	 "a spec with a mistake is an error, also if nothing needs it"},
	{HULL_OPT_STRING, "left-out", 0, AT(left_out_path), "FILE",
	 "write what is left out of the trees of specs, and why, to a file"},
	{HULL_OPT_FLAG, "json", 0, AT(json), NULL, "the result as JSON on standard output"},
	{HULL_OPT_FLAG, "quiet", 'q', AT(quiet), NULL, "only errors on standard error"},
	{HULL_OPT_FLAG, "verbose", 'v', AT(verbose), NULL, "more on standard error"},
	{HULL_OPT_HELP, "help", 'h', 0, NULL, "this text"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static bool is_data(const char *dir)
{
	hull_autofree char *macros = hull_asprintf("%s/macros/macros", dir);

	return hull_exists(AT_FDCWD, macros);
}

/* toolkit/ of the checkout that the program was built in, else share/hull next to its bin/. */
static char *find_data(struct hull_err *e)
{
	static const char *const places[] = {"../../toolkit", "../share/hull"};
	hull_autofree char *self = hull_realpath("/proc/self/exe", e);
	char *slash;

	if (!self)
		return NULL;
	slash = strrchr(self, '/');
	hull_assert(slash);
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		hull_autofree char *dir = hull_asprintf("%s/%s", self, places[i]);

		if (is_data(dir))
			return hull_realpath(dir, e);
	}
	hull_fail(e, HULL_FAILED, "hull's macros are missing: looked in %s/%s and %s/%s", self,
		  places[0], self, places[1]);
	return NULL;
}

static const char *machine(void)
{
	static struct utsname u;

	uname(&u);
	return u.machine;
}

/* The default tree: ./SPECS, else the one of the checkout hull was built in. */
static int default_tree(struct hull_context *ctx, struct hull_strv *out, struct hull_err *e)
{
	hull_autofree char *of_checkout = hull_asprintf("%s/../SPECS", ctx->data);

	if (hull_exists(AT_FDCWD, "SPECS")) {
		hull_strv_add(out, "SPECS");
	} else if (hull_exists(AT_FDCWD, of_checkout)) {
		hull_strv_take(out, hull_realpath(of_checkout, e));
		if (!out->v[0])
			return -1;
	} else if (!ctx->spec_trees.n) {
		return hull_fail(e, HULL_USAGE,
				 "no directory SPECS here: name one with --specs DIR");
	}
	return 0;
}

int hull_context_init(struct hull_context *ctx, struct hull_err *e)
{
	if (ctx->quiet && ctx->verbose)
		return hull_fail(e, HULL_USAGE, "--quiet and --verbose exclude each other");
	ctx->progress = hull_progress_new(STDERR_FILENO, ctx->quiet	? HULL_QUIET
							 : ctx->verbose ? HULL_VERBOSE
									: HULL_NORMAL);
	if (!ctx->arch)
		ctx->arch = machine();
	ctx->data = find_data(e);
	if (ctx->data)
		return 0;
	hull_progress_free(ctx->progress);
	ctx->progress = NULL;
	return -1;
}

void hull_context_fini(struct hull_context *ctx)
{
	hull_progress_free(ctx->progress);
	hull_store_close(&ctx->store);
	hull_strv_fini(&ctx->spec_trees);
	hull_faults_fini(ctx);
	free(ctx->data);
}

int hull_context_store(struct hull_context *ctx, struct hull_err *e)
{
	hull_autofree char *path = NULL;

	if (ctx->store.fd >= 0)
		return 0;
	path = ctx->store_path ? hull_strdup(ctx->store_path) : hull_store_default_path(e);
	if (!path || hull_store_open(&ctx->store, path, e) < 0)
		return -1;
	ctx->store.progress = ctx->progress;
	return 0;
}

void hull_context_look(struct hull_context *ctx)
{
	hull_autofree char *path = NULL;
	struct hull_err e = {0};

	if (ctx->store.fd >= 0)
		return;
	path = ctx->store_path ? hull_strdup(ctx->store_path) : hull_store_default_path(&e);
	if (hull_store_look(&ctx->store, path, path ? &e : NULL) < 0)
		hull_log(ctx->progress, "warning: %s: goes on without writing to the store", e.msg);
}

int hull_context_trees(struct hull_context *ctx, struct hull_strv *out, struct hull_err *e)
{
	if (default_tree(ctx, out, e) < 0)
		return -1;
	for (size_t i = 0; i < ctx->spec_trees.n; i++)
		hull_strv_add(out, ctx->spec_trees.v[i]);
	return 0;
}

/* Its day may have begun where the packager is. What is built gets the time of the changelog. */
static void warn_of_future(const struct hull_context *ctx, const struct hull_specs *specs)
{
	enum { HOUR_SECONDS = 3600 };

	for (size_t i = 0; i < specs->n; i++) {
		const struct hull_spec *s = &specs->v[i];
		struct hull_arena a = {0};

		if (s->changelog_time - 12 * HOUR_SECONDS > hull_now() + 24 * HOUR_SECONDS)
			hull_log(
				ctx->progress,
				"warning: %s: its changelog begins in the future (%.10s): so do the "
				"times of what is built of it",
				s->path, hull_time_text(&a, s->changelog_time));
		hull_arena_fini(&a);
	}
}

int hull_context_specs(struct hull_context *ctx, struct hull_specs *out, struct hull_err *e)
{
	hull_autofree char *macros = hull_asprintf("%s/macros", ctx->data);
	hull_autostrv struct hull_strv trees = {0};
	struct hull_specs_request r = {
		.macros = macros,
		.arch = ctx->arch,
		.store = &ctx->store,
		.workers = hull_cores(),
		.strict = ctx->strict,
	};

	if (hull_context_store(ctx, e) < 0 || hull_context_trees(ctx, &trees, e) < 0)
		return -1;
	r.trees = (const char *const *)trees.v;
	r.ntrees = trees.n;
	if (ctx->defines) {
		r.defines = (const char *const *)ctx->defines->v;
		r.ndefines = ctx->defines->n;
		r.defined = ctx->defined;
	}
	if (hull_specs_load(out, &r, e) < 0)
		return -1;
	for (size_t i = 0; i < out->warnings.n; i++) {
		if (i == MAX_WARNINGS && !ctx->verbose) {
			hull_log(ctx->progress,
				 "warning: %zu more of the trees of specs are told with --verbose",
				 out->warnings.n - i);
			break;
		}
		hull_log(ctx->progress, "warning: %s", out->warnings.v[i]);
	}
	warn_of_future(ctx, out);
	return 0;
}

/* "SPECS/zlib/zlib.spec", "SPECS/zlib/" and "zlib" all mean zlib. */
char *hull_context_spec_name(const char *arg)
{
	char *s = hull_strdup(arg), *name;
	size_t n = strlen(s);

	while (n > 1 && s[n - 1] == '/')
		s[--n] = '\0';
	if (hull_ends(s, ".spec"))
		s[n - 5] = '\0';
	name = hull_strdup(hull_basename(s));
	free(s);
	return name;
}

static int unknown_spec(const struct hull_specs *specs, const char *name, struct hull_err *e)
{
	const struct hull_spec_fault *f = hull_specs_left_out(specs, name);
	const char *best = NULL;
	size_t dist = 4;

	if (f)
		return hull_fail(e, HULL_USAGE,
				 "no spec is named '%s'; that package is built by '%s': %-s", name,
				 f->name, f->text);

	for (size_t i = 0; i < specs->n; i++) {
		size_t d = hull_edit_distance(specs->v[i].name, name);

		if (d < dist) {
			dist = d;
			best = specs->v[i].name;
		}
		for (size_t j = 0; j < specs->v[i].npackages; j++)
			if (!strcmp(specs->v[i].packages[j].name, name))
				return hull_fail(
					e, HULL_USAGE,
					"no spec is named '%s'; that package is built by '%s'",
					name, specs->v[i].name);
	}
	return hull_fail(e, HULL_USAGE, "no spec is named '%s'%s%s%s", name,
			 best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

static const char *fault_word(enum hull_fault_kind kind)
{
	return kind == HULL_FAULT_MISTAKE     ? "mistake"
	       : kind == HULL_FAULT_DUPLICATE ? "duplicate"
					      : "architecture";
}

/* One that was left out and is named by its name or its file. */
static const struct hull_spec_fault *fault_of(const struct hull_specs *specs, const char *name)
{
	const struct hull_spec_fault *f = hull_specs_left_out(specs, name);
	hull_autofree char *file = hull_asprintf("%s.spec", name);

	return f && (!strcmp(f->name, name) || !strcmp(hull_basename(f->path), file)) ? f : NULL;
}

int hull_context_find(const struct hull_specs *specs, const char *name,
		      const struct hull_spec **out, const struct hull_spec_fault **out_fault,
		      struct hull_err *e)
{
	*out_fault = NULL;
	*out = hull_specs_find(specs, name);
	if (*out)
		return 0;
	*out_fault = fault_of(specs, name);
	if (*out_fault)
		return 0;
	*out = hull_specs_find_file(specs, name);
	return *out ? 0 : unknown_spec(specs, name, e);
}

/* What is no mistake counts only when it was named. */
static void note_left_out(struct hull_context *ctx, const struct hull_specs *specs,
			  const bool *named)
{
	for (size_t i = 0; i < specs->nleft_out; i++) {
		const struct hull_spec_fault *f = &specs->left_out[i];

		if (named[i] || f->kind != HULL_FAULT_ARCH)
			hull_faults_add(ctx, f->name, f->path, fault_word(f->kind), f->text,
					named[i]);
	}
}

/* Sets `named` of what is left out. */
static int select_named(const struct hull_specs *specs, const struct hull_strv *args, size_t *index,
			size_t *out_n, bool *named, struct hull_err *e)
{
	const struct hull_spec_fault *fault = NULL;

	for (size_t i = 0; i < args->n; i++) {
		hull_autofree char *name = hull_context_spec_name(args->v[i]);
		const struct hull_spec *spec;

		if (hull_context_find(specs, name, &spec, &fault, e) < 0)
			return -1;
		if (spec)
			index[(*out_n)++] = (size_t)(spec - specs->v);
		else
			named[fault - specs->left_out] = true;
	}
	if (args->n == 1 && fault)
		return hull_fail(e, HULL_FAILED, "%-s", fault->text);
	return 0;
}

int hull_context_select(struct hull_context *ctx, const struct hull_specs *specs,
			const struct hull_strv *args, size_t **out_index, size_t *out_n,
			struct hull_err *e)
{
	hull_autofree size_t *index = hull_alloc_array(args->n + specs->n + 1, sizeof *index);
	hull_autofree bool *named = hull_alloc_array(specs->nleft_out + 1, sizeof *named);

	*out_n = 0;
	ctx->faults.asked = args->n > 0;
	if (args->n && select_named(specs, args, index, out_n, named, e) < 0)
		return -1;
	for (size_t i = 0; !args->n && i < specs->n; i++)
		index[(*out_n)++] = i;
	note_left_out(ctx, specs, named);
	if (args->n && !*out_n) {
		hull_ignore(hull_faults_tell(ctx, NULL));
		return hull_faults_end(ctx, e);
	}
	*out_index = hull_steal(index);
	return 0;
}

int hull_source_date(int64_t *out, struct hull_err *e)
{
	const char *text = hull_env("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	*out = -1;
	if (!text)
		return 0;
	if (!hull_parse_u64(text, 0, INT64_MAX, &seconds))
		return hull_fail(e, HULL_USAGE, "SOURCE_DATE_EPOCH=%s is no number of seconds",
				 text);
	*out = (int64_t)seconds;
	return 0;
}
