// SPDX-License-Identifier: MIT
#pragma once

#include "scriptlet/scriptlets.h"

/* What a scriptlet comes to when an image is made; the worse is the larger. */
enum hull_effect {
	HULL_EFFECT_NEVER,   /* rpm would not run it: it is for removal, upgrade, verification */
	HULL_EFFECT_NOTHING, /* it would change nothing of an image */
	HULL_EFFECT_DONE,    /* hull does itself what it is for, if `needs` holds */
	HULL_EFFECT_RUNS,    /* nobody knows but who runs it */
};

/* What has to be in the image for hull to do the same. */
struct hull_need {
	enum {
		HULL_NEED_USER,	 /* a sysusers.d line of that name, and that id */
		HULL_NEED_GROUP, /* the same */
		HULL_NEED_FILE,	 /* a file at that path */
	} kind;
	const char *what;
	int64_t id; /* -1: any */
};

struct hull_needs {
	struct hull_need *v;
	size_t n;
};

/*
 * By what it says, exactly: every command of a shell script, and every call of a script in rpm's Lua, has to be
 * one of those that the macros of systemd, its sysusers.d and tmpfiles.d, of ldconfig and depmod expand
 * to. What sets a trigger off is not looked at here (fires.h). Needs and their strings are in the arena.
 */
enum hull_effect hull_scriptlet_fate(const struct hull_scriptlet *s, struct hull_arena *a,
				     struct hull_needs *out);
