// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "go_fixture.h"
#include "image/assemble.h"
#include "sbom/backported.h"
#include "sbom/component.h"
#include "sbom/cpe.h"
#include "sbom/cyclonedx.h"
#include "sbom/dsse.h"
#include "sbom/provenance.h"
#include "sbom/purl.h"
#include "sbom/spdx.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

static char dir[] = "/tmp/hull-test-sbom-XXXXXX";
static struct hull_store store;

/* The record of the build that made app (A) and app-libs (B). */
static const char record[] =
	"{\"key\": \"" C "\", \"arch\": \"x86_64\","
	" \"spec\": {\"name\": \"app\", \"version\": \"1.0\", \"release\": \"2\"},"
	" \"inputs\": {\"format\": \"hull-build-1\", \"epoch\": 1700000000, \"macros\": \"" D "\","
	"  \"files\": {\"app.spec\": \"" A "\", \"app-CVE-2024-12345.patch\": \"" B "\","
	"   \"fix.patch\": \"" C "\", \"app.conf\": \"" D "\"}},"
	" \"sources\": ["
	"  {\"file\": \"app_1.0.orig.tar.xz\", \"sha256\": \"" A "\","
	"   \"url\": \"debian:pool/main/a/app/app_1.0.orig.tar.xz\","
	"   \"origin\": \"http://archive.test/pool/main/a/app/app_1.0.orig.tar.xz\"},"
	"  {\"file\": \"golang-x-dev_0.1+git1-2_all.deb\", \"sha256\": \"" B "\","
	"   \"url\": \"debian:pool/main/g/x/golang-x-dev_0.1+git1-2_all.deb\","
	"   \"origin\": \"/home/me/x.deb\"}],"
	" \"patches\": ["
	"  {\"archive\": \"app_1.0-1.debian.tar.xz\", \"name\": \"up/CVE-2025-1111.patch\","
	"   \"sha256\": \"" D "\", \"cves\": [\"CVE-2025-2222\", \"CVE-2025-1111\"]},"
	"  {\"archive\": \"app_1.0-1.debian.tar.xz\", \"name\": \"spelling.patch\","
	"   \"sha256\": \"" A "\", \"cves\": []},"
	"  {\"name\": \"incomplete.patch\"}],"
	" \"build_root\": {\"seed\": \"" D "\", \"packages\":"
	"  [{\"nevra\": \"glibc-devel-2.41-1.x86_64\", \"sha256\": \"" C "\"}]},"
	" \"packages\": [{\"nevra\": \"app-1.0-2.x86_64\", \"sha256\": \"" A "\"},"
	"  {\"nevra\": \"app-libs-1.0-2.x86_64\", \"sha256\": \"" B "\"}],"
	" \"log\": {\"sha256\": \"" D "\", \"bytes\": 10},"
	" \"started\": 1700000000, \"finished\": 1700000060}";

static void put(const char *path, const char *text)
{
	struct hull_err e;

	if (hull_file_write(store.fd, path, text, strlen(text), 0644, &e) < 0)
		fail_msg("%s", e.msg);
}

static int set_up(void **state)
{
	struct hull_err e;

	(void)state;
	if (!mkdtemp(dir) || hull_store_open(&store, dir, &e) < 0 ||
	    hull_mkdirs(store.fd, "builds", 0755, &e) < 0 ||
	    hull_mkdirs(store.fd, "seeds", 0755, &e) < 0 ||
	    hull_mkdirs(store.fd, "latest/x86_64", 0755, &e) < 0)
		return -1;
	put("builds/" C ".json", record);
	put("seeds/" D ".json", "{\"packages\": [{\"name\": \"gcc\", \"arch\": \"amd64\","
				" \"version\": \"4:14.2.0-1\", \"sha256\": \"" A "\"}]}");
	put("disk.raw", "the bytes of an image");
	return 0;
}

static int tear_down(void **state)
{
	struct hull_err e;

	(void)state;
	hull_store_close(&store);
	return hull_remove_tree(AT_FDCWD, dir, &e);
}

