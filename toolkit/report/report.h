// SPDX-License-Identifier: MIT
#pragma once

#include "diff/compare.h"
#include "finding/finding.h"
#include "inspect/system.h"

/* An audit as one HTML file that needs nothing beside it. */
struct hull_report {
	const struct hull_system *system;
	const struct hull_findings *findings; /* sorted */
	const struct hull_store
		*store; /* with the records of builds; NULL: sources are not shown */
	const struct hull_comparison *comparison; /* to an older image, or NULL */
	int64_t time;				  /* when the report was made, seconds since 1970 */
};

/* The newest time of a package in an image: what a report is dated with so that it is the same
 * tomorrow. */
int64_t hull_report_time(const struct hull_system *s);

/* Appends the page: the same input gives the same bytes. Whatever names and texts an image has,
 * they are text in it. */
int hull_report_html(const struct hull_report *r, struct hull_buf *out, struct hull_err *e);
