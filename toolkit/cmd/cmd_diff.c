// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/print.h"
#include "diff/compare.h"
#include "inspect/imagefile.h"

struct diff_options {
	bool files, markdown, exit_code, thorough;
	struct hull_strv kernel_configs;
};

#define AT(member) offsetof(struct diff_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "files", 0, AT(files), NULL,
	 "list every file that differs instead of counting them"},
	{HULL_OPT_FLAG, "markdown", 0, AT(markdown), NULL,
	 "write Markdown, such as for a comment on a pull request"},
	{HULL_OPT_LIST, "kernel-config", 0, AT(kernel_configs), "FILE",
	 "the .config of a kernel instead of the one in the image; given twice, for A and for B"},
	{HULL_OPT_FLAG, "thorough", 0, AT(thorough), NULL,
	 "hash every file instead of trusting the digests in the package headers"},
	{HULL_OPT_FLAG, "exit-code", 0, AT(exit_code), NULL,
	 "exit with 3 if there are differences"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void finish(void *o)
{
	hull_strv_fini(&((struct diff_options *)o)->kernel_configs);
}

/* What a side is read into. */
struct opened {
	struct hull_system system;
	struct hull_lock lock;
	bool has_system, has_lock;
};

static int open_side(struct hull_context *ctx, const char *path, struct opened *o,
		     struct hull_side *out, struct hull_err *e)
{
	struct stat st;

	*out = (struct hull_side){.path = path};
	if (hull_ends(path, ".json")) {
		hull_autofree char *lock = hull_lock_path(path);

		if (!hull_exists(AT_FDCWD, lock))
			return hull_fail(e, HULL_FAILED, "there is no %s: run 'hull resolve' first",
					 lock);
		if (hull_lock_read(lock, &o->lock, e) < 0)
			return -1;
		o->has_lock = true;
		out->lock = &o->lock;
		return 0;
	}
	if (hull_system_open(&ctx->store, path, HULL_SYSTEM_PACKAGES, &o->system, e) < 0)
		return -1;
	o->has_system = true;
	if (o->system.note)
		hull_log_error(ctx->progress, "%s: %s", path, o->system.note);
	out->system = &o->system;
	out->lock = o->system.has_lock ? &o->system.lock : NULL;
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		out->file_bytes = (uint64_t)st.st_size;
	return 0;
}

static void close_side(struct opened *o)
{
	if (o->has_system)
		hull_system_fini(&o->system);
	if (o->has_lock)
		hull_lock_fini(&o->lock);
}

static void print(const struct hull_context *ctx, const struct diff_options *o,
		  const struct hull_comparison *c)
{
	hull_autobuf struct hull_buf text = {0};

	if (ctx->json) {
		hull_autojson json_t *j = hull_compare_to_json(c);

		hull_print_document(j, 1);
		return;
	}
	if (o->markdown)
		hull_compare_markdown(c, o->files, &text);
	else
		hull_compare_text(c, o->files, &text);
	hull_print("%-s", text.p);
}

static int compare(struct hull_context *ctx, const struct diff_options *o,
		   struct hull_side sides[2], struct hull_err *e)
{
	struct hull_compare_options options_of = {.thorough = o->thorough, .threads = hull_cores()};
	struct hull_comparison c;
	int r;

	for (size_t i = 0; i < o->kernel_configs.n; i++)
		sides[i].kernel_config = o->kernel_configs.v[i];
	if (hull_compare(&sides[0], &sides[1], &options_of, &c, e) < 0)
		return -1;
	print(ctx, o, &c);
	r = o->exit_code && !hull_comparison_is_empty(&c) ? HULL_FINDINGS : 0;
	hull_comparison_fini(&c);
	return r;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct diff_options *o = opts;
	struct opened opened[2] = {0};
	struct hull_side sides[2];
	int r = 0;

	if (args->n != 2)
		return hull_fail(e, HULL_USAGE, "hull diff A B: name two images or lock files");
	if (o->kernel_configs.n != 0 && o->kernel_configs.n != 2)
		return hull_fail(e, HULL_USAGE, "--kernel-config: give it twice, for A and for B");
	if (o->markdown && ctx->json)
		return hull_fail(e, HULL_USAGE, "--markdown and --json exclude each other");
	hull_context_look(ctx);
	for (int i = 0; i < 2 && r == 0; i++)
		r = open_side(ctx, args->v[i], &opened[i], &sides[i], e);
	if (r == 0)
		r = compare(ctx, o, sides, e);
	close_side(&opened[0]);
	close_side(&opened[1]);
	return r;
}

const struct hull_command hull_cmd_diff = {
	.name = "diff",
	.args = "A B",
	.summary = "two images side by side: packages, files, privileges, settings, sizes",
	.description =
		"Compares two images, two lock files (or configurations that have one), or an image "
		"with a lock file. Of packages it tells what was added, removed, changed or only built "
		"again, with the changelog entries between the versions and the CVE ids in them. Of "
		"images also: files by content, mode, owner, link target and capabilities; units that "
		"are enabled, disabled or masked; presets; options of the kernel; its command line; "
		"os-release; partitions.\n\n"
		"The images may come from anybody: a disk (raw, VHD, VHDX, qcow2, also in zstd, gzip "
		"or xz) with an ext4, XFS, squashfs or EROFS root, a tar archive, an image of a "
		"container; with an rpm database. Content is read only where sizes and the digests of the packages leave open "
		"whether it differs; --thorough hashes everything.",
	.examples = "$ hull diff last/container-host.vhdx out/image/container-host.vhdx\n"
		    "$ hull diff --markdown --files a.raw b.raw\n"
		    "$ hull diff --exit-code a.lock.json b.lock.json",
	.options = options,
	.options_size = sizeof(struct diff_options),
	.finish = finish,
	.run = run,
};
