// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/faults.h"
#include "cli/print.h"
#include "cmd/session.h"
#include "debian/outdated.h"
#include "godeps/godeps.h"
#include "seed/seed.h"
#include "seed/seed_lock.h"
#include "seed/seed_make.h"
#include "source/fetch.h"
#include "source/lookaside.h"
#include "source/mirrors.h"
#include "source/leftout.h"
#include "source/update.h"
#include "spec/macros.h"

struct source_options {
	struct hull_strv source_urls;
	const char *suite;
	bool all, allow_expired, check;
};

#define AT(member) offsetof(struct source_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "all", 'a', AT(all), NULL,
	 "update: fetch everything again, not only what has no hash; outdated: list also what has "
	 "nothing newer"},
	{HULL_OPT_FLAG, "allow-expired", 0, AT(allow_expired), NULL,
	 "outdated: compare with indexes that are past their date, too"},
	{HULL_OPT_FLAG, "check", 0, AT(check), NULL,
	 "mirror: only say what may not be had much longer"},
	{HULL_OPT_LIST, "source-url", 0, AT(source_urls), "URL",
	 "look-aside mirror or directory, tried before the URL of a Source (repeatable)"},
	{HULL_OPT_STRING, "suite", 0, AT(suite), "NAME",
	 "go-deps: the Debian suite to take libraries from (default: trixie)"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	((struct source_options *)o)->suite = HULL_DEBIAN_RELEASE;
}

static void finish(void *o)
{
	hull_strv_fini(&((struct source_options *)o)->source_urls);
}

/* The specs that a subcommand works on. */
struct selection {
	struct hull_specs specs;
	const struct hull_spec **v;
	size_t n;
};

static int select_specs(struct hull_context *ctx, const struct hull_strv *args, size_t first,
			struct selection *out, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	hull_autofree size_t *index = NULL;

	for (size_t i = first; i < args->n; i++)
		hull_strv_add(&names, args->v[i]);
	hull_strv_sort(&names);
	if (hull_context_specs(ctx, &out->specs, e) < 0 ||
	    hull_context_select(ctx, &out->specs, &names, &index, &out->n, e) < 0 ||
	    hull_faults_tell(ctx, e) < 0)
		return -1;
	out->v = hull_alloc_array(out->n + 1, sizeof(struct hull_spec *));
	for (size_t i = 0; i < out->n; i++)
		out->v[i] = &out->specs.v[index[i]];
	return 0;
}

/* The date lives in the arena. */
static struct hull_source_options fetch_options(const struct source_options *o,
						struct hull_arena *a)
{
	return (struct hull_source_options){
		.mirrors = (const char *const *)o->source_urls.v,
		.nmirrors = o->source_urls.n,
		.debian_mirror = hull_env("HULL_DEBIAN_MIRROR"),
		.debian_archive = hull_env("HULL_DEBIAN_ARCHIVE"),
		.today = hull_date_text(a, hull_now()),
	};
}

/* --- update --- */

static void print_change(const struct hull_pin_change *c)
{
	if (!c->new_sha256)
		hull_print("dropped %s: %s\n", c->spec, c->file);
	else if (!c->old_sha256)
		hull_print("added   %s: %s %s\n", c->spec, c->file, c->new_sha256);
	else
		hull_print("changed %s: %s %s, was %s\n", c->spec, c->file, c->new_sha256,
			   c->old_sha256);
	if (c->origin)
		hull_print("        from %s%s\n", c->origin,
			   hull_starts(c->origin, "http:") ? " (not authenticated)" : "");
}

static json_t *change_json(const struct hull_pin_change *c)
{
	json_t *j = json_object();

	hull_json_set(j, "spec", c->spec);
	hull_json_set(j, "file", c->file);
	hull_json_set(j, "old_sha256", c->old_sha256);
	hull_json_set(j, "new_sha256", c->new_sha256);
	hull_json_set(j, "origin", c->origin);
	return j;
}

static json_t *left_out_json(const struct hull_left_out *l)
{
	json_t *names = json_array();

	for (size_t i = 0; i < l->patches.n; i++)
		json_array_append_new(names, hull_json_clean(l->patches.v[i]));
	return json_pack("{s:s, s:s, s:o}", "spec", l->spec, "archive", l->archive, "patches",
			 names);
}

