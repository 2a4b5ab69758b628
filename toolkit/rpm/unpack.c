// SPDX-License-Identifier: MIT
#include "rpm/unpack.h"

#include <fcntl.h>
#include <inttypes.h>
#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "rpm/cpio.h"
#include "rpm/describe.h"

/* What is known of a file while its package is unpacked. */
struct progress {
	bool seen;
	bool linked; /* one of several names: its bytes may have come with another of them */
	time_t mtime;
};

/* The work on one package. The header's list says what may come; the payload only brings it. */
struct unpacker {
	const char *path; /* of the RPM, for messages */
	int root;
	struct hull_cpio *cpio;
	struct hull_arena arena;
	struct hull_package package; /* its files, sorted */
	struct progress *progress;   /* one a file */
	Header header;
	int *listed; /* by number in the header: the file; made when the payload has numbers */
	size_t nlisted;
	uint32_t *last;		  /* by inode: the last number */
	struct hull_index linked; /* by inode: the first file of several names */
	struct hull_err *e;
};

static int fail(const struct unpacker *u, const char *name, const char *why)
{
	return hull_fail(u->e, HULL_FAILED, "%s: %s %s", u->path, name, why);
}

static int fail_errno(const struct unpacker *u, const char *name)
{
	return hull_fail_errno(u->e, "%s: unpack %s", u->path, name);
}

/* The name below the root, without its leading "./" (or "/" in hull's own lists). */
static bool is_clean(const char *name)
{
	for (const char *p = name;; p++) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

static int by_name(const void *key, const void *file)
{
	return strcmp(key, ((const struct hull_file *)file)->path + 1);
}

/* The last part of a listed path; the root is "." in itself. */
static const char *last_part(const struct hull_file *f)
{
	return f->path[1] ? hull_basename(f->path) : ".";
}

/* The header's entry for a name in the payload; -1 with e set if there is none. */
static int find(const struct unpacker *u, const char *name)
{
	const struct hull_file *f;

	if (hull_starts(name, "./"))
		name += 2;
	/* A package may list the root itself: "./" in the payload. */
	if (*name && !is_clean(name))
		return fail(u, name, "is no path that a package may have");
	f = bsearch(name, u->package.files, u->package.nfiles, sizeof *f, by_name);
	if (!f)
		return fail(u, name, "is in the payload, but not in the header");
	return (int)(f - u->package.files);
}

/* Opens the directory of a file, made if the package does not list it; symlinks are never
 * followed. */
static int open_parent(const struct unpacker *u, const char *name)
{
	hull_autofree char *copy = hull_strdup(name);
	hull_autofd int fd = fcntl(u->root, F_DUPFD_CLOEXEC, 3);
	char *at = copy, *slash;

	while (fd >= 0 && (slash = strchr(at, '/'))) {
		int sub;

		*slash = '\0';
		sub = openat(fd, at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0 && errno == ENOENT && mkdirat(fd, at, 0755) == 0) {
			sub = openat(fd, at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0)
				fchmod(sub, 0755); /* whatever the umask is */
		}
		close(fd);
		fd = sub;
		at = slash + 1;
	}
	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR
			       ? fail(u, name, "would be written through a symlink or a file")
			       : fail_errno(u, name);
	return hull_steal_fd(&fd);
}

mode_t hull_unpack_mode(mode_t mode)
{
	return (mode & 01777) | (S_ISDIR(mode) ? 0700 : 0400);
}

static int set_time(int dirfd, const char *name, time_t mtime)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = mtime}};

	return utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW);
}

