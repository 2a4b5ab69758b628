// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include <pthread.h>
#include <stdio.h>

#include "base/process.h"
#include "ext4/ext4.h"
#include "ext4/ext4read.h"

/* Images made by mke2fs and debugfs, and by Hull itself, are read back. */

#define MIB (UINT64_C(1) << 20)

struct read_world {
	char *dir;
	int fd; /* of dir */
	struct hull_disk *disk;
	struct hull_ext4 *fs;
	struct hull_tree t;
	struct hull_err e;
};

static int set_up(void **state)
{
	struct read_world *w = hull_alloc(sizeof *w);

	w->dir = tree_temp();
	w->fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hull_tree_init(&w->t);
	*state = w;
	return 0;
}

static void forget(struct read_world *w)
{
	hull_tree_fini(&w->t);
	hull_ext4_free(w->fs);
	hull_disk_free(w->disk);
	w->fs = NULL;
	w->disk = NULL;
	hull_tree_init(&w->t);
}

static int tear_down(void **state)
{
	struct read_world *w = *state;

	forget(w);
	hull_tree_fini(&w->t);
	close(w->fd);
	tree_temp_drop(w->dir);
	free(w);
	return 0;
}

static void run(const struct read_world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void run(const struct read_world *w, const char *fmt, ...)
{
	hull_autobuf struct hull_buf command = {0}, out = {0};
	char sh[] = "sh", c[] = "-c", *argv[] = {sh, c, NULL, NULL}, text[1024];
	struct hull_err e;
	va_list ap;

	va_start(ap, fmt);
	assert_in_range(vsnprintf(text, sizeof text, fmt, ap), 1, sizeof text - 1);
	va_end(ap);
	hull_buf_addf(&command, "cd %s && PATH=$PATH:/usr/sbin:/sbin && { %s; } 2>&1", w->dir,
		      text);
	argv[2] = command.p;
	if (hull_run_checked(argv, &out, &e) < 0)
		fail_msg("%s: %s", text, out.p ? out.p : "no output");
}

static int read_at(struct read_world *w, uint64_t offset_bytes, uint64_t length_bytes)
{
	forget(w);
	w->disk = hull_disk_open(w->fd, "image", w->fd, &w->e);
	if (!w->disk)
		fail_msg("%s", w->e.msg);
	w->fs = hull_ext4_open(w->disk, offset_bytes,
			       length_bytes ? length_bytes : hull_disk_size(w->disk), &w->e);
	return w->fs ? hull_ext4_read_tree(w->fs, &w->t, HULL_TREE_ROOT, &w->e) : -1;
}

static void read_image(struct read_world *w)
{
	if (read_at(w, 0, 0) < 0)
		fail_msg("%s", w->e.msg);
}

static void read_fails(struct read_world *w, const char *message)
{
	assert_int_equal(read_at(w, 0, 0), -1);
	if (!strstr(w->e.msg, message))
		fail_msg("\"%s\" does not contain \"%s\"", w->e.msg, message);
}

/* A directory of many kinds of files, as "files". */
static void make_files(const struct read_world *w)
{
	run(w, "mkdir -p files/a/many files/b; printf hello >files/a/hello;"
	       "ln files/a/hello files/b/hard; ln -s ../a/hello files/b/link;"
	       "ln -s $(printf 'x%%.0s' $(seq 200)) files/b/long; mkfifo files/b/fifo;"
	       "seq 100000 >files/a/large; : >files/a/empty;"
	       "truncate -s 3000000 files/a/sparse; printf end >>files/a/sparse;"
	       "for i in $(seq 500); do : >files/a/many/a-name-of-a-file-$i; done;"
	       "chmod 4750 files/a/hello; chmod 1777 files/b; touch -d @1234567890 files/a/large");
}

static void make_image(const struct read_world *w, const char *options)
{
	run(w, "rm -f image; mke2fs -q %s -d $PWD/files image 32M", options);
}

static void assert_same_content(const struct read_world *w, const char *path)
{
	hull_autobuf struct hull_buf want = {0}, is = {0};
	hull_autofree char *file = hull_asprintf("files%s", path);
	struct hull_err e;

	assert_int_equal(hull_file_read(w->fd, file, &want, &e), 0);
	if (hull_tree_read(&w->t, hull_tree_find(&w->t, path), &is, &e) < 0)
		fail_msg("%s: %s", path, e.msg);
	assert_int_equal(is.n, want.n);
	assert_memory_equal(is.p, want.p, want.n);
}

static void assert_files(const struct read_world *w)
{
	const struct hull_tree *t = &w->t;
	const struct hull_node *hello = tree_node(t, "/a/hello");

	assert_same_content(w, "/a/hello");
	assert_same_content(w, "/a/large");
	assert_same_content(w, "/a/sparse");
	assert_same_content(w, "/a/empty");
	assert_int_equal(tree_node(t, "/b/hard")->inode, hello->inode);
	assert_int_equal(t->v[hello->inode].mode, S_IFREG | 04750);
	assert_int_equal(tree_node(t, "/b")->mode, S_IFDIR | 01777);
	assert_int_equal(tree_node(t, "/a/large")->mtime, 1234567890);
	assert_tree_target(t, "/b/link", "../a/hello");
	assert_int_equal(strlen(tree_node(t, "/b/long")->target), 200);
	assert_true(S_ISFIFO(tree_node(t, "/b/fifo")->mode));
	for (int i = 1; i <= 500; i++) {
		hull_autofree char *path = hull_asprintf("/a/many/a-name-of-a-file-%d", i);

		assert_int_equal(tree_node(t, path)->size_bytes, 0);
	}
	assert_null(hull_ext4_note(w->fs));
	assert_false(hull_ext4_needs_replay(w->fs));
}

static void reads_what_mke2fs_writes(void **state)
{
	static const char *const options[] = {
		"-t ext4 -L a-label",
		"-t ext4 -b 1024 -L a-label",
		"-t ext4 -O ^metadata_csum,^64bit -L a-label",
		"-t ext4 -O inline_data -L a-label",
		"-t ext4 -O bigalloc -L a-label",
		"-t ext3 -L a-label",
		"-t ext2 -b 1024 -I 128 -L a-label",
	};
	struct read_world *w = *state;

	make_files(w);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		make_image(w, options[i]);
		read_image(w);
		assert_string_equal(hull_ext4_label(w->fs), "a-label");
		assert_files(w);
	}
}