static void contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(null)", part);
}

/* --- names --- */

static void package_urls(void **state)
{
	const struct hull_package p = {.name = "libstdc++",
				       .version = "14.2.0~rc1",
				       .release = "1.hull1",
				       .arch = "x86_64",
				       .epoch = 2,
				       .source_rpm = "gcc-14.2.0-1.hull1.src.rpm"};
	const char *name, *version;
	struct hull_arena a = {0};

	(void)state;
	assert_string_equal(hull_purl_rpm(&a, "Hull", &p),
			    "pkg:rpm/hull/libstdc%2B%2B@14.2.0~rc1-1.hull1?arch=x86_64&epoch=2"
			    "&upstream=gcc-14.2.0-1.hull1.src.rpm");
	contains(hull_purl_rpm(&a, NULL, &p), "pkg:rpm/libstdc%2B%2B@");
	assert_string_equal(hull_purl_go(&a, "github.com/BurntSushi/toml", "v1.2.3+incompatible"),
			    "pkg:golang/github.com/burntsushi/toml@v1.2.3%2Bincompatible");
	assert_string_equal(hull_purl_go(&a, "stdlib", NULL), "pkg:golang/stdlib");
	assert_string_equal(hull_purl_deb(&a, "golang-x-dev_0.1+git1-2_all.deb", &name, &version),
			    "pkg:deb/debian/golang-x-dev@0.1%2Bgit1-2?arch=all");
	assert_string_equal(name, "golang-x-dev");
	assert_string_equal(version, "0.1+git1-2");
	assert_null(hull_purl_deb(&a, "x_1.orig.tar.xz", &name, &version));
	assert_null(hull_purl_deb(&a, "x_1.deb", &name, &version));
	assert_null(hull_purl_deb(&a, "__.deb", &name, &version));
	assert_string_equal(hull_purl(&a, "generic", NULL, "a\xff b", NULL, NULL),
			    "pkg:generic/a%FF%20b");
	hull_arena_fini(&a);
}

static void cpe_names(void **state)
{
	struct hull_arena a = {0};

	(void)state;
	assert_string_equal(hull_cpe(&a, "bash", "5.2.37"),
			    "cpe:2.3:a:gnu:bash:5.2.37:*:*:*:*:*:*:*");
	assert_string_equal(hull_cpe(&a, "kernel", "6.12.107"),
			    "cpe:2.3:o:linux:linux_kernel:6.12.107:*:*:*:*:*:*:*");
	assert_string_equal(hull_cpe(&a, "zstd", "1.5.7"),
			    "cpe:2.3:a:facebook:zstandard:1.5.7:*:*:*:*:*:*:*");
	assert_string_equal(hull_cpe(&a, "Lib++ x", "1.1.1+ds1"),
			    "cpe:2.3:a:*:lib\\+\\+_x:1.1.1\\+ds1:*:*:*:*:*:*:*");
	hull_arena_fini(&a);
}

/* --- Go --- */

static const char modules[] = "path\texample.org/cmd/x\n"
			      "mod\texample.org\t(devel)\t\n"
			      "dep\tgithub.com/a/b\tv1.2.3\th1:abc=\n"
			      "dep\tgolang.org/x/sys\tv0.22.0\n"
			      "=>\tgithub.com/fork/sys\tv0.23.0\th1:def=\n"
			      "build\t-compiler=gc\n"
			      "build\tvcs.revision=0123456789\n";

static int read_go(const struct hull_buf *b, struct hull_arena *a, struct hull_go_build *out,
		   struct hull_err *e)
{
	const struct hull_content c = {.memory = b->p};

	return hull_go_build_read(&c, b->n, a, out, e);
}

