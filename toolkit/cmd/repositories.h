// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"
#include "closure/resolve.h"

/* The repositories of a command that resolves. */
struct hull_repo_options {
	struct hull_strv repos; /* --repo: NAME=URL, URL or directory */
	const char *keys;	/* --repo-keys */
	bool offline;
};

/* The rows of those options, for the option table of a command; `base` is the offset of the struct.
 */
#define HULL_REPO_OPTIONS(base)                                                                    \
	{HULL_OPT_LIST,                                                                            \
	 "repo",                                                                                   \
	 0,                                                                                        \
	 (base) + offsetof(struct hull_repo_options, repos),                                       \
	 "[NAME=]URL",                                                                             \
	 "another rpm-md repository: a directory or URL (repeatable; the first wins a tie)"},      \
		{HULL_OPT_FILE,                                                                    \
		 "repo-keys",                                                                      \
		 0,                                                                                \
		 (base) + offsetof(struct hull_repo_options, keys),                                \
		 "FILE",                                                                           \
		 "OpenPGP keys that must have signed each repository of --repo"},                  \
	{                                                                                          \
		HULL_OPT_FLAG, "offline", 0, (base) + offsetof(struct hull_repo_options, offline), \
			NULL, "use only what the store has of remote repositories"                 \
	}

void hull_repo_options_fini(struct hull_repo_options *o);

struct hull_repositories {
	struct hull_arena arena;
	struct hull_repository *v;
	size_t n;
};

/* What `hull build` publishes (out/repo/ARCH, here or in the checkout; named "hull"), if it is
 * there, and then those of --repo, of which one named "hull" takes its place. */
HULL_CHECKED int hull_repositories_init(struct hull_repositories *r, const struct hull_context *ctx,
					const struct hull_repo_options *o, struct hull_err *e);
void hull_repositories_fini(struct hull_repositories *r);