static void reads_pieces_of_files(void **state)
{
	struct read_world *w = *state;
	const struct hull_node *f;
	char text[8] = {0};

	make_files(w);
	make_image(w, "-t ext4");
	read_image(w);
	f = tree_node(&w->t, "/a/sparse");
	assert_int_equal(hull_content_read(&f->content, f->size_bytes - 5, text, 5, &w->e), 0);
	assert_memory_equal(text, "\0\0end", 5);
	assert_int_equal(hull_content_read(&f->content, f->size_bytes - 5, text, 6, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "6 bytes at 2999998 of 3000003"));
	f = tree_node(&w->t, "/a/large");
	assert_int_equal(hull_content_read(&f->content, 2, text, 6, &w->e), 0);
	assert_memory_equal(text, "2\n3\n4\n", 6);
}

/* --- what Hull writes --- */

static void fill(struct hull_tree *t)
{
	int node = tree_put_mode(t, "/etc/shadow", "root:*\n", 0600);

	t->v[node].uid = 100000;
	t->v[node].gid = 70000;
	t->v[node].mtime = INT64_C(5000000000);
	hull_tree_set_xattr(t, node, "security.capability", "\1\0\0\2 capability", 16);
	hull_tree_set_xattr(t, node, "user.long", tree_node(t, "/etc/shadow"), 100);
	node = tree_directory(t, "/dev", 0755);
	node = tree_put(t, "/dev/null", "");
	t->v[node].mode = S_IFCHR | 0666;
	t->v[node].major = 1;
	t->v[node].minor = 3;
	node = tree_put(t, "/dev/far", "");
	t->v[node].mode = S_IFBLK | 0660;
	t->v[node].major = 259;
	t->v[node].minor = 70000;
	tree_link(t, "/bin", "usr/bin");
}

