// SPDX-License-Identifier: MIT
#include "ext4_fixture.h"

static uint64_t least(struct ext4_world *w, uint64_t head_room)
{
	struct hull_err e;
	uint64_t bytes;

	if (hull_ext4_min_bytes(&w->t, HULL_TREE_ROOT, NULL, 0, head_room, &w->o, &bytes, &e) < 0)
		fail_msg("%s", e.msg);
	return bytes;
}

static uint64_t free_blocks(const struct ext4_world *w)
{
	hull_autofree char *out =
		run(w, "dumpe2fs -h image 2>/dev/null | sed -n 's/Free blocks: *//p'");

	return strtoull(out, NULL, 10);
}

static uint64_t layout_bytes(const struct hull_layout *l)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].length_bytes;
	return n;
}

static uint32_t superblock_u32(const struct ext4_world *w, off_t offset)
{
	hull_autofd int fd = openat(w->fd, "image", O_RDONLY | O_CLOEXEC);
	uint8_t b[4];

	assert_int_equal(pread(fd, b, sizeof b, 1024 + offset), sizeof b);
	return hull_get_le32(b);
}

/* A node to be changed. */
static struct hull_node *put(struct ext4_world *w, const char *path)
{
	int node = tree_put(&w->t, path, "");

	return &w->t.v[node];
}

static void put_link(struct ext4_world *w, const char *path, int inode)
{
	put(w, path)->inode = inode;
}

/* A regular file that has so many bytes of a shared buffer. */
static void put_bytes(struct ext4_world *w, const char *path, const void *p, uint64_t n)
{
	struct hull_node *f = put(w, path);

	f->content.memory = p;
	f->size_bytes = n;
}

/* A regular file whose content is a file of the directory. */
static void put_stored(struct ext4_world *w, const char *path, const char *name, uint64_t offset,
		       uint64_t n)
{
	struct hull_node *f = put(w, path);

	f->content = (struct hull_content){.dirfd = w->fd, .path = name, .offset_bytes = offset};
	f->size_bytes = n;
}

/* --- tests --- */

static void an_empty_tree_has_the_features_of_ext4(void **state)
{
	struct ext4_world *w = *state;

	make(w);
	free(run(w, "dumpe2fs image > dump"));
	assert_prints(w,
		      "has_journal ext_attr resize_inode dir_index filetype extent 64bit flex_bg "
		      "sparse_super large_file huge_file dir_nlink extra_isize metadata_csum\n",
		      "grep features: dump");
	assert_prints(w, "hull-root", "grep 'volume name' dump");
	assert_prints(w, " clean\n", "grep state: dump");
	assert_prints(w, "Remount read-only", "grep Errors dump");
	assert_prints(w, "user_xattr acl", "grep 'Default mount' dump");
	assert_prints(w, " 4096\n", "grep 'Block size' dump");
	assert_prints(w, " 256\n", "grep 'Inode size' dump");
	assert_prints(w, " 4112\n", "grep 'Inode count' dump");
	assert_prints(w, " 16\n", "grep 'Flex block' dump");
	assert_prints(w, " 4096k\n", "grep 'Total journal size' dump");
	assert_prints(w, " half_md4\n", "grep 'directory hash' dump");
	assert_prints(w, " -1\n", "grep 'Maximum mount' dump");
	assert_prints(w, "Nov 14 22:13:20 2023", "TZ=UTC grep 'Last checked' dump");
	assert_prints(w, "[ITABLE_ZEROED]", "grep 'Group 0' dump");
	assert_stat(w, "/lost+found", "Mode:  0700");
	assert_int_equal(least(w, 0), 1 * MIB);
	/* 2 bitmaps, superblock with descriptors, the resize inode's block and the two it refers
	 * to, 1 block of inodes, 2 directories, the journal's superblock: zeros take no memory */
	assert_in_range(layout_bytes(&w->l), 5 * BLOCK, 10 * BLOCK);
	assert_int_equal(superblock_u32(w, 0x10c + 16 * 4), 4 * MIB); /* s_jnl_blocks */
}

static void put_special(struct ext4_world *w, const char *path, mode_t mode, uint32_t major,
			uint32_t minor)
{
	struct hull_node *f = put(w, path);

	f->mode = mode;
	f->major = major;
	f->minor = minor;
}

