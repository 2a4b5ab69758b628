// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtypes.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/*
 * What comes before the payload of an RPM file (format version 3 or 4): lead, signature header,
 * main header. An RPM without SHA-256 digests of its header and payload (built by an rpm older
 * than 4.14) is refused.
 */
struct hull_front {
	Header signature, header;
	uint64_t start, end;   /* byte range of the main header, its magic included */
	char sha256[HULL_HEX]; /* of that range */
	uint64_t file_bytes;
	int64_t file_time;
};

/* Reads it, without looking at digests. `path` is for messages. */
HULL_CHECKED int hull_front_parse(int fd, const char *path, struct hull_front *out,
				  struct hull_err *e);

/* Reads it and checks the header against its digest. */
HULL_CHECKED int hull_front_read(int fd, const char *path, struct hull_front *out,
				 struct hull_err *e);
void hull_front_fini(struct hull_front *f);
#define hull_autofront __attribute__((cleanup(hull_front_fini)))

/* Reads the whole file, checks the payload against its digest, and gives the digest of the file. */
HULL_CHECKED int hull_front_check_payload(const struct hull_front *f, int fd, const char *path,
					  char out_sha256[HULL_HEX], struct hull_err *e);
