// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "base/str.h"
#include "cli/options.h"
#include "spec/spec.h"
#include "store/store.h"

/*
 * The room cli/: what every command has in common: the table of commands and their options, from
 * which the parse, help.c, the man pages (manual.h) and completion.c are made, hull config itself
 * (configcommand.c), and the context that a command runs in (context.h).
 */

/* A spec that a command goes on without (faults.h). */
struct hull_fault {
	char *spec, *path, *text;
	const char *why;
	bool named; /* on the command line */
};

struct hull_faults {
	struct hull_fault *v;
	size_t n, cap, named;
	bool asked; /* some were named */
};

/* What every command gets. The global options are parsed into the first part. */
struct hull_context {
	const char *store_path;
	struct hull_strv spec_trees; /* --specs, in order; the default tree comes first */
	const char *arch;
	const char *left_out_path; /* file for what is left out of the trees, or NULL */
	bool json, quiet, verbose, strict;
	/* what hull_context_specs parses with: definitions of macros, and the names of the specs that get them */
	const struct hull_strv *defines, *defined; /* NULL: none; NULL: all */

	char *data; /* directory of macros/ and seed/: toolkit/ of a checkout, or PREFIX/share/hull */
	struct hull_progress *progress;
	struct hull_store store; /* open only after hull_context_store */
	struct hull_faults faults;
};

/*
 * A command: the file cmd/<name>.c defines `const struct hull_command hull_cmd_<name>`, main.c
 * lists it. `run` gets the parsed options (options_size bytes, zeroed before the parse, initialised
 * by `defaults` if set) and the other arguments; it writes its result to stdout, its log to
 * ctx->progress; its return value is an exit code (0 or HULL_FINDINGS), or -1 with e set.
 */
struct hull_command {
	const char *name;
	const char *args;	 /* "[SPEC...]" for the synopsis */
	const char *summary;	 /* one line, lower case */
	const char *description; /* paragraphs for --help and the man page, plain text */
	const char *examples;	 /* lines "$ command" with what they do, plain text, or NULL */
	const struct hull_option *options; /* NULL: none of its own */
	size_t options_size;
	void (*defaults)(void *options);
	void (*finish)(void *options); /* frees what the parse put in (lists) */
	int (*run)(struct hull_context *ctx, void *options, const struct hull_strv *args,
		   struct hull_err *e);
};

extern const struct hull_option hull_common_options[];
extern const struct hull_command *const hull_commands[]; /* NULL-terminated, in order of help */

/* Opens the store of the context (once). */
HULL_CHECKED int hull_context_store(struct hull_context *ctx, struct hull_err *e);
/* The same for commands that look at an image: a store that cannot be written is a warning. */
void hull_context_look(struct hull_context *ctx);

/* The directories of specs, the default tree first; an error if there is none at all. */
HULL_CHECKED int hull_context_trees(struct hull_context *ctx, struct hull_strv *out,
				    struct hull_err *e);

/* Loads all spec trees of the context; the caller calls hull_specs_fini. Specs with mistakes are left out,
 * or with --strict an error. */
HULL_CHECKED int hull_context_specs(struct hull_context *ctx, struct hull_specs *out,
				    struct hull_err *e);

/*
 * Indexes of the specs named by args ("zlib" or "SPECS/zlib/zlib.spec" or a directory); all when
 * args is empty. An unknown name is an error with near names. What is left out of the trees is noted in
 * the context (faults.h): it is an error when nothing is left of what was named.
 */
HULL_CHECKED int hull_context_select(struct hull_context *ctx, const struct hull_specs *specs,
				     const struct hull_strv *args, size_t **out_index,
				     size_t *out_n, struct hull_err *e);

/* The spec of that name, or in a file or directory named so; NULL when it is left out of the trees, and
 * *out_fault is why then. An unknown name is an error with near names. */
HULL_CHECKED int hull_context_find(const struct hull_specs *specs, const char *name,
				   const struct hull_spec **out,
				   const struct hull_spec_fault **out_fault, struct hull_err *e);

/* The name of the spec that an argument names so. The caller frees. */
char *hull_context_spec_name(const char *arg);

/* SOURCE_DATE_EPOCH in seconds since 1970, -1 if it is not set. */
HULL_CHECKED int hull_source_date(int64_t *out, struct hull_err *e);
