// SPDX-License-Identifier: MIT
#pragma once

#include "audit/finding.h"

/* The base score of a CVSS 3.0 or 3.1 vector in tenths (0-100), -1 if it is none. */
int hull_cvss_score(const char *vector);

/* Its severity by the specification's scale; false if it is no such vector. */
bool hull_cvss_parse(const char *vector, enum hull_severity *out);
