// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/index.h"
#include "repo/location.h"
#include "repo/mirrorlist.h"
#include "solve/pool.h"
#include "store_fixture.h"

/* Metadata of repositories as others write them. */

static int set_up(void **state)
{
	(void)state;
	return open_store();
}

static int tear_down(void **state)
{
	(void)state;
	return close_store();
}

#define HEX4   "0123456789abcdef0123456789abcdef01234567"
#define SHA1   HEX4
#define SHA256 HEX4 "0123456789abcdef01234567"
#define SHA384 HEX4 HEX4 "0123456789abcdef"
#define SHA512 HEX4 HEX4 HEX4 "01234567"

#define DATA(type, inside) "<data type=\"" type "\">" inside "</data>"
#define SUM(type, hex)	   "<checksum type=\"" type "\">" hex "</checksum>"
#define AT		   "<location href=\"repodata/p.xml.gz\"/>"
#define REPOMD(inside)                                                                             \
	"<?xml version=\"1.0\"?><repomd xmlns=\"http://linux.duke.edu/metadata/repo\">" inside     \
	"</repomd>"

/* --- repomd.xml --- */

static void test_repomd(void **state)
{
	static const struct {
		const char *text, *error; /* NULL: taken */
		enum hull_digest kind;
		const char *hex;
	} cases[] = {
		{REPOMD(DATA("primary", SUM("sha256", SHA256) AT)), NULL, HULL_SHA256, SHA256},
		{REPOMD(DATA("primary", SUM("sha384", SHA384) AT)), NULL, HULL_SHA384, SHA384},
		{REPOMD(DATA("primary", SUM("sha512", SHA512) AT)), NULL, HULL_SHA512, SHA512},
		{REPOMD(DATA("primary", SUM("sha1", SHA1) AT)), NULL, HULL_SHA1, SHA1},
		{REPOMD(DATA("primary", SUM("sha", SHA1) AT)), NULL, HULL_SHA1, SHA1},
		{REPOMD(DATA("primary", SUM("sha", "0123456789ABCDEF0123456789abcdef01234567") AT)),
		 NULL, HULL_SHA1, SHA1},
		/* white space, as some write it; the open checksum is another one */
		{REPOMD(DATA("primary",
			     "<checksum type=\"sha256\">\n  " SHA256 "\n</checksum>"
			     "<open-checksum type=\"sha1\">" SHA1 "</open-checksum>" AT)),
		 NULL, HULL_SHA256, SHA256},
		{REPOMD(DATA("primary", SUM("md5", "0123456789abcdef0123456789abcdef") AT)),
		 "of type md5 does not count", 0, NULL},
		{REPOMD(DATA("primary", SUM("sha3-256", SHA256) AT)),
		 "of type sha3-256 does not count", 0, NULL},
		{REPOMD(DATA("primary", SUM("sha512", SHA256) AT)), "of type sha512 does not count",
		 0, NULL},
		{REPOMD(DATA("primary", SUM("sha256", SHA256 "0") AT)),
		 "of type sha256 does not count", 0, NULL},
		{REPOMD(DATA("primary", AT)), "primary has no checksum", 0, NULL},
		{REPOMD(DATA("primary", "<checksum>" SHA256 "</checksum>" AT)),
		 "primary has no checksum", 0, NULL},
		{REPOMD(DATA("primary", SUM("sha256", SHA256))), "primary has no location", 0,
		 NULL},
		{REPOMD(DATA("primary", SUM("sha256", SHA256) "<location href=\"../p.xml\"/>")),
		 "primary has no location inside", 0, NULL},
		{REPOMD(DATA("primary", SUM("sha256", SHA256) AT "<size>9999999999</size>")),
		 "primary is too large: more than 1 GiB", 0, NULL},
		{REPOMD(DATA("primary", SUM("sha256", SHA256) AT "<open-size>many</open-size>")),
		 "primary is too large: more than 4 GiB when it is unpacked", 0, NULL},
		{REPOMD(DATA("primary_zck", SUM("sha256", SHA256) AT)),
		 "packed with zchunk (primary_zck) only", 0, NULL},
		{REPOMD(DATA("primary_db", SUM("sha256", SHA256) AT)),
		 "an SQLite database (primary_db) only", 0, NULL},
		{REPOMD(DATA("group", SUM("sha256", SHA256) AT)), "names no primary document", 0,
		 NULL},
		{"<html><body>not found</body></html>", "its root is no element repomd", 0, NULL},
		{"<!DOCTYPE r [<!ENTITY a \"b\">]>" REPOMD(""), "it has a document type", 0, NULL},
		{"<repomd><data></repomd>", "repomd.xml:1:17: mismatched tag", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_repomd r;
		struct hull_err e = {0};
		int rc;

		hull_buf_adds(&text, cases[i].text);
		rc = hull_repomd_parse(&text, &r, &e);
		print_message("  %.70s\n", cases[i].text);
		if (cases[i].error) {
			assert_int_equal(rc, -1);
			contains(e.msg, cases[i].error);
			continue;
		}
		ok(rc, &e);
		assert_int_equal(r.files[0].checksum.kind, cases[i].kind);
		assert_string_equal(r.files[0].checksum.hex, cases[i].hex);
		assert_string_equal(r.files[0].location, "repodata/p.xml.gz");
		hull_repomd_fini(&r);
	}
}

static void test_repomd_members(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_repomd r;
	struct hull_err e;

	(void)state;
	hull_buf_adds(&text,
		      REPOMD("<revision>42</revision><tags><repo>x</repo></tags>" DATA(
			      "modules", SUM("sha256", SHA256) AT "<timestamp>7.25</timestamp>")
				     DATA("primary",
					  SUM("sha256", SHA256) "<location xml:base=\"http://h/x\" "
								"href=\"p.xml\"/><size> 10 </size>"
								"<open-size>20</open-size>"
								"<timestamp>5</timestamp>")
					     DATA("prestodelta", "") DATA("modules", "")));
	ok(hull_repomd_parse(&text, &r, &e), &e);
	assert_int_equal(r.revision, 42);
	assert_int_equal(r.timestamp, 7);
	assert_string_equal(r.files[0].base, "http://h/x");
	assert_int_equal(r.files[0].bytes, 10);
	assert_int_equal(r.files[0].max_bytes, 10);
	assert_int_equal(r.files[0].open_bytes, 20);
	assert_null(r.files[1].location);
	assert_int_equal(r.others.n, 2);
	assert_string_equal(r.others.v[0], "modules");
	assert_string_equal(r.others.v[1], "prestodelta");
	hull_repomd_fini(&r);
}

/* --- lists of mirrors --- */

#define URL(attributes, url) "<url " attributes ">" url "/repodata/repomd.xml</url>"
#define METALINK(inside)                                                                               \
	"<metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\" "                              \
	"xmlns:mm0=\"http://fedorahosted.org/mirrormanager\"><files><file name=\"repomd.xml\">" inside \
	"</file></files></metalink>"
#define HASHES                                                                                     \
	"<verification><hash type=\"md5\">0123456789abcdef0123456789abcdef</hash>"                 \
	"<hash type=\"sha1\">" SHA1 "</hash><hash type=\"sha256\">" SHA256                         \
	"</hash><hash type=\"sha512\">" SHA512 "</hash></verification>"

static void test_mirrors(void **state)
{
	static const struct {
		bool metalink;
		const char *text, *urls, *error;
		enum hull_digest kind;
	} cases[] = {
		{false,
		 "# repo = x\nhttps://a/r/\r\n\n  http://b/r \nftp://c/r\nrsync://d/r\nhttps://a/r/",
		 "https://a/r/ http://b/r ", NULL, 0},
		{false, "", NULL, "no http: or https: address", 0},
		{false, "Bad release or architecture\n", NULL, "no http: or https: address", 0},
		{false, "<html><a href=\"https://a/\">x</a></html>", NULL, "no http: or https:", 0},
		{false, METALINK(""), NULL, "it is a metalink: name it 'metalink:URL'", 0},
		{true,
		 METALINK(
			 "<mm0:timestamp>5</mm0:timestamp><size>77</size>" HASHES
			 "<mm0:alternates><mm0:alternate><mm0:timestamp>4</mm0:timestamp><size>9</size>"
			 "<verification><hash type=\"sha256\">" HEX4
			 "aaaaaaaaaaaaaaaaaaaaaaaa</hash>"
			 "</verification></mm0:alternate></mm0:alternates><resources maxconnections=\"1\">" URL(
				 "protocol=\"http\" preference=\"97\"",
				 "http://low/r") URL("protocol=\"rsync\" preference=\"100\"",
						     "rsync://x/r")
				 URL("protocol=\"https\" preference=\"99\"", "https://best/r") URL(
					 "protocol=\"https\" preference=\"97\"",
					 "https://low2/r") "<url preference=\"100\">https://other/file</url></resources>"),
		 "https://best/r/ http://low/r/ https://low2/r/ ", NULL, HULL_SHA256},
		/* RFC 5854 */
		{true,
		 "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\"><file name=\"repomd.xml\">"
		 "<size>77</size><hash type=\"sha-512\">" SHA512
		 "</hash>" URL("priority=\"2\"", "https://b/r")
			 URL("priority=\"1\"", "https://a/r") "</file></metalink>",
		 "https://a/r/ https://b/r/ ", NULL, HULL_SHA512},
		{true, METALINK(URL("", "https://a/r")), NULL, "no SHA-256, SHA-384 or SHA-512", 0},
		{true,
		 METALINK("<verification><hash type=\"sha1\">" SHA1
			  "</hash></verification>" URL("", "https://a/r")),
		 NULL, "no SHA-256, SHA-384 or SHA-512", 0},
		{true, METALINK(HASHES URL("", "ftp://a/r")), NULL, "no http: or https: address",
		 0},
		{true,
		 "<metalink><files><file name=\"x.iso\">" HASHES URL(
			 "", "https://a/r") "</file></files></metalink>",
		 NULL, "no http: or https: address of a repodata/repomd.xml", 0},
		{true, "https://a/r/\n", NULL, "metalink:1:7: not well-formed", 0},
		{true, "<html/>", NULL, "it is no metalink", 0},
		{true, "", NULL, "it is empty", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf text = {0}, urls = {0};
		struct hull_mirrorlist l;
		struct hull_err e = {0};
		int rc;

		hull_buf_adds(&text, cases[i].text);
		rc = cases[i].metalink ? hull_metalink_parse(&text, &l, &e)
				       : hull_mirrorlist_parse(&text, &l, &e);
		print_message("  %.70s\n", cases[i].text);
		if (cases[i].error) {
			assert_int_equal(rc, -1);
			contains(e.msg, cases[i].error);
			continue;
		}
		ok(rc, &e);
		for (size_t k = 0; k < l.urls.n; k++)
			hull_buf_addf(&urls, "%s ", l.urls.v[k]);
		assert_string_equal(urls.p, cases[i].urls);
		assert_int_equal(l.has_checksum, cases[i].metalink);
		assert_int_equal(l.bytes, cases[i].metalink ? 77 : 0);
		if (cases[i].metalink)
			assert_int_equal(l.checksum.kind, cases[i].kind);
		if (l.has_checksum && l.checksum.kind == HULL_SHA256)
			assert_string_equal(l.checksum.hex, SHA256);
		hull_mirrorlist_fini(&l);
	}
}

/* --- places --- */

static void test_places(void **state)
{
	static const struct {
		const char *url, *base, *places; /* "": an error that names xml:base */
	} cases[] = {
		{"out/repo", NULL, "out/repo/a/b+c.rpm"},
		{"file:///srv/r%20r", NULL, "/srv/r r/a/b+c.rpm"},
		{"https://h/r", NULL, "https://h/r/a/b%2Bc.rpm"},
		{"https://h/r", "http://o/x", "http://o/x/a/b%2Bc.rpm"},
		{"https://h/r", "https://o/x/", "https://o/x/a/b%2Bc.rpm"},
		{"https://h/r", "pool", "https://h/r/pool/a/b%2Bc.rpm"},
		{"https://h/r/s/", "../pool/./x/", "https://h/r/pool/x/a/b%2Bc.rpm"},
		{"https://h/r", "..", "https://h/a/b%2Bc.rpm"},
		{"https://h/r", "../..", ""},
		{"https://h/r", "../../other", ""},
		{"https://h/r", "file:///etc", ""},
		{"https://h/r", "/etc", ""},
		{"https://h/r", "ftp://o/x", ""},
		{"https://h/r", "media:1", ""},
		{"/srv/r", "https://o/x", "https://o/x/a/b%2Bc.rpm"},
		{"/srv/r", "file:///srv/pool%2B", "/srv/pool+/a/b+c.rpm"},
		{"/srv/r", "/srv/pool", "/srv/pool/a/b+c.rpm"},
		{"/srv/r", "../pool", "/srv/r/../pool/a/b+c.rpm"},
		{"/srv/r", "ftp://o/x", ""},
		{"/srv/r", "file://other/x", ""},
		{"metalink:https://l/x", NULL, "https://m1/r/a/b%2Bc.rpm http://m2/r/a/b%2Bc.rpm"},
		{"mirrorlist:/x", "../p", "https://m1/p/a/b%2Bc.rpm http://m2/p/a/b%2Bc.rpm"},
		{"mirrorlist:/x", "http://o/", "http://o/a/b%2Bc.rpm"},
		{"mirrorlist:/x", "/x", ""},
	};
	struct hull_strv mirrors = {0};

	(void)state;
	hull_strv_add(&mirrors, "https://m1/r/");
	hull_strv_add(&mirrors, "http://m2/r");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_repository at = {.name = "x", .url = cases[i].url};
		hull_autostrv struct hull_strv places = {0};
		hull_autobuf struct hull_buf text = {0};
		struct hull_err e = {0};
		int rc;

		if (hull_repo_list(at.url))
			at.mirrors = &mirrors;
		print_message("  %s %s\n", at.url, cases[i].base ? cases[i].base : "");
		rc = hull_repo_places(&at, cases[i].base, "a/b+c.rpm", &places, &e);
		if (!*cases[i].places) {
			assert_int_equal(rc, -1);
			contains(e.msg, "xml:base ");
			contains(e.msg, cases[i].base);
			continue;
		}
		ok(rc, &e);
		for (size_t k = 0; k < places.n; k++)
			hull_buf_addf(&text, "%s%s", k ? " " : "", places.v[k]);
		assert_string_equal(text.p, cases[i].places);
	}
	hull_strv_fini(&mirrors);
	assert_true(hull_repo_is_open("http://h/"));
	assert_true(hull_repo_is_open("metalink:http://h/"));
	assert_false(hull_repo_is_open("metalink:https://h/"));
	assert_false(hull_repo_is_open("mirrorlist:/srv/list"));
	assert_true(hull_repo_is_remote("mirrorlist:/srv/list"));
	assert_false(hull_repo_is_remote("/srv/mirrorlist:x"));
}

/* --- single packages --- */

#define PACKAGE(name, sum, location)                                                               \
	"<package type=\"rpm\"><name>" name                                                        \
	"</name><arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/>" sum                 \
	"<size package=\"1\" installed=\"1\" archive=\"1\"/>" location                             \
	"<format><rpm:license>MIT</rpm:license></format></package>\n"
#define PSUM(type, hex) "<checksum type=\"" type "\" pkgid=\"YES\">" hex "</checksum>"
#define HREF		"<location href=\"x.rpm\"/>"
#define PRIMARY(inside)                                                                            \
	"<metadata xmlns=\"http://linux.duke.edu/metadata/common\" "                               \
	"xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"2\">\n" inside                \
	"</metadata>\n"

static int index_of(const char *primary, struct hull_err *e)
{
	static char name[] = "primary.xml";
	struct hull_repo_file files[HULL_REPO_FILES] = {{.location = name}};
	int r;

	files[0].path = hull_asprintf("%s/primary.xml", dir);
	sh("rm -f store/indexes/*");
	ok(hull_file_write(AT_FDCWD, files[0].path, primary, strlen(primary), 0644, e), e);
	r = hull_index_make(&store, files, SHA256, e);
	free(files[0].path);
	return r;
}

static void test_packages(void **state)
{
	static const struct {
		const char *bad, *left_out; /* "PACKAGE: reason"; NULL: it counts */
	} cases[] = {
		{PACKAGE("bad", PSUM("sha256", SHA256), HREF), NULL},
		{PACKAGE("bad", PSUM("sha512", SHA512), HREF), NULL},
		{PACKAGE("bad", PSUM("sha384", SHA384), HREF), NULL},
		{PACKAGE("bad", PSUM("sha", SHA1), HREF), NULL},
		{PACKAGE("bad", PSUM("sha256", SHA256),
			 "<location xml:base=\"ftp://h/\" href=\"x\"/>"),
		 NULL},
		{PACKAGE("bad", PSUM("md5", "0123456789abcdef0123456789abcdef"), HREF),
		 "bad-1-1.noarch: has only an MD5 checksum, which anybody can forge"},
		{PACKAGE("bad", PSUM("sha3-256", SHA256), HREF),
		 "bad-1-1.noarch: has no checksum of SHA-256, SHA-384, SHA-512 or SHA-1 with all its "
		 "digits"},
		{PACKAGE("bad", PSUM("sha256", "abc"), HREF),
		 "bad-1-1.noarch: has no checksum of "},
		{PACKAGE("bad", "", HREF), "bad-1-1.noarch: has no checksum of "},
		{PACKAGE("bad", PSUM("sha256", SHA256), ""),
		 "bad-1-1.noarch: has no location inside the repository"},
		{PACKAGE("bad", PSUM("sha256", SHA256), "<location href=\"../x\"/>"),
		 "bad-1-1.noarch: has no location inside the repository"},
		{PACKAGE("bad", PSUM("sha256", SHA256), "<location href=\"https://h/x\"/>"),
		 "bad-1-1.noarch: has no location inside the repository"},
		{PACKAGE("", PSUM("sha256", SHA256), HREF),
		 ": has no name, version or architecture"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *text = hull_asprintf(
			"%s%s%s%s",
			"<metadata xmlns=\"http://linux.duke.edu/metadata/common\" "
			"xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"2\">\n",
			cases[i].bad, PACKAGE("good", PSUM("sha256", SHA256), HREF),
			"</metadata>\n");
		struct hull_store_path at = hull_store_path(HULL_STORE_INDEX, SHA256);
		struct hull_pool *pool = hull_pool_new("x86_64");
		struct hull_arena arena = {0};
		hull_autofree char *said = NULL;
		struct hull_pool_note *notes;
		hull_autofd int fd = -1;
		struct hull_err e = {0};
		size_t n;

		print_message("  %.200s\n", cases[i].bad);
		ok(index_of(text, &e), &e);
		fd = hull_open(store.fd, at.path, &e);
		ok(hull_pool_load(pool, fd, at.path, 3, false, &e), &e);
		n = hull_pool_notes(pool, 3, HULL_INDEX_LEFT_OUT, &arena, &notes);
		assert_int_equal(n, cases[i].left_out != NULL);
		assert_true(hull_pool_find(pool, "good", "1-1", "noarch") > 0);
		assert_int_equal(hull_pool_find(pool, "bad", "1-1", "noarch") > 0, !n);
		if (n) {
			said = hull_asprintf("%s: %s", notes[0].object, notes[0].text);
			contains(said, cases[i].left_out);
		}
		hull_arena_fini(&arena);
		hull_pool_free(pool);
	}
}

static void test_documents(void **state)
{
	struct hull_err e;

	(void)state;
	/* none at all is no error, nothing but bad ones is */
	ok(index_of(PRIMARY(""), &e), &e);
	assert_int_equal(index_of(PRIMARY(PACKAGE("bad", "", HREF)), &e), -1);
	contains(e.msg, "none of its packages counts: package bad-1-1.noarch has no checksum");
	/* what is no XML is no matter of one package */
	assert_int_equal(
		index_of(PRIMARY(PACKAGE("bad", PSUM("sha3", "x"), HREF) "</package>"), &e), -1);
	contains(e.msg, "primary.xml: ");
	assert_int_equal(index_of("<metadata>", &e), -1);
	contains(e.msg, "primary.xml: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repomd),	 cmocka_unit_test(test_repomd_members),
		cmocka_unit_test(test_mirrors),	 cmocka_unit_test(test_places),
		cmocka_unit_test(test_packages), cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
