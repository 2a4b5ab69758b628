// SPDX-License-Identifier: MIT
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "store/buildrecord.h"
#include "store/garbage.h"
#include "store/intact.h"
#include "store/sealed.h"
#include "store/treedigest.h"
#include "temp_fixture.h"

#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OTHER "aa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define THIRD "0a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
static const char abc[] = ABC;
static const int64_t later = 4000000000; /* than any file of the tests */

/* What is on the disks of users stays where it is; a name that is none leads nowhere. */
static void objects_have_places(void **state)
{
	static const struct {
		enum hull_store_kind kind;
		const char *name, *path;
	} cases[] = {
		{HULL_STORE_SOURCE, ABC, "sources/" ABC},
		{HULL_STORE_ORIGIN, ABC, "sources/" ABC ".origin"},
		{HULL_STORE_RPM, ABC, "rpms/" ABC ".rpm"},
		{HULL_STORE_UNPACKED, ABC, "unpacked/" ABC},
		{HULL_STORE_HEADER, ABC, "headers/" ABC ".json"},
		{HULL_STORE_SPEC, ABC, "specs/" ABC ".json"},
		{HULL_STORE_BUILD, ABC, "builds/" ABC ".json"},
		{HULL_STORE_LATEST, "x86_64/zlib", "latest/x86_64/zlib"},
		{HULL_STORE_MACROS, ABC, "macros/" ABC},
		{HULL_STORE_LOG, ABC, "logs/" ABC ".log"},
		{HULL_STORE_CHECK_LOG, ABC, "logs/" ABC "-check.log"},
		{HULL_STORE_SEED, ABC, "seeds/" ABC},
		{HULL_STORE_SEED_RECORD, ABC, "seeds/" ABC ".json"},
		{HULL_STORE_STAMP, ABC, "stamps/" ABC ".json"},
		{HULL_STORE_INDEX, ABC, "indexes/" ABC ".3.solv"},
		{HULL_STORE_LAST_INDEX, ABC, "indexes/" ABC ".last"},
		{HULL_STORE_SIGNED, ABC, "repositories/" ABC ".json"},
		{HULL_STORE_PARTIAL, ABC, "partial/" ABC},
		{HULL_STORE_LOCK, "seed", "locks/seed"},
		{HULL_STORE_RPM, NULL, ""},
		{HULL_STORE_RPM, "", ""},
		{HULL_STORE_RPM, "../" ABC, ""},
		{HULL_STORE_RPM, ABC ".rpm", ""},
		{HULL_STORE_SEED, ABC "." ABC, ""},
		{HULL_STORE_LATEST, "zlib", ""},
		{HULL_STORE_LATEST, "/zlib", ""},
		{HULL_STORE_LATEST, "x86_64/", ""},
		{HULL_STORE_LATEST, "x86_64/../zlib", ""},
		{HULL_STORE_LATEST, "../zlib", ""},
		{HULL_STORE_LATEST, "x86_64/..", ""},
		{HULL_STORE_CHECKED, "1-2", "checked/1-2"},
		{HULL_STORE_LOCK, "a/b", ""},
		{HULL_STORE_LOCK, "..", ""},
	};
	char name[2 * HULL_STORE_PATH_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(hull_store_path(cases[i].kind, cases[i].name).path,
				    cases[i].path);
	memset(name, 'x', sizeof name);
	name[HULL_STORE_PATH_BYTES - sizeof "locks/"] = '\0';
	assert_int_equal(strlen(hull_store_path(HULL_STORE_LOCK, name).path),
			 HULL_STORE_PATH_BYTES - 1);
	name[HULL_STORE_PATH_BYTES - sizeof "locks/"] = 'x';
	name[HULL_STORE_PATH_BYTES - sizeof "locks/" + 1] = '\0';
	assert_string_equal(hull_store_path(HULL_STORE_LOCK, name).path, "");
}

/* The document for people, with names instead of "<sha256>" and the like. */
static void read_document(struct hull_buf *out)
{
	static const char *const places[][2] = {{"<sha256>", ABC},    {"<digest>", ABC},
						{"<key>", ABC},	      {"<id>", ABC},
						{"<arch>", "x86_64"}, {"<name>", "zlib"}};
	hull_autobuf struct hull_buf doc = {0};
	struct hull_err e;

	assert_int_equal(hull_file_read(AT_FDCWD, "toolkit/docs/store.md", &doc, &e), 0);
	for (const char *at = doc.p; *at;) {
		size_t i = 0;

		while (i < sizeof places / sizeof *places && !hull_starts(at, places[i][0]))
			i++;
		if (i < sizeof places / sizeof *places) {
			hull_buf_adds(out, places[i][1]);
			at += strlen(places[i][0]);
		} else {
			hull_buf_addc(out, *at++);
		}
	}
}

static void the_document_has_every_place(void **state)
{
	hull_autobuf struct hull_buf doc = {0};

	(void)state;
	read_document(&doc);
	for (int kind = 0; kind <= HULL_STORE_CHECKED; kind++) {
		const char *name = kind == HULL_STORE_LATEST ? "x86_64/zlib"
				   : kind >= HULL_STORE_LOCK ? "zlib"
							     : ABC;
		struct hull_store_path p = hull_store_path((enum hull_store_kind)kind, name);
		hull_autofree char *file = hull_asprintf("`%s`", p.path);
		hull_autofree char *directory = hull_asprintf("`%s/`", p.path);

		if (!strstr(doc.p, file) && !strstr(doc.p, directory))
			fail_msg("toolkit/docs/store.md lacks %s", p.path);
	}
}

static void list(const struct hull_store *s, enum hull_store_kind kind, const char *expected)
{
	hull_autostrv struct hull_strv names = {0};
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	assert_int_equal(hull_store_list(s, kind, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++)
		hull_buf_addf(&text, "%s ", names.v[i]);
	assert_string_equal(text.p ? text.p : "", expected);
}

/* A directory has several kinds, and what a killed process left. */
static void kinds_are_listed_apart(void **state)
{
	static const char *const files[] = {"seeds/" ABC ".json",	"seeds/" ABC "." ABC,
					    "seeds/" ABC ".json.tmp.7", "seeds/x.json",
					    "logs/" ABC ".log",		"logs/" ABC "-check.log"};
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		assert_int_equal(hull_file_write(s.fd, files[i], "", 0, 0644, &e), 0);
	list(&s, HULL_STORE_SEED, "");
	list(&s, HULL_STORE_SEED_RECORD, ABC " ");
	list(&s, HULL_STORE_LOG, ABC " ");
	list(&s, HULL_STORE_CHECK_LOG, ABC " ");
	list(&s, HULL_STORE_BUILD, "");
	hull_store_close(&s);
	drop_dir(dir);
}

static void the_latest_build_has_a_name(void **state)
{
	char *dir = temp_dir(), key[HULL_HEX] = "";
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	assert_int_equal(hull_store_latest(&s, "x86_64", "zlib", key, &e), 0);
	assert_int_equal(hull_store_set_latest(&s, "x86_64", "zlib", abc, &e), 0);
	assert_int_equal(hull_store_latest(&s, "x86_64", "zlib", key, &e), 1);
	assert_string_equal(key, abc);
	assert_int_equal(hull_store_latest(&s, "aarch64", "zlib", key, &e), 0);
	/* a name that leads out of the directory, a file without a key in it */
	assert_int_equal(hull_store_set_latest(&s, "..", "zlib", abc, &e), -1);
	assert_non_null(strstr(e.msg, "../zlib is no name of a build"));
	assert_int_equal(hull_file_write(s.fd, "latest/x86_64/zlib", abc, 63, 0644, &e), 0);
	assert_int_equal(hull_store_latest(&s, "x86_64", "zlib", key, &e), 0);
	hull_store_close(&s);
	drop_dir(dir);
}

static int syncs;
static const char *not_yet; /* what may not be there when the disk is waited for */

/* In place of the C library's. */
int syncfs(int fd)
{
	syncs++;
	if (not_yet)
		assert_false(hull_exists(fd, not_yet));
	return 0;
}

static void a_tree_is_on_the_disk_before_it_has_a_name(void **state)
{
	char *dir = temp_dir();
	struct hull_store_tree v[3];
	static const char *const names[] = {ABC, OTHER, THIRD};
	hull_autostrv struct hull_strv tmps = {0};
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (size_t i = 0; i < 3; i++) {
		hull_strv_take(&tmps, hull_store_tmp(&s, &e));
		v[i] = (struct hull_store_tree){tmps.v[i], names[i]};
	}
	syncs = 0;
	not_yet = "unpacked/" ABC;
	assert_int_equal(hull_store_commit_trees(&s, v, 2, HULL_STORE_UNPACKED, &e), 0);
	assert_int_equal(syncs, 1); /* for all of them */
	assert_true(hull_store_has(&s, HULL_STORE_UNPACKED, OTHER));
	not_yet = "seeds/" THIRD;
	assert_int_equal(hull_store_commit(&s, tmps.v[2], HULL_STORE_SEED, THIRD, &e), 0);
	assert_int_equal(syncs, 2);
	assert_int_equal(hull_store_commit_trees(&s, v, 0, HULL_STORE_UNPACKED, &e), 0);
	assert_int_equal(syncs, 2);
	not_yet = NULL;
	hull_store_close(&s);
	drop_dir(dir);
}

/* The place is sealed, too: the same bytes elsewhere are damaged. */
static void seals_hold(void **state)
{
	static const char *const documents[] = {"{}", "{}\n", "{\"a\":1}",
						"{\n  \"a\": \"}\"\n}\n"};
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		hull_autobuf struct hull_buf text = {0};
		hull_autojson json_t *j = NULL;

		hull_buf_adds(&text, documents[i]);
		assert_int_equal(hull_seal_look(&text, HULL_STORE_SPEC, ABC, &n), HULL_UNSEALED);
		hull_seal_json(&text, HULL_STORE_SPEC, ABC);
		j = json_loadb(text.p, text.n, 0, NULL);
		assert_non_null(j);
		assert_int_equal(hull_seal_look(&text, HULL_STORE_SPEC, ABC, &n), HULL_SEALED);
		assert_int_equal(hull_seal_look(&text, HULL_STORE_SPEC, OTHER, &n), HULL_BROKEN);
		assert_int_equal(hull_seal_look(&text, HULL_STORE_STAMP, ABC, &n), HULL_BROKEN);
	}
	for (int form = 0; form < 2; form++) {
		hull_autobuf struct hull_buf text = {0};

		hull_buf_adds(&text, "{\"a\": 1}");
		if (form)
			hull_seal_lines(&text, HULL_STORE_ORIGIN, ABC);
		else
			hull_seal_json(&text, HULL_STORE_ORIGIN, ABC);
		for (size_t i = 0; i < text.n; i++) {
			text.p[i] ^= 1;
			if (hull_seal_look(&text, HULL_STORE_ORIGIN, ABC, &n) == HULL_SEALED)
				fail_msg("form %d, byte %zu", form, i);
			text.p[i] ^= 1;
		}
		assert_int_equal(hull_seal_look(&text, HULL_STORE_ORIGIN, ABC, &n), HULL_SEALED);
		assert_int_equal(n, form ? 8 : 7);
	}
}

static void what_is_compared_is_remembered(void **state)
{
	char *dir = temp_dir(), hex[HULL_HEX];
	const char *names[] = {hex, NULL, ABC};
	struct hull_store s, other;
	struct hull_err e;

	(void)state;
	hull_hash_bytes("good", 4, hex);
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	assert_int_equal(hull_store_open(&other, dir, &e), 0);
	assert_int_equal(hull_file_write(s.fd, hull_store_path(HULL_STORE_SOURCE, hex).path, "good",
					 4, 0644, &e),
			 0);
	assert_int_equal(hull_file_write(s.fd, hull_store_path(HULL_STORE_SOURCE, ABC).path, "bad",
					 3, 0644, &e),
			 0);
	assert_false(hull_intact_known(&other, HULL_STORE_SOURCE, hex));
	assert_int_equal(hull_intact_files(&s, HULL_STORE_SOURCE, names, 3, &e), 0);
	assert_true(hull_intact_known(&s, HULL_STORE_SOURCE, hex));
	assert_true(hull_intact_known(&other, HULL_STORE_SOURCE, hex));
	assert_false(hull_intact_known(&other, HULL_STORE_RPM, hex));
	assert_false(hull_intact_known(&s, HULL_STORE_SOURCE, ABC));
	assert_false(hull_store_has(&s, HULL_STORE_SOURCE, ABC));
	assert_true(hull_exists(s.fd, "damaged/sources-" ABC));
	/* it is not looked at again: that is what remembering is for */
	assert_int_equal(hull_file_write(s.fd, hull_store_path(HULL_STORE_SOURCE, hex).path, "bad!",
					 4, 0644, &e),
			 0);
	assert_int_equal(hull_intact_files(&s, HULL_STORE_SOURCE, names, 3, &e), 0);
	assert_true(hull_store_has(&s, HULL_STORE_SOURCE, hex));
	assert_int_equal(hull_intact_file(&s, HULL_STORE_SOURCE, hex, &e), 0);
	hull_store_close(&other);
	hull_store_close(&s);
	drop_dir(dir);
}

static void a_tree_has_a_digest(void **state)
{
	char *dir = temp_dir(), first[HULL_HEX], is[HULL_HEX];
	hull_autofd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_mkdirs(fd, "t/d/e", 0755, &e), 0);
	assert_int_equal(hull_file_write(fd, "t/d/f", "x", 1, 0644, &e), 0);
	assert_int_equal(symlinkat("f", fd, "t/d/l"), 0);
	assert_int_equal(hull_tree_digest(fd, "t", first, &e), 0);
	for (int i = 0; i < 6; i++) {
		if (i == 0)
			assert_int_equal(hull_file_write(fd, "t/d/f", "y", 1, 0644, &e), 0);
		if (i == 1)
			assert_int_equal(fchmodat(fd, "t/d/f", 0755, 0), 0);
		if (i == 2)
			assert_int_equal(unlinkat(fd, "t/d/l", 0), 0);
		if (i == 3)
			assert_int_equal(symlinkat("g", fd, "t/d/l"), 0);
		if (i == 4)
			assert_int_equal(unlinkat(fd, "t/d/e", AT_REMOVEDIR), 0);
		if (i == 5)
			assert_int_equal(renameat(fd, "t/d", fd, "t/e"), 0);
		assert_int_equal(hull_tree_digest(fd, "t", is, &e), 0);
		assert_string_not_equal(is, first);
		memcpy(first, is, HULL_HEX);
	}
	assert_int_equal(hull_tree_digest(fd, "none", is, &e), -1);
	drop_dir(dir);
}

