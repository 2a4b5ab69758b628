// SPDX-License-Identifier: MIT
#include "source_fixture.h"

#include <archive.h>
#include <archive_entry.h>

#include "source/control.h"
#include "source/goblock.h"
#include "source/gofile.h"
#include "source/golibs.h"
#include "source/gotree.h"

/* --- heads of Go files --- */

static void test_files(void **state)
{
	static const struct {
		const char *text;
		const char *imports; /* each with a blank behind; NULL: no Go file */
		const char *constraint;
		bool cgo;
	} table[] = {
		{"package a", "", NULL, false},
		{"package a\nimport \"fmt\"\n", "fmt ", NULL, false},
		{"package a;import \"fmt\";import `os`;var x = 1", "fmt os ", NULL, false},
		{"package a\nimport (\n\t\"a/b\"\n\t_ \"c\"\n\t. \"d\"; x \"e\" // \"f\"\n)\n"
		 "import \"g\"\nfunc f() { import \"no\" }\n",
		 "a/b c d e g ", NULL, false},
		{"/* import \"no\" */ package /* x */ a // import \"a\"\n/* */import \"C\"\n", "",
		 NULL, true},
		{"package a\nimport ()\nimport \"x\"", "x ", NULL, false},
		{"\xef\xbb\xbfpackage a\nimport \"x\"", "x ", NULL, false},
		{"package a\nimport \"x", "", NULL, false},
		{"package a\nimport (\"x\" \"y", "x ", NULL, false},
		{"package a\nimport x", "", NULL, false},
		{"package a\nvar s = `\nimport \"no\"\n`", "", NULL, false},
		{"", NULL, NULL, false},
		{"package", NULL, NULL, false},
		{"packages a", NULL, NULL, false},
		{"/* package a", NULL, NULL, false},
		{"//go:build linux && !cgo\n\npackage a", "", " linux && !cgo", false},
		{"// text\n\n//go:build x\n// +build y\n\npackage a", "", " x", false},
		{"/* text */\n//go:build x\npackage a", "", " x", false},
		{"//go:buildx\npackage a", "", NULL, false},
		{"/*\n//go:build x\n*/\npackage a", "", NULL, false},
		{"package a\n//go:build x\n", "", NULL, false},
		{"// +build a,!b c\n\npackage a", "", "((a && !b) || (c))", false},
		{"// +build a\n//+build b\n\npackage a", "", "((a)) && ((b))", false},
		{"// +build a\npackage a", "", NULL, false}, /* a comment on the package */
		{"/* x */\n// +build a\n\npackage a", "", NULL, false},
		{"package documentation\nimport \"x\"", "x ", "ignore", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct hull_arena a = {0};
		struct hull_go_file f = {0};
		hull_autobuf struct hull_buf imports = {0};
		bool ok = hull_go_file_parse(table[i].text, strlen(table[i].text), &a, &f);

		if (ok != (table[i].imports != NULL))
			fail_msg("%s: returned %d", table[i].text, ok);
		if (!ok) {
			hull_arena_fini(&a);
			continue;
		}
		hull_buf_adds(&imports, "");
		for (size_t k = 0; k < f.nimports; k++)
			hull_buf_addf(&imports, "%s ", f.imports[k]);
		assert_string_equal(imports.p, table[i].imports);
		assert_int_equal(f.cgo, table[i].cgo);
		if (table[i].constraint && f.constraint)
			assert_string_equal(f.constraint, table[i].constraint);
		else
			assert_ptr_equal(f.constraint, table[i].constraint);
		hull_arena_fini(&a);
	}
}

static void test_constraints(void **state)
{
	static const struct {
		const char *expression;
		bool with_cgo, without; /* amd64, tag "extra" set */
	} table[] = {
		{"linux", true, true},
		{"windows", false, false},
		{"unix && gc", true, true},
		{"amd64 || arm64", true, true},
		{"arm64", false, false},
		{"cgo", true, false},
		{"!cgo", false, true},
		{"!!cgo", true, false},
		{"extra && !other", true, true},
		{"go1.1 && go1.24", true, true},
		{"go1.25", false, false},
		{"go1.", false, false},
		{"!(windows || cgo) || ( darwin )", false, true},
		{"windows || linux && !extra", false, false},
		{"", true, true}, /* what is malformed counts as true */
		{"&&", true, true},
		{"windows &&", true, true},
		{"(windows", true, true},
		{"windows)", true, true},
		{"windows linux", true, true},
	};
	hull_autostrv struct hull_strv tags = {0};
	struct hull_go_target with = {.arch = "amd64", .cgo = true, .tags = &tags},
			      without = {.arch = "amd64", .tags = &tags};
	hull_autofree char *deep = hull_alloc(100001);

	(void)state;
	hull_strv_add(&tags, "extra");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(hull_go_constraint(table[i].expression, &with), table[i].with_cgo);
		assert_int_equal(hull_go_constraint(table[i].expression, &without),
				 table[i].without);
	}
	memset(deep, '(', 100000);
	assert_true(hull_go_constraint(deep, &with));
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool matches;
	} table[] = {
		{"a.go", true},
		{"a_linux.go", true},
		{"a_windows.go", false},
		{"a_amd64.go", true},
		{"a_arm64.go", false},
		{"a_linux_amd64.go", true},
		{"a_linux_386.go", false},
		{"a_darwin_amd64.go", false},
		{"linux.go", true},
		{"windows.go", true},
		{"arm64.go", true},
		{"a_unix.go", true},
		{"a_windows_test.go", false},
		{"a_linux_test.go", true},
		{"a_windows_x.go", true},
		{"_a.go", false},
		{".a.go", false},
		{"windows_amd64.go", true},
	};
	struct hull_go_target t = {.arch = "amd64"};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct hull_go_file f = {.name = table[i].name},
				    cgo = {.name = f.name, .cgo = true};

		if (hull_go_file_matches(&f, &t) != table[i].matches)
			fail_msg("%s", f.name);
		assert_false(hull_go_file_matches(&cgo, &t));
	}
}