static void go_build_information(void **state)
{
	(void)state;
	for (unsigned int layout = 0; layout < 4; layout++) {
		hull_autobuf struct hull_buf elf = {0};
		struct hull_arena a = {0};
		struct hull_go_build b;
		struct hull_err e;

		go_program(&elf, "go1.24.4", modules, layout);
		if (read_go(&elf, &a, &b, &e) != 1)
			fail_msg("layout %u: %s", layout, e.msg);
		assert_string_equal(b.go, "go1.24.4");
		assert_string_equal(b.path, "example.org/cmd/x");
		assert_string_equal(b.revision, "0123456789");
		assert_true(b.has_main);
		assert_int_equal(b.nmodules, 3);
		assert_string_equal(b.modules[0].version, "(devel)");
		assert_string_equal(b.modules[1].path, "github.com/a/b");
		assert_string_equal(b.modules[1].sum, "h1:abc=");
		assert_null(b.modules[1].replaced_path);
		assert_string_equal(b.modules[2].path, "golang.org/x/sys");
		assert_string_equal(b.modules[2].replaced_path, "github.com/fork/sys");
		assert_string_equal(b.modules[2].replaced_version, "v0.23.0");
		assert_string_equal(b.modules[2].sum, "h1:def=");
		hull_arena_fini(&a);
	}
}

static void go_without_modules(void **state)
{
	hull_autobuf struct hull_buf elf = {0};
	struct hull_arena a = {0};
	struct hull_go_build b;
	struct hull_err e;

	(void)state;
	go_program(&elf, "go1.24.4", "path\tgithub.com/x/cmd\n", GO_SECTION);
	assert_int_equal(read_go(&elf, &a, &b, &e), 1);
	assert_string_equal(b.path, "github.com/x/cmd");
	assert_int_equal(b.nmodules, 0);
	assert_false(b.has_main);
	hull_arena_fini(&a);
}

/* Every program that ends too early is refused or read; none crashes. */
static void damaged_go_programs(void **state)
{
	hull_autobuf struct hull_buf elf = {0}, text = {0};
	struct hull_arena a = {0};
	struct hull_go_build b;
	struct hull_err e;
	size_t whole;

	(void)state;
	hull_buf_adds(&text, "#!/bin/sh\n");
	assert_int_equal(read_go(&text, &a, &b, &e), 0);
	text.n = 0;
	assert_int_equal(read_go(&text, &a, &b, &e), 0);
	go_program(&elf, "go1.24.4", modules, GO_SECTION | GO_POINTERS);
	whole = elf.n;
	for (elf.n = 0; elf.n < whole; elf.n++)
		assert_int_not_equal(read_go(&elf, &a, &b, &e), 1);
	elf.n = whole - 1;
	assert_int_equal(read_go(&elf, &a, &b, &e), -1);
	contains(e.msg, "is cut off at byte ");
	elf.n = whole;
	hull_put_le64(elf.p + GO_INFO + 16, 0x10);
	assert_int_equal(read_go(&elf, &a, &b, &e), -1);
	contains(e.msg, "outside of its segments, at address 0x10");
	hull_put_le64(elf.p + GO_INFO + 16, GO_ADDRESS + 32);
	hull_put_le64(elf.p + GO_INFO + 40, UINT64_MAX);
	assert_int_equal(read_go(&elf, &a, &b, &e), -1);
	contains(e.msg, "claims a text of 18446744073709551615 bytes");
	elf.p[GO_INFO + 14] = 4;
	assert_int_equal(read_go(&elf, &a, &b, &e), -1);
	contains(e.msg, "another machine");
	elf.p[GO_INFO + 1] = 'g';
	assert_int_equal(read_go(&elf, &a, &b, &e), -1);
	contains(e.msg, "does not start as it should");
	hull_arena_fini(&a);
}

/* --- a system --- */

static struct hull_dep app_requires[] = {
	{"libapp.so.1()(64bit)", NULL, 0, 0},
	{"rpmlib(CompressedFileNames)", "3.0.4-1", HULL_DEP_LESS | HULL_DEP_EQUAL, 0},
	{"/usr/bin/helper", NULL, 0, 0},
	{"(libapp.so.1()(64bit) or nothing)", NULL, 0, 0},
	{"app(own)", NULL, 0, 0},
	{"(nobody and (tool if helper))", NULL, 0, 0},
};
static struct hull_dep app_provides[] = {{"app(own)", NULL, 0, 0}, {"app", "1.0-2", 4, 0}};
static struct hull_dep libs_provides[] = {{"libapp.so.1()(64bit)", NULL, 0, 0},
					  {"tool", NULL, 0, 0}};