static void put_everything(struct ext4_world *w)
{
	struct hull_tree *t = &w->t;
	int n = tree_put_mode(t, "/a/file", "hello\n", 04755);

	t->v[n].uid = 70000;
	t->v[n].gid = 80000;
	t->v[n].mtime = 1600000000;
	put(w, "/later")->mtime = 1800000000;
	put_link(w, "/b/link", n);
	put_link(w, "/zz", n);
	tree_directory(t, "/tmp", 01777);
	tree_link(t, "/short", "a/file");
	tree_link(t, "/fast", "12345678901234567890123456789012345678901234567890123456789");
	tree_link(t, "/slow", "123456789012345678901234567890123456789012345678901234567890");
	put_special(w, "/dev/tty1", S_IFCHR | 0620, 4, 1);
	put_special(w, "/dev/big", S_IFBLK | 0660, 259, 65537);
	put_special(w, "/run/fifo", S_IFIFO | 0600, 0, 0);
	put_special(w, "/run/socket", S_IFSOCK | 0666, 0, 0);
}

static void all_types_modes_owners_and_links(void **state)
{
	struct ext4_world *w = *state;

	put_everything(w);
	make(w);
	assert_content(w, "/a/file");
	assert_stat(w, "/a/file", "Type: regular    Mode:  04755");
	assert_stat(w, "/a/file", "User: 70000   Group: 80000");
	assert_stat(w, "/a/file", "Links: 3");
	assert_stat(w, "/a/file", "mtime: 0x5f5e1000:00000000");
	assert_stat(w, "/a/file", "crtime: 0x6553f100:00000000");
	assert_stat(w, "/later", "mtime: 0x6553f100:00000000");
	assert_prints(w, "same",
		      "debugfs -R 'stat /b/link' image > 1; debugfs -R 'stat /a/file' image > 2; "
		      "debugfs -R 'stat /zz' image > 3; cmp 1 2 && cmp 2 3 && echo same");
	assert_stat(w, "/tmp", "Type: directory    Mode:  01777");
	assert_stat(w, "/", "Links: 8");
	assert_stat(w, "/short", "Fast link dest: \"a/file\"");
	assert_stat(w, "/fast", "Size: 59");
	assert_stat(w, "/fast", "Blockcount: 0");
	assert_stat(w, "/slow", "Size: 60");
	assert_stat(w, "/slow", "Blockcount: 8");
	assert_prints(w, "123456789012345678901234567890123456789012345678901234567890",
		      "debugfs -R 'cat /slow' image");
	assert_stat(w, "/dev/tty1", "Device major/minor number: 04:01");
	assert_stat(w, "/dev/tty1", "Type: character special    Mode:  0620");
	assert_stat(w, "/dev/big", "Device major/minor number: 259:65537");
	assert_stat(w, "/dev/big", "Type: block special");
	assert_stat(w, "/run/fifo", "Type: FIFO");
	assert_stat(w, "/run/socket", "Type: socket");
}

