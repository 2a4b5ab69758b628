// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * Macros that a spec uses, but nothing defines. rpm leaves such a macro as it is, and the shell or
 * a path then sees a literal "%{_libdri}".
 *
 * `raw` is the text of the spec, `parsed` what rpm made of it: only what is written in the one (not
 * in a comment, a here-document, a condition, a definition, Lua or %changelog) and left over in the
 * other is reported, each name once, as "<file>:<line>: unknown macro %{name}", with the nearest
 * name if it is near. To be called after the parse, while librpm still has the macros of the spec.
 * If there was none, because rpm refuses the spec, `parsed` is NULL: then all is reported that is not
 * defined when this is called, and out_names has the names in the same order, each behind a '+' if
 * it begins a line, else a '-'.
 */
void hull_lint_macros(const char *file, const char *raw, const char *parsed,
		      struct hull_strv *out_errors, struct hull_strv *out_names);
