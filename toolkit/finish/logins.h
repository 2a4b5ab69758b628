// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "system/userdb.h"

/*
 * Adds the groups and users of a configuration to the account files; a user that is there already
 * (root) is changed by what the configuration gives. Ids that it does not give count from 1000,
 * users first. A user without a group gets one of the own name.
 */
HULL_CHECKED int hull_logins_add(const struct hull_image_config *c, const struct hull_tree *t,
				 int64_t time, struct hull_userdb *db, struct hull_err *e);

/* Their home directories (0700, with the files of /etc/skel when new) and .ssh/authorized_keys. */
HULL_CHECKED int hull_logins_add_homes(const struct hull_image_config *c,
				       const struct hull_userdb *db, int64_t time,
				       struct hull_tree *t, struct hull_err *e);