static void xattrs_lie_in_the_inode_or_a_block(void **state)
{
	static const uint8_t acl[] = {2,  0, 0, 0, 1,	0, 6, 0, 0, 0, 0, 0, /* user:: */
				      2,  0, 4, 0, 232, 3, 0, 0,	     /* user:1000: */
				      4,  0, 4, 0, 0,	0, 0, 0,	     /* group:: */
				      16, 0, 4, 0, 0,	0, 0, 0,	     /* mask:: */
				      32, 0, 4, 0, 0,	0, 0, 0};	     /* other:: */
	static const uint8_t capability[20] = {1, 0, 0, 2, 0, 4};
	struct ext4_world *w = *state;
	char big[3968];
	int n = tree_put(&w->t, "/ping", "");

	memset(big, 'v', sizeof big);
	hull_tree_set_xattr(&w->t, n, "security.capability", capability, sizeof capability);
	n = tree_put(&w->t, "/many", "");
	hull_tree_set_xattr(&w->t, n, "user.z", "last", 4);
	hull_tree_set_xattr(&w->t, n, "user.big", big, sizeof big);
	hull_tree_set_xattr(&w->t, n, "user.empty", "", 0);
	hull_tree_set_xattr(&w->t, n, "trusted.overlay.opaque", "y", 1);
	hull_tree_set_xattr(&w->t, n, "security.selinux", "system_u:object_r:x:s0", 23);
	n = tree_directory(&w->t, "/acl", 0755);
	hull_tree_set_xattr(&w->t, n, "system.posix_acl_access", acl, sizeof acl);
	hull_tree_set_xattr(&w->t, n, "system.posix_acl_default", acl, sizeof acl);
	make(w);
	assert_prints(w, "security.capability (20) = 01 00 00 02 00 04 00", /**/
		      "debugfs -R 'ea_list /ping' image");
	assert_stat(w, "/ping", "File ACL: 0");
	assert_prints(w, "user.z (4) = \"last\"", "debugfs -R 'ea_list /many' image");
	assert_prints(w, "user.empty (0)", "debugfs -R 'ea_list /many' image");
	assert_prints(w, "trusted.overlay.opaque (1) = \"y\"", "debugfs -R 'ea_list /many' image");
	assert_prints(w, "security.selinux (23)", "debugfs -R 'ea_list /many' image");
	assert_prints(w, "0 3968",
		      "debugfs -R 'ea_get -f got /many user.big' image; "
		      "tr -d v < got | wc -c | tr '\\n' ' '; wc -c < got");
	assert_stat(w, "/many", "Blockcount: 8");
	{
		hull_autobuf struct hull_buf got = {0};
		struct hull_err e;

		free(run(w, "debugfs -R 'ea_get -f got /acl system.posix_acl_default' image"));
		assert_int_equal(hull_file_read(w->fd, "got", &got, &e), 0);
		assert_int_equal(got.n, sizeof acl);
		assert_memory_equal(got.p, acl, sizeof acl);
	}
}

static void xattrs_of_a_block_are_sorted_for_the_kernel(void **state)
{
	struct ext4_world *w = *state;
	char value[100];
	int n = tree_put(&w->t, "/f", "");

	memset(value, 'v', sizeof value);
	hull_tree_set_xattr(&w->t, n, "security.x", value, sizeof value);
	hull_tree_set_xattr(&w->t, n, "trusted.x", value, sizeof value);
	hull_tree_set_xattr(&w->t, n, "user.aaa", value, sizeof value);
	hull_tree_set_xattr(&w->t, n, "user.bb", value, sizeof value);
	hull_tree_set_xattr(&w->t, n, "user.ab", value, sizeof value);
	n = tree_put(&w->t, "/fits", "");
	hull_tree_set_xattr(&w->t, n, "user.name", value, 68);
	n = tree_put(&w->t, "/just-not", ""); /* no room for the end of the list */
	hull_tree_set_xattr(&w->t, n, "user.name", value, 69);
	make(w);
	assert_prints(w, "user.ab user.bb user.aaa trusted.x security.x ",
		      "debugfs -R 'ea_list /f' image | sed -n 's/^  \\([^ ]*\\) .*/\\1/p' | "
		      "tr '\\n' ' '");
	assert_stat(w, "/fits", "Blockcount: 0");
	assert_stat(w, "/just-not", "Blockcount: 8");
}

static void xattrs_that_do_not_fit_are_an_error(void **state)
{
	struct ext4_world *w = *state;
	char big[4096] = {0};
	int n = tree_put(&w->t, "/usr/bin/x", "");

	hull_tree_set_xattr(&w->t, n, "user.big", big, sizeof big);
	add_fails(w, "/usr/bin/x: xattrs of 4116 bytes do not fit into the inode and one block");
	hull_tree_set_file(&w->t, n, "", 0, 0644);
	hull_tree_set_xattr(&w->t, n, "strange.name", "", 0);
	add_fails(w, "/usr/bin/x: xattr strange.name: ext4 cannot store such a name");
	hull_tree_set_file(&w->t, n, "", 0, 0644);
	hull_tree_set_xattr(&w->t, n, "system.posix_acl_access", "x", 1);
	add_fails(w, "/usr/bin/x: xattr system.posix_acl_access: malformed");
}

