// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/print.h"
#include "seed/seed.h"
#include "store/garbage.h"
#include "verify/verify_objects.h"

struct cache_options {
	uint64_t keep_days;
	bool dry_run;
};

#define AT(member) offsetof(struct cache_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_COUNT, "keep-days", 0, AT(keep_days), "N",
	 "gc: also keep builds that finished in the last N days (default: 14)"},
	{HULL_OPT_FLAG, "dry-run", 'n', AT(dry_run), NULL, "gc: only say what would be removed"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	((struct cache_options *)o)->keep_days = 14;
}

static int stat_store(struct hull_context *ctx, struct hull_err *e)
{
	hull_autojson json_t *j = hull_garbage_stat(&ctx->store, e);
	char size[HULL_AMOUNT];
	const char *kind;
	const json_t *v;

	if (!j)
		return -1;
	if (ctx->json) {
		hull_autojson json_t *document = json_pack("{s:O}", "kinds", j);

		hull_print_document(document, 1);
		return 0;
	}
	hull_print("%s\n", ctx->store.path);
	json_object_foreach (j, kind, v)
		hull_print("  %-10s %7lld %s %10s\n", kind,
			   (long long)json_integer_value(json_object_get(v, "entries")), "entries",
			   hull_size_text((uint64_t)json_integer_value(json_object_get(v, "bytes")),
					  size));
	return 0;
}

static int collect(struct hull_context *ctx, const struct cache_options *o, struct hull_err *e)
{
	struct hull_garbage_result r;
	char size[HULL_AMOUNT], seed[HULL_HEX];
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	int64_t now = hull_now();
	struct hull_garbage_request request = {
		.now = now,
		.keep_since = now - (int64_t)o->keep_days * 86400,
		.dry_run = o->dry_run,
	};
	int have_seed = hull_seed_current(&ctx->store, tables, seed, e);

	if (have_seed < 0)
		return -1;
	request.seed = have_seed ? seed : NULL;
	if (hull_garbage_collect(&ctx->store, &request, ctx->progress, &r, e) < 0)
		return -1;
	if (ctx->json) {
		hull_autojson json_t *j =
			json_pack("{s:I, s:I, s:b}", "removed", (json_int_t)r.removed, "bytes",
				  (json_int_t)r.bytes, "dry_run", (int)o->dry_run);

		hull_print_document(j, 1);
		return 0;
	}
	hull_print("%s %zu entries, %s\n", o->dry_run ? "would remove" : "removed", r.removed,
		   hull_size_text(r.bytes, size));
	return 0;
}

static int verify(struct hull_context *ctx, struct hull_err *e)
{
	hull_autojson json_t *damaged = NULL, *j = NULL;
	size_t checked, n;

	hull_log_verbose(ctx->progress, "reading all of %s", ctx->store.path);
	if (hull_verify_objects(&ctx->store, &checked, &damaged, e) < 0)
		return -1;
	n = json_array_size(damaged);
	if (ctx->json) {
		j = json_pack("{s:I, s:O}", "checked", (json_int_t)checked, "damaged", damaged);
		hull_print_document(j, 1);
	} else {
		hull_progress_clear(ctx->progress);
		hull_print("%zu objects checked, %zu damaged\n", checked, n);
	}
	return n ? HULL_FINDINGS : 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const char *what = args->n == 1 ? args->v[0] : "";

	if (strcmp(what, "stat") != 0 && strcmp(what, "gc") != 0 && strcmp(what, "verify") != 0)
		return hull_fail(e, HULL_USAGE, "hull cache stat, gc or verify");
	if (hull_context_store(ctx, e) < 0)
		return -1;
	if (!strcmp(what, "stat"))
		return stat_store(ctx, e);
	return !strcmp(what, "gc") ? collect(ctx, opts, e) : verify(ctx, e);
}

const struct hull_command hull_cmd_cache = {
	.name = "cache",
	.args = "stat|gc|verify",
	.summary = "the store: what is in it, removing what is old, checking it",
	.description =
		"stat says how much of what is in the store.\n\n"
		"gc removes what no recent build refers to: kept are the latest build of each spec, "
		"builds of the last days, their packages and sources, and the seeds they used.\n\n"
		"verify reads everything again and compares it with what it has to be. What is damaged is "
		"set aside in the store's directory damaged/ with a line that says why; who needs it makes "
		"it again. Exits with 3 if there is such an object.",
	.options = options,
	.options_size = sizeof(struct cache_options),
	.defaults = defaults,
	.run = run,
};
