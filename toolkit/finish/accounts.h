// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "payload/payload.h"

/*
 * Users and groups: from sysusers.d files of the tree (sysusers.d(5): u, g, m, r lines), then from
 * the configuration. Writes /etc/passwd, group, shadow, gshadow, home directories with
 * authorized_keys. Ids are stable: fixed ones as asked, others by a hash of the name in 400-999
 * (sysusers) or in order from 1000 (configuration), so that adding a package changes no id of
 * another. Then sets uid and gid of every node from the owner names in the headers of the packages.
 * Errors: an owner that nobody defines (package, path and name), a user in a group that does not
 * exist, an id twice, a line that is malformed (file and line).
 */
HULL_CHECKED int hull_accounts_apply(const struct hull_image_config *c,
				     const struct hull_packages *p, int64_t time,
				     struct hull_tree *t, struct hull_err *e);

/* The accounts of sysusers.d alone, without owners: what scriptlets are to find. */
HULL_CHECKED int hull_accounts_prepare(int64_t time, struct hull_tree *t, struct hull_err *e);
