// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "solve/requirement.h"

enum { MAX_PACKAGES = 8, MAX_FILES = 4 };

/* A system as text: a list of dependencies has them separated by "; ", a file that is a symlink is
 * written "/path -> target". */
struct described {
	const char *name, *arch, *provides, *required, *weak;
	const char *files[MAX_FILES];
};

struct requirement_world {
	struct hull_arena arena;
	struct hull_package v[MAX_PACKAGES];
	size_t n;
};

static void take_deps(struct requirement_world *w, const char *text, struct hull_deps *out)
{
	struct hull_err e;

	out->v = hull_arena_array(&w->arena, strlen(text) + 1, sizeof *out->v);
	while (*text) {
		size_t n = strcspn(text, ";");

		if (hull_dep_parse(hull_arena_strndup(&w->arena, text, n), &w->arena,
				   &out->v[out->n++], &e) < 0)
			fail_msg("%s", e.msg);
		text += n;
		text += strspn(text, "; ");
	}
}

static void take_file(struct requirement_world *w, const char *text, struct hull_package *p)
{
	const char *arrow = strstr(text, " -> ");
	struct hull_file *f = &p->files[p->nfiles++];

	f->mode = arrow ? S_IFLNK | 0777 : S_IFREG | 0755;
	f->path = arrow ? hull_arena_strndup(&w->arena, text, (size_t)(arrow - text)) : text;
	f->link = arrow ? arrow + 4 : NULL;
}

static void make(struct requirement_world *w, const struct described *from)
{
	*w = (struct requirement_world){0};
	for (; from->name; from++) {
		struct hull_package *p = &w->v[w->n++];
		const char *own = hull_arena_printf(&w->arena, "%s = 1-1; %s", from->name,
						    from->provides ? from->provides : "");

		*p = (struct hull_package){.name = from->name,
					   .version = "1",
					   .release = "1",
					   .arch = from->arch ? from->arch : "x86_64"};
		take_deps(w, own, &p->deps[HULL_PROVIDES]);
		if (from->required)
			take_deps(w, from->required, &p->deps[HULL_REQUIRES]);
		for (int k = HULL_RECOMMENDS; k < HULL_DEP_KINDS && from->weak; k++)
			take_deps(w, from->weak, &p->deps[k]);
		p->files = hull_arena_array(&w->arena, MAX_FILES, sizeof *p->files);
		for (size_t i = 0; i < MAX_FILES && from->files[i]; i++)
			take_file(w, from->files[i], p);
	}
}

/* "app>lib(lib.so) >app(app)": who requires whom by what; of a request there is no name. */
static char *show(const struct requirement_world *w, const struct hull_requirements *r)
{
	struct hull_buf b = {0};

	hull_buf_adds(&b, "");
	for (size_t i = 0; i < r->n; i++)
		hull_buf_addf(&b, "%s%s>%s(%s)", i ? " " : "",
			      r->v[i].by == HULL_REQUEST ? "" : w->v[r->v[i].by].name,
			      w->v[r->v[i].to].name, r->v[i].text);
	return b.p;
}

static void expect(const struct described *packages, const char *requests, const char *want)
{
	struct requirement_world w;
	struct hull_requirements r;
	struct hull_deps asked = {0};
	char *is;

	make(&w, packages);
	take_deps(&w, requests, &asked);
	hull_requirements_installed(&r, w.v, w.n, &asked);
	is = show(&w, &r);
	assert_string_equal(is, want);
	free(is);
	hull_requirements_fini(&r);
	hull_arena_fini(&w.arena);
}

static void versions(void **state)
{
	(void)state;
	expect((struct described[]){{.name = "app", .required = "virt >= 2"},
				    {.name = "new", .provides = "virt = 2"},
				    {.name = "old", .provides = "virt = 1"},
				    {0}},
	       "", "app>new(virt >= 2)");
	expect((struct described[]){{.name = "app", .required = "virt < 2; old = 1; old = 2"},
				    {.name = "new", .provides = "virt = 2"},
				    {.name = "old", .provides = "virt = 1"},
				    {0}},
	       "", "app>old(virt < 2) app>old(old = 1)");
}

static void several_providers(void **state)
{
	static const struct described packages[] = {{.name = "app", .required = "virt; first"},
						    {.name = "first", .provides = "virt = 1"},
						    {.name = "other", .provides = "virt"},
						    {0}};
	const struct hull_deps nothing = {0};
	struct hull_requirements r;
	struct requirement_world w;

	(void)state;
	expect(packages, "", "app>first(virt) app>first(first) app>other(virt)");
	make(&w, packages);
	hull_requirements_installed(&r, w.v, w.n, &nothing);
	assert_int_equal(r.v[0].group, r.v[2].group);
	assert_int_not_equal(r.v[0].group, r.v[1].group);
	hull_requirements_fini(&r);
	hull_arena_fini(&w.arena);
}

