// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* What an image is made of, under the names by which lists of vulnerabilities know it. */

enum hull_inventory_kind {
	HULL_INVENTORY_RPM,	 /* a package, under its own name and its source's; EVR */
	HULL_INVENTORY_UPSTREAM, /* a source under the names that distributions give it; version */
	HULL_INVENTORY_GO,	 /* a Go module; semantic version */
};

struct hull_inventory_item {
	enum hull_inventory_kind kind;
	const char *name, *version;
	const char *subject; /* what a finding is about: the name of the source or package */
	int package;	     /* index of (one of) its packages */
};

struct hull_inventory {
	struct hull_arena arena;
	const struct hull_system *system;
	struct hull_inventory_item *v; /* by kind, name, version */
	size_t n, cap;
	const char *distribution; /* OSV's name of the image's own ecosystem ("Azure Linux") */
	const char *release;	  /* "3", or NULL */
};

/* Go modules are read from the programs themselves; one that is damaged is passed over. */
void hull_inventory_init(struct hull_inventory *v, const struct hull_system *s);
void hull_inventory_fini(struct hull_inventory *v);

/* All components of a name: the first and their number. */
const struct hull_inventory_item *hull_inventory_find(const struct hull_inventory *v,
						      enum hull_inventory_kind kind,
						      const char *name, size_t *out_n);
