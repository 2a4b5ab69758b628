// SPDX-License-Identifier: MIT
#pragma once

#include "check/auditoptions.h"
#include "finding/finding.h"
#include "inspect/system.h"
#include "system/userdb.h"

/*
 * The room check/: the rules that an image is audited by, each subject in a file check_*.c that
 * adds findings. audit.h runs them all and applies the baseline.
 */

/* The checks of an audit, one file each; they add findings to `out` in any order. */
struct hull_check {
	const struct hull_system *s;
	const struct hull_audit_options *o;
	struct hull_userdb users; /* empty if the account files are malformed */
	struct hull_findings *out;
	struct hull_arena arena; /* until the audit ends */
};

HULL_CHECKED int hull_check_files(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_elf(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_modes(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_accounts(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_services(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_kernel(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_module_key(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_command_line(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_sysctl(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_licenses(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_packages(struct hull_check *c, struct hull_err *e);
HULL_CHECKED int hull_check_vulnerabilities(struct hull_check *c, struct hull_err *e);

/* Name of the package that brought a node, or NULL. */
const char *hull_check_owner(const struct hull_check *c, int node);

/* The .config of the image's kernel: the file of the options, else the newest in the image. 1, or 0
 * if there is none. *out_name says where it was found. */
HULL_CHECKED int hull_check_kernel_config(struct hull_check *c, struct hull_buf *out,
					  const char **out_name, struct hull_err *e);
