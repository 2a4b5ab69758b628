// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree.h"

/* Unit files of systemd in a tree, as far as enabling them goes. */

enum hull_unit_kind {
	HULL_UNIT_INVALID,
	HULL_UNIT_PLAIN,    /* "sshd.service" */
	HULL_UNIT_TEMPLATE, /* "getty@.service" */
	HULL_UNIT_INSTANCE, /* "getty@tty1.service" */
};

enum hull_unit_kind hull_unit_kind(const char *name);
/* "getty@tty1.service" from any name with "@" and an instance, into the arena. */
const char *hull_unit_instantiate(const char *name, const char *instance, struct hull_arena *a);
/* "getty@.service" from an instance of it; NULL for other names. */
const char *hull_unit_template(const char *name, struct hull_arena *a);

/* The system's units or those of user managers. */
struct hull_unit_scope {
	const char *config;		/* where links are made: "/etc/systemd/system" */
	const char *const *directories; /* where units are, the first wins; NULL-terminated */
	const char *presets;		/* "systemd/system-preset" */
};
extern const struct hull_unit_scope hull_unit_scopes[2];

enum hull_unit_state { HULL_UNIT_MISSING, HULL_UNIT_MASKED, HULL_UNIT_FOUND };

struct hull_unit {
	enum hull_unit_state state;
	const char *name; /* after aliases: what the file is called, with the instance asked for */
	const char *path; /* of its file */
	struct hull_strv wanted_by, required_by, upheld_by, alias, also; /* of [Install] */
	const char *default_instance;					 /* or NULL */
};

/* Finds a unit and reads its [Install] section with its drop-ins. Strings live in the arena. */
HULL_CHECKED int hull_unit_read(const struct hull_tree *t, const struct hull_unit_scope *s,
				const char *name, struct hull_arena *a, struct hull_unit *out,
				struct hull_err *e);
void hull_unit_fini(struct hull_unit *u);

/* True if [Install] says nothing. */
bool hull_unit_is_static(const struct hull_unit *u);

/* A word of [Install] with its specifiers replaced. */
HULL_CHECKED int hull_unit_expand(const struct hull_tree *t, const struct hull_unit *u,
				  const char *text, struct hull_buf *out, struct hull_err *e);
