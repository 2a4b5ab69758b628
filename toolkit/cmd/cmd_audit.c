// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "check/audit.h"
#include "cli/command.h"
#include "cli/print.h"
#include "diff/compare.h"
#include "finding/sarif.h"
#include "inspect/imagefile.h"
#include "report/report.h"
#include "sbom/backported.h"

struct audit_options {
	struct hull_audit_options audit;
	const char *checks, *fail_on, *html, *against;
	bool sarif, all;
	uint64_t jobs;
};

#define AT(member) offsetof(struct audit_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FILE, "baseline", 'b', AT(audit.baseline), "FILE",
	 "findings that are accepted, each with a justification and an expiry date"},
	{HULL_OPT_DIRECTORY, "vulndb", 0, AT(audit.vulndb), "DIR",
	 "known vulnerabilities: OSV records (*.json) and OVAL definitions (*.xml)"},
	{HULL_OPT_LIST, "vex", 0, AT(audit.vex), "FILE",
	 "OpenVEX or CSAF VEX: which of them do not apply"},
	{HULL_OPT_FILE, "licenses", 0, AT(audit.licenses), "FILE",
	 "SPDX identifiers that are allowed, one a line"},
	{HULL_OPT_LIST, "forbid", 0, AT(audit.forbid), "PATTERN",
	 "packages that must not be in the image"},
	{HULL_OPT_FILE, "forbid-list", 0, AT(audit.forbid_list), "FILE",
	 "the same, one pattern a line"},
	{HULL_OPT_FILE, "kernel-config", 0, AT(audit.kernel_config), "FILE",
	 "the .config of the kernel instead of the one in the image"},
	{HULL_OPT_DIRECTORY, "checks", 0, AT(checks), "DIR",
	 "hardening.checks, exceptions and sysctl.checks of your own"},
	{HULL_OPT_STRING, "fail-on", 0, AT(fail_on), "SEVERITY",
	 "exit with 3 from this severity on: info, low, medium, high, critical (default: low)"},
	{HULL_OPT_FLAG, "all", 'a', AT(all), NULL,
	 "also list what is for information only, and accepted findings"},
	{HULL_OPT_FLAG, "sarif", 0, AT(sarif), NULL, "write SARIF 2.1.0"},
	{HULL_OPT_FILE, "html", 0, AT(html), "FILE", "also write a report as one HTML file"},
	{HULL_OPT_FILE, "against", 0, AT(against), "IMAGE",
	 "an older image that the HTML report compares this one with"},
	{HULL_OPT_COUNT, "jobs", 'j', AT(jobs), "N", "cores to use (default: all)"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	struct audit_options *a = o;

	a->jobs = (uint64_t)hull_cores();
	a->fail_on = "low";
}

static void finish(void *o)
{
	struct audit_options *a = o;

	hull_strv_fini(&a->audit.vex);
	hull_strv_fini(&a->audit.forbid);
}

static void print(const struct hull_context *ctx, const struct audit_options *o, const char *image,
		  const struct hull_findings *f)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = NULL;

	hull_progress_clear(ctx->progress);
	if (o->sarif)
		j = hull_findings_to_sarif(f, image, HULL_VERSION);
	else if (ctx->json)
		j = hull_findings_to_json(f, image);
	if (o->sarif) {
		hull_print_json(j);
	} else if (ctx->json) {
		hull_print_document(j, 1);
	} else {
		hull_findings_text(f, o->all, &text);
		hull_print("%-s", text.p);
	}
}

static uint64_t file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int compare(const struct hull_system *old, const struct hull_system *audited, int threads,
		   struct hull_comparison *out, struct hull_err *e)
{
	const struct hull_system *systems[2] = {old, audited};
	struct hull_compare_options how = {.threads = threads};
	struct hull_side sides[2];

	for (int i = 0; i < 2; i++)
		sides[i] = (struct hull_side){
			.path = systems[i]->path,
			.system = systems[i],
			.lock = systems[i]->has_lock ? &systems[i]->lock : NULL,
			.file_bytes = file_bytes(systems[i]->path),
		};
	return hull_compare(&sides[0], &sides[1], &how, out, e);
}

static int write_page(const struct hull_report *r, const char *path, struct hull_err *e)
{
	hull_autobuf struct hull_buf page = {0};

	if (hull_report_html(r, &page, e) < 0)
		return -1;
	return hull_file_write(AT_FDCWD, path, page.p, page.n, 0644, e);
}

static int write_html(struct hull_context *ctx, const struct audit_options *o,
		      const struct hull_system *s, const struct hull_findings *f,
		      struct hull_err *e)
{
	struct hull_report r = {.system = s, .findings = f, .store = &ctx->store};
	struct hull_comparison difference;
	struct hull_system old;
	int rc = -1;

	if (hull_source_date(&r.time, e) < 0)
		return -1;
	if (r.time < 0)
		r.time = hull_report_time(s);
	if (!o->against)
		return write_page(&r, o->html, e);
	if (hull_system_open(&ctx->store, o->against, HULL_SYSTEM_PACKAGES, &old, e) < 0)
		return -1;
	if (compare(&old, s, (int)o->jobs, &difference, e) == 0) {
		r.comparison = &difference;
		rc = write_page(&r, o->html, e);
		hull_comparison_fini(&difference);
	}
	hull_system_fini(&old);
	return rc;
}

