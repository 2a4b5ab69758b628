// SPDX-License-Identifier: MIT
#include "rpm_fixture.h"

#include <stdio.h>

#include "spec/repair.h"
#include "spec/spec.h"

#define MACROS "toolkit/macros"

/* Specs that were written for other distributions. */

/* Loads the trees <box>/<name> of a list that ends with NULL; "" or the message. */
static char *load_trees(const struct rpm_box *b, const char *const *names, struct hull_specs *out)
{
	hull_autostrv struct hull_strv trees = {0};
	struct hull_specs_request r = {.macros = MACROS,
				       .arch = "x86_64",
				       .store = &b->store,
				       .seconds = 60,
				       .strict = true};
	struct hull_err e;

	for (size_t i = 0; names[i]; i++)
		hull_strv_addf(&trees, "%s/%s", b->dir, names[i]);
	r.trees = (const char *const *)trees.v;
	r.ntrees = trees.n;
	return box_strip(b, hull_specs_load(out, &r, &e) < 0 ? e.msg : "");
}

static char *load(const struct rpm_box *b, struct hull_specs *out)
{
	return load_trees(b, (const char *const[]){"SPECS", NULL}, out);
}

static void load_ok(const struct rpm_box *b, struct hull_specs *out)
{
	hull_autofree char *message = load(b, out);

	assert_string_equal(message, "");
}

#define HEAD(name)                                                                                 \
	"Name: " name                                                                              \
	"\nVersion: 1\nRelease: 1%{?dist}\nSummary: x\nLicense: MIT\nBuildArch: noarch\n"

/* What a spec is read as, in a line or more. */
static void dump(const struct rpm_box *b, const struct hull_specs *specs, struct hull_buf *to)
{
	struct hull_arena a = {0};

	for (size_t i = 0; i < specs->n; i++) {
		const struct hull_spec *s = &specs->v[i];

		hull_buf_addf(to, "%s%s\n", s->name, s->unbuildable ? " unbuildable" : "");
		for (size_t k = 0; k < s->nsources; k++)
			hull_buf_addf(to, "  source %s %.8s%s\n", s->sources[k].url,
				      s->sources[k].sha256 ? s->sources[k].sha256 : "-",
				      s->sources[k].local ? " local" : "");
		for (size_t k = 0; k < s->build_requires.n; k++)
			hull_buf_addf(to, "  needs %s\n",
				      hull_dep_text(&s->build_requires.v[k], &a));
		for (size_t k = 0; k < s->npackages; k++) {
			const struct hull_package *p = &s->packages[k];

			hull_buf_addf(to, "  package %s\n", p->name);
			for (size_t d = 0; d < p->deps[HULL_REQUIRES].n; d++)
				hull_buf_addf(to, "    requires %s\n",
					      hull_dep_text(&p->deps[HULL_REQUIRES].v[d], &a));
			for (size_t f = 0; f < p->nfiles; f++)
				hull_buf_addf(to, "    file %s\n", p->files[f].path);
		}
	}
	for (size_t i = 0; i < specs->warnings.n; i++) {
		hull_autofree char *line = box_strip(b, specs->warnings.v[i]);

		hull_buf_addf(to, "warning %s\n", line);
	}
	hull_arena_fini(&a);
}