static void store_commits_once(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (int i = 0; i < 2; i++) {
		hull_autofree char *tmp = hull_store_tmp(&s, &e);
		hull_autofree char *file = hull_asprintf("%s/file", tmp);

		assert_non_null(tmp);
		assert_int_equal(hull_file_write(s.fd, file, "x", 1, 0644, &e), 0);
		assert_int_equal(hull_store_commit(&s, tmp, HULL_STORE_UNPACKED, abc, &e), 0);
		assert_false(hull_exists(s.fd, tmp));
	}
	assert_true(hull_store_has(&s, HULL_STORE_UNPACKED, abc));
	assert_false(hull_store_has(&s, HULL_STORE_UNPACKED, "abc"));
	assert_true(hull_exists(s.fd, "unpacked/" ABC "/file"));
	hull_store_close(&s);
	drop_dir(dir);
}

static json_t *stored_json(const struct hull_store *s, const char *key)
{
	struct hull_err e;

	return hull_json_read(s->fd, hull_store_path(HULL_STORE_BUILD, key).path, &e);
}

static const char record_text[] =
	"{\"arch\": \"x86_64\", \"build_root\": {\"packages\": [{\"name\": \"libc\", \"nevra\": "
	"\"libc-2-1.x86_64\", \"sha256\": \"" ABC "\"}], \"seed\": \"" ABC
	"\"}, \"cpu_ms\": 7, \"finished\": 20, \"inputs\": {\"arch\": \"x86_64\", \"epoch\": 5, "
	"\"files\": {\"x.spec\": \"" ABC "\"}, \"format\": \"hull-build-1\", \"macros\": \"" ABC
	"\", \"requires\": {\"libc\": \"c\"}, \"seed\": \"" ABC
	"\", \"sources\": {\"x.tar\": \"" ABC "\"}}, \"key\": \"" ABC
	"\", \"log\": {\"bytes\": 3, \"sha256\": \"" ABC
	"\"}, \"packages\": [{\"content\": \"c2\", \"name\": \"x\", \"nevra\": \"x-1-2.x86_64\", "
	"\"sha256\": \"" ABC "\"}], \"peak_memory_bytes\": 9, \"sources\": [{\"file\": \"x.tar\", "
	"\"origin\": \"file:/x\", \"sha256\": \"" ABC "\", \"url\": \"https://x\"}], \"spec\": "
	"{\"name\": \"x\", \"release\": \"2\", \"version\": \"1\"}, \"started\": 10, "
	"\"wall_ms\": 8";

