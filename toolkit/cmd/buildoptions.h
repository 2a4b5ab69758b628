// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/options.h"
#include "base/str.h"

/* The options of commands that build. */

struct hull_build_options {
	struct hull_strv source_urls;
	bool offline, keep_going;
	uint64_t jobs, timeout, memory, processes;
};

/* The rows of those options, for the option table of a command; `base` is the offset of the struct.
 */
#define HULL_BUILD_OPTIONS(base)                                                                              \
	{HULL_OPT_LIST,                                                                                       \
	 "source-url",                                                                                        \
	 0,                                                                                                   \
	 (base) + offsetof(struct hull_build_options, source_urls),                                           \
	 "URL",                                                                                               \
	 "look-aside mirror or directory, tried before the URL of a Source (repeatable)"},                    \
		{HULL_OPT_FLAG,                                                                               \
		 "offline",                                                                                   \
		 0,                                                                                           \
		 (base) + offsetof(struct hull_build_options, offline),                                       \
		 NULL,                                                                                        \
		 "use only sources that the store has"},                                                      \
		{HULL_OPT_FLAG, "keep-going",                                                                 \
		 'k',		(base) + offsetof(struct hull_build_options, keep_going),                     \
		 NULL,		"after a failure, build what does not depend on it"},                         \
		{HULL_OPT_COUNT,                                                                              \
		 "jobs",                                                                                      \
		 'j',                                                                                         \
		 (base) + offsetof(struct hull_build_options, jobs),                                          \
		 "N",                                                                                         \
		 "cores to use (default: all)"},                                                              \
		{HULL_OPT_SECONDS,                                                                            \
		 "timeout",                                                                                   \
		 0,                                                                                           \
		 (base) + offsetof(struct hull_build_options, timeout),                                       \
		 "TIME",                                                                                      \
		 "longest time for one build, such as 90m (default: 3h)"},                                    \
	{                                                                                                     \
		HULL_OPT_SIZE, "memory", 0, (base) + offsetof(struct hull_build_options, memory),             \
			"SIZE",                                                                               \
			"memory for all builds together, such as 8G (default: nine tenths of this machine's)" \
	}

void hull_build_options_defaults(struct hull_build_options *o);
void hull_build_options_fini(struct hull_build_options *o);
