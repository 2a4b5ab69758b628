// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/* The frames of OpenPGP data (RFC 9580, section 4), as far as hull has an opinion before gpgv
 * sees them. */

/* Refuses what is not a list of 1 to 16 signatures: a message with its own content, for example,
 * would be checked against that. */
HULL_CHECKED int hull_packets_check_signatures(const struct hull_buf *data, struct hull_err *e);

/*
 * Appends the certificates of a keyring without the keys that are too weak to count: RSA, DSA and
 * ElGamal below 2048 bits, and those of version 3 and older. With a primary key all of its
 * certificate goes. *out_weak is the number of these keys.
 */
HULL_CHECKED int hull_packets_strong_keys(const struct hull_buf *ring, struct hull_buf *out,
					  size_t *out_weak, struct hull_err *e);