static void names_by_the_hundred_thousand(void **state)
{
	struct ext4_world *w = *state;
	char path[64];

	w->o.size_bytes = 512 * MIB;
	w->o.spare_inodes = 20000;
	for (int i = 0; i < 100000; i++) {
		snprintf(path, sizeof path, "/two/a-name-of-some-%06d", i);
		tree_put(&w->t, path, "");
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "/one/%d", i);
		tree_directory(&w->t, path, 0755);
	}
	for (int i = 0; i < 340; i++) { /* 12 bytes each: up to one block, and beyond */
		snprintf(path, sizeof path, "/none/%03d", i);
		if (i < 338)
			tree_put(&w->t, path, "");
		snprintf(path, sizeof path, "/just/%03d", i);
		tree_put(&w->t, path, "");
	}
	make(w);
	assert_prints(w, "Indirect levels: 1", "debugfs -R 'htree_dump /two' image | head -20");
	assert_prints(w, "Indirect levels: 0", "debugfs -R 'htree_dump /one' image | head -20");
	assert_stat(w, "/one", "Links: 1002");
	assert_stat(w, "/none", "Size: 4096");
	assert_stat(w, "/just", "Size: 8192"); /* an index of one leaf */
	assert_prints(w, "100000\n", "debugfs -R 'ls -p /two' image | grep -c a-name");
	assert_prints(w, "131072", "dumpe2fs -h image | grep 'Inode count'");
	assert_prints(w, "32768", "dumpe2fs -h image | grep 'Blocks per group'");
	w->o.size_bytes = 256 * MIB;
	add_fails(w, "ext4: 101684 inodes with 7200 KiB of data do not fit into 262144 KiB; at "
		     "least 385 MiB are needed");
}

struct hashed {
	uint32_t hash;
	int number;
};

static int by_hash(const void *x, const void *y)
{
	const struct hashed *a = x, *b = y;

	return (a->hash > b->hash) - (a->hash < b->hash);
}

/* Two names with the same hash, the first one the last of its block. */
static void equal_hashes_across_a_leaf(void **state)
{
	enum { COUNT = 200000, PER_LEAF = (BLOCK - 12) / 16, MORE = 300 };
	struct ext4_world *w = *state;
	hull_autofree struct hashed *v = hull_alloc_array(COUNT, sizeof *v);
	uint32_t seed[4], minor;
	int at = PER_LEAF;
	char name[32];

	memcpy(seed, w->o.hash_seed.b, sizeof seed);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof name, "n%07d", i);
		ext2fs_dirhash2(EXT2_HASH_HALF_MD4, name, 8, NULL, 0, seed, &v[i].hash, &minor);
		v[i].number = i;
	}
	qsort(v, COUNT, sizeof *v, by_hash);
	while (at < COUNT - MORE && v[at].hash != v[at - 1].hash)
		at++;
	assert_true(at < COUNT - MORE);
	for (int i = at - PER_LEAF; i < at + MORE; i++) {
		snprintf(name, sizeof name, "/d/n%07d", v[i].number);
		tree_put(&w->t, name, "");
	}
	make(w);
	snprintf(name, sizeof name, "Entry #1: Hash 0x%08x", v[at].hash | 1);
	assert_prints(w, name, "debugfs -R 'htree_dump /d' image");
}

static void long_names_and_deep_directories(void **state)
{
	hull_autobuf struct hull_buf path = {0};
	struct ext4_world *w = *state;
	char name[300];

	memset(name, 'n', sizeof name - 1);
	name[0] = '/';
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 100; i++) {
		snprintf(name + 250, sizeof name - 250, "%06d", i); /* 255 bytes */
		tree_put(&w->t, name, "x");
	}
	for (int i = 0; i < 60; i++)
		hull_buf_adds(&path, "/deep");
	tree_put(&w->t, path.p, "bottom\n");
	make(w);
	assert_content(w, path.p);
	assert_content(w, name);
	assert_prints(w, "100\n", "debugfs -R 'ls -p /' image | grep -c nnnn");
}

static void sizes_around_blocks_and_groups(void **state)
{
	static const uint64_t sizes[] = {
		0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 128 * MIB - 1, 128 * MIB, 128 * MIB + 1};
	struct ext4_world *w = *state;
	hull_autofree char *bytes = hull_alloc(128 * MIB + 1);
	char path[32];

	w->o.size_bytes = 600 * MIB;
	for (uint64_t i = 0; i < 128 * MIB; i += MIB / 2)
		hull_put_le64(bytes + i, i + 1);
	bytes[128 * MIB - 1] = 'y';
	bytes[128 * MIB] = 'z';
	memset(bytes, 'b', BLOCK + 1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(path, sizeof path, "/%" PRIu64, sizes[i]);
		put_bytes(w, path, bytes, sizes[i]);
	}
	make(w);
	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof path, "/%" PRIu64, sizes[i]);
		assert_content(w, path);
	}
	assert_content(w, "/134217729");
	assert_stat(w, "/134217728", "Size: 134217728");
}

