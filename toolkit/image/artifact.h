// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "disk/layout.h"
#include "tree/tree.h"

struct hull_artifact_request {
	const struct hull_image_config *config;
	const char *arch;
	const struct hull_layout *layout; /* NULL when the image has no disk */
	const struct hull_tree *tree;
	struct hull_guid disk;
	int64_t time;
	const char *directory; /* where artifacts go */
	int threads;	       /* so many are written at once */
};

/* "container-host.vhdx.zst"; the caller frees. */
char *hull_artifact_file(const struct hull_artifact *a);

/* Writes all artifacts of the configuration, each by rename; none, unless every file of the tree has the
 * SHA-256 that it has to have (hull_content_check), which all threads look at meanwhile. */
HULL_CHECKED int hull_artifacts_write(const struct hull_artifact_request *r, struct hull_err *e);
