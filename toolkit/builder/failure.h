// SPDX-License-Identifier: MIT
#pragma once

#include "builder/workspace.h"

/* The end of a log, 64 KiB at most, however long it is. */
HULL_CHECKED int hull_failure_log(int dirfd, const char *path, struct hull_buf *out,
				  struct hull_err *e);

/* The last lines of a log, each behind a bar, so that they cannot be taken for hull's own words, and
 * cut where it is too long to be read. */
void hull_failure_quote(const char *log, struct hull_buf *out);

/*
 * The text that a person gets for a failed build: the error, the last lines of the log, a hint when
 * the log shows a well-known cause, the path of the log, and what cannot be built because of it
 * (NULL: nothing). The log is of a kind, HULL_STORE_LOG or HULL_STORE_CHECK_LOG.
 */
void hull_failure_describe(const struct hull_store *s, const struct hull_spec_node *node,
			   enum hull_store_kind log_kind, const char *error,
			   const struct hull_strv *blocked, struct hull_buf *out);