/* Between the copies of the superblock there are free runs longer than an extent may be. */
static void a_file_of_gigabytes(void **state)
{
	struct ext4_world *w = *state;
	uint64_t size = 3 * GIB + 1;
	void *zeros =
		mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(zeros != MAP_FAILED);
	w->zeros = zeros;
	w->o.size_bytes = 4 * GIB;
	put_bytes(w, "/big", zeros, size);
	make(w);
	assert_stat(w, "/big", "Size: 3221225473");
	assert_stat(w, "/big", "Blockcount: 6291472"); /* 1 of them the extent tree's */
	munmap(zeros, size);
}

static void holes_stay_holes(void **state)
{
	enum { PARTS = 1500 };
	struct ext4_world *w = *state;
	hull_autofd int fd = openat(w->fd, "stored", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	hull_autofd int huge = openat(w->fd, "huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	char block[BLOCK];

	w->o.size_bytes = 128 * MIB;
	for (int i = 0; i < PARTS; i++) {
		memset(block, 'a' + i % 26, sizeof block);
		assert_int_equal(pwrite(fd, block, BLOCK, (off_t)i * 3 * BLOCK), BLOCK);
	}
	assert_int_equal(pwrite(huge, "end", 3, (off_t)(5 * GIB)), 3);
	assert_int_equal(ftruncate(fd, 160 * MIB), 0);
	put_stored(w, "/whole", "stored", 0, 64 * MIB + 77);
	put_stored(w, "/part", "stored", BLOCK / 2, 64 * MIB);
	put_stored(w, "/hole", "stored", PARTS * 3 * BLOCK, 64 * MIB);
	put_stored(w, "/small", "stored", PARTS * 3 * BLOCK, 5 * BLOCK);
	put_stored(w, "/huge", "huge", 0, 5 * GIB + 3);
	make(w);
	assert_content(w, "/whole");
	assert_content(w, "/part");
	assert_content(w, "/hole");
	assert_content(w, "/small");
	assert_stat(w, "/whole", "Blockcount: 12048"); /* 1500 and the 6 of its extent tree */
	assert_stat(w, "/hole", "Blockcount: 0");
	assert_stat(w, "/small", "Blockcount: 40");
	assert_stat(w, "/huge", "Size: 5368709123");
	assert_stat(w, "/huge", "Blockcount: 8");
	assert_stat(w, "/huge", "(1310720):");
}

/* Whether the stored file has holes says something about the store, not about the file. */
static void holes_are_where_zeros_are(void **state)
{
	enum { BLOCKS = 64 * 256 };
	struct ext4_world *w = *state;
	hull_autofd int sparse = openat(w->fd, "sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	hull_autofd int dense = openat(w->fd, "dense", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	char block[BLOCK];

	for (int i = 0; i < BLOCKS; i++) {
		memset(block, i % 100 ? 0 : 'x', sizeof block);
		assert_int_equal(pwrite(dense, block, BLOCK, (off_t)i * BLOCK), BLOCK);
		if (i % 100 == 0)
			assert_int_equal(pwrite(sparse, block, BLOCK, (off_t)i * BLOCK), BLOCK);
	}
	assert_int_equal(ftruncate(sparse, (off_t)BLOCKS * BLOCK), 0);
	put_stored(w, "/sparse", "sparse", 0, (uint64_t)BLOCKS * BLOCK);
	put_stored(w, "/dense", "dense", 0, (uint64_t)BLOCKS * BLOCK);
	make(w);
	assert_content(w, "/dense");
	assert_stat(w, "/sparse", "Blockcount: 1320"); /* 164, and 1 of the extent tree */
	assert_stat(w, "/dense", "Blockcount: 1320");
}

static void a_file_system_can_be_full(void **state)
{
	hull_autofree char *bytes = hull_alloc(1 * MIB);
	struct ext4_world *w = *state;
	struct hull_err e;
	char path[32];

	memset(bytes, 'f', 1 * MIB);
	w->o.journal_bytes = 4 * MIB;
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "/%d", i);
		put_bytes(w, path, bytes, 1 * MIB - (uint64_t)i * 1000);
	}
	w->o.size_bytes = least(w, 0);
	make(w);
	while (w->o.size_bytes -= BLOCK, add(w, HULL_TREE_ROOT, &e) == 0)
		;
	assert_string_equal(e.msg, "ext4: 22 inodes with 20344 KiB of data do not fit into 24860 "
				   "KiB; at least 25 MiB are needed");
	w->o.size_bytes += BLOCK;
	assert_in_range(w->o.size_bytes, least(w, 0) - MIB + 1, least(w, 0));
	make(w);
	assert_int_equal(free_blocks(w), 0);
}

/* What is there after a size was computed with head room, and how much a MiB less would give. */
static void the_least_size_is_enough_and_not_too_much(void **state)
{
	static const struct {
		int files;
		uint64_t file_bytes, head_room;
	} cases[] = {
		{0, 0, 0},	    {1, 1, 0},
		{2000, 100, 0},	    {2000, 5000, 30 * MIB},
		{300, MIB, 0},	    {300, MIB, 700 * MIB},
		{20000, 0, 0},	    {40, 40 * MIB, 0},
		{1000, 0, 3 * GIB},
	};
	hull_autofree char *bytes = hull_alloc(40 * MIB);
	struct ext4_world *w = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[32];
		struct hull_err e;
		uint64_t size, free_bytes;

		hull_tree_fini(&w->t);
		hull_tree_init(&w->t);
		for (int k = 0; k < cases[i].files; k++) {
			snprintf(path, sizeof path, "/%d/%d", k % 10, k);
			put_bytes(w, path, bytes, cases[i].file_bytes);
		}
		w->o.size_bytes = size = least(w, cases[i].head_room);
		make(w);
		free_bytes = free_blocks(w) * BLOCK;
		if (free_bytes < cases[i].head_room ||
		    free_bytes - cases[i].head_room > MIB + size / 50)
			fail_msg("case %zu: %" PRIu64 " bytes, %" PRIu64 " free", i, size,
				 free_bytes);
		if (size == MIB)
			continue;
		w->o.size_bytes = size - size / 50 - MIB;
		if (!cases[i].head_room && add(w, HULL_TREE_ROOT, &e) == 0)
			fail_msg("case %zu: less than %" PRIu64 " bytes is enough", i, size);
	}
}

