// SPDX-License-Identifier: MIT
#pragma once

#include "tree_fixture.h"

#include "check/check.h"
#include "inspect/inventory.h"

/* A system filled by hand, with its tree in memory. */

static inline struct hull_package fixture_package(const char *name, const char *version,
						  const char *release, const char *source)
{
	return (struct hull_package){.name = name,
				     .version = version,
				     .release = release,
				     .arch = "x86_64",
				     .license = "MIT",
				     .source_rpm = source};
}

struct audit_box {
	struct hull_system system;
	struct hull_package packages[8];
	struct hull_audit_options options;
	struct hull_findings found;
	struct hull_err e;
};

static inline void audit_box_init(struct audit_box *b)
{
	*b = (struct audit_box){0};
	hull_tree_init(&b->system.tree);
	hull_tree_init(&b->system.esp);
	b->system.path = "box.raw";
	b->system.packages = b->packages;
	b->options.checks = "kernel";
	b->options.threads = 2;
}

static inline struct hull_package *audit_box_package(struct audit_box *b, const char *name,
						     const char *version, const char *release,
						     const char *source)
{
	struct hull_package *p = &b->packages[b->system.npackages++];

	*p = fixture_package(name, version, release, source);
	return p;
}

static inline void audit_box_fini(struct audit_box *b)
{
	hull_findings_fini(&b->found);
	hull_tree_fini(&b->system.tree);
	hull_tree_fini(&b->system.esp);
	hull_strv_fini(&b->options.vex);
	hull_strv_fini(&b->options.forbid);
	hull_arena_fini(&b->system.arena);
}

/* Runs one check. */
static inline int audit_box_check(struct audit_box *b,
				  int (*check)(struct hull_check *, struct hull_err *))
{
	struct hull_check c = {.s = &b->system, .o = &b->options, .out = &b->found};
	int rc;

	hull_findings_fini(&b->found);
	if (hull_userdb_read(&b->system.tree, &c.users, &b->e) < 0)
		fail_msg("%s", b->e.msg);
	rc = check(&c, &b->e);
	hull_userdb_fini(&c.users);
	hull_arena_fini(&c.arena);
	hull_findings_sort(&b->found);
	return rc;
}

/* "id object" of each finding; the caller frees. */
static inline char *found_text(const struct hull_findings *f)
{
	struct hull_buf b = {0};

	hull_buf_adds(&b, "");
	for (size_t i = 0; i < f->n; i++)
		hull_buf_addf(&b, "%s %s %s\n", hull_severity_name(f->v[i].severity),
			      f->v[i].rule->id, f->v[i].object);
	return hull_buf_steal(&b);
}

static inline void assert_found(const struct hull_findings *f, const char *want)
{
	hull_autofree char *have = found_text(f);

	if (strcmp(have, want) != 0)
		fail_msg("found:\n%sexpected:\n%s", have, want);
}

/* A file of the test in its directory. */
static inline char *write_file(const char *dir, const char *name, const char *text)
{
	char *path = hull_asprintf("%s/%s", dir, name);
	struct hull_err e;

	if (hull_file_write(AT_FDCWD, path, text, strlen(text), 0644, &e) < 0)
		fail_msg("%s", e.msg);
	return path;
}
