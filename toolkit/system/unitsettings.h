// SPDX-License-Identifier: MIT
#pragma once

#include "system/unitfile.h"
#include "tree/tree.h"

/* The settings of a unit of the system manager: its file and its drop-ins, in the order in which
 * they count. */

struct hull_unit_setting {
	const char *section, *key, *value; /* "Service", "User", "chrony" */
};

struct hull_unit_settings {
	struct hull_unit_setting *v;
	size_t n, cap;
};

/* `u` was found by hull_unit_read. Strings live in the arena; lines that are no settings are left
 * out. */
HULL_CHECKED int hull_unit_settings_read(const struct hull_tree *t, const struct hull_unit *u,
					 struct hull_arena *a, struct hull_unit_settings *out,
					 struct hull_err *e);
void hull_unit_settings_fini(struct hull_unit_settings *s);

/* The value that counts last, or NULL if there is none or it was emptied. */
const char *hull_unit_setting(const struct hull_unit_settings *s, const char *section,
			      const char *key);

/* All values of a setting that is a list, those before an empty one left out. */
void hull_unit_setting_list(const struct hull_unit_settings *s, const char *section,
			    const char *key, struct hull_strv *out);
