// SPDX-License-Identifier: MIT
#pragma once

#include "diff/comparison.h"

/* What the texts of a comparison have in common. */

void hull_line_bytes(int64_t bytes, bool sign, struct hull_buf *out); /* "+1.5 MB" */
void hull_line_date(int64_t time, struct hull_buf *out);	      /* "2026-11-02" */
char hull_line_sign(enum hull_difference d);
const char *hull_line_type(mode_t mode); /* "directory" */

/* What is different about a file, or what it is like if it came or went. */
void hull_line_file(const struct hull_file_difference *f, struct hull_buf *out);

/* "1 added, 2 changed" of the packages, or of the files. */
void hull_line_counts(const struct hull_comparison *c, bool files, struct hull_buf *out);

/* The CVE ids of all packages, each once, with the package that has it first; there is room for
 * hull_line_max_cves(). */
size_t hull_line_cves(const struct hull_comparison *c, const char **out_ids,
		      const char **out_packages);
size_t hull_line_max_cves(const struct hull_comparison *c);
