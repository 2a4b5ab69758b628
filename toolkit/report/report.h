// SPDX-License-Identifier: MIT
#pragma once

#include "report/report_subject.h"

/*
 * The room report/: an audit as one HTML page for people: each section in a file of its own
 * (report_section.h), all text from the image made harmless (report_text.h).
 */

/* The newest time of a package in an image: what a report is dated with so that it is the same
 * tomorrow. */
int64_t hull_report_time(const struct hull_system *s);

/* Appends the page: the same input gives the same bytes. Whatever names and texts an image has,
 * they are text in it. */
HULL_CHECKED int hull_report_html(const struct hull_report *r, struct hull_buf *out,
				  struct hull_err *e);
