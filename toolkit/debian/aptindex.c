// SPDX-License-Identifier: MIT
#include "debian/aptindex.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "debian/aptrun.h"

enum { EXPECTED_MS = 40000 };

static int write_text(const char *dir, const char *name, const struct hull_buf *text,
		      struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", dir, name);

	return hull_file_write(AT_FDCWD, path, text->p, text->n, 0600, e);
}

static int write_config(const char *dir, const struct hull_apt_request *r, struct hull_err *e)
{
	hull_autostrv struct hull_strv network = {0};
	hull_autobuf struct hull_buf b = {0};

	if (hull_apt_network(&network, e) < 0)
		return -1;
	for (size_t i = 0; i < network.n; i++)
		hull_buf_addf(&b, "%s\n", network.v[i]);
	hull_buf_addf(&b,
		      "Dir::Etc::main \"/dev/null\";\n"
		      "Dir::Etc::parts \"%s/empty\";\n"
		      "Dir::Etc::sourcelist \"%s/sources.list\";\n"
		      "Dir::Etc::sourceparts \"%s/empty\";\n"
		      "Dir::State \"%s\";\n"
		      "Dir::State::status \"/dev/null\";\n"
		      "Dir::Cache \"%s/cache\";\n",
		      dir, dir, dir, dir, dir);
	hull_buf_addf(&b,
		      "APT::Architecture \"%s\";\n"
		      "APT::Architectures { \"%s\"; };\n"
		      "APT::Sandbox::User \"root\";\n"
		      "APT::Update::Error-Mode \"any\";\n"
		      "Acquire::Languages \"none\";\n"
		      "Acquire::GzipIndexes \"false\";\n",
		      r->arch, r->arch);
	if (r->allow_expired)
		hull_buf_adds(&b, "Acquire::Check-Valid-Until \"false\";\n");
	return write_text(dir, "apt.conf", &b, e);
}

static int write_sources(const char *dir, const struct hull_apt_request *r, struct hull_err *e)
{
	const char *keyring = hull_apt_keyring(e);
	hull_autobuf struct hull_buf b = {0};

	if (!keyring)
		return -1;
	for (size_t i = 0; i < r->suites->n; i++) {
		const struct hull_debian_suite *s = &r->suites->v[i];
		hull_autofree char *uri = hull_apt_uri(s->base);

		hull_buf_addf(&b, "deb-src [signed-by=%s] %s %s main\n", keyring, uri, s->name);
		if (r->packages)
			hull_buf_addf(&b, "deb [signed-by=%s] %s %s main\n", keyring, uri, s->name);
	}
	return write_text(dir, "sources.list", &b, e);
}

/*
 * "E: Release file for http://host/debian/dists/unstable/InRelease is expired (invalid since ...".
 * The suite of such a line if it is optional, else NULL. The caller frees.
 */
static char *expired_suite(const char *line, const struct hull_debian_suites *suites)
{
	static const char start[] = "E: Release file for ", place[] = "/dists/";
	const char *at = hull_starts(line, start) && strstr(line, "/InRelease is expired ")
				 ? strstr(line, place)
				 : NULL;
	const struct hull_debian_suite *found;
	hull_autofree char *name = NULL;

	if (!at)
		return NULL;
	at += sizeof place - 1;
	name = hull_strndup(at, strcspn(at, "/ \n"));
	found = hull_debian_suites_find(suites, name);
	return found && found->optional ? hull_steal(name) : NULL;
}

/* What is left when apt failed: true if it was only for optional suites, which are dropped then. */
static bool drop_expired(const char *said, struct hull_debian_suites *suites)
{
	hull_autostrv struct hull_strv expired = {0};

	for (const char *line = said, *end; *line; line = *end ? end + 1 : end) {
		char *suite = expired_suite(line, suites);

		end = strchrnul(line, '\n');
		if (suite)
			hull_strv_take(&expired, suite);
		else if (hull_starts(line, "E: "))
			return false;
	}
	for (size_t i = 0; i < expired.n; i++)
		hull_debian_suites_drop(suites, expired.v[i], "whose index has expired");
	return expired.n > 0;
}

