// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "ext4/ext4fs.h"
#include "ext4/ext4read.h"

/* The tree of a file system that is read. */

enum {
	PATIENCE = 8 << 20,  /* reads for all of it */
	MAX_NODES = 2 << 20, /* of one file system */
	MAX_DEPTH = 1024,
	MAX_TARGET = 4096,
	SHOWN = 120, /* of a path that is too long */
	XATTR_MAGIC = (int)0xea020000,
};

/* Nodes by inode: directories, and files with several names. Open addressing. */
struct known_inodes {
	ext2_ino_t *ino; /* 0: free */
	int *node;
	size_t n, size; /* size: a power of 2 */
};

struct unread_directory {
	int node;
	ext2_ino_t ino;
	int depth;
};

struct ext4_walk {
	struct hull_ext4 *f;
	struct hull_tree *t;
	struct hull_err *e;
	struct known_inodes known;
	struct unread_directory *directories; /* that are still to be read */
	size_t ndirectories, cap;
	struct unread_directory in;	 /* the one that is read */
	size_t first;			 /* number of nodes before */
	uint64_t file_bytes, most_bytes; /* of all files: so far, and what they may have */
	struct ext2_inode_large *inode;
	size_t inode_bytes;
	int node; /* whose xattrs are read */
	int result;
};

static size_t slot(const struct known_inodes *k, ext2_ino_t ino)
{
	size_t i = ino * UINT32_C(2654435761) & (k->size - 1);

	while (k->ino[i] && k->ino[i] != ino)
		i = (i + 1) & (k->size - 1);
	return i;
}

static int find_known(const struct known_inodes *k, ext2_ino_t ino)
{
	size_t i = k->size ? slot(k, ino) : 0;

	return k->size && k->ino[i] ? k->node[i] : HULL_NO_NODE;
}

static void add_known(struct known_inodes *k, ext2_ino_t ino, int node)
{
	size_t i;

	if (k->n * 2 >= k->size) {
		struct known_inodes larger = {.size = k->size ? k->size * 2 : 1024, .n = k->n};

		larger.ino = hull_alloc_array(larger.size, sizeof *larger.ino);
		larger.node = hull_alloc_array(larger.size, sizeof *larger.node);
		for (size_t j = 0; j < k->size; j++) {
			if (!k->ino[j])
				continue;
			i = slot(&larger, k->ino[j]);
			larger.ino[i] = k->ino[j];
			larger.node[i] = k->node[j];
		}
		free(k->ino);
		free(k->node);
		*k = larger;
	}
	i = slot(k, ino);
	k->ino[i] = ino;
	k->node[i] = node;
	k->n++;
}

static void note(struct ext4_walk *w, const char *what)
{
	struct hull_ext4 *f = w->f;

	if (!f->note)
		f->note = hull_arena_printf(&f->arena, "%s: ext4 at byte %" PRIu64 ": inode %u: %s",
					    hull_disk_path(f->device.disk), f->device.offset_bytes,
					    w->in.ino, what);
}

/* --- one inode --- */

static int load(struct ext4_walk *w, ext2_ino_t ino)
{
	struct hull_ext4 *f = w->f;
	errcode_t code = ext2fs_read_inode_full(f->fs, ino, (struct ext2_inode *)w->inode,
						(int)w->inode_bytes);

	if (code)
		return hull_ext4_bad(f, code, w->e, "inode %u", ino);
	if (!w->inode->i_links_count)
		return hull_ext4_bad(f, 0, w->e, "inode %u is in a directory, but not in use", ino);
	return 0;
}

static bool has_extra(const struct ext2_inode_large *i, const struct ext4_walk *w, size_t end)
{
	return w->inode_bytes >= end && (size_t)EXT2_GOOD_OLD_INODE_SIZE + i->i_extra_isize >= end;
}

static int64_t mtime(const struct ext4_walk *w)
{
	const struct ext2_inode_large *i = w->inode;
	int64_t seconds = (int32_t)i->i_mtime;

	if (has_extra(i, w, offsetof(struct ext2_inode_large, i_mtime_extra) + 4))
		seconds += (int64_t)(i->i_mtime_extra & 3) << 32;
	return seconds;
}

static bool may_have_xattrs(const struct ext4_walk *w)
{
	const struct ext2_inode_large *i = w->inode;
	size_t at = EXT2_GOOD_OLD_INODE_SIZE + (size_t)i->i_extra_isize;

	if (i->i_file_acl || i->osd2.linux2.l_i_file_acl_high)
		return true;
	return w->inode_bytes > EXT2_GOOD_OLD_INODE_SIZE && at + 4 <= w->inode_bytes &&
	       hull_get_le32((const uint8_t *)i + at) == (uint32_t)XATTR_MAGIC;
}

