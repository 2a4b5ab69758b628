// SPDX-License-Identifier: MIT
#include <fnmatch.h>

#include "check/check.h"
#include "inspect/listfile.h"

static void check_patterns(struct hull_check *c, const struct hull_strv *patterns,
			   const char *source)
{
	for (size_t i = 0; i < c->s->npackages; i++) {
		const struct hull_package *p = &c->s->packages[i];

		for (size_t k = 0; k < patterns->n; k++)
			if (fnmatch(patterns->v[k], p->name, 0) == 0) {
				hull_findings_add(c->out, "HULL-PACKAGE-FORBIDDEN",
						  HULL_OBJECT_PACKAGE, p->name, p->name,
						  "'%s' is forbidden by %s", patterns->v[k],
						  source);
				break;
			}
	}
}

int hull_check_packages(struct hull_check *c, struct hull_err *e)
{
	hull_autostrv struct hull_strv listed = {0};

	if (!c->s->npackages)
		hull_findings_add(c->out, "HULL-PACKAGE-UNKNOWN", HULL_OBJECT_IMAGE,
				  hull_basename(c->s->path), NULL,
				  "no database of packages was found: files, licenses and known "
				  "vulnerabilities cannot be checked");
	check_patterns(c, &c->o->forbid, "--forbid");
	if (!c->o->forbid_list)
		return 0;
	if (hull_list_read(c->o->forbid_list, &listed, e) < 0)
		return -1;
	check_patterns(c, &listed, hull_basename(c->o->forbid_list));
	return 0;
}