static struct hull_file helper_files[] = {{.path = "/usr/bin/helper", .mode = 0100755}};
static struct hull_dep helper_requires[] = {{"app", "1.0", HULL_DEP_EQUAL, 0}};

static struct hull_package packages[] = {
	{.name = "app",
	 .version = "1.0",
	 .release = "2",
	 .arch = "x86_64",
	 .summary = "An application",
	 .license = "Apache-2.0 AND LicenseRef-Public-Domain",
	 .url = "https://example.org/",
	 .vendor = "Hull",
	 .source_rpm = "app-1.0-2.src.rpm",
	 .build_time = 1700000000,
	 .deps = {[HULL_REQUIRES] = {app_requires, sizeof app_requires / sizeof *app_requires},
		  [HULL_PROVIDES] = {app_provides, 2}}},
	{.name = "app-libs",
	 .version = "1.0",
	 .release = "2",
	 .arch = "x86_64",
	 .license = "Apache-2.0",
	 .vendor = "Hull",
	 .source_rpm = "app-1.0-2.src.rpm",
	 .build_time = 1700000100,
	 .deps = {[HULL_PROVIDES] = {libs_provides, 2}}},
	{.name = "helper",
	 .version = "3\xff",
	 .release = "1",
	 .arch = "noarch",
	 .license = "GPLv2+ and others",
	 .build_time = 1600000000,
	 .files = helper_files,
	 .nfiles = 1,
	 .deps = {[HULL_REQUIRES] = {helper_requires, 1}}},
};

static struct hull_locked locked[] = {
	{.name = "app",
	 .evr = "1.0-2",
	 .arch = "x86_64",
	 .sha256 = A,
	 .location = "x86_64/app-1.0-2.x86_64.rpm",
	 .repository = "hull",
	 .want = "app",
	 .origin = "list.json:3"},
	{.name = "app-libs",
	 .evr = "1.0-2",
	 .arch = "x86_64",
	 .sha256 = B,
	 .location = "x86_64/app-libs-1.0-2.x86_64.rpm",
	 .repository = "hull",
	 .by = "app",
	 .dep = "libapp.so.1()(64bit)"},
};

struct sbom_system {
	struct hull_system system;
	struct hull_buf program;
	char *path;
};

static void make_machine(struct sbom_system *m)
{
	struct hull_tree *t = &m->system.tree;
	int node;

	*m = (struct sbom_system){.system = {.packages = packages,
					     .npackages = 3,
					     .has_lock = true,
					     .os_id = "hull",
					     .os_version = "1",
					     .os_name = "Hull 1"}};
	m->path = hull_asprintf("%s/disk.raw", dir);
	m->system.path = m->system.file = m->path;
	m->system.lock = (struct hull_lock){.arch = "x86_64", .v = locked, .n = 2};
	go_program(&m->program, "go1.24.4", modules, GO_SECTION);
	hull_tree_init(t);
	node = tree_put_mode(t, "/usr/bin/app", "", 0755);
	hull_tree_set_file(t, node, m->program.p, m->program.n, 0755);
	t->v[node].owner = 0;
	t->v[tree_put(t, "/usr/lib/libapp.so.1", "library")].owner = 1;
	t->v[tree_put_mode(t, "/usr/bin/helper", "#!/bin/sh\n", 0755)].owner = 2;
	tree_put(t, "/etc/made\xff", "");
	tree_put(t, HULL_IMAGE_LOCK, "{}");
	tree_link(t, "/usr/lib/libapp.so", "libapp.so.1");
}

static void clear_machine(struct sbom_system *m)
{
	hull_tree_fini(&m->system.tree);
	hull_buf_fini(&m->program);
	free(m->path);
}

