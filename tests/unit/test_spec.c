// SPDX-License-Identifier: MIT
#include "rpm_fixture.h"

#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "spec/spec.h"

#define DATA   "tests/data/rpm"
#define MACROS "toolkit/macros"

/* Of parsing one spec; a machine may have other things to do. */
static int limit_seconds = 30;

/* Loads <box>/SPECS; the result is the message, or "". */
static char *load(const struct rpm_box *b, const char *macros, struct hull_specs *out)
{
	hull_autofree char *tree = hull_asprintf("%s/SPECS", b->dir);
	const char *trees[] = {tree};
	const struct hull_specs_request r = {
		.trees = trees,
		.ntrees = 1,
		.macros = macros,
		.arch = "x86_64",
		.store = &b->store,
		.seconds = limit_seconds,
		.strict = true,
	};
	struct hull_err e;

	return box_strip(b, hull_specs_load(out, &r, &e) < 0 ? e.msg : "");
}

static void expect_file(const char *path, const struct hull_buf *got)
{
	hull_autobuf struct hull_buf want = {0};
	struct hull_err e;

	if (hull_file_read(AT_FDCWD, path, &want, &e) < 0)
		fail_msg("%s", e.msg);
	if (want.n != got->n || memcmp(want.p, got->p, want.n) != 0) {
		fprintf(stderr, "%s", got->p);
		fail_msg("%s differs", path);
	}
}

static void dump_deps(struct hull_buf *to, const char *what, const struct hull_deps *d,
		      struct hull_arena *a)
{
	for (size_t i = 0; i < d->n; i++) {
		hull_buf_addf(to, "    %s %s", what, hull_dep_text(&d->v[i], a));
		if (d->v[i].line)
			hull_buf_addf(to, " (line %d)", d->v[i].line);
		hull_buf_addc(to, '\n');
	}
}

static void dump_package(struct hull_buf *to, const struct hull_package *p, struct hull_arena *a)
{
	static const char *const kinds[] = {"provides",	  "requires", "conflicts",   "obsoletes",
					    "recommends", "suggests", "supplements", "enhances"};

	hull_buf_addf(to, "  package %s: %s\n", hull_package_nevra(p, a), p->summary);
	for (size_t i = 0; i < HULL_DEP_KINDS; i++)
		dump_deps(to, kinds[i], &p->deps[i], a);
	for (size_t i = 0; i < p->nfiles; i++)
		hull_buf_addf(to, "    file %s%s%s\n", p->files[i].path,
			      S_ISDIR(p->files[i].mode) ? " directory" : "",
			      p->files[i].flags & HULL_FILE_CONFIG    ? " config"
			      : p->files[i].flags & HULL_FILE_DOC     ? " doc"
			      : p->files[i].flags & HULL_FILE_GHOST   ? " ghost"
			      : p->files[i].flags & HULL_FILE_LICENSE ? " license"
								      : "");
}

static void dump_spec(struct hull_buf *to, const struct hull_spec *s, struct hull_arena *a)
{
	hull_buf_addf(to, "%s %s-%s%s %lld\n", s->name, s->version, s->release,
		      s->noarch ? " noarch" : "", (long long)s->changelog_time);
	for (size_t i = 0; i < s->nsources; i++) {
		const struct hull_spec_source *f = &s->sources[i];

		hull_buf_addf(to, "  %s%u %s = %s %.8s%s (line %d)\n",
			      f->patch ? "patch" : "source", f->number, f->file, f->url,
			      f->sha256 ? f->sha256 : "-", f->local ? " local" : "", f->line);
	}
	for (size_t i = 0; i < s->ntaken; i++)
		hull_buf_addf(to, "  takes %s of source%u (%s)\n", s->taken[i].name,
			      s->taken[i].source, s->taken[i].cves);
	dump_deps(to, "build-requires", &s->build_requires, a);
	dump_deps(to, "build-conflicts", &s->build_conflicts, a);
	for (size_t i = 0; i < s->npackages; i++)
		dump_package(to, &s->packages[i], a);
}

