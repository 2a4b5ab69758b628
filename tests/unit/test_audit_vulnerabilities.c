// SPDX-License-Identifier: MIT
#include "audit_fixture.h"

#include "audit/osv.h"
#include "audit/oval.h"
#include "audit/purlread.h"
#include "audit/vex.h"

/* An Azure Linux 3 of three packages. */
static void box_init(struct audit_box *b, struct hull_inventory *v)
{
	audit_box_init(b);
	b->system.os_id = "azurelinux";
	b->system.os_version = "3.0.20260101";
	audit_box_package(b, "kernel", "6.12.10", "1.azl3", "kernel-6.12.10-1.azl3.src.rpm");
	audit_box_package(b, "zlib", "1.3.1", "2.azl3", "zlib-1.3.1-2.azl3.src.rpm");
	audit_box_package(b, "zlib-devel", "1.3.1", "2.azl3", "zlib-1.3.1-2.azl3.src.rpm");
	audit_box_package(b, "runc", "1.1.15", "1.azl3", "runc-1.1.15-1.azl3.src.rpm");
	b->packages[1].epoch = b->packages[2].epoch = 0;
	hull_inventory_init(v, &b->system);
}

static void box_fini(struct audit_box *b, struct hull_inventory *v)
{
	hull_inventory_fini(v);
	audit_box_fini(b);
}

/* "id subject verdict exact fixed" of each hit, settled; the caller frees. */
static char *hits_text(struct hull_hits *h)
{
	static const char *const verdicts[] = {"unaffected", "undecided", "affected"};
	struct hull_buf b = {0};

	hull_hits_settle(h);
	hull_buf_adds(&b, "");
	for (size_t i = 0; i < h->n; i++)
		hull_buf_addf(&b, "%s %s %s %s %s %s\n", h->v[i].id, h->v[i].component->subject,
			      verdicts[h->v[i].verdict], h->v[i].exact ? "exact" : "upstream",
			      h->v[i].fixed ? h->v[i].fixed : "-",
			      hull_severity_name(h->v[i].severity));
	return hull_buf_steal(&b);
}

#define RECORD(id, more) "{\"id\": \"" id "\", \"modified\": \"2026-01-01T00:00:00Z\", " more "}"
#define AFFECTED(ecosystem, name, events)                                                          \
	"\"affected\": [{\"package\": {\"ecosystem\": \"" ecosystem "\", \"name\": \"" name        \
	"\"}, \"ranges\": [{\"type\": \"ECOSYSTEM\", \"events\": [" events "]}]}]"

