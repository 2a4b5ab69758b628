// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"

/*
 * Whether objects are still what they were when they were made. A disk forgets bits and a power cut cuts
 * files off, so what is used as it lies there is compared with what it has to be when it is used for the
 * first time after the machine was started. checked/<boot id> has a line for each object that holds,
 * which one that was just made does. Who copies bytes into something that lasts, as images do, compares
 * each time instead.
 */

/* Whether it was made or compared since the machine was started, by whatever hull. */
bool hull_intact_known(const struct hull_store *s, enum hull_store_kind kind, const char *name);

/* Says so for the next one; not from several threads. That it cannot be written down costs time only. */
void hull_intact_note(const struct hull_store *s, enum hull_store_kind kind, const char *name);

/*
 * A damaged object goes to damaged/, where somebody may look at it, and a line is said: who needs it makes
 * it again. `why` says what is wrong with it. One that is not there is none.
 */
HULL_CHECKED int hull_intact_set_aside(const struct hull_store *s, enum hull_store_kind kind,
				       const char *name, const char *why, struct hull_err *e);

/* Whether an error of who looked at an object says something about the object, and not about this process or
 * its rights. */
HULL_CHECKED bool hull_intact_is_damage(const struct hull_err *why);

/* Whether a file has the SHA-256 that is its name: 1, 0 with the reason in `why`, or -1 if that cannot be
 * told. One that is not there has it: that is another matter. */
HULL_CHECKED int hull_intact_file(const struct hull_store *s, enum hull_store_kind kind,
				  const char *sha256, struct hull_err *why);

/* Compares those of n files (whose names are the SHA-256 of their bytes) that are there and not known yet,
 * by all processors; what is damaged is set aside. A name may be NULL. */
HULL_CHECKED int hull_intact_files(const struct hull_store *s, enum hull_store_kind kind,
				   const char *const *sha256, size_t n, struct hull_err *e);
