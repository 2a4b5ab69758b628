// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"
#include "cli/command.h"
#include "cli/faults.h"
#include "cli/print.h"
#include "source/fetch.h"

struct fetch_options {
	struct hull_strv source_urls;
	bool offline;
	uint64_t jobs;
};

#define AT(member) offsetof(struct fetch_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_LIST, "source-url", 0, AT(source_urls), "URL",
	 "look-aside mirror or directory, tried before the URL of a Source (repeatable)"},
	{HULL_OPT_FLAG, "offline", 0, AT(offline), NULL,
	 "only say what is missing (files and directories of this machine are still read)"},
	{HULL_OPT_COUNT, "jobs", 'j', AT(jobs), "N", "downloads at once (default: 6)"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void finish(void *o)
{
	hull_strv_fini(&((struct fetch_options *)o)->source_urls);
}

static void print(const struct hull_context *ctx, const struct hull_source_wants *wants,
		  const char *const *spec_of)
{
	hull_autojson json_t *document = json_object();
	json_t *list = json_array();

	json_object_set_new(document, "sources", list);
	json_object_set_new(document, "left_out", hull_faults_json(ctx));
	for (size_t i = 0; i < wants->n; i++) {
		const struct hull_source_want *w = &wants->v[i];
		json_t *j = json_object();

		hull_json_set(j, "spec", spec_of[i]);
		hull_json_set(j, "file", w->file);
		hull_json_set(j, "url", w->url);
		hull_json_set(j, "sha256", w->sha256);
		hull_json_set(j, "origin", w->origin);
		hull_json_set(j, "error", w->error);
		json_array_append_new(list, j);
		if (!ctx->json && w->ok)
			hull_print("%-20s %s  %s\n", spec_of[i], w->file, w->origin);
	}
	if (ctx->json)
		hull_print_document(document, 1);
}

static int fetch(struct hull_context *ctx, const struct fetch_options *o,
		 const struct hull_specs *specs, const size_t *selected, size_t n,
		 struct hull_err *e)
{
	struct hull_source_options source = {
		.mirrors = (const char *const *)o->source_urls.v,
		.nmirrors = o->source_urls.n,
		.debian_mirror = hull_env("HULL_DEBIAN_MIRROR"),
		.debian_archive = hull_env("HULL_DEBIAN_ARCHIVE"),
		.offline = o->offline,
		.parallel = (int)o->jobs,
	};
	struct hull_source_wants wants = {0};
	hull_autofree const char **spec_of = NULL;
	size_t cap = 0, done = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		const struct hull_spec *spec = &specs->v[selected[i]];

		hull_source_wants_add(&wants, spec);
		spec_of = hull_grow(spec_of, &cap, wants.n, sizeof *spec_of);
		while (done < wants.n)
			spec_of[done++] = spec->name;
	}
	r = hull_source_fetch(&ctx->store, &source, wants.v, wants.n, ctx->progress, e);
	hull_progress_clear(ctx->progress);
	print(ctx, &wants, spec_of);
	hull_source_wants_fini(&wants);
	return r;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct fetch_options *o = opts;
	struct hull_specs specs = {0};
	hull_autofree size_t *selected = NULL;
	size_t n;
	int r;

	if (o->jobs > 64)
		return hull_fail(e, HULL_USAGE, "--jobs: a number from 1 to 64");
	if (hull_signals_init(e) < 0)
		return -1;
	r = hull_context_specs(ctx, &specs, e);
	if (r == 0)
		r = hull_context_select(ctx, &specs, args, &selected, &n, e);
	if (r == 0)
		r = hull_faults_tell(ctx, e);
	if (r == 0)
		r = fetch(ctx, o, &specs, selected, n, e);
	if (r == 0)
		r = hull_faults_end(ctx, e);
	hull_specs_fini(&specs);
	return r;
}

const struct hull_command hull_cmd_fetch = {
	.name = "fetch",
	.args = "[SPEC...]",
	.summary = "download and verify the sources of specs",
	.description = "Makes sure that the store has the sources of all specs, or of those named, "
		       "and prints "
		       "for each where it came from. A file is looked for in the store, next to "
		       "the spec, at "
		       "the --source-url mirrors by its name, and at the URL of its Source line: "
		       "https:, http:, "
		       "file:, or debian:PATH for a path in the Debian archive, which is fetched "
		       "from where the "
		       "host's apt is configured to fetch from, or from HULL_DEBIAN_MIRROR.\n\n"
		       "Only a file whose sha256 is that in the spec's signatures.json enters the "
		       "store. An "
		       "interrupted download is continued by the next one. All files that cannot "
		       "be had are "
		       "listed at the end.",
	.examples = "$ hull fetch\n"
		    "$ hull fetch zlib --source-url https://mirror.example/sources\n"
		    "$ hull fetch --offline --json",
	.options = options,
	.options_size = sizeof(struct fetch_options),
	.finish = finish,
	.run = run,
};
