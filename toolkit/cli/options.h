// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * One table of options gives parsing, --help, the man page and shell completion. A parsed value is
 * stored at `offset` in the command's own struct, which the caller has zeroed or filled with
 * defaults.
 */
enum hull_option_type {
	HULL_OPT_END,	    /* ends a table */
	HULL_OPT_FLAG,	    /* bool */
	HULL_OPT_STRING,    /* const char * (points into argv) */
	HULL_OPT_DIRECTORY, /* as STRING; completion offers directories */
	HULL_OPT_FILE,	    /* as STRING; completion offers files */
	HULL_OPT_LIST,	    /* struct hull_strv: may be given several times */
	HULL_OPT_CHOICE,    /* as LIST; without a value ("--x", not "--x=V") adds "" */
	HULL_OPT_COUNT,	    /* uint64_t */
	HULL_OPT_SIZE,	    /* uint64_t bytes: 512M, 4G */
	HULL_OPT_SECONDS,   /* uint64_t: 90, 45m, 2h */
	HULL_OPT_HELP,	    /* --help: stops the parse */
};

struct hull_option {
	enum hull_option_type type;
	const char *name; /* long name without dashes */
	char letter;	  /* short name, or 0 */
	size_t offset;
	const char *
		arg; /* name of the value in help: "DIR"; of a CHOICE with its brackets: "[=SPEC]" */
	const char *help; /* one sentence, lower case, no full stop */
};

/*
 * Parses argv[1..] into `into`; what is no option is appended to *rest ("--" ends options), and the
 * name of each option that was given to *given. A table of options common to all commands may be
 * given as `common` with its own struct. Returns 1 when --help was met, 0 otherwise, -1 with e
 * (HULL_USAGE), naming near options for an unknown one.
 */
HULL_CHECKED int hull_options_parse(char *const *argv, const struct hull_option *own, void *into,
				    const struct hull_option *common, void *common_into,
				    struct hull_strv *rest, struct hull_strv *given,
				    struct hull_err *e);

/* The option of that name, NULL if the table (which may be NULL) has none. */
const struct hull_option *hull_option_find(const struct hull_option *table, const char *name);

/* Stores a value as if it had been given: of a flag "yes" or "no". Strings are not copied. */
HULL_CHECKED int hull_option_set(const struct hull_option *o, void *into, const char *value,
				 struct hull_err *e);

/* The lines of --help for a table. */
void hull_options_help(const struct hull_option *table, struct hull_buf *out);
