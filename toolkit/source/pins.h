// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "spec/spec.h"

/* <name>.signatures.json beside <name>.spec: {"Signatures": {"<file>": "<sha256>"}}. */

/* The object of files and hashes, empty when there is no file; NULL with e. The caller decrefs. */
HULL_CHECKED json_t *hull_pins_read(const struct hull_spec *spec, struct hull_err *e);

/* Writes it, sorted, by rename, with the day on which that was ("2026-11-30", unless NULL). Other members
 * stay what they are, but for places of files that are not among the pins. */
HULL_CHECKED int hull_pins_write(const struct hull_spec *spec, json_t *pins, const char *today,
				 struct hull_err *e);
