// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "debian/control.h"
#include "godeps/goblock.h"
#include "godeps/golist.h"

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
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

struct deb_member {
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

static void make_deb(const struct deb_member *m, struct hull_buf *out)
{
	hull_autobuf struct hull_buf data = {0};
	struct archive *a = archive_write_new();

	archive_write_set_format_gnutar(a);
	archive_write_add_filter_gzip(a);
	assert_int_equal(archive_write_open(a, &data, NULL, append, NULL), ARCHIVE_OK);
	for (; m->path; m++) {
		hull_autofree char *path = hull_asprintf(
			"%s%s", *m->path == '/' ? "." : "./usr/share/gocode/src/", m->path);

		add_member(a, path, m->text, strlen(m->text));
	}
	archive_write_close(a);
	archive_write_free(a);
	a = archive_write_new();
	archive_write_set_format_ar_svr4(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, out, NULL, append, NULL), ARCHIVE_OK);
	add_member(a, "debian-binary", "2.0\n", 4);
	add_member(a, "control.tar", "x", 1);
	add_member(a, "data.tar.gz", data.p, data.n);
	archive_write_close(a);
	archive_write_free(a);
}

static int read_deb(struct hull_go_deb *d, const void *p, size_t n, struct hull_err *e)
{
	hull_autofd int fd = memfd_create("x.deb", MFD_CLOEXEC);

	assert_int_equal(hull_fd_write(fd, p, n, e), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return hull_go_deb_read(d, fd, "x.deb", e);
}

static void test_deb(void **state)
{
	static const struct deb_member members[] = {
		{"example.com/a/a.go", "package a"},
		{"example.com/a/README", "package a"},
		{"example.com/a/sub/s.go", "package sub"},
		{"example.com/a/none/n.c", "no Go"},
		{"example.com/a/b.go", "=> ./usr/share/gocode/src/example.com/a/a.go"},
		{"example.com/b/b.go", "-> ../a/a.go"},
		{"example.org/old", "-> ../example.com/a"},
		{"top.go", "package top"},
		{"/usr/share/doc/a/d.go", "package doc"},
		{NULL, NULL},
	};
	static const struct {
		const char *import;
		bool has;
	} table[] = {
		{"example.com/a", true},       {"example.com/a/sub", true},
		{"example.com/b", true},       {"example.org/old", true},
		{"example.org/old/sub", true}, {"example.org/older", false},
		{"example.org", false},	       {"example.com", false},
		{"example.com/a/none", false}, {"example.com/a/su", false},
		{"/usr/share/doc/a", false},   {"", false},
	};
	hull_autobuf struct hull_buf deb = {0};
	struct hull_go_deb d = {0};
	struct hull_err e;

	(void)state;
	make_deb(members, &deb);
	assert_int_equal(read_deb(&d, deb.p, deb.n, &e), 0);
	assert_int_equal(d.dirs.n, 3);
	assert_int_equal(d.links.n, 1);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (hull_go_deb_has(&d, table[i].import) != table[i].has)
			fail_msg("%s", table[i].import);
	hull_go_deb_fini(&d);

	/* Cut anywhere, it is an error or a shorter list, never more. */
	for (size_t n = 0; n < deb.n; n += 7) {
		if (read_deb(&d, deb.p, n, &e) < 0)
			assert_contains(e.msg, "x.deb: ");
		hull_strv_sort(&d.dirs);
		assert_true(d.dirs.n <= 3 && d.links.n <= 1);
		hull_go_deb_fini(&d);
	}
}

/* --- the block in the spec --- */

static void test_block(void **state)
{
	static const char text[] =
		"%global  goipath\texample.com/x\nName: x\n"
		"#  go-deps begin packages=.,./cmd/...,example.com/x/y tags=a,b cgo=0 first=7\n"
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
		{"%global goipath a.b/c\n# go-deps begin packages=./x,fmt\n# go-deps end\n",
		 "x.spec: 'fmt' names no package of a.b/c"},
		{"%global goipath a.b/c\n# go-deps begin tests=a.b/cd/...\n# go-deps end\n",
		 "x.spec: 'a.b/cd/...' names no package of a.b/c"},
		{"%global goipath a.b/c\n# go-deps begin packages=..\n# go-deps end\n",
		 "x.spec: '..' names no package of"},
	};
	hull_autostrv struct hull_strv files = {0}, urls = {0};
	hull_autobuf struct hull_buf out = {0};
	struct hull_go_block b;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_go_block_parse(&b, text, "x.spec", &e), 0);
	assert_string_equal(b.import, "example.com/x");
	assert_int_equal(b.packages.n, 3);
	assert_string_equal(b.packages.v[1], "./cmd/...");
	assert_int_equal(b.tags.n, 2);
	assert_false(b.cgo);
	hull_go_block_files(&b, text, &files);
	assert_int_equal(files.n, 1);
	assert_string_equal(files.v[0], "old_1_all.deb");
	hull_strv_add(&urls, "debian:a");
	hull_strv_add(&urls, "debian:b");
	hull_go_block_replace(&b, text, &urls, &out);
	assert_string_equal(
		out.p,
		"%global  goipath\texample.com/x\nName: x\n"
		"#  go-deps begin packages=.,./cmd/...,example.com/x/y tags=a,b cgo=0 first=7\n"
		"Source7:        debian:a\nSource8:        debian:b\n"
		"# go-deps end\nEnd: x\n");
	hull_go_block_fini(&b);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		assert_int_equal(hull_go_block_parse(&b, errors[i].text, "x.spec", &e), -1);
		assert_contains(e.msg, errors[i].error);
	}
}

