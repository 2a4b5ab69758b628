// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/print.h"
#include "inspect/imagefile.h"
#include "sbom/cyclonedx.h"
#include "sbom/dsse.h"
#include "sbom/provenance.h"
#include "sbom/spdx.h"
#include "sbom/spdx3.h"

struct sbom_options {
	const char *format, *output, *sign, *package, *all, *builder, *config, *creator;
	bool files, no_records;
};

#define AT(member) offsetof(struct sbom_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_STRING, "format", 'f', AT(format), "FORMAT",
	 "spdx (2.3, the default), spdx3 (3.0.1), cyclonedx (1.6) or provenance (SLSA 1)"},
	{HULL_OPT_FLAG, "files", 0, AT(files), NULL,
	 "every file too, with SHA-1 and SHA-256 of its content"},
	{HULL_OPT_FILE, "output", 'o', AT(output), "FILE",
	 "write to a file instead of standard output"},
	{HULL_OPT_STRING, "package", 'p', AT(package), "NAME",
	 "provenance of a package of the image instead of the image"},
	{HULL_OPT_DIRECTORY, "all", 0, AT(all), "DIR",
	 "provenance of the image and of each of its packages, a file each"},
	{HULL_OPT_FILE, "sign", 0, AT(sign), "KEY",
	 "put provenance into a DSSE envelope signed with this private key (PEM)"},
	{HULL_OPT_STRING, "builder", 0, AT(builder), "URI",
	 "who built, in provenance (default: urn:hull:builder)"},
	{HULL_OPT_STRING, "creator", 0, AT(creator), "WHO",
	 "URL or mail address of who answers for the image and its SBOM (default: HOME_URL of its os-release)"},
	{HULL_OPT_FILE, "config", 0, AT(config), "FILE",
	 "the image's configuration, for its provenance"},
	{HULL_OPT_FLAG, "no-records", 0, AT(no_records), NULL,
	 "only what the image itself tells, without the store's build records"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

typedef json_t *write_sbom(struct hull_sbom *b);

/* NULL for another word. */
static write_sbom *find_writer(const char *format)
{
	static const struct {
		const char *format;
		write_sbom *write;
	} writers[] = {{"spdx", hull_spdx}, {"spdx3", hull_spdx3}, {"cyclonedx", hull_cyclonedx}};

	for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
		if (!strcmp(writers[i].format, format))
			return writers[i].write;
	return NULL;
}

static int check(const struct sbom_options *o, const struct hull_strv *args, struct hull_err *e)
{
	bool provenance = !strcmp(o->format, "provenance");

	if (args->n != 1)
		return hull_fail(e, HULL_USAGE, "hull sbom IMAGE");
	if (!provenance && !find_writer(o->format))
		return hull_fail(e, HULL_USAGE,
				 "--format %s: there are spdx, spdx3, cyclonedx and provenance",
				 o->format);
	if (!provenance && (o->package || o->all || o->sign || o->builder || o->config))
		return hull_fail(e, HULL_USAGE,
				 "--package, --all, --sign, --builder and --config are for "
				 "--format provenance");
	if (provenance && o->files)
		return hull_fail(e, HULL_USAGE, "--files is not for --format provenance");
	if (o->all && (o->package || o->output))
		return hull_fail(e, HULL_USAGE, "--all excludes --package and --output");
	return 0;
}

/* Writes a result, signed if a key is given; the reference is taken. NULL path: to stdout. */
static int put(json_t *result, const struct sbom_options *o, const char *path, struct hull_err *e)
{
	hull_autojson json_t *plain = result;
	hull_autojson json_t *envelope = o->sign ? hull_dsse_sign(plain, o->sign, e) : NULL;
	hull_autobuf struct hull_buf text = {0};

	if (o->sign && !envelope)
		return -1;
	if (!path) {
		hull_print_json(o->sign ? envelope : plain);
		return 0;
	}
	hull_json_text(o->sign ? envelope : plain, true, &text);
	hull_buf_addc(&text, '\n');
	return hull_file_write(AT_FDCWD, path, text.p, text.n, 0644, e);
}

static int find_package(const struct hull_sbom *b, const char *name, size_t *out,
			struct hull_err *e)
{
	const char *best = NULL;
	size_t distance = 3;

	for (size_t i = 0; i < b->npackages; i++) {
		const char *has = b->packages[i].package->name;
		size_t d = hull_edit_distance(has, name);

		if (d == 0) {
			*out = i;
			return 0;
		}
		if (d < distance) {
			distance = d;
			best = has;
		}
	}
	return hull_fail(e, HULL_FAILED, "%s: no package '%s' in the image%s%s%s", b->system->path,
			 name, best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

/* The image's and each package's; a package without a record is warned of. */
static int put_all(struct hull_context *ctx, struct hull_sbom *b, const struct sbom_options *o,
		   const struct hull_provenance_options *p, struct hull_err *e)
{
	hull_autofree char *of_image = hull_asprintf("%s/%s.provenance.json", o->all, b->name);
	json_t *j = hull_provenance_image(b, p, e);

	if (!j || hull_mkdirs(AT_FDCWD, o->all, 0755, e) < 0) {
		json_decref(j);
		return -1;
	}
	if (put(j, o, of_image, e) < 0)
		return -1;
	for (size_t i = 0; i < b->npackages; i++) {
		const struct hull_sbom_package *package = &b->packages[i];
		hull_autofree char *path = NULL;

		if (package->source < 0) {
			hull_log(ctx->progress, "warning: %s: the store has no record of its build",
				 package->nevra);
			continue;
		}
		path = hull_asprintf("%s/%s.provenance.json", o->all,
				     hull_basename(package->locked->location));
		j = hull_provenance_package(b, i, p, e);
		if (!j || put(j, o, path, e) < 0)
			return -1;
	}
	return 0;
}

static int put_provenance(struct hull_context *ctx, struct hull_sbom *b,
			  const struct sbom_options *o, struct hull_err *e)
{
	const struct hull_provenance_options p = {.store = o->no_records ? NULL : &ctx->store,
						  .builder = o->builder,
						  .config = o->config};
	size_t package = 0;
	json_t *j;

	if (o->all)
		return put_all(ctx, b, o, &p, e);
	if (o->package && find_package(b, o->package, &package, e) < 0)
		return -1;
	j = o->package ? hull_provenance_package(b, package, &p, e)
		       : hull_provenance_image(b, &p, e);
	return j ? put(j, o, o->output, e) : -1;
}

static int tell(struct hull_context *ctx, struct hull_sbom *b, const struct sbom_options *o,
		struct hull_err *e)
{
	for (size_t i = 0; i < b->warnings.n; i++)
		hull_log(ctx->progress, "warning: %s: %s", b->system->path, b->warnings.v[i]);
	if (!strcmp(o->format, "provenance"))
		return put_provenance(ctx, b, o, e);
	return put(find_writer(o->format)(b), o, o->output, e);
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	struct sbom_options *o = opts;
	struct hull_sbom_options how = {
		.arch = ctx->arch, .files = o->files, .threads = hull_cores()};
	struct hull_system system;
	struct hull_sbom sbom;
	int r;

	if (!o->format)
		o->format = "spdx";
	if (check(o, args, e) < 0 || hull_source_date(&how.created, e) < 0)
		return -1;
	hull_context_look(ctx);
	how.store = o->no_records ? NULL : &ctx->store;
	how.creator = o->creator;
	if (hull_system_open(&ctx->store, args->v[0], HULL_SYSTEM_PACKAGES, &system, e) < 0)
		return -1;
	r = hull_sbom_init(&sbom, &system, &how, e);
	if (r == 0) {
		r = tell(ctx, &sbom, o, e);
		hull_sbom_fini(&sbom);
	}
	hull_system_fini(&system);
	return r;
}

const struct hull_command hull_cmd_sbom = {
	.name = "sbom",
	.args = "IMAGE",
	.summary = "what an image is made of: SPDX, CycloneDX, provenance",
	.description =
		"Reads an image (or an archive of one) and lists its packages with licenses, package "
		"URLs, CPE names, checksums and the reason of each, who requires whom, and the Go "
		"modules in programs. Where the store has the records of the builds, it adds the "
		"source packages, their tarballs and libraries with addresses and digests, and their "
		"patches. The same image and the same records give the same bytes.\n\n"
		"Provenance is an in-toto statement with SLSA's predicate: everything that went into "
		"the image, or, with --package, into a package. --sign wraps it into a DSSE envelope "
		"(Ed25519, ECDSA or RSA-PSS).\n\n"
		"The time in a document is $SOURCE_DATE_EPOCH, else that of the newest package.",
	.examples = "$ hull sbom out/image/container-host.vhdx > container-host.spdx.json\n"
		    "$ hull sbom --format cyclonedx --files -o bom.json container-host.vhdx\n"
		    "$ hull sbom --format provenance --package containerd container-host.vhdx\n"
		    "$ hull sbom --format provenance --all provenance --sign key.pem "
		    "container-host.vhdx",
	.options = options,
	.options_size = sizeof(struct sbom_options),
	.run = run,
};
