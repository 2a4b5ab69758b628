// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "builder/publish.h"
#include "reproduce/reproduce.h"
#include "builder/stamp.h"
#include "cli/faults.h"
#include "cli/print.h"
#include "cmd/session.h"

struct build_options {
	struct hull_build_options build;
	const char *repo;
	bool check, srpm;
};

#define AT(member) offsetof(struct build_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "check", 0, AT(check), NULL,
	 "build the named specs twice under different conditions and compare the RPMs"},
	{HULL_OPT_DIRECTORY, "repo", 0, AT(repo), "DIR",
	 "the rpm-md repository to write (default: out/repo/ARCH)"},
	{HULL_OPT_FLAG, "srpm", 0, AT(srpm), NULL,
	 "also write source packages, of the named specs or all, to SRPMS/ in the repository"},
	{HULL_OPT_FLAG, "force", 0, AT(build.force), NULL,
	 "build the named specs again even if the store has them"},
	HULL_BUILD_RULE_OPTIONS(AT(build)),
	HULL_BUILD_OPTIONS(AT(build)),
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	hull_build_options_defaults(&((struct build_options *)o)->build);
}

static void finish(void *o)
{
	hull_build_options_fini(&((struct build_options *)o)->build);
}

static json_t *result_json(const struct hull_session *s, const struct hull_schedule_result *r,
			   const char *repo)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->workspace.n; i++) {
		const struct hull_spec_node *node = &s->workspace.nodes[i];
		json_t *packages = json_array();

		if (node->state != HULL_SPEC_DONE) {
			json_decref(packages);
			continue;
		}
		for (size_t j = 0; j < node->result.build.packages.n; j++)
			json_array_append_new(packages,
					      json_pack("{s:s, s:s}", "name",
							node->result.packages[j].name, "sha256",
							node->result.packages[j].sha256));
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:I, s:o, s:s*}", "name", node->spec->name,
					"key", node->key, "built", (int)node->built, "wall_ms",
					(json_int_t)node->result.build.wall_ms, "packages",
					packages, "check", node->result.build.check));
	}
	return json_pack("{s:o, s:I, s:I, s:I, s:o, s:o}", "repo", hull_json_clean(repo), "built",
			 (json_int_t)r->built, "wall_ms", (json_int_t)r->wall_ms, "cpu_ms",
			 (json_int_t)r->cpu_ms, "specs", list, "left_out",
			 hull_faults_json(s->ctx));
}

static int check(struct hull_session *s, struct hull_err *e)
{
	struct hull_job_place place = hull_session_place(s);
	int differences = 0;

	if (hull_session_check_sandbox(s->ctx, e) < 0)
		return -1;
	for (size_t i = 0; i < s->nselected; i++) {
		const char *name = s->specs.v[s->selected[i]].name;
		hull_autobuf struct hull_buf text = {0};
		int r;

		hull_log(s->ctx->progress, "building %s twice", name);
		r = hull_check_reproducible(&s->workspace, s->selected[i], &place, &text, e);
		if (r < 0) {
			if (text.n)
				hull_log_error(s->ctx->progress, "%-s", text.p);
			return -1;
		}
		if (r)
			hull_print("%s: the same RPMs twice\n", name);
		else
			hull_print("%s: not reproducible\n%-s\n", name, text.p);
		hull_ignore(hull_print_end(NULL)); /* the next one may take long */
		differences += r == 0;
	}
	return differences ? HULL_FINDINGS : 0;
}

/* What is said after a build, before an image is made of it. */
static void warn_of_scriptlets(const struct hull_session *s)
{
	for (size_t i = 0; i < s->workspace.n; i++) {
		const struct hull_spec_node *node = &s->workspace.nodes[i];

		for (size_t k = 0; k < node->spec->nrunning && node->state == HULL_SPEC_DONE; k++) {
			const struct hull_spec_running *r = &node->spec->running[k];
			hull_autofree char *line =
				r->line ? hull_asprintf("%d: ", r->line) : hull_strdup(" ");

			hull_log(s->ctx->progress,
				 "%s:%sof package %s, %s does what an image is not made "
				 "with, and would refuse",
				 node->spec->path, line, r->package, r->scriptlet);
		}
	}
}

static struct hull_stamp_request stamp(const struct hull_session *s)
{
	return (struct hull_stamp_request){
		.store = &s->ctx->store,
		.specs = &s->specs,
		.selected = s->selected,
		.nselected = s->nselected,
		.arch = s->ctx->arch,
		.macros = s->macros,
		.seed = s->seed.id,
		.keyring = &s->keyring,
		.rules = hull_session_rules(s),
	};
}

/* What is in the repository with a %check that was not passed. */
static void warn_unchecked(const struct hull_session *s)
{
	static const struct {
		const char *word, *text;
	} kinds[] = {{"none", "built without their %check"},
		     {"failed", "built although their %check failed"}};

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		hull_autobuf struct hull_buf names = {0};

		for (size_t i = 0; i < s->workspace.n; i++) {
			const struct hull_spec_node *node = &s->workspace.nodes[i];
			const char *word = node->result.build.check;

			if (node->state == HULL_SPEC_DONE && word && !strcmp(word, kinds[k].word))
				hull_buf_addf(&names, "%s%s", names.n ? ", " : "",
					      node->spec->name);
		}
		if (names.n)
			hull_log(s->ctx->progress, "warning: %s: %s", kinds[k].text, names.p);
	}
}

