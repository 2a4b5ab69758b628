// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/types.h>
#include <stdbool.h>

#include "base/hash.h"
#include "base/progress.h"
#include "base/str.h"

/*
 * The room keys/: what this builder signs with. keyring.h has the keys, publickey.h one that everybody
 * has, modulesign.h signs kernel modules, madesource.h gives certificates and signatures to builds.
 * A private key is read by hull itself only: no build sees one, and neither the store nor a record has
 * anything of it.
 */

/* What becomes of a key that is needed and not there. */
enum hull_keyring_use {
	HULL_KEYRING_LOOK, /* who plans goes on without it */
	HULL_KEYRING_NEED, /* an error: who rebuilds gets the same bytes with the same key only */
	HULL_KEYRING_MAKE, /* it is made, at random */
};

/*
 * A directory with a directory for each key: NAME/key.pem (PKCS #8) with mode 0600 and
 * NAME/certificate.pem. Who signs elsewhere has the certificate there alone.
 */
struct hull_keyring {
	char *path; /* absolute */
	enum hull_keyring_use use;
	bool public_module_key;		/* "module" is the one of publickey.h, whatever is there */
	struct hull_progress *progress; /* is told of a key that was made; may be NULL */
};

/* $HULL_KEYS, else hull/keys in $XDG_CONFIG_HOME or $HOME/.config. */
HULL_CHECKED int hull_keyring_init(struct hull_keyring *k, struct hull_err *e);
void hull_keyring_fini(struct hull_keyring *k);

/* A certificate with its private key, which is NULL when somebody else has it; zero-initialise. */
struct hull_key {
	EVP_PKEY *secret;
	X509 *certificate;
};

/*
 * A key by name, of which there is one: "module", RSA of 4096 bits, for kernel modules. 1, or 0 if it
 * is not there (HULL_KEYRING_LOOK). It is an error if others can read or change it, if it is damaged, or
 * if key and certificate do not belong together; the message has the path. Of two processes that make
 * one at once both get the same.
 */
HULL_CHECKED int hull_keyring_open(const struct hull_keyring *k, const char *name,
				   struct hull_key *out, struct hull_err *e);
void hull_key_fini(struct hull_key *key);

/* The certificate as PEM, appended. */
void hull_key_pem(const struct hull_key *key, struct hull_buf *out);

/* What changes when certificates of the keyring do: a digest of all. */
void hull_keyring_state(const struct hull_keyring *k, char out[HULL_HEX]);