static void good_specs_are_read(void **state)
{
	const char *trees[] = {DATA "/good"};
	const struct hull_specs_request r = {
		.trees = trees, .ntrees = 1, .macros = MACROS, .arch = "x86_64", .workers = 2};
	hull_autobuf struct hull_buf text = {0};
	struct hull_specs specs;
	struct hull_err e;

	(void)state;
	if (hull_specs_load(&specs, &r, &e) < 0)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < specs.n; i++)
		dump_spec(&text, &specs.v[i], &specs.arena);
	for (size_t i = 0; i < specs.warnings.n; i++)
		hull_buf_addf(&text, "warning: %s\n", specs.warnings.v[i]);
	expect_file(DATA "/good.expect", &text);
	assert_non_null(hull_specs_find(&specs, "pure"));
	assert_string_equal(hull_specs_find(&specs, "pure")->path, DATA "/good/pure/pure.spec");
	assert_string_equal(hull_specs_find(&specs, "pure")->dir, DATA "/good/pure");
	assert_string_equal(hull_specs_find(&specs, "pure")->tree, DATA "/good");
	assert_int_equal(strlen(hull_specs_find(&specs, "pure")->digest), 64);
	assert_null(hull_specs_find(&specs, "other-arch"));
	assert_null(hull_specs_find(&specs, "zzz"));
	hull_specs_fini(&specs);
}

/* What is wrong, and does not keep the spec from being read. */
static void dump_warnings(struct hull_buf *to, const struct rpm_box *b, struct hull_specs *specs)
{
	for (size_t i = 0; i < specs->warnings.n; i++) {
		hull_autofree char *line = box_strip(b, specs->warnings.v[i]);

		hull_buf_addf(to, "warning: %s%s\n", line,
			      specs->n && specs->v[0].unbuildable ? " (not to be built)" : "");
	}
	hull_specs_fini(specs);
}