/* The format is that of all records that are on disks: what is read of a text is written as it. */
static void keeps_record(const char *more)
{
	hull_autofree char *text = hull_asprintf("%s%s}", record_text, more);
	char *dir = temp_dir(), key[HULL_HEX];
	hull_autojson json_t *before = NULL, *after = NULL, *inputs = NULL;
	struct hull_build_record r;
	struct hull_store s;
	struct hull_err e;

	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	assert_int_equal(hull_build_record_read(&s, abc, &r, &e), 0);
	assert_int_equal(hull_file_write(s.fd, "builds/" ABC ".json", text, strlen(text), 0644, &e),
			 0);
	before = stored_json(&s, abc);
	assert_non_null(before);
	assert_int_equal(hull_build_record_read(&s, abc, &r, &e), 1);
	assert_string_equal(r.key, abc);
	assert_string_equal(r.own_key, abc);
	assert_string_equal(r.spec, "x");
	assert_int_equal(r.inputs.epoch, 5);
	assert_string_equal(r.packages.v[0].content, "c2");
	assert_string_equal(r.root.v[0].nevra, "libc-2-1.x86_64");
	assert_null(r.root.v[0].content);
	assert_string_equal(r.sources.v[0].origin, "file:/x");
	assert_true(hull_build_record_has(&r, abc));
	assert_false(hull_build_record_has(&r, "x"));
	inputs = hull_build_inputs_json(&r.inputs);
	assert_true(json_equal(inputs, json_object_get(before, "inputs")));
	assert_int_equal(hull_build_record_write(&s, &r, &e), 0);
	hull_build_record_fini(&r);
	after = stored_json(&s, abc);
	assert_true(hull_is_sha256(hull_json_optional(after, "seal")));
	json_object_del(after, "seal");
	assert_true(json_equal(before, after));
	assert_int_equal(hull_store_latest(&s, "x86_64", "x", key, &e), 1);
	assert_string_equal(key, abc);
	hull_store_close(&s);
	drop_dir(dir);
}

