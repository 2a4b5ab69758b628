// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "base/str.h"

/*
 * Text of an image in an HTML page. Nobody vouches for it: bytes that are no UTF-8, control
 * characters and those that change the direction of what follows become visible ("\x1b",
 * "\u202e"), and nothing of it can be markup. NULL counts as "".
 */
void hull_report_text(struct hull_buf *out, const char *s); /* in elements and quoted attributes */
void hull_report_string(struct hull_buf *out,
			const char *s); /* a JSON string, in a script element */

void hull_report_size(struct hull_buf *out, uint64_t bytes);   /* "12.3 MB" */
void hull_report_number(struct hull_buf *out, uint64_t value); /* "12 345", with narrow spaces */
