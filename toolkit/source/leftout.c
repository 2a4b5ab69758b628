// SPDX-License-Identifier: MIT
#include "source/leftout.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "source/debianarchive.h"
#include "source/fetch.h"
#include "source/pins.h"
#include "store/storepath.h"
#include "text/json.h"

void hull_left_outs_fini(struct hull_left_outs *l)
{
	for (size_t i = 0; i < l->n; i++)
		hull_strv_fini(&l->v[i].patches);
	free(l->v);
	*l = (struct hull_left_outs){0};
}

static bool is_taken(const struct hull_spec *spec, const struct hull_spec_source *archive,
		     const char *patch)
{
	for (size_t i = 0; i < spec->ntaken; i++)
		if (spec->taken[i].source == archive->number && !strcmp(spec->taken[i].name, patch))
			return true;
	return false;
}

static int read_archive(const struct hull_store *s, const struct hull_spec *spec,
			const struct hull_spec_source *source, const char *digest,
			struct hull_left_outs *out, struct hull_err *e)
{
	struct hull_left_out left = {.spec = spec->name, .archive = source->file};
	struct hull_debian_archive archive = {0};
	hull_autofd int fd = hull_open(s->fd, hull_store_path(HULL_STORE_SOURCE, digest).path, e);
	int r = fd < 0 ? -1 : hull_debian_archive_read(&archive, fd, source->file, e);

	left.series = archive.series.n;
	for (size_t i = 0; r == 0 && i < archive.series.n; i++)
		if (!is_taken(spec, source, archive.series.v[i]))
			hull_strv_add(&left.patches, archive.series.v[i]);
	if (left.patches.n) {
		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		out->v[out->n++] = left;
	}
	hull_debian_archive_fini(&archive);
	return r;
}

static int look_at(const struct hull_store *s, const struct hull_source_options *o,
		   const struct hull_spec *spec, const struct hull_spec_source *source,
		   const char *pin, struct hull_left_outs *out, struct hull_progress *progress,
		   struct hull_err *e)
{
	hull_autofree char *dir =
		hull_asprintf("%s/%s", spec->dir, source->below ? source->below : "");
	struct hull_source_want want = {
		.url = source->url,
		.file = source->file,
		.sha256 = pin,
		.where = spec->path,
		.dir = dir,
	};
	int r = hull_source_fetch(s, o, &want, 1, progress, e);

	if (r == 0)
		r = read_archive(s, spec, source, want.digest, out, e);
	hull_source_want_fini(&want);
	return r;
}

int hull_source_left_out(const struct hull_store *s, const struct hull_source_options *o,
			 const struct hull_spec *const *specs, size_t n, struct hull_left_outs *out,
			 struct hull_progress *progress, struct hull_err *e)
{
	for (size_t i = 0; i < n; i++) {
		/* Read again: they may have been written since the spec was. */
		hull_autojson json_t *pins = NULL;

		for (size_t k = 0; k < specs[i]->nsources; k++) {
			const struct hull_spec_source *source = &specs[i]->sources[k];
			struct hull_err why;

			if (source->patch || !hull_debian_archive_is(source->file))
				continue;
			if (hull_interrupted())
				return hull_fail(e, HULL_INTERRUPTED, "interrupted");
			if ((!pins && !(pins = hull_pins_read(specs[i], &why))) ||
			    look_at(s, o, specs[i], source, hull_json_optional(pins, source->file),
				    out, progress, &why) < 0)
				hull_log(progress, "%s: its patches are not known: %s",
					 source->file, why.msg);
		}
	}
	return 0;
}