static void write_hull(const struct read_world *w, const struct hull_tree *t, uint64_t offset_bytes)
{
	struct hull_ext4_options o = {
		.size_bytes = 16 * MIB,
		.uuid = hull_guid_derive("test", "uuid"),
		.hash_seed = hull_guid_derive("test", "hash"),
		.time = INT64_C(6000000000),
	};
	hull_autofd int fd = openat(w->fd, "image", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct hull_layout l = {.size_bytes = offset_bytes + 16 * MIB + 512};
	hull_autofree char *all = hull_alloc(l.size_bytes);
	struct hull_layout_reader r;
	struct hull_err e;

	if (hull_ext4_add(&l, offset_bytes, t, HULL_TREE_ROOT, NULL, 0, &o, &e) < 0 ||
	    hull_layout_seal(&l, &e) < 0)
		fail_msg("%s", e.msg);
	hull_layout_reader_init(&r, &l);
	assert_int_equal(hull_layout_read(&r, 0, all, l.size_bytes, &e), 0);
	hull_layout_reader_fini(&r);
	assert_int_equal(hull_fd_write(fd, all, l.size_bytes, &e), 0);
	hull_layout_fini(&l);
}

static void reads_what_hull_writes(void **state)
{
	struct read_world *w = *state;
	const struct hull_node *f;
	const struct hull_xattr *x;
	struct hull_guid uuid = hull_guid_derive("test", "uuid"), is;
	struct hull_tree t;

	hull_tree_init(&t);
	fill(&t);
	write_hull(w, &t, 3 * 512);
	hull_tree_fini(&t);
	if (read_at(w, 3 * 512, 16 * MIB) < 0)
		fail_msg("%s", w->e.msg);
	is = hull_ext4_uuid(w->fs);
	assert_memory_equal(&is, &uuid, sizeof is);
	f = tree_node(&w->t, "/etc/shadow");
	assert_tree_text(&w->t, "/etc/shadow", "root:*\n");
	assert_int_equal(f->mode, S_IFREG | 0600);
	assert_int_equal(f->uid, 100000);
	assert_int_equal(f->gid, 70000);
	assert_true(f->mtime == INT64_C(5000000000));
	x = f->xattrs;
	assert_string_equal(x->name, "security.capability");
	assert_int_equal(x->size, 16);
	assert_memory_equal(x->value, "\1\0\0\2 capability", 16);
	assert_string_equal(x->next->name, "user.long");
	assert_int_equal(x->next->size, 100);
	assert_null(x->next->next);
	f = tree_node(&w->t, "/dev/null");
	assert_true(S_ISCHR(f->mode) && f->major == 1 && f->minor == 3);
	f = tree_node(&w->t, "/dev/far");
	assert_true(S_ISBLK(f->mode) && f->major == 259 && f->minor == 70000);
	assert_tree_target(&w->t, "/bin", "usr/bin");
}

/* --- threads --- */

static void *read_all(void *context)
{
	const struct hull_tree *t = context;
	hull_autobuf struct hull_buf text = {0};
	static const char *const paths[] = {"/a/large", "/a/sparse", "/a/hello"};
	struct hull_err e;

	for (int i = 0; i < 60; i++) {
		int node = hull_tree_find(t, paths[i % 3]);

		if (hull_tree_read(t, node, &text, &e) < 0 ||
		    (i % 3 == 0 && memcmp(text.p + text.n - 7, "100000\n", 7) != 0) ||
		    (i % 3 == 1 && memcmp(text.p + text.n - 4, "\0end", 4) != 0) ||
		    (i % 3 == 2 && strcmp(text.p, "hello") != 0))
			return context;
	}
	return NULL;
}

static void several_threads_read(void **state)
{
	struct read_world *w = *state;
	pthread_t threads[4];

	make_files(w);
	make_image(w, "-t ext4 -b 1024");
	read_image(w);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_all, &w->t), 0);
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(threads[i], &result);
		assert_null(result);
	}
}

/* --- what is damaged, or meant to do harm --- */

static void make_small(const struct read_world *w)
{
	run(w, "mkdir -p files/d/e; printf text >files/d/file; printf other >files/d/life;"
	       "seq 3000 >files/large");
	make_image(w, "-t ext4 -b 1024 -O ^metadata_csum,^dir_index,^has_journal");
}

static void debugfs(const struct read_world *w, const char *command)
{
	run(w, "debugfs -w -R '%s' image", command);
}

static void directories_in_a_circle(void **state)
{
	struct read_world *w = *state;

	make_small(w);
	debugfs(w, "link /d /d/e/again");
	read_fails(w, "image: ext4 at byte 0: inode ");
	assert_non_null(strstr(w->e.msg, ": a directory in two places"));
}

/* A name is changed into one of the same length, where the directory has it. */
static void rename_entry(const struct read_world *w, const char *from, const char *to)
{
	run(w,
	    "at=$(grep -abo '%s' image | head -n 1 | cut -d: -f1);"
	    "printf '%s' | dd of=image bs=1 seek=$at conv=notrunc",
	    from, to);
}

