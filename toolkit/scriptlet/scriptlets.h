// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtypes.h>

#include "rpm/package.h"
#include "store/store.h"

enum hull_scriptlet_kind {
	HULL_PRETRANS,
	HULL_PRE,
	HULL_POST,
	HULL_POSTTRANS,
	HULL_PREUN,
	HULL_POSTUN,
	HULL_PREUNTRANS,
	HULL_POSTUNTRANS,
	HULL_VERIFYSCRIPT,
	HULL_TRIGGER,	       /* set off by a package */
	HULL_FILETRIGGER,      /* by files, a package at a time */
	HULL_TRANSFILETRIGGER, /* by files, once at the end */
	HULL_SCRIPTLET_KINDS
};

/* When a trigger is set off, of its package or file; bits. */
enum hull_trigger_when {
	HULL_TRIGGER_PREIN = 1,
	HULL_TRIGGER_IN = 2,
	HULL_TRIGGER_UN = 4,
	HULL_TRIGGER_POSTUN = 8,
};

enum { HULL_TRIGGER_PRIORITY = 1000000 }; /* of a file trigger that gives none */

struct hull_scriptlet {
	enum hull_scriptlet_kind kind;
	const char *name;	    /* as a spec has it: "%post", "%transfiletriggerin" */
	const char *const *program; /* with its arguments, NULL-terminated; never empty */
	const char *body;	    /* "" for none */
	bool expanded; /* macros or tags of the package are put in when it runs (-e, -q) */
	bool critical; /* rpm takes its failure for one of the installation */
	/* of a trigger */
	unsigned int when;     /* enum hull_trigger_when */
	struct hull_deps on;   /* packages, or beginnings of paths */
	unsigned int priority; /* of a file trigger: the higher ones are first */
};

struct hull_scriptlets {
	struct hull_scriptlet *v; /* by kind, triggers in the order of the package */
	size_t n;
};

/* All of a header, those without a line too; in the arena. An error is what librpm would not run: a trigger
 * that refers to a script that is not there, text that is not UTF-8. */
HULL_CHECKED int hull_scriptlets_of(Header h, const char *path, struct hull_arena *a,
				    struct hull_scriptlets *out, struct hull_err *e);

/* The same of an RPM in the store, by its digest. */
HULL_CHECKED int hull_scriptlets_read(const struct hull_store *s, const char *sha256,
				      struct hull_arena *a, struct hull_scriptlets *out,
				      struct hull_err *e);

/* Whether it says nothing: blanks and, for a shell or Lua, comments. */
bool hull_scriptlet_is_empty(const struct hull_scriptlet *s);

/* "/bin/sh" and the like; rpm's own Lua. */
bool hull_program_is_shell(const char *program);
bool hull_program_is_lua(const char *program);
