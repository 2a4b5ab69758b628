// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"

/*
 * The commands of a shell script of the plainest kind: simple commands, joined by lines, ';', '&&' and
 * '||', and in if, then, elif, else, fi. Whatever way such a script goes, it runs none but these. Words
 * are plain text, in quotes or not, and the only variable is $1, the number that rpm gives a scriptlet.
 * Output goes nowhere but to /dev/null or where it would go anyway; a here-document of literal text is
 * standard input.
 */
struct hull_shell_command {
	const char **words; /* NULL-terminated; without what is redirected */
	size_t n;
	const char *input; /* of a here-document, or NULL */
};

struct hull_shell_commands {
	struct hull_shell_command *v;
	size_t n;
};

/* False if it is anything else, such as has loops, functions, expansions, pipes or files to write. */
bool hull_shell_commands(const char *body, struct hull_arena *a, struct hull_shell_commands *out);
