// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_solv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/index.h"
#include "repo/read.h"
#include "repo/repo.h"
#include "store_fixture.h"

static char *repo_path, *key_path;

static int set_up(void **state)
{
	(void)state;
	if (open_store() < 0)
		return -1;
	repo_path = hull_asprintf("%s/repo", dir);
	key_path = hull_asprintf("%s/key.asc", dir);
	sh("export GNUPGHOME=$PWD/gpg; mkdir -m 700 gpg gpg2;"
	   "gpg -q --batch --passphrase '' --quick-gen-key one@localhost ed25519 sign never;"
	   "gpg -q --armor --export >key.asc; gpg -q --export >key.gpg;"
	   "GNUPGHOME=$PWD/gpg2 gpg -q --batch --passphrase '' --quick-gen-key two@localhost "
	   "ed25519 sign never; GNUPGHOME=$PWD/gpg2 gpg -q --armor --export >other.asc;"
	   "cat other.asc key.asc >both.asc; echo rubbish >rubbish.asc");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sh("GNUPGHOME=$PWD/gpg gpgconf --kill all; GNUPGHOME=$PWD/gpg2 gpgconf --kill all");
	free(repo_path);
	free(key_path);
	return close_store();
}

/* Two packages; the second needs a file of the first that is only in filelists. */
static int make_repo(void **state)
{
	static const char name[2][4] = {"aaa", "bbb"};
	struct hull_file files[] = {
		{.path = "/usr/bin/aaa", .mode = S_IFREG | 0755},
		{.path = "/usr/share/aaa/data", .mode = S_IFREG | 0644},
		{.path = "/usr/share/aaa/more", .mode = S_IFREG | 0644},
	};
	struct hull_dep needs[] = {{.name = "/usr/share/aaa/data"}, {.name = "/usr/bin/aaa"}};
	struct hull_package p[2] = {0};
	char digests[2][HULL_HEX];
	struct hull_repo_stats stats;
	struct hull_err e;

	(void)state;
	sh("rm -rf repo store/indexes/*");
	for (int i = 0; i < 2; i++) {
		hull_autofree char *path = NULL;

		hull_hash_bytes(name[i], 3, digests[i]);
		path = hull_asprintf("rpms/%s.rpm", digests[i]);
		ok(hull_file_write(store.fd, path, name[i], 3, 0644, &e), &e);
		p[i] = (struct hull_package){
			.name = name[i],
			.version = "1.0",
			.release = "1",
			.arch = "x86_64",
			.summary = "A package",
			.description = "Words.",
			.license = "MIT",
			.source_rpm = "x-1.0-1.src.rpm",
			.sha256 = digests[i],
			.content = "",
			.file_bytes = 3,
			.installed_bytes = 10,
		};
	}
	p[0].files = files;
	p[0].nfiles = 3;
	p[1].deps[HULL_REQUIRES] = (struct hull_deps){needs, 2};
	ok(hull_repo_write(&store, repo_path, (const struct hull_package *[]){&p[0], &p[1]}, 2, 0,
			   &stats, &e),
	   &e);
	return 0;
}

static int read_repo(const char *url, const char *keys, char digest[HULL_HEX], struct hull_err *e)
{
	struct hull_repository at = {.name = "test", .url = url, .keys = keys};

	return hull_repo_index(&store, &at, false, NULL, digest, e);
}

/* A change of the directory makes the repository an error that says `part`. */
static void refused(const char *change, const char *part)
{
	char digest[HULL_HEX];
	struct hull_err e;

	make_repo(NULL);
	sh(change);
	assert_int_equal(read_repo(repo_path, NULL, digest, &e), -1);
	contains(e.msg, "repository test: ");
	contains(e.msg, part);
	free(shell("test -z \"$(ls store/indexes)\""));
}

