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
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "debian_fixture.h"
#include "sandbox/runner.h"
#include "seed/seed.h"
#include "seed/seed_fix.h"
#include "seed/seed_lock.h"
#include "seed/seed_update.h"
#include "seed/seed_table.h"
#include "text/json.h"

static char work[64];

static void write_text(const char *path, const char *text)
{
	hull_autofree char *full = hull_asprintf("%s/%s", work, path), *dir = hull_strdup(full);
	struct hull_err e;
	FILE *f;

	*strrchr(dir, '/') = '\0';
	assert_int_equal(hull_mkdirs(AT_FDCWD, dir, 0755, &e), 0);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Whether a BuildRequires name or a path is in the seed. */
static bool provides(const struct hull_seed *seed, const char *name)
{
	for (size_t i = 0; i < seed->ntools; i++)
		if (!strcmp(seed->tools[i].name, name))
			return true;
	return hull_strv_has(&seed->files, name);
}

/* A directory of tables; its path lives until the next call. */
static const char *make_tables(const char *tools, const char *alternatives, const char *hosts)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/tables", work);
	write_text("tables/tools", tools);
	write_text("tables/alternatives", alternatives);
	write_text("tables/files/etc/hosts", hosts);
	return path;
}

static void test_table_errors(void **state)
{
	static const struct {
		const char *tools, *alternatives, *want;
	} cases[] = {
		{"", "", "/tools: no packages"},
		{"# only this\n", "", "/tools: no packages"},
		{"\v\f \r\n", "", "/tools: no packages"},
		{"@base dash\nmake\n", "", "/tools:2: 'make' without a Debian package"},
		{"make make\n\nmake gmake\n", "", "/tools:3: 'make' is already in line 1"},
		{"x ok Bad\n", "", "/tools:1: 'Bad' is no name of a Debian package"},
		{"x --install\n", "", "/tools:1: '--install' is no name of a Debian package"},
		{"x a,b\n", "", "/tools:1: 'a,b' is no name of a Debian package"},
		{"@base dash\n", "/usr/bin/awk\n",
		 "/alternatives:1: a line is a path and the target of its link"},
		{"@base dash\n", "#\n/usr/bin/awk gawk 50\n",
		 "/alternatives:2: a line is a path and the target of its link"},
		{"@base dash\n", "awk gawk\n", "/alternatives:1: 'awk' is no absolute path"},
		{"@base dash\n", "/../x y\n", "/alternatives:1: '/../x' is no absolute path"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *dir = make_tables(cases[i].tools, cases[i].alternatives, "");
		hull_autofree char *want = hull_asprintf("%s%s", dir, cases[i].want);
		struct hull_seed_table t;
		struct hull_err e;

		assert_int_equal(hull_seed_table_read(&t, dir, &e), -1);
		assert_string_equal(e.msg, want);
		hull_seed_table_fini(&t);
	}
}

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD                                                                                       \
	"{\"format\": 1, \"release\": \"trixie\", \"arch\": \"amd64\", \"date\": \"2026-11-30\", \"packages\": ["
#define DASH(more) "{\"name\": \"dash\", \"version\": \"0.5.12-12\", \"arch\": \"amd64\", " more "}"
#define GOOD                                                                                       \
	"\"sha256\": \"" SHA                                                                       \
	"\", \"size_bytes\": 10, \"path\": \"pool/main/d/dash/dash_1_amd64.deb\""

static int read_lock(const char *dir, struct hull_seed_lock *out, char out_id[HULL_HEX],
		     struct hull_err *e)
{
	struct hull_seed_table t;
	int r;

	assert_int_equal(hull_seed_table_read(&t, dir, e), 0);
	r = hull_seed_lock_read(out, &t, e);
	if (r == 0)
		hull_seed_lock_id(out, &t, out_id);
	hull_seed_table_fini(&t);
	return r;
}

static void test_lock_errors(void **state)
{
	static const struct {
		const char *tools, *lock, *want;
	} cases[] = {
		{"@base dash\n", NULL, "/lock.json: there is none: 'hull seed update' writes it"},
		{"@base dash\n", "{\n,", "/lock.json:2:1: "},
		{"@base dash\n", "{\"format\": 1, \"arch\": \"amd64\"}",
		 "/lock.json: no string \"release\""},
		{"@base dash\n",
		 "{\"format\": 2, \"release\": \"x\", \"arch\": \"amd64\", \"date\": \"x\"}",
		 "/lock.json: format 2 is of a newer hull"},
		{"@base dash\n",
		 "{\"format\": 1, \"release\": \"x\", \"arch\": \"mips\", \"date\": \"x\"}",
		 "/lock.json is for machines of kind mips, this one is "},
		{"@base dash\n", HEAD "]}", "/lock.json: no packages"},
		{"@base dash\n", HEAD DASH("\"size_bytes\": 1") "]}",
		 "/lock.json: package 1: no string \"sha256\""},
		{"@base dash\n", HEAD DASH("\"sha256\": \"x\"") "]}",
		 "/lock.json: dash: 'x' is no SHA-256"},
		{"@base dash\n", HEAD DASH("\"sha256\": \"" SHA "\"") "]}",
		 "/lock.json: dash: '' is no path of a .deb below pool/"},
		{"@base dash\n",
		 HEAD DASH("\"sha256\": \"" SHA "\", \"path\": \"pool/../x.deb\"") "]}",
		 "/lock.json: dash: 'pool/../x.deb' is no path of a .deb below pool/"},
		{"@base dash\n",
		 HEAD DASH("\"sha256\": \"" SHA "\", \"path\": \"pool/x.deb\"") "]}",
		 "/lock.json: dash: no size_bytes"},
		{"@base dash\n", HEAD DASH(GOOD) ", " DASH(GOOD) "]}",
		 "/lock.json: dash is there twice"},
		{"@base dash\nmake make\nbison bison\n", HEAD DASH(GOOD) "]}",
		 "/tools:3: 'bison' is not in lock.json\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *dir = make_tables(cases[i].tools, "", "");
		hull_autofree char *want = hull_asprintf("%s%s", dir, cases[i].want);
		hull_autofree char *path = hull_asprintf("%s/lock.json", dir);
		struct hull_seed_lock l;
		char id[HULL_HEX];
		struct hull_err e;

		unlink(path);
		if (cases[i].lock)
			write_text("tables/lock.json", cases[i].lock);
		assert_int_equal(read_lock(dir, &l, id, &e), -1);
		if (!hull_starts(e.msg, want))
			fail_msg("%s\ninstead of\n%s", e.msg, want);
		hull_seed_lock_fini(&l);
	}
}

/* Packages of which only names and versions matter. */
static void write_lock(const char *const (*packages)[2], size_t n)
{
	struct hull_seed_package v[8];
	hull_autofree char *dir = hull_asprintf("%s/tables", work);
	struct hull_err e;

	assert_true(n <= sizeof v / sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct hull_seed_package){
			.name = packages[i][0],
			.version = packages[i][1],
			.arch = "all",
			.sha256 = SHA,
			.path = "pool/main/x.deb",
			.size_bytes = 1000 + i,
		};
	if (hull_seed_lock_write(dir, v, n, hull_seed_arch(&e), "2026-11-30", &e) < 0)
		fail_msg("%s", e.msg);
}

static void id_of(const char *tools, const char *alternatives, const char *hosts,
		  const char *version, char *out)
{
	const char *packages[][2] = {{"dash", version}, {"sed", "1"}, {"make", "1"}};
	const char *dir = make_tables(tools, alternatives, hosts);
	struct hull_seed_lock l;
	struct hull_err e;

	write_lock(packages, 3);
	if (read_lock(dir, &l, out, &e) < 0)
		fail_msg("%s", e.msg);
	hull_seed_lock_fini(&l);
}

/* Only what changes the seed may change its id. */
static void test_id(void **state)
{
	static const struct {
		const char *tools, *alternatives, *hosts, *version;
		bool same;
	} cases[] = {
		{"@base dash sed\nmake make\n", "/a b\n", "h", "1", true},
		{"# comment\nmake\tmake\n\n  @base sed\n@base dash sed\n", "#\n/a  b\n", "h", "1",
		 true},
		{"@base dash sed\ngmake make\n", "/a b\n", "h", "1", true},
		{"@base dash sed\n", "/a b\n", "h", "1", true},
		{"@base dash sed\nmake make\n", "/a b\n", "h", "2", false},
		{"@base dash sed\nmake make\n", "/a c\n", "h", "1", false},
		{"@base dash sed\nmake make\n", "/a b\n", "i", "1", false},
	};
	char first[HULL_HEX], other[HULL_HEX];

	(void)state;
	id_of(cases[0].tools, cases[0].alternatives, cases[0].hosts, cases[0].version, first);
	for (size_t i = 1; i < sizeof cases / sizeof *cases; i++) {
		id_of(cases[i].tools, cases[i].alternatives, cases[i].hosts, cases[i].version,
		      other);
		assert_int_equal(!strcmp(first, other), cases[i].same);
	}
}

static void open_store(struct hull_store *s)
{
	hull_autofree char *path = hull_asprintf("%s/store", work);
	struct hull_err e;

	if (hull_store_open(s, path, &e) < 0)
		fail_msg("%s", e.msg);
}

/* A seed as it lies in the store, without its packages. */
static void fake_seed(const char *id, const char *json)
{
	hull_autofree char *record = hull_asprintf("store/seeds/%s.json", id);
	hull_autofree char *perl = hull_asprintf("store/seeds/%s/usr/bin/perl", id);

	write_text(record, json);
	write_text(perl, "");
}

/* What was compared since then is in checked/. */
static void reboot(struct hull_store *s)
{
	struct hull_err e;

	assert_int_equal(hull_remove_tree(s->fd, "checked", &e), 0);
	hull_store_close(s);
	open_store(s);
}

/* With the first look the record says what the files are; later ones compare, once after a start of the
 * machine. */
static void damage_is_found(struct hull_store *s, const struct hull_seed_options *o, const char *id)
{
	hull_autofree char *file =
		hull_asprintf("%s/usr/bin/perl", hull_store_path(HULL_STORE_SEED, id).path);
	struct hull_seed seed;
	struct hull_err e;

	assert_int_equal(hull_seed_compare(s, id, &e), 1);
	reboot(s);
	assert_int_equal(hull_seed_open(&seed, s, o, NULL, &e), 0);
	hull_seed_fini(&seed);
	assert_int_equal(hull_file_write(s->fd, file, "!", 1, 0755, &e), 0);
	assert_int_equal(hull_seed_compare(s, id, &e), 0);
	assert_int_equal(hull_seed_open(&seed, s, o, NULL, &e), 0);
	hull_seed_fini(&seed);
	reboot(s);
	assert_int_equal(hull_seed_open(&seed, s, o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "a build makes it"));
	assert_false(hull_store_has(s, HULL_STORE_SEED, id));
	assert_true(hull_store_has(s, HULL_STORE_SEED_RECORD, id));
}

static void packages_json(const struct hull_seed_lock *l, struct hull_buf *out)
{
	hull_autojson json_t *j = json_pack("{s:[]}", "packages");

	for (size_t i = 0; i < l->npackages; i++)
		json_array_append_new(json_object_get(j, "packages"),
				      hull_seed_package_json(&l->packages[i]));
	hull_json_text(j, false, out);
}

static void test_open(void **state)
{
	static const char *const packages[][2] = {
		{"dash", "0.5.12-12"}, {"bison", "2:3.8.2+dfsg-1+b2"}, {"golang-go", "2:1.24~2"},
		{"make", "4.4.1-2"},   {"automake", "1:1.17-4"},       {"bash", "5.2.37-2+b10"},
	};
	static const struct {
		const char *name, *version;
	} tools[] = {
		{"automake", "1.17"}, {"bison", "3.8.2"}, {"go", "1.24"},
		{"golang", "1.24"},   {"make", "4.4.1"},
	};
	static const char text[] = "@base dash bash\nmake make dash\ngo golang-go\nbison bison\n"
				   "golang golang-go\nautomake automake\n";
	struct hull_seed_options o = {.mode = HULL_SEED_EXISTING};
	hull_autobuf struct hull_buf json = {0};
	struct hull_seed seed;
	struct hull_store s;
	struct hull_err e;
	char id[HULL_HEX];
	struct hull_seed_lock l;

	(void)state;
	open_store(&s);
	o.tables = make_tables(text, "", "");
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "there is none"));
	write_lock(packages, 6);
	assert_int_equal(read_lock(o.tables, &l, id, &e), 0);
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "a build makes it"));
	assert_int_equal(hull_seed_current(&s, o.tables, id, &e), 0);

	packages_json(&l, &json);
	hull_seed_lock_fini(&l);
	fake_seed(id, json.p);
	assert_int_equal(hull_seed_current(&s, o.tables, id, &e), 1);
	if (hull_seed_open(&seed, &s, &o, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(seed.id, id);
	assert_int_equal(seed.npackages, 6);
	assert_string_equal(seed.packages[0].name, "automake");
	assert_int_equal(seed.packages[0].size_bytes, 1004);
	assert_int_equal(seed.ntools, sizeof tools / sizeof *tools);
	for (size_t i = 0; i < seed.ntools; i++) {
		assert_string_equal(seed.tools[i].name, tools[i].name);
		if (tools[i].version)
			assert_string_equal(seed.tools[i].version, tools[i].version);
		else
			assert_null(seed.tools[i].version);
	}
	assert_true(provides(&seed, "go"));
	assert_false(provides(&seed, "golang-go"));
	assert_false(provides(&seed, "@base"));
	assert_true(provides(&seed, "/usr/bin/perl"));
	assert_false(provides(&seed, "/usr/bin/python3"));
	hull_seed_fini(&seed);

	damage_is_found(&s, &o, id);
	fake_seed(id, "{\"packages\": [{\"name\": \"dash\"}]}");
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "no string \"version\""));
	fake_seed(id, "{\"packages\": [");
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "a build makes it"));
	assert_false(hull_store_has(&s, HULL_STORE_SEED_RECORD, id));
	assert_true(hull_exists(s.fd, "damaged"));
	hull_store_close(&s);
}

