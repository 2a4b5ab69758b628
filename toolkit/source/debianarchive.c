// SPDX-License-Identifier: MIT
#include "source/debianarchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

enum { MAX_PATCH_BYTES = 256 * 1024 * 1024 };

void hull_debian_archive_fini(struct hull_debian_archive *d)
{
	free(d->patches);
	hull_strv_fini(&d->series);
	hull_arena_fini(&d->arena);
	*d = (struct hull_debian_archive){0};
}

bool hull_debian_archive_is(const char *file)
{
	return strstr(file, ".debian.tar.") != NULL;
}

const struct hull_debian_patch *hull_debian_archive_find(const struct hull_debian_archive *d,
							 const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->patches[i].name, name))
			return &d->patches[i];
	return NULL;
}

/* A line is a name, options for patch, a comment. */
static void take_series(struct hull_debian_archive *d, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		hull_autofree char *line = hull_strndup(text, strcspn(text, "#\n"));
		const char *at = line, *word;
		size_t len;

		if (hull_word(&at, &word, &len))
			hull_strv_take(&d->series, hull_strndup(word, len));
		text += n + (text[n] == '\n');
	}
}

static int read_member(struct archive *a, struct hull_buf *out, struct hull_err *e)
{
	char block[16 * 1024];
	la_ssize_t n;

	while ((n = archive_read_data(a, block, sizeof block)) > 0) {
		if (out->n > MAX_PATCH_BYTES)
			return hull_fail(e, HULL_FAILED, "a patch of more than %d MiB",
					 MAX_PATCH_BYTES >> 20);
		hull_buf_add(out, block, (size_t)n);
	}
	return n < 0 ? hull_fail(e, HULL_FAILED, "%s", archive_error_string(a)) : 0;
}

static int take_member(struct hull_debian_archive *d, struct archive *a,
		       struct archive_entry *entry, struct hull_err *e)
{
	static const char directory[] = "debian/patches/";
	const char *path = archive_entry_pathname(entry);
	hull_autobuf struct hull_buf text = {0};

	if (path && hull_starts(path, "./"))
		path += 2;
	if (!path || !hull_starts(path, directory) || archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	path += sizeof directory - 1;
	hull_buf_adds(&text, "");
	if (read_member(a, &text, e) < 0)
		return -1;
	if (!strcmp(path, "series")) {
		take_series(d, text.p);
		return 0;
	}
	d->patches = hull_grow(d->patches, &d->cap, d->n, sizeof *d->patches);
	d->patches[d->n].name = hull_arena_strdup(&d->arena, path);
	hull_hash_bytes(text.p, text.n, d->patches[d->n++].sha256);
	return 0;
}

/* Members that do not count have to be unpacked too, to find the next one. */
static int take_size(int64_t bytes, uint64_t *left, struct hull_err *e)
{
	if (bytes < 0 || (uint64_t)bytes > *left)
		return hull_fail(e, HULL_FAILED,
				 "is unpacked to more than the limit for an archive of its size");
	*left -= (uint64_t)bytes;
	return 0;
}

int hull_debian_archive_read(struct hull_debian_archive *d, int fd, const char *name,
			     struct hull_err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	uint64_t left;
	struct stat st;
	int r, result = 0;

	hull_assert(a);
	left = fstat(fd, &st) < 0 ? 0 : hull_unpacked_most((uint64_t)st.st_size);
	/* not all: some of them run a program of this machine */
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_format_tar(a);
	r = archive_read_open_fd(a, fd, 64 * 1024);
	while (result == 0 && (r == ARCHIVE_OK || r == ARCHIVE_WARN)) {
		r = archive_read_next_header(a, &entry);
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			break;
		result = take_size(archive_entry_size(entry), &left, e);
		if (result == 0)
			result = take_member(d, a, entry, e);
	}
	if (result == 0 && r != ARCHIVE_EOF)
		result = hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	archive_read_free(a);
	if (result == 0)
		return 0;
	hull_debian_archive_fini(d);
	return hull_wrap(e, "%s: ", name);
}
