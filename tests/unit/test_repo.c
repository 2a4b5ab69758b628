// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_repomdxml.h>
#include <solv/repo_rpmmd.h>
#include <solv/solv_xfopen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "repo/repo.h"
#include "repo/xml.h"
#include "rpm/rpmfile.h"
#include "store_fixture.h"

static char *repo_path;

static int set_up(void **state)
{
	(void)state;
	if (open_store() < 0)
		return -1;
	repo_path = hull_asprintf("%s/repo", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(repo_path);
	return close_store();
}

static void expect(const char *command, const char *output)
{
	hull_autofree char *got = shell(command);

	assert_string_equal(got, output);
}

/* --- escaping --- */

static void test_escape(void **state)
{
	static const struct {
		const char *in, *text, *attr;
	} cases[] = {
		{"plain", "plain", "plain"},
		{"", "", ""},
		{NULL, "", ""},
		{"a<b>&\"'", "a&lt;b&gt;&amp;\"'", "a&lt;b&gt;&amp;&quot;'"},
		{"]]>", "]]&gt;", "]]&gt;"},
		{"a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7"},
		{"gr\xfc\xdf", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"}, /* Latin-1 */
		{"\xc3", "\xc3\x83", "\xc3\x83"},			    /* cut off */
		{"\xe2\x82", "\xc3\xa2\xc2\x82", "\xc3\xa2\xc2\x82"},
		{"\xc0\xaf", "\xc3\x80\xc2\xaf", "\xc3\x80\xc2\xaf"}, /* overlong */
		{"\xe0\x80\xaf", "\xc3\xa0\xc2\x80\xc2\xaf", "\xc3\xa0\xc2\x80\xc2\xaf"},
		{"\xed\xa0\x80", "\xc3\xad\xc2\xa0\xc2\x80", "\xc3\xad\xc2\xa0\xc2\x80"},
		{"\xf4\x90\x80\x80", "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80",
		 "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80"},
		{"\xff", "\xc3\xbf", "\xc3\xbf"},
		{"bell\x07", "bell\xef\xbf\xbd", "bell\xef\xbf\xbd"},
		{"\x1b[0m", "\xef\xbf\xbd[0m", "\xef\xbf\xbd[0m"},
		{"\xef\xbf\xbf", "\xef\xbf\xbd", "\xef\xbf\xbd"}, /* U+FFFF */
		{"\xef\xbb\xbf", "\xef\xbb\xbf", "\xef\xbb\xbf"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf text = {0}, attr = {0};

		hull_xml_text(&text, cases[i].in);
		hull_xml_attr(&attr, cases[i].in);
		assert_string_equal(text.p ? text.p : "", cases[i].text);
		assert_string_equal(attr.p ? attr.p : "", cases[i].attr);
	}
}

/* Every string of two bytes comes out as XML that libsolv's parser takes. */
static void test_escape_all(void **state)
{
	hull_autobuf struct hull_buf xml = {0};
	Pool *pool = pool_create();
	Repo *repo = repo_create(pool, "x");
	FILE *f;

	(void)state;
	hull_buf_adds(&xml, "<metadata xmlns=\"http://linux.duke.edu/metadata/common\">"
			    "<package type=\"rpm\"><name>a</name><summary>");
	for (unsigned int c = 1; c < 0x10000; c++) {
		char s[3] = {(char)(c >> 8), (char)c, '\0'};

		hull_xml_text(&xml, s[0] ? s : s + 1);
	}
	hull_buf_adds(&xml, "</summary></package></metadata>");
	f = fmemopen(xml.p, xml.n, "r");
	assert_int_equal(repo_add_rpmmd(repo, f, NULL, 0), 0);
	fclose(f);
	pool_free(pool);
}

/* --- what a reader gets --- */

/* The file of a document, from repomd.xml. */
static char *find_document(const char *root, const char *type)
{
	hull_autofree char *path = hull_asprintf("%s/repodata/repomd.xml", root);
	hull_autofree char *mark = hull_asprintf("<data type=\"%s\">", type);
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;
	char *at, *end;

	ok(hull_file_read(AT_FDCWD, path, &text, &e), &e);
	at = strstr(text.p, mark);
	assert_non_null(at);
	at = strstr(at, "<location href=\"");
	assert_non_null(at);
	at += strlen("<location href=\"");
	end = strchr(at, '"');
	*end = '\0';
	return hull_asprintf("%s/%s", root, at);
}

static void add_document(Repo *repo, const char *root, const char *type, int flags)
{
	hull_autofree char *path = find_document(root, type);
	FILE *f = solv_xfopen(path, "r");

	assert_non_null(f);
	if (repo_add_rpmmd(repo, f, NULL, flags) != 0)
		fail_msg("%s: %s", path, pool_errstr(repo->pool));
	fclose(f);
}

static void dump_deps(Solvable *s, Id key, const char *word, struct hull_buf *out)
{
	hull_autostrv struct hull_strv lines = {0};
	Queue q;

	queue_init(&q);
	solvable_lookup_deparray(s, key, &q, 0);
	for (int i = 0; i < q.count; i++)
		if (q.elements[i] != SOLVABLE_FILEMARKER && q.elements[i] != SOLVABLE_PREREQMARKER)
			hull_strv_addf(&lines, "  %s %s\n", word,
				       pool_dep2str(s->repo->pool, q.elements[i]));
	hull_strv_sort(&lines);
	for (size_t i = 0; i < lines.n; i++)
		hull_buf_adds(out, lines.v[i]);
	queue_free(&q);
}

static void dump_solvable(Solvable *s, struct hull_buf *out)
{
	static const struct {
		Id key;
		const char *word;
	} texts[] =
		{
			{SOLVABLE_SUMMARY, "summary"}, {SOLVABLE_DESCRIPTION, "description"},
			{SOLVABLE_LICENSE, "license"}, {SOLVABLE_URL, "url"},
			{SOLVABLE_VENDOR, "vendor"},   {SOLVABLE_GROUP, "group"},
		},
	  numbers[] = {
		  {SOLVABLE_BUILDTIME, "build"},
		  {SOLVABLE_DOWNLOADSIZE, "size"},
		  {SOLVABLE_INSTALLSIZE, "installed"},
		  {SOLVABLE_HEADEREND, "header"},
	  };
	hull_autostrv struct hull_strv files = {0};
	unsigned int medianr;
	Dataiterator di;
	Id type;

	hull_buf_addf(out, "%s %s\n", pool_solvable2str(s->repo->pool, s),
		      solvable_lookup_location(s, &medianr));
	hull_buf_addf(out, "  sha256 %s\n", solvable_lookup_checksum(s, SOLVABLE_CHECKSUM, &type));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *text = solvable_lookup_str(s, texts[i].key);

		hull_buf_addf(out, "  %s %s\n", texts[i].word, text ? text : "-");
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		hull_buf_addf(out, "  %s %llu\n", numbers[i].word,
			      solvable_lookup_num(s, numbers[i].key, 0));
	dump_deps(s, SOLVABLE_PROVIDES, "prov", out);
	dump_deps(s, SOLVABLE_REQUIRES, "req", out);
	dump_deps(s, SOLVABLE_CONFLICTS, "con", out);
	dump_deps(s, SOLVABLE_OBSOLETES, "obs", out);
	dump_deps(s, SOLVABLE_RECOMMENDS, "rec", out);
	dump_deps(s, SOLVABLE_SUGGESTS, "sug", out);
	dump_deps(s, SOLVABLE_SUPPLEMENTS, "sup", out);
	dump_deps(s, SOLVABLE_ENHANCES, "enh", out);
	dataiterator_init(&di, s->repo->pool, s->repo, (Id)(s - s->repo->pool->solvables),
			  SOLVABLE_FILELIST, NULL, SEARCH_FILES | SEARCH_COMPLETE_FILELIST);
	while (dataiterator_step(&di))
		hull_strv_addf(&files, "  file %s\n", di.kv.str);
	dataiterator_free(&di);
	hull_strv_sort(&files);
	for (size_t i = 0; i < files.n; i++)
		hull_buf_adds(out, files.v[i]);
}

/* All that libsolv reads of a repository, as text. */
static char *read_back(const char *root)
{
	hull_autofree char *repomd = hull_asprintf("%s/repodata/repomd.xml", root);
	Pool *pool = pool_create();
	Repo *repo;
	hull_autostrv struct hull_strv blocks = {0};
	struct hull_buf out = {0};
	FILE *f = fopen(repomd, "r");
	Solvable *s;
	Id p;

	pool_setdisttype(pool, DISTTYPE_RPM);
	repo = repo_create(pool, "x");
	assert_non_null(f);
	assert_int_equal(repo_add_repomdxml(repo, f, 0), 0);
	fclose(f);
	add_document(repo, root, "primary", 0);
	add_document(repo, root, "filelists", REPO_EXTEND_SOLVABLES | REPO_LOCALPOOL);
	add_document(repo, root, "other", REPO_EXTEND_SOLVABLES | REPO_LOCALPOOL);
	FOR_REPO_SOLVABLES (repo, p, s) {
		hull_autobuf struct hull_buf block = {0};

		dump_solvable(s, &block);
		hull_strv_add(&blocks, block.p);
	}
	hull_strv_sort(&blocks);
	for (size_t i = 0; i < blocks.n; i++)
		hull_buf_adds(&out, blocks.v[i]);
	pool_free(pool);
	return hull_buf_steal(&out);
}

/* --- made-up packages --- */

struct made {
	struct hull_package p;
	char sha256[HULL_HEX];
};

/* A package whose "RPM" is the text `content`, in the store. */
static void make(struct made *m, const char *name, const char *arch, const char *content)
{
	hull_autofree char *path = NULL;
	struct hull_err e;

	hull_hash_bytes(content, strlen(content), m->sha256);
	path = hull_asprintf("rpms/%s.rpm", m->sha256);
	ok(hull_mkdirs(store.fd, "rpms", 0755, &e), &e);
	ok(hull_file_write(store.fd, path, content, strlen(content), 0644, &e), &e);
	m->p = (struct hull_package){
		.name = name,
		.version = "1.0",
		.release = "1",
		.arch = arch,
		.summary = "A package",
		.description = "Words.",
		.license = "MIT",
		.source_rpm = "x.src.rpm",
		.sha256 = m->sha256,
		.content = "",
		.file_bytes = strlen(content),
		.installed_bytes = 10,
		.archive_bytes = 9,
		.header_start = 100,
		.header_end = 200,
		.build_time = 1700000000,
	};
}

static void write_repo(const struct hull_package *const *v, size_t n, struct hull_repo_stats *stats)
{
	struct hull_err e;

	ok(hull_repo_write(&store, repo_path, v, n, 1700000000, stats, &e), &e);
	assert_int_equal(stats->packages, n);
}

static void expect_stats(const struct hull_repo_stats *s, size_t added, size_t reused,
			 size_t removed)
{
	assert_int_equal(s->added, added);
	assert_int_equal(s->reused, reused);
	assert_int_equal(s->removed, removed);
}

static void test_update(void **state)
{
	struct made a, b, c, b2;
	struct hull_repo_stats stats;
	hull_autofree char *first = NULL, *second = NULL;

	(void)state;
	make(&a, "aaa", "x86_64", "content of a");
	make(&b, "bbb", "x86_64", "content of b");
	make(&c, "ccc", "noarch", "content of c");
	make(&b2, "bbb", "x86_64", "other content of b");

	write_repo((const struct hull_package *[]){&a.p, &b.p}, 2, &stats);
	expect_stats(&stats, 2, 0, 0);
	expect("cd repo; ls -d x86_64/*",
	       "x86_64/aaa-1.0-1.x86_64.rpm\nx86_64/bbb-1.0-1.x86_64.rpm\n");
	expect("stat -c %h repo/x86_64/aaa*", "2\n");
	expect("ls repo/repodata | sed 's/^[0-9a-f]\\{64\\}/H/' | sort",
	       "H-filelists.xml.zst\nH-other.xml.zst\nH-primary.xml.zst\nrepomd.xml\n");
	first = shell("cd repo/repodata; sha256sum *");

	/* nothing new: nothing written; the order does not matter */
	free(shell("touch -d @1 repo/repodata/*"));
	write_repo((const struct hull_package *[]){&b.p, &a.p, &b.p}, 2, &stats);
	expect_stats(&stats, 0, 2, 0);
	expect("stat -c %Y repo/repodata/* | sort -u", "1\n");

	write_repo((const struct hull_package *[]){&c.p, &b2.p}, 2, &stats);
	expect_stats(&stats, 2, 0, 1);
	expect("cd repo; ls -d */* | grep -v xml",
	       "noarch/ccc-1.0-1.noarch.rpm\nx86_64/bbb-1.0-1.x86_64.rpm\n");
	expect("cat repo/x86_64/bbb*", "other content of b");
	expect("ls repo/repodata | wc -l", "4\n");
	expect("cat store/rpms/* | wc -c", "54\n"); /* the store's own files are untouched */

	/* back again: the same bytes; the directory that is no longer needed is gone */
	write_repo((const struct hull_package *[]){&a.p, &b.p}, 2, &stats);
	expect_stats(&stats, 2, 0, 1);
	second = shell("cd repo/repodata; sha256sum *");
	assert_string_equal(first, second);
	expect("ls repo", "repodata\nx86_64\n");

	write_repo(NULL, 0, &stats);
	expect_stats(&stats, 0, 0, 2);
	expect("ls repo", "repodata\n");
	free(first);
	first = read_back(repo_path);
	assert_string_equal(first, "");
}

/* What an interrupted run leaves is swept away; strange files stay. */
static void test_leftovers(void **state)
{
	struct made a;
	struct hull_repo_stats stats;

	(void)state;
	make(&a, "aaa", "x86_64", "content of a");
	write_repo((const struct hull_package *[]){&a.p}, 1, &stats);
	free(shell("cd repo; echo x > x86_64/.new.rpm; echo x > x86_64/old-1-1.x86_64.rpm;"
		   "echo x > repodata/$(printf %064d 7)-primary.xml.zst;"
		   "echo x > repodata/$(printf %064d 8)-other.xml.zst.tmp.12;"
		   "echo x > repodata/repomd.xml.tmp.12; echo x > key.asc; echo x > x86_64/README;"
		   "rm x86_64/aaa*; echo 'half conte' > x86_64/aaa-1.0-1.x86_64.rpm"));
	write_repo((const struct hull_package *[]){&a.p}, 1, &stats);
	expect_stats(&stats, 1, 0, 1);
	expect("cd repo; find . -type f | sed 's/[0-9a-f]\\{64\\}/H/' | sort",
	       "./key.asc\n./repodata/H-filelists.xml.zst\n./repodata/H-other.xml.zst\n"
	       "./repodata/H-primary.xml.zst\n./repodata/repomd.xml\n./x86_64/README\n"
	       "./x86_64/aaa-1.0-1.x86_64.rpm\n");
	expect("cat repo/x86_64/aaa*", "content of a");
	free(shell("rm -r repo"));
}

static void test_refused(void **state)
{
	struct made a, b;
	struct hull_repo_stats stats;
	struct hull_err e;
	hull_autofree char *foreign = hull_asprintf("%s/foreign", dir);

	(void)state;
	make(&a, "aaa", "x86_64", "content of a");
	make(&b, "aaa", "x86_64", "content of b");
	assert_int_equal(hull_repo_write(&store, repo_path,
					 (const struct hull_package *[]){&a.p, &b.p}, 2, 0, &stats,
					 &e),
			 -1);
	assert_non_null(strstr(e.msg, "two packages are x86_64/aaa-1.0-1.x86_64.rpm"));

	b.p.version = "../../1";
	assert_int_equal(hull_repo_write(&store, repo_path, (const struct hull_package *[]){&b.p},
					 1, 0, &stats, &e),
			 -1);
	b.p.version = "1";
	b.p.sha256 = NULL;
	assert_int_equal(hull_repo_write(&store, repo_path, (const struct hull_package *[]){&b.p},
					 1, 0, &stats, &e),
			 -1);
	b.p.sha256 = "0123456789012345678901234567890123456789012345678901234567890123";
	assert_int_equal(hull_repo_write(&store, repo_path, (const struct hull_package *[]){&b.p},
					 1, 0, &stats, &e),
			 -1);
	assert_non_null(strstr(e.msg, b.p.sha256)); /* not in the store */

	free(shell("mkdir -p foreign/x86_64; echo x > foreign/x86_64/mine.rpm"));
	assert_int_equal(hull_repo_write(&store, foreign, (const struct hull_package *[]){&a.p}, 1,
					 0, &stats, &e),
			 -1);
	assert_non_null(strstr(e.msg, "x86_64/mine.rpm"));
	expect("find foreign | sort", "foreign\nforeign/x86_64\nforeign/x86_64/mine.rpm\n");
}

/* Names, texts and dependencies come back out of libsolv as they went in. */
static void test_content(void **state)
{
	struct hull_dep provides[] = {
		{.name = "aaa", .evr = "2:1.0-1", .flags = HULL_DEP_EQUAL},
		{.name = "aaa(x86-64)", .evr = "2:1.0-1", .flags = HULL_DEP_EQUAL},
		{.name = "we<i>rd & \"name\""},
	};
	struct hull_dep requirements[] = {
		{.name = "b", .evr = "1", .flags = HULL_DEP_GREATER | HULL_DEP_EQUAL},
		{.name = "c", .evr = "3:1-2", .flags = HULL_DEP_LESS},
		{.name = "(d >= 2 or e)"},
		{.name = "rpmlib(X)", .evr = "1", .flags = HULL_DEP_EQUAL},
	};
	struct hull_dep conflicts[] = {{.name = "f", .evr = "1~rc1-1", .flags = HULL_DEP_GREATER}};
	struct hull_dep obsoletes[] = {
		{.name = "g", .evr = "5", .flags = HULL_DEP_LESS | HULL_DEP_EQUAL}};
	struct hull_dep recommends[] = {{.name = "h"}}, suggests[] = {{.name = "i"}},
			supplements[] = {{.name = "j"}}, enhances[] = {{.name = "k"}};
	struct hull_file files[] = {
		{.path = "/etc/a", .mode = S_IFREG | 0644, .flags = HULL_FILE_CONFIG},
		{.path = "/usr/bin/a", .mode = S_IFREG | 0755},
		{.path = "/usr/share/a", .mode = S_IFDIR | 0755},
		{.path = "/usr/share/a/l\xe4nd", .mode = S_IFREG | 0644},
		{.path = "/var/log/a", .mode = S_IFREG | 0644, .flags = HULL_FILE_GHOST},
	};
	struct made a;
	struct hull_repo_stats stats;
	hull_autofree char *got = NULL, *expected = NULL, *raw = NULL;

	(void)state;
	make(&a, "aaa", "x86_64", "content of a");
	a.p.epoch = 2;
	a.p.description = "Two\nlines & a bell\x07.";
	a.p.url = "http://localhost/?a=1&b=2";
	a.p.vendor = "Hull";
	a.p.group = "None";
	a.p.files = files;
	a.p.nfiles = sizeof files / sizeof *files;
	a.p.deps[HULL_PROVIDES] = (struct hull_deps){provides, 3};
	a.p.deps[HULL_REQUIRES] = (struct hull_deps){requirements, 4};
	a.p.deps[HULL_CONFLICTS] = (struct hull_deps){conflicts, 1};
	a.p.deps[HULL_OBSOLETES] = (struct hull_deps){obsoletes, 1};
	a.p.deps[HULL_RECOMMENDS] = (struct hull_deps){recommends, 1};
	a.p.deps[HULL_SUGGESTS] = (struct hull_deps){suggests, 1};
	a.p.deps[HULL_SUPPLEMENTS] = (struct hull_deps){supplements, 1};
	a.p.deps[HULL_ENHANCES] = (struct hull_deps){enhances, 1};
	write_repo((const struct hull_package *[]){&a.p}, 1, &stats);
	got = read_back(repo_path);
	expected = hull_asprintf("aaa-2:1.0-1.x86_64 x86_64/aaa-1.0-1.x86_64.rpm\n"
				 "  sha256 %s\n  summary A package\n"
				 "  description Two\nlines & a bell\xef\xbf\xbd.\n  license MIT\n"
				 "  url http://localhost/?a=1&b=2\n  vendor Hull\n  group None\n"
				 "  build 1700000000\n  size 12\n  installed 10\n  header 200\n"
				 "  prov aaa = 2:1.0-1\n  prov aaa(x86-64) = 2:1.0-1\n"
				 "  prov we<i>rd & \"name\"\n"
				 "  req (d >= 2 or e)\n  req b >= 1\n  req c < 3:1-2\n"
				 "  con f > 1~rc1-1\n  obs g <= 5\n"
				 "  rec h\n  sug i\n  sup j\n  enh k\n"
				 "  file /etc/a\n  file /usr/bin/a\n  file /usr/share/a\n"
				 "  file /usr/share/a/l\xc3\xa4nd\n  file /var/log/a\n",
				 a.sha256);
	assert_string_equal(got, expected);
	raw = shell("zstd -dcq repo/repodata/*-filelists.xml.zst");
	assert_non_null(strstr(raw, "<file type=\"dir\">/usr/share/a</file>"));
	assert_non_null(strstr(raw, "<file type=\"ghost\">/var/log/a</file>"));
	free(shell("rm -r repo"));
}

/* --- real packages --- */

static const char spec[] =
	"Name: one\nEpoch: 3\nVersion: 1.2\nRelease: 4\nSummary: One <package>\nLicense: MIT\n"
	"URL: http://localhost/\nVendor: Hull\nGroup: Some\n"
	"Requires: two >= 1, (three or four)\nRequires: /bin/sh\nConflicts: five < 2\n"
	"Obsoletes: six <= 3\nRecommends: seven\nSupplements: (eight and nine)\n"
	"Provides: virtual = 7:2, plain\n"
	"%description\nFirst line.\n\nThird & last.\n"
	"%package -n two\nSummary: Two\nBuildArch: noarch\n%description -n two\nTwo.\n"
	"%install\nmkdir -p %{buildroot}/usr/bin %{buildroot}/etc/one.d "
	"%{buildroot}/usr/share/one\n"
	"echo 'echo hi' > %{buildroot}/usr/bin/one; echo a > %{buildroot}/etc/one.conf\n"
	"echo b > '%{buildroot}/usr/share/one/a b'; ln -s one %{buildroot}/usr/bin/uno\n"
	"echo c > %{buildroot}/usr/share/two\n"
	"%files\n/usr/bin/one\n/usr/bin/uno\n%config /etc/one.conf\n/etc/one.d\n/usr/share/one\n"
	"%ghost /var/log/one\n"
	"%files -n two\n/usr/share/two\n";

/* Packages that rpmbuild made: libsolv reads the same of hull's repository as of createrepo_c's. */
static void test_createrepo(void **state)
{
	hull_autofree char *listing = NULL, *ours = NULL, *theirs = NULL, *path = NULL;
	struct hull_arena arena = {0};
	struct hull_package packages[4];
	const struct hull_package *v[4];
	struct hull_repo_stats stats;
	struct hull_err e;
	char *rest, *line, *own;
	size_t n = 0;

	(void)state;
	path = hull_asprintf("%s/one.spec", dir);
	ok(hull_file_write(AT_FDCWD, path, spec, sizeof spec - 1, 0644, &e), &e);
	free(shell("rpmbuild --define '_topdir '$PWD/top --define '_buildhost build' "
		   "--define '_binary_payload w3.zstdio' --target x86_64 -bb one.spec >log 2>&1"));
	listing = shell("find top/RPMS -name '*.rpm' | sort");
	rest = listing;
	while ((line = strsep(&rest, "\n")) && *line) {
		hull_autofree char *rpm = hull_asprintf("%s/%s", dir, line);

		assert_true(n < 4);
		ok(hull_rpm_store(&store, AT_FDCWD, rpm, &arena, &packages[n], &e), &e);
		v[n] = &packages[n];
		n++;
	}
	assert_int_equal(n, 2);
	write_repo(v, n, &stats);
	ours = read_back(repo_path);
	/* createrepo_c leaves out what a package requires of itself */
	own = strstr(ours, "  req config(one) = 3:1.2-4\n");
	assert_non_null(own);
	memmove(own, strchr(own, '\n') + 1, strlen(strchr(own, '\n')));
	free(shell("cp -r repo repo2; rm -r repo2/repodata;"
		   "createrepo_c -q --general-compress-type=gz --no-database repo2"));
	free(path);
	path = hull_asprintf("%s/repo2", dir);
	theirs = read_back(path);
	if (strcmp(ours, theirs))
		print_error("ours:\n%s\ntheirs:\n%s\n", ours, theirs);
	assert_string_equal(ours, theirs);
	assert_non_null(strstr(ours, "one-3:1.2-4.x86_64 x86_64/one-1.2-4.x86_64.rpm\n"));
	assert_non_null(strstr(ours, "two-3:1.2-4.noarch noarch/two-1.2-4.noarch.rpm\n"));
	hull_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),	   cmocka_unit_test(test_escape_all),
		cmocka_unit_test(test_update),	   cmocka_unit_test(test_leftovers),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_content),
		cmocka_unit_test(test_createrepo),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
