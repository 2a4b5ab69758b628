// SPDX-License-Identifier: MIT
#pragma once

#include "disk/layout.h"
#include "disk/sink.h"
#include "text/guid.h"

/*
 * What the containers of a disk have in common (qcow2.c, raw.c, vhd.c, vhdx.c): they are written
 * from a sealed layout, forward.
 */
struct hull_container {
	struct hull_guid id; /* identity of the disk; further ids are derived from it */
	int64_t time;	     /* seconds since 1970, for formats that have a time */
};

/* Whether `format` can hold the disk: some bytes, a multiple of `unit_bytes`, at most `max_bytes`.
 */
HULL_CHECKED int hull_container_check(const struct hull_layout *l, const char *format,
				      uint64_t unit_bytes, uint64_t max_bytes, struct hull_err *e);

/* Bytes of the disk, as they are; beyond its end they are zero. */
HULL_CHECKED int hull_container_copy(struct hull_layout_reader *r, uint64_t offset_bytes,
				     uint64_t length_bytes, struct hull_sink *out,
				     struct hull_err *e);

/* The disk as it is. */
HULL_CHECKED int hull_raw_write(const struct hull_layout *l, struct hull_sink *out,
				struct hull_err *e);

/* VHD ("Virtual Hard Disk Image Format Specification", 1.0): fixed, and dynamic with 2 MiB blocks.
 * The size of the layout has to be a whole MiB (Azure) and at most 2040 GiB. */
HULL_CHECKED int hull_vhd_write_fixed(const struct hull_layout *l, const struct hull_container *c,
				      struct hull_sink *out, struct hull_err *e);
HULL_CHECKED int hull_vhd_write_dynamic(const struct hull_layout *l, const struct hull_container *c,
					struct hull_sink *out, struct hull_err *e);

/* VHDX ([MS-VHDX]): dynamic, 2 MiB blocks, logical sectors of 512 and physical of 4096 bytes. */
HULL_CHECKED int hull_vhdx_write(const struct hull_layout *l, const struct hull_container *c,
				 struct hull_sink *out, struct hull_err *e);

/* qcow2 (version 3), clusters of 64 KiB. */
HULL_CHECKED int hull_qcow2_write(const struct hull_layout *l, struct hull_sink *out,
				  struct hull_err *e);