static void make_sbom(const struct sbom_system *m, struct hull_sbom *b, bool files)
{
	const struct hull_sbom_options o = {
		.store = &store, .arch = "x86_64", .created = -1, .files = files, .threads = 3};
	struct hull_err e;

	if (hull_sbom_init(b, &m->system, &o, &e) < 0)
		fail_msg("%s", e.msg);
}

static void requirements_of_packages(void **state)
{
	static const struct {
		int by, to;
		const char *text;
	} want[] = {
		{0, 1, "libapp.so.1()(64bit)"},
		{0, 2, "/usr/bin/helper"},
		{2, 0, "app = 1.0"},
	};
	struct hull_sbom b;
	struct sbom_system m;

	(void)state;
	make_machine(&m);
	/* the lock's reason for app-libs is a requirement: it changes nothing */
	for (int lock = 0; lock < 2; lock++) {
		m.system.has_lock = lock;
		make_sbom(&m, &b, false);
		assert_int_equal(b.requirements.n, 3);
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(b.requirements.v[i].by, want[i].by);
			assert_int_equal(b.requirements.v[i].to, want[i].to);
			assert_string_equal(b.requirements.v[i].text, want[i].text);
		}
		hull_sbom_fini(&b);
	}
	clear_machine(&m);
}

static void records_of_packages(void **state)
{
	struct hull_build_wanted w[] = {{.sha256 = B, .arch = "x86_64", .spec = "app"},
					{.sha256 = D, .arch = "x86_64", .spec = "app"},
					{.sha256 = A, .arch = "x86_64", .spec = "../app"}};
	struct hull_build_records r;
	struct hull_err e;

	(void)state;
	for (int latest = 0; latest < 2; latest++) {
		if (latest)
			put("latest/x86_64/app", C);
		if (hull_build_records_find(&store, w, 3, &r, &e) < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(r.n, 1);
		assert_string_equal(r.v[0].key, C);
		assert_int_equal(w[0].record, 0);
		assert_int_equal(w[1].record, -1); /* it is mentioned, but is no result */
		assert_int_equal(w[2].record, 0);
		hull_build_records_fini(&r);
	}
	put("builds/" B ".json", "{\"a\": \"" D "\"");
	assert_int_equal(hull_build_records_find(&store, w, 3, &r, &e), -1);
	contains(e.msg, "builds/" B ".json");
	hull_build_records_fini(&r);
	assert_int_equal(unlinkat(store.fd, "builds/" B ".json", 0), 0);
}

/* What patches fix, by the package of the image: those of the directory and those of an archive. */
static void patches_of_packages(void **state)
{
	static const struct {
		int package;
		const char *id, *patch;
	} want[] = {
		{0, "CVE-2024-12345", "app-CVE-2024-12345.patch"},
		{0, "CVE-2025-1111", "up/CVE-2025-1111.patch"},
		{0, "CVE-2025-2222", "up/CVE-2025-1111.patch"},
		{1, "CVE-2025-2222", "up/CVE-2025-1111.patch"}, /* built with it */
		{2, "CVE-2025-2222", NULL},			/* not in the lock */
		{0, "CVE-2025-222", NULL},
	};
	struct hull_backports b = {0};
	struct hull_err e;
	struct sbom_system m;

	(void)state;
	make_machine(&m);
	for (int lock = 1; lock >= 0; lock--) {
		m.system.has_lock = lock;
		if (hull_backports_read(&store, &m.system, &b, &e) < 0)
			fail_msg("%s", e.msg);
		for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
			const char *patch = hull_backports_find(&b, want[i].package, want[i].id);

			if (lock && want[i].patch)
				assert_string_equal(patch, want[i].patch);
			else
				assert_null(patch);
		}
		hull_backports_fini(&b);
	}
	clear_machine(&m);
}

/* --- documents --- */

/* The text of a document, which two runs have to agree on. */
static char *text_of(json_t *(*make)(struct hull_sbom *), bool files)
{
	char *first = NULL;

	for (int run = 0; run < 2; run++) {
		struct hull_buf text = {0};
		struct hull_sbom b;
		struct sbom_system m;
		json_t *j;

		make_machine(&m);
		make_sbom(&m, &b, files);
		j = make(&b);
		assert_non_null(j);
		hull_json_text(j, false, &text);
		json_decref(j);
		hull_sbom_fini(&b);
		clear_machine(&m);
		if (first)
			assert_string_equal(first, text.p);
		free(first);
		first = text.p;
	}
	return first;
}