static int write_sources(struct hull_session *s, const char *repo, struct hull_err *e)
{
	struct hull_job_place place = hull_session_place(s);
	hull_autofree size_t *done = hull_alloc_array(s->nselected + 1, sizeof *done);
	size_t n = 0;

	for (size_t i = 0; i < s->nselected; i++)
		if (s->workspace.nodes[s->selected[i]].state == HULL_SPEC_DONE)
			done[n++] = s->selected[i];
	if (hull_session_fetch(s, done, n, e) < 0 || hull_session_check_sandbox(s->ctx, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		hull_autofree char *path = NULL;

		if (hull_publish_source(&s->workspace, done[i], &place, repo, &path, e) < 0)
			return -1;
		hull_log(s->ctx->progress, "wrote %s", path);
	}
	return 0;
}

static bool all_done(const struct hull_session *s)
{
	for (size_t i = 0; i < s->nselected; i++)
		if (s->workspace.nodes[s->selected[i]].state != HULL_SPEC_DONE)
			return false;
	return true;
}

static int publish(struct hull_session *s, const struct hull_schedule_result *result,
		   const char *repo, struct hull_err *e)
{
	struct hull_stamp_request r = stamp(s);
	struct hull_repo_stats stats;

	warn_unchecked(s);
	if (hull_publish(&s->workspace, repo, &stats, e) < 0 ||
	    (all_done(s) && hull_stamp_write(&r, &s->workspace, e) < 0))
		return -1;
	if (s->ctx->json) {
		hull_autojson json_t *j = result_json(s, result, repo);

		hull_print_document(j, 1);
		return 0;
	}
	if (!result->built)
		hull_print("nothing to build; %zu packages in %s\n", stats.packages, repo);
	else
		hull_print("%zu built in %.1f s (%.0f %% of %llu cores busy); %zu packages in %s\n",
			   result->built, (double)result->wall_ms / 1000,
			   result->wall_ms
				   ? 100.0 * (double)result->cpu_ms / (double)result->wall_ms /
					     (double)s->options->jobs
				   : 0.0,
			   (unsigned long long)s->options->jobs, stats.packages, repo);
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct build_options *o = opts;
	hull_autofree char *repo =
		o->repo ? hull_strdup(o->repo) : hull_asprintf("out/repo/%s", ctx->arch);
	struct hull_schedule_result result = {0};
	struct hull_session s;
	int r;

	if (o->check && !args->n)
		return hull_fail(e, HULL_USAGE, "--check: name the specs to build twice");
	if (o->build.force && !args->n)
		return hull_fail(e, HULL_USAGE, "--force: name the specs to build again");
	r = hull_session_open(&s, ctx, &o->build, args, e);
	if (r == 0 && !o->check && !ctx->json && !o->build.force && !o->srpm) {
		struct hull_stamp_request request = stamp(&s);
		size_t packages;

		if (hull_stamp_holds(&request, repo, &packages)) {
			hull_print("nothing to build; %zu packages in %s\n", packages, repo);
			r = hull_faults_tell(ctx, e);
			goto out;
		}
	}
	if (r == 0)
		r = hull_session_plan(&s, e);
	if (r == 0 && o->check)
		r = hull_faults_end(ctx, e);
	if (r == 0)
		r = hull_session_build(&s, &result, e);
	if (r == 0 && o->srpm)
		r = write_sources(&s, repo, e);
	if (r == 0)
		warn_of_scriptlets(&s);
	if (r == 0)
		r = o->check ? check(&s, e) : publish(&s, &result, repo, e);
out:
	if (r == 0)
		r = hull_faults_end(ctx, e);
	hull_session_close(&s);
	return r;
}

const struct hull_command hull_cmd_build = {
	.name = "build",
	.args = "[SPEC|NAME.src.rpm...]",
	.summary = "build packages from source",
	.description =
		"Builds all specs, or those named with everything their build roots need, and writes "
		"an rpm-md repository of the results. What the store has for the present inputs is not "
		"built again; a package whose files come out the same does not rebuild what depends on "
		"it. A spec is built offline, in namespaces of its own, and sees its BuildRequires and "
		"what they require, nothing else.\n\n"
		"A spec that has a mistake, cannot have its build root, or needs itself is left out "
		"with those that need it, and told; the others are built. It is a failure at the end "
		"if they were named, and at the beginning with --strict.\n\n"
		"Interrupted with Ctrl-C, hull stops its builds and keeps what was finished; the next "
		"run goes on from there.\n\n"
		"-D, --debuginfo, --no-check and --check-not-fatal are part of the key of a build: a package "
		"without its %check is never taken for one that passed it, and the next run without the "
		"option builds it again. An argument that ends with .src.rpm is the spec in that source "
		"package.\n\n"
		"The second build of --check has one processor, another made-up machine, a clock that "
		"is a bit more than a year ahead, and directories in another order; "
		"toolkit/docs/specs.md says what is not varied.",
	.examples = "$ hull build\n"
		    "$ hull build zlib openssl\n"
		    "$ hull build --specs my-specs my-agent\n"
		    "$ hull build --check zlib\n"
		    "$ hull build --no-check=zlib -D '_with_tests 0' my-agent\n"
		    "$ hull build hello-2.10-1.src.rpm",
	.options = options,
	.options_size = sizeof(struct build_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
