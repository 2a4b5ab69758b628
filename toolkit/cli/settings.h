// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "cli/command.h"

/*
 * hull.conf: options that a person would give each time, as hull-conf(5) describes it. Read in this
 * order, and of two lines for one option the one of the later file counts:
 *
 *   /etc/hull.conf, or the file that HULL_CONFIG names
 *   hull/hull.conf in $XDG_CONFIG_HOME or ~/.config
 *   hull.conf in the directory that hull runs in: of a tree, which somebody else may have written,
 *   so that it can set only what does not weaken anything
 *
 * The command that shows them, hull config, is configcommand.c.
 */
struct hull_setting {
	const char *command; /* that it is for; NULL: all that have the option */
	const char *option, *value;
	size_t file; /* index in ->files */
	int line;
};

struct hull_settings {
	struct hull_setting *v; /* in the order of files and lines */
	size_t n, cap;
	struct hull_strv files;	 /* that were read */
	struct hull_arena arena; /* owns the strings */
};

/* Reads them all; that there is none is no error. An unknown option or command, a bad value, and what
 * a tree may not set are HULL_USAGE, with file and line. The caller calls _fini in any case. */
HULL_CHECKED int hull_settings_read(struct hull_settings *s, struct hull_err *e);
void hull_settings_fini(struct hull_settings *s);

/* Adds those of one file, which has to be there; `tree` as above. */
HULL_CHECKED int hull_settings_read_file(struct hull_settings *s, const char *file, bool tree,
					 struct hull_err *e);

/* Sets what counts for a command and is not `given`. Options keep strings of *s. */
HULL_CHECKED int hull_settings_apply(const struct hull_settings *s, const struct hull_command *cmd,
				     void *options, struct hull_context *ctx,
				     const struct hull_strv *given, struct hull_err *e);

/* Whether a later line for the same option is in force instead of s->v[i], for all that it is for. */
bool hull_setting_is_overridden(const struct hull_settings *s, size_t i);