static int take_xattr(char *name, char *value, size_t n, void *context)
{
	struct ext4_walk *w = context;

	if (strcmp(name, "system.data") != 0)
		hull_tree_set_xattr(w->t, w->node, name, value, n);
	return 0;
}

static int read_xattrs(struct ext4_walk *w, ext2_ino_t ino, int node)
{
	struct ext2_xattr_handle *h;
	errcode_t code;

	if (!may_have_xattrs(w))
		return 0;
	code = ext2fs_xattrs_open(w->f->fs, ino, &h);
	if (!code) {
		w->node = node;
		code = ext2fs_xattrs_read(h);
		if (!code)
			code = ext2fs_xattrs_iterate(h, take_xattr, w);
		ext2fs_xattrs_close(&h);
	}
	return code ? hull_ext4_bad(w->f, code, w->e, "inode %u: its extended attributes", ino) : 0;
}

static int read_target(struct ext4_walk *w, ext2_ino_t ino, struct hull_node *n)
{
	const struct ext2_inode *i = (const struct ext2_inode *)w->inode;
	uint64_t size = EXT2_I_SIZE(i);
	char *target;

	if (!size || size >= MAX_TARGET)
		return hull_ext4_bad(w->f, 0, w->e, "inode %u: a symlink of %" PRIu64 " bytes", ino,
				     size);
	target = hull_arena_alloc(&w->t->arena, (size_t)size + 1);
	if (size < sizeof i->i_block && !(i->i_flags & (EXT4_INLINE_DATA_FL | EXT4_EXTENTS_FL)))
		memcpy(target, i->i_block, (size_t)size);
	else if (hull_ext4_read_inode(w->f, ino, 0, target, (size_t)size, w->e) < 0)
		return -1;
	if (strlen(target) != size)
		return hull_ext4_bad(w->f, 0, w->e, "inode %u: a symlink to a path with a NUL",
				     ino);
	n->target = target;
	return 0;
}

static void set_device(const struct ext4_walk *w, struct hull_node *n)
{
	const uint32_t *b = w->inode->i_block;

	if (b[0]) {
		n->major = b[0] >> 8 & 0xff;
		n->minor = b[0] & 0xff;
	} else {
		n->major = b[1] >> 8 & 0xfff;
		n->minor = (b[1] & 0xff) | (b[1] >> 12 & ~0xffu);
	}
}

/* Fills a node by the inode that was loaded. */
static int fill(struct ext4_walk *w, ext2_ino_t ino, int node)
{
	const struct ext2_inode_large *i = w->inode;
	struct hull_node *n = &w->t->v[node];
	char most[HULL_AMOUNT];

	n->mode = i->i_mode;
	n->uid = inode_uid(*i);
	n->gid = inode_gid(*i);
	n->mtime = mtime(w);
	switch (i->i_mode & S_IFMT) {
	case S_IFREG:
		n->size_bytes = EXT2_I_SIZE(i);
		n->content = (struct hull_content){
			.source = &w->f->source,
			.id = ino,
			.dirfd = -1,
		};
		if (n->size_bytes > w->most_bytes - w->file_bytes)
			return hull_ext4_bad(w->f, 0, w->e,
					     "inode %u: a file of %" PRIu64 " bytes: with it there "
					     "are more than %s, the limit for its disk",
					     ino, n->size_bytes,
					     hull_size_text(w->most_bytes, most));
		w->file_bytes += n->size_bytes;
		break;
	case S_IFLNK:
		if (read_target(w, ino, n) < 0)
			return -1;
		break;
	case S_IFCHR:
	case S_IFBLK:
		set_device(w, n);
		break;
	case S_IFDIR:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	default:
		return hull_ext4_bad(w->f, 0, w->e, "inode %u: mode 0%o, which is no type of file",
				     ino, i->i_mode);
	}
	return read_xattrs(w, ino, node);
}

static int add_directory(struct ext4_walk *w, ext2_ino_t ino, int node, int depth)
{
	if (find_known(&w->known, ino) != HULL_NO_NODE)
		return hull_ext4_bad(w->f, 0, w->e, "inode %u: a directory in two places", ino);
	if (depth > MAX_DEPTH)
		return hull_ext4_bad(w->f, 0, w->e,
				     "inode %u: more than %d directories deep: '%.*s...'", ino,
				     MAX_DEPTH, SHOWN, hull_tree_path(w->t, node, &w->f->arena));
	add_known(&w->known, ino, node);
	w->directories =
		hull_grow(w->directories, &w->cap, w->ndirectories, sizeof *w->directories);
	w->directories[w->ndirectories++] = (struct unread_directory){node, ino, depth};
	return 0;
}

/* --- directories --- */

