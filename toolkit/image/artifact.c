// SPDX-License-Identifier: MIT
#include "image/artifact.h"

#include <fcntl.h>

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

static int write_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct hull_artifact_request *r = ctx;

	(void)thread;
	return write_artifact(r, &r->config->artifacts[i], e);
}

int hull_artifacts_write(const struct hull_artifact_request *r, struct hull_err *e)
{
	return hull_workers_run(r->threads, r->config->nartifacts, write_next, (void *)r, e);
}
