// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/print.h"
#include "seed/seed.h"
#include "text/json.h"

static json_t *packages_json(const struct hull_seed *seed)
{
	json_t *list = json_array();

	for (size_t i = 0; i < seed->npackages; i++) {
		const struct hull_seed_package *p = &seed->packages[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:I}", "name", p->name,
						      "version", p->version, "arch", p->arch,
						      "sha256", p->sha256, "size_bytes",
						      (json_int_t)p->size_bytes));
	}
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

/* Two sorted lists side by side: what is only in one, and what has another version. */
static size_t print_changes(const struct hull_seed *old, const struct hull_seed *now)
{
	size_t i = 0, j = 0, changes = 0;

	while (i < old->npackages || j < now->npackages) {
		const struct hull_seed_package *a = i < old->npackages ? &old->packages[i] : NULL;
		const struct hull_seed_package *b = j < now->npackages ? &now->packages[j] : NULL;

		if (a && (!b || strcmp(a->name, b->name) < 0)) {
			hull_print("- %s %s\n", a->name, a->version);
			changes++;
			i++;
		} else if (b && (!a || strcmp(a->name, b->name) > 0)) {
			hull_print("+ %s %s\n", b->name, b->version);
			changes++;
			j++;
		} else {
			hull_assert(a && b);
			if (strcmp(a->sha256, b->sha256) != 0) {
				hull_print("  %s %s -> %s\n", b->name, a->version, b->version);
				changes++;
			}
			i++;
			j++;
		}
	}
	return changes;
}

static int update(struct hull_context *ctx, struct hull_seed_options *o, struct hull_err *e)
{
	struct hull_seed old, now;
	size_t changes;

	if (hull_signals_init(e) < 0)
		return -1;
	o->mode = HULL_SEED_EXISTING;
	if (hull_seed_open(&old, &ctx->store, o, NULL, NULL) < 0)
		old = (struct hull_seed){0};
	o->mode = HULL_SEED_UPDATE;
	if (hull_seed_open(&now, &ctx->store, o, ctx->progress, e) < 0) {
		hull_seed_fini(&old);
		return -1;
	}
	if (ctx->json) {
		show_json(&now);
	} else {
		hull_print("%s\n", now.path);
		changes = old.npackages ? print_changes(&old, &now) : 0;
		if (!strcmp(old.id, now.id))
			hull_log(ctx->progress, "nothing changed");
		else if (old.npackages)
			hull_log(ctx->progress,
				 "%zu packages changed: everything will be built again", changes);
	}
	hull_seed_fini(&old);
	hull_seed_fini(&now);
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	struct hull_seed_options o = {
		.tables = tables,
		.debian_mirror = hull_env("HULL_DEBIAN_MIRROR"),
		.mode = HULL_SEED_EXISTING,
	};
	const char *what = args->n ? args->v[0] : "show";

	(void)opts;
	if (args->n > 1 || (strcmp(what, "show") != 0 && strcmp(what, "update") != 0))
		return hull_fail(e, HULL_USAGE, "hull seed show or update");
	if (hull_context_store(ctx, e) < 0)
		return -1;
	return !strcmp(what, "show") ? show(ctx, &o, e) : update(ctx, &o, e);
}

const struct hull_command hull_cmd_seed = {
	.name = "seed",
	.args = "[show|update]",
	.summary = "the root of stock Debian tools that packages are built in",
	.description =
		"The seed is made by the first build, and stays as it is until it is updated or "
		"the "
		"tables in toolkit/seed ask for other packages. Nothing of it ships in an "
		"image.\n\n"
		"show prints where it is and what packages it has.\n\n"
		"update makes it anew from the packages that the Debian archive has now, with the "
		"updates and security updates of the release, and prints "
		"what changed. A seed with other packages means that everything is built again.",
	.examples = "$ hull seed show --json\n"
		    "The packages with their hashes, and what the seed provides to specs.\n",
	.run = run,
};
