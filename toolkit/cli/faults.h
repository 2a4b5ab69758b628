// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "cli/command.h"

/*
 * What a command goes on without: specs with mistakes, those that rest on them, and those that cannot be
 * built in this tree. They are counted, and told whole in a file (--left-out) or as JSON.
 */

enum { HULL_FAULTS_SHOWN = 10 }; /* without --verbose */

/* Notes a spec that is left out; `why` is a word for programs: "mistake", "duplicate", "requirement",
 * "cycle" or "blocked", and `text` a line or more. One that was named is an error of the command. */
void hull_faults_add(struct hull_context *ctx, const char *spec, const char *path, const char *why,
		     const char *text, bool named);

/* After all were noted, once: their number and the first of them as a warning, those that were named as
 * errors; the file of --left-out. */
HULL_CHECKED int hull_faults_tell(struct hull_context *ctx, struct hull_err *e);

/* Those noted: a list of {spec, path, why, messages: [lines]}. */
json_t *hull_faults_json(const struct hull_context *ctx);

/* The end of a command that has done the rest: -1 if a spec that was named is left out. */
HULL_CHECKED int hull_faults_end(const struct hull_context *ctx, struct hull_err *e);

void hull_faults_fini(struct hull_context *ctx);