static bool is_zero(const char *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* Writes at the current offset; blocks of zeros are left as holes. */
static int write_sparse(int fd, const char *p, size_t n, struct hull_err *e)
{
	enum { BLOCK = 4096 };

	while (n) {
		size_t data = 0, hole = 0;

		while (data < n && !is_zero(p + data, n - data < BLOCK ? n - data : BLOCK))
			data += n - data < BLOCK ? n - data : BLOCK;
		if (hull_fd_write(fd, p, data, e) < 0)
			return -1;
		while (data + hole < n &&
		       is_zero(p + data + hole, n - data - hole < BLOCK ? n - data - hole : BLOCK))
			hole += n - data - hole < BLOCK ? n - data - hole : BLOCK;
		if (hole && lseek(fd, (off_t)hole, SEEK_CUR) < 0)
			return hull_fail_errno(e, "lseek");
		p += data + hole;
		n -= data + hole;
	}
	return 0;
}

/* The bytes of the current entry, which have to be what the header promises. */
static int write_data(const struct unpacker *u, int fd, const struct hull_file *f)
{
	enum { CHUNK = 128 * 1024 };
	hull_autohash struct hull_hash *hash = hull_hash_new();
	hull_autofree char *buf = hull_alloc(CHUNK);
	char hex[HULL_HEX];
	ssize_t n;

	while ((n = hull_cpio_read(u->cpio, buf, CHUNK, u->e)) > 0) {
		if (write_sparse(fd, buf, (size_t)n, u->e) < 0)
			return hull_wrap(u->e, "%s: unpack %s: ", u->path, f->path);
		hull_hash_add(hash, buf, (size_t)n);
	}
	if (n < 0)
		return -1;
	hull_hash_hex(hash, hex);
	if (!f->digest || strcmp(hex, f->digest) != 0)
		return fail(u, f->path, "does not have the bytes that the header says");
	/* A hole at the end. */
	if (ftruncate(fd, (off_t)f->size_bytes) < 0)
		return fail_errno(u, f->path);
	return 0;
}

enum { INODE_TEXT = 11 };

/* The file that was unpacked under another of its names before; -1 if there is none. */
static int find_linked(const struct unpacker *u, uint32_t inode)
{
	char text[INODE_TEXT];
	size_t i;

	snprintf(text, sizeof text, "%" PRIu32, inode);
	return hull_index_find(&u->linked, text, &i) ? (int)i : -1;
}

static int make_link(const struct unpacker *u, int target, int parent, const char *base)
{
	const struct hull_file *f = &u->package.files[target];
	hull_autofd int target_parent = open_parent(u, f->path + 1);

	if (target_parent < 0)
		return -1;
	/* It may be read-only by now, and its bytes still to come. */
	if (linkat(target_parent, hull_basename(f->path), parent, base, 0) < 0 ||
	    fchmodat(parent, base, 0600, 0) < 0)
		return fail_errno(u, f->path);
	return 0;
}

/* Of several names of one file the last has the bytes, the others come with none. */
static int make_regular(struct unpacker *u, const struct hull_cpio_entry *entry, int i, int parent,
			const char *base)
{
	const struct hull_file *f = &u->package.files[i];
	bool linked = entry->links > 1, empty = linked && !entry->size_bytes;
	int target = linked ? find_linked(u, entry->inode) : -1;
	hull_autofd int fd = -1;

	if (!empty && entry->size_bytes != f->size_bytes)
		return fail(u, f->path, "does not have the size that the header says");
	if (target >= 0 && make_link(u, target, parent, base) < 0)
		return -1;
	fd = openat(parent, base,
		    O_WRONLY | O_NOFOLLOW | O_CLOEXEC | (target >= 0 ? 0 : O_CREAT | O_EXCL), 0600);
	if (fd < 0)
		return fail_errno(u, f->path);
	if (!empty && write_data(u, fd, f) < 0)
		return -1;
	if (fchmod(fd, hull_unpack_mode(f->mode)) < 0 || set_time(parent, base, entry->mtime) < 0)
		return fail_errno(u, f->path);
	u->progress[i].linked = linked;
	if (linked)
		hull_index_put(&u->linked, hull_arena_printf(&u->arena, "%" PRIu32, entry->inode),
			       (size_t)i);
	return 0;
}

static int make_directory(const struct unpacker *u, int i, int parent, const char *base)
{
	const struct hull_file *f = &u->package.files[i];
	struct stat st;

	if (mkdirat(parent, base, 0700) < 0 &&
	    (errno != EEXIST || fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	     !S_ISDIR(st.st_mode)))
		return fail_errno(u, f->path);
	if (fchmodat(parent, base, hull_unpack_mode(f->mode), 0) < 0)
		return fail_errno(u, f->path);
	return 0;
}

static int make_symlink(const struct unpacker *u, const struct hull_cpio_entry *entry, int i,
			int parent, const char *base)
{
	const struct hull_file *f = &u->package.files[i];
	size_t n = strlen(f->link);
	hull_autofree char *link = hull_alloc(n + 1);

	if (entry->size_bytes == n && hull_cpio_read(u->cpio, link, n, u->e) < 0)
		return -1;
	if (strcmp(link, f->link) != 0)
		return fail(u, f->path, "does not point to where the header says");
	if (symlinkat(link, parent, base) < 0 || set_time(parent, base, entry->mtime) < 0)
		return fail_errno(u, f->path);
	return 0;
}

static int list(struct unpacker *u)
{
	struct rpmtd_s names;
	int r = 0;

	if (!headerGet(u->header, RPMTAG_FILENAMES, &names, HEADERGET_EXT))
		return fail(u, "", "has no files in its header");
	u->nlisted = rpmtdCount(&names);
	u->listed = hull_arena_array(&u->arena, u->nlisted, sizeof *u->listed);
	u->last = hull_arena_array(&u->arena, u->package.nfiles + 1, sizeof *u->last);
	for (size_t i = 0; i < u->nlisted && r >= 0; i++) {
		const char *name = rpmtdNextString(&names);

		r = u->listed[i] = find(u, name && *name ? name + 1 : "");
		if (r >= 0)
			u->last[u->package.files[r].inode] = (uint32_t)i;
	}
	rpmtdFreeData(&names);
	return r;
}

/* What the header says of an entry that is only a number; gives the file. */
static int look_up(struct unpacker *u, struct hull_cpio_entry *entry)
{
	const struct hull_file *f;

	if (!u->listed && list(u) < 0)
		return -1;
	if (!u->listed || entry->index >= u->nlisted)
		return hull_fail(u->e, HULL_FAILED, "%s: payload: file %u of %zu", u->path,
				 entry->index, u->nlisted);
	f = &u->package.files[u->listed[entry->index]];
	entry->mode = f->mode;
	entry->mtime = (uint32_t)f->mtime;
	entry->inode = f->inode;
	entry->links = f->inode ? 2 : 1;
	if (S_ISLNK(f->mode))
		entry->size_bytes = strlen(f->link);
	/* Of several names of one file the last in the header has the bytes. */
	else if (S_ISREG(f->mode) && (!f->inode || u->last[f->inode] == entry->index))
		entry->size_bytes = f->size_bytes;
	hull_cpio_expect(u->cpio, entry->size_bytes);
	return u->listed[entry->index];
}

static int unpack_entry(struct unpacker *u, struct hull_cpio_entry *entry)
{
	int i = entry->name ? find(u, entry->name) : look_up(u, entry);
	const struct hull_file *f;
	hull_autofd int parent = -1;
	const char *base;

	if (i < 0)
		return -1;
	f = &u->package.files[i];
	if (u->progress[i].seen)
		return fail(u, f->path, "is twice in the payload");
	/* rpmbuild drops setuid and setgid from the payload of owners that its machine lacks */
	if ((entry->mode ^ f->mode) & ~(uint32_t)(S_ISUID | S_ISGID))
		return fail(u, f->path, "does not have the mode that the header says");
	parent = open_parent(u, f->path + 1);
	if (parent < 0)
		return -1;
	base = last_part(f);
	u->progress[i].seen = true;
	u->progress[i].mtime = entry->mtime;
	if (S_ISREG(f->mode))
		return make_regular(u, entry, i, parent, base);
	if (S_ISDIR(f->mode))
		return make_directory(u, i, parent, base);
	if (S_ISLNK(f->mode))
		return make_symlink(u, entry, i, parent, base);
	return 0; /* a device or a fifo is nothing that a store can have */
}

/* What could not be checked when its entry came: bytes of files with several names, times of
 * directories. */
static int finish_file(const struct unpacker *u, size_t i)
{
	const struct hull_file *f = &u->package.files[i];
	hull_autofd int parent = -1, fd = -1;
	char hex[HULL_HEX];

	if (!u->progress[i].seen)
		return f->flags & HULL_FILE_GHOST ? 0 : fail(u, f->path, "is not in the payload");
	if (!u->progress[i].linked && !S_ISDIR(f->mode))
		return 0;
	parent = open_parent(u, f->path + 1);
	if (parent < 0)
		return -1;
	if (S_ISDIR(f->mode))
		return set_time(parent, last_part(f), u->progress[i].mtime) < 0
			       ? fail_errno(u, f->path)
			       : 0;
	fd = openat(parent, hull_basename(f->path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(u, f->path);
	if (hull_hash_fd(fd, hex, NULL, u->e) < 0)
		return hull_wrap(u->e, "%s: %s: ", u->path, f->path);
	if (!f->digest || strcmp(hex, f->digest) != 0)
		return fail(u, f->path, "does not have the bytes that the header says");
	return 0;
}

static int unpack(struct unpacker *u)
{
	struct hull_cpio_entry entry;
	int r;

	while ((r = hull_cpio_next(u->cpio, &entry, u->e)) > 0)
		if (unpack_entry(u, &entry) < 0)
			return -1;
	if (r < 0)
		return -1;
	/* From the end: a directory gets its time after what is in it. */
	for (size_t i = u->package.nfiles; i-- > 0;)
		if (finish_file(u, i) < 0)
			return -1;
	return 0;
}

int hull_payload_unpack(int fd, const char *path, const struct hull_front *front, int to_dirfd,
			struct hull_err *e)
{
	struct unpacker u = {.path = path, .root = to_dirfd, .header = front->header, .e = e};
	int r;

	if (lseek(fd, (off_t)front->end, SEEK_SET) < 0)
		return hull_fail_errno(e, "%s", path);
	r = hull_header_files(front->header, path, &u.arena, &u.package, e);
	/* Without files there may be no payload at all. */
	if (r == 0 && u.package.nfiles) {
		u.progress = hull_arena_array(&u.arena, u.package.nfiles, sizeof *u.progress);
		u.cpio = hull_cpio_open(fd, path, e);
		r = u.cpio ? unpack(&u) : -1;
		hull_cpio_free(u.cpio);
	}
	hull_index_fini(&u.linked);
	hull_arena_fini(&u.arena);
	return r;
}

/* --- source packages --- */

/* One file, which has a name of its own and no directory. */
static int take_source(struct hull_cpio *cpio, const struct hull_cpio_entry *entry,
		       const char *path, int to_dirfd, uint64_t *left_bytes, struct hull_err *e)
{
	enum { CHUNK = 128 * 1024 };
	const char *name =
		entry->name && hull_starts(entry->name, "./") ? entry->name + 2 : entry->name;
	hull_autofree char *copy = NULL, *buf = hull_alloc(CHUNK);
	hull_autofd int fd = -1;
	ssize_t n;

	if (!name || !*name || *name == '.' || strchr(name, '/') || !S_ISREG(entry->mode))
		return hull_fail(e, HULL_FAILED, "%s: '%s' is no plain file of a source package",
				 path, name ? name : "");
	copy = hull_strdup(name);
	if (entry->size_bytes > *left_bytes)
		return hull_fail(e, HULL_FAILED, "%s: it unpacks to much more than it is", path);
	*left_bytes -= entry->size_bytes;
	fd = openat(to_dirfd, copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return hull_fail_errno(e, "%s: unpack %s", path, copy);
	while ((n = hull_cpio_read(cpio, buf, CHUNK, e)) > 0)
		if (hull_fd_write(fd, buf, (size_t)n, e) < 0)
			return hull_wrap(e, "%s: unpack %s: ", path, copy);
	return n < 0 ? -1 : 0;
}

static int find_spec(const char *path, int to_dirfd, char **out_spec, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	const char *spec = NULL;

	if (hull_dir_list(to_dirfd, ".", &names, e) < 0)
		return hull_wrap(e, "%s: ", path);
	for (size_t i = 0; i < names.n; i++) {
		if (!hull_ends(names.v[i], ".spec"))
			continue;
		if (spec)
			return hull_fail(e, HULL_FAILED, "%s: two specs, %s and %s", path, spec,
					 names.v[i]);
		spec = names.v[i];
	}
	if (!spec)
		return hull_fail(e, HULL_FAILED, "%s: there is no spec in it", path);
	*out_spec = hull_strndup(spec, strlen(spec) - strlen(".spec"));
	return 0;
}

int hull_source_rpm_unpack(int dirfd, const char *path, int to_dirfd, char **out_spec,
			   struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);
	hull_autofront struct hull_front front = {0};
	struct hull_cpio_entry entry;
	char sha256[HULL_HEX];
	struct hull_cpio *cpio;
	uint64_t left;
	int r;

	if (fd < 0 || hull_front_read(fd, path, &front, e) < 0 ||
	    hull_front_check_payload(&front, fd, path, sha256, e) < 0)
		return -1;
	if (!headerIsSource(front.header))
		return hull_fail(e, HULL_FAILED, "%s: not a source package", path);
	if (lseek(fd, (off_t)front.end, SEEK_SET) < 0)
		return hull_fail_errno(e, "%s", path);
	cpio = hull_cpio_open(fd, path, e);
	if (!cpio)
		return -1;
	left = hull_unpacked_most(front.file_bytes);
	while ((r = hull_cpio_next(cpio, &entry, e)) > 0)
		if (take_source(cpio, &entry, path, to_dirfd, &left, e) < 0)
			break;
	hull_cpio_free(cpio);
	return r ? -1 : find_spec(path, to_dirfd, out_spec, e);
}