static void a_small_file_system_grows(void **state)
{
	struct ext4_world *w = *state;

	w->o.size_bytes = 300 * MIB;
	put_everything(w);
	make(w);
	free(run(w, "truncate -s 16G image && resize2fs image"));
	check(w, "image");
	assert_prints(w, "4194304", "dumpe2fs -h image | grep 'Block count'");
	assert_content(w, "/a/file");
}

static void the_same_bytes_twice(void **state)
{
	struct ext4_world *w = *state;

	put_everything(w);
	hull_tree_set_xattr(&w->t, hull_tree_find(&w->t, "/later"), "user.x", "x", 1);
	make(w);
	free(run(w, "mv image first"));
	sleep(1);
	make(w);
	free(run(w, "cmp first image"));
}

static void only_a_part_of_the_tree(void **state)
{
	struct ext4_world *w = *state;
	struct hull_err e;
	int mounts[2], top;

	tree_put(&w->t, "/var/lib/file", "text");
	tree_put(&w->t, "/var/log/hidden", "text");
	tree_put(&w->t, "/var/log/more/hidden", "text");
	put_link(w, "/var/z", tree_put(&w->t, "/etc/outside", "linked"));
	mounts[0] = hull_tree_find(&w->t, "/etc");
	mounts[1] = hull_tree_find(&w->t, "/var/log");
	top = hull_tree_find(&w->t, "/var");
	w->l.size_bytes = w->o.size_bytes + 5 * BLOCK;
	if (hull_ext4_add(&w->l, 3 * BLOCK, &w->t, top, mounts, 2, &w->o, &e) < 0 ||
	    hull_layout_seal(&w->l, &e) < 0)
		fail_msg("%s", e.msg);
	write_image(w, "disk");
	free(run(w, "dd if=disk of=image bs=4096 skip=3 count=16384 status=none"));
	check(w, "image");
	assert_prints(w, "2\n", "debugfs -R 'ls -p /log' image | grep -c '^/'");
	assert_prints(w, "text", "debugfs -R 'cat /lib/file' image");
	assert_prints(w, "linked", "debugfs -R 'cat /z' image");
	assert_stat(w, "/z", "Links: 1");
}

