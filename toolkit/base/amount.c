// SPDX-License-Identifier: MIT
#include "base/amount.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

const char *hull_size_text(uint64_t bytes, char out[HULL_AMOUNT])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 999.5 && u + 1 < sizeof units / sizeof *units) {
		v /= 1000;
		u++;
	}
	snprintf(out, HULL_AMOUNT, "%.*f %s", u && v < 99.95 ? 1 : 0, v, units[u]);
	return out;
}

const char *hull_kb_text(uint64_t bytes, char out[HULL_AMOUNT])
{
	snprintf(out, HULL_AMOUNT, "%.1f kB", (double)bytes / 1000);
	return out;
}

const char *hull_duration_text(int64_t ms, char out[HULL_AMOUNT])
{
	uint64_t s = ms < 0 ? 0 : ((uint64_t)ms + 500) / 1000;

	if (s < 60)
		snprintf(out, HULL_AMOUNT, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(out, HULL_AMOUNT, "%" PRIu64 ":%02" PRIu64 " min", s / 60, s % 60);
	else
		snprintf(out, HULL_AMOUNT, "%" PRIu64 ":%02" PRIu64 " h", s / 3600, s / 60 % 60);
	return out;
}