/* --- Debian's indexes --- */

static void test_clauses(void **state)
{
	static const struct {
		const char *text, *expected; /* clauses end with ";", names with a blank */
	} table[] = {
		{"", ""},
		{"a", "a ;"},
		{"a (>= 1:2-3~), b [amd64] <!nocheck>, c:any", "a ;b ;c ;"},
		{"a|b | c (= 1) , d", "a b c ;d ;"},
		{" ,, a,\n b ,", "a ;b ;"},
		{"| | a", "a ;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		hull_autobuf struct hull_buf got = {0};
		const char *at = table[i].text;

		hull_buf_adds(&got, "");
		for (;;) {
			hull_autostrv struct hull_strv names = {0};

			if (!hull_control_clause(&at, &names))
				break;
			for (size_t k = 0; k < names.n; k++)
				hull_buf_addf(&got, "%s ", names.v[k]);
			hull_buf_addc(&got, ';');
		}
		assert_string_equal(got.p, table[i].expected);
	}
}

#define PACKAGE(name, version, more)                                                               \
	"Package: " name "\nVersion: " version "\nArchitecture: all\n" more "Filename: pool/" name \
	".deb\nSHA256: 00\n\n"

static const char packages[] = PACKAGE(
	"golang-a-dev", "1", "Depends: golang-b-dev (>= 2),\n golang-virtual-dev, libc6\n")
	PACKAGE("golang-b-dev", "1", "Depends: golang-a-dev\n") PACKAGE(
		"golang-c-dev", "1", "Provides: golang-virtual-dev (= 1), golang-other-dev\n")
		PACKAGE("golang-d-dev", "1", "")
			PACKAGE("golang-e-1-dev", "1.3.5-4", "Conflicts: golang-x-dev\n")
				PACKAGE("golang-e-2-dev", "1.10.5-1", "Breaks: golang-e-1-dev\n")
					PACKAGE("golang-tool", "1",
						"") "Package: golang-incomplete-dev\nVersion: "
						    "1\n\n" PACKAGE("zlib1g-dev", "1", "");

static void test_closure(void **state)
{
	static const struct {
		const char *roots, *expected;
	} table[] = {
		{"golang-d-dev", "golang-d-dev "},
		{"golang-a-dev", "golang-a-dev golang-b-dev golang-c-dev "},
		{"debhelper, golang-any, golang-b-dev | golang-d-dev <!nocheck>",
		 "golang-a-dev golang-b-dev golang-c-dev "},
		{"golang-gone-dev | golang-d-dev, zlib1g-dev", "golang-d-dev "},
		{"golang-other-dev", "golang-c-dev "},
		{"golang-gone-dev, golang-incomplete-dev, golang-tool", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct hull_go_libs l = {0};
		hull_autobuf struct hull_buf got = {0};

		hull_go_libs_parse(&l, packages);
		assert_int_equal(l.n, 6);
		assert_string_equal(l.v[0].path, "pool/golang-a-dev.deb");
		hull_go_libs_close(&l, table[i].roots);
		hull_buf_adds(&got, "");
		for (size_t k = 0; k < l.n; k++)
			if (l.v[k].candidate)
				hull_buf_addf(&got, "%s ", l.v[k].name);
		assert_string_equal(got.p, table[i].expected);
		hull_go_libs_fini(&l);
	}
}

static void test_build_depends(void **state)
{
	static const char sources[] = "Package: ab\nBuild-Depends: no\n\n"
				      "Package: a\nBinary: x\nBuild-Depends: b,\n c (>= 1)\n"
				      "Build-Depends-Indep: d\nFormat: 1\n\n"
				      "Package: none\nFormat: 1\n";
	struct hull_arena a = {0};

	(void)state;
	assert_string_equal(hull_go_build_depends(sources, "a", &a), "b, c (>= 1), d");
	assert_string_equal(hull_go_build_depends(sources, "none", &a), "");
	assert_null(hull_go_build_depends(sources, "gone", &a));
	hull_arena_fini(&a);
}

/* --- Debian packages --- */

struct member {
	const char *path; /* below /usr/share/gocode/src, or absolute */
	const char *text; /* "-> x": a symlink, "=> x": a hard link, else the content */
};

static la_ssize_t append(struct archive *a, void *out, const void *p, size_t n)
{
	(void)a;
	hull_buf_add(out, p, n);
	return (la_ssize_t)n;
}

static void add_member(struct archive *a, const char *path, const char *text, size_t n)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_filetype(entry, AE_IFREG);
	if (text && hull_starts(text, "-> ")) {
		archive_entry_set_filetype(entry, AE_IFLNK);
		archive_entry_set_symlink(entry, text + 3);
		n = 0;
	} else if (text && hull_starts(text, "=> ")) {
		archive_entry_set_hardlink(entry, text + 3);
		n = 0;
	}
	archive_entry_set_size(entry, (la_int64_t)n);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	if (n)
		assert_int_equal(archive_write_data(a, text, n), n);
	archive_entry_free(entry);
}

static void make_tar(const struct member *m, bool deb, struct hull_buf *out)
{
	struct archive *a = archive_write_new();

	archive_write_set_format_gnutar(a);
	archive_write_add_filter_gzip(a);
	assert_int_equal(archive_write_open(a, out, NULL, append, NULL), ARCHIVE_OK);
	for (; m->path; m++) {
		hull_autofree char *path = hull_asprintf("%s%s",
							 *m->path == '/' ? "."
							 : deb		 ? "./usr/share/gocode/src/"
									 : "",
							 m->path);

		add_member(a, path, m->text, strlen(m->text));
	}
	archive_write_close(a);
	archive_write_free(a);
}

static void make_deb(const struct member *m, struct hull_buf *out)
{
	hull_autobuf struct hull_buf data = {0};
	struct archive *a = archive_write_new();

	make_tar(m, true, &data);
	archive_write_set_format_ar_svr4(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, out, NULL, append, NULL), ARCHIVE_OK);
	add_member(a, "debian-binary", "2.0\n", 4);
	add_member(a, "control.tar", "x", 1);
	add_member(a, "data.tar.gz", data.p, data.n);
	archive_write_close(a);
	archive_write_free(a);
}

