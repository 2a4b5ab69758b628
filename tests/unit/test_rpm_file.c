// SPDX-License-Identifier: MIT
#include "rpm_craft.h"
#include "rpm_fixture.h"

#include <rpm/rpmfiles.h>
#include <sys/wait.h>

#include "base/process.h"
#include "rpm/rpmfile.h"
#include "rpm/unpack.h"

#define DATA "tests/data/rpm"

/* Builds tests/data/rpm/built.spec with the host's rpmbuild; gives the path of a package. */
static char *build(const struct rpm_box *b, const char *release, const char *package)
{
	hull_autofree char *top = hull_asprintf("_topdir %s/rpmbuild", b->dir);
	hull_autofree char *number = hull_asprintf("hull_release %s", release);
	char *argv[] = {(char *)"rpmbuild",	    (char *)"-bb",
			(char *)"--quiet",	    (char *)"--nodeps",
			(char *)"--define",	    top,
			(char *)"--define",	    number,
			(char *)"--define",	    (char *)"_binary_payload w3.zstdio",
			(char *)"--define",	    (char *)"use_source_date_epoch_as_buildtime 1",
			(char *)"--define",	    (char *)"source_date_epoch_from_changelog 1",
			(char *)"--define",	    (char *)"__brp_compress %{nil}",
			(char *)DATA "/built.spec", NULL};
	hull_autobuf struct hull_buf out = {0};
	struct hull_err e;

	if (hull_run_checked(argv, &out, &e) < 0)
		fail_msg("%s", e.msg);
	return hull_asprintf("%s/rpmbuild/RPMS/noarch/%s-1.5-%s.noarch.rpm", b->dir, package,
			     release);
}

static char *read_text(int dirfd, const char *path)
{
	struct hull_buf text = {0};
	struct hull_err e;

	if (hull_file_read(dirfd, path, &text, &e) < 0)
		fail_msg("%s", e.msg);
	return hull_buf_steal(&text);
}

/* What does not depend on the compression. */
static char *stable_json(const struct hull_package *p)
{
	struct hull_package q = *p;
	hull_autojson json_t *j = NULL;
	struct hull_buf text = {0};

	q.sha256 = NULL;
	q.file_bytes = q.archive_bytes = q.header_start = q.header_end = 0;
	q.file_time = 0;
	j = hull_package_to_json(&q);
	hull_json_text(j, true, &text);
	hull_buf_addc(&text, '\n');
	return hull_buf_steal(&text);
}

static void everything_is_read(void **state)
{
	struct hull_arena arena = {0};
	struct hull_package p;
	struct hull_err e;
	struct stat st;
	struct rpm_box b;
	char sha256[HULL_HEX];

	(void)state;
	box_init(&b);
	{
		hull_autofree char *path = build(&b, "3", "built"), *got = NULL, *want = NULL;
		hull_autofree char *bytes = NULL;
		hull_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (hull_rpm_read(AT_FDCWD, path, &arena, &p, &e) < 0)
			fail_msg("%s", e.msg);
		got = stable_json(&p);
		want = read_text(AT_FDCWD, DATA "/built.expect");
		if (strcmp(got, want) != 0) {
			fprintf(stderr, "%s", got);
			fail_msg("differs from " DATA "/built.expect");
		}
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(p.file_bytes, st.st_size);
		assert_int_equal(p.file_time, st.st_mtime);
		assert_int_equal(hull_hash_fd(fd, sha256, NULL, &e), 0);
		assert_string_equal(p.sha256, sha256);
		assert_true(p.archive_bytes > p.installed_bytes);
		/* the header, and the payload that follows it */
		bytes = read_text(AT_FDCWD, path);
		assert_memory_equal(bytes + p.header_start, "\x8e\xad\xe8\x01", 4);
		assert_memory_equal(bytes + p.header_end, "\x28\xb5\x2f\xfd", 4);
	}
	{
		hull_autofree char *path = build(&b, "3", "built-empty");

		assert_int_equal(hull_rpm_read(AT_FDCWD, path, &arena, &p, &e), 0);
		assert_int_equal(p.nfiles, 0);
		assert_null(p.scriptlets);
		assert_int_equal(p.epoch, 2);
	}
	hull_arena_fini(&arena);
	box_fini(&b);
}