static void causes_of_refusal_are_none(void **state)
{
	static const char digest[] =
		"D6AE44F96A5C33A43AEC1C7FDA735BB59F26BF4160531A3610FFEDB77D792438";
	static const struct {
		const char *text; /* below HEAD("x") */
		const char *want;
	} cases[] = {
		{"%description\nx\n%files\n%{perl_vendorlib}/Foo.pm\n",
		 "x\n  package x\n    file /usr/share/perl5/vendor_perl/Foo.pm\n"},
		{"%description\nx\n%check\n%pytest\n%tox\n%files\n", "x\n  package x\n"},
		{"%package -n libfoo\nSummary: x\n%description\nx\n%description -n libfoo\nx\n"
		 "%ldconfig_scriptlets -n libfoo\n%files\n%files -n libfoo\n",
		 "x\n  package x\n  package libfoo\n"},
		{"%description\nx\n%install\n%makeinstall\n%files\n", "x\n  package x\n"},
		{"BuildRequires: %{py3_dist setuptools Foo_Bar}\n%description\nx\n%files\n",
		 "x\n  needs python3dist(foo-bar)\n  needs python3dist(setuptools)\n  package x\n"},
		{"Source0: %{pypi_source}\nSource1: %pypi_source Foo 2 zip\n%description\nx\n%files\n",
		 "x\n  source pypi:source/x/x/x-1.tar.gz -\n"
		 "  source pypi:source/F/Foo/Foo-2.zip -\n  package x\n"},
		{"%global commit 1c07bdbec3f2\n%global short %(c=%{commit}; echo ${c:0:7})\n"
		 "Source0: https://example.com/x-%{short}.tar.gz\n%description\nx\n%files\n",
		 "x\n  source https://example.com/x-1c07bdb.tar.gz d6ae44f9\n  package x\n"
		 "warning SPECS/x/x.signatures.json:1:2: \"signatures\" is read as \"Signatures\"\n"
		 "warning SPECS/x/x.signatures.json:1:17: \"x-1c07bdb.tar.gz\" is a SHA-256 with "
		 "capital letters\n"},
		{"Patch0: in.patch\nPatch1: beside.patch\n%description\nx\n%files\n",
		 "x\n  source in.patch - local\n  source beside.patch - local\n  package x\n"},
		{"%if 0%{azl}\nRequires: bash\n%endif\n%description\nx\n%files\n",
		 "x unbuildable\n  package x\nwarning SPECS/x/x.spec:7: unknown macro %{azl}\n"},
		{"%nobody_has_it -n x\nRequires: a >= %{nor_this}.0\n%description\nx\n%files\n",
		 "x unbuildable\n  package x\n    requires a >= 0.0\n"
		 "warning SPECS/x/x.spec:7: unknown macro %nobody_has_it\n"
		 "warning SPECS/x/x.spec:8: unknown macro %{nor_this}\n"},
		{"Obsoletes: foo\n%description\nx\n%files\n",
		 "x\n  package x\nwarning SPECS/x/x.spec:7: It's not recommended to have unversioned "
		 "Obsoletes: Obsoletes: foo\n"},
		{"# see %configure\n# and %%configure\n%description\nx\n%files\n",
		 "x\n  package x\nwarning SPECS/x/x.spec:7: macros in a comment are not expanded\n"},
		{"%description\r\nx\r\n%files\r\n",
		 "x\n  package x\nwarning SPECS/x/x.spec:7: ends in CR LF: such lines are read as if "
		 "they ended in LF\n"},
		{"%description\nx\n%files\n%changelog\n* Thu Jan 04 2024 A <a@b> - 1-1\n- older\n"
		 "* Mon Feb 12 2024 A <a@b> - 1-2\n- newer\n",
		 "x\n  package x\nwarning SPECS/x/x.spec:13: %changelog: newer than the entry above "
		 "it: the entries are sorted by date\n"},
		{"%global lo %{lower:ABC}\nRequires: %{lo}%{len:abcd}%{gsub %{name} x y}\n"
		 "%description\nx\n%files\n",
		 "x\n  package x\n    requires abc4y\n"},
		{"%global forgeurl https://github.com/a/b\n%global commit "
		 "0123456789abcdef0123456789abcdef01234567\n%forgemeta\nSource0: %{forgesource}\n"
		 "%description\nx\n%prep\n%forgesetup\n%files\n",
		 "x\n  source "
		 "https://github.com/a/b/archive/0123456789abcdef0123456789abcdef01234567/"
		 "b-0123456789abcdef0123456789abcdef01234567.tar.gz -\n  package x\n"},
		{"%description\nx\n%prep\n%files\n/x\n", "x\n  package x\n    file /x\n"},
		{"%description\nx\n%prep\n%pom_xpath_inject a \"\n <x/>\n\" b\n%mvn_build -f -- -Da=b\n"
		 "%fdupes -s x\n%files\n",
		 "x\n  package x\n"},
		{"%global early %{buildroot}/a\nRequires: %{early}\n%description\nx\n%files\n",
		 "x\n  package x\n    requires /hull/build/BUILD/x-1-build/BUILDROOT/a\n"},
		{"%description\nx\n%package y\nSummary: y\n%description y\ny\n"
		 "%python_extras_subpkg -n x cli\n%files\n%pycached %{python3_sitelib}/x.py\n",
		 "x\n  package x\n    file /usr/lib/python3.13/site-packages/x.py\n    file "
		 "/usr/lib/python3.13/site-packages/__pycache__/x.cpython-*.pyc\n"
		 "  package x+cli\n    requires x = 1-1.hull1\n"},
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *text = hull_asprintf("%s%s", HEAD("x"), cases[i].text);
		hull_autofree char *json =
			hull_asprintf("{\"signatures\": {\"x-1c07bdb.tar.gz\": \"%s\"}}", digest);
		hull_autofree char *message = NULL;
		hull_autobuf struct hull_buf got = {0};
		struct hull_specs specs;
		struct rpm_box b;

		box_init(&b);
		box_write(&b, "SPECS/x/x.spec", text);
		box_write(&b, "SPECS/x/beside.patch", "x");
		if (strstr(text, "in.patch"))
			box_write(&b, "SPECS/x/SOURCES/in.patch", "x");
		if (strstr(text, "%{short}"))
			box_write(&b, "SPECS/x/x.signatures.json", json);
		message = load(&b, &specs);
		if (!*message) {
			dump(&b, &specs, &got);
			hull_specs_fini(&specs);
		}
		if (*message || strcmp(got.p, cases[i].want) != 0) {
			print_error("%s\ngave '%s%s',\nnot '%s'\n", cases[i].text, message,
				    got.p ? got.p : "", cases[i].want);
			wrong++;
		}
		box_fini(&b);
	}
	assert_int_equal(wrong, 0);
}

