// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

/* The paths in a store that were made or compared since the machine was started, for this room only: see
 * intact.h. They are in checked/<boot id>, read when somebody asks. */
struct hull_known;

struct hull_known *hull_known_new(void);
void hull_known_free(struct hull_known *known); /* NULL is fine */

bool hull_known_has(struct hull_known *known, int store_fd, const char *path);
void hull_known_add(struct hull_known *known, int store_fd, const char *path);
