// SPDX-License-Identifier: MIT
#pragma once

#include "diff/compare.h"

/* The parts of hull_compare; each appends to `out`. */
void hull_compare_packages(const struct hull_side *old, const struct hull_side *new,
			   struct hull_comparison *out);
int hull_compare_files(const struct hull_side *old, const struct hull_side *new,
		       const struct hull_compare_options *o, struct hull_comparison *out,
		       struct hull_err *e);
int hull_compare_units(const struct hull_side *old, const struct hull_side *new,
		       struct hull_comparison *out, struct hull_err *e);
int hull_compare_settings(const struct hull_side *old, const struct hull_side *new,
			  struct hull_comparison *out, struct hull_err *e);

/* Appends a setting; strings are copied. */
void hull_setting_add(struct hull_setting_differences *d, struct hull_arena *a, const char *name,
		      const char *old, const char *new);
