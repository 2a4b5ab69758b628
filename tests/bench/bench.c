// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "repo/repo.h"
#include "rpm/file.h"
#include "sandbox/sandbox.h"

/*
 * What make bench measures inside the process; prints "<milliseconds> <peak KiB>".
 *   bench root SEED LAYER...    a build root of these unpacked packages and /bin/true in it
 *   bench repo STORE DIR        the index of every package in the store
 */

static long peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static int root(char **argv, struct hull_err *e)
{
	const char *true_argv[] = {"/usr/bin/true", NULL}, *env[] = {NULL};
	struct hull_mount mounts[] = {
		{.kind = HULL_MOUNT_TMPFS, .target = "/hull"},
		{.kind = HULL_MOUNT_UNION, .target = "/hull/sysroot"},
	};
	struct hull_sandbox s = {
		.root = argv[0],
		.mounts = mounts,
		.nmounts = 2,
		.argv = (char *const *)true_argv,
		.envp = (char *const *)env,
		.cwd = "/",
		.hostname = "build",
	};
	struct hull_sandbox_result r;
	int64_t start;

	mounts[1].layers = (const char *const *)(argv + 1);
	while (argv[1 + mounts[1].nlayers])
		mounts[1].nlayers++;
	start = hull_monotonic_ms();
	if (hull_sandbox_run(&s, &r, e) < 0)
		return -1;
	printf("%lld %ld\n", (long long)(hull_monotonic_ms() - start), peak_kib());
	return r.status;
}

static int repo(char **argv, struct hull_err *e)
{
	struct hull_arena a = {0};
	hull_autostrv struct hull_strv names = {0};
	struct hull_store s;
	struct hull_repo_stats stats;
	struct hull_package *v;
	const struct hull_package **list;
	int64_t start;
	int r = -1;

	if (hull_store_open(&s, argv[0], e) < 0 || hull_dir_list(s.fd, "rpms", &names, e) < 0)
		return -1;
	start = hull_monotonic_ms();
	v = hull_alloc(names.n * sizeof *v);
	list = hull_alloc(names.n * sizeof *list);
	for (size_t i = 0; i < names.n; i++) {
		names.v[i][strcspn(names.v[i], ".")] = '\0';
		if (hull_rpm_stored(&s, names.v[i], &a, &v[i], e) < 0)
			goto out;
		list[i] = &v[i];
	}
	r = hull_repo_write(&s, argv[1], list, names.n, 0, &stats, e);
	if (r == 0)
		printf("%lld %ld\n", (long long)(hull_monotonic_ms() - start), peak_kib());
out:
	free(v);
	free(list);
	hull_arena_fini(&a);
	hull_store_close(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct hull_err e = {0};
	int r = 2;

	if (argc >= 3 && !strcmp(argv[1], "root"))
		r = root(argv + 2, &e);
	else if (argc == 4 && !strcmp(argv[1], "repo"))
		r = repo(argv + 2, &e);
	if (r < 0)
		fprintf(stderr, "bench: %s\n", e.msg);
	return r < 0 ? 1 : r;
}
