// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/str.h"
#include "keys/keyring.h"

/*
 * Detached signatures of kernel modules, in the form that the kernel takes (Linux,
 * Documentation/admin-guide/module-signing.rst): CMS (RFC 5652) in DER, of data that is not in it, with
 * SHA-512, without signed attributes and certificates, the signer named by issuer and serial number. With
 * RSA (PKCS #1 v1.5) it is a function of key and module.
 */

/* Signs with a key that has its private half. The signature is appended. */
HULL_CHECKED int hull_module_sign(const struct hull_key *key, const struct hull_buf *module,
				  struct hull_buf *out, struct hull_err *e);

/* What follows the path of a module in the archive of its signatures. */
#define HULL_MODULE_SIGNATURE ".p7s"
