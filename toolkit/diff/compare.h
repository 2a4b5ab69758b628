// SPDX-License-Identifier: MIT
#pragma once

#include "diff/compare_subjects.h"
#include "diff/comparison.h"
#include "text/json.h"

/*
 * The room diff/: two images, or their lock files, side by side. comparison.h is what was found;
 * what is told of it is written by compare_text.c, compare_markdown.c and compare_json.c, with what
 * they share in compare_line.h.
 */

/* Two images side by side. */

/* Everything in a settled order. Strings may point into the sides, which have to outlive it. */
HULL_CHECKED int hull_compare(const struct hull_side *old, const struct hull_side *now,
			      const struct hull_compare_options *o, struct hull_comparison *out,
			      struct hull_err *e);

/* What is told of a comparison: text for a person, Markdown for a pull request, JSON. `files` lists
 * every file where they are otherwise counted; JSON always has them all. */
void hull_compare_text(const struct hull_comparison *c, bool files, struct hull_buf *out);
void hull_compare_markdown(const struct hull_comparison *c, bool files, struct hull_buf *out);
json_t *hull_compare_to_json(const struct hull_comparison *c);
