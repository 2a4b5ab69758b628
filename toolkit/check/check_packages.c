// SPDX-License-Identifier: MIT
#include "check/check.h"
#include "inspect/listfile.h"
#include "text/patterns.h"

static int check_patterns(struct hull_check *c, const struct hull_strv *list, const char *source,
			  struct hull_err *e)
{
	hull_autopatterns struct hull_patterns patterns = {0};

	for (size_t i = 0; i < list->n; i++)
		hull_patterns_add(&patterns, list->v[i]);
	if (patterns.nwild > HULL_PATTERNS_WILD)
		return hull_fail(e, HULL_FAILED, "%s: more than %d patterns with a wildcard",
				 source, HULL_PATTERNS_WILD);
	for (size_t i = 0; i < c->s->npackages; i++) {
		const struct hull_package *p = &c->s->packages[i];
		const char *pattern = hull_patterns_first(&patterns, p->name);

		if (pattern)
			hull_findings_add(c->out, "HULL-PACKAGE-FORBIDDEN", HULL_OBJECT_PACKAGE,
					  p->name, p->name, "'%s' is forbidden by %s", pattern,
					  source);
	}
	return 0;
}

int hull_check_packages(struct hull_check *c, struct hull_err *e)
{
	hull_autostrv struct hull_strv listed = {0};

	if (!c->s->npackages)
		hull_findings_add(c->out, "HULL-PACKAGE-UNKNOWN", HULL_OBJECT_IMAGE,
				  hull_basename(c->s->path), NULL,
				  "no database of packages was found: files, licenses and known "
				  "vulnerabilities cannot be checked");
	if (check_patterns(c, &c->o->forbid, "--forbid", e) < 0)
		return -1;
	if (!c->o->forbid_list)
		return 0;
	if (hull_list_read(c->o->forbid_list, &listed, e) < 0)
		return -1;
	return check_patterns(c, &listed, hull_basename(c->o->forbid_list), e);
}
