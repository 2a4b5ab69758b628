// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/* A Debian package that a seed was unpacked from. */
struct hull_seed_package {
	const char *name, *version, *arch, *sha256; /* of the .deb */
	uint64_t size_bytes;
};
