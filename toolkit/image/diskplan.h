// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "disk/layout.h"
#include "image/place.h"
#include "tree/tree.h"

struct hull_disk_request {
	const struct hull_image_config *config;
	const char *arch;
	const char *seed; /* what the image is made of, for its ids */
	int64_t time;
	int threads;
};

/*
 * The disk of an image: where everything lies. The layout refers to `tree`, to which /etc/fstab and
 * directories to mount on are added here; it is sealed.
 */
struct hull_disk_plan {
	struct hull_places places;
	struct hull_layout layout;
	char *command_line;	  /* of the kernel, NULL without an ESP */
	char root_hash[HULL_HEX]; /* of dm-verity, or "" */
	uint64_t kernel_bytes;	  /* of the unified kernel image */
};

HULL_CHECKED int hull_disk_plan(const struct hull_disk_request *r, struct hull_tree *tree,
				struct hull_disk_plan *out, struct hull_err *e);
void hull_disk_plan_fini(struct hull_disk_plan *p);
