// SPDX-License-Identifier: MIT
#pragma once

/* Order of versions as rpm has it: negative, 0, positive. */
int hull_version_compare(const char *a, const char *b); /* one segment: "1.3.1", "1.hull1" */

/* "[epoch:]version[-release]"; a release that only one of them has does not count, a missing epoch
 * is 0. Text that is no EVR is ordered as a version. */
int hull_evr_compare(const char *a, const char *b);
