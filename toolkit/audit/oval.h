// SPDX-License-Identifier: MIT
#pragma once

#include "audit/hits.h"

/*
 * A file of OVAL definitions (5.11) of the classes "vulnerability" and "patch", as Azure Linux, Red
 * Hat, SUSE and others publish them: criteria over rpminfo tests. Tests of other kinds (the
 * platform, signatures) do not count: the file was chosen by the user. Definitions for another
 * platform than the image's are compared by upstream version. `name` is for messages; an error is
 * text that is no XML (with line and column), no OVAL, or refers to what it does not have.
 */
int hull_oval_read(const char *text, size_t n, const char *name, const struct hull_inventory *v,
		   struct hull_hits *out, struct hull_err *e);
