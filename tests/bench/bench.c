// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "bench.h"
#include "repo/index.h"
#include "repo/read.h"
#include "repo/repo.h"
#include "rpm/rpmfile.h"
#include "sandbox/runner.h"
#include "solve/pool.h"

/*
 * What make bench measures inside the process; prints "<milliseconds> <peak KiB>".
 *   bench root SEED LAYER...    a build root of these unpacked packages and /bin/true in it
 *   bench repo STORE DIR        the index of every package in the store
 *   bench packages STORE DIR N  makes a repository of N packages in DIR; nothing is measured
 *   bench resolve STORE DIR ARCH PACKAGE...   what these packages of a repository need
 *   bench content DIR PACKAGES FILES MEAN PROGRAM   makes a directory of files for each of so many
 * packages, every tenth file a copy of a program with more behind it; nothing is measured bench
 * files N FILE.vhdx      a disk of N small files, straight from memory bench run COMMAND... a
 * command: "<milliseconds> <peak KiB> <bytes written to files>"
 */

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
	printf("%lld %ld\n", (long long)(hull_monotonic_ms() - start), bench_peak_kib());
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
	v = hull_alloc_array(names.n, sizeof *v);
	list = hull_alloc_array(names.n, sizeof *list);
	for (size_t i = 0; i < names.n; i++) {
		names.v[i][strcspn(names.v[i], ".")] = '\0';
		if (hull_rpm_stored(&s, names.v[i], &a, &v[i], e) < 0)
			goto out;
		list[i] = &v[i];
	}
	r = hull_repo_write(&s, argv[1], list, names.n, 0, &stats, e);
	if (r == 0)
		printf("%lld %ld\n", (long long)(hull_monotonic_ms() - start), bench_peak_kib());
out:
	free(v);
	free(list);
	hull_arena_fini(&a);
	hull_store_close(&s);
	return r;
}

/* Synthetic packages: in groups of 100, each of which the first one requires as a tree. */

enum { GROUP = 100, FILES = 40 };

static const char *number(struct hull_arena *a, const char *format, size_t i)
{
	hull_autofree char *digits = hull_asprintf("%05zu", i);

	return hull_arena_printf(a, "%s%s%s", hull_arena_strndup(a, format, strcspn(format, "#")),
				 digits, strchr(format, '#') + 1);
}

/* By name and version, by soname, by a name that two provide, or by a file. */
static struct hull_dep requirement(struct hull_arena *a, size_t i)
{
	switch (i % 4) {
	case 0:
		return (struct hull_dep){.name = number(a, "package#", i),
					 .evr = "1.0",
					 .flags = HULL_DEP_GREATER | HULL_DEP_EQUAL};
	case 1:
		return (struct hull_dep){.name = number(a, "libpackage#.so.1()(64bit)", i)};
	case 2:
		return (struct hull_dep){.name = i % GROUP < 20 ? number(a, "virtual(#)", i)
								: number(a, "package#", i)};
	default:
		return (struct hull_dep){.name = number(a, "/usr/bin/package#", i)};
	}
}

static void add(struct hull_arena *a, struct hull_deps *to, struct hull_dep dep)
{
	hull_deps_add(to, a, &dep);
}

static struct hull_package *synthetic(struct hull_arena *a, size_t i, size_t n)
{
	struct hull_package *p = hull_arena_alloc(a, sizeof *p);
	size_t in_group = i % GROUP, group = i - in_group;
	char digest[HULL_HEX];

	*p = (struct hull_package){
		.name = number(a, "package#", i),
		.version = "1.5",
		.release = "1",
		.arch = "x86_64",
		.summary = "A package of the benchmark",
		.description = "Text.",
		.license = "MIT",
		.content = "",
		.installed_bytes = 10000 + i * 7919 % 90000,
		.archive_bytes = 10000,
		.build_time = 1700000000,
	};
	p->source_rpm = number(a, "package#-1.5-1.src.rpm", i);
	add(a, &p->deps[HULL_PROVIDES],
	    (struct hull_dep){.name = p->name, .evr = "1.5-1", .flags = HULL_DEP_EQUAL});
	add(a, &p->deps[HULL_PROVIDES],
	    (struct hull_dep){.name = number(a, "libpackage#.so.1()(64bit)", i)});
	add(a, &p->deps[HULL_PROVIDES], (struct hull_dep){.name = number(a, "virtual(#)", i)});
	add(a, &p->deps[HULL_PROVIDES],
	    (struct hull_dep){.name = number(a, "virtual(#)", (i + GROUP) % n)});
	for (size_t k = in_group * 2 + 1; k <= in_group * 2 + 2 && k < GROUP && group + k < n; k++)
		add(a, &p->deps[HULL_REQUIRES], requirement(a, group + k));
	p->nfiles = FILES;
	p->files = hull_arena_array(a, FILES, sizeof *p->files);
	for (size_t k = 0; k < FILES; k++)
		p->files[k] = (struct hull_file){
			.path = k ? hull_arena_printf(a, "/usr/share/%s/%02zu", p->name, k)
				  : hull_arena_printf(a, "/usr/bin/%s", p->name),
			.mode = S_IFREG | 0644,
		};
	hull_hash_bytes(p->name, strlen(p->name), digest);
	p->sha256 = hull_arena_strdup(a, digest);
	p->file_bytes = strlen(p->name);
	return p;
}

