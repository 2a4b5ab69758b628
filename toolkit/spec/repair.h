// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * What rpm refuses to parse in the text of a spec, or makes something else of, though what is meant is
 * plain: lines that end in CR LF, a byte order mark, in the preamble macros in comments, and in %changelog months and weekdays in other
 * words, another order of the words of a date, entries that are not newest first, and dates that
 * are none (such an entry gets that of its neighbour).
 *
 * Whether there is any. `out` has the text then that is parsed and built in its place, with lines of
 * the same numbers up to %changelog, and `warnings`, if it is not NULL, a line "<file>:<line>: ..." for
 * each kind.
 */
bool hull_spec_repair(const char *file, const char *text, struct hull_buf *out,
		      struct hull_strv *warnings);

/* The text of the spec at `path` as it is parsed and built. -1 with e set if it cannot be read. */
HULL_CHECKED int hull_spec_text(const char *path, struct hull_buf *out, struct hull_err *e);
