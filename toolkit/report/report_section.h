// SPDX-License-Identifier: MIT
#pragma once

#include "closure/presence.h"
#include "report/report_subject.h"
#include "report/report_text.h"
#include "sbom/buildsearch.h"

/*
 * The sections of a report, which append HTML: report_compare.c, report_data.c, report_finding.c,
 * report_header.c, report_package.c, report_size.c, report_source.c.
 */

/* What an image has of a package. Hard links count once, directories and links nothing. */
struct hull_report_share {
	uint64_t bytes;
	size_t files, directories_and_links;
	size_t findings; /* that are not accepted and more than information */
	int locked;	 /* index into the lock file, or -1 */
	int record;	 /* index into `records`, or -1 */
};

struct hull_report_work {
	const struct hull_report *report;
	const struct hull_system *system;
	struct hull_requirements requirements; /* of pairs of packages */
	struct hull_report_share *shares; /* as system->packages; one more for what has no owner */
	struct hull_build_records records;
	uint64_t bytes; /* all files */
	size_t files;
	struct hull_arena arena;
};

void hull_report_header(struct hull_report_work *w, struct hull_buf *out);
void hull_report_findings(struct hull_report_work *w, struct hull_buf *out);
void hull_report_packages(struct hull_report_work *w, struct hull_buf *out);
void hull_report_unowned(struct hull_report_work *w, struct hull_buf *out);
void hull_report_sources(struct hull_report_work *w, struct hull_buf *out);
void hull_report_compare(struct hull_report_work *w, struct hull_buf *out);
void hull_report_compare_link(struct hull_report_work *w, struct hull_buf *out);
void hull_report_dependencies(struct hull_report_work *w, struct hull_buf *out);
void hull_report_directories(struct hull_report_work *w, struct hull_buf *out);
/* What the page's program reads, as JSON: the file tree, and the packages with what they require.
 */
void hull_report_data(struct hull_report_work *w, struct hull_buf *out);

/* What is below each node of a tree; the caller frees. */
struct hull_report_sum {
	uint64_t bytes;
	size_t files;
};
struct hull_report_sum *hull_report_sums(const struct hull_tree *t);
bool hull_report_is_file(const struct hull_tree *t,
			 int node); /* regular, and no further name of one */

/* Source package and number of files, with a link to them. */
void hull_report_source(const struct hull_report_work *w, size_t package, struct hull_buf *out);
/* Index of the first package of a name, or -1. */
int hull_report_package(const struct hull_report_work *w, const char *name);
/* A link to a package, with its name. */
void hull_report_link(const struct hull_report_work *w, size_t package, struct hull_buf *out);
/* open, the text escaped, close. */
void hull_report_element(struct hull_buf *out, const char *open, const char *text,
			 const char *close);