static void build_records_keep_their_format(void **state)
{
	(void)state;
	keeps_record("");
	keeps_record(", \"patches\": [{\"archive\": \"x.debian.tar.xz\", \"name\": \"up/a.patch\", "
		     "\"sha256\": \"" ABC "\", \"cves\": [\"CVE-2026-0001\"]}]");
}

/* Whoever reads a damaged store finds holes in a record, or that it is none. */
static void damaged_build_records_are_read(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"spec\": 1, \"inputs\": [], \"sources\": {}, \"packages\": [1], \"build_root\": "
		"{\"packages\": \"x\"}, \"log\": [], \"key\": {}, \"started\": \"x\", \"cpu_ms\": -1}",
	};
	char *dir = temp_dir();
	struct hull_build_record r;
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(hull_file_write(s.fd, "builds/" ABC ".json", texts[i],
						 strlen(texts[i]), 0644, &e),
				 0);
		assert_int_equal(hull_build_record_read(&s, abc, &r, &e), 1);
		assert_null(r.own_key);
		assert_null(r.spec);
		assert_null(r.inputs.json);
		assert_null(r.log_sha256);
		assert_int_equal(r.started, -1);
		assert_int_equal(r.cpu_ms, 0);
		assert_int_equal(r.root.n, 0);
		assert_int_equal(r.packages.n, i == 2 ? 1 : 0);
		assert_false(hull_build_record_has(&r, abc));
		hull_build_record_fini(&r);
	}
	assert_int_equal(hull_file_write(s.fd, "builds/" ABC ".json", "{", 1, 0644, &e), 0);
	assert_int_equal(hull_build_record_read(&s, abc, &r, &e), -1);
	assert_non_null(strstr(e.msg, "builds/" ABC ".json"));
	assert_null(r.json);
	hull_store_close(&s);
	drop_dir(dir);
}

