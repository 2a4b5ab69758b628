// SPDX-License-Identifier: MIT
#include "image/artifact.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/workers.h"
#include "disk/container.h"
#include "image/tar.h"

static const char *const type_suffixes[] = {
	[HULL_ARTIFACT_RAW] = "raw",	     [HULL_ARTIFACT_VHD] = "vhd",
	[HULL_ARTIFACT_VHD_DYNAMIC] = "vhd", [HULL_ARTIFACT_VHDX] = "vhdx",
	[HULL_ARTIFACT_QCOW2] = "qcow2",     [HULL_ARTIFACT_TAR] = "tar",
	[HULL_ARTIFACT_OCI] = "oci.tar",
};

static const char *const compression_suffixes[] = {
	[HULL_COMPRESS_NONE] = "",
	[HULL_COMPRESS_ZSTD] = ".zst",
	[HULL_COMPRESS_GZIP] = ".gz",
	[HULL_COMPRESS_XZ] = ".xz",
};

char *hull_artifact_file(const struct hull_artifact *a)
{
	return hull_asprintf("%s.%s%s", a->name, type_suffixes[a->type],
			     compression_suffixes[a->compression]);
}

static int write_content(const struct hull_artifact_request *r, const struct hull_artifact *a,
			 struct hull_sink *sink, struct hull_err *e)
{
	struct hull_container c = {.id = r->disk, .time = r->time};
	hull_autofree char *reference = NULL;

	switch (a->type) {
	case HULL_ARTIFACT_RAW:
		return hull_raw_write(r->layout, sink, e);
	case HULL_ARTIFACT_VHD:
		return hull_vhd_write_fixed(r->layout, &c, sink, e);
	case HULL_ARTIFACT_VHD_DYNAMIC:
		return hull_vhd_write_dynamic(r->layout, &c, sink, e);
	case HULL_ARTIFACT_VHDX:
		return hull_vhdx_write(r->layout, &c, sink, e);
	case HULL_ARTIFACT_QCOW2:
		return hull_qcow2_write(r->layout, sink, e);
	case HULL_ARTIFACT_TAR:
		return hull_tar_write(r->tree, sink, e);
	case HULL_ARTIFACT_OCI:
		reference = hull_asprintf("hull/%s:latest", a->name);
		return hull_oci_write(r->tree, r->config, r->arch, reference, r->time, sink, e);
	}
	return hull_fail(e, HULL_FAILED, "artifact %s: unknown type", a->name);
}

struct artifacts {
	const struct hull_artifact_request *r;
	struct hull_sink **sinks; /* by artifact, open until all of them may have their names */
};

static int write_artifact(const struct artifacts *w, size_t i, struct hull_err *e)
{
	const struct hull_artifact *a = &w->r->config->artifacts[i];
	hull_autofree char *file = hull_artifact_file(a);
	hull_autofree char *path = hull_asprintf("%s/%s", w->r->directory, file);

	w->sinks[i] = hull_sink_new(AT_FDCWD, path, a->compression, e);
	if (!w->sinks[i] || write_content(w->r, a, w->sinks[i], e) < 0 ||
	    hull_sink_settle(w->sinks[i], e) < 0)
		return hull_wrap(e, "%s: ", file);
	return 0;
}

/* Each file once, whatever the number of its names and of the artifacts that it goes into. */
static int check_node(const struct hull_tree *t, size_t node, struct hull_err *e)
{
	const struct hull_node *n = &t->v[node];

	return n->inode == (int)node && S_ISREG(n->mode) ? hull_content_check(&n->content, e) : 0;
}

/* First the artifacts, which take longest; the other threads hash what goes into them: the same pages,
 * while they are in memory, and while the artifacts' threads wait for the disk. */
static int write_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct artifacts *w = ctx;
	size_t n = w->r->config->nartifacts;

	(void)thread;
	return i < n ? write_artifact(w, i, e) : check_node(w->r->tree, i - n, e);
}

static int finish_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct artifacts *w = ctx;
	hull_autofree char *file = hull_artifact_file(&w->r->config->artifacts[i]);

	(void)thread;
	return hull_sink_finish(w->sinks[i], e) < 0 ? hull_wrap(e, "%s: ", file) : 0;
}

int hull_artifacts_write(const struct hull_artifact_request *r, struct hull_err *e)
{
	size_t n = r->config->nartifacts;
	struct artifacts w = {r, hull_alloc_array(n + 1, sizeof *w.sinks)};
	size_t threads = r->threads < 1 ? (size_t)hull_cores() : (size_t)r->threads;
	size_t waiting =
		n < threads ? n : 0; /* for the disk; more artifacts at once take more memory */
	int result = hull_workers_run((int)(threads + waiting), n + r->tree->n, write_next, &w, e);

	if (result == 0)
		result = hull_workers_run((int)threads, n, finish_next, &w, e);
	for (size_t i = 0; i < n; i++)
		hull_sinkp(&w.sinks[i]);
	free(w.sinks);
	return result;
}
