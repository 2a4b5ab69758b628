// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "report/report.h"
#include "report/report_asset.h"
#include "report/report_text.h"
#include "store/store.h"

#define A      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C      "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define MARKUP "</script><img src=x onerror=\"window.owned='1'\">&amp;"

static void contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("no \"%s\" in it", part);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in it", part);
}

/* --- text --- */

static void text_cannot_be_markup(void **state)
{
	static const struct {
		const char *text, *html, *json;
	} cases[] = {
		{"plain", "plain", "\"plain\""},
		{NULL, "", "\"\""},
		{"<b a='1' c=\"2\">&", "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;",
		 "\"\\u003cb a='1' c=\\\"2\\\"\\u003e\\u0026\""},
		{"</script><!--", "&lt;/script&gt;&lt;!--", "\"\\u003c/script\\u003e\\u003c!--\""},
		{"a\\b", "a\\b", "\"a\\\\b\""},
		{"\x1b[31m\n\t", "\\x1b[31m\\x0a\\x09", "\"\\\\x1b[31m\\\\x0a\\\\x09\""},
		{"gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x90\xb3",
		 "gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x90\xb3",
		 "\"gr\xc3\xbc\xc3\x9f \xe2\x86\x92 \xf0\x9f\x90\xb3\""},
		/* right-to-left override, no-break zero width, line separator, C1 */
		{"\xe2\x80\xaegpj.exe", "\\u202egpj.exe", "\"\\\\u202egpj.exe\""},
		{"a\xef\xbb\xbf"
		 "b\xe2\x80\xa8\xc2\x85",
		 "a\\ufeffb\\u2028\\x85", "\"a\\\\ufeffb\\\\u2028\\\\x85\""},
		{"\xf3\xa0\x80\x81", "\\ue0001", "\"\\\\ue0001\""},
		/* no UTF-8: alone, cut short, too long, a surrogate, above the last */
		{"\xff<", "\\xff&lt;", "\"\\\\xff\\u003c\""},
		{"\xe2\x80", "\\xe2\\x80", "\"\\\\xe2\\\\x80\""},
		{"\xe2\x80<", "\\xe2\\x80&lt;", "\"\\\\xe2\\\\x80\\u003c\""},
		{"\xc0\xbc", "\\xc0\\xbc", "\"\\\\xc0\\\\xbc\""},
		{"\xe0\x80\xbc", "\\xe0\\x80\\xbc", "\"\\\\xe0\\\\x80\\\\xbc\""},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\"\\\\xed\\\\xa0\\\\x80\""},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\"\\\\xf4\\\\x90\\\\x80\\\\x80\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf html = {0}, json = {0};
		hull_autojson json_t *parsed = NULL;

		hull_report_text(&html, cases[i].text);
		hull_report_string(&json, cases[i].text);
		assert_string_equal(html.p ? html.p : "", cases[i].html);
		assert_string_equal(json.p, cases[i].json);
		parsed = json_loads(json.p, JSON_DECODE_ANY, NULL);
		assert_true(json_is_string(parsed));
	}
}

