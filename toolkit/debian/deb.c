// SPDX-License-Identifier: MIT
#include "debian/deb.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

/* The bytes of the outer archive's member, for the inner archive. */
static la_ssize_t read_outer(struct archive *a, void *arg, const void **out)
{
	struct archive *outer = arg;
	la_int64_t offset;
	size_t n = 0;
	int r = archive_read_data_block(outer, out, &n, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		archive_set_error(a, -1, "%s", archive_error_string(outer));
		return -1;
	}
	return (la_ssize_t)n;
}

static int read_members(struct archive *a, uint64_t left, hull_deb_member *member, void *ctx,
			struct hull_err *e)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(a, &entry)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		if ((uint64_t)archive_entry_size(entry) > left)
			return hull_fail(e, HULL_FAILED,
					 "is unpacked to more than the limit for its size");
		left -= (uint64_t)archive_entry_size(entry);
		if (member(a, entry, ctx, e) < 0)
			return -1;
	}
	if (r != ARCHIVE_EOF)
		return hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	return 0;
}

static int read_data_tar(struct archive *outer, uint64_t most, hull_deb_member *member, void *ctx,
			 struct hull_err *e)
{
	struct archive *a = archive_read_new();
	int r;

	hull_assert(a);
	/* not all: some of them run a program of this machine */
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_tar(a);
	if (archive_read_open(a, outer, NULL, read_outer, NULL) == ARCHIVE_OK)
		r = read_members(a, most, member, ctx, e);
	else
		r = hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	archive_read_free(a);
	return r;
}

int hull_deb_read(int fd, hull_deb_member *member, void *ctx, struct hull_err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int r, result = 1;

	hull_assert(a);
	archive_read_support_format_ar(a);
	r = archive_read_open_fd(a, fd, 64 * 1024);
	while (result == 1 && r == ARCHIVE_OK) {
		const char *name;

		r = archive_read_next_header(a, &entry);
		name = r == ARCHIVE_OK ? archive_entry_pathname(entry) : NULL;
		if (name && hull_starts(name, "data.tar"))
			result = read_data_tar(
				a, hull_unpacked_most((uint64_t)archive_entry_size(entry)), member,
				ctx, e);
	}
	if (result == 1)
		result = hull_fail(e, HULL_FAILED, "%s",
				   r == ARCHIVE_EOF ? "no Debian package: it has no data.tar"
						    : archive_error_string(a));
	archive_read_free(a);
	return result;
}
