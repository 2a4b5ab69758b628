// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/mem.h"

/*
 * What a command reads of the machine in /proc, made up in place of what the kernel says: the same on
 * every machine, so that what is built does not depend on it. There are two such machines, so that it
 * can be tried whether something does.
 */
struct hull_fact {
	const char *path, *text;
};

enum hull_facts_of { HULL_FACTS_HERE, HULL_FACTS_ELSEWHERE, HULL_FACTS_MACHINES };

enum { HULL_FACTS = 11 };

/* The facts of a machine of that name with so many processors, in the arena. */
void hull_facts_make(enum hull_facts_of which, int processors, const char *hostname,
		     struct hull_arena *a, struct hull_fact out[HULL_FACTS]);