static int read_deb(struct hull_go_tree *t, const void *p, size_t n, struct hull_err *e)
{
	hull_autofd int fd = memfd_create("x.deb", MFD_CLOEXEC);

	assert_int_equal(hull_fd_write(fd, p, n, e), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return hull_go_tree_read_deb(t, fd, "x.deb", e);
}

static void test_deb(void **state)
{
	static const struct member members[] = {
		{"example.com/a/a.go", "package a\nimport \"x\""},
		{"example.com/a/README", "package a"},
		{"example.com/a/sub/s.go", "package sub"},
		{"example.com/a/none/n.go", "no Go"},
		{"example.com/a/b.go", "=> ./usr/share/gocode/src/example.com/a/a.go"},
		{"example.org/old", "-> ../example.com/a"},
		{"example.org/abs", "-> /usr/share/gocode/src/example.com/a/sub"},
		{"example.org/loop", "-> loop"},
		{"example.org/out", "-> ../../../../../../../../etc"},
		{"/usr/share/doc/a/d.go", "package doc"},
		{NULL, NULL},
	};
	hull_autobuf struct hull_buf deb = {0};
	struct hull_go_tree t = {0};
	const struct hull_go_dir *d;
	struct hull_err e;

	(void)state;
	make_deb(members, &deb);
	assert_int_equal(read_deb(&t, deb.p, deb.n, &e), 0);
	assert_int_equal(t.n, 2);
	d = hull_go_tree_find(&t, "example.com/a");
	assert_int_equal(d->n, 2);
	assert_string_equal(d->files[1].name, "b.go");
	assert_int_equal(d->files[1].nimports, 1);
	assert_ptr_equal(hull_go_tree_find(&t, "example.org/old"), d);
	assert_string_equal(hull_go_tree_find(&t, "example.org/old/sub")->path,
			    "example.com/a/sub");
	assert_string_equal(hull_go_tree_find(&t, "example.org/abs")->path, "example.com/a/sub");
	assert_null(hull_go_tree_find(&t, "example.org/loop"));
	assert_null(hull_go_tree_find(&t, "example.org/out"));
	assert_null(hull_go_tree_find(&t, "example.com"));
	assert_null(hull_go_tree_find(&t, "example.com/a/none"));
	hull_go_tree_fini(&t);

	/* Cut anywhere, it is an error or a shorter list, never more. */
	for (size_t n = 0; n < deb.n; n += 7) {
		if (read_deb(&t, deb.p, n, &e) < 0)
			assert_contains(e.msg, "x.deb: ");
		assert_true(t.n <= 2);
		hull_go_tree_fini(&t);
	}
}

/* --- the block in the spec --- */

static void test_block(void **state)
{
	static const char text[] = "%global  goipath\texample.com/x\nName: x\n"
				   "#  go-deps begin packages=.,./cmd/... tags=a,b cgo=0 first=7\n"
				   "Source7: debian:pool/old_1_all.deb\n# go-deps end\nEnd: x\n";
	static const struct {
		const char *text, *error;
	} errors[] = {
		{"", "x.spec: no lines '# go-deps begin' and"},
		{"# go-deps begin\n", "x.spec: no lines"},
		{"# go-deps end\n# go-deps begin\n", "x.spec: no lines"},
		{"# go-deps begin\n# go-deps end\n", "x.spec: no line '%global goipath"},
		{"\n# go-deps begin cgo=2\n", "x.spec:2: 'cgo=2' is none of packages="},
		{"# go-deps begin what=1\n", "x.spec:1: 'what=1' is none of"},
		{"# go-deps begin =1\n", "'=1' is none of"},
		{"# go-deps begin packages\n", "'packages' is none of"},
	};
	hull_autostrv struct hull_strv files = {0}, urls = {0};
	hull_autobuf struct hull_buf out = {0};
	struct hull_go_block b;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_go_block_parse(&b, text, "x.spec", &e), 0);
	assert_string_equal(b.import, "example.com/x");
	assert_int_equal(b.packages.n, 2);
	assert_string_equal(b.packages.v[1], "./cmd/...");
	assert_int_equal(b.tags.n, 2);
	assert_false(b.cgo);
	hull_go_block_files(&b, text, &files);
	assert_int_equal(files.n, 1);
	assert_string_equal(files.v[0], "old_1_all.deb");
	hull_strv_add(&urls, "debian:a");
	hull_strv_add(&urls, "debian:b");
	hull_go_block_replace(&b, text, &urls, &out);
	assert_string_equal(out.p, "%global  goipath\texample.com/x\nName: x\n"
				   "#  go-deps begin packages=.,./cmd/... tags=a,b cgo=0 first=7\n"
				   "Source7:        debian:a\nSource8:        debian:b\n"
				   "# go-deps end\nEnd: x\n");
	hull_go_block_fini(&b);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		assert_int_equal(hull_go_block_parse(&b, errors[i].text, "x.spec", &e), -1);
		assert_contains(e.msg, errors[i].error);
	}
}

