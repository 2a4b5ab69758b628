// SPDX-License-Identifier: MIT
#include "seed/seed_make.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "debian/aptrun.h"
#include "debian/suites.h"
#include "sandbox/sandbox.h"
#include "sandbox/runner.h"
#include "seed/seed_fix.h"

#define SUITE	HULL_DEBIAN_RELEASE
#define ARCHIVE "var/cache/apt/archives"

enum { EXPECTED_MS = 30000 };

/* --- mmdebstrap --- */

static int check_programs(const char *dir, struct hull_err *e)
{
	static const char *const mmdebstrap[] = {"mmdebstrap", "--version", NULL};
	hull_autobuf struct hull_buf out = {0};

	if (hull_run_checked((char *const *)mmdebstrap, &out, e) < 0)
		return hull_wrap(e, "mmdebstrap does not work, is the package installed? ");
	return hull_sandbox_check(dir, e);
}

static const char setup_hook[] =
	"--setup-hook=cd \"$1\" && mkdir -p usr/bin usr/sbin usr/lib usr/lib64 && "
	"ln -s usr/bin usr/sbin usr/lib usr/lib64 .";

/*
 * In a user namespace for root, too, so that both get the same tree; in a pid namespace, so that
 * apt dies with it; with the merged /usr there before anything is unpacked into it.
 */
static void add_command(const struct hull_seed_table *t, const char *tmp, struct hull_strv *argv)
{
	static const char *const start[] = {
		"TAR_OPTIONS=--no-same-owner",
		"LC_ALL=C.UTF-8",
		"unshare",
		"--map-root-user",
		"--pid",
		"--fork",
		"--kill-child",
		"mmdebstrap",
		"--variant=extract",
		"--mode=root",
		"--skip=chroot/mount,cleanup,check/qemu,check/signed-by",
		setup_hook,
		"--aptopt=APT::Sandbox::User \"root\"",
	};
	hull_autobuf struct hull_buf include = {0};

	hull_strv_add(argv, "env");
	hull_strv_addf(argv, "TMPDIR=%s", tmp);
	for (size_t i = 0; i < sizeof start / sizeof *start; i++)
		hull_strv_add(argv, start[i]);
	for (size_t i = 0; i < t->packages.n; i++)
		hull_buf_addf(&include, i ? ",%s" : "%s", t->packages.v[i]);
	hull_strv_addf(argv, "--include=%s", include.p);
}

/* mmdebstrap's apt reads no configuration of the host, and takes the newest of all these suites. */
static int add_archives(const struct hull_debian_suites *suites, const char *tmp,
			struct hull_strv *argv, struct hull_err *e)
{
	hull_autostrv struct hull_strv network = {0};
	const char *keyring = hull_apt_keyring(e);

	if (!keyring || hull_apt_network(&network, e) < 0)
		return -1;
	for (size_t i = 0; i < network.n; i++)
		hull_strv_addf(argv, "--aptopt=%s", network.v[i]);
	hull_strv_add(argv, SUITE);
	hull_strv_addf(argv, "%s/root", tmp);
	for (size_t i = 0; i < suites->n; i++) {
		hull_autofree char *uri = hull_apt_uri(suites->v[i].base);

		hull_strv_addf(argv, "deb [signed-by=%s] %s %s main", keyring, uri,
			       suites->v[i].name);
	}
	return 0;
}

/* Of the last lines, what is cut off is only long: the command lines that mmdebstrap quotes. */
static void add_tail(const struct hull_strv *lines, struct hull_buf *out)
{
	enum { LINES = 12, WIDTH = 200 };

	for (size_t i = lines->n > LINES ? lines->n - LINES : 0; i < lines->n; i++)
		hull_buf_addf(out, "\n  %.*s%s", WIDTH, lines->v[i],
			      strlen(lines->v[i]) > WIDTH ? " ..." : "");
}

/* What its log says; packages that are not in the archive get their line of the table. */
static int explain(struct hull_seed_table *t, char *text, struct hull_err *e)
{
	static const char unknown[] = "E: Unable to locate package ";
	hull_autobuf struct hull_buf missing = {0}, out = {0};
	hull_autostrv struct hull_strv errors = {0}, all = {0};

	for (char *line = text, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (hull_starts(line, unknown)) {
			const char *name = line + strlen(unknown);
			const char *where = hull_seed_table_where(t, name);

			hull_buf_showf(&missing, "%-s%s: Debian " SUITE " has no package '%s'",
				       missing.n ? "\n" : "", where ? where : t->dir, name);
		}
		hull_strv_add(&all, line);
		/* "E: ...", "tar: ...", not "I: ..." and not what apt would do */
		if (*line != ' ' && *line != 'I' && strstr(line, ": "))
			hull_strv_add(&errors, line);
	}
	if (missing.n)
		return hull_fail(e, HULL_FAILED, "%-s", missing.p);
	add_tail(errors.n ? &errors : &all, &out);
	return hull_fail(e, HULL_FAILED, "mmdebstrap failed:%-s",
			 out.n ? out.p : " it said nothing");
}

