// SPDX-License-Identifier: MIT
#include "scriptlet/installorder.h"

#include <rpm/header.h>
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>

#include "base/file.h"
#include "rpm/front.h"

/* librpm keeps the package as a key. */
static int add(rpmts ts, const struct hull_store *s, const struct hull_package *p,
	       struct hull_err *e)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->sha256);
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(s->fd, rpm.path, e);

	if (fd < 0 || hull_front_read(fd, rpm.path, &front, e) < 0)
		return hull_wrap(e, "store %s: ", s->path);
	if (rpmtsAddInstallElement(ts, front.header, p, 0, NULL) != 0)
		return hull_fail(e, HULL_FAILED,
				 "%s: librpm does not take it for a package to install", p->name);
	return 0;
}

static size_t take_order(rpmts ts, const struct hull_package *v, size_t n, size_t *out)
{
	rpmtsi it = rpmtsiInit(ts);
	size_t found = 0;
	rpmte te;

	while ((te = rpmtsiNext(it, TR_ADDED)) && found < n)
		out[found++] = (size_t)((const struct hull_package *)rpmteKey(te) - v);
	rpmtsiFree(it);
	return found;
}

int hull_install_order(const struct hull_store *s, const struct hull_package *v, size_t n,
		       size_t *out_order, struct hull_err *e)
{
	rpmts ts = rpmtsCreate();
	int r = 0;

	/* the order of files on a medium, of colors and of the host's database do not matter here */
	rpmtsSetColor(ts, 0);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add(ts, s, &v[i], e);
	if (r == 0 && rpmtsOrder(ts) != 0)
		r = hull_fail(e, HULL_FAILED, "librpm finds no order to install the packages in");
	if (r == 0 && take_order(ts, v, n, out_order) != n)
		r = hull_fail(e, HULL_FAILED,
			      "librpm leaves out packages that are to be installed");
	rpmtsFree(ts);
	return r;
}
