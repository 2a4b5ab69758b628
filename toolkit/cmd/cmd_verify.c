// SPDX-License-Identifier: MIT
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/print.h"
#include "cmd/rebuild.h"
#include "config/config_document.h"
#include "inspect/imagefile.h"

struct verify_options {
	struct hull_build_options build;
	struct hull_strv rebuild;
	const char *config;
	bool strict, allow_outside;
};

#define AT(member) offsetof(struct verify_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "strict", 0, AT(strict), NULL,
	 "what cannot be checked, because the store has it not, counts as broken"},
	{HULL_OPT_FILE, "config", 0, AT(config), "CONFIG",
	 "the configuration that the image was made from: what is of no package is checked too"},
	{HULL_OPT_FLAG, "allow-outside", 0, AT(allow_outside), NULL,
	 "with --config: files that the configuration names may lie outside of its directory"},
	{HULL_OPT_LIST, "rebuild", 0, AT(rebuild), "PACKAGE",
	 "build the spec of a package again and compare the RPMs, or all (repeatable)"},
	HULL_BUILD_OPTIONS(AT(build)),
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	struct verify_options *v = o;

	hull_build_options_defaults(&v->build);
	v->build.keys = HULL_KEYRING_NEED;
}

static void finish(void *o)
{
	hull_build_options_fini(&((struct verify_options *)o)->build);
	hull_strv_fini(&((struct verify_options *)o)->rebuild);
}

static void print(const struct hull_context *ctx, const struct verify_options *o,
		  const struct hull_verification *v, const char *image)
{
	size_t broken = hull_verification_count(v, false);
	size_t unchecked = hull_verification_count(v, true);
	hull_autobuf struct hull_buf text = {0};

	hull_progress_clear(ctx->progress);
	if (ctx->json) {
		hull_autojson json_t *j = hull_verification_to_json(v, image);

		hull_print_document(j, 1);
		return;
	}
	hull_verification_text(v, &text);
	hull_print("%-s", text.p ? text.p : "");
	if (broken)
		hull_print("%zu broken, %zu not checked\n", broken, unchecked);
	else if (unchecked)
		hull_print("nothing is broken, but %zu not checked%s\n", unchecked,
			   o->strict ? ", which --strict does not accept" : "");
	else
		hull_print("every link from disk to source holds\n");
}

static int verify(struct hull_context *ctx, const struct verify_options *o,
		  const struct hull_verify_request *r, struct hull_err *e)
{
	struct hull_rebuild_request q = {
		.ctx = ctx,
		.options = &o->build,
		.packages = r->system->packages,
		.npackages = r->system->npackages,
		.lock = r->system->has_lock ? &r->system->lock : NULL,
		.names = &o->rebuild,
	};
	struct hull_verification v;
	int rc;

	/* a name that is wrong is told before all files are read */
	if (hull_rebuild_check(&q, e) < 0 || hull_verify(r, &v, e) < 0)
		return -1;
	rc = 0;
	if (o->rebuild.n)
		rc = hull_rebuild(&q, &v, e);
	/* what was found before a rebuild failed is told all the same */
	print(ctx, o, &v, r->system->path);
	if (rc == 0 && (hull_verification_count(&v, false) ||
			(o->strict && hull_verification_count(&v, true))))
		rc = HULL_FINDINGS;
	hull_verification_fini(&v);
	return rc;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct verify_options *o = opts;
	struct hull_image_config config;
	struct hull_system system;
	hull_autostrv struct hull_strv trees = {0};
	struct hull_err no_trees;
	struct hull_verify_request r = {
		.spec_trees = &trees, .threads = (int)o->build.jobs, .progress = ctx->progress};
	int rc;

	if (args->n != 1)
		return hull_fail(e, HULL_USAGE, "hull verify IMAGE: name one image");
	if (o->build.jobs < 1 || o->build.jobs > 1024)
		return hull_fail(e, HULL_USAGE, "--jobs: a number from 1 to 1024");
	/* an image can be looked at where there are no specs */
	hull_ignore(hull_context_trees(ctx, &trees, &no_trees));
	if ((o->rebuild.n && hull_context_store(ctx, e) < 0) ||
	    (o->config && hull_config_read(o->config, ctx->arch, o->allow_outside, &config, e) < 0))
		return -1;
	hull_context_look(ctx);
	rc = hull_system_open(&ctx->store, args->v[0], HULL_SYSTEM_PACKAGES, &system, e);
	if (rc == 0) {
		r.system = &system;
		r.store = &ctx->store;
		r.config = o->config ? &config : NULL;
		if (system.note)
			hull_log_error(ctx->progress, "%s: %s", args->v[0], system.note);
		rc = verify(ctx, o, &r, e);
		hull_system_fini(&system);
	}
	if (o->config)
		hull_config_fini(&config);
	return rc;
}

const struct hull_command hull_cmd_verify = {
	.name = "verify",
	.args = "IMAGE",
	.summary = "check every link from the bytes of an image to sources",
	.description =
		"Checks the chain of an image: the content, mode and owner of every file against its "
		"package; files that no package has and that the image writer does not make; each "
		"package against the lock file in the image and its RPM in the store; the RPM against "
		"the record of its build; the record against its key, its log, the macros and its "
		"sources; the packages of its build root in turn, down to the seed; the unified kernel "
		"image against kernel, stub and os-release of the packages; the dm-verity tree and the "
		"root hash on the command line.\n\n"
		"Each link that is broken is one line, and so is each that cannot be checked because "
		"this machine's store has not what it leads to. Exit code 3 says that a link is "
		"broken; with --strict also that one could not be checked.\n\n"
		"What the image writer makes (accounts, unit links, caches, the rpm database) no "
		"package answers for: such files are counted, unless --config names the configuration "
		"of the image. Then the tree is put together again, and every file has to be the same."
		"\n\n--rebuild builds a package again, offline and from the recorded sources as 'hull "
		"build' does, and compares the RPM with that of the image byte for byte.",
	.examples = "$ hull verify out/image/container-host.vhdx\n"
		    "$ hull verify --strict --json image.raw\n"
		    "$ hull verify --rebuild zlib --rebuild openssl image.raw",
	.options = options,
	.options_size = sizeof(struct verify_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
