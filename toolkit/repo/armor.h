// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * Appends the bytes of OpenPGP data that is binary or ASCII-armored (RFC 9580, section 6; a file
 * may hold several armored blocks one after the other). An error if it is neither, or an armor is
 * cut off or does not match its own checksum.
 */
HULL_CHECKED int hull_dearmor(const char *p, size_t n, struct hull_buf *out, struct hull_err *e);
