// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "text/json.h"

/*
 * The way out to a terminal: what commands print goes through here, and their log through
 * base/progress.h. Nothing else of the program writes to standard output or error. What others
 * wrote is shown, not passed on: hull_vshow() of base/utf8.h. Only JSON is exact.
 */

/* To stdout. A text of several lines that hull has made is a "%-s". */
void hull_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* To stderr, where there is no progress to tear. */
void hull_print_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Everything up to here is out: before what may take long, and at the end. */
HULL_CHECKED int hull_print_end(struct hull_err *e);

/* A JSON value to stdout, indented: of a format of others, or one that has its version. */
void hull_print_json(const json_t *j);
/* The same of an object that --json promises, with its version as "format": raised whenever a
 * member goes or means something else (toolkit/docs/json.md). */
void hull_print_document(json_t *j, int format);
