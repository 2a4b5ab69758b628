// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "base/str.h"

/* One spec to parse. The directories are absolute, and have no character that librpm expands. */
struct hull_parse {
	const char *dir;     /* its directory */
	const char *name;    /* <dir>/<name>.spec */
	const char *scratch; /* directory for a text that is parsed in the place of the spec's */
	const char *macros;
	const char *tree_macros; /* directory of those of its tree, or NULL */
	const char *arch;
	const char *const *defines; /* definitions beside the macros */
	size_t ndefines;
};

/*
 * Before specs are parsed: librpm takes Hull's macros and nothing else. This changes the environment
 * and the macros of the process, and runs what the macro files say. Adds what is wrong with them to
 * `errors`, as seen from their directory.
 */
void hull_spec_configure(const char *macros, const char *arch, struct hull_strv *errors);

/*
 * Parses it with librpm, which hull_spec_configure has prepared, and had `macros` to say. This
 * changes the macros and the standard error of the process, and may not come back: for a process of
 * its own (parsebox.h). The result, which the caller owns:
 *   errors    lines; "<name>.spec:12: ..." as seen from the directory of the spec
 *   warnings  lines of the same form
 *   macros    those of the macro files; when there are some, the spec is not parsed
 *   own       the same of the macros of its tree, as seen from their directory
 *   unknown   macros that nothing defines, of the form of `errors`
 *   excluded  true: ExclusiveArch or ExcludeArch rules the architecture out; excluded_by is that
 *             line, and packages are the names of what it would build elsewhere
 *   spec      see specjson.h; when there are no errors
 */
json_t *hull_spec_parse(const struct hull_parse *p, const struct hull_strv *macros);