static void print_left_out(const struct hull_left_out *l)
{
	hull_print("%s does not take %zu of the %zu patches of %s:\n", l->spec, l->patches.n,
		   l->series, l->archive);
	for (size_t i = 0; i < l->patches.n; i++)
		hull_print("        %s\n", l->patches.v[i]);
}

static void print_update(const struct hull_context *ctx, const struct hull_pin_changes *changes,
			 const struct hull_left_outs *left_out)
{
	json_t *change_list = json_array(), *left_list = json_array();
	hull_autojson json_t *all =
		json_pack("{s:o, s:o, s:o}", "changes", change_list, "patches_left_out", left_list,
			  "left_out", hull_faults_json(ctx));

	for (size_t i = 0; i < changes->n; i++) {
		json_array_append_new(change_list, change_json(&changes->v[i]));
		if (!ctx->json)
			print_change(&changes->v[i]);
	}
	if (!ctx->json && !changes->n)
		hull_print("no hash changed\n");
	for (size_t i = 0; i < left_out->n; i++) {
		json_array_append_new(left_list, left_out_json(&left_out->v[i]));
		if (!ctx->json)
			print_left_out(&left_out->v[i]);
	}
	if (ctx->json)
		hull_print_document(all, 1);
}

static int update(struct hull_context *ctx, const struct source_options *o,
		  const struct selection *s, struct hull_err *e)
{
	struct hull_arena arena = {0};
	struct hull_source_options fetch = fetch_options(o, &arena);
	struct hull_pin_changes changes = {0};
	struct hull_left_outs left_out = {0};
	int r = hull_source_update(&ctx->store, &fetch, s->v, s->n, o->all, &changes, ctx->progress,
				   e);

	if (r == 0)
		r = hull_source_left_out(&ctx->store, &fetch, s->v, s->n, &left_out, ctx->progress,
					 e);
	hull_progress_clear(ctx->progress);
	print_update(ctx, &changes, &left_out);
	hull_pin_changes_fini(&changes);
	hull_left_outs_fini(&left_out);
	hull_arena_fini(&arena);
	return r;
}

/* --- go-deps --- */

static int find_go_deps(struct hull_context *ctx, const struct selection *s,
			struct hull_go_deps_request *request, struct hull_err *e)
{
	hull_autojson json_t *document = json_object();
	hull_autostrv struct hull_strv lines = {0};
	json_t *result = json_object();

	json_object_set_new(document, "specs", result);
	for (size_t i = 0; i < s->n; i++) {
		hull_autostrv struct hull_strv urls = {0};
		json_t *list = json_array();

		json_object_set_new(result, s->v[i]->name, list);
		request->spec = s->v[i];
		if (hull_go_deps(request, &urls, ctx->progress, e) < 0)
			return -1;
		for (size_t k = 0; k < urls.n; k++) {
			json_array_append_new(list, json_string(urls.v[k]));
			hull_strv_addf(&lines, "%s: %s", s->v[i]->name, urls.v[k]);
		}
	}
	hull_progress_clear(ctx->progress);
	for (size_t i = 0; !ctx->json && i < lines.n; i++)
		hull_print("%s\n", lines.v[i]);
	if (ctx->json)
		hull_print_document(document, 1);
	return 0;
}

static int go_deps(struct hull_context *ctx, const struct source_options *o,
		   const struct selection *s, struct hull_err *e)
{
	hull_autofree char *macros = hull_asprintf("%s/macros", ctx->data);
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	struct hull_arena arena = {0};
	const struct hull_source_options sources = fetch_options(o, &arena);
	const struct hull_seed_options seed_options = {
		.tables = tables, .sources = &sources, .mode = HULL_SEED_USE};
	char macros_digest[HULL_HEX];
	struct hull_seed seed;
	int r;

	if (hull_session_check_sandbox(ctx, e) < 0 ||
	    hull_macros_store(&ctx->store, macros, macros_digest, e) < 0 ||
	    hull_seed_open(&seed, &ctx->store, &seed_options, ctx->progress, e) < 0)
		return -1;
	const struct hull_job_place place = {.store = &ctx->store, .seed_path = seed.path};
	struct hull_go_deps_request request = {
		.place = &place,
		.sources = &sources,
		.suite = o->suite,
		.arch = ctx->arch,
		.macros = macros_digest,
		.seed = seed.id,
	};
	r = find_go_deps(ctx, s, &request, e);
	hull_seed_fini(&seed);
	hull_arena_fini(&arena);
	return r;
}

