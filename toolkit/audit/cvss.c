// SPDX-License-Identifier: MIT
#include "audit/cvss.h"

#include <string.h>

/* The letter of a metric such as "AV"; 0 if it is missing. */
static char metric(const char *vector, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = vector; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (!strncmp(at, name, n) && at[n] == ':')
			return at[n + 1];
	}
	return 0;
}

/* Letters with their weights; -1 if the letter is none of them. */
static double weight(char letter, const char *letters, const double *weights)
{
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? weights[at - letters] : -1;
}

/* CVSS 3.1, appendix A: up to one decimal, without the noise of binary fractions. */
static int round_up(double score)
{
	long value = (long)(score * 100000 + 0.5);

	return (int)(value % 10000 == 0 ? value / 10000 : value / 10000 + 1);
}

/* CVSS 3.1, section 7.1. */
int hull_cvss_score(const char *vector)
{
	static const double av[] = {0.85, 0.62, 0.55, 0.2}, ac[] = {0.77, 0.44},
			    pr[] = {0.85, 0.62, 0.27}, pr_changed[] = {0.85, 0.68, 0.5},
			    ui[] = {0.85, 0.62}, impact_of[] = {0, 0.22, 0.56};
	bool changed = metric(vector, "S") == 'C';
	double v[] = {weight(metric(vector, "AV"), "NALP", av),
		      weight(metric(vector, "AC"), "LH", ac),
		      weight(metric(vector, "PR"), "NLH", changed ? pr_changed : pr),
		      weight(metric(vector, "UI"), "NR", ui)};
	double i[] = {weight(metric(vector, "C"), "NLH", impact_of),
		      weight(metric(vector, "I"), "NLH", impact_of),
		      weight(metric(vector, "A"), "NLH", impact_of)};
	double base, impact, power = 1, sum;

	if (strncmp(vector, "CVSS:3.", 7) != 0 || (!changed && metric(vector, "S") != 'U'))
		return -1;
	for (size_t k = 0; k < 4; k++)
		if (v[k] < 0 || (k < 3 && i[k] < 0))
			return -1;
	base = 1 - (1 - i[0]) * (1 - i[1]) * (1 - i[2]);
	for (int k = 0; k < 15; k++)
		power *= base - 0.02;
	impact = changed ? 7.52 * (base - 0.029) - 3.25 * power : 6.42 * base;
	if (impact <= 0)
		return 0;
	sum = impact + 8.22 * v[0] * v[1] * v[2] * v[3];
	if (changed)
		sum *= 1.08;
	return round_up(sum > 10 ? 10 : sum);
}

bool hull_cvss_parse(const char *vector, enum hull_severity *out)
{
	int score = hull_cvss_score(vector);

	if (score < 0)
		return false;
	*out = score >= 90   ? HULL_CRITICAL
	       : score >= 70 ? HULL_HIGH
	       : score >= 40 ? HULL_MEDIUM
	       : score > 0   ? HULL_LOW
			     : HULL_INFO;
	return true;
}