/* --- all of it, with an apt that is a script --- */

/* A library in the test's archive: its package, fields of its index, files. */
struct lib {
	const char *name, *version, *fields;
	struct member members[5];
};

static const struct lib libs[] = {
	{"golang-main-dev",
	 "1.0-1",
	 "Depends: golang-sub-dev, golang-two-a-dev, golang-own-dev\n",
	 {{"example.com/main/m.go", "package m\nimport \"example.com/sub\""},
	  {"example.com/main/m_arm64.go", "package m\nimport \"example.com/arm\""},
	  {"example.com/main/m_test.go", "package m\nimport \"example.com/missing\""},
	  {"example.com/main/sub/s.go", "package s"}}},
	{"golang-sub-dev",
	 "2",
	 "Depends: golang-arm-dev\n",
	 {{"example.com/sub/s.go", "package s\nimport \"example.com/vendored\""},
	  {"example.com/vendor/example.com/vendored/v.go", "package v"}}},
	{"golang-arm-dev", "1", "", {{"example.com/arm/a.go", "package a"}}},
	{"golang-tests-dev", "1", "", {{"example.com/tests/a.go", "package a"}}},
	{"golang-cgo-dev", "1", "", {{"example.com/cgo/a.go", "package a"}}},
	{"golang-tag-dev", "1", "", {{"example.com/tag/a.go", "package a"}}},
	{"golang-unused-dev", "1", "", {{"example.com/unused/a.go", "package a"}}},
	{"golang-two-a-dev", "1.9", "", {{"example.com/two/v.go", "package two"}}},
	{"golang-two-b-dev",
	 "1.10",
	 "Breaks: golang-two-a-dev\n",
	 {{"example.com/two/v.go", "package two"}}},
	{"golang-clash-a-dev", "1", "", {{"example.com/clash/v.go", "package c"}}},
	{"golang-clash-b-dev", "1", "", {{"example.com/clash/v.go", "package c"}}},
	{"golang-own-dev",
	 "1",
	 "",
	 {{"example.com/own/lib/wrong.go", "package lib\nimport \"no.no/x\""}}},
};