static void test_index(void **state)
{
	hull_autofree char *expected = shell("sha256sum repo/repodata/repomd.xml | cut -c-64"),
			   *url = hull_asprintf("file://%s", repo_path);
	char digest[HULL_HEX], again[HULL_HEX];
	Pool *pool = pool_create();
	Repo *repo = repo_create(pool, "x");
	struct hull_err e;
	Solvable *s;
	Queue q;
	FILE *f;

	(void)state;
	ok(read_repo(repo_path, NULL, digest, &e), &e);
	expected[64] = '\0';
	assert_string_equal(digest, expected);
	/* the second time repomd.xml is enough */
	sh("rm repo/repodata/*-*");
	ok(read_repo(url, NULL, again, &e), &e);
	assert_string_equal(again, digest);

	f = fdopen(openat(store.fd, hull_store_path(HULL_STORE_INDEX, digest).path, O_RDONLY), "r");
	assert_non_null(f);
	assert_int_equal(repo_add_solv(repo, f, 0), 0);
	fclose(f);
	assert_int_equal(repo->nsolvables, 2);
	s = pool_id2solvable(pool, repo->start);
	assert_string_equal(pool_id2str(pool, s->name), "aaa");
	assert_string_equal(solvable_lookup_location(s, NULL), "x86_64/aaa-1.0-1.x86_64.rpm");
	assert_string_equal(solvable_lookup_sourcepkg(s), "x-1.0-1.src.rpm");
	assert_int_equal(solvable_lookup_num(s, SOLVABLE_DOWNLOADSIZE, 0), 3);
	assert_int_equal(solvable_lookup_num(s, SOLVABLE_INSTALLSIZE, 0), 10);
	assert_null(solvable_lookup_str(s, SOLVABLE_DESCRIPTION));
	queue_init(&q);
	solvable_lookup_deparray(s, SOLVABLE_PROVIDES, &q, 1);
	assert_int_equal(q.count, 2); /* behind the marker: the files that bbb needs */
	repo_lookup_idarray(repo, SOLVID_META, REPOSITORY_ADDEDFILEPROVIDES, &q);
	assert_int_equal(q.count, 2);
	queue_free(&q);
	pool_free(pool);
}

static void test_createrepo(void **state)
{
	char digest[HULL_HEX];
	struct hull_err e;

	(void)state;
	sh("cp -r repo repo.gz; cd repo.gz; for f in repodata/*.zst; do zstd -dq --rm $f; gzip -n "
	   "${f%.zst}; done;"
	   "for t in primary filelists; do f=$(ls repodata/*-$t.xml.gz); d=$(sha256sum $f | cut "
	   "-c-64); n=$(stat -c %s $f);"
	   "python3 -c 'import re,sys; p=\"repodata/repomd.xml\"; s=open(p).read();"
	   "t,f,d,n=sys.argv[1:]; a=s.index(\"<data type=\\\"%s\\\"\"%t); b=s.index(\"</data>\",a);"
	   "x=s[a:b]; x=re.sub(\"<checksum(.*?)>.*?</checksum>\",r\"<checksum\\1>\"+d+\"</checksum>\",x);"
	   "x=re.sub(\"href=\\\".*?\\\"\",\"href=\\\"\"+f+\"\\\"\",x);"
	   "x=re.sub(\"<size>.*?<\",\"<size>\"+n+\"<\",x); open(p,\"w\").write(s[:a]+x+s[b:])' "
	   "$t $f $d $n; done");
	hull_autofree char *path = hull_asprintf("%s/repo.gz", dir);
	ok(read_repo(path, NULL, digest, &e), &e);
	sh("rm -r repo.gz");
}

static void test_refused(void **state)
{
	(void)state;
	refused("rm -r repo/repodata", "repomd.xml: No such file");
	refused("rm repo/repodata/*-primary*", "-primary.xml.zst: No such file");
	refused(": >repo/repodata/repomd.xml", "repomd.xml is empty");
	refused("echo hello >repo/repodata/repomd.xml", "repomd.xml:1:1: syntax error");
	refused("head -c 700 repo/repodata/repomd.xml >x; mv x repo/repodata/repomd.xml",
		"repomd.xml:");
	refused("truncate -s -1 repo/repodata/*-primary*", "bytes, repomd.xml says");
	refused("f=$(ls repo/repodata/*-primary*); printf x | dd of=$f bs=1 seek=30 conv=notrunc "
		"2>/dev/null",
		", got ");
	refused("f=$(ls repo/repodata/*-filelists*); printf x | dd of=$f bs=1 seek=30 conv=notrunc "
		"2>/dev/null",
		"expected sha256 ");
	refused("sed -i 's/type=\"primary\"/type=\"secondary\"/' repo/repodata/repomd.xml",
		"no primary document");
	refused("sed -i 's/href=\"repodata/href=\"..\\/repodata/' repo/repodata/repomd.xml",
		"primary has no location inside the repository");
	refused("sed -i 's/checksum type=\"sha256\">\\(.\\{32\\}\\).\\{32\\}</checksum "
		"type=\"md5\">\\1</' repo/repodata/repomd.xml",
		"repomd.xml: primary: its checksum '");
}

/* A repository whose primary is as repomd.xml says, but not what it has to be. */
static void rewritten(const char *sed, const char *part)
{
	hull_autofree char *change = hull_asprintf(
		"cd repo/repodata; f=$(ls *-primary*); zstd -dcq $f >x; sed -i '%s' x; zstd -q --rm x -o "
		"y; d=$(sha256sum y | cut -c-64);"
		"python3 -c 'import re,sys; s=open(\"repomd.xml\").read(); "
		"s=s.replace(sys.argv[1],sys.argv[2]); s=re.sub(\"<(open-)?size>.*?</(open-)?size>\",\"\",s); "
		"open(\"repomd.xml\",\"w\").write(s)' ${f%%-primary*} $d; mv y $d-primary.xml.zst",
		sed);

	refused(change, part);
}

