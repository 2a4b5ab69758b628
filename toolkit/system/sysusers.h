// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/tree.h"

/* A line of a sysusers.d(5) file. */
struct hull_sysuser {
	char type;	    /* 'u', 'g', 'm' or 'r' */
	bool locked;	    /* "u!": the account is expired as well */
	const char *name;   /* NULL for 'r' */
	const char *group;  /* 'm': the group; 'u': a primary group by name, or NULL */
	int64_t id;	    /* 'u': uid, 'g': gid; -1: any */
	int64_t gid;	    /* 'u': a primary group by number, or -1 */
	uint32_t low, high; /* 'r' */
	const char *gecos, *home, *shell; /* 'u'; NULL: not given */
	const char *where;		  /* "file:line" */
};

struct hull_sysusers {
	struct hull_arena arena;
	struct hull_sysuser *v;
	size_t n, cap;
};

/* All lines of all sysusers.d files of a tree, in their order; specifiers are expanded. */
HULL_CHECKED int hull_sysusers_read(const struct hull_tree *t, struct hull_sysusers *out,
				    struct hull_err *e);
void hull_sysusers_fini(struct hull_sysusers *s);
