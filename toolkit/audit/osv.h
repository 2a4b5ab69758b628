// SPDX-License-Identifier: MIT
#pragma once

#include "audit/hits.h"

/*
 * A file in the Open Source Vulnerability format (OSV schema 1.7): a record, or an array of them.
 * `name` is for messages. Adds what the records say about the components of the image:
 *
 * - records of the image's own distribution ("Azure Linux:3", "Hull") by EVR;
 * - of other distributions ("Debian:13") by upstream version: undecided where the distribution
 *   fixed the same upstream version by a patch, and where several releases are listed, the newest
 *   fix counts;
 * - "Go" by semantic version, "Linux" by the version of the kernel;
 * - without an ecosystem, by the package URL.
 *
 * Withdrawn records and ranges of commits do not count. An error is text that is not OSV.
 */
int hull_osv_read(const char *text, size_t n, const char *name, const struct hull_inventory *v,
		  struct hull_hits *out, struct hull_err *e);
