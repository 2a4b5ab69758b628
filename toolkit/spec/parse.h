// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

/* One spec to parse. */
struct hull_parse {
	const char *dir;    /* its directory, as given */
	const char *name;   /* <dir>/<name>.spec */
	int macros_fd;	    /* of the macro directory */
	const char *macros; /* its absolute path */
	const char *arch;
};

/*
 * Parses it with librpm. This changes the environment, the macros and the standard error of the
 * process, and may not come back: for a child process (isolate.h). The result, which the caller
 * owns:
 *   errors    lines; "<name>.spec:12: ..." as seen from the directory of the spec
 *   warnings  lines of the same form
 *   macros    errors in the macro files, as seen from their directory
 *   excluded  true: ExclusiveArch or ExcludeArch rules the architecture out
 *   spec      see specjson.h; when there are no errors
 */
json_t *hull_spec_parse(const struct hull_parse *p);