static void what_is_meant_is_read(void **state)
{
	static const struct {
		const char *text, *repaired; /* NULL: it stays */
	} cases[] = {
		{"a\nb\n", NULL},
		{"%changelog\n* Tue Jul 30 2024 A <a@b> - 1\n- x\n\n* Mon Jul  1 2024 B\n- y\n",
		 NULL},
		{"%changelog\n* Fri Jan  8 12:00:00 CET 2021 A <a@b>\n- x\n", NULL},
		{"%changelog\n* Fri Jan 04 2024 A\n- that was a Thursday\n", NULL},
		{"%changelog\n%autochangelog\n", NULL},
		{"%changelog\n- no entry\n", NULL},
		{"%changelog\n* no date\n- at all\n", NULL},
		{"a\r\nb\r\n", "a\nb\n"},
		{"a\r\nb\r", "a\nb"},
		{"a\rb\r\r\nc\n", "a\rb\nc\n"},
		{"\xef\xbb\xbfName: a\n", "Name: a\n"},
		{"%changelog\n* Tue July 30 2024 A\n- x\n",
		 "%changelog\n* Tue Jul 30 2024 A\n- x\n"},
		{"%changelog\n* Thurs, 5 Sept 2019 A <a@b>\n- x",
		 "%changelog\n* Thu Sep 05 2019 A <a@b>\n- x\n"},
		{"%changelog\n* Tuesday Jul 30th 2024 A\n- x\n",
		 "%changelog\n* Tue Jul 30 2024 A\n- x\n"},
		{"%changelog\n* 2018-03-04 A\n- x\n", "%changelog\n* Sun Mar 04 2018 A\n- x\n"},
		{"%changelog\n* tue jul 30 2024 A\n- x\n",
		 "%changelog\n* Tue Jul 30 2024 A\n- x\n"},
		{"%changelog\n* Tue Jul 30 2024 A\n- x\n* Thu Feb 30 2023 B\n- y\n",
		 "%changelog\n* Tue Jul 30 2024 A\n- x\n* Tue Jul 30 2024 B\n- y\n"},
		{"%changelog\n* soon A\n- x\n* Tue Jul 30 2024 B\n- y\n",
		 "%changelog\n* Tue Jul 30 2024 soon A\n- x\n* Tue Jul 30 2024 B\n- y\n"},
		{"%changelog\n\n* Thu Jan 04 2024 A\n- 1\n* Mon Feb 12 2024 B\n- 2\n* Mon Feb 12 2024 C\n"
		 "- 3\n%files\n* Mon Feb 12 2024\n",
		 "%changelog\n\n* Mon Feb 12 2024 B\n- 2\n* Mon Feb 12 2024 C\n- 3\n* Thu Jan 04 2024 A\n"
		 "- 1\n%files\n* Mon Feb 12 2024\n"},
		{"%changelog\n%if 1\n* Thu Jan 04 2024 A\n- 1\n%endif\n* Mon Feb 12 2024 B\n- 2\n",
		 NULL},
		/* comments */
		{"# %configure\n", "# %%configure\n"},
		{"#%{x} %% %(y) 5% %a\n", "#%%{x} %% %%(y) 5%% %%a\n"},
		{"# 5 % of it\n", NULL},
		{"#%global a b\n", NULL},
		{"%global a \\\n# %{b}\n", NULL},
		{"%{expand:\n# %{b}\n}\n", NULL},
		{"%build\n# %configure\n%package x\n# %configure\n",
		 "%build\n# %configure\n%package x\n# %%configure\n"},
		{"%description\n# %{x}\n", NULL},
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf out = {0};
		hull_autostrv struct hull_strv warnings = {0};
		bool repaired = hull_spec_repair("x.spec", cases[i].text, &out, &warnings);
		const char *want = cases[i].repaired;

		if (repaired == (want != NULL) && (!want || !strcmp(out.p, want)) &&
		    repaired == (warnings.n > 0))
			continue;
		print_error("%s\nbecame '%s',\nnot '%s'\n", cases[i].text, repaired ? out.p : "-",
			    want ? want : "-");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* None of Hull's own has anything that would be repaired. */
static void own_specs_are_built_as_they_are(void **state)
{
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_dir_list(AT_FDCWD, "SPECS", &names, &e), 0);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path =
			hull_asprintf("SPECS/%s/%s.spec", names.v[i], names.v[i]);
		hull_autobuf struct hull_buf text = {0}, is = {0};

		assert_int_equal(hull_file_read(AT_FDCWD, path, &is, &e), 0);
		assert_int_equal(hull_spec_text(path, &text, &e), 0);
		assert_string_equal(text.p, is.p);
	}
	assert_true(names.n > 50);
}