static const enum hull_store_kind kept_by_name[] = {
	HULL_STORE_SOURCE, HULL_STORE_ORIGIN, HULL_STORE_RPM, HULL_STORE_UNPACKED,
	HULL_STORE_HEADER, HULL_STORE_MACROS, HULL_STORE_LOG, HULL_STORE_SEED_RECORD,
};
static const enum hull_store_kind kept_by_age[] = {HULL_STORE_SPEC, HULL_STORE_STAMP,
						   HULL_STORE_INDEX};

static void touch(const struct hull_store *s, enum hull_store_kind kind, const char *name)
{
	struct hull_err e;

	assert_int_equal(hull_file_write(s->fd, hull_store_path(kind, name).path, "", 0, 0644, &e),
			 0);
}

/* Each directory by its own rule: what the one record names, what is young, what is only begun. */
static void garbage_goes_by_directory(void **state)
{
	static const char record[] =
		"{\"key\": \"" ABC "\", \"packages\": [{\"sha256\": \"" ABC
		"\"}], \"sources\": [{\"sha256\": \"" ABC "\"}], \"build_root\": {\"seed\": \"" ABC
		"\"}, \"inputs\": {\"macros\": \"" ABC "\"}}";
	const size_t named = sizeof kept_by_name / sizeof *kept_by_name, n_aged = 3;
	char *dir = temp_dir(), other[HULL_HEX];
	struct hull_garbage_request request = {.now = later};
	struct hull_garbage_result r;
	struct hull_store s;
	struct hull_err e;

	(void)state;
	hull_hash_bytes("other", 5, other);
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	assert_int_equal(
		hull_file_write(s.fd, "builds/" ABC ".json", record, sizeof record - 1, 0644, &e),
		0);
	assert_int_equal(hull_store_set_latest(&s, "x86_64", "x", abc, &e), 0);
	for (size_t i = 0; i < named; i++) {
		touch(&s, kept_by_name[i], abc);
		touch(&s, kept_by_name[i], other);
	}
	for (size_t i = 0; i < n_aged; i++)
		touch(&s, kept_by_age[i], abc);
	touch(&s, HULL_STORE_PARTIAL, abc);
	assert_int_equal(hull_garbage_collect(&s, &request, NULL, &r, &e), 0);
	assert_int_equal(r.removed, named + 1);
	for (size_t i = 0; i < named; i++) {
		assert_true(hull_store_has(&s, kept_by_name[i], abc));
		assert_false(hull_store_has(&s, kept_by_name[i], other));
	}
	assert_false(hull_store_has(&s, HULL_STORE_PARTIAL, abc));
	for (size_t i = 0; i < n_aged; i++)
		assert_true(hull_store_has(&s, kept_by_age[i], abc));
	request.keep_since = later - 7200;
	assert_int_equal(hull_garbage_collect(&s, &request, NULL, &r, &e), 0);
	assert_int_equal(r.removed, n_aged);
	assert_true(hull_store_has(&s, HULL_STORE_BUILD, abc));
	hull_store_close(&s);
	drop_dir(dir);
}