static void spdx_document(void **state)
{
	static const char *const parts[] = {
		"\"created\":\"2023-11-14T22:15:00Z\"",
		"\"documentNamespace\":\"https://spdx.org/spdxdocs/disk.raw-",
		"pkg:rpm/hull/app@1.0-2?arch=x86_64&upstream=app-1.0-2.src.rpm",
		"\"licenseDeclared\":\"Apache-2.0 AND LicenseRef-Public-Domain\"",
		"\"licenseId\":\"LicenseRef-Public-Domain\"",
		"\"licenseComments\":\"column 1: 'GPLv2+' is no license of the SPDX list\"",
		"\"licenseDeclared\":\"LicenseRef-Declared-GPLv2-x2B-x20and-x20others\"",
		"\"extractedText\":\"GPLv2+ and others\"",
		"\"comment\":\"asked for by list.json:3: app\",\"relatedSpdxElement\":"
		"\"SPDXRef-Package-app-1.0-2.x86-x5F64\",\"relationshipType\":\"CONTAINS\"",
		"\"comment\":\"required by app: libapp.so.1()(64bit)\"",
		"\"relationshipType\":\"DEPENDS_ON\"",
		"\"relatedSpdxElement\":\"SPDXRef-Source-app-1.0-2\",\"relationshipType\":\"GENERATED_"
		"FROM\"",
		"\"downloadLocation\":\"http://archive.test/pool/main/a/app/app_1.0.orig.tar.xz\"",
		"pkg:deb/debian/golang-x-dev@0.1%2Bgit1-2?arch=all",
		"\"relationshipType\":\"PATCH_APPLIED\",\"spdxElementId\":\"SPDXRef-Component-fix.patch-"
		"cccccccccccccccc\"",
		"\"relationshipType\":\"PATCH_APPLIED\",\"spdxElementId\":\"SPDXRef-Component-"
		"spelling.patch-aaaaaaaaaaaaaaaa\"",
		"\"sourceInfo\":\"in app_1.0-1.debian.tar.xz\"",
		"pkg:golang/stdlib@1.24.4",
		"pkg:golang/github.com/fork/sys@v0.23.0",
		"\"comment\":\"linked into /usr/bin/app\"",
		"\"fileName\":\"./etc/made%FF\"",
		"\"packageVerificationCodeValue\"",
		"\"versionInfo\":\"3\\\\xff-1\"",
	};
	hull_autofree char *text = text_of(hull_spdx, true);
	hull_autofree char *without = text_of(hull_spdx, false);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		contains(text, parts[i]);
	assert_null(strstr(text, "/home/me"));
	assert_null(strstr(without, "\"files\""));
	assert_null(strstr(without, "\"filesAnalyzed\":true"));
}

static void cyclonedx_bom(void **state)
{
	static const char *const parts[] = {
		"\"serialNumber\":\"urn:uuid:",
		"\"bomFormat\":\"CycloneDX\"",
		"\"bom-ref\":\"rpm:app-1.0-2.x86_64\"",
		"\"bom-ref\":\"rpm:helper-3\\\\xff-1.noarch\"",
		"\"resolves\":[{\"id\":\"CVE-2024-12345\",\"type\":\"security\"}],\"type\":\"backport\"",
		"\"diff\":{\"url\":\"fix.patch\"},\"type\":\"unofficial\"",
		"\"diff\":{\"url\":\"spelling.patch\"},\"type\":\"unofficial\"",
		"\"diff\":{\"url\":\"up/CVE-2025-1111.patch\"},\"resolves\":[{\"id\":\"CVE-2025-1111\","
		"\"type\":\"security\"},{\"id\":\"CVE-2025-2222\",\"type\":\"security\"}],"
		"\"type\":\"backport\"",
		"{\"name\":\"hull:patch:sha256:spelling.patch\",\"value\":\"" A "\"}",
		"{\"name\":\"hull:reason\",\"value\":\"required by app: libapp.so.1()(64bit)\"}",
		"{\"dependsOn\":[\"rpm:app-libs-1.0-2.x86_64\",\"rpm:helper-3",
		"\"name\":\"GPLv2+ and others\"",
		"{\"name\":\"hull:go:instead-of\",\"value\":\"golang.org/x/sys\"}",
		"\"url\":\"http://archive.test/pool/main/a/app/app_1.0.orig.tar.xz\"",
		"\"ref\":\"image\"",
	};
	hull_autofree char *text = text_of(hull_cyclonedx, true);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		contains(text, parts[i]);
	assert_null(strstr(text, "/home/me"));
	assert_null(strstr(text, "incomplete"));
}