static void rich_dependencies(void **state)
{
	static const char *const cases[][3] = {
		/* with gui, without gui, and with it among the packages but not required */
		{"(tool if gui)", "app>tool((tool if gui))", ""},
		{"(tool if gui else lib)", "app>tool((tool if gui else lib))",
		 "app>lib((tool if gui else lib))"},
		{"(tool unless gui)", "", "app>tool((tool unless gui))"},
		{"(tool or lib)", "app>lib((tool or lib)) app>tool((tool or lib))", NULL},
		{"(tool and (lib if gui))",
		 "app>lib((tool and (lib if gui))) app>tool((tool and (lib if gui)))",
		 "app>tool((tool and (lib if gui)))"},
		{"(virt >= 2 with lib)", "", NULL},
		{"(virt >= 2 with tool)", "app>tool((virt >= 2 with tool))", NULL},
		{"(app or lib)", "", NULL},
		{"(app and lib)", "app>lib((app and lib))", NULL},
		{"(nobody or (nothing if lib))", "", NULL},
		{"(lib if", "", NULL}, /* no dependency at all */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int gui = 0; gui < 2; gui++) {
			struct hull_dep dep = {.name = cases[i][0]};
			struct hull_requirements r;
			const struct hull_deps nothing = {0};
			struct requirement_world w;
			char *is;

			make(&w, (struct described[]){{.name = "app"},
						      {.name = "lib", .provides = "virt = 1"},
						      {.name = "tool", .provides = "virt = 2"},
						      {.name = gui ? "gui" : "text"},
						      {0}});
			w.v[0].deps[HULL_REQUIRES] = (struct hull_deps){&dep, 1};
			hull_requirements_installed(&r, w.v, w.n, &nothing);
			is = show(&w, &r);
			assert_string_equal(is, cases[i][gui || !cases[i][2] ? 1 : 2]);
			free(is);
			hull_requirements_fini(&r);
			hull_arena_fini(&w.arena);
		}
}

static void files(void **state)
{
	(void)state;
	expect((struct described[]){{.name = "app", .required = "/usr/bin/tool; /usr/bin/none"},
				    {.name = "tool", .files = {"/usr/bin/tool", "/usr/bin/more"}},
				    {.name = "trap", .files = {"/usr/lib/tool"}},
				    {0}},
	       "/usr/bin/more", ">tool(/usr/bin/more) app>tool(/usr/bin/tool)");
	/* a provided path is as good; both have it */
	expect((struct described[]){{.name = "app", .required = "/bin/sh"},
				    {.name = "bash", .provides = "/bin/sh"},
				    {.name = "dash", .files = {"/bin/sh"}},
				    {0}},
	       "", "app>bash(/bin/sh) app>dash(/bin/sh)");
}

static void files_behind_links(void **state)
{
	static const struct described packages[] = {
		{.name = "app", .required = "/bin/sh; /lib/x/../file; /turn/round; /opt/a/file"},
		{.name = "bash", .files = {"/usr/bin/sh"}},
		{.name = "base",
		 .files = {"/bin -> usr/bin", "/lib -> /usr/./lib", "/turn -> turn",
			   "/usr/bin/sh.old -> sh"}},
		{.name = "old", .files = {"/lib/file", "/turn/other", "/bin/sh"}},
		{.name = "opt", .files = {"/opt/b -> ../opt//a", "/opt/b/file"}},
		{0}};

	(void)state;
	expect(packages, "",
	       "app>bash(/bin/sh) app>old(/bin/sh) app>old(/lib/x/../file) app>opt(/opt/a/file)");
	/* the last name is not followed, and without the link there is no other name */
	expect((struct described[]){{.name = "app", .required = "/bin/sh; /usr/bin/sh"},
				    {.name = "dash", .files = {"/usr/bin/dash"}},
				    {.name = "link", .files = {"/usr/bin/sh -> dash"}},
				    {0}},
	       "", "app>link(/usr/bin/sh)");
}

static void what_is_no_requirement(void **state)
{
	(void)state;
	/* its own, also if others have it; nobody's; weak ones; what rpm itself can do */
	expect((struct described[]){{.name = "app",
				     .provides = "config(app) = 1-1; shared",
				     .required =
					     "config(app) = 1-1; app; shared; nobody; /no/file; "
					     "rpmlib(CompressedFileNames) <= 3.0.4-1",
				     .weak = "other"},
				    {.name = "other",
				     .provides = "shared; rpmlib(CompressedFileNames) = 3.0.4-1"},
				    {0}},
	       "nobody", "");
	expect((struct described[]){{0}}, "", "");
}

static void odd_databases(void **state)
{
	(void)state;
	/* every architecture counts, whichever comes first, and so does one that nobody knows */
	expect((struct described[]){{.name = "app", .arch = "i686", .required = "lib; key"},
				    {.name = "key", .arch = "(none)"},
				    {.name = "lib", .arch = "x86_64", .required = "app"},
				    {.name = "lib", .arch = "aarch64"},
				    {0}},
	       "", "app>key(key) app>lib(lib) app>lib(lib) lib>app(app)");
	/* the same package twice, each on its own */
	expect((struct described[]){{.name = "app", .required = "twin"},
				    {.name = "twin", .required = "twin"},
				    {.name = "twin", .required = "app"},
				    {0}},
	       "", "app>twin(twin) app>twin(twin) twin>app(app)");
}

static void requests_come_first(void **state)
{
	(void)state;
	expect((struct described[]){{.name = "app", .required = "lib"},
				    {.name = "lib", .provides = "virt = 2"},
				    {.name = "old", .provides = "virt = 1"},
				    {0}},
	       "virt >= 2; app; (lib if gui)", ">app(app) >lib(virt >= 2) app>lib(lib)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),	      cmocka_unit_test(several_providers),
		cmocka_unit_test(rich_dependencies),  cmocka_unit_test(files),
		cmocka_unit_test(files_behind_links), cmocka_unit_test(what_is_no_requirement),
		cmocka_unit_test(odd_databases),      cmocka_unit_test(requests_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