static void the_content_digest_is_of_files_alone(void **state)
{
	struct hull_arena arena = {0};
	struct craft c = {.files = {{"/", "a", S_IFREG | 0644, "x", NULL, 0}},
			  .entries = {{"./a", S_IFREG | 0644, "x", 0, 0}}};
	struct hull_package p, q;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	{
		hull_autofree char *one = build(&b, "3", "built"), *two = build(&b, "4", "built");

		assert_int_equal(hull_rpm_read(AT_FDCWD, one, &arena, &p, &e), 0);
		assert_int_equal(hull_rpm_read(AT_FDCWD, two, &arena, &q, &e), 0);
		assert_string_not_equal(p.sha256, q.sha256);
		assert_string_equal(p.content, q.content);
	}
	for (int i = 0; i < 3; i++) {
		hull_autobuf struct hull_buf rpm = {0};
		hull_autofree char *path = hull_asprintf("%s/%d.rpm", b.dir, i);

		c.files[0].data = c.entries[0].data = i == 1 ? "y" : "x";
		c.files[0].mode = c.entries[0].mode = S_IFREG | (i == 2 ? 0755 : 0644);
		craft_rpm(&c, &rpm);
		assert_int_equal(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &e), 0);
		if (hull_rpm_read(AT_FDCWD, path, &arena, &p, &e) < 0)
			fail_msg("%s", e.msg);
		if (i)
			assert_string_not_equal(p.content, q.content);
		else
			q = p;
	}
	hull_arena_fini(&arena);
	box_fini(&b);
}

/* Into a directory that is not the store's. */
static int unpack(const char *path, int dir, struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(AT_FDCWD, path, e);
	char sha256[HULL_HEX];

	if (fd < 0 || hull_front_read(fd, path, &front, e) < 0 ||
	    hull_front_check_payload(&front, fd, path, sha256, e) < 0)
		return -1;
	return hull_payload_unpack(fd, path, &front, dir, e);
}

