// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "cli/options.h"
#include "keys/keyring.h"

/* The options of commands that build. */

struct hull_build_options {
	struct hull_strv source_urls;
	bool offline, keep_going;
	enum hull_keyring_use keys;
	bool public_module_key;
	uint64_t jobs, timeout, memory, processes, log_bytes, inodes;
	uint64_t disk; /* HULL_DISK_DEFAULT: as the disk has it */

	/* what changes what is built */
	struct hull_strv no_check; /* names of specs, "" for all */
	struct hull_strv defines;
	bool check_may_fail, debuginfo;
	uint64_t retry_check;
	bool force; /* the specs that are named */
};

/* Nine tenths of what is free where the store is. */
#define HULL_DISK_DEFAULT UINT64_MAX

/* The place of a member in the struct that has these options at the offset `base`. */
#define HULL_BUILD_OPTION_AT(base, member) ((base) + offsetof(struct hull_build_options, member))

/* The rows of those options, for the option table of a command; clang-format has no form for a list
 * of braces in a macro. */
// clang-format off
#define HULL_PUBLIC_MODULE_KEY_OPTION(at)                                                          \
	{HULL_OPT_FLAG, "public-module-key", 0, at, NULL,                                          \
	 "sign kernel modules with the key that everybody has, to compare with published bytes"}
#define HULL_BUILD_OPTIONS(base)                                                                   \
	{HULL_OPT_LIST, "source-url", 0, HULL_BUILD_OPTION_AT(base, source_urls), "URL",           \
	 "look-aside mirror or directory, tried before the URL of a Source (repeatable)"},         \
	{HULL_OPT_FLAG, "offline", 0, HULL_BUILD_OPTION_AT(base, offline), NULL,                   \
	 "use only sources that the store has"},                                                   \
	{HULL_OPT_FLAG, "keep-going", 'k', HULL_BUILD_OPTION_AT(base, keep_going), NULL,           \
	 "after a failure, build what does not depend on it"},                                     \
	HULL_PUBLIC_MODULE_KEY_OPTION(HULL_BUILD_OPTION_AT(base, public_module_key)),              \
	{HULL_OPT_COUNT, "jobs", 'j', HULL_BUILD_OPTION_AT(base, jobs), "N",                       \
	 "cores to use (default: all)"},                                                           \
	{HULL_OPT_SECONDS, "timeout", 0, HULL_BUILD_OPTION_AT(base, timeout), "TIME",              \
	 "longest time for one build, such as 90m (default: 3h)"},                                 \
	{HULL_OPT_SIZE, "memory", 0, HULL_BUILD_OPTION_AT(base, memory), "SIZE",                   \
	 "memory for all builds together, such as 8G (default: nine tenths of this machine's)"},   \
	{HULL_OPT_COUNT, "processes", 0, HULL_BUILD_OPTION_AT(base, processes), "N",               \
	 "processes and threads of one build (default: 1,024 and 256 for each core)"},             \
	{HULL_OPT_SIZE, "disk", 0, HULL_BUILD_OPTION_AT(base, disk), "SIZE",                       \
	 "disk space of one build (default: nine tenths of what is free)"},                        \
	{HULL_OPT_COUNT, "inodes", 0, HULL_BUILD_OPTION_AT(base, inodes), "N",                     \
	 "files and directories of one build (default: 2,000,000)"},                               \
	{HULL_OPT_SIZE, "log-size", 0, HULL_BUILD_OPTION_AT(base, log_bytes), "SIZE",              \
	 "longest log of one build (default: 256M)"}
/* Of commands that can build in another way than usual. */
#define HULL_BUILD_RULE_OPTIONS(base)                                                              \
	{HULL_OPT_LIST, "define", 'D', HULL_BUILD_OPTION_AT(base, defines), "MACRO",               \
	 "a macro, 'NAME VALUE', for the specs that are named, or all if none is (repeatable)"},   \
	{HULL_OPT_FLAG, "debuginfo", 0, HULL_BUILD_OPTION_AT(base, debuginfo), NULL,               \
	 "also make NAME-debuginfo of the specs that are named, or of all if none is"},            \
	{HULL_OPT_CHOICE, "no-check", 0, HULL_BUILD_OPTION_AT(base, no_check), "[=SPEC]",          \
	 "leave out the %check of a spec (repeatable), or of all that is built"},                  \
	{HULL_OPT_FLAG, "check-not-fatal", 0, HULL_BUILD_OPTION_AT(base, check_may_fail), NULL,    \
	 "take packages whose %check fails; the record says so"},                                  \
	{HULL_OPT_COUNT, "retry-check", 0, HULL_BUILD_OPTION_AT(base, retry_check), "N",           \
	 "run a %check that fails up to N times more"}
// clang-format on

void hull_build_options_defaults(struct hull_build_options *o);
void hull_build_options_fini(struct hull_build_options *o);
