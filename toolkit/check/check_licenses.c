// SPDX-License-Identifier: MIT
#include <string.h>

#include "check/check.h"
#include "inspect/listfile.h"
#include "license/license.h"

struct rule {
	const struct hull_strv *allowed;
	struct hull_buf refused; /* identifiers, separated by ", " */
};

/* An exception only adds permissions: what is allowed without it is allowed with it. */
static bool is_allowed(void *context, const char *id, const char *exception)
{
	struct rule *r = context;
	hull_autofree char *both = exception ? hull_asprintf("%s WITH %s", id, exception) : NULL;

	for (size_t i = 0; i < r->allowed->n; i++)
		if (!strcasecmp(r->allowed->v[i], id) ||
		    (both && !strcasecmp(r->allowed->v[i], both)))
			return true;
	hull_buf_addf(&r->refused, "%s%s", r->refused.n ? ", " : "", both ? both : id);
	return false;
}

int hull_check_licenses(struct hull_check *c, struct hull_err *e)
{
	hull_autostrv struct hull_strv allowed = {0};

	if (!c->o->licenses)
		return 0;
	if (hull_list_read(c->o->licenses, &allowed, e) < 0)
		return -1;
	for (size_t i = 0; i < c->s->npackages; i++) {
		const struct hull_package *p = &c->s->packages[i];
		struct rule r = {.allowed = &allowed};
		struct hull_err malformed;
		int ok = hull_license_evaluate(p->license ? p->license : "", is_allowed, &r,
					       &malformed);

		if (ok < 0)
			hull_findings_add(c->out, "HULL-LICENSE-INVALID", HULL_OBJECT_PACKAGE,
					  p->name, p->name, "'%s': %s",
					  p->license ? p->license : "", malformed.msg);
		else if (!ok)
			hull_findings_add(c->out, "HULL-LICENSE-NOT-ALLOWED", HULL_OBJECT_PACKAGE,
					  p->name, p->name, "'%s': the list does not allow %s",
					  p->license, r.refused.p ? r.refused.p : "it");
		hull_buf_fini(&r.refused);
	}
	return 0;
}