static void osv_records(void **state)
{
	static const struct {
		const char *text, *hits;
	} cases[] = {
		{RECORD("CVE-1",
			AFFECTED("Azure Linux:3", "zlib",
				 "{\"introduced\": \"0\"}, {\"fixed\": \"1.3.1-3.azl3\"}")),
		 "CVE-1 zlib affected exact 1.3.1-3.azl3 medium\n"},
		{RECORD("CVE-1",
			AFFECTED("Azure Linux:3", "zlib",
				 "{\"introduced\": \"0\"}, {\"fixed\": \"1.3.1-2.azl3\"}")),
		 "CVE-1 zlib unaffected exact - medium\n"},
		/* another release, another ecosystem, another package */
		{RECORD("CVE-1", AFFECTED("Azure Linux:2", "zlib", "{\"introduced\": \"0\"}")), ""},
		{RECORD("CVE-1", AFFECTED("PyPI", "zlib", "{\"introduced\": \"0\"}")), ""},
		{RECORD("CVE-1", AFFECTED("Azure Linux", "bash", "{\"introduced\": \"0\"}")), ""},
		/* events in any order, several branches, the last affected version */
		{RECORD("CVE-1", AFFECTED("Azure Linux:3", "zlib",
					  "{\"fixed\": \"1.3.2-1\"}, {\"introduced\": \"1.3-1\"}, "
					  "{\"fixed\": \"1.2.2-1\"}, {\"introduced\": \"1.2-1\"}")),
		 "CVE-1 zlib affected exact 1.3.2-1 medium\n"},
		{RECORD("CVE-1",
			AFFECTED("Azure Linux:3", "zlib",
				 "{\"introduced\": \"0\"}, {\"last_affected\": \"1.3.1-2.azl3\"}")),
		 "CVE-1 zlib affected exact - medium\n"},
		{RECORD("CVE-1",
			AFFECTED("Azure Linux:3", "zlib",
				 "{\"introduced\": \"0\"}, {\"last_affected\": \"1.3.1-1.azl3\"}")),
		 "CVE-1 zlib unaffected exact - medium\n"},
		/* a package that is not its source */
		{RECORD("CVE-1",
			AFFECTED("Azure Linux:3", "zlib-devel", "{\"introduced\": \"0\"}")),
		 "CVE-1 zlib-devel affected exact - medium\n"},
		/* other distributions, by upstream version */
		{RECORD("DSA-1", "\"aliases\": [\"CVE-1\", \"CVE-2\"], " AFFECTED(
					 "Debian:13", "zlib",
					 "{\"introduced\": \"0\"}, {\"fixed\": \"1:1.4.dfsg-1\"}")),
		 "CVE-1 zlib affected upstream 1.4 medium\nCVE-2 zlib affected upstream 1.4 medium\n"},
		{RECORD("DEBIAN-CVE-1", "\"upstream\": [\"CVE-1\"], " AFFECTED(
						"Debian:13", "zlib",
						"{\"introduced\": \"0\"}, {\"fixed\": "
						"\"1:1.3.dfsg+really1.3.1-1+deb13u1\"}")),
		 "CVE-1 zlib undecided upstream 1.3.1 medium\n"},
		{RECORD("CVE-1", AFFECTED("Debian:13", "zlib",
					  "{\"introduced\": \"0\"}, {\"fixed\": \"1:1.3.1-1\"}")),
		 "CVE-1 zlib unaffected upstream 1.3.1 medium\n"},
		{RECORD("CVE-1",
			"\"affected\": [{\"package\": {\"ecosystem\": \"Debian:12\", \"name\": "
			"\"linux\"}, \"ranges\": [{\"type\": \"ECOSYSTEM\", \"events\": "
			"[{\"introduced\": \"0\"}, {\"fixed\": \"6.1.1-1\"}]}]}, {\"package\": "
			"{\"ecosystem\": \"Debian:14\", \"name\": \"linux\"}, \"ranges\": "
			"[{\"type\": \"ECOSYSTEM\", \"events\": [{\"introduced\": \"0\"}, "
			"{\"fixed\": \"6.13-1\"}]}]}]"),
		 "CVE-1 kernel affected upstream 6.13 medium\n"},
		/* the kernel itself, a module of Go, package URLs */
		{RECORD("CVE-1", AFFECTED("Linux", "Kernel",
					  "{\"introduced\": \"6.2.0\"}, {\"fixed\": \"6.12.11\"}")),
		 "CVE-1 kernel affected upstream 6.12.11 medium\n"},
		{RECORD("GO-1", AFFECTED("Go", "github.com/opencontainers/runc",
					 "{\"introduced\": \"0\"}, {\"fixed\": \"1.2.0-rc.1\"}")),
		 "GO-1 runc affected exact 1.2.0-rc.1 medium\n"},
		{RECORD("CVE-1",
			"\"affected\": [{\"package\": {\"purl\": \"pkg:rpm/azure-linux/zlib\"}, "
			"\"versions\": [\"1.3.1-2.azl3\"]}]"),
		 "CVE-1 zlib affected exact - medium\n"},
		{RECORD("CVE-1",
			"\"affected\": [{\"package\": {\"purl\": "
			"\"pkg:golang/github.com/opencontainers/runc\"}, \"ranges\": [{\"type\": "
			"\"SEMVER\", \"events\": [{\"introduced\": \"1.1.0\"}]}]}]"),
		 "CVE-1 runc affected exact - medium\n"},
		/* commits and withdrawn records do not count */
		{RECORD("CVE-1",
			"\"affected\": [{\"package\": {\"ecosystem\": \"Azure Linux:3\", \"name\": "
			"\"zlib\"}, \"ranges\": [{\"type\": \"GIT\", \"events\": "
			"[{\"introduced\": \"0\"}]}]}]"),
		 "CVE-1 zlib unaffected exact - medium\n"},
		{RECORD("CVE-1", "\"withdrawn\": \"2026-01-01T00:00:00Z\", " AFFECTED(
					 "Azure Linux:3", "zlib", "{\"introduced\": \"0\"}")),
		 ""},
		/* severities */
		{RECORD("CVE-1", "\"severity\": [{\"type\": \"CVSS_V3\", \"score\": "
				 "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}], " AFFECTED(
					 "Azure Linux:3", "zlib", "{\"introduced\": \"0\"}")),
		 "CVE-1 zlib affected exact - critical\n"},
		{RECORD("CVE-1", "\"database_specific\": {\"severity\": \"LOW\"}, " AFFECTED(
					 "Azure Linux:3", "zlib", "{\"introduced\": \"0\"}")),
		 "CVE-1 zlib affected exact - low\n"},
		/* what is said of the distribution itself outweighs the rest */
		{"[" RECORD("CVE-1", AFFECTED("Debian:13", "zlib", "{\"introduced\": \"0\"}")) ", " RECORD(
			 "AZL-1", "\"aliases\": [\"CVE-1\"], " AFFECTED(
					  "Azure Linux:3", "zlib",
					  "{\"introduced\": \"0\"}, {\"fixed\": \"1.3.1-1\"}")) "]",
		 "CVE-1 zlib unaffected exact - medium\n"},
	};
	struct hull_inventory v;
	struct audit_box b;

	(void)state;
	box_init(&b, &v);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *have = NULL;
		struct hull_hits h = {0};

		if (hull_osv_read(cases[i].text, strlen(cases[i].text), "x.json", &v, &h, &b.e) < 0)
			fail_msg("%zu: %s", i, b.e.msg);
		have = hits_text(&h);
		if (strcmp(have, cases[i].hits) != 0)
			fail_msg("%zu: %s\n%sexpected:\n%s", i, cases[i].text, have, cases[i].hits);
		hull_hits_fini(&h);
	}
	box_fini(&b, &v);
}