static void read_only_needs_no_journal(void **state)
{
	struct ext4_world *w = *state;

	tree_directory(&w->t, "/lost+found", 0755);
	tree_put(&w->t, "/file", "text");
	w->o.read_only = true;
	make(w);
	assert_prints(w,
		      "features:      ext_attr dir_index filetype extent 64bit flex_bg "
		      "sparse_super large_file huge_file dir_nlink extra_isize metadata_csum\n",
		      "dumpe2fs -h image");
	assert_stat(w, "/lost+found", "Mode:  0755");
	assert_prints(w, "Inode count:              16\n", "dumpe2fs -h image");
	w->o.read_only = false;
	w->o.journal_bytes = 8 * MIB;
	make(w);
	assert_prints(w, "Total journal size:       8M", "dumpe2fs -h image");
}

static void what_cannot_be_stored_is_an_error(void **state)
{
	struct ext4_world *w = *state;
	struct hull_err e;
	char path[32];
	int n;

	w->o.size_bytes = 64 * MIB + 1;
	add_fails(w, "ext4: a size of 67108865 bytes is no multiple of 4096");
	w->o.size_bytes = 64 * MIB;
	w->o.label = "seventeen letters";
	add_fails(w, "ext4: label seventeen letters: longer than 16 bytes");
	w->o.label = NULL;
	w->o.journal_bytes = MIB;
	add_fails(w, "ext4: a journal of 1048576 bytes; 4 MiB is the least");
	w->o.journal_bytes = 0;
	put(w, "/x")->mode = 0644;
	add_fails(w, "/x: neither file, directory nor anything else (mode 644)");
	hull_tree_remove(&w->t, hull_tree_find(&w->t, "/x"));
	free(run(w, "printf 12345 > five"));
	put_stored(w, "/y", "five", 0, BLOCK + 1);
	add_fails(w, "/y: five has 5 bytes, not 4097");
	put_stored(w, "/y", "none", 0, BLOCK + 1);
	add_fails(w, "/y: none: No such file or directory");
	n = tree_put(&w->t, "/y", "");
	put_link(w, "/z", HULL_TREE_ROOT);
	add_fails(w, "/z: a hard link to a directory");
	tree_put(&w->t, "/z", "");
	for (int i = 0; i < 65000; i++) {
		snprintf(path, sizeof path, "/links/%d", i);
		put_link(w, path, n);
	}
	assert_int_equal(add(w, HULL_TREE_ROOT, &e), -1);
	assert_string_equal(e.msg, "/y: more than 65000 hard links to one file");
	w->t.v[n].inode = n;
	hull_tree_remove(&w->t, n);
	make(w);
	w->o.size_bytes = 64 * 1024;
	add_fails(w, "ext4: 5 inodes with 996 KiB of data do not fit into 64 KiB; at least 2 MiB "
		     "are needed");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_tree_has_the_features_of_ext4),
		TEST(all_types_modes_owners_and_links),
		TEST(xattrs_lie_in_the_inode_or_a_block),
		TEST(xattrs_of_a_block_are_sorted_for_the_kernel),
		TEST(xattrs_that_do_not_fit_are_an_error),
		TEST(names_by_the_hundred_thousand),
		TEST(equal_hashes_across_a_leaf),
		TEST(long_names_and_deep_directories),
		TEST(sizes_around_blocks_and_groups),
		TEST(a_file_of_gigabytes),
		TEST(holes_stay_holes),
		TEST(holes_are_where_zeros_are),
		TEST(a_file_system_can_be_full),
		TEST(the_least_size_is_enough_and_not_too_much),
		TEST(a_small_file_system_grows),
		TEST(the_same_bytes_twice),
		TEST(only_a_part_of_the_tree),
		TEST(read_only_needs_no_journal),
		TEST(what_cannot_be_stored_is_an_error),
	};

	return cmocka_run_group_tests_name("disk ext4", tests, NULL, NULL);
}