static int packages(char **argv, struct hull_err *e)
{
	struct hull_arena a = {0};
	struct hull_store s;
	struct hull_repo_stats stats;
	const struct hull_package **list;
	uint64_t n;
	int r = 0;

	if (!hull_parse_u64(argv[2], 1, 1000000, &n))
		return hull_fail(e, HULL_USAGE, "'%s' is no number", argv[2]);
	if (hull_store_open(&s, argv[0], e) < 0)
		return -1;
	list = hull_alloc_array(n, sizeof *list);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct hull_store_path rpm;
		int fd;

		list[i] = synthetic(&a, i, n);
		rpm = hull_store_path(HULL_STORE_RPM, list[i]->sha256);
		fd = openat(s.fd, rpm.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		r = fd < 0 ? hull_fail_errno(e, "%s", rpm.path)
			   : hull_fd_write(fd, list[i]->name, strlen(list[i]->name), e);
		if (fd >= 0)
			close(fd);
	}
	if (r == 0)
		r = hull_repo_write(&s, argv[1], list, n, 0, &stats, e);
	free(list);
	hull_arena_fini(&a);
	hull_store_close(&s);
	return r;
}

static int resolve(char **argv, struct hull_err *e)
{
	struct hull_arena a = {0};
	struct hull_store s;
	struct hull_deps wants = {0};
	struct hull_closure_request request = {.wants = &wants};
	struct hull_repository place = {.name = "bench", .url = argv[1]};
	struct hull_pool *pool = hull_pool_new(argv[2]);
	struct hull_pkgset set = {0};
	char digest[HULL_HEX];
	int64_t start;

	if (hull_store_open(&s, argv[0], e) < 0)
		return -1;
	for (char **name = argv + 3; *name; name++)
		add(&a, &wants, (struct hull_dep){.name = *name});
	start = hull_monotonic_ms();
	if (hull_repo_index(&s, &place, false, NULL, digest, e) < 0)
		return -1;
	struct hull_store_path index = hull_store_path(HULL_STORE_INDEX, digest);
	hull_autofd int fd = hull_open(s.fd, index.path, e);
	if (fd < 0 || hull_pool_load(pool, fd, index.path, 0, false, e) < 0)
		return -1;
	int64_t loaded = hull_monotonic_ms();
	if (hull_pool_closure(pool, &request, &set, NULL, e) < 0)
		return -1;
	int64_t solved = hull_monotonic_ms();
	struct hull_reason *reasons = hull_alloc_array(set.n + 1, sizeof *reasons);
	hull_pool_reasons(pool, &request, &set, &a, reasons);
	printf("%lld %ld %lld %lld %lld %zu\n", (long long)(hull_monotonic_ms() - start),
	       bench_peak_kib(), (long long)(loaded - start), (long long)(solved - loaded),
	       (long long)(hull_monotonic_ms() - solved), set.n);
	free(reasons);
	hull_pkgset_fini(&set);
	hull_pool_free(pool);
	hull_arena_fini(&a);
	hull_store_close(&s);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int least, most; /* arguments */
		int (*run)(char **argv, struct hull_err *e);
	} table[] = {
		{"root", 1, 1000, root},	  {"repo", 2, 2, repo},
		{"packages", 3, 3, packages},	  {"resolve", 4, 1000, resolve},
		{"content", 5, 5, bench_content}, {"files", 2, 2, bench_files},
		{"run", 1, 1000, bench_run},
	};
	struct hull_err e = {0};
	int r;

	for (size_t i = 0; argc > 1 && i < sizeof table / sizeof *table; i++) {
		if (strcmp(argv[1], table[i].name) != 0 || argc - 2 < table[i].least ||
		    argc - 2 > table[i].most)
			continue;
		r = table[i].run(argv + 2, &e);
		if (r < 0)
			fprintf(stderr, "bench: %s\n", e.msg);
		return r < 0 ? 1 : r;
	}
	fputs("usage: see the top of tests/bench/bench.c\n", stderr);
	return 2;
}
