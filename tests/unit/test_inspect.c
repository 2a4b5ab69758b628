// SPDX-License-Identifier: MIT
#include "rpm_fixture.h"

#include "base/hash.h"
#include "binary/uki.h"
#include "ext4/ext4.h"
#include "fat/fat.h"
#include "image/tar.h"
#include "inspect/digests.h"
#include "inspect/imagefile.h"
#include "partition/gpt.h"
#include "rpm/database.h"
#include "rpm_craft.h"

/* Disks that are put together here from trees, and looked into. */

enum { MAX_VOLUMES = 6 };

#define MIB (UINT64_C(1) << 20)

struct image_world {
	struct rpm_box box;
	struct hull_tree root, small[MAX_VOLUMES]; /* of which the disk is made */
	size_t nsmall;
	struct hull_layout layout;
	struct hull_gpt_partition partitions[MAX_VOLUMES];
	size_t n;
	uint64_t end_bytes; /* of the partitions so far */
	struct hull_system s;
	bool open;
	struct hull_err e;
};

static int set_up(void **state)
{
	struct image_world *w = hull_alloc(sizeof *w);

	box_init(&w->box);
	hull_tree_init(&w->root);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct image_world *w = *state;

	if (w->open)
		hull_system_fini(&w->s);
	hull_tree_fini(&w->root);
	for (size_t i = 0; i < w->nsmall; i++)
		hull_tree_fini(&w->small[i]);
	hull_layout_fini(&w->layout);
	box_fini(&w->box);
	free(w);
	return 0;
}

/* --- making a disk --- */

static int put(struct hull_tree *t, const char *path, const void *p, size_t n)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	hull_tree_set_file(t, node, p, n, 0644);
	return node;
}

static int put_text(struct hull_tree *t, const char *path, const char *text)
{
	return put(t, path, text, strlen(text));
}

/* The next partition, with an id and a name that tell its number. */
static uint64_t add_partition(struct image_world *w, const char *type, uint64_t size_bytes)
{
	struct hull_gpt_partition *p = &w->partitions[w->n++];
	char label[] = "part 0";
	uint64_t at = w->end_bytes ? w->end_bytes : MIB;

	label[5] = (char)('0' + w->n);
	*p = (struct hull_gpt_partition){
		.id = hull_guid_derive("id", label),
		.first_lba = at / HULL_SECTOR,
		.last_lba = (at + size_bytes) / HULL_SECTOR - 1,
		.name = hull_arena_strdup(&w->layout.arena, label),
	};
	assert_true(hull_gpt_type(type, "x86_64", &p->type));
	w->end_bytes = at + size_bytes;
	return at;
}

static struct hull_guid uuid_of(const char *label)
{
	return hull_guid_derive("uuid", label);
}

static void add_ext4(struct image_world *w, const char *type, const struct hull_tree *t,
		     const char *label)
{
	uint64_t at = add_partition(w, type, 8 * MIB);
	struct hull_ext4_options o = {
		.size_bytes = 8 * MIB,
		.uuid = uuid_of(label),
		.hash_seed = hull_guid_derive("hash", label),
		.label = label,
		.time = 1700000000,
	};

	if (hull_ext4_add(&w->layout, at, t, HULL_TREE_ROOT, NULL, 0, &o, &w->e) < 0)
		fail_msg("%s", w->e.msg);
}

static void write_disk(struct image_world *w, const char *name)
{
	struct hull_guid id = hull_guid_derive("disk", "id");
	hull_autofree char *all = NULL, *path = NULL;
	struct hull_layout_reader r;

	w->layout.size_bytes = w->end_bytes + MIB;
	if (hull_gpt_add(&w->layout, &id, w->partitions, w->n, &w->e) < 0 ||
	    hull_layout_seal(&w->layout, &w->e) < 0)
		fail_msg("%s", w->e.msg);
	all = hull_alloc(w->layout.size_bytes);
	hull_layout_reader_init(&r, &w->layout);
	if (hull_layout_read(&r, 0, all, w->layout.size_bytes, &w->e) < 0)
		fail_msg("%s", w->e.msg);
	hull_layout_reader_fini(&r);
	path = hull_asprintf("%s/%s", w->box.dir, name);
	assert_int_equal(hull_file_write(AT_FDCWD, path, all, w->layout.size_bytes, 0644, &w->e),
			 0);
	hull_layout_fini(&w->layout);
	w->n = 0;
	w->end_bytes = 0;
}