static void a_tree_has_macros_of_its_own(void **state)
{
	static const char *const both[] = {"SPECS", "theirs", NULL};
	hull_autofree char *message = NULL, *first = NULL, *file = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	box_write(&b, "SPECS/a/a.spec",
		  HEAD("a") "URL: %{?from_tree}-%{_libdir}\n%description\nx\n%files\n");
	box_write(&b, "theirs/b/b.spec",
		  HEAD("b") "URL: %{?from_tree}-%{_libdir}\n%description\nx\n%files\n");
	box_write(&b, "theirs/macros.d/macros.them", "%from_tree one\n%_libdir /usr/lib64\n");
	box_write(&b, "theirs/macros.d/macros.them~", "%from_tree two\n");
	message = load_trees(&b, both, &specs);
	assert_string_equal(message, "");
	assert_int_equal(specs.n, 2);
	assert_int_equal(specs.warnings.n, 0);
	assert_string_equal(specs.v[0].packages[0].url, "-/usr/lib");
	assert_null(specs.v[0].macros);
	assert_string_equal(specs.v[1].packages[0].url, "one-/usr/lib64");
	first = hull_strdup(specs.v[1].macros);
	hull_specs_fini(&specs);
	/* they are what the spec is built with */
	file = hull_asprintf("macros/%s/tree/macros.them", first);
	assert_true(hull_exists(b.store.fd, file));
	/* and a part of the key */
	box_write(&b, "theirs/macros.d/macros.them", "%from_tree three\n");
	free(message);
	message = load_trees(&b, both, &specs);
	assert_string_equal(message, "");
	assert_string_equal(specs.v[1].packages[0].url, "three-/usr/lib");
	assert_string_not_equal(specs.v[1].macros, first);
	hull_specs_fini(&specs);
	/* what is wrong with them is so for each spec of that tree, with its place */
	box_write(&b, "theirs/c/c.spec", HEAD("c") "%description\nx\n%files\n");
	box_write(&b, "theirs/macros.d/broken", "%x(\n");
	for (int i = 0; i < 2; i++) {
		free(message);
		message = load_trees(&b, both, &specs);
		assert_non_null(strstr(message, "theirs/b/b.spec: the macros of its tree: "
						"theirs/macros.d/broken: line 1: "));
		assert_non_null(strstr(message, "\ntheirs/c/c.spec: the macros of its tree: "));
		assert_non_null(strstr(message, "Macro %x has unterminated opts"));
		assert_null(strstr(message, "SPECS/a/a.spec"));
	}
	box_fini(&b);
}

