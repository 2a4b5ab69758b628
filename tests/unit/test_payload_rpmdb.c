// SPDX-License-Identifier: MIT
#include "image_fixture.h"

#include "payload/rpmdb.h"
#include "rpm/database.h"

enum { TIME = 1700000000 };

#define DATABASE "/usr/lib/sysimage/rpm/rpmdb.sqlite"
#define MANIFEST "/var/lib/rpmmanifest/container-manifest-2"

/* The tree of the built packages with its database. */
static void make(const struct rpm_box *b, struct locked *l, struct hull_payload_options o,
		 bool with_database, struct hull_packages *p, struct hull_tree *t)
{
	struct hull_err e;

	o.time = TIME;
	hull_tree_init(t);
	if (hull_packages_open(&b->store, &l->lock, p, &e) < 0 ||
	    hull_payload_add(p, &o, t, &e) < 0 ||
	    hull_rpmdb_add(&b->store, p, TIME, with_database, t, &e) < 0)
		fail_msg("%s", e.msg);
}

static void take(const struct rpm_box *b, const struct hull_tree *t, const char *path,
		 const char *to)
{
	hull_autofree char *file = hull_asprintf("%s/%s", b->dir, to);
	hull_autofree char *directory = hull_strdup(file);
	hull_autobuf struct hull_buf bytes = {0};
	struct hull_err e;

	*strrchr(directory, '/') = '\0';
	if (hull_tree_read(t, hull_tree_find(t, path), &bytes, &e) < 0 ||
	    hull_mkdirs(AT_FDCWD, directory, 0755, &e) < 0 ||
	    hull_file_write(AT_FDCWD, file, bytes.p, bytes.n, 0644, &e) < 0)
		fail_msg("%s", e.msg);
}

static void expect(const struct rpm_box *b, const char *command, const char *want)
{
	hull_autofree char *full = hull_asprintf("cd %s\n%s", b->dir, command);
	hull_autofree char *got = shell(full);

	assert_string_equal(got, want);
}

static void rpm_reads_the_database(void **state)
{
	struct hull_packages p;
	struct locked l = {0};
	struct hull_tree t;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	make(&b, &l, (struct hull_payload_options){.no_docs = true, .locales = "pt"}, true, &p, &t);
	take(&b, &t, DATABASE, "db/rpmdb.sqlite");
	take(&b, &t, MANIFEST, "manifest");
	expect(&b, "rpm --dbpath $PWD/db -qa | sort",
	       "payload-1.5-3.noarch\npayload-empty-1.5-3.noarch\npayload-other-1.5-3.noarch\n");
	expect(&b, "rpm --dbpath $PWD/db -qf /opt/other/file", "payload-other-1.5-3.noarch\n");
	expect(&b, "rpm --dbpath $PWD/db -q --whatprovides virtual", "payload-1.5-3.noarch\n");
	expect(&b, "rpm --dbpath $PWD/db -ql payload-other",
	       "/opt/other\n/opt/other/file\n/usr/lib\n");
	expect(&b, "rpmdb --dbpath $PWD/db --verifydb", "");
	expect(&b, "sqlite3 db/rpmdb.sqlite 'PRAGMA integrity_check; PRAGMA journal_mode'",
	       "ok\ndelete\n");
	expect(&b,
	       "rpm --dbpath $PWD/db -q --qf '[%{FILENAMES} %{FILESTATES:fstate}\\n]' payload | "
	       "grep -v normal",
	       "/usr/lib/help.de not installed\n"
	       "/usr/share/doc/payload/README not installed\n"
	       "/usr/share/locale/de/LC_MESSAGES/payload.mo not installed\n"
	       "/usr/share/locale/pt_BR/LC_MESSAGES/payload.mo not installed\n"
	       "/usr/share/man/man1/tool.1 not installed\n");
	expect(&b,
	       "f='%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{INSTALLTIME}\\t%{BUILDTIME}\\t%{VENDOR}\\t"
	       "%{EPOCH}\\t%{SIZE}\\t%{ARCH}\\t%{EPOCHNUM}\\t%{SOURCERPM}\\n'\n"
	       "rpm --dbpath $PWD/db -qa --qf \"$f\" | sort > want\n"
	       "sort manifest | diff want -; wc -l < want",
	       "3\n");
	hull_packages_fini(&p);
	hull_tree_fini(&t);
	locked_fini(&l);
	box_fini(&b);
}

