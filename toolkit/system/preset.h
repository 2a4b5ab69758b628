// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree.h"

/* The rules of systemd.preset(5) files, the first that matches a unit decides. */

enum hull_preset_action { HULL_PRESET_ENABLE, HULL_PRESET_DISABLE, HULL_PRESET_IGNORE };

struct hull_preset_rule {
	enum hull_preset_action action;
	const char *pattern;
	struct hull_strv instances; /* of a template */
};

struct hull_presets {
	struct hull_arena arena;
	struct hull_preset_rule *v;
	size_t n, cap;
};

/* All files of a directory such as "systemd/system-preset"; a malformed line is an error. */
HULL_CHECKED int hull_presets_read(const struct hull_tree *t, const char *directory,
				   struct hull_presets *out, struct hull_err *e);
void hull_presets_fini(struct hull_presets *p);

/* What is to be done with a unit; enable if no rule says anything. Names of a template's instances
 * that are to be enabled in its place are appended to out_instances. */
enum hull_preset_action hull_presets_query(const struct hull_presets *p, const char *unit,
					   struct hull_strv *out_instances);
