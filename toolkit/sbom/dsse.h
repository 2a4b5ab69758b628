// SPDX-License-Identifier: MIT
#pragma once

#include "text/json.h"

/*
 * An envelope of DSSE v1 around an in-toto statement, signed with a private key in PEM: Ed25519,
 * ECDSA with the SHA-2 that fits the curve, or RSA-PSS with SHA-256. The key id is the SHA-256 of
 * the public key in DER (SubjectPublicKeyInfo). The caller decrefs.
 */
HULL_CHECKED json_t *hull_dsse_sign(const json_t *statement, const char *key_path,
				    struct hull_err *e);
