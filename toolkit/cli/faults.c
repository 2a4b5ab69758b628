// SPDX-License-Identifier: MIT
#include "cli/faults.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "text/json.h"

void hull_faults_add(struct hull_context *ctx, const char *spec, const char *path, const char *why,
		     const char *text, bool named)
{
	struct hull_faults *f = &ctx->faults;

	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	f->v[f->n++] = (struct hull_fault){.spec = hull_strdup(spec),
					   .path = hull_strdup(path),
					   .why = why,
					   .text = hull_strdup(text),
					   .named = named};
	f->named += named;
}

static int write_file(const struct hull_context *ctx, struct hull_err *e)
{
	const struct hull_faults *f = &ctx->faults;
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < f->n; i++)
		hull_buf_addf(&text, "%s\n", f->v[i].text);
	if (hull_file_write(AT_FDCWD, ctx->left_out_path, text.p ? text.p : "", text.n, 0644, e) <
	    0)
		return hull_wrap(e, "--left-out: ");
	return 0;
}

/* Where something was named, the others matter less. */
static void tell_some(const struct hull_context *ctx)
{
	const struct hull_faults *f = &ctx->faults;
	size_t left = f->n - f->named, shown = 0;
	size_t most = ctx->verbose ? left : f->asked ? 0 : HULL_FAULTS_SHOWN;

	if (!left)
		return;
	hull_log(ctx->progress, "warning: %zu %s left out%s", left,
		 left == 1 ? "spec is" : "specs are",
		 most ? ":" : "; --left-out FILE or --json tells of them");
	for (size_t i = 0; i < f->n && shown < most; i++) {
		if (f->v[i].named)
			continue;
		hull_log(ctx->progress, "%-s", f->v[i].text);
		shown++;
	}
	if (most && shown < left)
		hull_log(ctx->progress, "... and %zu more: --left-out FILE or --json tells of them",
			 left - shown);
}

int hull_faults_tell(struct hull_context *ctx, struct hull_err *e)
{
	const struct hull_faults *f = &ctx->faults;

	tell_some(ctx);
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].named)
			hull_log_error(ctx->progress, "%-s", f->v[i].text);
	return ctx->left_out_path ? write_file(ctx, e) : 0;
}

static json_t *lines_json(const char *text)
{
	json_t *lines = json_array();

	while (*text) {
		size_t n = strcspn(text, "\n");
		hull_autofree char *line = hull_strndup(text, n);

		json_array_append_new(lines, hull_json_clean(line));
		text += n + (text[n] == '\n');
	}
	return lines;
}

json_t *hull_faults_json(const struct hull_context *ctx)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ctx->faults.n; i++) {
		const struct hull_fault *f = &ctx->faults.v[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:o}", "spec",
						      hull_json_clean(f->spec), "path",
						      hull_json_clean(f->path), "why", f->why,
						      "messages", lines_json(f->text)));
	}
	return list;
}

int hull_faults_end(const struct hull_context *ctx, struct hull_err *e)
{
	size_t n = ctx->faults.named;

	if (!n)
		return 0;
	return hull_fail(e, HULL_FAILED, "%zu %s named, or needed by one that was, %s left out", n,
			 n == 1 ? "spec that was" : "specs that were", n == 1 ? "is" : "are");
}

void hull_faults_fini(struct hull_context *ctx)
{
	for (size_t i = 0; i < ctx->faults.n; i++) {
		free(ctx->faults.v[i].spec);
		free(ctx->faults.v[i].path);
		free(ctx->faults.v[i].text);
	}
	free(ctx->faults.v);
	ctx->faults = (struct hull_faults){0};
}
