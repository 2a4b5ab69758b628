// SPDX-License-Identifier: MIT
#pragma once

#include "system/sysusers.h"
#include "system/userdb.h"

/*
 * Adds the users and groups of sysusers.d lines to the account files as systemd-sysusers does: what
 * is there already stays, the first line for a name counts. root is added when no line has it. An
 * id that no line gives is the other id of the same name, else one by a hash of the name in 400-999
 * or in the ranges of "r" lines; names are served in byte order, so that only a collision of
 * hashes can change an id when names are added.
 */
HULL_CHECKED int hull_sysusers_allot(const struct hull_sysusers *s, const struct hull_tree *t,
				     int64_t time, struct hull_userdb *db, struct hull_err *e);
