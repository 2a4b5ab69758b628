// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"
#include "closure/resolve.h"

/* The repositories of a command that resolves. */
struct hull_repo_options {
	struct hull_strv repos; /* --repo: NAME=URL, URL or directory */
	const char *keys;	/* --repo-keys */
	bool offline, allow_unsigned_http, allow_older, no_priority, strict_newest;
};

/* The rows of those options, for the option table of a command; `base` is the offset of the struct.
 */
#define HULL_REPO_OPTIONS(base)                                                                         \
	{HULL_OPT_LIST,                                                                                 \
	 "repo",                                                                                        \
	 0,                                                                                             \
	 (base) + offsetof(struct hull_repo_options, repos),                                            \
	 "[NAME=]URL",                                                                                  \
	 "another rpm-md repository: a directory, a URL, or mirrorlist:LIST or metalink:LIST "          \
	 "(repeatable; the first goes before the others)"},                                             \
		{HULL_OPT_FILE,                                                                         \
		 "repo-keys",                                                                           \
		 0,                                                                                     \
		 (base) + offsetof(struct hull_repo_options, keys),                                     \
		 "FILE",                                                                                \
		 "OpenPGP keys that must have signed each repository of --repo"},                       \
		{HULL_OPT_FLAG,                                                                         \
		 "allow-unsigned-http",                                                                 \
		 0,                                                                                     \
		 (base) + offsetof(struct hull_repo_options, allow_unsigned_http),                      \
		 NULL,                                                                                  \
		 "take http: repositories without --repo-keys, as anybody on the way can change them"}, \
		{HULL_OPT_FLAG,                                                                         \
		 "allow-older",                                                                         \
		 0,                                                                                     \
		 (base) + offsetof(struct hull_repo_options, allow_older),                              \
		 NULL,                                                                                  \
		 "take a signed repository that is older than it was before"},                          \
		{HULL_OPT_FLAG,                                                                         \
		 "no-repo-priority",                                                                    \
		 0,                                                                                     \
		 (base) + offsetof(struct hull_repo_options, no_priority),                              \
		 NULL,                                                                                  \
		 "take the newest version of a package whichever repository has it"},                   \
		{HULL_OPT_FLAG,                                                                         \
		 "strict-newest",                                                                       \
		 0,                                                                                     \
		 (base) + offsetof(struct hull_repo_options, strict_newest),                            \
		 NULL,                                                                                  \
		 "fail when the newest version of a package cannot be installed"},                      \
	{                                                                                               \
		HULL_OPT_FLAG, "offline", 0, (base) + offsetof(struct hull_repo_options, offline),      \
			NULL, "use only what the store has of remote repositories"                      \
	}

void hull_repo_options_fini(struct hull_repo_options *o);

struct hull_repositories {
	struct hull_arena arena;
	struct hull_repository *v;
	size_t n;
};

/* What `hull build` publishes (out/repo/ARCH, here or in the checkout; named "hull"), if it is
 * there, and then those of --repo, of which one named "hull" takes its place. Without keys, http: is an
 * error unless the option allows it. */
HULL_CHECKED int hull_repositories_init(struct hull_repositories *r, const struct hull_context *ctx,
					const struct hull_repo_options *o, struct hull_err *e);

/* Once a run: a warning for each that is on another machine and not signed. */
void hull_repositories_warn(const struct hull_context *ctx, const struct hull_repo_options *o);

/* Puts into the log what a lock says beside its packages (hull_lock_notices). */
void hull_repositories_notices(const struct hull_context *ctx, const struct hull_lock *l);

void hull_repositories_fini(struct hull_repositories *r);