static void names_that_lead_elsewhere(void **state)
{
	struct read_world *w = *state;

	make_small(w);
	rename_entry(w, "life", "../x");
	read_fails(w, ": the name '../x' in a directory");
	make_small(w);
	rename_entry(w, "life", "file");
	read_fails(w, ": two files with the name 'file' in a directory");
	make_small(w);
	rename_entry(w, "life", "a\\000bc");
	read_fails(w, ": the name 'a");
}

static void inodes_that_are_wrong(void **state)
{
	struct read_world *w = *state;
	hull_autobuf struct hull_buf text = {0};

	make_small(w);
	debugfs(w, "sif /d/file links_count 0");
	read_fails(w, " is in a directory, but not in use");
	make_small(w);
	debugfs(w, "sif /d/file mode 0");
	read_fails(w, ": mode 00, which is no type of file");
	make_small(w);
	debugfs(w, "sif /d/file block[0] 0");
	read_image(w);
	assert_int_equal(hull_tree_read(&w->t, hull_tree_find(&w->t, "/d/file"), &text, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "its extents: "));
}

static void blocks_that_are_elsewhere(void **state)
{
	struct read_world *w = *state;
	hull_autobuf struct hull_buf text = {0};

	run(w, "mkdir -p files/d; seq 3000 >files/large");
	make_image(w, "-t ext2 -b 1024");
	debugfs(w, "sif /large block[0] 4000000");
	read_image(w);
	assert_int_equal(hull_tree_read(&w->t, hull_tree_find(&w->t, "/large"), &text, &w->e), -1);
	assert_non_null(strstr(w->e.msg, "its block 0 is said to be at block 4000000, which is not "
					 "in the file system"));
	debugfs(w, "sif /d block[0] 4000000");
	read_fails(w, ": a directory: byte 4096001024 lies behind the end of the file system's "
		      "33554432 bytes");
}

static void checksums(void **state)
{
	struct read_world *w = *state;

	run(w, "mkdir -p files/d; printf text >files/d/file");
	make_image(w, "-t ext4 -b 1024 -O metadata_csum");
	rename_entry(w, "file", "life");
	read_fails(w, ": a directory: Directory block checksum does not match directory block");
	make_image(w, "-t ext4 -b 1024 -O metadata_csum");
	run(w, "printf x | dd of=image bs=1 seek=1100 conv=notrunc");
	read_fails(w, "superblock or group descriptors: ");
}

static void superblocks_that_are_wrong(void **state)
{
	struct read_world *w = *state;

	make_small(w);
	run(w, "truncate -s 16M image");
	read_fails(w, "superblock: truncated: 32768 blocks of 1024 bytes do not fit into 16777216 "
		      "bytes");
	make_small(w);
	assert_int_equal(read_at(w, 512, 0), -1);
	assert_non_null(strstr(w->e.msg, "image: ext4 at byte 512: there is no superblock"));
	assert_int_equal(read_at(w, 0, 1024), -1);
	assert_non_null(strstr(w->e.msg, "1024 bytes are too few"));
	run(w, "printf '\\377\\377\\377\\177' | dd of=image bs=1 seek=1120 conv=notrunc");
	read_fails(w, "superblock: features that are not known (incompatible 0x7f");
	make_small(w);
	debugfs(w, "ssv log_block_size 30");
	read_fails(w, "superblock: its block size is out of range");
}

static void what_is_only_noted(void **state)
{
	struct read_world *w = *state;

	make_small(w);
	debugfs(w, "feature needs_recovery has_journal");
	run(w,
	    "mv image other; mke2fs -q -t ext4 -b 1024 -O ^metadata_csum -d $PWD/files image 32M");
	debugfs(w, "feature needs_recovery");
	read_image(w);
	assert_true(hull_ext4_needs_replay(w->fs));
	assert_tree_text(&w->t, "/d/file", "text");
	make_small(w);
	debugfs(w, "sif /d flags 0x80800");
	read_image(w);
	assert_tree_lacks(&w->t, "/d/file");
	assert_non_null(strstr(hull_ext4_note(w->fs), ": an encrypted directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_mke2fs_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_pieces_of_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_what_hull_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(several_threads_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(directories_in_a_circle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_that_lead_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(inodes_that_are_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(blocks_that_are_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(checksums, set_up, tear_down),
		cmocka_unit_test_setup_teardown(superblocks_that_are_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_only_noted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
