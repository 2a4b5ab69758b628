// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

int64_t hull_now(void)
{
	return (int64_t)time(NULL);
}

int64_t hull_monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *hull_env(const char *name)
{
	const char *v = getenv(name);

	return v && *v ? v : NULL;
}

int hull_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return CPU_COUNT(&set);
	return 1;
}

uint64_t hull_memory_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}

bool hull_boot_id(char out[HULL_BOOT_ID])
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &text, NULL) < 0 ||
	    text.n != HULL_BOOT_ID || strspn(text.p, "0123456789abcdef-") != HULL_BOOT_ID - 1)
		return false;
	memcpy(out, text.p, HULL_BOOT_ID - 1);
	out[HULL_BOOT_ID - 1] = '\0';
	return true;
}

const char *hull_time_text(struct hull_arena *a, int64_t seconds)
{
	const int64_t last = 253402300799; /* of the year 9999 */
	time_t t = (time_t)(seconds < 0 ? 0 : seconds > last ? last : seconds);
	struct tm tm;
	char text[32];

	hull_assert(gmtime_r(&t, &tm));
	hull_assert(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
	return hull_arena_strdup(a, text);
}

const char *hull_date_text(struct hull_arena *a, int64_t seconds)
{
	return hull_arena_strndup(a, hull_time_text(a, seconds), strlen("2026-11-24"));
}
