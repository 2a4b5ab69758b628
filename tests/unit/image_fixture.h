// SPDX-License-Identifier: MIT
#pragma once

#include "rpm_craft.h"
#include "rpm_fixture.h"

#include "base/process.h"
#include "closure/lock.h"
#include "payload/payload.h"
#include "rpm/rpmfile.h"

/* A lock of packages that are put into the box's store. */
struct locked {
	struct hull_arena arena;
	struct hull_lock lock;
	struct hull_locked v[16];
};

/* Moves an RPM into the store and appends it to the lock. */
static inline void locked_add(struct locked *l, const struct rpm_box *b, const char *path)
{
	struct hull_package p;
	struct hull_err e;

	assert_true(l->lock.n < 16);
	if (hull_rpm_store(&b->store, AT_FDCWD, path, &l->arena, &p, &e) < 0)
		fail_msg("%s", e.msg);
	l->lock.v = l->v;
	l->v[l->lock.n++] = (struct hull_locked){.name = p.name,
						 .evr = hull_package_evr(&p, &l->arena),
						 .arch = p.arch,
						 .sha256 = p.sha256};
}

static inline void locked_craft(struct locked *l, const struct rpm_box *b, const struct craft *c)
{
	hull_autofree char *path = hull_asprintf("%s/crafted.rpm", b->dir);
	hull_autobuf struct hull_buf rpm = {0};
	struct hull_err e;

	craft_rpm(c, &rpm);
	assert_int_equal(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &e), 0);
	locked_add(l, b, path);
}

static inline void locked_fini(struct locked *l)
{
	hull_arena_fini(&l->arena);
	*l = (struct locked){0};
}

/* What a command of the shell prints; it has to succeed. */
static inline char *shell(const char *command)
{
	char *argv[] = {(char *)"sh", (char *)"-euc", (char *)(uintptr_t)command, NULL};
	struct hull_buf out = {0};
	struct hull_err e;

	if (hull_run_checked(argv, &out, &e) < 0)
		fail_msg("%s: %s", command, e.msg);
	return hull_buf_steal(&out);
}

/* Builds tests/data/image/payload.spec with the host's rpmbuild, and stores its packages. */
static inline void locked_build(struct locked *l, const struct rpm_box *b)
{
	static const char *const names[] = {"payload", "payload-other", "payload-empty"};
	hull_autofree char *command = hull_asprintf(
		"rpmbuild -bb --quiet --nodeps --define '_topdir %s/rpmbuild' "
		"--define '_binary_payload w3.zstdio' --define '__brp_compress %%{nil}' "
		"--define 'use_source_date_epoch_as_buildtime 1' "
		"--define 'source_date_epoch_from_changelog 1' tests/data/image/payload.spec",
		b->dir);
	hull_autofree char *output = shell(command);

	for (size_t i = 0; i < 3; i++) {
		hull_autofree char *path = hull_asprintf(
			"%s/rpmbuild/RPMS/noarch/%s-1.5-3.noarch.rpm", b->dir, names[i]);

		locked_add(l, b, path);
	}
}