static const struct member own[] = {
	{"own-1/own.go", "package main\nimport (\n\t\"fmt\"\n\t\"example.com/old\"\n)\n"},
	{"own-1/lib/l.go", "package lib\nimport \"example.com/two/v3\""},
	{"own-1/lib/l_test.go", "package lib\nimport \"example.com/tests\""},
	{"own-1/lib/c.go", "package lib\nimport \"C\"\nimport \"example.com/cgo\""},
	{"own-1/lib/t.go", "//go:build extra\n\npackage lib\nimport \"example.com/tag\""},
	{"own-1/bad/b.go",
	 "package bad\nimport \"example.com/none\"\nimport \"example.com/own/none\""},
	{"own-1/clash/c.go", "package clash\nimport \"example.com/clash\""},
	{NULL, NULL},
};

static const char own_patch[] =
	"--- a/own.go\n+++ b/own.go\n@@ -1,5 +1,6 @@\n package main\n import (\n"
	" \t\"fmt\"\n-\t\"example.com/old\"\n+\t\"example.com/main\"\n"
	"+\t\"example.com/own/lib\"\n )\n";

static void make_archive(void)
{
	hull_autobuf struct hull_buf index = {0};
	static const char sources[] =
		"Package: own\nBuild-Depends: golang-main-dev, golang-tests-dev, golang-cgo-dev,\n"
		" golang-tag-dev, golang-unused-dev, golang-two-b-dev, golang-clash-a-dev,\n"
		" golang-clash-b-dev\n";
	static const char apt[] =
		"#!/bin/sh\n[ \"$1\" = update ] || exit 1\nd=$(dirname \"$APT_CONFIG\")\n"
		"grep -q \"^deb .*trixie main\" \"$d/sources.list\" || { echo no index >&2; exit "
		"100; }\n"
		"b=$(dirname \"$0\")\ncp $b/Packages $d/lists/x_Packages\n"
		"cp $b/Sources $d/lists/x_Sources\n";
	static const char apt_config[] = "#!/bin/sh\necho 'Acquire::http::Proxy \"\";'\n";
	static const char *const programs[] = {"bin/apt-get", "bin/apt-config"};

	for (size_t i = 0; i < sizeof libs / sizeof *libs; i++) {
		hull_autofree char *path =
			hull_asprintf("mirror/pool/%s_%s_all.deb", libs[i].name, libs[i].version);
		hull_autobuf struct hull_buf deb = {0};
		char sha256[HULL_HEX];

		make_deb(libs[i].members, &deb);
		put_file(path, deb.p, deb.n);
		hull_hash_bytes(deb.p, deb.n, sha256);
		hull_buf_addf(&index,
			      "Package: %s\nVersion: %s\nArchitecture: all\n%sFilename: %s\n"
			      "SHA256: %s\n\n",
			      libs[i].name, libs[i].version, libs[i].fields,
			      path + strlen("mirror/"), sha256);
	}
	put_file("bin/Packages", index.p, index.n);
	put_file("bin/Sources", sources, sizeof sources - 1);
	put_file("bin/apt-get", apt, sizeof apt - 1);
	put_file("bin/apt-config", apt_config, sizeof apt_config - 1);
	for (size_t i = 0; i < 2; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", root, programs[i]);

		chmod(path, 0755);
	}
}