static int run_mmdebstrap(struct hull_seed_table *t, const struct hull_strv *argv, const char *tmp,
			  struct hull_progress *progress, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/log", tmp);
	hull_autofd int log = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct hull_spawn s = {.argv = argv->v, .out = log, .err = log, .own_group = true};
	hull_autobuf struct hull_buf text = {0};
	pid_t pid;
	int r;

	if (log < 0)
		return hull_fail_errno(e, "%s", path);
	pid = hull_spawn(&s, e);
	if (pid < 0)
		return -1;
	r = hull_apt_wait(pid, progress, e);
	if (r <= 0)
		return r;
	if (hull_file_read(AT_FDCWD, path, &text, e) < 0)
		return -1;
	return explain(t, text.p, e);
}

/* --- what was unpacked --- */

/* apt's file names are name_version_arch.deb, with '%3a' for the colon of an epoch. */
static int parse_name(const char *file, struct hull_arena *a, struct hull_seed_package *out,
		      struct hull_err *e)
{
	char *name = hull_arena_strdup(a, file), *version = strchr(name, '_');
	char *arch = version ? strchr(version + 1, '_') : NULL, *colon;

	if (!arch || !hull_ends(arch, ".deb"))
		return hull_fail(e, HULL_FAILED, "%s: not the name of a package file", file);
	*version++ = '\0';
	*arch++ = '\0';
	arch[strlen(arch) - strlen(".deb")] = '\0';
	colon = strstr(version, "%3a");
	if (colon) {
		*colon = ':';
		memmove(colon + 1, colon + 3, strlen(colon + 3) + 1);
	}
	*out = (struct hull_seed_package){.name = name, .version = version, .arch = arch};
	return 0;
}

static int record(const char *root, struct hull_arena *a, struct hull_seed_package **out,
		  size_t *out_n, struct hull_err *e)
{
	hull_autofree char *dir = hull_asprintf("%s/" ARCHIVE, root);
	hull_autostrv struct hull_strv files = {0};
	size_t cap = 0;

	*out_n = 0;
	*out = NULL;
	if (hull_dir_list(AT_FDCWD, dir, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", dir, files.v[i]);
		struct hull_seed_package *p;
		hull_autofd int fd = -1;
		char hex[HULL_HEX];

		if (!hull_ends(files.v[i], ".deb"))
			continue;
		*out = hull_grow(*out, &cap, *out_n, sizeof **out);
		p = &(*out)[(*out_n)++];
		fd = hull_open(AT_FDCWD, path, e);
		if (fd < 0 || parse_name(files.v[i], a, p, e) < 0 ||
		    hull_hash_fd(fd, hex, &p->size_bytes, e) < 0)
			return -1;
		p->sha256 = hull_arena_strdup(a, hex);
	}
	if (!*out_n)
		return hull_fail(e, HULL_FAILED, "mmdebstrap left no package files in %s", dir);
	return 0;
}

static int make(struct hull_seed_table *t, const struct hull_debian_suites *suites, const char *tmp,
		struct hull_progress *progress, struct hull_arena *arena,
		struct hull_seed_package **out_packages, size_t *out_npackages, struct hull_err *e)
{
	hull_autofree char *root = hull_asprintf("%s/root", tmp);
	hull_autostrv struct hull_strv argv = {0};

	add_command(t, tmp, &argv);
	if (add_archives(suites, tmp, &argv, e) < 0 ||
	    run_mmdebstrap(t, &argv, tmp, progress, e) < 0 ||
	    record(root, arena, out_packages, out_npackages, e) < 0)
		return -1;
	return hull_seed_fix(root, t, e);
}

/* What has no fixes is said: a mirror of one suite may be meant, but need not be. */
static int find_suites(const struct hull_store *s, const char *tmp, const char *debian_mirror,
		       struct hull_progress *progress, struct hull_debian_suites *out,
		       struct hull_err *e)
{
	if (check_programs(tmp, e) < 0 ||
	    hull_debian_suites_add(out, s, debian_mirror, SUITE, e) < 0)
		return -1;
	for (size_t i = 0; i < out->missing.n; i++)
		hull_log(progress, "seed: without Debian %s", out->missing.v[i]);
	return 0;
}

int hull_seed_make(const struct hull_store *s, struct hull_seed_table *t, const char *debian_mirror,
		   struct hull_progress *progress, struct hull_arena *arena, char **out_root,
		   struct hull_seed_package **out_packages, size_t *out_npackages,
		   struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(s, e), *path = NULL;
	struct hull_debian_suites suites = {0};
	mode_t before;
	int slot, r;

	if (!tmp)
		return -1;
	path = hull_asprintf("%s/%s", s->path, tmp);
	before = umask(022);
	slot = hull_task_start(progress, "seed: Debian " SUITE, EXPECTED_MS);
	r = find_suites(s, path, debian_mirror, progress, &suites, e);
	if (r == 0)
		r = make(t, &suites, path, progress, arena, out_packages, out_npackages, e);
	hull_debian_suites_fini(&suites);
	hull_task_end(progress, slot);
	umask(before);
	if (r < 0) {
		free(hull_steal(*out_packages));
		hull_ignore(hull_remove_tree(s->fd, tmp, NULL));
		return hull_wrap(e, "seed: ");
	}
	*out_root = hull_asprintf("%s/root", tmp);
	return 0;
}
