// SPDX-License-Identifier: MIT
#include "godeps/godeb.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/file.h"

static const char gopath[] = "usr/share/gocode/src/";

void hull_go_deb_fini(struct hull_go_deb *d)
{
	hull_strv_fini(&d->dirs);
	hull_strv_fini(&d->links);
}

bool hull_go_deb_has(const struct hull_go_deb *d, const char *import)
{
	if (hull_strv_has(&d->dirs, import))
		return true;
	for (size_t i = 0; i < d->links.n; i++) {
		size_t n = strlen(d->links.v[i]);

		if (!strncmp(import, d->links.v[i], n) && (!import[n] || import[n] == '/'))
			return true;
	}
	return false;
}

/* --- a tar within an ar --- */

struct inner {
	struct archive *outer;
};

static la_ssize_t read_inner(struct archive *a, void *arg, const void **out)
{
	const struct inner *in = arg;
	la_int64_t offset;
	size_t n = 0;
	int r = archive_read_data_block(in->outer, out, &n, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		archive_set_error(a, -1, "%s", archive_error_string(in->outer));
		return -1;
	}
	return (la_ssize_t)n;
}

/* The part of a member's path that is an import path; NULL: it lies elsewhere. */
static const char *below_gopath(const char *path)
{
	if (!path)
		return NULL;
	if (hull_starts(path, "./"))
		path += 2;
	return hull_starts(path, gopath) ? path + sizeof gopath - 1 : NULL;
}

static void add_member(struct hull_go_deb *d, struct archive_entry *entry)
{
	const char *path = below_gopath(archive_entry_pathname(entry)), *slash;

	if (!path)
		return;
	slash = strrchr(path, '/');
	if (slash && hull_ends(path, ".go") && archive_entry_filetype(entry) != AE_IFDIR) {
		hull_autofree char *dir = hull_strndup(path, (size_t)(slash - path));

		/* A package has the files of a directory together. */
		if (!d->dirs.n || strcmp(d->dirs.v[d->dirs.n - 1], dir) != 0)
			hull_strv_take(&d->dirs, hull_steal(dir));
	} else if (archive_entry_filetype(entry) == AE_IFLNK) {
		hull_strv_add(&d->links, path);
	}
}

static int read_data_tar(struct hull_go_deb *d, struct archive *outer, uint64_t left,
			 struct hull_err *e)
{
	struct inner in = {outer};
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int r;

	hull_assert(a);
	/* not all: some of them run a program of this machine */
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_tar(a);
	r = archive_read_open(a, &in, NULL, read_inner, NULL);
	while (r == ARCHIVE_OK) {
		r = archive_read_next_header(a, &entry);
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			break;
		if ((uint64_t)archive_entry_size(entry) > left) {
			archive_read_free(a);
			return hull_fail(e, HULL_FAILED,
					 "is unpacked to more than the limit for its size");
		}
		left -= (uint64_t)archive_entry_size(entry);
		add_member(d, entry);
		r = ARCHIVE_OK;
	}
	if (r != ARCHIVE_EOF)
		hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	archive_read_free(a);
	return r == ARCHIVE_EOF ? 0 : -1;
}

int hull_go_deb_read(struct hull_go_deb *d, int fd, const char *name, struct hull_err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	bool found = false;
	int r, result = 0;

	hull_assert(a);
	archive_read_support_format_ar(a);
	r = archive_read_open_fd(a, fd, 64 * 1024);
	while (r == ARCHIVE_OK && !found) {
		const char *member;

		r = archive_read_next_header(a, &entry);
		member = r == ARCHIVE_OK ? archive_entry_pathname(entry) : NULL;
		if (member && hull_starts(member, "data.tar")) {
			found = true;
			result = read_data_tar(
				d, a, hull_unpacked_most((uint64_t)archive_entry_size(entry)), e);
		}
	}
	if (!found)
		result = hull_fail(e, HULL_FAILED, "%s",
				   r == ARCHIVE_EOF ? "no Debian package: it has no data.tar"
						    : archive_error_string(a));
	archive_read_free(a);
	if (result < 0) {
		hull_go_deb_fini(d);
		return hull_wrap(e, "%s: ", name);
	}
	hull_strv_sort(&d->dirs);
	hull_strv_sort(&d->links);
	return 0;
}
