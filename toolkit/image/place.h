// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "text/guid.h"

/*
 * Where the partitions of an image lie and what they are called. Ids do not depend on sizes: they
 * are derived from the seed (what the image is made of) and the partition's ID.
 */
struct hull_place {
	const struct hull_partition *config; /* of a verity partition: its data partition */
	const char *label;		     /* name in the partition table */
	struct hull_guid type, id, fs_uuid;
	bool hashes; /* the dm-verity tree of the place before it */
	uint64_t offset_bytes, size_bytes;
};

struct hull_places {
	struct hull_arena arena;
	struct hull_place *v;
	size_t n;
	struct hull_guid disk;
	uint64_t disk_bytes;
};

/* The places without offsets; sizes are set where the configuration has them, 0 elsewhere. */
HULL_CHECKED int hull_places_init(const struct hull_image_config *c, const char *arch,
				  const char *seed, struct hull_places *out, struct hull_err *e);

/* Computes offsets, the partition that takes the rest, and the size of the disk, once every other
 * size is known. Errors name the partition and the sizes. */
HULL_CHECKED int hull_places_lay(const struct hull_image_config *c, struct hull_places *p,
				 struct hull_err *e);

/* Whether it is an ESP that has more than its End gives it, since its files need that. */
bool hull_place_grew(const struct hull_place *p);

void hull_places_fini(struct hull_places *p);

/* The place mounted at `mount`, or NULL. */
struct hull_place *hull_places_mounted(struct hull_places *p, const char *mount);

/* The lines of /etc/fstab for mounted partitions. */
void hull_places_fstab(const struct hull_places *p, struct hull_buf *out);
