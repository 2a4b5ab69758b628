// SPDX-License-Identifier: MIT
#include "reproduce/day.h"

#include <time.h>

#include "base/err.h"

/* hull's locale is C: names are English. */
void hull_day_words(int64_t moment, struct hull_arena *a, const char *out[HULL_DAY_WORDS])
{
	char y[8], m[4], d[4], e[4], b[16], B[16], w[16];
	time_t t = moment;
	struct tm tm;

	hull_assert(gmtime_r(&t, &tm));
	hull_assert(strftime(y, sizeof y, "%Y", &tm) && strftime(m, sizeof m, "%m", &tm) &&
		    strftime(d, sizeof d, "%d", &tm) && strftime(e, sizeof e, "%e", &tm) &&
		    strftime(b, sizeof b, "%b", &tm) && strftime(B, sizeof B, "%B", &tm) &&
		    strftime(w, sizeof w, "%a", &tm));
	const char *const words[HULL_DAY_WORDS] = {
		hull_arena_printf(a, "%s-%s-%s", y, m, d),
		hull_arena_printf(a, "%s%s%s", y, m, d),
		hull_arena_printf(a, "%s/%s/%s", y, m, d),
		hull_arena_printf(a, "%s.%s.%s", y, m, d),
		hull_arena_printf(a, "%s.%s.%s", d, m, y),
		hull_arena_printf(a, "%s/%s/%s", d, m, y),
		hull_arena_printf(a, "%s/%s/%s", m, d, y),
		hull_arena_printf(a, "%s-%s-%s", d, b, y),
		hull_arena_printf(a, "%s %s %s", d, b, y),
		hull_arena_printf(a, "%s %s %s", d, B, y),
		hull_arena_printf(a, "%s %s %s", b, d, y),
		hull_arena_printf(a, "%s %s %s", b, e, y), /* __DATE__ */
		hull_arena_printf(a, "%s %s, %s", b, d, y),
		hull_arena_printf(a, "%s %s, %s", B, d, y),
		hull_arena_printf(a, "%s %s %s ??:??:?? %s", w, b, d, y),
		hull_arena_printf(a, "%s %s %s ??:??:?? %s", w, b, e, y),     /* ctime(3) */
		hull_arena_printf(a, "%s %s %s ??:??:?? UTC %s", w, b, e, y), /* date(1) */
	};

	for (size_t i = 0; i < HULL_DAY_WORDS; i++)
		out[i] = words[i];
}