/* What was found is printed although something could not be read or checked. */
static int audit(struct hull_context *ctx, const struct audit_options *o, struct hull_system *s,
		 enum hull_severity fail_on, struct hull_err *e)
{
	struct hull_findings f;
	struct hull_err packages = {0}, records;
	int unread = hull_system_read_packages(s, &packages);
	struct hull_audit_options how = o->audit;
	struct hull_backports backports = {0};
	int rc;

	/* Without them, more is found. */
	if (how.vulndb && hull_backports_read(&ctx->store, s, &backports, &records) < 0)
		hull_log_error(ctx->progress, "patches of packages are not known: %s", records.msg);
	how.backports = &backports;
	rc = hull_audit(s, &how, &f, e);
	hull_backports_fini(&backports);
	if (unread < 0) {
		hull_strv_add(&f.errors, packages.msg);
		rc = rc < 0 ? -1 : hull_fail(e, HULL_FAILED, "%s", packages.msg);
	}
	print(ctx, o, s->path, &f);
	for (size_t i = 1; i < f.errors.n; i++)
		hull_log_error(ctx->progress, "%s", f.errors.v[i]);
	if (o->html) {
		struct hull_err problem;

		if (write_html(ctx, o, s, &f, rc < 0 ? &problem : e) < 0)
			rc = -1;
	}
	if (rc == 0 && hull_findings_count(&f, fail_on))
		rc = HULL_FINDINGS;
	hull_findings_fini(&f);
	return rc;
}

static int take_options(struct hull_context *ctx, struct audit_options *o, struct hull_err *e)
{
	o->audit.now = hull_now();
	o->audit.threads = (int)o->jobs;
	o->audit.checks = o->checks;
	if (!o->jobs)
		return hull_fail(e, HULL_USAGE, "--jobs: at least 1");
	if (o->sarif && ctx->json)
		return hull_fail(e, HULL_USAGE, "--sarif and --json exclude each other");
	if (o->against && !o->html)
		return hull_fail(e, HULL_USAGE, "--against is for --html; else see 'hull diff'");
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	/* of a checkout, or of an installation */
	hull_autofree char *own = hull_asprintf("%s/../kernel", ctx->data),
			   *shipped = hull_asprintf("%s/kernel", ctx->data);
	struct audit_options *o = opts;
	enum hull_severity fail_on;
	struct hull_system s;
	int rc;

	if (args->n != 1)
		return hull_fail(e, HULL_USAGE, "hull audit IMAGE: name one image");
	if (!hull_severity_parse(o->fail_on, &fail_on))
		return hull_fail(e, HULL_USAGE,
				 "--fail-on: '%s' is none of info, low, medium, high, critical",
				 o->fail_on);
	if (take_options(ctx, o, e) < 0)
		return -1;
	hull_context_look(ctx);
	if (!o->audit.checks)
		o->audit.checks = hull_exists(AT_FDCWD, shipped) ? shipped : own;
	if (hull_system_open(&ctx->store, args->v[0], HULL_SYSTEM_TREE, &s, e) < 0)
		return -1;
	if (s.note)
		hull_log_error(ctx->progress, "%s: %s", args->v[0], s.note);
	rc = audit(ctx, o, &s, fail_on, e);
	hull_system_fini(&s);
	return rc;
}

const struct hull_command hull_cmd_audit = {
	.name = "audit",
	.args = "IMAGE",
	.summary = "what is weak, changed, unexplained or known to be vulnerable in an image",
	.description =
		"Reads an image without mounting it, whoever made it (disks, file systems, archives, "
		"images of containers; see audit.md), and checks: files that no package has or that are not "
		"the package's; hardening of every program (PIE, RELRO, stack protector, FORTIFY, "
		"CET, executable stack, search paths); set-uid and set-gid bits, capabilities, what "
		"everybody may write to; accounts, passwords, keys; services that start and ports "
		"that they open; kernel options, the kernel command line, sysctl.d; licenses; "
		"forbidden packages; known vulnerabilities from an offline directory.\n\n"
		"Each finding has an id that never changes its meaning, a severity, the reason and "
		"what would fix it; toolkit/docs/audit.md lists the ids and describes the files. A "
		"baseline accepts findings with a justification and until a date; an entry that "
		"has expired or that accepts nothing is a finding itself.\n\n"
		"Exits with 3 if there are findings that nobody accepted, of severity low or as "
		"--fail-on says. If something cannot be read, what was found is printed, and the "
		"exit code is 1.",
	.examples = "$ hull audit out/image/container-host.vhdx\n"
		    "$ hull audit --baseline baseline.json --fail-on medium node.vhdx\n"
		    "$ hull audit --vulndb osv/ --vex node.vex.json --sarif node.vhdx\n"
		    "$ hull audit --html report.html --against last-month.vhdx node.vhdx\n",
	.options = options,
	.options_size = sizeof(struct audit_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