/* --- outdated --- */

/* The release that the seed is of, what the host's apt has, and where newer versions come from. */
static int find_suites(struct hull_context *ctx, struct hull_debian_suites *out, struct hull_err *e)
{
	const char *given = hull_env("HULL_DEBIAN_MIRROR");
	static const char *const others[] = {"testing", "unstable"};

	if (hull_debian_suites_add(out, &ctx->store, given, HULL_DEBIAN_RELEASE, e) < 0 ||
	    (!given && hull_debian_suites_add_host(out, e) < 0))
		return -1;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (hull_debian_suites_add_optional(out, &ctx->store, given, others[i], e) < 0)
			return -1;
	return 0;
}

/* The packages that builds start from; *out_arch is theirs. */
static int add_seed(struct hull_context *ctx, struct hull_outdated *o, const char **out_arch,
		    struct hull_err *e)
{
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	struct hull_seed_lock lock = {0};
	struct hull_seed_table table;
	char id[HULL_HEX];
	int r;

	if (hull_seed_table_read(&table, tables, e) < 0)
		return -1;
	r = hull_seed_lock_read(&lock, &table, e);
	if (r == 0) {
		hull_seed_lock_id(&lock, &table, id);
		o->seed = hull_arena_strdup(&o->arena, id);
		*out_arch = hull_arena_strdup(&o->arena, lock.arch);
	}
	for (size_t i = 0; r == 0 && i < lock.npackages; i++) {
		const struct hull_seed_package *p = &lock.packages[i];

		hull_debian_pins_add_seed(&o->pins, p->name, p->version, p->arch, p->sha256);
	}
	hull_seed_lock_fini(&lock);
	hull_seed_table_fini(&table);
	return r;
}

static int print_outdated(const struct hull_context *ctx, const struct source_options *o,
			  const struct hull_outdated *found)
{
	hull_autobuf struct hull_buf text = {0};

	hull_progress_clear(ctx->progress);
	if (ctx->json) {
		hull_autojson json_t *j = hull_outdated_json(found);

		hull_print_document(j, 1);
	} else {
		hull_outdated_text(found, o->all, &text);
		hull_print("%-s", text.p);
	}
	return hull_outdated_count(found) ? HULL_FINDINGS : 0;
}

/* Of all specs, with the seed; of those that are named, without. */
static int outdated(struct hull_context *ctx, const struct source_options *o,
		    const struct selection *s, bool with_seed,
		    int (*print)(const struct hull_context *, const struct source_options *,
				 const struct hull_outdated *),
		    struct hull_err *e)
{
	struct hull_outdated found = {.allow_expired = o->allow_expired};
	const char *arch = "amd64";
	int r = 0;

	for (size_t i = 0; i < s->n; i++)
		hull_debian_pins_add_spec(&found.pins, s->v[i]);
	if (with_seed)
		r = add_seed(ctx, &found, &arch, e);
	if (r == 0 && found.pins.n)
		r = find_suites(ctx, &found.suites, e);
	if (r == 0)
		r = hull_outdated_find(&found, &ctx->store, arch, ctx->progress, e);
	if (r == 0)
		r = print(ctx, o, &found);
	hull_outdated_fini(&found);
	return r;
}

/* --- mirror --- */

/* Why a pin may not be had much longer; NULL if nothing is known against it. */
static const char *risk(const struct hull_pin_result *r, struct hull_arena *a)
{
	const char *newest = r->newest ? r->newest : r->elsewhere;
	const char *suite = r->newest ? r->suite : r->elsewhere_suite;

	if (!r->listed)
		return newest ? hull_arena_printf(a, "gone; there is %s of %s", newest, suite)
			      : "gone";
	if (r->state == HULL_PIN_DIFFERS)
		return "the archive's file is another one";
	if (r->state != HULL_PIN_CURRENT)
		return hull_arena_printf(a, "superseded by %s of %s", newest, suite);
	if (r->release && (!strcmp(r->release, "testing") || !strcmp(r->release, "unstable")))
		return hull_arena_printf(a, "only in %s", r->release);
	return NULL;
}