static void bad_specs_are_refused_with_file_and_line(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autostrv struct hull_strv names = {0};
	hull_autofree char *data = NULL;
	struct hull_err e;

	(void)state;
	data = hull_realpath(DATA "/bad", &e);
	assert_non_null(data);
	assert_int_equal(hull_dir_list(AT_FDCWD, data, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *directory = hull_asprintf("%s/%s", data, names.v[i]);
		hull_autofree char *link = NULL, *message = NULL;
		struct hull_specs specs;
		struct rpm_box b;

		box_init(&b);
		box_write(&b, "SPECS/README", "no directory");
		link = hull_asprintf("%s/SPECS/%s", b.dir, names.v[i]);
		assert_int_equal(symlink(directory, link), 0);
		message = load(&b, MACROS, &specs);
		if (*message)
			hull_buf_addf(&text, "%s\n", message);
		else
			dump_warnings(&text, &b, &specs);
		box_fini(&b);
	}
	expect_file(DATA "/bad.expect", &text);
}

/* A spec with this text after its preamble. */
static void write_spec(const struct rpm_box *b, const char *name, const char *preamble,
		       const char *rest)
{
	hull_autofree char *path = hull_asprintf("SPECS/%s/%s.spec", name, name);
	hull_autofree char *text =
		hull_asprintf("Name: %s\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\n%s"
			      "%%description\ntext\n%s\n%%files\n",
			      name, preamble, rest);

	box_write(b, path, text);
}

static void unknown_macros_are_found_and_nothing_else(void **state)
{
	static const struct {
		const char *preamble, *rest, *unknown; /* NULL: all is well */
	} cases[] = {
		/* what is wrong; the preamble begins at line 6, what follows at line 8 */
		{"", "%build\nmake %{_libdri}",
		 "9: unknown macro %{_libdri}: did you mean %{_libdir}?"},
		{"", "%build\n%cofigure", "9: unknown macro %cofigure: did you mean %configure?"},
		{"", "%build\n  %cofigure --x",
		 "9: unknown macro %cofigure: did you mean %configure?"},
		{"", "%build\n%qqqqqqqqqq", "9: unknown macro %qqqqqqqqqq"},
		{"", "%build\nx %{qqqqqqqqqq -a b}", "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%build\nx %{qqqqqqqqqq:a}", "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%build\nx \"%{qqqqqqqqqq}\"", "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%build\n%{?x:y} %{qqqqqqqqqq}", "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%build\n%{basename:%{qqqqqqqqqq}}", "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%fils\n/x", "8: unknown macro %fils: did you mean %files?"},
		{"", "%package x\nSummary: %{qqqqqqqqqq}\n%description x\ny",
		 "9: unknown macro %{qqqqqqqqqq}"},
		{"URL: %{qqqqqqqqqq}\n", "", "6: unknown macro %{qqqqqqqqqq}"},
		{"%qqqqqqqqqq\n", "", "6: unknown macro %qqqqqqqqqq"},
		{"%{qqqqqqqqqq}\n", "", "6: unknown macro %{qqqqqqqqqq}"},
		{"%global a \\\nb \\\nc\nURL: %{qqqqqqqqqq}\n", "",
		 "9: unknown macro %{qqqqqqqqqq}"},
		{"%global a %{lua:\n print(1)\n}\nURL: %{qqqqqqqqqq}\n", "",
		 "9: unknown macro %{qqqqqqqqqq}"},
		{"", "%build\ncat <<E\nx\nE\n%{qqqqqqqqqq}", "12: unknown macro %{qqqqqqqqqq}"},
		{"", "%package x\nSummary: x\n%description x\nx\n%files x\n%licnese /a",
		 "13: unknown macro %licnese: did you mean %license?"},
		{"", "%package x\nSummary: x\n%description x\nx\n%files x\n%attr(1,2,3) %dri /a",
		 "13: unknown macro %dri"},
		{"Source0: x\n", "%prep\ncp %{SOURCE0} %{SOURCE5} .",
		 "10: unknown macro %{SOURCE5}: did you mean %{SOURCE0}?"},
		/* what is right */
		{"", "%build\nmake %{_libdir} %{name} %{version} %{NAME}", NULL},
		{"", "%build\n# %{qqqqqqqqqq}\nx # %{qqqqqqqqqq}\n#%qqqqqqqqqq", NULL},
		{"%dnl %{qqqqqqqqqq}\n", "", NULL},
		{"", "%build\necho %%{qqqqqqqqqq} %%qqqqqqqqqq\n%%qqqqqqqqqq", NULL},
		{"", "%build\nmake %{?qqqqqqqqqq} %{!?qqqqqqqqqq:x} %{?qqqqqqqqqq:%{qqqqqqqqqq}}",
		 NULL},
		{"", "%build\n%?qqqqqqqqqq %!?qqqqqqqqqq x", NULL},
		{"%define qqqqqqqqqq() %{rrrrrrrrrr}\n", "", NULL},
		{"%define qqqqqqqqqq() a\\\n%{rrrrrrrrrr}\\\n%rrrrrrrrrr\n", "", NULL},
		{"%define qqqqqqqqqq() %{expand:\n%%rrrrrrrrrr\n%{rrrrrrrrrr}\n}\n", "", NULL},
		{"%global qqqqqqqqqq x\n", "%build\n%{qqqqqqqqqq}\n%qqqqqqqqqq", NULL},
		{"%bcond_with qqqqqqqqqq\n",
		 "%build\n%if %{with qqqqqqqqqq}\n%{rrrrrrrrrr}\n%endif", NULL},
		{"%bcond_without qqqqqqqqqq\n", "%build\n%{with_qqqqqqqqqq} %{with qqqqqqqqqq}",
		 NULL},
		{"", "%build\n%if 0\n%{qqqqqqqqqq}\n%qqqqqqqqqq\n%endif", NULL},
		{"", "%build\n%ifarch aarch64\n%qqqqqqqqqq\n%endif", NULL},
		{"%{lua:rpm.define(\"qqqqqqqqqq x\")}\n", "%build\n%{qqqqqqqqqq}", NULL},
		{"%{lua:local s = (\"x\"):match(\"%w+\") -- %{qqqqqqqqqq}\n}\n", "", NULL},
		{"%{!?qqqqqqqqqq:%global qqqqqqqqqq x}\n", "%build\n%{qqqqqqqqqq}", NULL},
		{"%{?!qqqqqqqqqq:%define qqqqqqqqqq() x}\n", "%build\n%qqqqqqqqqq", NULL},
		{"", "%build\nx=%(echo %{qqqqqqqqqq})", NULL},
		{"", "%build\ndate +%Y%m%d; printf '%s %d\\n' a 1; stat -c %a x", NULL},
		{"", "%build\nprintf '%{qqqqqqqqqq}'; curl -w '%{http_code}' x", NULL},
		{"", "%build\nrpm -q --qf '%{ARCH}' x", NULL},
		{"", "%build\ncat > x <<EOF\n%wheel ALL=(ALL) ALL\n%{qqqqqqqqqq}\nEOF\n", NULL},
		{"", "%build\ncat > x <<-'EOF'\n\t%wheel ALL=(ALL) ALL\n\tEOF\n", NULL},
		{"", "%build\nx=$((1 << 2)) y=$((a<<b))\n%{_libdir}", NULL},
		{"", "%build\nx \\\n  %qqqqqqqqqq", NULL},
		{"", "%build\nx=${y%qqqqqqqqqq} ${y%%qqqqqqqqqq} $((5%qqqqqqqqqq))", NULL},
		{"", "%build\nawk '{ print $1 % 5, \"%5.2f%%\" }'; x=50%\n", NULL},
		{"", "%build\n%{getenv:HOME} %{expr:1+1} %[1+1] %{shrink:a  b} %{quote:a}", NULL},
		{"", "%build\n%{upper:a} %{lower:A} %{span:%{name}} %{builddir}", NULL},
		{"", "%build\n%1 %* %# %{1} %{-x*} %{*}", NULL},
		{"Source0: x\nPatch0: y\n", "%prep\n%setup -q\n%patch0 -p1\n%patch -P0 -p1\n",
		 NULL},
		{"Source0: x\nPatch3: y\n",
		 "%prep\n%autosetup -p1\ncp %{SOURCE0} %{PATCH3} %{S:0} .", NULL},
		{"", "%post -p <lua>\nprint(\"%{qqqqqqqqqq}\")", NULL},
		{"", "%pre\n%sysusers_create_compat x\n%postun\n%systemd_postun_with_restart x",
		 NULL},
		{"",
		 "%changelog\n* Mon Nov 23 2026 A <a@b> - 1\n- %{qqqqqqqqqq} "
		 "%qqqqqqqqqq\n%qqqqqqqqqq",
		 NULL},
		{"%{load:%{_sourcedir}/extra.macros}\n", "%build\n%{from_extra}", NULL},
		{"%include %{_sourcedir}/extra.inc\n", "%build\n%{from_include}", NULL},
		{"", "%build\nuse %{_smp_mflags} %{buildroot} %{_host} %{_target_platform} %{dist}",
		 NULL},
		{"", "%build\n%py3_build\n%cmake_build\n%meson\n%make_build\n%find_lang x", NULL},
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *message = NULL, *want = NULL;
		struct hull_specs specs;
		struct rpm_box b;

		box_init(&b);
		write_spec(&b, "x", cases[i].preamble, cases[i].rest);
		box_write(&b, "SPECS/x/extra.macros", "%from_extra y\n");
		box_write(&b, "SPECS/x/extra.inc", "%global from_include y\n");
		message = load(&b, MACROS, &specs);
		want = cases[i].unknown ? hull_asprintf("SPECS/x/x.spec:%s", cases[i].unknown)
					: hull_strdup("");
		if (!*message) {
			free(message);
			message =
				box_strip(&b, specs.v[0].unbuildable ? specs.v[0].unbuildable : "");
			hull_specs_fini(&specs);
		}
		if (strcmp(message, want) != 0) {
			print_error("%s...%s\ngave '%s',\nnot '%s'\n", cases[i].preamble,
				    cases[i].rest, message, want);
			wrong++;
		}
		box_fini(&b);
	}
	assert_int_equal(wrong, 0);
}

static void a_loop_is_ended(void **state)
{
	hull_autofree char *message = NULL;
	struct hull_specs specs;
	struct rpm_box b;
	int64_t start = hull_monotonic_ms();

	(void)state;
	box_init(&b);
	write_spec(&b, "a", "%{lua: while true do end}\n", "");
	write_spec(&b, "b", "%(sleep 100 | cat)\n", "");
	write_spec(&b, "c", "", "");
	limit_seconds = 5;
	message = load(&b, MACROS, &specs);
	limit_seconds = 30;
	assert_string_equal(message,
			    "SPECS/a/a.spec: not parsed within 5 s: is there a loop in a macro?\n"
			    "SPECS/b/b.spec: not parsed within 5 s: is there a loop in a macro?");
	assert_in_range(hull_monotonic_ms() - start, 4900, 40000);
	box_fini(&b);
}

/* Another one each time that it is parsed. */
static void write_random(const struct rpm_box *b, const char *group)
{
	hull_autofree char *preamble =
		hull_asprintf("Group: %s\nVendor: %%(od -An -N16 -tx4 /dev/urandom)\n"
			      "ExclusiveArch: x86_64\n",
			      group);

	write_spec(b, "a", preamble, "");
}

/* Adds 1 to *parses if it was parsed. */
static void load_ok(const struct rpm_box *b, const char *macros, size_t *parses)
{
	static char before[128];
	struct hull_specs specs;
	hull_autofree char *message = load(b, macros, &specs);

	assert_string_equal(message, "");
	assert_int_equal(specs.n, 1);
	assert_string_equal(specs.v[0].name, "a");
	assert_true(strlen(specs.v[0].packages[0].vendor) > 30);
	if (strcmp(specs.v[0].packages[0].vendor, before) != 0)
		++*parses;
	snprintf(before, sizeof before, "%s", specs.v[0].packages[0].vendor);
	hull_specs_fini(&specs);
}

static void a_spec_is_parsed_once(void **state)
{
	hull_autofree char *directory = NULL, *macros = NULL, *tree = NULL;
	hull_autostrv struct hull_strv names = {0};
	const char *trees[1];
	struct hull_specs_request r = {.trees = trees, .ntrees = 1, .arch = "aarch64"};
	struct hull_specs specs;
	struct hull_err e;
	struct rpm_box b;
	size_t parses = 0;

	(void)state;
	box_init(&b);
	macros = hull_asprintf("%s/macros", b.dir);
	directory = hull_asprintf("cp -r " MACROS " %s", macros);
	assert_int_equal(system(directory), 0);
	write_random(&b, "1");
	load_ok(&b, macros, &parses);
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 1);
	/* anything that can change it */
	write_random(&b, "2");
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 2);
	box_write(&b, "SPECS/a/new.conf", "x");
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 3);
	box_write(&b, "SPECS/a/sub/new.conf", "x");
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 4);
	box_write(&b, "macros/macros.lang", "%x y\n");
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 5);
	/* what an editor has open */
	box_write(&b, "SPECS/a/.a.spec.swp", "x");
	box_write(&b, "SPECS/a/a.spec~", "x");
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 5);
	/* that it is left out is remembered too */
	tree = hull_asprintf("%s/SPECS", b.dir);
	trees[0] = tree;
	r.macros = macros;
	r.store = &b.store;
	for (int i = 0; i < 2; i++) {
		if (hull_specs_load(&specs, &r, &e) < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(specs.n, 0);
		hull_specs_fini(&specs);
	}
	/* a damaged cache */
	assert_int_equal(hull_dir_list(b.store.fd, "specs", &names, &e), 0);
	assert_int_equal(names.n, 6);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *entry = hull_asprintf("store/specs/%s", names.v[i]);

		box_write(&b, entry, i % 2 ? "{\"spec\":{}}" : "{");
	}
	load_ok(&b, macros, &parses);
	assert_int_equal(parses, 6);
	box_fini(&b);
}

