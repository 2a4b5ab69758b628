// SPDX-License-Identifier: MIT
#include "image/artifact.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

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

static int write_artifact(const struct hull_artifact_request *r, const struct hull_artifact *a,
			  struct hull_err *e)
{
	hull_autofree char *file = hull_artifact_file(a);
	hull_autofree char *path = hull_asprintf("%s/%s", r->directory, file);
	hull_autosink struct hull_sink *sink = hull_sink_new(AT_FDCWD, path, a->compression, e);

	if (!sink || write_content(r, a, sink, e) < 0 || hull_sink_finish(sink, e) < 0)
		return hull_wrap(e, "%s: ", file);
	return 0;
}

struct writers {
	const struct hull_artifact_request *r;
	atomic_size_t next;
	struct hull_err *errors; /* one an artifact */
	bool *failed;
};

static void *write_next(void *arg)
{
	struct writers *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->r->config->nartifacts)
		w->failed[i] = write_artifact(w->r, &w->r->config->artifacts[i], &w->errors[i]) < 0;
	return NULL;
}

int hull_artifacts_write(const struct hull_artifact_request *r, struct hull_err *e)
{
	size_t n = r->config->nartifacts, threads = 0;
	hull_autofree struct hull_err *errors = hull_alloc((n + 1) * sizeof *errors);
	hull_autofree bool *failed = hull_alloc(n + 1);
	hull_autofree pthread_t *ids = hull_alloc((n + 1) * sizeof *ids);
	struct writers w = {.r = r, .errors = errors, .failed = failed};

	/* this thread is one of them */
	while (threads + 1 < n && threads + 1 < (size_t)r->threads &&
	       pthread_create(&ids[threads], NULL, write_next, &w) == 0)
		threads++;
	write_next(&w);
	for (size_t i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	for (size_t i = 0; i < n; i++)
		if (failed[i]) {
			*e = errors[i];
			return -1;
		}
	return 0;
}
