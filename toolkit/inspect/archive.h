// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* Archives as images, and container images, whose layers are archives (layers.c): for imagefile.c. */

/* What is read of one image, of all layers together. */
struct hull_archive_budget {
	uint64_t most, kept, claimed; /* bytes of content: the limit, what came, what sizes say */
	uint8_t *touched;	      /* by node: the layer that had it last; the caller frees */
	size_t ntouched, cap;
};

/* Whether a file is a tar archive, compressed or not; -1 if it cannot be read. */
HULL_CHECKED int hull_archive_is(const char *path, struct hull_err *e);

/* Reads one, or the layers of a container image in one, into s->tree, contents into a file without a
 * name in a directory. */
HULL_CHECKED int hull_archive_read(struct hull_system *s, int temp_dirfd, struct hull_err *e);

/* Adds the files of an archive, a file of another tree or (NULL) s->path, to s->tree; contents go to
 * s->archive_fd. Layers count from 1: what they name as gone is taken away. */
HULL_CHECKED int hull_archive_take(struct hull_system *s, struct hull_archive_budget *b,
				   const char *name, const struct hull_node *from, int layer,
				   struct hull_err *e);

/* (layers.c) Whether a directory is an OCI image layout. */
bool hull_layers_in_directory(const char *path);

/* (layers.c) Reads one into s->tree. */
HULL_CHECKED int hull_layers_read_directory(struct hull_system *s, int temp_dirfd,
					    struct hull_err *e);

/* (layers.c) Whether the files of an archive are an OCI image layout, or what "docker save" writes. */
bool hull_layers_are(const struct hull_tree *files);

/* (layers.c) Reads the layers of such an image, which has so many bytes, into s->tree. */
HULL_CHECKED int hull_layers_read(struct hull_system *s, const struct hull_tree *files,
				  uint64_t image_bytes, struct hull_err *e);
