// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/* A Debian package that a seed is unpacked from. */
struct hull_seed_package {
	const char *name, *version, *arch, *sha256; /* of the .deb */
	const char *path; /* in the archive: "pool/main/d/dash/dash_0.5.12-12_amd64.deb"; NULL in a
			     record of a hull that did not lock its seed */
	uint64_t size_bytes;
};
