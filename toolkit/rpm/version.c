// SPDX-License-Identifier: MIT
#include "rpm/version.h"

#include <rpm/rpmver.h>

int hull_version_compare(const char *a, const char *b)
{
	return rpmvercmp(a, b);
}

int hull_evr_compare(const char *a, const char *b)
{
	rpmver x = rpmverParse(a), y = rpmverParse(b);
	int order = x && y ? rpmverCmp(x, y) : rpmvercmp(a, b);

	/* rpmverCmp says that what has no release is older */
	if (x && y && (!rpmverR(x) || !rpmverR(y))) {
		rpmver v = rpmverNew(rpmverEVal(x) ? rpmverE(x) : "0", rpmverV(x), NULL),
		       w = rpmverNew(rpmverEVal(y) ? rpmverE(y) : "0", rpmverV(y), NULL);

		order = v && w ? rpmverCmp(v, w) : rpmvercmp(rpmverV(x), rpmverV(y));
		rpmverFree(v);
		rpmverFree(w);
	}
	rpmverFree(x);
	rpmverFree(y);
	return order;
}
