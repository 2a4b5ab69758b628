// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * Signatures in a tar archive (POSIX.1-2001 pax): plain files with mode 0644, of user and group 0, from
 * the beginning of time, in the order in which they are added. The same signatures are the same bytes.
 */
struct hull_signature_tar {
	struct archive *archive;
	struct archive_entry *entry;
};

/* Appends to *out, which has to outlive it. */
HULL_CHECKED int hull_signature_tar_init(struct hull_signature_tar *t, struct hull_buf *out,
					 struct hull_err *e);
HULL_CHECKED int hull_signature_tar_add(struct hull_signature_tar *t, const char *name,
					const struct hull_buf *content, struct hull_err *e);
HULL_CHECKED int hull_signature_tar_end(struct hull_signature_tar *t, struct hull_err *e);
void hull_signature_tar_fini(struct hull_signature_tar *t);
