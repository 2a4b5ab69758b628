// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Files. Paths are relative to `dirfd` (AT_FDCWD for the working directory). Every descriptor is
 * close-on-exec. Errors name the path as given.
 */

/*
 * Opens a regular file read-only; -1 with e set. Anything else is an error that says what it is, and
 * nothing is waited for: a path is somebody else's, and may lead to a FIFO or a device.
 */
HULL_CHECKED int hull_open(int dirfd, const char *path, struct hull_err *e);

#define HULL_TEXT_BYTES	   ((uint64_t)256 << 20) /* no text that tools write has more */
#define HULL_WRITTEN_BYTES ((uint64_t)16 << 20)	 /* nor one of people: specs, lists, keys */

/*
 * The whole file, NUL-terminated in *out (the caller owns it): a regular one, or a pipe that has no
 * name, as the shell's <(command) is. More bytes than `most_bytes` (HULL_TEXT_BYTES) are an error
 * that names size and limit.
 */
HULL_CHECKED int hull_file_read(int dirfd, const char *path, struct hull_buf *out,
				struct hull_err *e);
HULL_CHECKED int hull_file_read_most(int dirfd, const char *path, uint64_t most_bytes,
				     struct hull_buf *out, struct hull_err *e);

/* Everything up to the end of a descriptor, with the same limit. */
HULL_CHECKED int hull_fd_read(int fd, struct hull_buf *out, struct hull_err *e);
HULL_CHECKED int hull_fd_read_most(int fd, uint64_t most_bytes, struct hull_buf *out,
				   struct hull_err *e);
HULL_CHECKED int hull_fd_write(int fd, const void *p, size_t n, struct hull_err *e);

/* n bytes at an offset of a file. Reading returns how many there were, fewer than n only at the
 * end, writing 0; -1 with errno. */
ssize_t hull_fd_read_at(int fd, uint64_t offset_bytes, void *out, size_t n);
int hull_fd_write_at(int fd, uint64_t offset_bytes, const void *p, size_t n);

/* The first n bytes of a regular file into a pipe or another descriptor; fewer are an error. */
HULL_CHECKED int hull_fd_send(int file, uint64_t n, int out, struct hull_err *e);

/* All of a regular file into an empty one (reflink or copy_file_range where possible). */
HULL_CHECKED int hull_fd_copy(int in, int out, struct hull_err *e);

/* A file without a name in a directory, to write and read; -1 with e set. */
HULL_CHECKED int hull_open_unnamed(int dirfd, struct hull_err *e);

/*
 * How many bytes packed data may have when they are unpacked: 1 GiB and a hundred times what they
 * take. Honest ones have fewer, but for zeros, and those of a disk are not counted.
 */
uint64_t hull_unpacked_most(uint64_t packed_bytes);

/* Writes through a temporary file next to `path`, fsync and rename: readers see all or nothing. */
HULL_CHECKED int hull_file_write(int dirfd, const char *path, const void *p, size_t n, mode_t mode,
				 struct hull_err *e);

/* mkdir -p; existing directories are fine. */
HULL_CHECKED int hull_mkdirs(int dirfd, const char *path, mode_t mode, struct hull_err *e);

/* rm -rf, also of directories without write permission; a missing path is fine. */
HULL_CHECKED int hull_remove_tree(int dirfd, const char *path, struct hull_err *e);

/* Copies content and mode of a regular file (reflink or copy_file_range where possible). */
HULL_CHECKED int hull_file_copy(int from_dirfd, const char *from, int to_dirfd, const char *to,
				struct hull_err *e);

/* Names in a directory without "." and "..", sorted; a missing directory is an error. */
HULL_CHECKED int hull_dir_list(int dirfd, const char *path, struct hull_strv *out,
			       struct hull_err *e);

bool hull_exists(int dirfd, const char *path);

/* Absolute path without symlinks, "." and ".."; NULL with e set. The caller frees. */
HULL_CHECKED char *hull_realpath(const char *path, struct hull_err *e);

/* Bytes of the files below path (each inode once) and their number. */
HULL_CHECKED int hull_tree_size(int dirfd, const char *path, uint64_t *out_bytes,
				uint64_t *out_files, struct hull_err *e);