/* No build has the seed yet, and making it costs a minute. */
static void the_seed_in_use_is_never_collected(void **state)
{
	char *dir = temp_dir(), other[HULL_HEX];
	struct hull_garbage_request request = {.now = later, .keep_since = later, .seed = abc};
	struct hull_garbage_result r;
	struct hull_store s;
	struct hull_err e;

	(void)state;
	hull_hash_bytes("other", 5, other);
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	touch(&s, HULL_STORE_SEED, abc);
	touch(&s, HULL_STORE_SEED_RECORD, abc);
	touch(&s, HULL_STORE_SEED, other);
	assert_int_equal(hull_garbage_collect(&s, &request, NULL, &r, &e), 0);
	assert_int_equal(r.removed, 1);
	assert_true(hull_store_has(&s, HULL_STORE_SEED, abc));
	assert_true(hull_store_has(&s, HULL_STORE_SEED_RECORD, abc));
	hull_store_close(&s);
	drop_dir(dir);
}

/* What a killed process left in tmp/ goes, what a living one has there stays. */
static void store_sweeps_after_the_dead(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *tmp_dir = hull_asprintf("%s/tmp", dir);
	hull_autostrv struct hull_strv names = {0};
	struct hull_store living, next;
	struct hull_err e;
	pid_t pid;

	(void)state;
	assert_int_equal(hull_store_open(&living, dir, &e), 0);
	pid = fork();
	if (pid == 0) {
		struct hull_store s;

		if (hull_store_open(&s, dir, &e) < 0 || !hull_store_tmp(&s, &e))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(hull_wait(pid, &e), 128 + SIGKILL);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2);
	assert_int_equal(hull_store_open(&next, dir, &e), 0);
	hull_strv_fini(&names);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2); /* the living one and the new one */
	assert_true(hull_exists(living.fd, living.tmp));
	hull_store_close(&next);
	hull_store_close(&living);
	drop_dir(dir);
}

