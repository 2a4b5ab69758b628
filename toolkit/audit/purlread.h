// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"

/* A package URL taken apart, percent-encoding undone; strings live in the arena. */
struct hull_purl_parts {
	const char *type, *namespace, *name; /* namespace: NULL if it has none */
	const char *version;		     /* NULL if it has none */
};

/* False if the text is no package URL. */
bool hull_purl_parse(const char *text, struct hull_arena *a, struct hull_purl_parts *out);
