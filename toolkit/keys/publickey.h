// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/types.h>

#include "base/err.h"

/*
 * The public module key: an RSA key that follows from a text which everybody can read, so that anybody
 * can make the very bytes of a published kernel. Whoever reads this can sign with it.
 */

/* The first bytes of its modulus, by which it is found in a kernel: nothing else has them. */
enum { HULL_PUBLIC_KEY_BYTES = 32 };
extern const unsigned char hull_public_key_start[HULL_PUBLIC_KEY_BYTES];

/* Derives it, in a second or two; NULL with e set. The caller frees it with EVP_PKEY_free. */
HULL_CHECKED EVP_PKEY *hull_public_key(struct hull_err *e);
