// SPDX-License-Identifier: MIT
#include "inspect/imagefile.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "image/assemble.h"
#include "inspect/archive.h"
#include "inspect/ownership.h"
#include "inspect/volume.h"
#include "system/osrelease.h"

enum { MAX_OS_RELEASE = 1 << 20, MAX_LOCK = 256 << 20 };

/* The text of a small file; 0 if there is none or it is larger than `max_bytes`. */
static int read_text(struct hull_system *s, int node, uint64_t max_bytes, struct hull_buf *out,
		     struct hull_err *e)
{
	const struct hull_tree *t = &s->tree;

	if (node == HULL_NO_NODE || !S_ISREG(t->v[t->v[node].inode].mode) ||
	    t->v[t->v[node].inode].size_bytes > max_bytes)
		return 0;
	if (hull_tree_read(t, node, out, e) < 0)
		return hull_wrap(e, "%s: %s: ", s->path, hull_tree_path(t, node, &s->arena));
	return 1;
}

static const char *field(struct hull_system *s, const char *text, const char *key)
{
	hull_autobuf struct hull_buf value = {0};

	return hull_os_release_get(text, key, &value)
		       ? hull_arena_strdup(&s->arena, value.p ? value.p : "")
		       : NULL;
}

static int read_os_release(struct hull_system *s, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	int r = read_text(s, hull_os_release_find(&s->tree), MAX_OS_RELEASE, &text, e);

	if (r <= 0)
		return r;
	s->os_id = field(s, text.p, "ID");
	s->os_version = field(s, text.p, "VERSION_ID");
	s->os_name = field(s, text.p, "PRETTY_NAME");
	s->os_vendor = field(s, text.p, "VENDOR_NAME");
	s->os_home = field(s, text.p, "VENDOR_URL");
	if (!s->os_vendor)
		s->os_vendor = field(s, text.p, "NAME");
	if (!s->os_home)
		s->os_home = field(s, text.p, "HOME_URL");
	return 0;
}

static int read_lock(struct hull_system *s, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	const char *name = hull_arena_printf(&s->arena, "%s: /" HULL_IMAGE_LOCK, s->path);
	int r = read_text(s, hull_tree_find(&s->tree, HULL_IMAGE_LOCK), MAX_LOCK, &text, e);

	if (r <= 0)
		return r;
	if (hull_lock_parse(text.p, text.n, name, &s->lock, e) < 0)
		return -1;
	s->has_lock = true;
	return 0;
}

static int read_files(const struct hull_store *store, struct hull_system *s, struct hull_err *e)
{
	int is_archive;

	if (hull_layers_in_directory(s->path))
		return hull_layers_read_directory(s, store->tmp_fd, e);
	is_archive = hull_archive_is(s->path, e);
	if (is_archive < 0)
		return -1;
	if (is_archive)
		return hull_archive_read(s, store->tmp_fd, e);
	s->disk = hull_disk_open(AT_FDCWD, s->path, store->tmp_fd, e);
	return s->disk ? hull_volumes_read(s, e) : -1;
}

int hull_system_open(const struct hull_store *store, const char *path,
		     enum hull_system_required required, struct hull_system *out,
		     struct hull_err *e)
{
	*out = (struct hull_system){.archive_fd = -1};
	hull_tree_init(&out->tree);
	hull_tree_init(&out->esp);
	out->file = out->path = hull_arena_strdup(&out->arena, path);
	if (read_files(store, out, e) == 0 && read_os_release(out, e) == 0 &&
	    read_lock(out, e) == 0 &&
	    (required < HULL_SYSTEM_PACKAGES || hull_system_read_packages(out, e) == 0))
		return 0;
	hull_system_fini(out);
	return -1;
}

int hull_system_read_packages(struct hull_system *s, struct hull_err *e)
{
	if (!s->has_packages && hull_ownership_read(s, e) < 0)
		return -1;
	s->has_packages = true;
	return 0;
}