static void osv_that_is_none(void **state)
{
	static const char *const cases[][2] = {
		{"{", "x.json:1:"},
		{"", "x.json:"},
		{"{\"name\": \"x\"}", "no \"id\""},
		{"[1]", "no \"id\""},
		{"{\"id\": \"x\"}", "no \"modified\""},
		{RECORD("x", "\"affected\": 1"), "\"affected\" is no list"},
	};
	struct hull_inventory v;
	struct audit_box b;

	(void)state;
	box_init(&b, &v);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_hits h = {0};

		assert_int_equal(
			hull_osv_read(cases[i][0], strlen(cases[i][0]), "x.json", &v, &h, &b.e),
			-1);
		if (!strstr(b.e.msg, cases[i][1]) || !strstr(b.e.msg, "x.json"))
			fail_msg("'%s' lacks '%s'", b.e.msg, cases[i][1]);
		hull_hits_fini(&h);
	}
	box_fini(&b, &v);
}

/* --- OVAL --- */

#define OVAL(platform, criteria, states)                                                           \
	"<o:oval_definitions xmlns:o='o'><definitions><definition id='d1' class='vulnerability'>"  \
	"<metadata><title> T </title><affected><platform>" platform "</platform></affected>"       \
	"<reference source='CVE' ref_id='CVE-1'/><advisory><severity>Important</severity>"         \
	"</advisory></metadata>" criteria "</definition>"                                          \
	"<definition id='d2' class='inventory'><criteria><criterion test_ref='t2'/></criteria>"    \
	"</definition></definitions><tests>"                                                       \
	"<rpminfo_test id='t1'><object object_ref='o1'/><state state_ref='s1'/></rpminfo_test>"    \
	"<rpminfo_test id='t2'><object object_ref='o2'/><state state_ref='s1'/></rpminfo_test>"    \
	"<rpminfo_test id='t3' check_existence='none_exist'><object object_ref='o2'/>"             \
	"</rpminfo_test></tests><objects><rpminfo_object id='o1'><name>zlib</name>"                \
	"</rpminfo_object><rpminfo_object id='o2'><name>absent</name></rpminfo_object></objects>"  \
	"<states><rpminfo_state id='s1'>" states "</rpminfo_state></states></o:oval_definitions>"
#define LESS(evr) "<evr operation='less than'>" evr "</evr>"
#define T1	  "<criteria><criterion test_ref='t1'/></criteria>"