static int bad_name(struct ext4_walk *w, const char *name, size_t n, const char *cause)
{
	return hull_ext4_bad(w->f, 0, w->e, "inode %u: %s '%.*s' in a directory", w->in.ino, cause,
			     (int)n, name);
}

static bool is_name(const char *name, size_t n)
{
	return n && !memchr(name, '/', n) && !memchr(name, '\0', n);
}

static int take_entry(struct ext4_walk *w, ext2_ino_t ino, const char *name, size_t n)
{
	int node, first;

	if (!is_name(name, n))
		return bad_name(w, name, n, "the name");
	if (w->t->n - w->first >= MAX_NODES)
		return hull_ext4_bad(w->f, 0, w->e, "more than %d files", MAX_NODES);
	if (hull_tree_check_path(w->t, w->in.node, n, w->e) < 0)
		return hull_wrap(w->e, "%s: ext4 at byte %" PRIu64 ": ",
				 hull_disk_path(w->f->device.disk), w->f->device.offset_bytes);
	node = hull_tree_add_child(w->t, w->in.node, name, n);
	if (node == HULL_NO_NODE)
		return bad_name(w, name, n, "two files with the name");
	if (load(w, ino) < 0)
		return -1;
	if (LINUX_S_ISDIR(w->inode->i_mode))
		return fill(w, ino, node) < 0 ? -1 : add_directory(w, ino, node, w->in.depth + 1);
	if ((w->inode->i_flags & EXT4_ENCRYPT_FL) && LINUX_S_ISLNK(w->inode->i_mode)) {
		note(w, "an encrypted symlink in it is left out");
		hull_tree_remove(w->t, node);
		return 0;
	}
	first = w->inode->i_links_count > 1 ? find_known(&w->known, ino) : HULL_NO_NODE;
	if (first != HULL_NO_NODE) {
		w->t->v[node].inode = first;
		w->t->v[node].mode = w->t->v[first].mode;
		return 0;
	}
	if (w->inode->i_links_count > 1)
		add_known(&w->known, ino, node);
	return fill(w, ino, node);
}

static int take_dirent(ext2_ino_t dir, int entry, struct ext2_dir_entry *d, int offset,
		       int block_bytes, char *block, void *context)
{
	struct ext4_walk *w = context;

	size_t n = (size_t)ext2fs_dirent_name_len(d);

	(void)dir;
	(void)entry;
	(void)offset;
	(void)block_bytes;
	(void)block;
	if (n && n <= 2 && !memcmp(d->name, "..", n))
		return 0;
	w->result = take_entry(w, d->inode, d->name, n);
	return w->result < 0 ? DIRENT_ABORT : 0;
}

static int read_directory(struct ext4_walk *w)
{
	struct hull_ext4 *f = w->f;
	struct ext2_inode inode;
	errcode_t code = ext2fs_read_inode(f->fs, w->in.ino, &inode);

	if (!code && (inode.i_flags & EXT4_ENCRYPT_FL)) {
		note(w, "an encrypted directory, which is not looked into");
		return 0;
	}
	if (!code)
		code = ext2fs_dir_iterate2(f->fs, w->in.ino, 0, NULL, take_dirent, w);
	if (w->result < 0)
		return -1;
	return code ? hull_ext4_bad(f, code, w->e, "inode %u: a directory", w->in.ino) : 0;
}

static int walk(struct ext4_walk *w, int top)
{
	int r = load(w, EXT2_ROOT_INO);

	if (r == 0 && !LINUX_S_ISDIR(w->inode->i_mode))
		r = hull_ext4_bad(w->f, 0, w->e, "inode %u: the root is no directory",
				  EXT2_ROOT_INO);
	if (r == 0)
		r = fill(w, EXT2_ROOT_INO, top);
	if (r == 0)
		r = add_directory(w, EXT2_ROOT_INO, top, 0);
	while (r == 0 && w->ndirectories) {
		w->in = w->directories[--w->ndirectories];
		r = read_directory(w);
	}
	return r;
}

int hull_ext4_read_tree(struct hull_ext4 *f, struct hull_tree *t, int top, struct hull_err *e)
{
	struct ext4_walk w = {
		.f = f,
		.t = t,
		.e = e,
		.first = t->n,
		.most_bytes = hull_disk_stored(f->device.disk) + HULL_HOLES,
		.inode_bytes = EXT2_INODE_SIZE(f->fs->super),
	};
	int r;

	if (w.inode_bytes < sizeof *w.inode)
		w.inode = hull_alloc(sizeof *w.inode);
	else
		w.inode = hull_alloc(w.inode_bytes);
	pthread_mutex_lock(&f->mutex);
	f->device.patience = PATIENCE;
	r = walk(&w, top);
	pthread_mutex_unlock(&f->mutex);
	free(w.known.ino);
	free(w.known.node);
	free(w.directories);
	free(w.inode);
	return r;
}
