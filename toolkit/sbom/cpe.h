// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"

/*
 * The name under which the National Vulnerability Database has a source package: a CPE 2.3
 * formatted string (NIST IR 7695) into the arena. The vendor is "*" (any) unless it is known.
 */
const char *hull_cpe(struct hull_arena *a, const char *source, const char *version);
