// SPDX-License-Identifier: MIT
#include "check/audit.h"

#include "base/process.h"
#include "check/check.h"
#include "finding/baseline.h"

/* Runs all checks although one fails: what it could not read is remembered. */
static void run(struct hull_check *c)
{
	static int (*const checks[])(struct hull_check *, struct hull_err *) = {
		hull_check_files,      hull_check_elf,		hull_check_modes,
		hull_check_accounts,   hull_check_services,	hull_check_kernel,
		hull_check_module_key, hull_check_command_line, hull_check_sysctl,
		hull_check_licenses,   hull_check_packages,	hull_check_vulnerabilities,
	};
	struct hull_err e;

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (checks[i](c, &e) < 0)
			hull_strv_add(&c->out->errors, e.msg);
}

int hull_audit(const struct hull_system *s, const struct hull_audit_options *o,
	       struct hull_findings *out, struct hull_err *e)
{
	struct hull_check c = {.s = s, .o = o, .out = out};
	struct hull_err problem = {0};

	*out = (struct hull_findings){0};
	if (hull_userdb_read(&s->tree, &c.users, &problem) < 0) {
		hull_findings_add(out, "HULL-ACCOUNT-MALFORMED", HULL_OBJECT_ACCOUNT, "/etc/passwd",
				  NULL, "%s", problem.msg);
		c.users = (struct hull_userdb){0};
	}
	run(&c);
	hull_userdb_fini(&c.users);
	hull_arena_fini(&c.arena);
	hull_findings_sort(out);
	if (o->baseline && hull_baseline_apply(o->baseline, o->now, out, &problem) < 0)
		hull_strv_add(&out->errors, problem.msg);
	hull_findings_sort(out);
	if (!out->errors.n)
		return 0;
	return hull_fail(e, hull_interrupted() ? HULL_INTERRUPTED : HULL_FAILED, "%s",
			 out->errors.v[0]);
}
