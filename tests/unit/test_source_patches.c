// SPDX-License-Identifier: MIT
#include "source_fixture.h"

#include <archive.h>
#include <archive_entry.h>

#include "source/debianarchive.h"
#include "source/leftout.h"

/* The patches in the archives of Debian source packages. */

struct patch_member {
	const char *path, *text;
};

static la_ssize_t append(struct archive *a, void *out, const void *p, size_t n)
{
	(void)a;
	hull_buf_add(out, p, n);
	return (la_ssize_t)n;
}

static void make_archive(const struct patch_member *m, struct hull_buf *out)
{
	struct archive *a = archive_write_new();

	archive_write_set_format_gnutar(a);
	archive_write_add_filter_xz(a);
	assert_int_equal(archive_write_open(a, out, NULL, append, NULL), ARCHIVE_OK);
	for (; m->path; m++) {
		struct archive_entry *entry = archive_entry_new();
		size_t n = strlen(m->text);

		archive_entry_set_pathname(entry, m->path);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_size(entry, (la_int64_t)n);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		if (n)
			assert_int_equal(archive_write_data(a, m->text, n), n);
		archive_entry_free(entry);
	}
	archive_write_close(a);
	archive_write_free(a);
}

static const struct patch_member members[] = {
	{"debian/changelog", "x"},
	{"debian/patches/a.patch", "A"},
	{"./debian/patches/up/b.patch", "B"},
	{"debian/patches/empty.patch", ""},
	{"debian/patches/unlisted.patch", "U"},
	{"debian/patches/series",
	 "# all of them\n\na.patch -p1\n  up/b.patch # upstream\n#no.patch\nempty.patch"},
	{"debian/patches-old/c.patch", "C"},
	{NULL, NULL},
};

static int read_archive(struct hull_debian_archive *d, const void *p, size_t n, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/archive", root);
	hull_autofd int fd = -1;

	put_file("archive", p, n);
	fd = hull_open(AT_FDCWD, path, e);
	assert_true(fd >= 0);
	return hull_debian_archive_read(d, fd, "x.debian.tar.xz", e);
}

static void test_archive(void **state)
{
	hull_autobuf struct hull_buf tar = {0};
	struct hull_debian_archive d = {0};
	char digest[HULL_HEX];
	struct hull_err e;

	(void)state;
	make_archive(members, &tar);
	assert_int_equal(read_archive(&d, tar.p, tar.n, &e), 0);
	assert_int_equal(d.n, 4);
	hull_hash_bytes("B", 1, digest);
	assert_string_equal(hull_debian_archive_find(&d, "up/b.patch")->sha256, digest);
	hull_hash_bytes("", 0, digest);
	assert_string_equal(hull_debian_archive_find(&d, "empty.patch")->sha256, digest);
	assert_null(hull_debian_archive_find(&d, "b.patch"));
	assert_null(hull_debian_archive_find(&d, "series"));
	assert_null(hull_debian_archive_find(&d, "c.patch"));
	assert_int_equal(d.series.n, 3);
	assert_string_equal(d.series.v[0], "a.patch");
	assert_string_equal(d.series.v[1], "up/b.patch");
	assert_string_equal(d.series.v[2], "empty.patch");
	hull_debian_archive_fini(&d);

	assert_int_equal(read_archive(&d, "no archive", 10, &e), -1);
	assert_contains(e.msg, "x.debian.tar.xz: ");
	hull_debian_archive_fini(&d);
	for (size_t n = 1; n < tar.n; n += 11) { /* cut anywhere */
		if (read_archive(&d, tar.p, n, &e) < 0)
			assert_contains(e.msg, "x.debian.tar.xz: ");
		assert_true(d.n <= 4 && d.series.n <= 3);
		hull_debian_archive_fini(&d);
	}
	assert_true(hull_debian_archive_is("x_1.0-1.debian.tar.xz"));
	assert_false(hull_debian_archive_is("x_1.0.orig.tar.xz"));
}

static void test_left_out(void **state)
{
	hull_autofree char *dir = expand("~/spec"), *mirror = expand("~/mirror");
	struct hull_spec_source sources[] = {
		{.url = "debian:pool/x_1.orig.tar.xz", .file = "x_1.orig.tar.xz", .number = 0},
		{.url = "debian:pool/x_1-1.debian.tar.xz",
		 .file = "x_1-1.debian.tar.xz",
		 .number = 1,
		 .line = 7},
		{.url = "debian:pool/gone.debian.tar.xz",
		 .file = "gone.debian.tar.xz",
		 .number = 2,
		 .line = 8},
	};
	struct hull_spec_taken taken[] = {
		{.source = 1, .name = "up/b.patch", .cves = ""},
		{.source = 2, .name = "a.patch", .cves = ""}, /* of another archive */
		{.source = 1, .name = "a.patch", .cves = ""},
		{.source = 1, .name = "empty.patch", .cves = ""},
	};
	struct hull_spec spec = {.name = "x",
				 .path = "x.spec",
				 .dir = dir,
				 .sources = sources,
				 .nsources = 3,
				 .taken = taken,
				 .ntaken = 2};
	const struct hull_spec *const specs[] = {&spec};
	struct hull_source_options o = {.debian_mirror = mirror, .pause_ms = 1};
	hull_autobuf struct hull_buf tar = {0};
	hull_autofree char *pins = NULL;
	struct hull_left_outs left = {0};
	char digest[HULL_HEX];
	struct hull_err e;

	(void)state;
	make_archive(members, &tar);
	put_file("mirror/pool/x_1-1.debian.tar.xz", tar.p, tar.n);
	hull_hash_bytes(tar.p, tar.n, digest);
	pins = hull_asprintf("{\"Signatures\": {\"x_1-1.debian.tar.xz\": \"%s\","
			     " \"gone.debian.tar.xz\": \"%064d\"}}",
			     digest, 0);
	put_file("spec/x.signatures.json", pins, strlen(pins));
	/* The one that is nowhere does not keep the other from being read. */
	assert_int_equal(hull_source_left_out(&store, &o, specs, 1, &left, NULL, &e), 0);
	assert_int_equal(left.n, 1);
	assert_string_equal(left.v[0].spec, "x");
	assert_string_equal(left.v[0].archive, "x_1-1.debian.tar.xz");
	assert_int_equal(left.v[0].series, 3);
	assert_int_equal(left.v[0].patches.n, 2);
	assert_string_equal(left.v[0].patches.v[0], "a.patch");
	assert_string_equal(left.v[0].patches.v[1], "empty.patch");
	hull_left_outs_fini(&left);
	spec.ntaken = 4;
	assert_int_equal(hull_source_left_out(&store, &o, specs, 1, &left, NULL, &e), 0);
	assert_int_equal(left.n, 0);
	hull_left_outs_fini(&left);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_archive),
		TEST(test_left_out),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