static void oval_definitions(void **state)
{
	static const struct {
		const char *text, *hits;
	} cases[] = {
		{OVAL("Azure Linux 3.0", T1, LESS("0:1.3.1-3.azl3")),
		 "CVE-1 zlib affected exact 0:1.3.1-3.azl3 high\n"},
		{OVAL("Azure Linux 3.0", T1, LESS("0:1.3.1-2.azl3")),
		 "CVE-1 zlib unaffected exact 0:1.3.1-2.azl3 high\n"},
		{OVAL("Azure Linux 3.0", T1,
		      "<evr operation='less than or equal'>0:1.3.1-2.azl3</evr>"),
		 "CVE-1 zlib affected exact - high\n"},
		{OVAL("Azure Linux 3.0", T1,
		      "<arch operation='pattern match'>aarch64|x86_64</arch>"),
		 "CVE-1 zlib affected exact - high\n"},
		{OVAL("Azure Linux 3.0", T1, LESS("0:9-1") "<arch>aarch64</arch>"),
		 "CVE-1 zlib unaffected exact 0:9-1 high\n"},
		/* another distribution's versions */
		{OVAL("Red Hat Enterprise Linux 9", T1, LESS("0:1.4-1.el9")),
		 "CVE-1 zlib affected upstream 0:1.4-1.el9 high\n"},
		{OVAL("Red Hat Enterprise Linux 9", T1, LESS("0:1.3.1-3.el9")),
		 "CVE-1 zlib undecided upstream 0:1.3.1-3.el9 high\n"},
		{OVAL("Red Hat Enterprise Linux 9", T1, LESS("0:1.2-30.el9")),
		 "CVE-1 zlib unaffected upstream 0:1.2-30.el9 high\n"},
		/* criteria: a test of another kind is neutral, a package that is not there is false
		 */
		{OVAL("Azure Linux",
		      "<criteria operator='AND'><criterion test_ref='t9'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib affected exact 2-1 high\n"},
		{OVAL("Azure Linux",
		      "<criteria operator='AND'><criterion test_ref='t2'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib unaffected exact 2-1 high\n"},
		{OVAL("Azure Linux",
		      "<criteria operator='OR'><criterion test_ref='t2'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib affected exact 2-1 high\n"},
		{OVAL("Azure Linux",
		      "<criteria><criterion test_ref='t3'/><criteria><criterion test_ref='t1'/></criteria></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib affected exact 2-1 high\n"},
		{OVAL("Azure Linux",
		      "<criteria><criterion negate='true' test_ref='t2'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib affected exact 2-1 high\n"},
		{OVAL("Azure Linux",
		      "<criteria><extend_definition definition_ref='d2'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "CVE-1 zlib unaffected exact 2-1 high\n"},
		{OVAL("Azure Linux", "<criteria><criterion test_ref='t2'/></criteria>",
		      LESS("2-1")),
		 ""},
	};
	struct hull_inventory v;
	struct audit_box b;

	(void)state;
	box_init(&b, &v);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *have = NULL;
		struct hull_hits h = {0};

		if (hull_oval_read(cases[i].text, strlen(cases[i].text), "x.xml", &v, &h, &b.e) < 0)
			fail_msg("%zu: %s", i, b.e.msg);
		have = hits_text(&h);
		if (strcmp(have, cases[i].hits) != 0)
			fail_msg("%zu: %sexpected:\n%s", i, have, cases[i].hits);
		hull_hits_fini(&h);
	}
	box_fini(&b, &v);
}

static void oval_that_is_none(void **state)
{
	static const char *const cases[][2] = {
		{"", "empty"},
		{"<a", "x.xml:1:"},
		{"<a/>", "no OVAL definitions"},
		{"<oval_definitions><definitions>", "x.xml:1:"},
		{"<oval_definitions><definitions><definition/></definitions></oval_definitions>",
		 "without an id"},
		{"<oval_definitions><definitions><definition id='d'><criteria operator='XOR'/></definition></definitions></oval_definitions>",
		 "XOR"},
		{"<oval_definitions><definitions><definition id='d'><criteria><criterion/></criteria></definition></definitions></oval_definitions>",
		 "refers to nothing"},
		{OVAL("Azure Linux",
		      T1 "<criteria><extend_definition definition_ref='d1'/></criteria>",
		      LESS("2-1")),
		 NULL},
		{OVAL("Azure Linux",
		      "<criteria><extend_definition definition_ref='d1'/><criterion test_ref='t1'/></criteria>",
		      LESS("2-1")),
		 "extends itself"},
		{"<oval_definitions><definitions><definition id='d' class='patch'><criteria><criterion test_ref='t'/></criteria></definition>"
		 "</definitions><tests><rpminfo_test id='t'><object object_ref='gone'/></rpminfo_test></tests></oval_definitions>",
		 "refers to gone"},
	};
	hull_autobuf struct hull_buf deep = {0};
	struct hull_inventory v;
	struct audit_box b;
	struct hull_hits h = {0};

	(void)state;
	box_init(&b, &v);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rc = hull_oval_read(cases[i][0], strlen(cases[i][0]), "x.xml", &v, &h, &b.e);

		assert_int_equal(rc, cases[i][1] ? -1 : 0);
		if (cases[i][1] && (!strstr(b.e.msg, cases[i][1]) || !strstr(b.e.msg, "x.xml")))
			fail_msg("'%s' lacks '%s'", b.e.msg, cases[i][1]);
	}
	hull_buf_adds(&deep, "<oval_definitions><definitions><definition id='d'>");
	for (int i = 0; i < 1000; i++)
		hull_buf_adds(&deep, "<criteria>");
	assert_int_equal(hull_oval_read(deep.p, deep.n, "x.xml", &v, &h, &b.e), -1);
	assert_non_null(strstr(b.e.msg, "too deeply"));
	hull_hits_fini(&h);
	box_fini(&b, &v);
}

/* --- VEX --- */

#define OPENVEX(statements)                                                                        \
	"{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": [" statements "]}"
#define STATEMENT(id, product, status)                                                             \
	"{\"vulnerability\": {\"name\": \"" id "\"}, \"products\": [" product                      \
	"], \"status\": \"" status "\"}"

static void vex_statements(void **state)
{
	static const struct {
		const char *text;
		enum hull_vex_status status; /* of CVE-1 in zlib */
	} cases[] = {
		{OPENVEX(STATEMENT("CVE-1", "\"pkg:rpm/azurelinux/zlib@1.3.1-2.azl3?arch=x86_64\"",
				   "fixed")),
		 HULL_VEX_FIXED},
		{OPENVEX(STATEMENT("CVE-1", "{\"@id\": \"pkg:generic/zlib@1.3.1\"}",
				   "not_affected")),
		 HULL_VEX_NOT_AFFECTED},
		{OPENVEX(STATEMENT(
			 "CVE-1",
			 "{\"@id\": \"image\", \"subcomponents\": [{\"@id\": \"pkg:rpm/x/zlib\"}]}",
			 "not_affected")),
		 HULL_VEX_NOT_AFFECTED},
		{OPENVEX(STATEMENT(
			 "CVE-1",
			 "{\"@id\": \"zlib\", \"subcomponents\": [{\"@id\": \"pkg:rpm/x/bash\"}]}",
			 "not_affected")),
		 HULL_VEX_OTHER},
		{OPENVEX(STATEMENT("CVE-1",
				   "{\"@id\": \"x\", \"identifiers\": {\"cpe23\": "
				   "\"cpe:2.3:a:zlib:zlib:1.3.1:*:*:*:*:*:*:*\"}}",
				   "fixed")),
		 HULL_VEX_FIXED},
		{OPENVEX(STATEMENT("CVE-1", "\"pkg:rpm/azurelinux/zlib@1.3.0\"", "fixed")),
		 HULL_VEX_OTHER},
		{OPENVEX(STATEMENT("CVE-1", "\"pkg:rpm/azurelinux/bash\"", "fixed")),
		 HULL_VEX_OTHER},
		{OPENVEX(STATEMENT("CVE-2", "\"pkg:rpm/azurelinux/zlib\"", "fixed")),
		 HULL_VEX_OTHER},
		/* the last one counts */
		{OPENVEX(STATEMENT("CVE-1", "\"zlib\"", "fixed") ", " STATEMENT("CVE-1", "\"zlib\"",
										"affected")),
		 HULL_VEX_OTHER},
		{OPENVEX(STATEMENT("CVE-1", "\"zlib\"", "affected") ", " STATEMENT("CVE-1", "",
										   "fixed")),
		 HULL_VEX_FIXED},
		/* CSAF: by group, through a relationship */
		{"{\"document\": {}, \"product_tree\": {\"full_product_names\": [{\"product_id\": \"Z\", \"name\": "
		 "\"zlib\"}], \"relationships\": [{\"product_reference\": \"Z\", \"full_product_name\": "
		 "{\"product_id\": \"OS:Z\", \"name\": \"zlib of it\"}}]}, \"vulnerabilities\": [{\"cve\": \"CVE-1\", "
		 "\"product_status\": {\"known_not_affected\": [\"OS:Z\"]}}]}",
		 HULL_VEX_NOT_AFFECTED},
		{"{\"document\": {}, \"product_tree\": {}, \"vulnerabilities\": [{\"cve\": \"CVE-1\", \"product_status\": "
		 "{\"known_not_affected\": [\"OS:Z\"]}}]}",
		 HULL_VEX_OTHER},
	};
	struct hull_component component = {HULL_COMPONENT_RPM, "zlib", "1.3.1-2.azl3", "zlib", 1};
	struct hull_hit hit = {.id = "CVE-1", .component = &component};
	struct hull_inventory v;
	struct audit_box b;

	(void)state;
	box_init(&b, &v);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct hull_vex_statement *s;
		struct hull_vex vex = {0};

		if (hull_vex_read(cases[i].text, strlen(cases[i].text), "v.json", &vex, &b.e) < 0)
			fail_msg("%zu: %s", i, b.e.msg);
		s = hull_vex_find(&vex, &b.system, &hit);
		if ((s ? s->status : HULL_VEX_OTHER) != cases[i].status)
			fail_msg("%zu: %s", i, cases[i].text);
		hull_vex_fini(&vex);
	}
	box_fini(&b, &v);
}

static void vex_that_is_none(void **state)
{
	static const char *const cases[][2] = {
		{"{", "v.json:1:"},
		{"{}", "neither OpenVEX"},
		{"{\"@context\": \"https://openvex.dev/ns\"}", "without a list"},
		{OPENVEX("{}"), "statement 1 has no \"status\""},
		{OPENVEX("{\"status\": \"fixed\"}"), "statement 1 names no vulnerability"},
		{"{\"document\": {}}", "without a list \"vulnerabilities\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_vex vex = {0};
		struct hull_err e;

		assert_int_equal(
			hull_vex_read(cases[i][0], strlen(cases[i][0]), "v.json", &vex, &e), -1);
		if (!strstr(e.msg, cases[i][1]))
			fail_msg("'%s' lacks '%s'", e.msg, cases[i][1]);
		hull_vex_fini(&vex);
	}
}

static void package_urls(void **state)
{
	static const struct {
		const char *text, *type, *namespace, *name, *version;
	} cases[] = {
		{"pkg:rpm/hull/zlib@1.3-1?arch=x#y", "rpm", "hull", "zlib", "1.3-1"},
		{"pkg:golang/github.com/a/b@v1.0.0", "golang", "github.com/a", "b", "v1.0.0"},
		{"pkg:generic/a%20b", "generic", NULL, "a b", NULL},
		{"pkg:npm/%40scope/x@1", "npm", "@scope", "x", "1"},
		{"pkg:rpm/x", "rpm", NULL, "x", NULL},
		{"pkg:rpm/", NULL, NULL, NULL, NULL},
		{"pkg:rpm", NULL, NULL, NULL, NULL},
		{"rpm/x", NULL, NULL, NULL, NULL},
		{"pkg:/x", NULL, NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_purl_parts p;
		struct hull_arena a = {0};
		bool ok = hull_purl_parse(cases[i].text, &a, &p);

		assert_int_equal(ok, cases[i].type != NULL);
		if (ok) {
			assert_string_equal(p.type, cases[i].type);
			assert_string_equal(p.name, cases[i].name);
			assert_string_equal(p.namespace ? p.namespace : "-",
					    cases[i].namespace ? cases[i].namespace : "-");
			assert_string_equal(p.version ? p.version : "-",
					    cases[i].version ? cases[i].version : "-");
		}
		hull_arena_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(osv_records),	    cmocka_unit_test(osv_that_is_none),
		cmocka_unit_test(oval_definitions), cmocka_unit_test(oval_that_is_none),
		cmocka_unit_test(vex_statements),   cmocka_unit_test(vex_that_is_none),
		cmocka_unit_test(package_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