static void figures(void **state)
{
	static const struct {
		uint64_t value;
		const char *size, *number;
	} cases[] = {
		{0, "0 B", "0"},
		{999, "999 B", "999"},
		{1000, "1.0 kB", "1\u202f000"},
		{99949, "99.9 kB", "99\u202f949"},
		{99950, "100 kB", "99\u202f950"},
		{999499, "999 kB", "999\u202f499"},
		{999500, "1.0 MB", "999\u202f500"},
		{5368709120, "5.4 GB", "5\u202f368\u202f709\u202f120"},
		{UINT64_MAX, "18.4 EB", "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf size = {0}, number = {0};

		hull_report_size(&size, cases[i].value);
		hull_report_number(&number, cases[i].value);
		assert_string_equal(size.p, cases[i].size);
		assert_string_equal(number.p, cases[i].number);
	}
}

/* --- a system --- */

static struct hull_package packages[] = {
	{.name = "app",
	 .version = "1.0",
	 .release = "2",
	 .arch = "x86_64",
	 .license = "MIT",
	 .source_rpm = "app-1.0-2.src.rpm",
	 .build_time = 1700000000,
	 .deps[HULL_REQUIRES] = {(struct hull_dep[]){{.name = "libx.so.1()(64bit)"}}, 1}},
	{.name = "libx",
	 .version = "3",
	 .release = "1",
	 .epoch = 1,
	 .arch = "x86_64",
	 .license = MARKUP,
	 .summary = MARKUP,
	 .url = "javascript:alert(1)",
	 .source_rpm = MARKUP ".src.rpm",
	 .build_time = 1600000000,
	 .deps[HULL_PROVIDES] = {(struct hull_dep[]){{.name = "libx.so.1()(64bit)"}}, 1}},
	{.name = "x" MARKUP, .version = MARKUP, .release = "1", .arch = MARKUP, .build_time = 5},
};

static struct hull_locked locked[] = {
	{.name = "app",
	 .evr = "1.0-2",
	 .arch = "x86_64",
	 .sha256 = A,
	 .source = "app-1.0-2.src.rpm",
	 .want = "app",
	 .origin = "image.json:3"},
	{.name = "libx",
	 .evr = "1:3-1",
	 .arch = "x86_64",
	 .sha256 = B,
	 .source = "libx-3-1.src.rpm",
	 .by = "app",
	 .dep = "libx.so.1()(64bit)"},
};

static int add(struct hull_tree *t, const char *path, mode_t mode, uint64_t bytes, int owner)
{
	struct hull_err e;
	int n = hull_tree_add(t, path, &e);

	if (n < 0)
		fail_msg("%s", e.msg);
	t->v[n].mode = mode;
	t->v[n].size_bytes = bytes;
	t->v[n].owner = owner;
	return n;
}

static struct hull_system make_system(void)
{
	struct hull_system s = {.path = "/images/" MARKUP ".raw",
				.packages = packages,
				.npackages = 3,
				.has_lock = true,
				.lock = {.arch = "x86_64", .v = locked, .n = 2},
				.os_name = MARKUP,
				.kernel_version = "6.12.1"};
	int app, again;

	hull_tree_init(&s.tree);
	app = add(&s.tree, "/usr/bin/app", S_IFREG | 0755, 1000000, 0);
	again = add(&s.tree, "/usr/bin/again", S_IFREG | 0755, 1000000, 0);
	s.tree.v[again].inode = app;
	add(&s.tree, "/usr/lib/libx.so.1", S_IFREG | 0755, 3000, 1);
	add(&s.tree, "/usr/lib/libx.so", S_IFLNK | 0777, 0, 1);
	add(&s.tree, "/srv/<img src=x onerror=owned>\xff", S_IFREG | 0644, 70000, -1);
	return s;
}

static void add_finding(struct hull_findings *f, const char *id, const char *object,
			const char *package)
{
	hull_findings_add(f, id, HULL_OBJECT_FILE, object, package, "it is %s", MARKUP);
}

static struct hull_findings make_findings(void)
{
	struct hull_findings f = {0};
	struct hull_finding *accepted;

	assert_true(hull_nrules > 1);
	add_finding(&f, hull_rules[0].id, "/usr/bin/" MARKUP, "app");
	add_finding(&f, hull_rules[0].id, "/usr/lib/libx.so.1", "libx");
	add_finding(&f, hull_rules[1].id, "/srv/" MARKUP, NULL);
	accepted =
		hull_findings_add(&f, hull_rules[1].id, HULL_OBJECT_FILE, "/accepted", NULL, "x");
	accepted->accepted = "because " MARKUP;
	accepted->accepted_by = "baseline.json";
	accepted->expires = "2027-01-31";
	hull_strv_add(&f.errors, "/etc/passwd: " MARKUP);
	hull_findings_sort(&f);
	return f;
}

static char *make_page(const struct hull_store *store, const struct hull_comparison *c)
{
	struct hull_system s = make_system();
	struct hull_findings f = make_findings();
	struct hull_report r = {.system = &s,
				.findings = &f,
				.store = store,
				.comparison = c,
				.time = hull_report_time(&s)};
	struct hull_buf out = {0};
	struct hull_err e;

	assert_int_equal(r.time, 1700000000);
	if (hull_report_html(&r, &out, &e) < 0)
		fail_msg("%s", e.msg);
	hull_findings_fini(&f);
	hull_tree_fini(&s.tree);
	return hull_buf_steal(&out);
}

static json_t *data_of(const char *page)
{
	static const char open[] = "<script type=\"application/json\" id=\"data\">";
	const char *p = strstr(page, open), *end = p ? strstr(p, "</script>") : NULL;
	json_error_t je;
	json_t *j;

	assert_non_null(end);
	p += sizeof open - 1;
	j = json_loadb(p, (size_t)(end - p), JSON_REJECT_DUPLICATES, &je);
	if (!j)
		fail_msg("%d:%d: %s", je.line, je.column, je.text);
	return j;
}

static void page(void **state)
{
	hull_autofree char *p = make_page(NULL, NULL), *again = make_page(NULL, NULL);

	(void)state;
	assert_string_equal(p, again);
	contains(p, "2023-11-14 22:13 UTC");
	contains(p, "<td>1:3-1</td>");
	contains(p, "<strong>1.1 MB</strong> in files"); /* a hard link counts once */
	contains(p, "asked for in image.json:3</td>");
	contains(p, "<a href=\"#p0\">app</a> (asked for in image.json:3) → <a "
		    "href=\"#p1\">libx</a></td>");
	contains(p, "<tr><th scope=\"row\">app</th><td>libx</td><td>nothing</td></tr>");
	contains(p, "<tr><th scope=\"row\">libx</th><td>nothing</td><td>app</td></tr>");
	contains(p, "In no package: 1 file, 70.0 kB.");
	contains(p, "<strong>1</strong> accepted");
	contains(p, "No records of builds were at hand.");
	contains(p, hull_rules[0].id);
	lacks(p, "href=\"#difference\"");
	lacks(p, "{{");
}

static void names_stay_text(void **state)
{
	hull_autofree char *p = make_page(NULL, NULL);
	size_t scripts = 0;

	(void)state;
	lacks(p, "<img");
	lacks(p, "onerror=\"");
	for (const char *s = p; (s = strstr(s, "</script")); s++)
		scripts++;
	assert_int_equal(scripts, 2);
	contains(p, "&lt;/script&gt;&lt;img src=x onerror=&quot;window.owned=&#39;1&#39;&quot;&gt;"
		    "&amp;amp;");
	contains(p, "script-src 'sha256-");
	lacks(p, "unsafe");
	/* what the page is made of does not end its own element either */
	assert_null(memmem(hull_report_script().p, hull_report_script().n, "</script", 8));
	assert_null(memmem(hull_report_style().p, hull_report_style().n, "</style", 7));
}

static void data(void **state)
{
	hull_autofree char *p = make_page(NULL, NULL);
	hull_autojson json_t *j = data_of(p);
	hull_autobuf struct hull_buf tree = {0};
	const json_t *list = json_object_get(j, "packages"), *libx = json_array_get(list, 1);

	(void)state;
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(hull_json_optional(libx, "summary"), MARKUP);
	assert_string_equal(hull_json_optional(libx, "dep"), "libx.so.1()(64bit)");
	assert_int_equal(json_integer_value(json_object_get(libx, "by")), 0);
	assert_int_equal(json_integer_value(json_array_get(
				 json_object_get(json_array_get(list, 0), "requires"), 0)),
			 1);
	hull_json_text(json_object_get(j, "tree"), false, &tree);
	assert_string_equal(tree.p,
			    "[\"\",[[\"srv\",[[\"<img src=x onerror=owned>\\\\xff\",70000,-1]]],"
			    "[\"usr\",[[\"bin\",[[\"app\",1000000,0]]],"
			    "[\"lib\",[[\"libx.so.1\",3000,1]]]]]]]");
}

/* --- many files, deep directories --- */

static uint64_t sum_of(const json_t *node, size_t depth, size_t *out_files, size_t *out_depth)
{
	const json_t *in = json_array_get(node, 1), *child;
	uint64_t sum = 0;
	size_t i;

	if (depth > *out_depth)
		*out_depth = depth;
	if (json_is_integer(in)) {
		*out_files += json_is_string(json_array_get(node, 0)) ? 1 : 0;
		return (uint64_t)json_integer_value(in);
	}
	json_array_foreach (in, i, child)
		sum += sum_of(child, depth + 1, out_files, out_depth);
	return sum;
}

static void large_trees_are_summed(void **state)
{
	enum { FILES = 20000, DEPTH = 300 };
	struct hull_system s = {.path = "x"};
	struct hull_findings f = {0};
	struct hull_report r = {.system = &s, .findings = &f};
	hull_autobuf struct hull_buf out = {0}, deep = {0};
	hull_autojson json_t *j = NULL;
	uint64_t bytes = 0;
	size_t files = 0, depth = 0;
	struct hull_err e;

	(void)state;
	hull_tree_init(&s.tree);
	for (int i = 0; i < FILES; i++) {
		hull_autofree char *path = hull_asprintf("/f%d/g%d/h%d", i % 7, i % 101, i);

		add(&s.tree, path, S_IFREG | 0644, (uint64_t)i, -1);
		bytes += (uint64_t)i;
	}
	for (int i = 0; i < DEPTH; i++)
		hull_buf_adds(&deep, "/d");
	hull_buf_adds(&deep, "/file");
	add(&s.tree, deep.p, S_IFREG | 0644, 1000000, -1);
	if (hull_report_html(&r, &out, &e) < 0)
		fail_msg("%s", e.msg);
	j = data_of(out.p);
	assert_int_equal(sum_of(json_object_get(j, "tree"), 0, &files, &depth), bytes + 1000000);
	assert_in_range(files, 7000, 8000);
	assert_in_range(depth, 40, 60);
	assert_in_range(out.n, 1, 1000000);
	contains(out.p, "Nothing was found.");
	hull_tree_fini(&s.tree);
}

/* --- sources, difference --- */

static void sources(void **state)
{
	static const char record[] =
		"{\"key\": \"" C "\", \"arch\": \"x86_64\", \"spec\": {\"name\": \"app\"},"
		" \"inputs\": {\"files\": {\"app.spec\": \"" B "\", \"<b>.patch\": \"" C "\"}},"
		" \"sources\": [{\"file\": \"app<i>.tar.xz\", \"sha256\": \"" A "\","
		"  \"url\": \"https://example.test/app.tar.xz\"}],"
		" \"patches\": [{\"archive\": \"app_1-1.debian.tar.xz\", \"name\": \"up/a&b.patch\","
		"  \"sha256\": \"" B "\", \"cves\": []}],"
		" \"packages\": [{\"nevra\": \"app-1.0-2.x86_64\", \"sha256\": \"" A "\"}]}";
	char dir[] = "/tmp/hull-test-report-XXXXXX";
	struct hull_store store;
	struct hull_err e;
	hull_autofree char *p = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	if (hull_store_open(&store, dir, &e) < 0 || hull_mkdirs(store.fd, "builds", 0755, &e) < 0 ||
	    hull_file_write(store.fd, "builds/" C ".json", record, sizeof record - 1, 0644, &e) < 0)
		fail_msg("%s", e.msg);
	p = make_page(&store, NULL);
	hull_store_close(&store);
	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
	contains(p, "app-1.0-2.src.rpm <a href=\"#s0\">4 files</a>");
	contains(p, "<tr><td>up/a&amp;b.patch</td><td><code>" B "</code></td>"
		    "<td>app_1-1.debian.tar.xz</td></tr>");
	contains(p, "<tr><td>app&lt;i&gt;.tar.xz</td><td><code>" A "</code></td>"
		    "<td>https://example.test/app.tar.xz</td></tr>");
	contains(p, "<tr><td>&lt;b&gt;.patch</td><td><code>" C "</code></td>");
	contains(p, "<tbody id=\"s0\"");
	lacks(p, "<tbody id=\"s1\"");
}

static void difference(void **state)
{
	static const char *const cves[] = {"CVE-2026-0001", NULL};
	const struct hull_change change = {1, "A <a@b>", "- fixed " MARKUP}, *log[] = {&change};
	struct hull_package_difference p[] = {
		{.kind = HULL_CHANGED,
		 .name = "libx",
		 .old_evr = "2-1",
		 .new_evr = "1:3-1",
		 .old_bytes = 5000,
		 .new_bytes = 3000,
		 .log = log,
		 .nlog = 1,
		 .cves = cves},
		{.kind = HULL_REMOVED, .name = MARKUP, .old_evr = MARKUP, .old_bytes = 10},
	};
	struct hull_file_difference files[] = {
		{.kind = HULL_ADDED, .path = "/plain", .now = {.mode = S_IFREG | 0644}},
		{.kind = HULL_CHANGED,
		 .path = "/usr/bin/" MARKUP,
		 .package = "app",
		 .aspects = HULL_ASPECT_MODE,
		 .privilege = true,
		 .old = {.mode = S_IFREG | 0755},
		 .now = {.mode = S_IFREG | 04755}},
	};
	struct hull_setting_difference option = {MARKUP, "y", NULL};
	struct hull_size_difference size = {"all files", 1000, 3000};
	struct hull_comparison c = {.old_path = "/old/a.raw",
				    .packages = p,
				    .npackages = 2,
				    .files = files,
				    .nfiles = 2,
				    .kernel = {&option, 1, 1},
				    .sizes = &size,
				    .nsizes = 1};
	hull_autofree char *page_text = make_page(NULL, &c);
	const char *plain = strstr(page_text, "<code>/plain");

	(void)state;
	lacks(page_text, "<img");
	contains(page_text,
		 "of the packages 0 added, 1 removed, 1 changed, 0 rebuilt; files that differ: 2.");
	contains(page_text, "<a href=\"#difference\">");
	contains(page_text, "CVE-2026-0001");
	contains(page_text, "−2.0 kB");
	contains(page_text, "+2.0 kB");
	contains(page_text, "changed</span>: mode <strong class=\"privilege\">");
	assert_non_null(strstr(page_text, "4755 0:0"));
	assert_true(strstr(page_text, "4755 0:0") < plain);
	contains(page_text, "Kernel options");
	lacks(page_text, ">Units<");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cannot_be_markup),
		cmocka_unit_test(figures),
		cmocka_unit_test(page),
		cmocka_unit_test(names_stay_text),
		cmocka_unit_test(data),
		cmocka_unit_test(large_trees_are_summed),
		cmocka_unit_test(sources),
		cmocka_unit_test(difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
