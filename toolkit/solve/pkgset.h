// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef int hull_pkgid; /* handle of a package in a pool; > 0 */

struct hull_pkgset {
	hull_pkgid *v; /* ascending */
	size_t n, cap;
};
void hull_pkgset_fini(struct hull_pkgset *s);

/* Appends; the order is the caller's. */
void hull_pkgset_push(struct hull_pkgset *s, hull_pkgid id);
bool hull_pkgset_has(const struct hull_pkgset *s, hull_pkgid id);
