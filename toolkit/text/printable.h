// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"

/* A name from an image as text for a terminal or JSON: control characters, and bytes that are not
 * UTF-8, become "\x1b". The string itself if there are none, else one in the arena. */
const char *hull_printable(const char *s, struct hull_arena *a);
