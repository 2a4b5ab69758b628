// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"

/*
 * Text for XML 1.0 in UTF-8 from any bytes: markup is escaped, a byte that is not UTF-8 is taken as
 * Latin-1, and a character that XML cannot carry becomes U+FFFD. NULL counts as the empty string.
 */
void hull_xml_text(struct hull_buf *out, const char *s); /* between tags: line breaks stay */
void hull_xml_attr(struct hull_buf *out, const char *s); /* in double quotes */
