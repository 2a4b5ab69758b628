// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "finding/finding.h"
#include "inspect/system.h"

/* What an image is checked against. All but `checks` and `threads` may be left out. */
struct hull_audit_options {
	const char *checks;	   /* directory with hardening.checks, exceptions, sysctl.checks */
	const char *kernel_config; /* .config of the image's kernel; else the one in the image */
	const char *licenses;	   /* file: identifiers that are allowed, one a line */
	struct hull_strv forbid;   /* patterns of packages that must not be there */
	const char *forbid_list;   /* file: the same, one a line */
	const char *vulndb;	   /* directory with OSV (*.json) and OVAL (*.xml) files */
	struct hull_strv vex;	   /* OpenVEX and CSAF VEX files */
	const char *baseline;	   /* findings that are accepted */
	int64_t now;		   /* seconds since 1970: what has expired */
	int threads;
};

/*
 * All checks of an image. What could not be read is an error with file and cause: -1, with the
 * first one in e and all of them in out->errors, and with the findings of everything else in `out`,
 * which the caller frees in any case. Findings are sorted; the same image and options give the same
 * findings.
 */
int hull_audit(const struct hull_system *s, const struct hull_audit_options *o,
	       struct hull_findings *out, struct hull_err *e);