/* --- what the Go tool says --- */

/* As go 1.24 wrote it, in a GOPATH, but for the paths. */
static const char go_list[] =
	"{\n\t\"ImportPath\": \"internal/goarch\"\n}\n"
	"{\n\t\"ImportPath\": \"example.com/dir\",\n\t\"Error\": {\n\t\t\"ImportStack\": [\n"
	"\t\t\t\"example.com/own\",\n\t\t\t\"example.com/dir\"\n\t\t],\n\t\t\"Pos\": \"\",\n"
	"\t\t\"Err\": \"no Go files in /gopath/src/example.com/dir\"\n\t}\n}\n"
	"{\n\t\"ImportPath\": \"example.com/none/v5/x\",\n\t\"Error\": {\n\t\t\"ImportStack\": [\n"
	"\t\t\t\"example.com/own\"\n\t\t],\n\t\t\"Pos\": \"own.go:2:39\",\n"
	"\t\t\"Err\": \"cannot find package \\\"example.com/none/v5/x\\\" in any of:\\n"
	"\\t/go/src/example.com/none/v5/x (from $GOROOT)\\n"
	"\\t/gopath/src/example.com/none/v5/x (from $GOPATH)\"\n\t}\n}\n"
	"{\n\t\"ImportPath\": \"example.com/own/syn\",\n\t\"Error\": {\n\t\t\"ImportStack\": [\n"
	"\t\t\t\"example.com/own\",\n\t\t\t\"example.com/own/syn\"\n\t\t],\n"
	"\t\t\"Pos\": \"syn/s.go:1:1\",\n\t\t\"Err\": \"expected 'package', found pakage\"\n\t}\n}\n"
	"{\n\t\"ImportPath\": \"example.com/own\"\n}\n";

static void test_list(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_go_list l = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_go_list_parse(&l, go_list, strlen(go_list), &e), 0);
	assert_int_equal(l.npackages, 5);
	assert_int_equal(l.nerrors, 3);
	assert_string_equal(l.errors[1].import, "example.com/none/v5/x");
	hull_go_list_describe(&l, &text);
	assert_string_equal(
		text.p, "\n  no Go files in /gopath/src/example.com/dir"
			"\n  own.go:2:39: cannot find package \"example.com/none/v5/x\""
			"\n  syn/s.go:1:1: example.com/own/syn: expected 'package', found pakage");
	hull_go_list_fini(&l);
	assert_int_equal(hull_go_list_parse(&l, " \n", 2, &e), 0);
	assert_int_equal(l.npackages, 0);
	hull_go_list_fini(&l);
}