static void test_bad_primary(void **state)
{
	(void)state;
	rewritten("s/<\\/metadata>//", "primary.xml.zst: ");
	rewritten("5q", "primary.xml.zst: ");
	rewritten(
		"s/href=\"x86_64/href=\"..\\/x86_64/",
		"none of its packages counts: package aaa-1.0-1.x86_64 has no location inside the "
		"repository");
	rewritten("s/<checksum type=\"sha256\" pkgid=\"YES\">\\(.\\{32\\}\\)[^<]*/"
		  "<checksum type=\"md5\" pkgid=\"YES\">\\1/",
		  "package aaa-1.0-1.x86_64 has only an MD5 checksum");
}

static void test_inside(void **state)
{
	(void)state;
	assert_true(hull_repo_is_inside("a"));
	assert_true(hull_repo_is_inside("a/b..c/..d"));
	assert_true(hull_repo_is_inside("./a"));
	assert_false(hull_repo_is_inside(""));
	assert_false(hull_repo_is_inside("/a"));
	assert_false(hull_repo_is_inside(".."));
	assert_false(hull_repo_is_inside("../a"));
	assert_false(hull_repo_is_inside("a/../b"));
	assert_false(hull_repo_is_inside("a/.."));
	assert_false(hull_repo_is_inside("a\nb"));
}

static void test_places(void **state)
{
	static const struct {
		const char *url, *directory;
	} cases[] = {
		{"out/repo", "out/repo"},	 {"/srv/repo", "/srv/repo"},
		{"file:/srv/a%20b", "/srv/a b"}, {"file:///srv/repo", "/srv/repo"},
		{"file://host/srv", NULL},	 {"ftp://host/srv", NULL},
	};
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *directory = hull_repo_directory(cases[i].url, &e);

		if (cases[i].directory)
			assert_string_equal(directory, cases[i].directory);
		else
			assert_null(directory);
	}
	hull_autofree char *url = hull_repo_file_url("http://h/r", "a/b+c 1~2.rpm");
	assert_string_equal(url, "http://h/r/a/b%2Bc%201~2.rpm");
}

static void test_signature(void **state)
{
	static const char sign[] = "export GNUPGHOME=$PWD/gpg; rm -f repo/repodata/repomd.xml.asc;"
				   "gpg -q --batch --armor --detach-sign repo/repodata/repomd.xml";
	hull_autofree char *binary = hull_asprintf("%s/key.gpg", dir),
			   *other = hull_asprintf("%s/other.asc", dir),
			   *both = hull_asprintf("%s/both.asc", dir),
			   *rubbish = hull_asprintf("%s/rubbish.asc", dir),
			   *nothing = hull_asprintf("%s/nothing.asc", dir);
	char digest[HULL_HEX];
	struct hull_err e;

	(void)state;
	assert_int_equal(read_repo(repo_path, key_path, digest, &e), -1);
	contains(e.msg, "repomd.xml.asc: No such file");
	sh(sign);
	ok(read_repo(repo_path, key_path, digest, &e), &e);
	ok(read_repo(repo_path, binary, digest, &e), &e);
	ok(read_repo(repo_path, both, digest, &e), &e);
	assert_int_equal(read_repo(repo_path, other, digest, &e), -1);
	contains(e.msg, "no good signature by a key in");
	contains(e.msg, "by another key: ");
	contains(e.msg, "other.asc");
	assert_int_equal(read_repo(repo_path, rubbish, digest, &e), -1);
	contains(e.msg, "neither OpenPGP data nor an armor of it");
	assert_int_equal(read_repo(repo_path, nothing, digest, &e), -1);
	contains(e.msg, "No such file");
	/* an index that is there already does not help */
	sh("echo '<!-- -->' >>repo/repodata/repomd.xml");
	ok(read_repo(repo_path, NULL, digest, &e), &e);
	assert_int_equal(read_repo(repo_path, key_path, digest, &e), -1);
	contains(e.msg, "BAD signature");
	sh("rm repo/repodata/repomd.xml.asc; cp repo/repodata/repomd.xml repo/repodata/"
	   "repomd.xml.asc");
	assert_int_equal(read_repo(repo_path, key_path, digest, &e), -1);
	contains(e.msg, "signature: neither OpenPGP data");
	sh("ls store/tmp/*/* 2>/dev/null && exit 1 || true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_index, make_repo),
		cmocka_unit_test_setup(test_createrepo, make_repo),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bad_primary),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_places),
		cmocka_unit_test_setup(test_signature, make_repo),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