static int print_risks(const struct hull_context *ctx, const struct source_options *o,
		       const struct hull_outdated *found)
{
	hull_autojson json_t *j = json_pack("{s:[]}", "at_risk");
	struct hull_arena a = {0};
	size_t n = 0;

	(void)o;
	hull_progress_clear(ctx->progress);
	for (size_t i = 0; i < found->n; i++) {
		const struct hull_pin_result *r = &found->v[i];
		const char *why = risk(r, &a);

		if (!why)
			continue;
		n++;
		json_array_append_new(json_object_get(j, "at_risk"),
				      json_pack("{s:s, s:s, s:b, s:s}", "package", r->pin->package,
						"pinned", r->pin->version, "seed",
						(int)r->pin->seed, "reason", why));
		if (!ctx->json)
			hull_print("%s %s %s: %s\n", r->pin->seed ? "seed  " : "source",
				   r->pin->package, r->pin->version, why);
	}
	if (ctx->json)
		hull_print_document(j, 1);
	else
		hull_print("%zu of %zu may not be had much longer\n", n, found->n);
	hull_arena_fini(&a);
	return n ? HULL_FINDINGS : 0;
}

static int fill(struct hull_context *ctx, const struct hull_source_options *fetch, const char *dir,
		struct hull_source_wants *wants, struct hull_err *e)
{
	struct hull_lookaside_stats stats;
	char size[HULL_AMOUNT];

	if (hull_source_fetch(&ctx->store, fetch, wants->v, wants->n, ctx->progress, e) < 0 ||
	    hull_lookaside_write(&ctx->store, dir, wants->v, wants->n, &stats, ctx->progress, e) <
		    0)
		return -1;
	hull_progress_clear(ctx->progress);
	if (ctx->json) {
		hull_autojson json_t *j =
			json_pack("{s:o, s:I, s:I, s:I}", "directory", hull_json_clean(dir),
				  "copied", (json_int_t)stats.copied, "present",
				  (json_int_t)stats.present, "bytes", (json_int_t)stats.bytes);

		hull_print_document(j, 1);
		return 0;
	}
	hull_print("%s: %zu files copied, %s; %zu were there\n", dir, stats.copied,
		   hull_size_text(stats.bytes, size), stats.present);
	return 0;
}

/* Files of a spec's own directory are where the spec is. */
static void drop_local(struct hull_source_wants *wants)
{
	size_t n = 0;

	for (size_t i = 0; i < wants->n; i++) {
		hull_autofree char *beside = hull_source_beside(&wants->v[i]);

		if (!beside)
			wants->v[n++] = wants->v[i];
	}
	wants->n = n;
}