static int go_deps(const char *words, const char *suite, struct hull_strv *out, struct hull_err *e)
{
	hull_autofree char *text =
		hull_asprintf("%%global goipath example.com/own\n# go-deps begin %s\n"
			      "Source100: debian:pool/stale_1_all.deb\n# go-deps end\n",
			      words);
	static const char pins[] =
		"{\"Signatures\": {\"stale_1_all.deb\": \"00\", \"kept\": \"11\"}}";
	hull_autofree char *dir = expand("~/spec"), *path = expand("~/spec/own.spec"),
			   *mirror = expand("~/mirror");
	hull_autobuf struct hull_buf tar = {0};
	char sha256[HULL_HEX];
	struct hull_spec_source sources[] = {
		{.url = "own.patch", .file = "own.patch", .patch = true, .local = true},
		{.url = "debian:pool/stale_1_all.deb", .file = "stale_1_all.deb", .number = 100},
		{.url = "debian:pool/own/own_1.tar.gz", .file = "own_1.tar.gz", .sha256 = sha256},
	};
	struct hull_spec spec = {
		.name = "own", .path = path, .dir = dir, .sources = sources, .nsources = 3};
	struct hull_source_options o = {.debian_mirror = mirror, .pause_ms = 1};

	make_tar(own, false, &tar);
	hull_hash_bytes(tar.p, tar.n, sha256);
	put_file("mirror/pool/own/own_1.tar.gz", tar.p, tar.n);
	put_file("spec/own.patch", own_patch, sizeof own_patch - 1);
	put_file("spec/own.spec", text, strlen(text));
	put_file("spec/own.signatures.json", pins, sizeof pins - 1);
	return hull_source_go_deps(&store, &o, &spec, suite, out, NULL, e);
}

