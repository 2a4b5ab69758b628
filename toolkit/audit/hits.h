// SPDX-License-Identifier: MIT
#pragma once

#include "audit/finding.h"
#include "audit/inventory.h"

/* What lists of vulnerabilities say about the components of an image. */

enum hull_verdict {
	HULL_UNAFFECTED, /* the list knows the component, and this version is fine */
	HULL_UNDECIDED,	 /* fixed by a patch of the same upstream version, which is not seen */
	HULL_AFFECTED,
};

struct hull_hit {
	const char *id; /* "CVE-2024-0001", or the list's own if it names several or none */
	const struct hull_component *component;
	enum hull_verdict verdict;
	bool exact; /* by a list for this very distribution, else by the upstream version */
	enum hull_severity severity;
	const char *fixed;  /* version that mends it, or NULL */
	const char *source; /* "azure.json: AZL-123" */
	const char *title;  /* one line of what it is, or NULL */
};

struct hull_hits {
	struct hull_arena arena;
	struct hull_hit *v;
	size_t n, cap;
	size_t records; /* looked at */
};

void hull_hits_fini(struct hull_hits *h);

/* Appends a copy. */
void hull_hits_add(struct hull_hits *h, const struct hull_hit *hit);

/* One a vulnerability and subject: what is said of this very distribution outweighs what is said of
 * upstream versions; of several the worst counts. */
void hull_hits_settle(struct hull_hits *h);

/* "low", "MODERATE", "Important", a CVSS 3 vector ("CVSS:3.1/AV:N/..."); false if it is none. */
bool hull_rating_parse(const char *text, enum hull_severity *out);
