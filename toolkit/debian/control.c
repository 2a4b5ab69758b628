// SPDX-License-Identifier: MIT
#include "debian/control.h"

#include <string.h>
#include <strings.h>

bool hull_control_next(const char **text, struct hull_control *out)
{
	const char *end;

	while (**text == '\n')
		++*text;
	if (!**text)
		return false;
	out->p = *text;
	end = strstr(*text, "\n\n");
	out->n = end ? (size_t)(end - out->p) + 1 : strlen(out->p);
	*text += out->n;
	return true;
}

char *hull_control_field(const struct hull_control *c, const char *name, struct hull_arena *a)
{
	const char *p = c->p, *end = c->p + c->n;
	size_t len = strlen(name);
	hull_autobuf struct hull_buf value = {0};
	bool inside = false, found = false;

	for (const char *nl; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		if (*p == ' ' || *p == '\t') {
			if (inside) {
				hull_buf_addc(&value, ' ');
				hull_buf_add(&value, p + 1, (size_t)(nl - p) - 1);
			}
			continue;
		}
		if (found)
			break;
		inside = (size_t)(nl - p) > len && p[len] == ':' && !strncasecmp(p, name, len);
		if (inside) {
			found = true;
			p += len + 1;
			while (p < nl && *p == ' ')
				p++;
			hull_buf_add(&value, p, (size_t)(nl - p));
		}
	}
	return found ? hull_arena_strndup(a, value.p, value.n) : NULL;
}

bool hull_control_clause(const char **text, struct hull_strv *out_names)
{
	while (**text) {
		size_t clause = strcspn(*text, ","), before = out_names->n;
		const char *p = *text, *end = p + clause;

		*text = *end ? end + 1 : end;
		while (p < end) {
			size_t n;

			while (p < end && strchr(" \t\n|", *p))
				p++;
			n = strcspn(p, " \t\n|,:([<");
			if (n)
				hull_strv_take(out_names, hull_strndup(p, n));
			while (p < end && *p != '|')
				p++;
		}
		if (out_names->n > before)
			return true;
	}
	return false;
}
