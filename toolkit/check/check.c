// SPDX-License-Identifier: MIT
#include "check/check.h"

const char *hull_check_owner(const struct hull_check *c, int node)
{
	int owner = c->s->tree.v[node].owner;

	return owner >= 0 && (size_t)owner < c->s->npackages ? c->s->packages[owner].name : NULL;
}
