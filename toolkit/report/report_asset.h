// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* The files of toolkit/report/page/, which are part of the program. Not NUL-terminated. */
struct hull_report_asset {
	const char *p;
	size_t n;
};

struct hull_report_asset hull_report_frame(void); /* HTML with {{names}} of sections */
struct hull_report_asset hull_report_style(void);
struct hull_report_asset hull_report_script(void);
