// SPDX-License-Identifier: MIT
#pragma once

#include "scriptlet/scriptlets.h"

/*
 * Whether a trigger is set off when all of these packages are installed at once: by a package of that name
 * and version, or by a file below one of its beginnings of paths.
 */
bool hull_trigger_fires(const struct hull_scriptlet *s, const struct hull_package *v, size_t n);

/* The same by one package, and by one file. */
bool hull_trigger_fires_for(const struct hull_scriptlet *s, const struct hull_package *p);
bool hull_trigger_fires_by(const struct hull_scriptlet *s, const struct hull_file *f);
