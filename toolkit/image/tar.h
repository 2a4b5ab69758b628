// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "config/config.h"
#include "disk/sink.h"
#include "tree/tree.h"

/* The tree as a tar archive (pax, by libarchive): numeric owners, xattrs as SCHILY.xattr, hard
 * links, devices; in order of the tree. */
HULL_CHECKED int hull_tar_write(const struct hull_tree *t, struct hull_sink *out,
				struct hull_err *e);

/* The same, its bytes given to a function. */
typedef int (*hull_tar_writer)(void *context, const void *p, size_t n, struct hull_err *e);
HULL_CHECKED int hull_tar_stream(const struct hull_tree *t, hull_tar_writer write, void *context,
				 struct hull_err *e);

/*
 * (oci.c) An OCI image layout (image-spec 1.1) with one layer, as a tar archive that `ctr images import`
 * and `skopeo copy oci-archive:` read. `reference` is its name ("hull/container-host:1").
 */
HULL_CHECKED int hull_oci_write(const struct hull_tree *t, const struct hull_image_config *c,
				const char *arch, const char *reference, int64_t time,
				struct hull_sink *out, struct hull_err *e);
