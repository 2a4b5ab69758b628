// SPDX-License-Identifier: MIT
#include "godeps/aptindex.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "source/mirrors.h"
#include "source/source.h"

static const char keyring[] = "/usr/share/keyrings/debian-archive-keyring.gpg";

static int write_text(const char *dir, const char *name, const struct hull_buf *text,
		      struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", dir, name);

	return hull_file_write(AT_FDCWD, path, text->p, text->n, 0600, e);
}

/* How the host reaches the network is kept of its configuration, hooks and the like are not. */
static int add_host_network(struct hull_buf *out, struct hull_err *e)
{
	static const char *const argv[] = {"apt-config", "dump", NULL};
	hull_autobuf struct hull_buf text = {0};

	if (hull_run_checked((char *const *)argv, &text, e) < 0)
		return -1;
	hull_buf_addc(&text, '\n');
	for (const char *p = text.p; *p; p = strchr(p, '\n') + 1)
		if (hull_starts(p, "Acquire::http") || hull_starts(p, "Acquire::Retries"))
			hull_buf_add(out, p, strcspn(p, "\n") + 1);
	return 0;
}

static int write_config(const char *dir, struct hull_err *e)
{
	hull_autobuf struct hull_buf b = {0};

	if (add_host_network(&b, e) < 0)
		return -1;
	hull_buf_addf(&b,
		      "Dir::Etc::main \"/dev/null\";\n"
		      "Dir::Etc::parts \"%s/empty\";\n"
		      "Dir::Etc::sourcelist \"%s/sources.list\";\n"
		      "Dir::Etc::sourceparts \"%s/empty\";\n"
		      "Dir::State \"%s\";\n"
		      "Dir::State::status \"/dev/null\";\n"
		      "Dir::Cache \"%s/cache\";\n",
		      dir, dir, dir, dir, dir);
	hull_buf_adds(&b, "APT::Architecture \"amd64\";\n"
			  "APT::Architectures { \"amd64\"; };\n"
			  "APT::Sandbox::User \"root\";\n"
			  "APT::Update::Error-Mode \"any\";\n"
			  "Acquire::Languages \"none\";\n"
			  "Acquire::GzipIndexes \"false\";\n");
	return write_text(dir, "apt.conf", &b, e);
}

static int write_sources(const char *dir, const char *base, const char *suite, struct hull_err *e)
{
	hull_autofree char *signer = hull_exists(AT_FDCWD, keyring)
					     ? hull_asprintf("[signed-by=%s] ", keyring)
					     : hull_strdup("");
	const char *scheme = *base == '/' ? "file:" : "";
	hull_autobuf struct hull_buf b = {0};

	hull_buf_addf(&b, "deb %s%s%s %s main\n", signer, scheme, base, suite);
	hull_buf_addf(&b, "deb-src %s%s%s %s main\n", signer, scheme, base, suite);
	return write_text(dir, "sources.list", &b, e);
}

static int update(const char *dir, struct hull_err *e)
{
	hull_autofree char *config = hull_asprintf("APT_CONFIG=%s/apt.conf", dir);
	const char *const argv[] = {"env", config, "apt-get", "update", "-qq", NULL};
	hull_autobuf struct hull_buf out = {0};

	return hull_run_checked((char *const *)argv, &out, e);
}

static int read_index(const char *dir, const char *suffix, struct hull_buf *out, struct hull_err *e)
{
	hull_autofree char *lists = hull_asprintf("%s/lists", dir);
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, lists, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (hull_ends(names.v[i], suffix)) {
			hull_autofree char *path = hull_asprintf("%s/%s", lists, names.v[i]);

			return hull_file_read(AT_FDCWD, path, out, e);
		}
	return hull_fail(e, HULL_FAILED, "apt-get update fetched no *%s", suffix);
}

static int fetch_indexes(const char *dir, const struct hull_strv *bases, const char *suite,
			 struct hull_buf *out_packages, struct hull_buf *out_sources,
			 struct hull_err *e)
{
	static const char *const directories[] = {"empty", "lists/partial",
						  "cache/archives/partial"};
	struct hull_err first = {0}, why;
	bool done = false;

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", dir, directories[i]);

		if (hull_mkdirs(AT_FDCWD, path, 0700, e) < 0)
			return -1;
	}
	if (write_config(dir, e) < 0)
		return -1;
	for (size_t i = 0; i < bases->n && !done; i++) {
		if (write_sources(dir, bases->v[i], suite, e) < 0)
			return -1;
		done = update(dir, &why) == 0;
		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (!done && !first.code)
			first = why;
	}
	if (!done) {
		hull_wrap(&first, "the index of Debian %s: ", suite);
		return hull_fail_as(e, &first);
	}
	if (read_index(dir, "_Packages", out_packages, e) < 0)
		return -1;
	return read_index(dir, "_Sources", out_sources, e);
}

int hull_apt_indexes(const struct hull_store *s, const char *mirror, const char *suite,
		     struct hull_buf *out_packages, struct hull_buf *out_sources,
		     struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(s, e), *dir = NULL;
	hull_autostrv struct hull_strv bases = {0};
	int r = -1;

	if (!tmp)
		return -1;
	dir = hull_asprintf("%s/%s", s->path, tmp);
	if (hull_debian_bases(mirror, &bases, e) == 0)
		r = fetch_indexes(dir, &bases, suite, out_packages, out_sources, e);
	/* the next hull sweeps what stays */
	hull_ignore(hull_remove_tree(s->fd, tmp, NULL));
	return r;
}
