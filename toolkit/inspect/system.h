// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "disk/disk.h"
#include "ext4/ext4read.h"
#include "partition/gptread.h"
#include "readfs/readfs.h"
#include "rpm/package.h"
#include "store/store.h"
#include "tree/tree.h"

/*
 * The room inspect/: an image that somebody made, Hull or others, opened to look inside:
 * imagefile.h reads the file system (volume.h, esp.h, archive.h) and who owns what (ownership.h);
 * on that stand what the image writer made (made.h), digests.h and inventory.h.
 */

/*
 * The system in an image file, as every command that looks into images sees it: its file tree with
 * the packages that own the files. Any GPT disk with an rpm database on an ext4, XFS, squashfs or
 * EROFS root works, whoever made it; so do such a file system alone, a tar archive, and images of
 * containers.
 */
struct hull_system {
	struct hull_arena arena;
	const char *path;
	const char *file;	/* what has the bytes: path, or the index of an OCI directory */
	struct hull_disk *disk; /* NULL for an archive */
	struct hull_gpt table;
	struct hull_ext4 *file_systems[16]; /* that the tree refers to */
	size_t nfile_systems;
	struct hull_readfs *other_systems[16]; /* of other kinds */
	size_t nother_systems;
	int archive_fd; /* content of an archive's files, or -1 */

	struct hull_tree
		tree; /* root, with further ext4 partitions where fstab or their type put them */
	struct hull_tree esp; /* the EFI system partition, its root as the root; content in memory
				 of the arena for files up to 64 MiB */
	bool has_esp;

	struct hull_package
		*packages; /* of the rpm database, in order of name, EVR, architecture */
	size_t npackages;
	bool has_packages;
	/* A node's `owner` is the index of the package whose header lists it, or -1. */

	struct hull_lock lock; /* the lock file in the image, with its reasons */
	bool has_lock;
	const char *command_line;   /* of the unified kernel image, or NULL */
	const char *kernel_version; /* or NULL */
	const char *os_id, *os_version,
		*os_name;		 /* os-release: ID, VERSION_ID, PRETTY_NAME or NULL */
	const char *os_vendor, *os_home; /* VENDOR_NAME or NAME, and its URL or HOME_URL; or NULL */
	const char *note;		 /* what is odd though the image could be read, or NULL */
};

void hull_system_fini(struct hull_system *s);

/* Adds to s->note. */
void hull_system_note(struct hull_system *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