/* rpm itself installs the same packages: tables, indexes and headers are the same, but for times.
 */
static void it_is_what_rpm_would_write(void **state)
{
	static const char *const tables[] = {
		"Basenames",	 "'Group'",	 "Requirename",	    "Providename",
		"Conflictname",	 "Obsoletename", "Triggername",	    "Dirnames",
		"Sigmd5",	 "Sha1header",	 "Filetriggername", "Transfiletriggername",
		"Recommendname", "Suggestname",	 "Supplementname",  "Enhancename",
	};
	struct hull_packages p;
	struct locked l = {0};
	struct hull_tree t;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	make(&b, &l, (struct hull_payload_options){0}, true, &p, &t);
	take(&b, &t, DATABASE, "db/rpmdb.sqlite");
	expect(&b,
	       "rpm --dbpath $PWD/rpm --define '_db_backend sqlite' "
	       "--define '_transaction_color 0' --justdb --nodeps --noscripts -i store/rpms/*.rpm "
	       "2>/dev/null\nrpm --dbpath $PWD/rpm -qa | wc -l",
	       "3\n");
	expect(&b,
	       "for d in db rpm; do sqlite3 $d/rpmdb.sqlite .schema | grep -v stat1 | sort > $d.schema; "
	       "done; diff db.schema rpm.schema; wc -l < db.schema",
	       "49\n");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		hull_autofree char *command = hull_asprintf(
			"for d in db rpm; do sqlite3 $d/rpmdb.sqlite \"select n.key, "
			"quote(t.key), t.idx from %s t join Name n on n.hnum = t.hnum order by "
			"1, 2, 3\" > $d.rows; done; diff db.rows rpm.rows",
			tables[i]);

		expect(&b, command, "");
	}
	/* every tag but INSTALLTIME and INSTALLTID */
	expect(&b,
	       "for d in db rpm; do for n in payload payload-other payload-empty; do\n"
	       "rpm --dbpath $PWD/$d -q --xml $n | grep -v '<integer>17[0-9]*</integer>' | "
	       "grep -v -A1 -E 'Install(time|tid)\"'; done > $d.xml; done\n"
	       "sed -i '/Install\\(time\\|tid\\)/,/rpmTag>/d' db.xml rpm.xml\n"
	       "diff db.xml rpm.xml; grep -c '<rpmHeader>' db.xml; grep -c Filestates db.xml",
	       "3\n2\n");
	hull_packages_fini(&p);
	hull_tree_fini(&t);
	locked_fini(&l);
	box_fini(&b);
}

static void it_is_reproducible_and_optional(void **state)
{
	struct locked l = {0};
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	for (int i = 0; i < 3; i++) {
		hull_autofree char *name = hull_asprintf("%d", i);
		struct hull_packages p;
		struct hull_tree t;

		make(&b, &l, (struct hull_payload_options){0}, i < 2, &p, &t);
		if (i < 2)
			take(&b, &t, DATABASE, name);
		else
			assert_int_equal(hull_tree_find(&t, DATABASE), HULL_NO_NODE);
		assert_true(hull_tree_find(&t, MANIFEST) > 0);
		hull_packages_fini(&p);
		hull_tree_fini(&t);
	}
	expect(&b, "cmp 0 1", "");
	locked_fini(&l);
	box_fini(&b);
}