static mode_t mode_of(const char *path, bool follow)
{
	hull_autofree char *full = hull_asprintf("%s/root/%s", work, path);
	struct stat st;

	if ((follow ? stat(full, &st) : lstat(full, &st)) < 0)
		return 0;
	assert_int_equal(st.st_mtime, 1577836800);
	return st.st_mode;
}

static void test_fix(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
	} cases[] = {
		{"usr/bin/su", S_IFREG | 0755},
		{"usr/bin/secret", S_IFREG | 0400},
		{"var/mail", S_IFDIR | 0775},
		{"usr/bin/cc", S_IFLNK | 0777},
		{"usr/bin/awk", 0},
		{"etc/hosts", S_IFREG | 0644},
		{"etc/apt", 0},
		{"etc/resolv.conf", 0},
		{"var/cache/apt", 0},
		{"tmp/rubbish", 0},
		{"tmp", S_IFDIR | 0755},
		{"hull", S_IFDIR | 0755},
		{"dev", S_IFDIR | 0755},
		{"usr/lib/cpp", S_IFLNK | 0777},
	};
	hull_autofree char *root = hull_asprintf("%s/root", work);
	hull_autofree char *su = hull_asprintf("%s/usr/bin/su", root);
	hull_autofree char *secret = hull_asprintf("%s/usr/bin/secret", root);
	hull_autofree char *mail = hull_asprintf("%s/var/mail", root);
	struct hull_seed_table t;
	struct hull_err e;

	(void)state;
	write_text("root/usr/bin/su", "");
	write_text("root/usr/bin/secret", "");
	write_text("root/usr/bin/gcc", "");
	write_text("root/usr/lib/x", "");
	write_text("root/etc/hosts", "old");
	write_text("root/etc/apt/sources.list", "");
	write_text("root/etc/resolv.conf", "");
	write_text("root/var/cache/apt/archives/x.deb", "");
	write_text("root/var/mail/x", "");
	write_text("root/tmp/rubbish", "");
	assert_int_equal(chmod(su, 06755), 0);
	assert_int_equal(chmod(secret, 0), 0);
	assert_int_equal(chmod(mail, 02075), 0);
	if (hull_seed_table_read(&t,
				 make_tables("@base dash\n",
					     "/usr/bin/cc gcc\n/usr/bin/awk gawk\n"
					     "/usr/lib/cpp ../bin/gcc\n",
					     "new"),
				 &e) < 0 ||
	    hull_seed_fix(root, &t, &e) < 0)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (mode_of(cases[i].path, false) != cases[i].mode)
			fail_msg("%s: mode %o", cases[i].path, mode_of(cases[i].path, false));
	assert_true(S_ISREG(mode_of("usr/lib/cpp", true)));
	/* once more: the links are there now, which a table must not ask for */
	assert_int_equal(hull_seed_fix(root, &t, &e), -1);
	assert_non_null(strstr(e.msg, "alternatives:1: /usr/bin/cc is there already"));
	hull_seed_table_fini(&t);
}