static void a_spec_that_changes_meanwhile_is_refused(void **state)
{
	hull_autofree char *message = NULL;
	struct hull_specs specs;
	struct rpm_box b;
	pid_t editor;

	(void)state;
	box_init(&b);
	write_spec(&b, "a", "%(sleep 1)\n", "");
	editor = fork();
	if (editor == 0) {
		usleep(400000);
		box_write(&b, "SPECS/a/new.conf", "x");
		_exit(0);
	}
	message = load(&b, MACROS, &specs);
	assert_int_equal(waitpid(editor, NULL, 0), editor);
	assert_string_equal(message, "SPECS/a/a.spec: changed while it was read");
	box_fini(&b);
}

static void later_trees_override(void **state)
{
	hull_autofree char *one = NULL, *two = NULL, *text = NULL;
	const char *trees[2];
	struct hull_specs_request r = {
		.trees = trees, .ntrees = 2, .macros = MACROS, .arch = "x86_64"};
	struct hull_specs specs;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	write_spec(&b, "a", "", "");
	write_spec(&b, "b", "", "");
	one = hull_asprintf("%s/SPECS", b.dir);
	two = hull_asprintf("%s/mine", b.dir);
	box_write(&b, "mine/a/a.spec",
		  "Name: a\nVersion: 2\nRelease: 1\nSummary: s\nLicense: "
		  "MIT\n%description\nx\n%files\n");
	box_write(&b, "mine/empty/README", "x");
	box_write(&b, "mine/README", "x");
	trees[0] = one;
	trees[1] = two;
	if (hull_specs_load(&specs, &r, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(specs.n, 2);
	assert_string_equal(specs.v[0].version, "2");
	assert_string_equal(specs.v[0].tree, two);
	assert_string_equal(specs.v[1].tree, one);
	assert_int_equal(specs.warnings.n, 2);
	text = box_strip(&b, specs.warnings.v[0]);
	assert_string_equal(text, "a: mine/a/a.spec overrides SPECS/a/a.spec");
	free(text);
	text = box_strip(&b, specs.warnings.v[1]);
	assert_string_equal(text, "mine/empty: skipped, it has no spec");
	hull_specs_fini(&specs);
	/* a tree that is not there */
	trees[1] = "/nowhere/specs";
	assert_int_equal(hull_specs_load(&specs, &r, &e), -1);
	assert_string_equal(e.msg, "specs directory /nowhere/specs: No such file or directory");
	box_fini(&b);
}

static void a_package_has_one_spec(void **state)
{
	hull_autofree char *message = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	write_spec(&b, "a", "", "%package devel\nSummary: x\n%description devel\nx\n%files devel");
	write_spec(&b, "b", "",
		   "%package -n a-devel\nSummary: x\n%description -n a-devel\nx\n"
		   "%files -n a-devel");
	write_spec(&b, "c", "", "");
	message = load(&b, MACROS, &specs);
	assert_string_equal(message,
			    "SPECS/b/b.spec: package a-devel is declared by SPECS/a/a.spec, too");
	box_fini(&b);
}

static void dump_left_out(const struct hull_specs *s, struct hull_buf *out)
{
	for (size_t i = 0; i < s->n; i++)
		hull_buf_addf(out, "%s ", s->v[i].name);
	for (size_t i = 0; i < s->nleft_out; i++)
		hull_buf_addf(out, "\n%d %s", s->left_out[i].kind, s->left_out[i].text);
}

/* The second time, none is parsed: a fault is remembered as a result is. */
static void what_is_wrong_with_one_leaves_that_out(void **state)
{
	static const char expected[] =
		"a e \n"
		"0 SPECS/b/b.spec:6: Unknown tag: Frobnicate: yes\n"
		"0 SPECS/c/c.signatures.json:1:1: no object \"Signatures\"\n"
		"1 SPECS/d/d.spec: package e is declared by SPECS/e/e.spec, too\n"
		"2 SPECS/f/f.spec: it is not for x86_64: ExclusiveArch: aarch64 s390x";
	hull_autofree char *tree = NULL;
	const char *trees[1];
	struct hull_specs_request r = {
		.trees = trees, .ntrees = 1, .macros = MACROS, .arch = "x86_64"};
	struct rpm_box b;

	(void)state;
	box_init(&b);
	write_spec(&b, "a", "", "");
	write_spec(&b, "b", "Frobnicate: yes\n", "");
	write_spec(&b, "c", "", "");
	box_write(&b, "SPECS/c/c.signatures.json", "[]");
	write_spec(&b, "d", "", "%package -n e\nSummary: x\n%description -n e\nx\n%files -n e");
	write_spec(&b, "e", "", "");
	write_spec(&b, "f", "ExclusiveArch: aarch64 s390x\n", "");
	tree = hull_asprintf("%s/SPECS", b.dir);
	trees[0] = tree;
	r.store = &b.store;
	for (int i = 0; i < 2; i++) {
		hull_autofree char *stripped = NULL;
		hull_autobuf struct hull_buf text = {0};
		hull_autostrv struct hull_strv entries = {0};
		struct hull_specs specs;
		struct hull_err e;

		if (hull_specs_load(&specs, &r, &e) < 0)
			fail_msg("%s", e.msg);
		dump_left_out(&specs, &text);
		stripped = box_strip(&b, text.p);
		assert_string_equal(stripped, expected);
		assert_string_equal(hull_specs_left_out(&specs, "f")->packages[0], "f");
		assert_string_equal(hull_specs_left_out(&specs, "d")->name, "d");
		assert_null(hull_specs_left_out(&specs, "a"));
		hull_specs_fini(&specs);
		assert_int_equal(hull_dir_list(b.store.fd, "specs", &entries, &e), 0);
		assert_int_equal(entries.n, 6);
		r.workers = i ? 0 : 1;
	}
	box_fini(&b);
}

static void nothing_of_the_host_is_seen(void **state)
{
	hull_autofree char *home = NULL, *message = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	box_write(&b, ".rpmmacros", "%from_home x\n");
	home = hull_strdup(getenv("HOME"));
	setenv("HOME", b.dir, 1);
	setenv("HULL_TEST_SECRET", "x", 1);
	write_spec(&b, "a",
		   "URL: %{?from_home}%{getenv:HULL_TEST_SECRET}%(echo $HULL_TEST_SECRET)"
		   "%{?_rpmconfigdir_is_not_ours}-%{_sourcedir}\n",
		   "");
	message = load(&b, MACROS, &specs);
	assert_string_equal(message, "");
	assert_string_equal(specs.v[0].packages[0].url, "-/hull/spec");
	hull_specs_fini(&specs);
	setenv("HOME", home ? home : "/", 1);
	box_fini(&b);
}

/* librpm splits at colons, matches patterns and expands macros in names of files, when it is let.
 */
static void directories_may_have_any_name(void **state)
{
	hull_autofree char *tree = NULL, *macros = NULL, *command = NULL;
	const char *trees[1];
	struct hull_specs_request r = {.trees = trees, .ntrees = 1, .arch = "x86_64"};
	struct hull_specs specs;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	tree = hull_asprintf("%s/a:b %%{name} [c]*", b.dir);
	macros = hull_asprintf("%s/m:n %%{name} [c]*", b.dir);
	command = hull_asprintf("cp -r " MACROS " '%s'", macros);
	assert_int_equal(system(command), 0);
	box_write(&b, "a:b %{name} [c]*/x/x.spec",
		  "Name: x\nVersion: 1\nRelease: 1%{?dist}\nSummary: s\nLicense: MIT\n"
		  "Vendor: %{hull_macrodir}\n%description\nx\n%files\n");
	trees[0] = tree;
	r.macros = macros;
	if (hull_specs_load(&specs, &r, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(specs.n, 1);
	assert_true(strlen(specs.v[0].release) > 1);
	assert_string_equal(specs.v[0].packages[0].vendor, "/hull/macros");
	hull_specs_fini(&specs);
	box_fini(&b);
}

static void broken_macro_files_are_named_once(void **state)
{
	hull_autofree char *macros = NULL, *command = NULL, *message = NULL;
	struct hull_specs specs;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	macros = hull_asprintf("%s/macros", b.dir);
	command = hull_asprintf("cp -r " MACROS " %s && echo '%%x(' >> %s/macros.lang", macros,
				macros);
	assert_int_equal(system(command), 0);
	write_spec(&b, "a", "", "");
	write_spec(&b, "b", "", "");
	message = load(&b, macros, &specs);
	assert_non_null(strstr(message, "Macro %x has unterminated opts"));
	assert_int_equal(strncmp(message, "macros/macros.lang: line ", 25), 0);
	assert_null(strchr(message, '\n'));
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_specs_are_read),
		cmocka_unit_test(bad_specs_are_refused_with_file_and_line),
		cmocka_unit_test(unknown_macros_are_found_and_nothing_else),
		cmocka_unit_test(a_loop_is_ended),
		cmocka_unit_test(a_spec_is_parsed_once),
		cmocka_unit_test(a_spec_that_changes_meanwhile_is_refused),
		cmocka_unit_test(later_trees_override),
		cmocka_unit_test(a_package_has_one_spec),
		cmocka_unit_test(what_is_wrong_with_one_leaves_that_out),
		cmocka_unit_test(nothing_of_the_host_is_seen),
		cmocka_unit_test(directories_may_have_any_name),
		cmocka_unit_test(broken_macro_files_are_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