/* All sources that are pinned, and, unless specs are named, the packages of the seed. */
static int mirror(struct hull_context *ctx, const struct source_options *o, const char *dir,
		  const struct selection *s, bool with_seed, struct hull_err *e)
{
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	struct hull_arena arena = {0};
	const struct hull_source_options fetch = fetch_options(o, &arena);
	struct hull_source_wants wants = {0};
	struct hull_seed_lock lock = {0};
	struct hull_seed_table table;
	int r = hull_seed_table_read(&table, tables, e);

	if (r < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		hull_source_wants_add(&wants, s->v[i]);
	drop_local(&wants);
	r = with_seed ? hull_seed_lock_read(&lock, &table, e) : 0;
	if (r == 0 && with_seed)
		hull_seed_wants_add(&wants, &lock);
	if (r == 0)
		r = fill(ctx, &fetch, dir, &wants, e);
	hull_source_wants_fini(&wants);
	hull_seed_lock_fini(&lock);
	hull_seed_table_fini(&table);
	hull_arena_fini(&arena);
	return r;
}

enum verb { UPDATE, OUTDATED, MIRROR, GO_DEPS, NONE };

static enum verb verb_of(const struct hull_strv *args, const struct source_options *o)
{
	static const char *const verbs[] = {"update", "outdated", "mirror", "go-deps"};
	size_t least[] = {1, 1, o->check ? 1 : 2, 2};

	for (size_t i = 0; args->n && i < NONE; i++)
		if (!strcmp(args->v[0], verbs[i]) && args->n >= least[i])
			return (enum verb)i;
	return NONE;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct source_options *o = opts;
	enum verb verb = verb_of(args, o);
	/* what stands before the names of specs */
	size_t before = verb == MIRROR && !o->check ? 2 : 1;
	bool all = args->n == before;
	struct selection s = {0};
	int r;

	if (verb == NONE)
		return hull_fail(e, HULL_USAGE,
				 "hull source update [SPEC...], outdated [SPEC...], mirror DIR "
				 "[SPEC...] or go-deps SPEC...");
	if (hull_signals_init(e) < 0)
		return -1;
	r = select_specs(ctx, args, before, &s, e);
	if (r == 0)
		r = hull_context_store(ctx, e);
	if (r == 0 && verb == UPDATE)
		r = update(ctx, o, &s, e);
	else if (r == 0 && verb == GO_DEPS)
		r = go_deps(ctx, o, &s, e);
	else if (r == 0 && verb == MIRROR && !o->check)
		r = mirror(ctx, o, args->v[1], &s, all, e);
	else if (r == 0)
		r = outdated(ctx, o, &s, all, verb == MIRROR ? print_risks : print_outdated, e);
	if (r == 0 || r == HULL_FINDINGS)
		r = hull_faults_end(ctx, e) < 0 ? -1 : r;
	free(s.v);
	hull_specs_fini(&s.specs);
	return r;
}

const struct hull_command hull_cmd_source = {
	.name = "source",
	.args = "update [SPEC...] | outdated [SPEC...] | mirror DIR [SPEC...] | go-deps SPEC...",
	.summary = "hashes of sources, what is newer, copies that last, Go libraries of specs",
	.description =
		"update fetches the sources that have no hash in the spec's signatures.json yet, "
		"as "
		"after a new version, and writes their hashes there; names that the spec does not "
		"have "
		"any more go. With --all, it fetches everything again. Nothing vouches for these "
		"files "
		"but where they come from, so that is printed: look at it before you commit the "
		"hashes. Of each debian.tar archive it lists the patches of the series that the "
		"spec does not take by %debian_patches, so that none is missed by accident.\n\n"
		"outdated compares what specs have of the Debian archive, and, unless specs are "
		"named, the packages of the seed, with what the archive has now: in trixie, testing "
		"and unstable and in the suites that the host's apt is configured with, those for "
		"security included. Their indexes are fetched by apt and count by the signature of "
		"the archive and only until their date. A source is compared with the release that "
		"it is of. 'security' means that a suite for security has something newer, 'patched' "
		"that there is an update of the same upstream version by patches of Debian, which a "
		"spec with upstream's file alone does not have, 'gone' that none of "
		"these suites has the file, and 'differs' that the archive's file of that name has another digest than the "
		"spec says. Sources from elsewhere are named and not compared. The exit code is 3 when "
		"there is anything of all that, 0 when all is the newest.\n\n"
		"mirror writes a look-aside into DIR: a file for each source by its name, and, unless "
		"specs are named, the packages of the seed. Any web server can give that directory "
		"away, and --source-url takes it. What is there already is compared and stays. "
		"mirror --check lists what may not be had from the archive much longer: what is gone "
		"from its indexes, what a newer version has superseded, and what is only in testing "
		"or unstable; exit code 3 if there is anything.\n\n"
		"go-deps writes the list of Go libraries that a spec is built with: the smallest "
		"set of Debian's golang-*-dev packages that the Go tool finds all imports in, on "
		"amd64 and arm64. It stands between two lines of the spec, the first of which says "
		"what is built:\n\n"
		"    # go-deps begin packages=./cmd/x,./cmd/y tags=seccomp cgo=0\n"
		"    # go-deps end\n\n"
		"Words of that line: packages= (what is built; default ./...), tests= (packages "
		"whose tests are run), tags= (build tags), cgo= (0 or 1; default 1), first= (number "
		"of the first Source line; default 100), source= (the Debian source package whose "
		"Build-Depends name the libraries; default: that of Source0) or roots= (libraries "
		"to start from). The import path is that of '%global goipath'.\n\n"
		"It needs the seed, which is made if there is none: the %prep of the spec is run in "
		"the root that packages are built in, without its BuildRequires, and the Go tool "
		"there ('go list -deps') says what is imported, so that the list is what the build "
		"will ask for, by the same Go, with the same patches. It needs apt, too, for the "
		"archive's index.",
	.examples = "$ hull source update zlib\n"
		    "$ hull source update --all\n"
		    "$ hull source outdated openssl\n"
		    "$ hull source mirror --check\n"
		    "$ hull source mirror /srv/sources\n"
		    "$ hull source go-deps runc containerd",
	.options = options,
	.options_size = sizeof(struct source_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
