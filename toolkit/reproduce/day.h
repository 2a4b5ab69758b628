// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "base/mem.h"

/* A day as programs write it: words to look for (rpm/search.h). Not there: what has no year. */
enum { HULL_DAY_WORDS = 17 };

/* Of the day of a moment, seconds since 1970, in UTC; in the arena. None is longer than HULL_SEARCH_BYTES. */
void hull_day_words(int64_t moment, struct hull_arena *a, const char *out[HULL_DAY_WORDS]);
