// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/print.h"
#include "seed/seed.h"
#include "seed/seed_lock.h"
#include "seed/seed_update.h"
#include "text/json.h"

static json_t *packages_json(const struct hull_seed *seed)
{
	json_t *list = json_array();

	for (size_t i = 0; i < seed->npackages; i++)
		json_array_append_new(list, hull_seed_package_json(&seed->packages[i]));
	return list;
}

static json_t *provides_json(const struct hull_seed *seed)
{
	json_t *o = json_object();

	for (size_t i = 0; i < seed->ntools; i++)
		json_object_set_new(o, seed->tools[i].name,
				    seed->tools[i].version ? json_string(seed->tools[i].version)
							   : json_null());
	for (size_t i = 0; i < seed->files.n; i++)
		json_object_set_new(o, seed->files.v[i], json_null());
	return o;
}

static int show_json(const struct hull_seed *seed)
{
	hull_autojson json_t *j = json_object();

	hull_json_set(j, "id", seed->id);
	hull_json_set(j, "path", seed->path);
	json_object_set_new(j, "packages", packages_json(seed));
	json_object_set_new(j, "provides", provides_json(seed));
	hull_print_document(j, 1);
	return 0;
}

static int show(struct hull_context *ctx, const struct hull_seed_options *o, struct hull_err *e)
{
	struct hull_seed seed;

	if (hull_seed_open(&seed, &ctx->store, o, ctx->progress, e) < 0)
		return -1;
	if (ctx->json) {
		show_json(&seed);
	} else {
		hull_print("%s\n", seed.path);
		for (size_t i = 0; i < seed.npackages; i++)
			hull_print("  %-32s %-28s %s\n", seed.packages[i].name,
				   seed.packages[i].version, seed.packages[i].arch);
	}
	hull_seed_fini(&seed);
	return 0;
}

/* --- update --- */

static void add_change(json_t *list, const struct hull_seed_package *was,
		       const struct hull_seed_package *is)
{
	json_t *j = json_object();

	hull_assert(was || is);
	hull_json_set(j, "name", was ? was->name : is->name);
	hull_json_set(j, "from", was ? was->version : NULL);
	hull_json_set(j, "to", is ? is->version : NULL);
	json_array_append_new(list, j);
}

/* Two sorted lists side by side: what is only in one, and what is another file. */
static json_t *find_changes(const struct hull_seed_lock *old, const struct hull_seed_lock *now)
{
	json_t *list = json_array();
	size_t i = 0, j = 0;

	while (i < old->npackages || j < now->npackages) {
		const struct hull_seed_package *a = i < old->npackages ? &old->packages[i] : NULL;
		const struct hull_seed_package *b = j < now->npackages ? &now->packages[j] : NULL;
		int c = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);

		if (c != 0)
			add_change(list, c < 0 ? a : NULL, c < 0 ? NULL : b);
		else if (strcmp(a->sha256, b->sha256) != 0)
			add_change(list, a, b);
		i += c <= 0;
		j += c >= 0;
	}
	return list;
}

static void print_changes(const json_t *changes)
{
	size_t i;
	json_t *c;

	json_array_foreach (changes, i, c) {
		const char *name = hull_json_optional(c, "name");
		const char *from = hull_json_optional(c, "from");
		const char *to = hull_json_optional(c, "to");

		if (from && to)
			hull_print("  %s %s -> %s\n", name, from, to);
		else
			hull_print("%c %s %s\n", from ? '-' : '+', name, from ? from : to);
	}
}

static void tell(struct hull_context *ctx, const char *id, const struct hull_seed_lock *now,
		 const json_t *changes)
{
	size_t n = json_array_size(changes);

	hull_progress_clear(ctx->progress);
	if (ctx->json) {
		hull_autojson json_t *j = json_object();

		hull_json_set(j, "id", id);
		json_object_set_new(j, "packages", json_integer((json_int_t)now->npackages));
		json_object_set(j, "changes", (json_t *)changes);
		hull_print_document(j, 1);
	} else {
		print_changes(changes);
	}
	if (n)
		hull_log(
			ctx->progress,
			"%s: %zu of %zu packages changed: the next build makes the seed %.12s, and "
			"builds everything again",
			now->file, n, now->npackages, id);
	else
		hull_log(ctx->progress, "%s: nothing changed", now->file);
}

static int compare(struct hull_context *ctx, struct hull_seed_table *t,
		   const struct hull_seed_lock *old, struct hull_err *e)
{
	hull_autojson json_t *changes = NULL;
	struct hull_seed_lock now;
	char id[HULL_HEX];
	int r = hull_seed_lock_read(&now, t, e);

	if (r == 0) {
		hull_seed_lock_id(&now, t, id);
		changes = find_changes(old, &now);
		tell(ctx, id, &now, changes);
	}
	hull_seed_lock_fini(&now);
	return r;
}

static int update(struct hull_context *ctx, const char *tables, struct hull_err *e)
{
	struct hull_seed_table table;
	struct hull_seed_lock old;
	struct hull_arena arena = {0};
	int r;

	if (hull_signals_init(e) < 0 || hull_seed_table_read(&table, tables, e) < 0)
		return -1;
	/* one that does not fit the tables, or that nobody can read, is what an update is for */
	hull_ignore(hull_seed_lock_read(&old, &table, NULL));
	r = hull_seed_update(&ctx->store, tables, hull_env("HULL_DEBIAN_MIRROR"),
			     hull_date_text(&arena, hull_now()), ctx->progress, e);
	hull_arena_fini(&arena);
	if (r == 0)
		r = compare(ctx, &table, &old, e);
	hull_seed_lock_fini(&old);
	hull_seed_table_fini(&table);
	return r;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	const struct hull_seed_options o = {.tables = tables, .mode = HULL_SEED_EXISTING};
	const char *what = args->n ? args->v[0] : "show";

	(void)opts;
	if (args->n > 1 || (strcmp(what, "show") != 0 && strcmp(what, "update") != 0))
		return hull_fail(e, HULL_USAGE, "hull seed show or update");
	if (hull_context_store(ctx, e) < 0)
		return -1;
	return !strcmp(what, "show") ? show(ctx, &o, e) : update(ctx, tables, e);
}

const struct hull_command hull_cmd_seed = {
	.name = "seed",
	.args = "[show|update]",
	.summary = "the root of stock Debian tools that packages are built in",
	.description =
		"The seed is made by the first build of exactly the Debian packages that "
		"toolkit/seed/lock.json "
		"has, each with its hash: the same commit builds in the same seed on every machine and "
		"day. Nothing of it ships in an image. The packages come from where sources come from: "
		"the store, --source-url of the building commands, the archives of the host's apt or "
		"HULL_DEBIAN_MIRROR.\n\n"
		"show prints where it is and what packages it has.\n\n"
		"update writes lock.json anew: what the tables in toolkit/seed ask for, from what the "
		"Debian archive has now, with the updates and security updates of the release. It "
		"prints what changed. A seed with other packages means that everything is built again.",
	.examples = "$ hull seed show --json\n"
		    "The packages with their hashes, and what the seed provides to specs.\n\n"
		    "$ hull seed update && git diff toolkit/seed/lock.json\n"
		    "What the archive has now.\n",
	.run = run,
};
