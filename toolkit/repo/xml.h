// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * Text for XML 1.0 in UTF-8 from any bytes: markup is escaped, a byte that is not UTF-8 is taken as
 * Latin-1, and a character that XML cannot carry becomes U+FFFD. NULL counts as the empty string.
 */
void hull_xml_text(struct hull_buf *out, const char *s); /* between tags: line breaks stay */
void hull_xml_attr(struct hull_buf *out, const char *s); /* in double quotes */

/*
 * Reads a small document. `start` and `end` are called with the depth of the element (the root's is
 * 1) and its name without a prefix; `text` is what stands in it directly, without blanks around. An error if it is
 * not well-formed, or has a document type, which could define entities without end.
 */
struct hull_xml_reader {
	void (*start)(void *ctx, int depth, const char *name, const char **attributes);
	void (*end)(void *ctx, int depth, const char *name, const char *text);
	void *ctx;
};
HULL_CHECKED int hull_xml_read(const struct hull_xml_reader *r, const struct hull_buf *text,
			       const char *what, struct hull_err *e);

/* The value of an attribute, whatever its prefix, or NULL. */
const char *hull_xml_attribute(const char **attributes, const char *name);
