// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "store/store.h"

/*
 * Whether a key in the file `keys` made a detached signature of the data, as gpgv sees it. Of
 * several signatures one has to be good, and none wrong: a repository that changes its key signs
 * with both for a while. A signature is good only if neither it nor its key has expired (by the clock of this
 * machine), the key was not revoked, the digest is of the SHA-2 or SHA-3 family and the key strong
 * (repo/packets.h). If not, an error that says of each signature why.
 */
HULL_CHECKED int hull_keys_verify(const struct hull_store *s, const char *keys,
				  const struct hull_buf *data, const struct hull_buf *signature,
				  struct hull_err *e);
