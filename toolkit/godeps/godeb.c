// SPDX-License-Identifier: MIT
#include "godeps/godeb.h"

#include <string.h>

#include "debian/deb.h"

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

static int add(struct archive *a, struct archive_entry *entry, void *ctx, struct hull_err *e)
{
	(void)a;
	(void)e;
	add_member(ctx, entry);
	return 0;
}

int hull_go_deb_read(struct hull_go_deb *d, int fd, const char *name, struct hull_err *e)
{
	if (hull_deb_read(fd, add, d, e) < 0) {
		hull_go_deb_fini(d);
		return hull_wrap(e, "%s: ", name);
	}
	hull_strv_sort(&d->dirs);
	hull_strv_sort(&d->links);
	return 0;
}