static void check_unpacked(int dir)
{
	static const struct {
		const char *path;
		mode_t mode;
		const char *data; /* or target */
	} want[] = {
		{"usr/bin/built", S_IFREG | 0755, "#!/bin/true\n"}, /* not setuid */
		{"etc/built", S_IFDIR | 0750, NULL},
		{"etc/built/built.conf", S_IFREG | 0644, "conf\n"},
		{"etc/built/secret", S_IFREG | 0400, "secret\n"},
		{"usr/share/built", S_IFDIR | 0755, NULL},
		{"usr/share/built/a-first", S_IFREG | 0644, "one\n"},
		{"usr/share/built/b-second", S_IFREG | 0644, "one\n"},
		{"usr/share/built/c-third", S_IFREG | 0644, "one\n"},
		{"usr/share/built/nothing", S_IFREG | 0644, ""},
		{"usr/share/built/\xc3\xa9 with blank", S_IFREG | 0644, "x\n"},
		{"usr/share/built/link", S_IFLNK | 0777, "../../etc/built"},
		{"usr/share/built/dangling", S_IFLNK | 0777, "/nowhere"},
	};
	struct stat st, first;

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		char target[64] = "";

		if (fstatat(dir, want[i].path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			fail_msg("%s is not there", want[i].path);
		if (st.st_mode != want[i].mode)
			fail_msg("%s has mode %o", want[i].path, st.st_mode);
		assert_int_equal(st.st_mtime, 1600000000);
		if (S_ISREG(st.st_mode)) {
			hull_autofree char *text = read_text(dir, want[i].path);

			assert_string_equal(text, want[i].data);
		} else if (S_ISLNK(st.st_mode)) {
			assert_true(readlinkat(dir, want[i].path, target, sizeof target - 1) > 0);
			assert_string_equal(target, want[i].data);
		}
	}
	assert_int_equal(fstatat(dir, "usr/share/built/a-first", &first, 0), 0);
	assert_int_equal(fstatat(dir, "usr/share/built/c-third", &st, 0), 0);
	assert_int_equal(first.st_ino, st.st_ino);
	assert_int_equal(st.st_nlink, 3);
	assert_int_equal(fstatat(dir, "usr/share/built/zeros", &st, 0), 0);
	assert_int_equal(st.st_size, 300000);
	assert_int_equal(st.st_blocks, 0); /* a hole */
	assert_false(hull_exists(dir, "var"));
}

static void a_payload_is_unpacked(void **state)
{
	hull_autofree char *path = NULL, *to = NULL;
	hull_autofd int dir = -1;
	mode_t mask = umask(077);
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	path = build(&b, "3", "built");
	to = hull_asprintf("%s/to", b.dir);
	assert_int_equal(mkdir(to, 0755), 0);
	dir = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (unpack(path, dir, &e) < 0)
		fail_msg("%s", e.msg);
	check_unpacked(dir);
	/* once more: the directory is not empty any more */
	assert_int_equal(unpack(path, dir, &e), -1);
	umask(mask);
	box_fini(&b);
}

static void the_store_keeps_packages(void **state)
{
	hull_autofree char *path = NULL, *rpm = NULL, *header = NULL, *tree = NULL, *one = NULL;
	hull_autofd int dir = -1;
	struct hull_arena arena = {0};
	struct hull_package p, q;
	struct hull_err e;
	struct stat st;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	path = build(&b, "3", "built");
	if (hull_rpm_store(&b.store, AT_FDCWD, path, &arena, &p, &e) < 0)
		fail_msg("%s", e.msg);
	assert_false(hull_exists(AT_FDCWD, path));
	rpm = hull_asprintf("rpms/%s.rpm", p.sha256);
	header = hull_asprintf("headers/%s.json", p.sha256);
	tree = hull_asprintf("unpacked/%s", p.sha256);
	assert_int_equal(fstatat(b.store.fd, rpm, &st, 0), 0);
	assert_int_equal(st.st_mtime, p.build_time);
	assert_int_equal(p.file_time, p.build_time);
	one = read_text(b.store.fd, header);
	/* the description: as it is, missing, damaged, of another version */
	for (int i = 0; i < 4; i++) {
		hull_autojson json_t *got = NULL, *want = NULL;
		hull_autofree char *again = NULL;

		if (i == 1)
			assert_int_equal(unlinkat(b.store.fd, header, 0), 0);
		if (i == 2)
			assert_int_equal(hull_file_write(b.store.fd, header, one, 100, 0644, &e),
					 0);
		if (i == 3)
			assert_int_equal(
				hull_file_write(b.store.fd, header, "{\"format\":0}", 12, 0644, &e),
				0);
		if (hull_rpm_stored(&b.store, p.sha256, &arena, &q, &e) < 0)
			fail_msg("%s", e.msg);
		got = hull_package_to_json(&q);
		want = hull_package_to_json(&p);
		assert_true(json_equal(got, want));
		again = read_text(b.store.fd, header);
		assert_string_equal(again, one);
	}
	for (int i = 0; i < 2; i++)
		if (hull_rpm_unpacked(&b.store, p.sha256, &e) < 0)
			fail_msg("%s", e.msg);
	dir = openat(b.store.fd, tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check_unpacked(dir);
	/* what is not there, and what is no digest */
	assert_int_equal(hull_rpm_stored(&b.store, "../../etc/passwd", &arena, &q, &e), -1);
	assert_string_equal(e.msg, "'../../etc/passwd' is no SHA-256");
	assert_int_equal(hull_rpm_unpacked(&b.store, "", &e), -1);
	assert_int_equal(unlinkat(b.store.fd, rpm, 0), 0);
	assert_int_equal(unlinkat(b.store.fd, header, 0), 0);
	assert_int_equal(hull_rpm_stored(&b.store, p.sha256, &arena, &q, &e), -1);
	assert_non_null(strstr(e.msg, "No such file"));
	hull_arena_fini(&arena);
	box_fini(&b);
}

/* Another package under the name of a stored one, as after damage to the disk. */
static void the_store_is_not_believed(void **state)
{
	hull_autofree char *path = NULL, *rpm = NULL, *header = NULL, *bytes = NULL;
	struct hull_arena arena = {0};
	struct hull_package p, q;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	path = build(&b, "3", "built");
	assert_int_equal(hull_rpm_store(&b.store, AT_FDCWD, path, &arena, &p, &e), 0);
	free(path);
	path = build(&b, "4", "built");
	rpm = hull_asprintf("rpms/%s.rpm", p.sha256);
	header = hull_asprintf("headers/%s.json", p.sha256);
	assert_int_equal(renameat(AT_FDCWD, path, b.store.fd, rpm), 0);
	assert_int_equal(unlinkat(b.store.fd, header, 0), 0);
	assert_int_equal(hull_rpm_stored(&b.store, p.sha256, &arena, &q, &e), -1);
	assert_non_null(strstr(e.msg, "has SHA-256"));
	assert_int_equal(hull_rpm_unpacked(&b.store, p.sha256, &e), -1);
	assert_non_null(strstr(e.msg, "has SHA-256"));
	hull_arena_fini(&arena);
	box_fini(&b);
}

static void many_may_unpack_at_once(void **state)
{
	enum { CHILDREN = 6 };
	hull_autofree char *path = NULL, *tree = NULL;
	hull_autostrv struct hull_strv left = {0};
	hull_autofd int dir = -1;
	struct hull_arena arena = {0};
	struct hull_package p;
	struct hull_err e;
	pid_t pids[CHILDREN];
	struct rpm_box b;
	int status;

	(void)state;
	box_init(&b);
	path = build(&b, "3", "built");
	assert_int_equal(hull_rpm_store(&b.store, AT_FDCWD, path, &arena, &p, &e), 0);
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(hull_rpm_unpacked(&b.store, p.sha256, &e) < 0);
	}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	tree = hull_asprintf("unpacked/%s", p.sha256);
	dir = openat(b.store.fd, tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check_unpacked(dir);
	assert_int_equal(hull_dir_list(b.store.fd, b.store.tmp, &left, &e), 0);
	assert_int_equal(left.n, 0);
	hull_arena_fini(&arena);
	box_fini(&b);
}

static int read_bytes(const struct rpm_box *b, const char *p, size_t n, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/x.rpm", b->dir);
	struct hull_arena arena = {0};
	struct hull_package package;
	hull_autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int r;

	assert_int_equal(hull_fd_write(fd, p, n, e), 0);
	r = hull_rpm_read(AT_FDCWD, path, &arena, &package, e);
	hull_arena_fini(&arena);
	return r;
}

static void damage_is_found(void **state)
{
	hull_autofree char *path = NULL;
	hull_autobuf struct hull_buf rpm = {0};
	struct hull_arena arena = {0};
	struct hull_package p;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	path = build(&b, "3", "built");
	assert_int_equal(hull_rpm_read(AT_FDCWD, path, &arena, &p, &e), 0);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &rpm, &e), 0);
	assert_int_equal(read_bytes(&b, rpm.p, rpm.n, &e), 0);
	for (size_t n = 0; n < rpm.n; n += n < 400 ? 13 : 97)
		if (read_bytes(&b, rpm.p, n, &e) == 0)
			fail_msg("taken with %zu of its %zu bytes", n, rpm.n);
	/* Lead and signatures are in no digest: there it only must not crash. */
	for (size_t at = 0; at < rpm.n; at += 7) {
		char bit = (char)(1 << at % 8);

		rpm.p[at] ^= bit;
		if (read_bytes(&b, rpm.p, rpm.n, &e) == 0 && at >= p.header_start)
			fail_msg("taken with a wrong bit at %zu", at);
		rpm.p[at] ^= bit;
	}
	hull_buf_addc(&rpm, 'x');
	assert_int_equal(read_bytes(&b, rpm.p, rpm.n, &e), -1);
	hull_arena_fini(&arena);
	box_fini(&b);
}

