// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "base/str.h"
#include "inspect/backport.h"

/* What an image is checked against. All but `checks` and `threads` may be left out. */
struct hull_audit_options {
	const char *checks;	   /* directory with hardening.checks, exceptions, sysctl.checks */
	const char *kernel_config; /* .config of the image's kernel; else the one in the image */
	const char *licenses;	   /* file: identifiers that are allowed, one a line */
	struct hull_strv forbid;   /* patterns of packages that must not be there */
	const char *forbid_list;   /* file: the same, one a line */
	const char *vulndb;	   /* directory with OSV (*.json) and OVAL (*.xml) files */
	struct hull_strv vex;	   /* OpenVEX and CSAF VEX files */
	/* what patches of the packages fix */
	const struct hull_backports *backports;
	const char *baseline; /* findings that are accepted */
	int64_t now;	      /* seconds since 1970: what has expired */
	int threads;
};
