// SPDX-License-Identifier: MIT
#include "image_fixture.h"

#include "image/tar.h"

enum { TIME = 1700000000 };

static void expect(const char *command, const char *want)
{
	hull_autofree char *got = shell(command);

	assert_string_equal(got, want);
}

static int add(struct hull_tree *t, const char *path, const char *text)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	if (text)
		hull_tree_set_file(t, node, text, strlen(text), 0644);
	t->v[node].mtime = TIME;
	return node;
}

/* One of everything that a tree can have. */
static void make_tree(struct hull_tree *t, const struct rpm_box *b, char *long_name)
{
	static const uint8_t caps[20] = {1, 0, 0, 2, 0, 0x20};
	hull_autofree char *long_path = NULL;
	int node, first;

	hull_tree_init(t);
	t->v[HULL_TREE_ROOT].mtime = TIME;
	first = add(t, "/b/first", "linked\n");
	node = add(t, "/a/second", "");
	t->v[node].inode = first;
	t->v[first].uid = 1000;
	t->v[first].gid = 3000000;
	hull_tree_set_xattr(t, first, "security.capability", caps, sizeof caps);
	node = add(t, "/etc/empty", "");
	t->v[node].mode = S_IFREG | 04755;
	hull_tree_set_symlink(t, add(t, "/lib", NULL), "usr/lib");
	node = add(t, "/dev/null", "");
	t->v[node].mode = S_IFCHR | 0666;
	t->v[node].major = 1;
	t->v[node].minor = 3;
	node = add(t, "/run/pipe", "");
	t->v[node].mode = S_IFIFO | 0600;
	add(t, "/é", "umlaut\n");
	memset(long_name, 'n', 255);
	long_name[255] = '\0';
	long_path = hull_asprintf("/%s/%s/x", long_name, long_name);
	add(t, long_path, "deep\n");
	box_write(b, "content", "from a file\n");
	node = add(t, "/file", "");
	t->v[node].size_bytes = 7;
	t->v[node].content =
		(struct hull_content){.dirfd = -1,
				      .path = hull_arena_printf(&t->arena, "%s/content", b->dir),
				      .offset_bytes = 5};
	for (size_t i = 0; i < t->n; i++)
		t->v[i].mtime = TIME;
}

static void write_archive(const struct rpm_box *b, const struct hull_tree *t, const char *name,
			  const struct hull_image_config *oci)
{
	hull_autofree char *path = hull_asprintf("%s/%s", b->dir, name);
	struct hull_err e;
	hull_autosink struct hull_sink *s = hull_sink_new(AT_FDCWD, path, HULL_COMPRESS_NONE, &e);
	int r;

	assert_non_null(s);
	r = oci ? hull_oci_write(t, oci, "x86_64", "hull/test:1", TIME, s, &e)
		: hull_tar_write(t, s, &e);
	if (r < 0 || hull_sink_finish(s, &e) < 0)
		fail_msg("%s", e.msg);
}

static void a_tree_becomes_a_tar(void **state)
{
	static const char date[] = "2023-11-14 22:13";
	hull_autobuf struct hull_buf want = {0};
	hull_autofree char *command = NULL, *content = NULL;
	char name[256];
	struct hull_tree t;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	make_tree(&t, &b, name);
	write_archive(&b, &t, "t.tar", NULL);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s ./\n", date);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s a/\n", date);
	hull_buf_addf(&want, "-rw-r--r--* 1000/3000000 7 %s a/second\n", date);
	hull_buf_addf(&want, " x: 20 security.capability\n");
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s b/\n", date);
	hull_buf_addf(&want, "hrw-r--r-- 1000/3000000 0 %s b/first link to a/second\n", date);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s dev/\n", date);
	hull_buf_addf(&want, "crw-rw-rw- 0/0 1,3 %s dev/null\n", date);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s etc/\n", date);
	hull_buf_addf(&want, "-rwsr-xr-x 0/0 0 %s etc/empty\n", date);
	hull_buf_addf(&want, "-rw-r--r-- 0/0 7 %s file\n", date);
	hull_buf_addf(&want, "lrwxrwxrwx 0/0 0 %s lib -> usr/lib\n", date);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s %s/\n", date, name);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s %s/%s/\n", date, name, name);
	hull_buf_addf(&want, "-rw-r--r-- 0/0 5 %s %s/%s/x\n", date, name, name);
	hull_buf_addf(&want, "drwxr-xr-x 0/0 0 %s run/\n", date);
	hull_buf_addf(&want, "prw------- 0/0 0 %s run/pipe\n", date);
	hull_buf_addf(&want, "-rw-r--r-- 0/0 7 %s é\n", date);
	command = hull_asprintf("TZ=UTC LC_ALL=C.UTF-8 tar --numeric-owner --xattrs "
				"--xattrs-include='*' -tvvf %s/t.tar | tr -s ' '",
				b.dir);
	expect(command, want.p);
	content = hull_asprintf("cd %s; tar -xf t.tar --wildcards -O a/second file '*/x' é", b.dir);
	expect(content, "linked\na file\ndeep\numlaut\n");
	hull_tree_fini(&t);
	box_fini(&b);
}