static void test_go_deps(void **state)
{
	static const struct {
		const char *words, *suite;
		const char *expected; /* packages, each with a blank behind; NULL: an error */
		const char *errors[2];
	} table[] = {
		{"packages=. cgo=0", "trixie", "arm main sub two-b ", {NULL}},
		{"packages=.", "trixie", "arm cgo main sub two-b ", {NULL}},
		{"packages=./lib cgo=0 tags=x,extra", "trixie", "tag two-b ", {NULL}},
		{"packages=example.com/own/lib cgo=0 tests=./lib/...",
		 "trixie",
		 "tests two-b ",
		 {NULL}},
		{"packages=./lib cgo=0 roots=golang-two-a-dev", "trixie", "two-a ", {NULL}},
		{"",
		 "trixie",
		 NULL,
		 {"both golang-clash-a-dev and golang-clash-b-dev have example.com/clash", NULL}},
		{"packages=./bad",
		 "trixie",
		 NULL,
		 {"own.spec: no library has these imports (GOARCH=amd64):\n  example.com/none, "
		  "imported "
		  "by example.com/own/bad/b.go",
		  "\n  example.com/own/none, imported by "}},
		{"packages=./gone",
		 "trixie",
		 NULL,
		 {"'./gone' names no directory of example.com/own"}},
		{"packages=./gone/...", "trixie", NULL, {"'./gone/...' names no directory"}},
		{"packages=fmt", "trixie", NULL, {"'fmt' names no directory"}},
		{"source=gone", "trixie", NULL, {"Debian trixie has no source package 'gone'"}},
		{"packages=.", "sid", NULL, {"the index of Debian sid: ", ": no index"}},
	};
	hull_autofree char *old_path = hull_strdup(getenv("PATH"));
	hull_autofree char *path = hull_asprintf("%s/bin:%s", root, old_path);

	(void)state;
	make_archive();
	setenv("PATH", path, 1);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		hull_autostrv struct hull_strv urls = {0};
		hull_autobuf struct hull_buf got = {0};
		struct hull_err e;
		int r = go_deps(table[i].words, table[i].suite, &urls, &e);

		if ((r == 0) != (table[i].expected != NULL))
			fail_msg("%s: returned %d: %s", table[i].words, r, r ? e.msg : "");
		for (size_t k = 0; r < 0 && k < 2 && table[i].errors[k]; k++)
			assert_contains(e.msg, table[i].errors[k]);
		for (size_t k = 0; k < urls.n; k++) {
			const char *name = hull_basename(urls.v[k]) + strlen("golang-");

			hull_buf_addf(&got, "%.*s ", (int)(strstr(name, "-dev_") - name), name);
		}
		if (r == 0)
			assert_string_equal(got.p, table[i].expected);
	}
	setenv("PATH", old_path, 1);
}

static void test_go_deps_writes(void **state)
{
	hull_autofree char *old_path = hull_strdup(getenv("PATH"));
	hull_autofree char *path = hull_asprintf("%s/bin:%s", root, old_path);
	hull_autofree char *spec = expand("~/spec/own.spec"),
			   *pins = expand("~/spec/own.signatures.json");
	hull_autobuf struct hull_buf spec_text = {0}, pins_text = {0};
	hull_autostrv struct hull_strv urls = {0};
	struct hull_err e;

	(void)state;
	make_archive();
	setenv("PATH", path, 1);
	if (go_deps("packages=./lib cgo=0", "trixie", &urls, &e) < 0)
		fail_msg("%s", e.msg);
	setenv("PATH", old_path, 1);
	assert_int_equal(hull_file_read(AT_FDCWD, spec, &spec_text, &e), 0);
	assert_string_equal(spec_text.p,
			    "%global goipath example.com/own\n"
			    "# go-deps begin packages=./lib cgo=0\n"
			    "Source100:      debian:pool/golang-two-b-dev_1.10_all.deb\n"
			    "# go-deps end\n");
	assert_int_equal(hull_file_read(AT_FDCWD, pins, &pins_text, &e), 0);
	assert_contains(pins_text.p, "\"kept\": \"11\"");
	assert_contains(pins_text.p, "\"golang-two-b-dev_1.10_all.deb\": \"");
	assert_null(strstr(pins_text.p, "stale"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_files),   TEST(test_constraints),    TEST(test_names), TEST(test_clauses),
		TEST(test_closure), TEST(test_build_depends),  TEST(test_deb),	 TEST(test_block),
		TEST(test_go_deps), TEST(test_go_deps_writes),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