static void a_directory_has_any_number_of_specs(void **state)
{
	hull_autofree char *message = NULL, *line = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	box_write(&b, "SPECS/two/two.spec",
		  HEAD("two") "Source0: t.tar\n%description\nx\n%files\n");
	box_write(&b, "SPECS/two/first.spec", HEAD("two-bootstrap") "%description\nx\n%files\n");
	box_write(&b, "SPECS/Capital/Capital.spec", HEAD("capital") "%description\nx\n%files\n");
	box_write(&b, "SPECS/none/README", "x");
	load_ok(&b, &specs);
	assert_int_equal(specs.n, 3);
	assert_string_equal(specs.v[0].name, "capital");
	assert_string_equal(specs.v[1].name, "two");
	assert_string_equal(specs.v[2].name, "two-bootstrap");
	line = box_strip(&b, specs.v[2].path);
	assert_string_equal(line, "SPECS/two/first.spec");
	assert_int_equal(specs.warnings.n, 1);
	free(line);
	line = box_strip(&b, specs.warnings.v[0]);
	assert_string_equal(line, "SPECS/none: skipped, it has no spec");
	/* by file and directory, too */
	assert_null(hull_specs_find(&specs, "Capital"));
	assert_ptr_equal(hull_specs_find_file(&specs, "Capital"), &specs.v[0]);
	assert_ptr_equal(hull_specs_find_file(&specs, "first"), &specs.v[2]);
	assert_null(hull_specs_find_file(&specs, "nothing"));
	hull_specs_fini(&specs);
	/* a later tree overrides by Name */
	box_write(&b, "mine/other/other.spec",
		  HEAD("two") "Source0: mine.tar\n%description\nx\n%files\n");
	message = load_trees(&b, (const char *const[]){"SPECS", "mine", NULL}, &specs);
	assert_string_equal(message, "");
	assert_int_equal(specs.n, 3);
	assert_string_equal(specs.v[1].sources[0].file, "mine.tar");
	free(line);
	line = box_strip(&b, specs.warnings.v[specs.warnings.n - 1]);
	assert_string_equal(line, "two: mine/other/other.spec overrides SPECS/two/two.spec");
	hull_specs_fini(&specs);
	box_fini(&b);
}

