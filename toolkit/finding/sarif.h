// SPDX-License-Identifier: MIT
#pragma once

#include "finding/finding.h"

/*
 * Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), one run. Paths in the
 * image are relative to the base "IMAGE"; what is no file has a logical location; accepted findings
 * are suppressed. The same findings give the same document.
 */
json_t *hull_findings_to_sarif(const struct hull_findings *f, const char *image,
			       const char *version);
