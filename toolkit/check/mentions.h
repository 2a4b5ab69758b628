// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "rpm/package.h"

/*
 * The ids that the changelog of a package names ("CVE-2024-1234", "RHSA-2024:1234"), read once when
 * the first is asked for. Zeroed: not read. An id is whole words: CVE-2024-1234 is not named by
 * CVE-2024-12345.
 */
struct hull_mentions {
	struct hull_arena arena;
	struct hull_index ids;
	bool read;
};

void hull_mentions_fini(struct hull_mentions *m);

/* The author of the newest entry that names the id, or NULL. */
const char *hull_mentions_author(struct hull_mentions *m, const struct hull_package *p,
				 const char *id);
