// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/types.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The certificate of a key that signs: X.509 version 3, signed by the key itself, with a serial number
 * and a subject key identifier that follow from it and fixed times. The same key has the same
 * certificate, if it is an RSA key.
 */
HULL_CHECKED X509 *hull_certificate_new(EVP_PKEY *key, const char *common_name, struct hull_err *e);

/* PEM, and back; `what` is for messages. A private key is written as PKCS #8, without encryption. */
void hull_certificate_pem(X509 *certificate, struct hull_buf *out);
HULL_CHECKED X509 *hull_certificate_read(const struct hull_buf *pem, const char *what,
					 struct hull_err *e);
void hull_private_key_pem(EVP_PKEY *key, struct hull_buf *out);
HULL_CHECKED EVP_PKEY *hull_private_key_read(const struct hull_buf *pem, const char *what,
					     struct hull_err *e);

/* Fails with what libcrypto says last, and forgets it. */
int hull_fail_crypto(struct hull_err *e, const char *what);
