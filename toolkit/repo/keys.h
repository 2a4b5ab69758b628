// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "store/store.h"

/* OpenPGP signatures of repositories, checked by gpgv. */

/*
 * Appends the bytes of OpenPGP data that is binary or ASCII-armored (RFC 9580, section 6; a file
 * may hold several armored blocks one after the other). An error if it is neither, or an armor is
 * cut off or does not match its own checksum.
 */
HULL_CHECKED int hull_dearmor(const char *p, size_t n, struct hull_buf *out, struct hull_err *e);

/* Whether a key in the file `keys` made the detached signature of the data; if not, an error that
 * says what gpgv says. */
HULL_CHECKED int hull_keys_verify(const struct hull_store *s, const char *keys,
				  const struct hull_buf *data, const struct hull_buf *signature,
				  struct hull_err *e);
