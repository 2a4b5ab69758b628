// SPDX-License-Identifier: MIT
#include "debian/debianversion.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

const char *hull_debian_version_without_epoch(const char *version)
{
	size_t digits = strspn(version, "0123456789");

	return digits && version[digits] == ':' ? version + digits + 1 : version;
}

/* The weight of a character that is no digit: '~' is before the end, letters before the rest. */
static int weight(const char *p, const char *end)
{
	if (p == end || isdigit((unsigned char)*p))
		return 0;
	if (*p == '~')
		return -1;
	return isalpha((unsigned char)*p) ? (unsigned char)*p : (unsigned char)*p + 256;
}

/* The number at *p, without leading zeros, as its digits. */
static size_t take_number(const char **p, const char *end, const char **out)
{
	size_t n = 0;

	while (*p < end && **p == '0')
		++*p;
	*out = *p;
	while (*p + n < end && isdigit((unsigned char)(*p)[n]))
		n++;
	*p += n;
	return n;
}

static int compare_numbers(const char **a, const char *a_end, const char **b, const char *b_end)
{
	const char *x, *y;
	size_t n = take_number(a, a_end, &x), m = take_number(b, b_end, &y);

	if (n != m)
		return n < m ? -1 : 1;
	return memcmp(x, y, n);
}

/* deb-version(7), "Sorting algorithm": by turns what is no number, and numbers. */
static int compare_parts(const char *a, const char *a_end, const char *b, const char *b_end)
{
	int c = 0;

	while (!c && (a < a_end || b < b_end)) {
		while (!c && ((a < a_end && !isdigit((unsigned char)*a)) ||
			      (b < b_end && !isdigit((unsigned char)*b)))) {
			c = weight(a, a_end) - weight(b, b_end);
			a += a < a_end;
			b += b < b_end;
		}
		if (!c)
			c = compare_numbers(&a, a_end, &b, b_end);
	}
	return c;
}

/* The end of the upstream version; the revision follows its hyphen. */
static const char *upstream_end(const char *version)
{
	const char *hyphen = strrchr(version, '-');

	return hyphen ? hyphen : version + strlen(version);
}

int hull_debian_version_compare(const char *a, const char *b)
{
	const char *va = hull_debian_version_without_epoch(a);
	const char *vb = hull_debian_version_without_epoch(b);
	const char *ua = upstream_end(va), *ub = upstream_end(vb);
	int c = compare_numbers(&a, va, &b, vb);

	if (!c)
		c = compare_parts(va, ua, vb, ub);
	if (c)
		return c;
	ua += *ua == '-';
	ub += *ub == '-';
	return compare_parts(ua, ua + strlen(ua), ub, ub + strlen(ub));
}

const char *hull_debian_version_upstream(const char *version, struct hull_arena *a)
{
	version = hull_debian_version_without_epoch(version);
	return hull_arena_strndup(a, version, (size_t)(upstream_end(version) - version));
}

bool hull_debian_version_is_update(const char *version)
{
	const char *p = upstream_end(version);

	while ((p = strstr(p, "deb"))) {
		size_t digits = strspn(p += 3, "0123456789");

		if (!digits || p[digits] != 'u' || !isdigit((unsigned char)p[digits + 1]))
			continue;
		if (p[-4] == '+' || (p[-4] == '~' && strcmp(p + digits, "u1") != 0))
			return true;
	}
	return false;
}