/* The lock of these tables as the mirror has it, and its seed. */
static int update_and_open(const struct hull_store *s, struct hull_seed_options *o,
			   const char *mirror, struct hull_seed *out, struct hull_err *e)
{
	const struct hull_source_options sources = {.debian_mirror = mirror, .pause_ms = 1};
	int r;

	if (hull_seed_update(s, o->tables, mirror, "2026-11-30", NULL, e) < 0)
		return -1;
	o->sources = &sources;
	r = hull_seed_open(out, s, o, NULL, e);
	o->sources = NULL;
	return r;
}

/* With the mirror of the host's apt: a root just large enough for a shell. */
static void test_make(void **state)
{
	static const char *const argv[] = {"/bin/sh", "-c", "echo $0 && test ! -e /etc/apt", NULL};
	struct hull_seed_options o = {.mode = HULL_SEED_USE};
	struct hull_seed seed, again;
	struct hull_store s;
	struct hull_sandbox box = {.hostname = "build",
				   .argv = (char *const *)argv,
				   .envp = (char *const *)(argv + 3)};
	struct hull_sandbox_result result;
	struct hull_err e;

	(void)state;
	open_store(&s);
	o.tables = make_tables("@base base-files dash\nsh dash\n", "/usr/bin/ash dash\n", "");
	if (update_and_open(&s, &o, NULL, &seed, &e) < 0)
		fail_msg("%s", e.msg);
	assert_true(seed.npackages >= 3); /* and libc6 */
	assert_true(provides(&seed, "sh"));
	assert_true(provides(&seed, "/bin/sh"));
	box.root = seed.path;
	box.out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (hull_sandbox_run(&box, &result, &e) < 0)
		fail_msg("%s", e.msg);
	close(box.out);
	assert_int_equal(result.end, HULL_END_EXIT);
	assert_int_equal(result.status, 0);
	if (hull_seed_open(&again, &s, &o, NULL, &e) < 0) /* no second download */
		fail_msg("%s", e.msg);
	assert_string_equal(seed.id, again.id);
	hull_seed_fini(&seed);
	hull_seed_fini(&again);

	o.tables = make_tables("@base dash\nx no-such-package-1 no-such-package-2\n", "", "");
	assert_int_equal(hull_seed_update(&s, o.tables, NULL, "2026-11-30", NULL, &e), -1);
	assert_non_null(
		strstr(e.msg, "/tools:2: Debian trixie has no package 'no-such-package-1'\n"));
	assert_non_null(
		strstr(e.msg, "/tools:2: Debian trixie has no package 'no-such-package-2'"));
	assert_int_equal(
		hull_seed_update(&s, o.tables, "/no/such/directory", "2026-11-30", NULL, &e), -1);
	assert_non_null(strstr(e.msg, "HULL_DEBIAN_MIRROR"));
	hull_store_close(&s);
}