static void it_is_read_again(void **state)
{
	struct hull_package *read = NULL;
	struct hull_arena a = {0};
	struct hull_packages p;
	struct locked l = {0};
	struct hull_tree t;
	struct hull_err e;
	size_t n = 0;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	make(&b, &l, (struct hull_payload_options){.no_docs = true}, true, &p, &t);
	{
		hull_autobuf struct hull_buf db = {0};

		assert_int_equal(hull_tree_read(&t, hull_tree_find(&t, DATABASE), &db, &e), 0);
		if (hull_database_read(db.p, db.n, "image", &a, &read, &n, &e) < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(n, 3);
		for (size_t i = 0; i < n; i++) {
			struct hull_package want = p.v[i];
			hull_autojson json_t *x = NULL, *y = NULL;

			want.sha256 = want.content = NULL;
			want.file_bytes = want.archive_bytes = 0;
			want.header_start = want.header_end = 0;
			want.file_time = 0;
			x = hull_package_to_json(&want);
			y = hull_package_to_json(&read[i]);
			if (i == 0) { /* the document and the manual */
				assert_int_equal(read[0].nfiles, want.nfiles - 2);
				json_object_del(x, "files");
				json_object_del(y, "files");
			}
			assert_true(json_equal(x, y));
		}
		/* what is no database, or half of one */
		assert_int_equal(hull_database_read(db.p, db.n / 2, "half", &a, &read, &n, &e), -1);
		assert_int_equal(hull_database_read(db.p, 0, "none", &a, &read, &n, &e), -1);
		memset(db.p, 'x', 16);
		assert_int_equal(hull_database_read(db.p, db.n, "image", &a, &read, &n, &e), -1);
		assert_string_equal(e.msg, "image: no rpm database: neither sqlite's, nor ndb's, "
					   "nor a hash of Berkeley DB");
		memcpy(db.p, "SQLite format 3", 16);
		memset(db.p + 16, 'x', 84);
		assert_int_equal(hull_database_read(db.p, db.n, "image", &a, &read, &n, &e), -1);
		assert_string_equal(e.msg, "image: file is not a database");
	}
	hull_arena_fini(&a);
	hull_packages_fini(&p);
	hull_tree_fini(&t);
	locked_fini(&l);
	box_fini(&b);
}

/* A database that somebody made to hurt. */
static void check_hostile(const char *sql, const char *want)
{
	hull_autobuf struct hull_buf db = {0};
	hull_autofree char *command = NULL, *path = NULL, *out = NULL;
	struct hull_package *read;
	struct hull_arena a = {0};
	struct hull_err e;
	struct rpm_box b;
	size_t n;

	box_init(&b);
	path = hull_asprintf("%s/db", b.dir);
	command = hull_asprintf("sqlite3 %s \"%s\"", path, sql);
	out = shell(command);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &db, &e), 0);
	assert_int_equal(hull_database_read(db.p, db.n, "image", &a, &read, &n, &e), -1);
	assert_string_equal(e.msg, want);
	hull_arena_fini(&a);
	box_fini(&b);
}

static void hostile_databases_are_refused(void **state)
{
	(void)state;
	check_hostile("create table other(x)", "image: no such table: main.Packages");
	check_hostile("create table Packages(hnum integer primary key, blob)"
		      "; insert into Packages values(1, x'00')",
		      "image: malformed RPM header");
	check_hostile("create table Packages(hnum integer primary key, blob)"
		      "; insert into Packages values(1, null)",
		      "image: malformed RPM header");
	check_hostile("create table Packages(hnum integer primary key, blob)"
		      "; insert into Packages values(1, x'7fffffff7fffffff0000')",
		      "image: malformed RPM header");
	check_hostile("create view Packages as select 1 as hnum, x'00' as blob",
		      "image: access to view \"Packages\" prohibited");
}

static void an_altered_rpm_is_refused(void **state)
{
	hull_autofree char *command = NULL, *out = NULL;
	struct hull_payload_options o = {.time = TIME};
	struct hull_packages p;
	struct locked l = {0};
	struct hull_tree t;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	command = hull_asprintf("printf x | dd of=%s/store/rpms/%s.rpm bs=1 seek=5000 conv=notrunc",
				b.dir, l.v[0].sha256);
	hull_tree_init(&t);
	assert_int_equal(hull_packages_open(&b.store, &l.lock, &p, &e), 0);
	assert_int_equal(hull_payload_add(&p, &o, &t, &e), 0);
	out = shell(command);
	assert_int_equal(hull_rpmdb_add(&b.store, &p, TIME, true, &t, &e), -1);
	assert_true(hull_starts(e.msg, "payload: store: rpms/"));
	assert_non_null(strstr(e.msg, "altered: its header has SHA-256"));
	hull_packages_fini(&p);
	hull_tree_fini(&t);
	locked_fini(&l);
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rpm_reads_the_database),
		cmocka_unit_test(it_is_what_rpm_would_write),
		cmocka_unit_test(it_is_reproducible_and_optional),
		cmocka_unit_test(it_is_read_again),
		cmocka_unit_test(hostile_databases_are_refused),
		cmocka_unit_test(an_altered_rpm_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
