// SPDX-License-Identifier: MIT
#pragma once

#include "audit/vex.h"

/* For vex.c: the statements of a document of the Common Security Advisory Framework 2.0. */
int hull_csaf_read(const json_t *root, const char *name, struct hull_vex *out, struct hull_err *e);

/* A new statement at the end, valid until the next one. */
struct hull_vex_statement *hull_vex_add(struct hull_vex *v);