#define REG (S_IFREG | 0644)
#define DIR (S_IFDIR | 0755)
#define LNK (S_IFLNK | 0777)

static void hostile_packages_are_refused(void **state)
{
	static const struct {
		struct craft craft;
		const char *message; /* what follows the path; NULL: it is fine */
	} cases[] = {
		{{.files = {{"/a/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a/b", REG, "x", 0, 0}}},
		 NULL},
		{{.files = {{"/a/", "b", REG, "x", NULL, 0}}, .entries = {{"a/b", REG, "x", 0, 0}}},
		 NULL},
		{{.files = {{"/a/", "b", REG, "x", NULL, 0}},
		  .entries = {{"/a/b", REG, "x", 0, 0}}},
		 "/a/b is no path that a package may have"},
		{{.files = {{"/../", "b", REG, "x", NULL, 0}},
		  .entries = {{"./../b", REG, "x", 0, 0}}},
		 "../b is no path that a package may have"},
		{{.files = {{"/a/../../", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a/../../b", REG, "x", 0, 0}}},
		 "a/../../b is no path that a package may have"},
		{{.files = {{"/a//", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a//b", REG, "x", 0, 0}}},
		 "a//b is no path that a package may have"},
		{{.files = {{"/a/", ".", DIR, NULL, NULL, 0}},
		  .entries = {{"./a/.", DIR, NULL, 0, 0}}},
		 "a/. is no path that a package may have"},
		{{.files = {{"/", "a", LNK, NULL, "/tmp", 0}, {"/a/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a", LNK, "/tmp", 0, 0}, {"./a/b", REG, "x", 0, 0}}},
		 "a/b would be written through a symlink or a file"},
		{{.files = {{"/", "a", LNK, NULL, "..", 0}, {"/a/", "b", DIR, NULL, NULL, 0}},
		  .entries = {{"./a", LNK, "..", 0, 0}, {"./a/b", DIR, NULL, 0, 0}}},
		 "a/b would be written through a symlink or a file"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/a/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, "x", 0, 0}, {"./a/b", REG, "x", 0, 0}}},
		 "a/b would be written through a symlink or a file"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, "x", 0, 0}, {"./b", REG, "x", 0, 0}}},
		 "b is in the payload, but not in the header"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, "x", 0, 0}}},
		 "/b is not in the payload"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, "x", 0, 0}, {"./a", REG, "x", 0, 0}}},
		 "/a is twice in the payload"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}}, .entries = {{"./a", REG, "y", 0, 0}}},
		 "/a does not have the bytes that the header says"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}}, .entries = {{"./a", REG, "xy", 0, 0}}},
		 "/a does not have the size that the header says"},
		{{.files = {{"/", "a", REG, "xy", NULL, 0}}, .entries = {{"./a", REG, "x", 0, 0}}},
		 "/a does not have the size that the header says"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}},
		  .entries = {{"./a", S_IFREG | 0755, "x", 0, 0}}},
		 "/a does not have the mode that the header says"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}}, .entries = {{"./a", LNK, "x", 0, 0}}},
		 "/a does not have the mode that the header says"},
		{{.files = {{"/", "a", LNK, NULL, "b", 0}}, .entries = {{"./a", LNK, "c", 0, 0}}},
		 "/a does not point to where the header says"},
		{{.files = {{"/", "a", LNK, NULL, NULL, 0}}, .entries = {{"./a", LNK, "c", 0, 0}}},
		 "a name in it is missing"},
		/* the root itself */
		{{.files = {{"/", "", DIR, NULL, NULL, 0}}, .entries = {{"./", DIR, NULL, 0, 0}}},
		 NULL},
		{{.files = {{"/", "", REG, "x", NULL, 0}}, .entries = {{"./", REG, "x", 0, 0}}},
		 "unpack /: File exists"},
		{{.files = {{"/a/", "", DIR, NULL, NULL, 0}},
		  .entries = {{"./a/", DIR, NULL, 0, 0}}},
		 "a/ is no path that a package may have"},
		{{.files = {{"/", "a", DIR, NULL, NULL, 0}}, .entries = {{"", DIR, NULL, 0, 0}}},
		 " is in the payload, but not in the header"},
		/* entries that are numbers */
		{{.numbered = true,
		  .files = {{"/d/", "z", REG, "twelve bytes", NULL, 0},
			    {"/", "l", LNK, NULL, "to", 0},
			    {"/", "d", DIR, NULL, NULL, 0},
			    {"/", "a", REG, "twelve bytes", NULL, 0}},
		  .inodes = {7, 0, 0, 7},
		  .entries = {{"", 0, NULL, 2, 0},
			      {"", 0, NULL, 0, 0},
			      {"", 0, "to", 1, 0},
			      {"", 0, "twelve bytes", 3, 0}}},
		 NULL},
		{{.numbered = true,
		  .files = {{"/", "a", REG, "x", NULL, 0}, {"/", "b", REG, "x", NULL, 0}},
		  .inodes = {7, 7},
		  .entries = {{"", 0, "x", 0, 0}, {"", 0, "x", 1, 0}}},
		 "not of the new ASCII cpio format"},
		{{.numbered = true,
		  .files = {{"/", "a", REG, "x", NULL, 0}},
		  .entries = {{"", 0, "x", 1, 0}}},
		 "file 1 of 1"},
		{{.numbered = true,
		  .files = {{"/", "a", REG, "x", NULL, 0}},
		  .entries = {{"", 0, "y", 0, 0}}},
		 "/a does not have the bytes that the header says"},
		{{.numbered = true, .entries = {{"", 0, "y", 0, 0}}},
		 NULL}, /* no files: not read */
		/* several names of one file: the last brings the bytes */
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, NULL, 9, 2}, {"./b", REG, "x", 9, 2}}},
		 NULL},
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/", "b", REG, "x", NULL, 0}},
		  .entries = {{"./a", REG, NULL, 9, 2}, {"./b", REG, NULL, 9, 2}}},
		 "/b does not have the bytes that the header says"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/", "b", REG, "y", NULL, 0}},
		  .entries = {{"./a", REG, NULL, 9, 2}, {"./b", REG, "y", 9, 2}}},
		 "/a does not have the bytes that the header says"},
		{{.files = {{"/", "a", REG, "x", NULL, 0}}, .entries = {{"./a", REG, NULL, 9, 2}}},
		 "/a does not have the bytes that the header says"},
		/* devices are left out */
		{{.files = {{"/", "a", S_IFCHR | 0666, NULL, NULL, 0},
			    {"/", "p", S_IFIFO | 0644, NULL, NULL, 0}},
		  .entries = {{"./a", S_IFCHR | 0666, NULL, 0, 0},
			      {"./p", S_IFIFO | 0644, NULL, 0, 0}}},
		 NULL},
		/* ghosts need not be there */
		{{.files = {{"/", "a", REG, "x", NULL, RPMFILE_GHOST}}}, NULL},
		{{.files = {{"/", "a", REG, "x", NULL, 0}, {"/", "a", REG, "x", NULL, 0}}},
		 "lists /a twice"},
		{{.files = {{"", "a", REG, "x", NULL, 0}}}, "file 'a' is not absolute"},
		{{.files = {{"/", "\xff", REG, "x", NULL, 0}}},
		 "the name '/\\xff' in it is not UTF-8"},
		{{.name = "\xff"}, "the name '\\xff' in it is not UTF-8"},
		{{.no_source_rpm = true}, "is a source package"},
		{{.payload_digest = ""}, "altered: its payload has SHA-256"},
	};
	struct rpm_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *path = hull_asprintf("%s/%zu.rpm", b.dir, i);
		hull_autofree char *to = hull_asprintf("%s/%zu", b.dir, i), *message = NULL;
		hull_autobuf struct hull_buf rpm = {0};
		hull_autofd int dir = -1;
		struct hull_arena arena = {0};
		struct hull_package p;
		struct hull_err e;
		int r;

		craft_rpm(&cases[i].craft, &rpm);
		assert_int_equal(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &e), 0);
		assert_int_equal(mkdir(to, 0755), 0);
		dir = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = hull_rpm_read(AT_FDCWD, path, &arena, &p, &e);
		if (r == 0)
			r = unpack(path, dir, &e);
		message = box_strip(&b, r < 0 ? e.msg : "");
		if (cases[i].message ? !strstr(message, cases[i].message) : r < 0)
			fail_msg("case %zu: '%s' instead of '%s'", i, message,
				 cases[i].message ? cases[i].message : "");
		hull_arena_fini(&arena);
	}
	assert_false(hull_exists(AT_FDCWD, "/tmp/b"));
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(the_content_digest_is_of_files_alone),
		cmocka_unit_test(a_payload_is_unpacked),
		cmocka_unit_test(the_store_keeps_packages),
		cmocka_unit_test(the_store_is_not_believed),
		cmocka_unit_test(many_may_unpack_at_once),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(hostile_packages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