static const struct hull_provenance_options provenance_options = {.store = &store,
								  .builder = "https://farm.test/"};

static json_t *of_package(struct hull_sbom *b)
{
	struct hull_err e;
	json_t *j = hull_provenance_package(b, 1, &provenance_options, &e);

	if (!j)
		fail_msg("%s", e.msg);
	assert_null(hull_provenance_package(b, 2, &provenance_options, &e));
	contains(e.msg, "no record of its build");
	return j;
}

static json_t *of_image(struct hull_sbom *b)
{
	struct hull_err e;
	json_t *j = hull_provenance_image(b, &provenance_options, &e);

	if (!j)
		fail_msg("%s", e.msg);
	return j;
}

static void provenance_statements(void **state)
{
	static const char *const package[] = {
		"\"subject\":[{\"digest\":{\"sha256\":\"" B
		"\"},\"name\":\"app-libs-1.0-2.x86_64.rpm\"",
		"\"predicateType\":\"https://slsa.dev/provenance/v1\"",
		"\"invocationId\":\"" C "\"",
		"\"startedOn\":\"2023-11-14T22:13:20Z\"",
		"\"finishedOn\":\"2023-11-14T22:14:20Z\"",
		"\"annotations\":{\"pinned\":\"debian:pool/main/a/app/app_1.0.orig.tar.xz\"}",
		"{\"digest\":{\"sha256\":\"" C "\"},\"name\":\"glibc-devel-2.41-1.x86_64\"}",
		"pkg:deb/debian/gcc@4:14.2.0-1?arch=amd64",
		"\"builder\":{\"id\":\"https://farm.test/\"}",
		"\"SOURCE_DATE_EPOCH\":1700000000",
	};
	static const char *const image[] = {
		"\"name\":\"disk.raw\"",
		"{\"origin\":\"list.json:3\",\"want\":\"app\"}",
		"\"name\":\"/usr/share/hull/lock.json\"",
		"\"name\":\"app-1.0-2.x86_64\"",
	};
	hull_autofree char *a = text_of(of_package, false), *b = text_of(of_image, false);

	(void)state;
	for (size_t i = 0; i < sizeof package / sizeof *package; i++)
		contains(a, package[i]);
	for (size_t i = 0; i < sizeof image / sizeof *image; i++)
		contains(b, image[i]);
	assert_null(strstr(a, "/home/me"));
}

static void what_is_public(void **state)
{
	(void)state;
	assert_true(hull_component_is_public("https://a.test/x@1"));
	assert_false(hull_component_is_public("https://me:secret@a.test/x"));
	assert_false(hull_component_is_public("https://token@a.test"));
	assert_false(hull_component_is_public("file:///home/me/x"));
	assert_false(hull_component_is_public("/home/me/x"));
	assert_false(hull_component_is_public("debian:pool/x"));
}

