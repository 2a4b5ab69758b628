// SPDX-License-Identifier: MIT
#include "seed/seed_unpack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/workers.h"
#include "debian/deb.h"

/* One package while it is unpacked. */
struct unpacking {
	const char *root;
	struct archive *disk;
	struct hull_strv files; /* that it brought: neither directories nor "./" */
};

struct request {
	const struct hull_store *store;
	const struct hull_seed_package *packages;
	const char *root;
	struct unpacking *unpackings; /* a package each */
};

/* The path of a member below the root, as a merged /usr has it. NULL with e for one that leads elsewhere;
 * the caller frees. */
static char *member_path(const char *name, struct hull_err *e)
{
	static const char *const merged[] = {"bin/", "sbin/", "lib/", "lib64/"};
	const char *p = name;
	size_t n;

	if (hull_starts(p, "./"))
		p += 2;
	n = strlen(p);
	while (n && p[n - 1] == '/')
		n--;
	if (*p == '/' || hull_starts(p, "../") || strstr(p, "/../") || hull_ends(p, "/..") ||
	    !strcmp(p, "..")) {
		hull_fail(e, HULL_FAILED, "'%s' is no path below a root", name);
		return NULL;
	}
	for (size_t i = 0; i < sizeof merged / sizeof *merged; i++)
		if (hull_starts(p, merged[i]))
			return hull_asprintf("usr/%.*s", (int)n, p);
	return hull_strndup(p, n);
}

static int copy_data(struct archive *a, struct archive *disk, struct hull_err *e)
{
	const void *block;
	la_int64_t offset;
	size_t n;
	int r;

	while ((r = archive_read_data_block(a, &block, &n, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(disk, block, n, offset) < 0)
			return hull_fail(e, HULL_FAILED, "%s", archive_error_string(disk));
	if (r != ARCHIVE_EOF)
		return hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	return 0;
}

/* Names in the archive become paths on the disk; a link of hard links is a member's, too. */
static int place(struct unpacking *u, struct archive_entry *entry, const char *path,
		 struct hull_err *e)
{
	const char *link = archive_entry_hardlink(entry);
	hull_autofree char *to = hull_asprintf("%s/%s", u->root, path), *other = NULL;

	if (link) {
		hull_autofree char *below = member_path(link, e);

		if (!below)
			return -1;
		other = hull_asprintf("%s/%s", u->root, below);
		archive_entry_set_hardlink(entry, other);
	}
	archive_entry_set_pathname(entry, to);
	return 0;
}

static int unpack_member(struct archive *a, struct archive_entry *entry, void *ctx,
			 struct hull_err *e)
{
	struct unpacking *u = ctx;
	const char *name = archive_entry_pathname(entry);
	mode_t type = archive_entry_filetype(entry);
	hull_autofree char *path = name ? member_path(name, e) : NULL;

	if (!name)
		return hull_fail(e, HULL_FAILED, "a member without a name");
	if (!path)
		return -1;
	if (!*path || (type == AE_IFLNK && !strchr(path, '/')))
		return 0; /* the root itself, and base-files' links of the merged /usr */
	if (!archive_entry_hardlink(entry) && type != AE_IFREG && type != AE_IFDIR &&
	    type != AE_IFLNK)
		return hull_fail(e, HULL_FAILED, "%s: neither file nor directory nor link", name);
	if (type != AE_IFDIR)
		hull_strv_add(&u->files, path);
	if (place(u, entry, path, e) < 0)
		return -1;
	if (archive_write_header(u->disk, entry) != ARCHIVE_OK)
		return hull_fail(e, HULL_FAILED, "%s", archive_error_string(u->disk));
	if (archive_entry_size(entry) > 0 && copy_data(a, u->disk, e) < 0)
		return -1;
	if (archive_write_finish_entry(u->disk) != ARCHIVE_OK)
		return hull_fail(e, HULL_FAILED, "%s", archive_error_string(u->disk));
	return 0;
}

static int unpack_package(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct request *r = ctx;
	const struct hull_seed_package *p = &r->packages[i];
	struct hull_store_path source = hull_store_path(HULL_STORE_SOURCE, p->sha256);
	struct unpacking *u = &r->unpackings[i];
	hull_autofd int fd = hull_open(r->store->fd, source.path, e);
	int result = -1;

	(void)thread;
	if (fd < 0)
		return hull_wrap(e, "%s %s: ", p->name, p->version);
	u->root = r->root;
	u->disk = archive_write_disk_new();
	hull_assert(u->disk);
	archive_write_disk_set_options(u->disk, ARCHIVE_EXTRACT_PERM);
	result = hull_deb_read(fd, unpack_member, u, e);
	if (archive_write_close(u->disk) != ARCHIVE_OK && result == 0)
		result = hull_fail(e, HULL_FAILED, "%s", archive_error_string(u->disk));
	archive_write_free(u->disk);
	return result < 0 ? hull_wrap(e, "%s %s: ", p->name, p->version) : 0;
}

/* --- files of two packages --- */

struct owned {
	const char *path, *package;
};

static int compare_owned(const void *x, const void *y)
{
	const struct owned *a = x, *b = y;
	int c = strcmp(a->path, b->path);

	return c ? c : strcmp(a->package, b->package);
}

static int check_owners(const struct request *r, size_t n, struct hull_err *e)
{
	hull_autofree struct owned *all = NULL;
	size_t total = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		total += r->unpackings[i].files.n;
	all = hull_alloc_array(total + 1, sizeof *all);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < r->unpackings[i].files.n; j++)
			all[k++] = (struct owned){r->unpackings[i].files.v[j], r->packages[i].name};
	qsort(all, total, sizeof *all, compare_owned);
	for (size_t i = 1; i < total; i++)
		if (!strcmp(all[i].path, all[i - 1].path))
			return hull_fail(e, HULL_FAILED, "/%s is in %s and in %s", all[i].path,
					 all[i - 1].package, all[i].package);
	return 0;
}

int hull_seed_unpack(const struct hull_store *s, const struct hull_seed_package *packages, size_t n,
		     const char *root, struct hull_err *e)
{
	struct request r = {
		.store = s,
		.packages = packages,
		.root = root,
		.unpackings = hull_alloc_array(n + 1, sizeof *r.unpackings),
	};
	int result = hull_workers_run(0, n, unpack_package, &r, e);

	if (result == 0)
		result = check_owners(&r, n, e);
	for (size_t i = 0; i < n; i++)
		hull_strv_fini(&r.unpackings[i].files);
	free(r.unpackings);
	return result;
}