static int look(struct image_world *w, const char *name, enum hull_system_required required)
{
	hull_autofree char *path = hull_asprintf("%s/%s", w->box.dir, name);
	int r;

	if (w->open)
		hull_system_fini(&w->s);
	r = hull_system_open(&w->box.store, path, required, &w->s, &w->e);
	w->open = r == 0;
	return r;
}

static void open_disk(struct image_world *w, enum hull_system_required required)
{
	write_disk(w, "disk");
	if (look(w, "disk", required) < 0)
		fail_msg("%s", w->e.msg);
}

static void open_fails(struct image_world *w, enum hull_system_required required,
		       const char *message)
{
	write_disk(w, "disk");
	assert_int_equal(look(w, "disk", required), -1);
	if (!strstr(w->e.msg, message))
		fail_msg("\"%s\" does not contain \"%s\"", w->e.msg, message);
}

static const struct hull_node *node_at(const struct image_world *w, const char *path)
{
	int node = hull_tree_find(&w->s.tree, path);

	if (node < 0)
		fail_msg("no %s", path);
	return &w->s.tree.v[node];
}

static void expect_text(const struct image_world *w, const char *path, const char *text)
{
	hull_autobuf struct hull_buf is = {0};
	struct hull_err e;

	if (hull_tree_read(&w->s.tree, hull_tree_find(&w->s.tree, path), &is, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(is.p, text);
}

/* --- partitions --- */

static void the_root_and_what_it_says_of_itself(void **state)
{
	struct image_world *w = *state;
	struct hull_tree other;

	hull_tree_init(&other);
	put_text(&other, "/data", "x");
	put_text(&w->root, "/usr/lib/os-release",
		 "ID=hull\nVERSION_ID=\"1.0\"\nPRETTY_NAME='Hull 1'\n");
	add_ext4(w, "linux-generic", &other, "other");
	add_ext4(w, "linux-generic", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	assert_string_equal(w->s.os_id, "hull");
	assert_string_equal(w->s.os_version, "1.0");
	assert_string_equal(w->s.os_name, "Hull 1");
	assert_int_equal(hull_tree_find(&w->s.tree, "/data"), HULL_NO_NODE);
	assert_int_equal(w->s.table.n, 2);
	assert_false(w->s.has_esp);
	assert_false(w->s.has_lock);
	assert_null(w->s.note);
	/* a type that says so comes first, though it has no os-release file */
	add_ext4(w, "linux-generic", &other, "other");
	add_ext4(w, "root", &other, "typed");
	open_disk(w, HULL_SYSTEM_TREE);
	expect_text(w, "/data", "x");
	add_ext4(w, "linux-generic", &other, "other");
	add_ext4(w, "linux-generic", &other, "another");
	open_fails(
		w, HULL_SYSTEM_TREE,
		"disk: no file system with a root that can be read: partition 1 at byte 1048576 is ext4, "
		"partition 2 at byte 9437184 is ext4");
	hull_tree_fini(&other);
}

static char *guid_text(struct hull_guid id)
{
	char *text = hull_alloc(HULL_GUID_TEXT);

	hull_guid_text(&id, text);
	return text;
}

/* A file system that has its label in a file. */
static void add_small(struct image_world *w, const char *type, const char *label)
{
	struct hull_tree *t = &w->small[w->nsmall++];

	hull_tree_init(t);
	put_text(t, "/file", label);
	add_ext4(w, type, t, label);
}

/* Four ways to name a partition in fstab, and what has only a type. */
static void other_partitions_below_the_root(void **state)
{
	struct image_world *w = *state;
	hull_autofree char *id = guid_text(hull_guid_derive("id", "part 2")),
			   *uuid = guid_text(uuid_of("b"));
	hull_autofree char *fstab = hull_asprintf("# comment\nPARTUUID=%s /a ext4 defaults 0 2\n"
						  "/dev/disk/by-uuid/%s\t/b/c ext4 ro\n"
						  "PARTLABEL=part\\0404 /c ext4\n"
						  "LABEL=d /d/d ext4\n"
						  "tmpfs /tmp tmpfs\n",
						  id, uuid);
	static const char *const labels[] = {"a", "b", "c", "d"};

	put_text(&w->root, "/etc/os-release", "ID=x\n");
	put_text(&w->root, "/etc/fstab", fstab);
	put_text(&w->root, "/a/hidden", "by the mount");
	add_ext4(w, "root", &w->root, "root");
	for (size_t i = 0; i < 4; i++)
		add_small(w, "linux-generic", labels[i]);
	add_small(w, "var", "var");
	open_disk(w, HULL_SYSTEM_TREE);
	expect_text(w, "/a/file", "a");
	assert_int_equal(hull_tree_find(&w->s.tree, "/a/hidden"), HULL_NO_NODE);
	expect_text(w, "/b/c/file", "b");
	expect_text(w, "/c/file", "c");
	expect_text(w, "/d/d/file", "d");
	expect_text(w, "/var/file", "var");
	assert_int_equal(w->s.nfile_systems, 6);
}

static void partitions_that_are_no_ext4(void **state)
{
	struct image_world *w = *state;
	uint64_t at;

	put_text(&w->root, "/etc/os-release", "ID=x\n");
	put_text(&w->root, "/etc/fstab", "PARTLABEL=part\\0402 /var/lib/data btrfs\n");
	add_ext4(w, "root", &w->root, "root");
	at = add_partition(w, "linux-generic", MIB);
	hull_layout_add_bytes(&w->layout, at + 65600, "_BHRfS_M", 8);
	open_disk(w, HULL_SYSTEM_TREE);
	assert_string_equal(w->s.note, "partition 2 at byte 9437184 is btrfs and not looked into, "
				       "though it belongs at /var/lib/data");
	at = add_partition(w, "root", MIB);
	hull_layout_add_bytes(&w->layout, at + 536, "LVM2 001", 8);
	open_fails(
		w, HULL_SYSTEM_TREE,
		"no file system with a root that can be read: partition 1 at byte 1048576 is LVM2 physical "
		"volume");
}

/* --- the EFI system partition --- */

static void the_kernel_on_the_esp(void **state)
{
	static const char stub[] = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";
	struct image_world *w = *state;
	hull_autobuf struct hull_buf bytes = {0}, uki = {0}, is = {0};
	char kernel[4096] = "MZ";
	struct hull_fat_options o = {.size_bytes = 36 * MIB, .label = "ESP"};
	struct hull_fat_file files[] = {
		{.path = "EFI/Boot/bootx64.efi", .content.dirfd = -1},
		{.path = "loader/loader.conf",
		 .content = {.memory = "timeout 3\n", .dirfd = -1},
		 .size_bytes = 10},
	};

	assert_int_equal(hull_file_read(AT_FDCWD, stub, &bytes, &w->e), 0);
	if (hull_uki_make(&(struct hull_uki){.stub = bytes.p,
					     .stub_bytes = bytes.n,
					     .kernel = kernel,
					     .kernel_bytes = sizeof kernel,
					     .command_line = "root=LABEL=x quiet",
					     .os_release = "ID=x\n",
					     .uname = "6.1-test"},
			  &uki, &w->e) < 0)
		fail_msg("%s", w->e.msg);
	files[0].content.memory = uki.p;
	files[0].size_bytes = uki.n;
	if (hull_fat_add(&w->layout, add_partition(w, "esp", o.size_bytes), &o, files, 2, &w->e) <
	    0)
		fail_msg("%s", w->e.msg);
	put_text(&w->root, "/etc/os-release", "ID=x\n");
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	assert_true(w->s.has_esp);
	assert_string_equal(w->s.command_line, "root=LABEL=x quiet");
	assert_string_equal(w->s.kernel_version, "6.1-test");
	assert_int_equal(hull_tree_read(&w->s.esp, hull_tree_find(&w->s.esp, "loader/loader.conf"),
					&is, &w->e),
			 0);
	assert_string_equal(is.p, "timeout 3\n");
}

/* --- packages --- */

static bool is_installed(void *context, const char *path)
{
	(void)context;
	(void)path;
	return true;
}

static void add_package(struct image_world *w, struct hull_database *d, const struct craft *c)
{
	hull_autofree char *path = hull_asprintf("%s/%s.rpm", w->box.dir, c->name);
	hull_autobuf struct hull_buf rpm = {0};

	craft_rpm(c, &rpm);
	assert_int_equal(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &w->e), 0);
	if (hull_database_add(d, AT_FDCWD, path, is_installed, NULL, &w->e) < 0)
		fail_msg("%s", w->e.msg);
}

/* The database of a package "zed" with /bin/tool and the shared directory, and "abc". */
static void put_database(struct image_world *w, const char *path)
{
	hull_autodatabase struct hull_database *d =
		hull_database_new(1700000000, HULL_COLOR_NONE, &w->e);
	hull_autobuf struct hull_buf bytes = {0};

	assert_non_null(d);
	add_package(w, d,
		    &(struct craft){
			    .name = "zed",
			    .files = {{"/bin/", "tool", S_IFREG | 0755, "tool"},
				      {"/usr/", "share", S_IFDIR | 0755},
				      {"/usr/share/", "missing", S_IFREG | 0644, "x"}},
		    });
	add_package(w, d,
		    &(struct craft){
			    .name = "abc",
			    .files = {{"/usr/", "share", S_IFDIR | 0755},
				      {"/usr/share/", "text", S_IFREG | 0644, "text"}},
		    });
	assert_int_equal(hull_database_finish(d, &bytes, &w->e), 0);
	put(&w->root, path, bytes.p, bytes.n);
}

static void put_system(struct image_world *w)
{
	int node;

	put_text(&w->root, "/etc/os-release", "ID=x\n");
	put_text(&w->root, "/usr/bin/tool", "tool");
	put_text(&w->root, "/usr/share/text", "text");
	node = hull_tree_add(&w->root, "/bin", &w->e);
	hull_tree_set_symlink(&w->root, node, "usr/bin");
}

static int owner_of(const struct image_world *w, const char *path)
{
	return node_at(w, path)->owner;
}

static void packages_and_their_files(void **state)
{
	struct image_world *w = *state;

	put_system(w);
	put_database(w, "/var/lib/rpm/rpmdb.sqlite");
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	assert_int_equal(w->s.npackages, 0);
	assert_int_equal(owner_of(w, "/usr/share/text"), -1);
	assert_int_equal(hull_system_read_packages(&w->s, &w->e), 0);
	assert_int_equal(w->s.npackages, 2);
	assert_string_equal(w->s.packages[0].name, "abc");
	assert_string_equal(w->s.packages[1].name, "zed");
	assert_int_equal(owner_of(w, "/usr/bin/tool"), 1); /* it is listed as /bin/tool */
	assert_int_equal(owner_of(w, "/usr/share/text"), 0);
	assert_int_equal(owner_of(w, "/usr/share"), 0);
	assert_int_equal(owner_of(w, "/etc/os-release"), -1);
	assert_int_equal(owner_of(w, "/bin"), -1);
}

static void databases_that_cannot_be_read(void **state)
{
	struct image_world *w = *state;

	put_system(w);
	add_ext4(w, "root", &w->root, "root");
	open_fails(w, HULL_SYSTEM_PACKAGES,
		   "disk: no rpm database: there is no rpmdb.sqlite, Packages.db or Packages in "
		   "/usr/lib/sysimage/rpm, /var/lib/rpm or /usr/share/rpm");
	put_text(&w->root, "/var/lib/rpm/Packages.db", "x");
	add_ext4(w, "root", &w->root, "root");
	open_fails(w, HULL_SYSTEM_PACKAGES, "disk: /var/lib/rpm/Packages.db: ");
	put_text(&w->root, "/var/lib/rpm/rpmdb.sqlite", "no database, however long it may be");
	add_ext4(w, "root", &w->root, "root");
	open_fails(w, HULL_SYSTEM_PACKAGES, "disk: /var/lib/rpm/rpmdb.sqlite: ");
	put_database(w, "/var/lib/rpm/rpmdb.sqlite");
	put_text(&w->root, "/var/lib/rpm/rpmdb.sqlite-wal", "x");
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_PACKAGES);
	assert_string_equal(w->s.note,
			    "/var/lib/rpm/rpmdb.sqlite: what its write-ahead log has is not seen");
}

/* --- digests --- */

static bool is_executable(const struct hull_node *n)
{
	return n->mode & 0100;
}

static void expect_digest(const struct image_world *w, char (*digests)[65], const char *path,
			  const char *text)
{
	char want[HULL_HEX] = "";

	if (text)
		hull_hash_bytes(text, strlen(text), want);
	assert_string_equal(digests[hull_tree_find(&w->s.tree, path)], want);
}

static void digests_of_files(void **state)
{
	struct image_world *w = *state;
	hull_autofree char *large = hull_alloc(3000001);
	int tool, link;

	memset(large, 'x', 3000000);
	put_system(w);
	put_text(&w->root, "/large", large);
	tool = hull_tree_find(&w->root, "/usr/bin/tool");
	w->root.v[tool].mode |= 0111;
	link = put_text(&w->root, "/usr/bin/again", "");
	w->root.v[link].inode = tool;
	put_text(&w->root, "/empty", "");
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	for (int threads = 0; threads < 5; threads++) {
		hull_autofree char(*digests)[65] = NULL;

		assert_int_equal(hull_system_digests(&w->s, NULL, threads, &digests, &w->e), 0);
		expect_digest(w, digests, "/usr/bin/tool", "tool");
		expect_digest(w, digests, "/usr/bin/again", "tool");
		expect_digest(w, digests, "/usr/share/text", "text");
		expect_digest(w, digests, "/large", large);
		expect_digest(w, digests, "/empty", "");
		expect_digest(w, digests, "/usr", NULL);
		expect_digest(w, digests, "/bin", NULL);
	}
	for (int threads = 1; threads < 3; threads++) {
		hull_autofree char(*digests)[65] = NULL;

		assert_int_equal(
			hull_system_digests(&w->s, is_executable, threads, &digests, &w->e), 0);
		expect_digest(w, digests, "/usr/bin/tool", "tool");
		expect_digest(w, digests, "/usr/bin/again", "tool");
		expect_digest(w, digests, "/usr/share/text", NULL);
	}
}

static void digests_of_what_claims_too_much(void **state)
{
	struct image_world *w = *state;
	char(*digests)[65] = NULL;
	int node;

	put_system(w);
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	/* as if the file system said so */
	node = hull_tree_find(&w->s.tree, "/usr/share/text");
	w->s.tree.v[node].size_bytes = 5;
	assert_int_equal(hull_system_digests(&w->s, NULL, 2, &digests, &w->e), -1);
	assert_null(digests);
	assert_non_null(strstr(w->e.msg, "disk: /usr/share/text: "));
}

/* Holes have no place on the disk, and are content all the same. */
static void digests_of_what_is_larger_than_the_disk(void **state)
{
	enum { BYTES = 64 << 20 };
	hull_autofree char *zeros = hull_alloc(BYTES), *sparse = NULL;
	struct image_world *w = *state;
	char(*digests)[65] = NULL, want[65];
	int node;

	put_system(w);
	sparse = hull_asprintf("%s/sparse", w->box.dir);
	box_write(&w->box, "sparse", "");
	assert_int_equal(truncate(sparse, BYTES), 0);
	node = put_text(&w->root, "/sparse", "");
	w->root.v[node].content = (struct hull_content){.dirfd = AT_FDCWD, .path = sparse};
	w->root.v[node].size_bytes = BYTES;
	add_ext4(w, "root", &w->root, "root");
	open_disk(w, HULL_SYSTEM_TREE);
	assert_true(hull_disk_size(w->s.disk) < BYTES);
	assert_int_equal(hull_system_digests(&w->s, NULL, 2, &digests, &w->e), 0);
	hull_hash_bytes(zeros, BYTES, want);
	assert_string_equal(digests[hull_tree_find(&w->s.tree, "/sparse")], want);
	free(digests);
}

/* --- archives --- */

static int append(void *context, const void *p, size_t n, struct hull_err *e)
{
	(void)e;
	hull_buf_add(context, p, n);
	return 0;
}

static void write_tar(struct image_world *w, const struct hull_tree *t, const char *name)
{
	hull_autofree char *path = hull_asprintf("%s/%s", w->box.dir, name);
	hull_autobuf struct hull_buf bytes = {0};

	if (hull_tar_stream(t, append, &bytes, &w->e) < 0 ||
	    hull_file_write(AT_FDCWD, path, bytes.p, bytes.n, 0644, &w->e) < 0)
		fail_msg("%s", w->e.msg);
}

static void archives(void **state)
{
	struct image_world *w = *state;
	const struct hull_node *tool;
	int node;

	put_system(w);
	put_database(w, "/usr/lib/sysimage/rpm/rpmdb.sqlite");
	node = hull_tree_find(&w->root, "/usr/bin/tool");
	w->root.v[node].uid = 5;
	hull_tree_set_xattr(&w->root, node, "user.x", "yes", 3);
	node = put_text(&w->root, "/usr/share/zlink", "");
	w->root.v[node].inode = hull_tree_find(&w->root, "/usr/bin/tool");
	write_tar(w, &w->root, "disk.tar");
	if (look(w, "disk.tar", HULL_SYSTEM_PACKAGES) < 0)
		fail_msg("%s", w->e.msg);
	assert_null(w->s.disk);
	assert_string_equal(w->s.os_id, "x");
	assert_int_equal(w->s.npackages, 2);
	expect_text(w, "/bin/tool", "tool");
	expect_text(w, "/usr/share/zlink", "tool");
	assert_int_equal(node_at(w, "/usr/share/zlink")->inode, node_at(w, "/usr/bin/tool")->inode);
	tool = node_at(w, "/usr/bin/tool");
	assert_int_equal(tool->uid, 5);
	assert_int_equal(tool->owner, 1);
	assert_string_equal(tool->xattrs->name, "user.x");
}

/* Adds a blob and returns its descriptor as JSON; the caller frees. */
static char *add_blob(struct hull_tree *t, const void *p, size_t n)
{
	char digest[HULL_HEX];
	hull_autofree char *path = NULL;

	hull_hash_bytes(p, n, digest);
	path = hull_asprintf("/blobs/sha256/%s", digest);
	put(t, path, p, n);
	return hull_asprintf("{\"digest\":\"sha256:%s\"}", digest);
}

static char *add_layer(struct image_world *w, struct hull_tree *image, const struct hull_tree *t)
{
	hull_autobuf struct hull_buf bytes = {0};

	assert_int_equal(hull_tar_stream(t, append, &bytes, &w->e), 0);
	return add_blob(image, bytes.p, bytes.n);
}

static void layers_of_an_oci_image(void **state)
{
	struct image_world *w = *state;
	hull_autofree char *first = NULL, *second = NULL, *manifest = NULL, *index = NULL,
			   *document = NULL;
	struct hull_tree image, over;

	hull_tree_init(&image);
	hull_tree_init(&over);
	put_system(w);
	put_text(&w->root, "/gone", "x");
	put_text(&w->root, "/opaque/gone", "x");
	put_text(&over, "/.wh.gone", "");
	put_text(&over, "/opaque/.wh..wh..opq", "");
	put_text(&over, "/opaque/new", "new");
	put_text(&over, "/usr/share/text", "another");
	first = add_layer(w, &image, &w->root);
	second = add_layer(w, &image, &over);
	document = hull_asprintf("{\"layers\":[%s,%s]}", first, second);
	manifest = add_blob(&image, document, strlen(document));
	index = hull_asprintf("{\"manifests\":[%s]}", manifest);
	put_text(&image, "/oci-layout", "{}");
	put_text(&image, "/index.json", index);
	write_tar(w, &image, "oci.tar");
	if (look(w, "oci.tar", HULL_SYSTEM_TREE) < 0)
		fail_msg("%s", w->e.msg);
	assert_string_equal(w->s.os_id, "x");
	expect_text(w, "/usr/share/text", "another");
	expect_text(w, "/opaque/new", "new");
	assert_int_equal(hull_tree_find(&w->s.tree, "/gone"), HULL_NO_NODE);
	assert_int_equal(hull_tree_find(&w->s.tree, "/opaque/gone"), HULL_NO_NODE);
	put_text(&image, "/index.json", "{\"manifests\":[]}");
	write_tar(w, &image, "oci.tar");
	assert_int_equal(look(w, "oci.tar", HULL_SYSTEM_TREE), -1);
	assert_non_null(strstr(w->e.msg, "container image: its manifest is missing"));
	hull_tree_fini(&image);
	hull_tree_fini(&over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_root_and_what_it_says_of_itself, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(other_partitions_below_the_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(partitions_that_are_no_ext4, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_kernel_on_the_esp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(packages_and_their_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(databases_that_cannot_be_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(digests_of_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(digests_of_what_claims_too_much, set_up, tear_down),
		cmocka_unit_test_setup_teardown(digests_of_what_is_larger_than_the_disk, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(archives, set_up, tear_down),
		cmocka_unit_test_setup_teardown(layers_of_an_oci_image, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
