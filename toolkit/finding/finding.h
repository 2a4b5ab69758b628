// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"
#include "text/json.h"

/*
 * The room finding/: what an audit says: the rules (rules.c), findings as data, the baseline of
 * those that were accepted, and SARIF.
 */

/* What an audit finds, as data: the command, SARIF and the report print it. */

enum hull_severity {
	HULL_INFO, /* what an auditor wants to see, no fault */
	HULL_LOW,
	HULL_MEDIUM,
	HULL_HIGH,
	HULL_CRITICAL,
	HULL_SEVERITIES
};

enum hull_object_kind {
	HULL_OBJECT_FILE,
	HULL_OBJECT_PACKAGE,
	HULL_OBJECT_UNIT,
	HULL_OBJECT_ACCOUNT,
	HULL_OBJECT_OPTION, /* of the kernel, its command line, a sysctl */
	HULL_OBJECT_IMAGE,
	HULL_OBJECT_BASELINE, /* an entry of the baseline file */
};

/* One kind of finding. */
struct hull_rule {
	const char *id;		     /* "HULL-ELF-RELRO": never changes its meaning */
	enum hull_severity severity; /* the usual one; a finding may have another */
	const char *title;	     /* a few words */
	const char *remediation;     /* what would fix it */
};

extern const struct hull_rule hull_rules[]; /* in order of id */
extern const size_t hull_nrules;
const struct hull_rule *hull_rule_find(const char *id); /* NULL if there is none */

struct hull_finding {
	const struct hull_rule *rule;
	enum hull_severity severity;
	enum hull_object_kind kind;
	const char *object;  /* path, unit, account, option; "openssl CVE-2024-0001" */
	const char *package; /* name of the package that it belongs to, or NULL */
	const char *reason;  /* one sentence, no full stop */
	const char *remediation;
	/* An accepted finding: why, by what ("baseline.json", "vex.json", "kernel/exceptions"), and
	 * until when ("2027-01-31" or NULL). */
	const char *accepted, *accepted_by, *expires;
};

struct hull_findings {
	struct hull_arena arena;
	struct hull_finding *v;
	size_t n, cap;
	struct hull_strv errors; /* what could not be checked, and why */
};

void hull_findings_fini(struct hull_findings *f);

/* Appends a finding with the severity of its rule, which exists; strings are copied. The result is
 * valid until the next one is added. */
struct hull_finding *hull_findings_add(struct hull_findings *f, const char *id,
				       enum hull_object_kind kind, const char *object,
				       const char *package, const char *reason_fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* Most severe first, then by id, object and reason; what is the same twice is there once. */
void hull_findings_sort(struct hull_findings *f);

/* How many are not accepted and at least this severe. */
size_t hull_findings_count(const struct hull_findings *f, enum hull_severity least);

const char *hull_severity_name(enum hull_severity s); /* "medium" */
bool hull_severity_parse(const char *name, enum hull_severity *out);
const char *hull_object_kind_name(enum hull_object_kind k); /* "file" */

/* Everything, for --json and reports: counts, findings, accepted ones, errors. */
json_t *hull_findings_to_json(const struct hull_findings *f, const char *image);

/* The text of the command: grouped by severity, a summary at the end. Findings of HULL_INFO and
 * accepted ones are only counted unless `all`. */
void hull_findings_text(const struct hull_findings *f, bool all, struct hull_buf *out);
