// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "inspect/system.h"

/* What is different between two images. */

enum hull_difference { HULL_ADDED, HULL_REMOVED, HULL_CHANGED, HULL_REBUILT };

struct hull_package_difference {
	enum hull_difference kind; /* REBUILT: the same EVR, but another build */
	const char *name, *arch;
	const char *old_evr, *new_evr;	/* NULL where there is none */
	const char *source;		/* "zlib-1.3-1.src.rpm", or NULL */
	int64_t old_bytes, new_bytes;	/* installed */
	bool reverted;			/* the entries below are those that are gone */
	const struct hull_change **log; /* entries that only one side has, newest first */
	size_t nlog;
	bool log_told;		 /* a package in front of this one has the same */
	const char *const *cves; /* named in them, sorted; NULL-terminated */
};

enum hull_file_aspect {
	HULL_ASPECT_TYPE = 1,
	HULL_ASPECT_CONTENT = 2,
	HULL_ASPECT_TARGET = 4,
	HULL_ASPECT_MODE = 8,
	HULL_ASPECT_OWNER = 16,
	HULL_ASPECT_CAPABILITIES = 32,
	HULL_ASPECT_ATTRIBUTES = 64, /* other extended ones */
	HULL_ASPECTS = 7
};

struct hull_file_state {
	mode_t mode; /* 0: it is not there */
	uint32_t uid, gid;
	uint64_t size_bytes;
	const char *target, *capabilities; /* or NULL */
};

struct hull_file_difference {
	enum hull_difference kind;
	const char *path;
	const char *package;  /* that has it, in the new image if it is there; or NULL */
	unsigned int aspects; /* of a CHANGED file */
	bool privilege;	      /* set-uid or set-gid bits or capabilities come, go or change hands */
	struct hull_file_state old, now;
};

/* A setting by name; NULL where there is none. */
struct hull_setting_difference {
	const char *name, *old, *now;
};

struct hull_setting_differences {
	struct hull_setting_difference *v;
	size_t n, cap;
};

struct hull_size_difference {
	const char *name;
	int64_t old_bytes, new_bytes; /* -1 where there is none */
};

struct hull_comparison {
	struct hull_arena arena;
	const char *old_path, *new_path;
	bool with_files; /* both are images: all that follows the packages is known */
	struct hull_package_difference *packages;
	size_t npackages, cap_packages;
	struct hull_file_difference *files; /* in order of the tree */
	size_t nfiles, cap_files;
	struct hull_setting_differences units;	 /* "sshd.service": disabled, enabled, masked */
	struct hull_setting_differences presets; /* of units that both have */
	struct hull_setting_differences kernel;	 /* options; "n" where one is not set */
	bool with_kernel;			 /* both configurations were found */
	struct hull_setting_differences command_line, os_release;
	struct hull_size_difference *sizes; /* partitions, all files, the image file */
	size_t nsizes, cap_sizes;
};

void hull_comparison_fini(struct hull_comparison *c);

/* True if nothing was found to differ. */
bool hull_comparison_is_empty(const struct hull_comparison *c);

const char *hull_difference_name(enum hull_difference d); /* "added" */

/* Appends a setting; strings are copied. */
void hull_setting_add(struct hull_setting_differences *d, struct hull_arena *a, const char *name,
		      const char *old, const char *now);
