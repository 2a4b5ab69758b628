// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* OVAL definitions as data, as far as packages of rpm go. */

enum hull_oval_node_kind {
	HULL_OVAL_GROUP,  /* criteria */
	HULL_OVAL_TEST,	  /* a criterion */
	HULL_OVAL_EXTEND, /* another definition */
};

/* A node of the criteria of a definition; a group's children follow it, up to `end`. */
struct hull_oval_node {
	enum hull_oval_node_kind kind;
	bool is_or, negate;
	const char *ref; /* id of the test or definition */
	size_t end;	 /* the node after the last one below it */
};

struct hull_oval_definition {
	const char *id, *title, *severity;
	struct hull_strv cves;
	bool counts;	      /* of class vulnerability or patch */
	size_t first, end;    /* its nodes */
	const char *platform; /* the first one it is for, or NULL */
};

enum hull_oval_item_kind { HULL_OVAL_RPM_TEST, HULL_OVAL_RPM_OBJECT, HULL_OVAL_RPM_STATE };

/* A comparison with a field of a package. */
struct hull_oval_field {
	const char *operation; /* "less than", "equals", "pattern match", ... */
	const char *text;
};

/* A test, object or state of rpminfo; those of other kinds are not kept. */
struct hull_oval_item {
	const char *id;
	enum hull_oval_item_kind kind;
	const char *object; /* of a test */
	struct hull_strv states;
	const char *check, *existence;
	struct hull_oval_field name, evr, epoch, version, release, arch; /* text NULL: not given */
};

struct hull_oval {
	struct hull_arena arena;
	struct hull_oval_definition *definitions;
	size_t ndefinitions, cap_definitions;
	struct hull_oval_node *nodes;
	size_t nnodes, cap_nodes;
	struct hull_oval_item *items; /* in order of id */
	size_t nitems, cap_items;
};

int hull_oval_parse(const char *text, size_t n, const char *name, struct hull_oval *out,
		    struct hull_err *e);
void hull_oval_fini(struct hull_oval *o);

/* NULL if there is none of this kind. */
const struct hull_oval_item *hull_oval_item(const struct hull_oval *o, const char *id,
					    enum hull_oval_item_kind kind);
