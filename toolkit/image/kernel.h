// SPDX-License-Identifier: MIT
#pragma once

#include "image/place.h"
#include "tree/tree.h"

/* What the command line says about a root that dm-verity protects. */
struct hull_root_hash {
	const char *root_hex, *salt_hex; /* 64 digits each */
	uint64_t data_bytes;
};

/*
 * The kernel command line: how the root is found (by PARTUUID, or through dm-init when `hash` is
 * given), then the configuration's. The caller frees.
 */
char *hull_command_line(const struct hull_image_config *c, struct hull_places *p,
			const struct hull_root_hash *hash);

/*
 * The unified kernel image of a tree: its one kernel (/usr/lib/modules/<version>/vmlinuz), its EFI
 * stub (/usr/lib/systemd/boot/efi/linux*.efi.stub), its os-release. A kernel or stub that is
 * missing, or more than one, is an error that says which packages would bring them.
 */
HULL_CHECKED int hull_kernel_image(const struct hull_tree *t, const char *arch,
				   const char *command_line, struct hull_buf *out,
				   struct hull_err *e);
