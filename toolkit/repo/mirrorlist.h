// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/str.h"

/* Lists of the places where one and the same repository is: of lines, as "mirrorlist=" of yum has them,
 * and Metalink 3 (with what Fedora adds) or 4 (RFC 5854). */

enum { HULL_MIRRORS = 20 }; /* so many of them are tried */

struct hull_mirrorlist {
	struct hull_strv urls; /* http(s) addresses of repositories, the best first */
	/* Of a metalink, repomd.xml: */
	struct hull_checksum checksum; /* SHA-256, or what it has beyond */
	bool has_checksum;
	uint64_t bytes; /* 0: not said */
};
void hull_mirrorlist_fini(struct hull_mirrorlist *l);

/* Lines with an address each; empty ones, those behind '#', and addresses that are not http(s) do not count.
 * An error if there is none, or if it is something else: a metalink, a page. */
HULL_CHECKED int hull_mirrorlist_parse(const struct hull_buf *text, struct hull_mirrorlist *out,
				       struct hull_err *e);

/* A metalink about repomd.xml. An error if it has no address or no checksum of SHA-2. What it says of older states
 * ("alternates") does not count. */
HULL_CHECKED int hull_metalink_parse(const struct hull_buf *text, struct hull_mirrorlist *out,
				     struct hull_err *e);
