// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* The .config of a kernel. */
struct hull_kernel_symbol {
	const char *name, *value; /* without "CONFIG_"; "y", "m", a number, a text in quotes */
};

struct hull_kernel_config {
	struct hull_arena arena;
	struct hull_kernel_symbol *v; /* in order of name */
	size_t n, cap;
	const char *version; /* "6.12.107", "" if the file does not say */
};

/* An error if there is not a single setting in the text. */
HULL_CHECKED int hull_kernel_config_init(const char *text, size_t n, struct hull_kernel_config *out,
					 struct hull_err *e);
void hull_kernel_config_fini(struct hull_kernel_config *k);

const char *hull_kernel_config_value(const struct hull_kernel_config *k,
				     const char *symbol); /* "n": off */

/*
 * Whether an expression of kernel/hardening.checks is true: terms SYMBOL=value joined by "&", which
 * binds closer, and "|"; "n" is off or unknown, LINUX=5.5 is true from this version on.
 */
bool hull_kernel_config_holds(const struct hull_kernel_config *k, const char *expression);