static void test_bad_lists(void **state)
{
	static const struct {
		const char *text, *error;
	} table[] = {
		{"{", "go list: package 1, line 1: "},
		{"{\"ImportPath\": \"a\"}\n{\"ImportPath\": ", "go list: package 2, line 1: "},
		{"go: no such tool", "go list: package 1, line 1: "},
		{"{\"ImportPath\": \"a\"} warning", "go list: package 2, "},
		{"{}", "go list: no string \"ImportPath\""},
		{"[1]", "go list: no string \"ImportPath\""},
		{"{\"ImportPath\": 1}", "go list: no string \"ImportPath\""},
		{"{\"ImportPath\": \"a\", \"ImportPath\": \"b\"}", "duplicate"},
	};
	hull_autobuf struct hull_buf many = {0}, text = {0};
	struct hull_go_list l = {0};
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(hull_go_list_parse(&l, table[i].text, strlen(table[i].text), &e),
				 -1);
		assert_contains(e.msg, table[i].error);
		hull_go_list_fini(&l);
	}
	for (size_t n = 0; n < strlen(go_list); n++) { /* cut anywhere */
		int r = hull_go_list_parse(&l, go_list, n, &e);

		assert_true(r < 0 ? l.npackages < 5 : l.npackages <= 5);
		hull_go_list_fini(&l);
	}
	/* An error of another shape is one all the same. */
	for (int i = 0; i < 25; i++)
		hull_buf_addf(&many, "{\"ImportPath\": \"p%d\", \"Error\": {\"Pos\": 1}}", i);
	assert_int_equal(hull_go_list_parse(&l, many.p, many.n, &e), 0);
	assert_int_equal(l.nerrors, 25);
	hull_go_list_describe(&l, &text);
	assert_contains(text.p, "\n  p0: \n");
	assert_contains(text.p, "\n  p19: \n  and 5 more");
	hull_go_list_fini(&l);
}

/* Which libraries a package that cannot be loaded asks for. */
static void test_provide(void **state)
{
	static const struct {
		const char *package, *dirs[3];
	} debs[] = {
		{"golang-a-dev", {"example.com/a", "example.com/own/lib", NULL}},
		{"golang-b-dev", {"example.com/b", "example.com/clash", NULL}},
		{"golang-c-dev", {"example.com/c/v2", "example.com/c", NULL}},
		{"golang-d-dev", {"example.com/clash", "example.com/d", NULL}},
		{"golang-e-1-dev", {"example.com/e", NULL}},
		{"golang-e-2-dev", {"example.com/e", NULL}},
	};
	static const struct {
		const char *import, *expected; /* the library, "": none */
	} table[] = {
		{"example.com/a", "golang-a-dev"},
		{"example.com/a/v3", "golang-a-dev"},
		{"example.com/v3/a", "golang-a-dev"},
		{"example.com/vx/a", ""},
		{"example.com/c/v2", "golang-c-dev"},
		{"example.com/a/none", ""},
		{"example.com/own/lib", ""},
		{"example.com/own", ""},
		{"example.com/d", ""}, /* no candidate */
		{"example.com/clash", "golang-b-dev"},
		{"example.com/e", "golang-e-2-dev"}, /* 1.10 is newer than 1.3 */
		{"fmt", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		hull_autofree char *text =
			hull_asprintf("{\"ImportPath\": \"%s\", \"Error\": {}}", table[i].import);
		struct hull_go_list l = {0};
		struct hull_go_libs libs = {0};
		struct hull_err e;
		int used = 0, r;

		hull_go_libs_parse(&libs, packages);
		assert_int_equal(libs.n, 6);
		for (size_t k = 0; k < libs.n; k++) {
			assert_string_equal(libs.v[k].name, debs[k].package);
			libs.v[k].candidate = k != 3;
			for (size_t d = 0; debs[k].dirs[d]; d++)
				hull_strv_add(&libs.v[k].deb.dirs, debs[k].dirs[d]);
		}
		assert_int_equal(hull_go_list_parse(&l, text, strlen(text), &e), 0);
		r = hull_go_list_provide(&l, "example.com/own", &libs, &e);
		assert_int_equal(r, *table[i].expected != '\0');
		for (size_t k = 0; k < libs.n; k++) {
			used += libs.v[k].used;
			if (libs.v[k].used)
				assert_string_equal(libs.v[k].name, table[i].expected);
		}
		assert_int_equal(used, r);
		/* Asked again, nothing is new: then the list cannot be completed. */
		assert_int_equal(hull_go_list_provide(&l, "example.com/own", &libs, &e), 0);
		libs.v[3].candidate = true;
		if (!strcmp(table[i].import, "example.com/clash")) {
			assert_int_equal(hull_go_list_provide(&l, "example.com/own", &libs, &e),
					 -1);
			assert_string_equal(e.msg, "both golang-b-dev and golang-d-dev have "
						   "example.com/clash");
		}
		hull_go_list_fini(&l);
		hull_go_libs_fini(&libs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clauses),	      cmocka_unit_test(test_closure),
		cmocka_unit_test(test_build_depends), cmocka_unit_test(test_deb),
		cmocka_unit_test(test_block),	      cmocka_unit_test(test_list),
		cmocka_unit_test(test_bad_lists),     cmocka_unit_test(test_provide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