/* What is in a file of the seed; the caller frees. */
static char *seed_file(const struct hull_seed *seed, const char *name)
{
	hull_autofree char *path = hull_asprintf("%s/usr/share/doc/%s/version", seed->path, name);
	struct hull_buf text = {0};
	struct hull_err e;

	assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
	return hull_buf_steal(&text);
}

/* Of a made-up archive: the newest of the release, its updates and its security updates. */
static void test_update_secure(void **state)
{
	hull_autofree char *main_only = hull_asprintf("%s/main", work);
	hull_autofree char *both = hull_asprintf("%s/main %s/security", work, work);
	struct hull_seed_options o = {.mode = HULL_SEED_USE};
	hull_autofree char *before = NULL, *after = NULL;
	struct hull_seed old, now;
	struct hull_store s;
	struct hull_err e;

	(void)state;
	open_store(&s);
	debian_archive_start(work);
	debian_archive(work, "A deb main trixie fixed 1:1.0-1; A deb main trixie other 1.0-1;"
			     "A deb main trixie-updates other 1.0-1+deb13u1;"
			     "A deb security trixie-security fixed 1:1.0-1+deb13u1;"
			     "A sign main trixie; A sign main trixie-updates;"
			     "A sign security trixie-security");
	o.tables = make_tables("@base fixed other\n", "", "");
	if (update_and_open(&s, &o, main_only, &old, &e) < 0 ||
	    update_and_open(&s, &o, both, &now, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(old.packages[0].version, "1:1.0-1");
	assert_string_equal(old.packages[1].version, "1.0-1+deb13u1");
	assert_string_equal(now.packages[0].version, "1:1.0-1+deb13u1");
	assert_string_equal(now.packages[0].path, "pool/main/fixed/fixed_1.0-1+deb13u1_amd64.deb");
	assert_string_not_equal(old.id, now.id);
	before = seed_file(&old, "fixed");
	after = seed_file(&now, "fixed");
	assert_string_equal(before, "1:1.0-1\n");
	assert_string_equal(after, "1:1.0-1+deb13u1\n");
	hull_seed_fini(&old);
	hull_seed_fini(&now);

	/* an archive for security that somebody has changed, or held back, is no reason to do without */
	debian_archive(work, "A deb security trixie-security fixed 1:1.0-1+deb13u2");
	assert_int_equal(hull_seed_update(&s, o.tables, both, "2026-11-30", NULL, &e), -1);
	debian_archive(work, "A sign security trixie-security -1");
	assert_int_equal(hull_seed_update(&s, o.tables, both, "2026-11-30", NULL, &e), -1);
	debian_archive(work, "A sign security trixie-security");
	if (update_and_open(&s, &o, both, &now, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(now.packages[0].version, "1:1.0-1+deb13u2");
	hull_seed_fini(&now);
	debian_archive_end(work);
	hull_store_close(&s);
}

/* What is locked comes from anywhere that has it; what nobody has is told whole; what is another file than
 * the lock says, or has what another package has, makes no seed. */
static void test_locked(void **state)
{
	hull_autofree char *archive = hull_asprintf("%s/main", work);
	hull_autofree char *kept = hull_asprintf("%s/kept", work);
	const char *const aside[] = {kept};
	struct hull_source_options sources = {.debian_mirror = archive, .pause_ms = 1};
	struct hull_seed_options o = {.sources = &sources};
	struct hull_seed seed;
	struct hull_store s;
	struct hull_err e;

	(void)state;
	open_store(&s);
	debian_archive_start(work);
	debian_archive(
		work, "A deb main trixie one 1:1-1; A deb main trixie two 2-1; A sign main trixie");
	o.tables = make_tables("@base one two\n", "", "");
	if (hull_seed_update(&s, o.tables, archive, "2026-11-30", NULL, &e) < 0)
		fail_msg("%s", e.msg);
	debian_archive(work, "mkdir kept; mv main/pool/main/*/*.deb kept/");
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "lock.json: 2 of 2 packages cannot be had. "));
	assert_non_null(strstr(e.msg, "\n  one_1-1_"));
	assert_non_null(strstr(e.msg, "\n  two_2-1_"));
	assert_non_null(strstr(e.msg, "hull seed update"));
	sources.mirrors = aside;
	sources.nmirrors = 1;
	debian_archive(work, "cp kept/two_*.deb two; echo >>kept/two_2-1_amd64.deb");
	assert_int_equal(hull_seed_open(&seed, &s, &o, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "lock.json: 1 of 2 packages cannot be had. "));
	debian_archive(work, "cp two kept/two_2-1_amd64.deb");
	if (hull_seed_open(&seed, &s, &o, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	hull_seed_fini(&seed);

	debian_archive(work, "A deb main trixie both 1 usr/bin/x; A deb main trixie same 1 ./bin/x;"
			     "A sign main trixie");
	o.tables = make_tables("@base both same\n", "", "");
	assert_int_equal(update_and_open(&s, &o, archive, &seed, &e), -1);
	assert_non_null(strstr(e.msg, "/usr/bin/x is in both and in same"));
	debian_archive_end(work);
	hull_store_close(&s);
}

static int make_work(void **state)
{
	(void)state;
	snprintf(work, sizeof work, "/tmp/test_build_seed-XXXXXX");
	return mkdtemp(work) ? 0 : -1;
}

static int remove_work(void **state)
{
	struct hull_err e;

	(void)state;
	return hull_remove_tree(AT_FDCWD, work, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table_errors, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_lock_errors, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_id, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_open, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_fix, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_make, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_update_secure, make_work, remove_work),
		cmocka_unit_test_setup_teardown(test_locked, make_work, remove_work),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