/* However fast one process opens it again, each has a directory of its own. */
static void store_opens_many_times(void **state)
{
	char *dir = temp_dir();
	struct hull_store s[16];
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(hull_store_open(&s[i], dir, &e), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s[k].tmp, s[i].tmp);
	}
	for (size_t i = 0; i < 16; i++)
		hull_store_close(&s[i]);
	drop_dir(dir);
}

/* Who only looks is stopped by no store. */
static void store_is_looked_at(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *file = hull_asprintf("%s/file", dir);
	hull_autofree char *below = hull_asprintf("%s/file/store", dir);
	const char *const places[] = {NULL, "/proc/self/none", file, below};
	hull_autostrv struct hull_strv names = {0};
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_look(&s, dir, &e), 0);
	assert_non_null(s.tmp);
	hull_store_close(&s);
	assert_int_equal(hull_file_write(AT_FDCWD, file, "", 0, 0644, &e), 0);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		int fd;

		assert_int_equal(hull_store_look(&s, places[i], &e), -1);
		assert_int_equal(hull_store_list(&s, HULL_STORE_BUILD, &names, &e), 0);
		assert_int_equal(names.n, 0);
		assert_false(hull_store_has(&s, HULL_STORE_RPM, ABC));
		assert_null(hull_store_tmp(&s, &e));
		assert_non_null(strstr(e.msg, "cannot be written"));
		fd = hull_open_unnamed(s.tmp_fd, &e);
		assert_true(fd >= 0);
		close(fd);
		hull_store_close(&s);
	}
	drop_dir(dir);
}

/* Without a descriptor no directory after the other is made. */
static void store_gives_up(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *tmp = hull_asprintf("%s/tmp", dir);
	hull_autostrv struct hull_strv names = {0};
	struct rlimit was, now;
	struct hull_store s;
	struct hull_err e;
	int r = -1, next;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	hull_store_close(&s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	next = dup(0);
	close(next);
	now = (struct rlimit){(rlim_t)next + 1, was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	r = hull_store_open(&s, dir, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(r, -1);
	assert_int_equal(e.sys, EMFILE);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp, &names, &e), 0);
	assert_int_equal(names.n, 0);
	drop_dir(dir);
}

static void store_locks_exclude(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;
	int fd;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	fd = hull_store_lock(&s, "x", true, &e);
	assert_true(fd >= 0);
	assert_int_equal(hull_store_lock(&s, "x", false, &e), -1);
	assert_int_equal(e.sys, EWOULDBLOCK);
	close(fd);
	fd = hull_store_lock(&s, "x", false, &e);
	assert_true(fd >= 0);
	close(fd);
	hull_store_close(&s);
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_have_places),
		cmocka_unit_test(the_document_has_every_place),
		cmocka_unit_test(kinds_are_listed_apart),
		cmocka_unit_test(the_latest_build_has_a_name),
		cmocka_unit_test(a_tree_is_on_the_disk_before_it_has_a_name),
		cmocka_unit_test(seals_hold),
		cmocka_unit_test(what_is_compared_is_remembered),
		cmocka_unit_test(a_tree_has_a_digest),
		cmocka_unit_test(store_commits_once),
		cmocka_unit_test(build_records_keep_their_format),
		cmocka_unit_test(damaged_build_records_are_read),
		cmocka_unit_test(garbage_goes_by_directory),
		cmocka_unit_test(the_seed_in_use_is_never_collected),
		cmocka_unit_test(store_sweeps_after_the_dead),
		cmocka_unit_test(store_opens_many_times),
		cmocka_unit_test(store_is_looked_at),
		cmocka_unit_test(store_gives_up),
		cmocka_unit_test(store_locks_exclude),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
