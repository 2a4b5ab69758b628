// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/mem.h"

/* The vulnerabilities that patches in the packages of an image fix, by the names of these patches
 * and by what their specs say. */

struct hull_backport {
	int package;	   /* index of the system's */
	const char *id;	   /* "CVE-2026-0001" */
	const char *patch; /* its file name */
};

struct hull_backports {
	struct hull_arena arena; /* owns the strings */
	struct hull_backport *v;
	size_t n, cap;
};

void hull_backports_add(struct hull_backports *b, int package, const char *id, const char *patch);

/* The first patch of a package that fixes it, or NULL. */
const char *hull_backports_find(const struct hull_backports *b, int package, const char *id);
void hull_backports_fini(struct hull_backports *b);
