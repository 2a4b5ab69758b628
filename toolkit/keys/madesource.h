// SPDX-License-Identifier: MIT
#pragma once

#include "keys/keyring.h"
#include "rpm/package.h"
#include "spec/spec.h"
#include "store/buildrecord.h"

/*
 * Sources that hull makes itself, from its keys, outside of any build:
 *   key:NAME/certificate.pem      the certificate of a key
 *   signatures:NAME/PACKAGE.tar   a signature of each kernel module (*.ko) of a package in the build
 *                                 root, at its path with ".p7s" behind it: see modulesign.h
 * Only packages that the spec `kernel` has built are signed. A source of this kind that signatures.json
 * pins, or that lies next to the spec, is a file like any other.
 */
struct hull_made_request {
	const struct hull_store *store;
	const struct hull_keyring *keyring;
	const struct hull_package *signable; /* what the spec `kernel` has built */
	size_t nsignable;
	const struct hull_build_record *latest; /* of the spec: its signatures serve again */
};

/* The spec, or a copy of it in the arena whose sources can be bound. */
const struct hull_spec *hull_made_copy(const struct hull_spec *spec, struct hull_arena *a);

/*
 * Has what is to be made in the store, and its digest, in the arena, as that of the source in a spec of
 * hull_made_copy.
 * Who only looks (HULL_KEYRING_LOOK) gets sources without a digest where a key is
 * not there.
 */
HULL_CHECKED int hull_made_bind(const struct hull_made_request *r, const struct hull_spec *spec,
				struct hull_arena *a, struct hull_err *e);
