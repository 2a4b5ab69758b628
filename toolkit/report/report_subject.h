// SPDX-License-Identifier: MIT
#pragma once

#include "diff/comparison.h"
#include "finding/finding.h"
#include "inspect/system.h"
#include "store/store.h"

/* An audit as one HTML file that needs nothing beside it. */
struct hull_report {
	const struct hull_system *system;
	const struct hull_findings *findings; /* sorted */
	const struct hull_store
		*store; /* with the records of builds; NULL: sources are not shown */
	const struct hull_comparison *comparison; /* to an older image, or NULL */
	int64_t time;				  /* when the report was made, seconds since 1970 */
};
