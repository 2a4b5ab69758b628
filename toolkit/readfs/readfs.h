// SPDX-License-Identifier: MIT
#pragma once

#include "disk/disk.h"
#include "text/guid.h"
#include "tree/tree.h"

/*
 * The room readfs/: file systems that Hull reads and does not write (driver.h). They may be hostile: what is inconsistent is an
 * error that names the file system, the inode and the cause; work and memory are bounded by what is
 * stored, by numbers of files and depths, and by HULL_HOLES. A journal is not replayed.
 */
struct hull_readfs;

/* Whether what hull_disk_detect calls so is read here. */
bool hull_readfs_knows(const char *content);

/* The file system of that kind at an offset of the disk, which has to outlive it. */
HULL_CHECKED struct hull_readfs *hull_readfs_open(struct hull_disk *d, const char *content,
						  uint64_t offset_bytes, uint64_t length_bytes,
						  struct hull_err *e);
void hull_readfs_free(struct hull_readfs *f); /* NULL is fine */

/* Puts all of it below node `top` of a tree. Content of files stays a reference to this file system
 * (hull_content.source), which has to outlive the tree; several threads may read it. */
HULL_CHECKED int hull_readfs_read_tree(struct hull_readfs *f, struct hull_tree *t, int top,
				       struct hull_err *e);

const char *hull_readfs_label(const struct hull_readfs *f);	/* "" if it has none */
struct hull_guid hull_readfs_uuid(const struct hull_readfs *f); /* zero if it has none */
/* What is in it and not seen, or NULL. */
const char *hull_readfs_note(const struct hull_readfs *f);