static void archives_are_reproducible(void **state)
{
	static const struct hull_image_config config = {0};
	char long_name[256];
	struct hull_tree t;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	make_tree(&t, &b, long_name);
	for (int i = 0; i < 2; i++) {
		hull_autofree char *tar = hull_asprintf("%d.tar", i);
		hull_autofree char *oci = hull_asprintf("%d.oci", i);

		write_archive(&b, &t, tar, NULL);
		write_archive(&b, &t, oci, &config);
	}
	{
		hull_autofree char *command = hull_asprintf(
			"cd %s; cmp 0.tar 1.tar; cmp 0.oci 1.oci; tar -tf 0.tar | wc -l", b.dir);

		expect(command, "17\n");
	}
	hull_tree_fini(&t);
	box_fini(&b);
}

static void an_oci_layout_is_consistent(void **state)
{
	static char *entry[] = {(char *)"/usr/bin/sh", NULL}, *env[] = {(char *)"A=b", NULL};
	static const struct hull_image_config config = {
		.entrypoint = {entry, 1, 1}, .environment = {env, 1, 1}, .user = "65534"};
	hull_autofree char *command = NULL;
	char long_name[256];
	struct hull_tree t;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	make_tree(&t, &b, long_name);
	write_archive(&b, &t, "t.tar", NULL);
	write_archive(&b, &t, "oci.tar", &config);
	command = hull_asprintf(
		"cd %s; mkdir x; tar -C x -xf oci.tar; cd x/blobs/sha256\n"
		"for b in *; do echo \"$b  $b\" | sha256sum -c --quiet; done\n"
		"jq -r .imageLayoutVersion ../../oci-layout\n"
		"i=../../index.json\n"
		"jq -r '.schemaVersion, .mediaType, .manifests[0].mediaType,"
		" .manifests[0].platform.architecture,"
		" .manifests[0].annotations[\"org.opencontainers.image.ref.name\"]' $i\n"
		"m=$(jq -r .manifests[0].digest $i); m=${m#sha256:}\n"
		"test $(jq .manifests[0].size $i) = $(stat -c %%s $m)\n"
		"jq -r '.mediaType, .config.mediaType, .layers[0].mediaType' $m\n"
		"c=$(jq -r .config.digest $m); c=${c#sha256:}\n"
		"test $(jq .config.size $m) = $(stat -c %%s $c)\n"
		"jq -c '[.architecture, .os, .created, .config]' $c\n"
		"l=$(jq -r .layers[0].digest $m); l=${l#sha256:}\n"
		"test $(jq .layers[0].size $m) = $(stat -c %%s $l)\n"
		"zcat $l | cmp - ../../../t.tar\n"
		"test $(jq -r .rootfs.diff_ids[0] $c) = sha256:$(zcat $l | sha256sum | head -c 64)\n"
		"ls | wc -l",
		b.dir);
	expect(command, "1.0.0\n2\napplication/vnd.oci.image.index.v1+json\n"
			"application/vnd.oci.image.manifest.v1+json\namd64\nhull/test:1\n"
			"application/vnd.oci.image.manifest.v1+json\n"
			"application/vnd.oci.image.config.v1+json\n"
			"application/vnd.oci.image.layer.v1.tar+gzip\n"
			"[\"amd64\",\"linux\",\"2023-11-14T22:13:20Z\",{\"Entrypoint\":["
			"\"/usr/bin/sh\"],\"Env\":[\"A=b\"],\"User\":\"65534\"}]\n3\n");
	hull_tree_fini(&t);
	box_fini(&b);
}

static void what_an_archive_cannot_have_is_refused(void **state)
{
	static const struct hull_image_config config = {0};
	struct hull_sink *s;
	struct hull_tree t;
	struct hull_err e;
	struct rpm_box b;
	int node;

	(void)state;
	box_init(&b);
	hull_tree_init(&t);
	node = add(&t, "/run/socket", "");
	t.v[node].mode = S_IFSOCK | 0600;
	{
		hull_autofree char *path = hull_asprintf("%s/x.tar", b.dir);
		hull_autofree char *empty = hull_asprintf("%s/empty", b.dir);

		s = hull_sink_new(AT_FDCWD, path, HULL_COMPRESS_NONE, &e);
		assert_int_equal(hull_tar_write(&t, s, &e), -1);
		assert_string_equal(e.msg, "tar archive: run/socket: cannot have the mode 0140600");
		t.v[node].mode = S_IFREG | 0644;
		t.v[node].size_bytes = 10;
		assert_int_equal(hull_file_write(AT_FDCWD, empty, "", 0, 0644, &e), 0);
		t.v[node].content = (struct hull_content){.dirfd = -1, .path = empty};
		assert_int_equal(hull_oci_write(&t, &config, "x86_64", "x", TIME, s, &e), -1);
		assert_string_equal(e.msg, "tar archive: run/socket: ends at byte 0 of 10");
		hull_sinkp(&s);
		assert_false(hull_exists(AT_FDCWD, path));
	}
	hull_tree_fini(&t);
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_becomes_a_tar),
		cmocka_unit_test(archives_are_reproducible),
		cmocka_unit_test(an_oci_layout_is_consistent),
		cmocka_unit_test(what_an_archive_cannot_have_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
