// SPDX-License-Identifier: MIT
#include "audit/upstream.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* "1", "1.azl3", "1~deb12u1", "0ubuntu1": nothing was changed since upstream's release. */
static bool is_first(const char *revision)
{
	size_t digits = strspn(revision, "0123456789");

	if (strtoul(revision, NULL, 10) > 1)
		return false;
	return !strstr(revision + digits, "+deb") && !strstr(revision + digits, "ubuntu");
}

const char *hull_upstream_version(const char *version, struct hull_arena *a, bool *out_first)
{
	static const char *const marks[] = {"+dfsg", ".dfsg",	"~dfsg",  "+ds",
					    "~ds",   "+repack", "+debian"};
	size_t digits = strspn(version, "0123456789");
	char *out, *dash, *really;

	if (digits && version[digits] == ':')
		version += digits + 1;
	out = hull_arena_strdup(a, version);
	dash = strrchr(out, '-');
	*out_first = !dash || is_first(dash + 1);
	if (dash)
		*dash = '\0';
	really = strstr(out, "really");
	if (really && isdigit((unsigned char)really[6]))
		out = really + 6;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		char *at = strstr(out, marks[i]);

		if (at)
			*at = '\0';
	}
	return out;
}

/* One identifier: its length, and whether it is a number. */
static size_t identifier(const char *s, bool *out_number)
{
	size_t n = 0;

	*out_number = true;
	while (s[n] && s[n] != '.' && s[n] != '+' && s[n] != '-') {
		*out_number &= isdigit((unsigned char)s[n]) != 0;
		n++;
	}
	*out_number &= n > 0;
	return n;
}

static int compare_identifiers(const char *a, size_t na, bool anum, const char *b, size_t nb,
			       bool bnum)
{
	int order;

	if (anum != bnum)
		return anum ? -1 : 1;
	if (anum) {
		while (na > 1 && *a == '0')
			a++, na--;
		while (nb > 1 && *b == '0')
			b++, nb--;
		if (na != nb)
			return na < nb ? -1 : 1;
	}
	order = strncmp(a, b, na < nb ? na : nb);
	return order ? order : na < nb ? -1 : na > nb;
}

/* Numbers up to the first '-' or '+'; missing ones are 0. Leaves both at what follows. */
static int compare_numbers(const char **a, const char **b)
{
	int order = 0;

	while (isalnum((unsigned char)**a) || isalnum((unsigned char)**b)) {
		bool anum = true, bnum = true;
		size_t na = identifier(*a, &anum), nb = identifier(*b, &bnum);

		if (!order)
			order = compare_identifiers(na ? *a : "0", na ? na : 1, na ? anum : true,
						    nb ? *b : "0", nb ? nb : 1, nb ? bnum : true);
		*a += na;
		*b += nb;
		*a += **a == '.';
		*b += **b == '.';
	}
	return order;
}

static const char *skip_prefix(const char *s)
{
	s += hull_starts(s, "go") ? 2 : 0;
	return s + (*s == 'v');
}

int hull_semver_compare(const char *a, const char *b)
{
	int order;

	a = skip_prefix(a);
	b = skip_prefix(b);
	order = compare_numbers(&a, &b);
	if (order)
		return order;
	/* a pre-release is older than the release */
	if ((*a == '-') != (*b == '-'))
		return *a == '-' ? -1 : 1;
	if (*a != '-')
		return 0;
	for (a++, b++;; a++, b++) {
		const char *adash = a + strcspn(a, ".+"), *bdash = b + strcspn(b, ".+");
		size_t na = (size_t)(adash - a), nb = (size_t)(bdash - b);

		order = compare_identifiers(a, na, strspn(a, "0123456789") == na && na, b, nb,
					    strspn(b, "0123456789") == nb && nb);
		if (order)
			return order;
		a = adash;
		b = bdash;
		if (*a != '.' || *b != '.')
			return (*a == '.') - (*b == '.');
	}
}