static int update(const char *dir, struct hull_debian_suites *suites,
		  struct hull_progress *progress, struct hull_err *e)
{
	hull_autofree char *config = hull_asprintf("APT_CONFIG=%s/apt.conf", dir);
	const char *const argv[] = {"env", "LC_ALL=C", config, "apt-get", "update", "-qq", NULL};
	hull_autobuf struct hull_buf text = {0}, quoted = {0};
	hull_autofd int said = memfd_create("apt", MFD_CLOEXEC);
	struct hull_spawn s = {
		.argv = (char *const *)argv, .out = said, .err = said, .own_group = true};
	pid_t pid;
	int r;

	if (said < 0)
		return hull_fail_errno(e, "memfd");
	pid = hull_spawn(&s, e);
	if (pid < 0)
		return -1;
	r = hull_apt_wait(pid, progress, e);
	if (r <= 0)
		return r;
	hull_buf_adds(&text, "");
	if (lseek(said, 0, SEEK_SET) < 0 || hull_fd_read(said, &text, e) < 0)
		return hull_wrap(e, "apt-get update: ");
	if (drop_expired(text.p, suites))
		return 0;
	hull_buf_quote(&quoted, text.p);
	return hull_fail(e, HULL_FAILED, "apt-get update%-s", quoted.n ? quoted.p : ": failed");
}

static int fetch(const char *dir, const struct hull_apt_request *r, struct hull_progress *progress,
		 struct hull_err *e)
{
	static const char *const directories[] = {"empty", "lists/partial",
						  "cache/archives/partial"};
	int slot, result;

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", dir, directories[i]);

		if (hull_mkdirs(AT_FDCWD, path, 0700, e) < 0)
			return -1;
	}
	if (write_config(dir, r, e) < 0 || write_sources(dir, r, e) < 0)
		return -1;
	slot = hull_task_start(progress, "indexes of the Debian archive", EXPECTED_MS);
	result = update(dir, r->suites, progress, e);
	hull_task_end(progress, slot);
	return result;
}

int hull_apt_lists_open(struct hull_apt_lists *l, const struct hull_store *s,
			const struct hull_apt_request *r, struct hull_progress *progress,
			struct hull_err *e)
{
	hull_autofree char *dir = NULL;

	*l = (struct hull_apt_lists){.store = s, .tmp = hull_store_tmp(s, e)};
	if (!l->tmp)
		return -1;
	dir = hull_asprintf("%s/%s", s->path, l->tmp);
	if (fetch(dir, r, progress, e) == 0)
		return 0;
	hull_apt_lists_close(l);
	return hull_wrap(e, "the indexes of the Debian archive: ");
}

/* apt names lists by their URL: "host_debian_dists_trixie_main_source_Sources". */
int hull_apt_lists_read(const struct hull_apt_lists *l, const char *suite,
			enum hull_apt_index which, struct hull_buf *out, struct hull_err *e)
{
	hull_autofree char *lists = hull_asprintf("%s/lists", l->tmp);
	hull_autofree char *start = hull_asprintf("_dists_%s_main_", suite);
	const char *end = which == HULL_APT_SOURCES ? "_Sources" : "_Packages";
	hull_autostrv struct hull_strv names = {0};

	hull_buf_adds(out, "");
	if (hull_dir_list(l->store->fd, lists, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (strstr(names.v[i], start) && hull_ends(names.v[i], end)) {
			hull_autofree char *path = hull_asprintf("%s/%s", lists, names.v[i]);

			return hull_file_read(l->store->fd, path, out, e);
		}
	if (hull_ends(suite, "-security") || hull_ends(suite, "-updates"))
		return 0; /* apt fetches no index that is empty */
	return hull_fail(e, HULL_FAILED, "apt-get update fetched no *%s*%s", start, end);
}

void hull_apt_lists_close(struct hull_apt_lists *l)
{
	/* the next hull sweeps what stays */
	if (l->tmp)
		hull_ignore(hull_remove_tree(l->store->fd, l->tmp, NULL));
	free(l->tmp);
	*l = (struct hull_apt_lists){0};
}