static void cves_of_patches(void **state)
{
	hull_autojson json_t *cves = json_pack("[s, s, i]", "CVE-2025-56789", "CVE-2026-0001", 7);
	struct hull_component p = {.file = "x-CVE-2024-1234-and-CVE-2025-56789.patch"},
			      odd = {.file = "CVE-24-1.patch CVE-2024-12 CVE-"};
	hull_autostrv struct hull_strv v = {0};

	(void)state;
	hull_component_cves(&p, &v);
	hull_component_cves(&odd, &v);
	assert_int_equal(v.n, 2);
	assert_string_equal(v.v[0], "CVE-2024-1234");
	assert_string_equal(v.v[1], "CVE-2025-56789");
	hull_strv_fini(&v);
	p.cves = cves;
	hull_component_cves(&p, &v);
	assert_int_equal(v.n, 3);
	assert_string_equal(v.v[2], "CVE-2026-0001");
}

/* --- signatures --- */

static char *key_file(const char *type, const EVP_CIPHER *cipher)
{
	EVP_PKEY *key = !strcmp(type, "ED25519") ? EVP_PKEY_Q_keygen(NULL, NULL, type)
						 : EVP_PKEY_Q_keygen(NULL, NULL, type, "P-256");
	char *path = hull_asprintf("%s/%s.pem", dir, type);
	FILE *f = fopen(path, "w");

	assert_non_null(key);
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, cipher, (unsigned char *)"x", cipher ? 1 : 0,
					      NULL, NULL),
			 1);
	fclose(f);
	EVP_PKEY_free(key);
	return path;
}

static size_t decode(const char *text, unsigned char *out)
{
	size_t n = strlen(text);
	int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);

	assert_true(got > 0);
	return (size_t)got - (n > 0 && text[n - 1] == '=') - (n > 1 && text[n - 2] == '=');
}

static void envelopes(void **state)
{
	hull_autojson json_t *statement = json_pack("{s:s}", "a", "b");
	hull_autofree char *path = key_file("ED25519", NULL);
	unsigned char payload[64], signature[128];
	struct hull_err e;
	hull_autojson json_t *j = hull_dsse_sign(statement, path, &e);
	static const char encoded[] = "DSSEv1 28 application/vnd.in-toto+json 9 {\"a\":\"b\"}";
	json_t *s = json_array_get(json_object_get(j, "signatures"), 0);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	FILE *f = fopen(path, "r");
	EVP_PKEY *key;

	(void)state;
	if (!j)
		fail_msg("%s", e.msg);
	assert_non_null(f);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_int_equal(decode(hull_json_optional(j, "payload"), payload), 9);
	assert_memory_equal(payload, "{\"a\":\"b\"}", 9);
	assert_int_equal(decode(hull_json_optional(s, "sig"), signature), 64);
	assert_int_equal(strlen(hull_json_optional(s, "keyid")), 64);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(ctx, signature, 64, (const unsigned char *)encoded,
					  sizeof encoded - 1),
			 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void keys_that_cannot_sign(void **state)
{
	hull_autojson json_t *statement = json_object();
	hull_autofree char *locked_key = key_file("EC", EVP_aes_128_cbc());
	hull_autofree char *none = hull_asprintf("%s/disk.raw", dir);
	struct hull_err e;

	(void)state;
	assert_null(hull_dsse_sign(statement, locked_key, &e));
	contains(e.msg, "EC.pem: no private key in PEM without a passphrase");
	assert_null(hull_dsse_sign(statement, none, &e));
	contains(e.msg, "disk.raw: no private key");
	assert_null(hull_dsse_sign(statement, "/nowhere/key.pem", &e));
	contains(e.msg, "/nowhere/key.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(package_urls),		 cmocka_unit_test(cpe_names),
		cmocka_unit_test(go_build_information),	 cmocka_unit_test(go_without_modules),
		cmocka_unit_test(damaged_go_programs),	 cmocka_unit_test(requirements_of_packages),
		cmocka_unit_test(records_of_packages),	 cmocka_unit_test(patches_of_packages),
		cmocka_unit_test(spdx_document),	 cmocka_unit_test(cyclonedx_bom),
		cmocka_unit_test(provenance_statements), cmocka_unit_test(what_is_public),
		cmocka_unit_test(cves_of_patches),	 cmocka_unit_test(envelopes),
		cmocka_unit_test(keys_that_cannot_sign),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