static void sources_lie_in_a_directory_of_their_own(void **state)
{
	hull_autofree char *path = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	box_write(
		&b, "SPECS/x/x.spec",
		HEAD("x") "Source0: s.txt\nSource1: t.txt\nURL: %(cat %{SOURCE0})\n%description\nx\n%files\n");
	box_write(&b, "SPECS/x/SOURCES/s.txt", "https://here\n");
	box_write(&b, "SPECS/x/t.txt", "x");
	load_ok(&b, &specs);
	assert_string_equal(specs.v[0].packages[0].url, "https://here");
	assert_true(specs.v[0].sources[0].local && specs.v[0].sources[1].local);
	path = hull_spec_source_path(&specs.v[0], &specs.v[0].sources[0]);
	assert_true(hull_ends(path, "SPECS/x/SOURCES/s.txt"));
	free(path);
	path = hull_spec_source_path(&specs.v[0], &specs.v[0].sources[1]);
	assert_true(hull_ends(path, "SPECS/x/t.txt"));
	hull_specs_fini(&specs);
	box_fini(&b);
}

/* Of one Name are those of one package, whatever their files are called. */
static void a_name_is_one_of_all_trees(void **state)
{
	static const char *const three[] = {"first", "second", "third", NULL};
	hull_autofree char *message = NULL;
	hull_autostrv struct hull_strv trees = {0};
	struct hull_specs_request r = {.macros = MACROS, .arch = "x86_64", .seconds = 60};
	const struct hull_spec_fault *fault;
	struct hull_specs specs;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	box_write(&b, "first/x/x.spec", HEAD("one") "%description\nx\n%files\n");
	box_write(&b, "first/y/y.spec",
		  HEAD("one") "%description\nx\n%package -n other\nSummary: x\n"
			      "%description -n other\nx\n%files -n other\n");
	box_write(&b, "second/z/z.spec", HEAD("two") "%description\nx\n%files\n");
	box_write(&b, "second/z/wrong.spec",
		  HEAD("bad") "Frobnicate: 1\n%description\nx\n%files\n");
	for (size_t i = 0; three[i] && i < 2; i++)
		hull_strv_addf(&trees, "%s/%s", b.dir, three[i]);
	r.trees = (const char *const *)trees.v;
	r.ntrees = trees.n;
	/* in one tree, the second is left out though no package of it has the name of another's */
	if (hull_specs_load(&specs, &r, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(specs.n, 2);
	fault = hull_specs_left_out(&specs, "y");
	assert_non_null(fault);
	assert_int_equal(fault->kind, HULL_FAULT_DUPLICATE);
	assert_non_null(strstr(fault->text, "y.spec: one is the Name of "));
	assert_string_equal(hull_specs_left_out(&specs, "wrong")->name, "wrong");
	hull_specs_fini(&specs);
	/* a later tree is instead of both */
	box_write(&b, "third/w/w.spec", HEAD("one") "%description\nx\n%files\n");
	hull_strv_addf(&trees, "%s/%s", b.dir, three[2]);
	r.trees = (const char *const *)trees.v;
	r.ntrees = trees.n;
	if (hull_specs_load(&specs, &r, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(specs.n, 2);
	assert_int_equal(specs.nleft_out, 1);
	assert_int_equal(specs.warnings.n, 2);
	message = box_strip(&b, hull_specs_find(&specs, "one")->path);
	assert_string_equal(message, "third/w/w.spec");
	hull_specs_fini(&specs);
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(causes_of_refusal_are_none),
		cmocka_unit_test(what_is_meant_is_read),
		cmocka_unit_test(own_specs_are_built_as_they_are),
		cmocka_unit_test(a_tree_has_macros_of_its_own),
		cmocka_unit_test(a_directory_has_any_number_of_specs),
		cmocka_unit_test(sources_lie_in_a_directory_of_their_own),
		cmocka_unit_test(a_name_is_one_of_all_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
