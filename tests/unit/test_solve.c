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

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "solve/pool.h"

/* --- the cases of tests/solver --- */

/* A growing list of dependencies in an arena's lifetime. */
struct list {
	struct hull_dep *v;
	size_t n, cap;
};

struct testcase {
	struct hull_arena arena;
	struct hull_pool *pool;
	struct hull_closure_request request;
	struct hull_deps wants, conflicts;
	struct list wants_list, conflicts_list, deps[HULL_DEP_KINDS];
	struct hull_package pkg; /* the one that is being read; name NULL: none */
	struct hull_file files[64];
	hull_pkgid first; /* of the packages */
	int owner;
	char expected[8192];
};

static void list_add(struct testcase *t, struct list *l, const char *text)
{
	struct hull_err e;

	l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
	if (hull_dep_parse(text, &t->arena, &l->v[l->n++], &e) < 0)
		fail_msg("%s", e.msg);
}

static void flush_package(struct testcase *t)
{
	if (!t->pkg.name)
		return;
	for (int k = 0; k < HULL_DEP_KINDS; k++) {
		t->pkg.deps[k] = (struct hull_deps){t->deps[k].v, t->deps[k].n};
		t->deps[k].n = 0;
	}
	t->pkg.files = t->files;
	hull_pool_add(t->pool, &t->pkg, t->owner);
	t->owner = 0;
	t->pkg = (struct hull_package){0};
}

static void start_package(struct testcase *t, char *text)
{
	char *name = strsep(&text, " "), *evr = strsep(&text, " "), *arch = strsep(&text, " ");
	char *colon = evr ? strchr(evr, ':') : NULL, *dash = evr ? strchr(evr, '-') : NULL;
	uint64_t epoch = 0, bytes = 0;

	flush_package(t);
	if (!dash || !arch || (text && !hull_parse_u64(text, 0, UINT64_MAX, &bytes)))
		fail_msg("malformed pkg line");
	if (colon) {
		*colon = '\0';
		assert_true(hull_parse_u64(evr, 0, UINT32_MAX, &epoch));
		evr = colon + 1;
	}
	*dash = '\0';
	t->pkg.name = hull_arena_strdup(&t->arena, name);
	t->pkg.epoch = (uint32_t)epoch;
	t->pkg.version = hull_arena_strdup(&t->arena, evr);
	t->pkg.release = hull_arena_strdup(&t->arena, dash + 1);
	t->pkg.arch = hull_arena_strdup(&t->arena, arch);
	t->pkg.installed_bytes = bytes;
}

static bool package_line(struct testcase *t, const char *word, const char *text)
{
	static const char *const kinds[HULL_DEP_KINDS] = {
		[HULL_PROVIDES] = "prov",   [HULL_REQUIRES] = "req",   [HULL_CONFLICTS] = "con",
		[HULL_OBSOLETES] = "obs",   [HULL_RECOMMENDS] = "rec", [HULL_SUGGESTS] = "sug",
		[HULL_SUPPLEMENTS] = "sup", [HULL_ENHANCES] = "enh",
	};

	if (!t->pkg.name)
		return false;
	if (!strcmp(word, "file")) {
		assert_true(t->pkg.nfiles < 64);
		t->files[t->pkg.nfiles++].path = hull_arena_strdup(&t->arena, text);
		return true;
	}
	if (!strcmp(word, "repo")) {
		t->owner = atoi(text);
		return true;
	}
	if (!strcmp(word, "built")) {
		t->pkg.sha256 = "";
		return true;
	}
	for (int k = 0; k < HULL_DEP_KINDS; k++) {
		if (strcmp(word, kinds[k]))
			continue;
		list_add(t, &t->deps[k], text);
		return true;
	}
	return false;
}

static void load_line(struct testcase *t, char *line)
{
	char *word, *text = line + strspn(line, " \t");

	if (!*text || *text == '#')
		return;
	if (hull_starts(text, "in ") || hull_starts(text, "problem ")) {
		assert_true(strlen(t->expected) + strlen(text) + 2 < sizeof t->expected);
		strcat(strcat(t->expected, text), "\n");
		return;
	}
	word = strsep(&text, " ");
	if (!strcmp(word, "arch") && text) {
		hull_pool_free(t->pool);
		t->pool = hull_pool_new(text);
	} else if (!strcmp(word, "pkg") && text) {
		start_package(t, text);
	} else if (!strcmp(word, "want") && text) {
		list_add(t, &t->wants_list, text);
	} else if (!strcmp(word, "not") && text) {
		list_add(t, &t->conflicts_list, text);
	} else if (!strcmp(word, "weak")) {
		t->request.weak = true;
	} else if (!strcmp(word, "fewest")) {
		t->request.fewest = true;
	} else if (!strcmp(word, "named")) {
		t->request.named = true;
	} else if (!strcmp(word, "ranked")) {
		t->request.ranked = true;
	} else if (!package_line(t, word, text)) {
		fail_msg("unknown line: %s", word);
	}
}

static struct testcase *load(const char *text)
{
	struct testcase *t = hull_alloc(sizeof *t);
	hull_autofree char *copy = hull_strdup(text);
	char *rest = copy, *line;

	t->pool = hull_pool_new("x86_64");
	while ((line = strsep(&rest, "\n")))
		load_line(t, line);
	flush_package(t);
	t->wants = (struct hull_deps){t->wants_list.v, t->wants_list.n};
	t->conflicts = (struct hull_deps){t->conflicts_list.v, t->conflicts_list.n};
	t->request.wants = &t->wants;
	t->request.conflicts = &t->conflicts;
	return t;
}

static void unload(struct testcase *t)
{
	hull_pool_free(t->pool);
	free(t->wants_list.v);
	free(t->conflicts_list.v);
	for (int k = 0; k < HULL_DEP_KINDS; k++)
		free(t->deps[k].v);
	hull_arena_fini(&t->arena);
	free(t);
}

/* The lines of a dump that are the result. */
static void take_result(const char *dump, struct hull_buf *out)
{
	hull_buf_adds(out, "");
	for (const char *line = dump; *line;) {
		size_t n = strcspn(line, "\n");

		if (hull_starts(line, "in ") || hull_starts(line, "problem "))
			hull_buf_addf(out, "%.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

/* Each case gives what it expects, and so does its own dump, which is a fixed point. */
static void test_files(void **state)
{
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;
	int failed = 0, count = 0;

	(void)state;
	assert_int_equal(hull_dir_list(AT_FDCWD, "tests/solver", &names, &e), 0);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("tests/solver/%s", names.v[i]);
		hull_autobuf struct hull_buf text = {0}, got = {0}, dump = {0}, again = {0};
		struct testcase *t;

		if (!hull_ends(path, ".test"))
			continue;
		count++;
		assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
		t = load(text.p);
		hull_pool_dump(t->pool, &t->request, &dump);
		take_result(dump.p, &got);
		if (strcmp(got.p, t->expected)) {
			print_error("%s: expected\n%sgot\n%s", path, t->expected, got.p);
			failed++;
		}
		unload(t);

		t = load(dump.p);
		hull_pool_dump(t->pool, &t->request, &again);
		if (!strstr(dump.p, "problem "))
			assert_string_equal(again.p, dump.p);
		unload(t);
	}
	assert_true(count >= 25);
	assert_int_equal(failed, 0);
}

/* --- the calls one by one --- */

static const char small_world[] = "pkg zlib 1.3.1-1 x86_64 100\n"
				  "  file /usr/lib/libz.so.1\n"
				  "pkg zlib-devel 1.3.1-1 x86_64 50\n"
				  "  req zlib(x86-64) = 1.3.1-1\n"
				  "  file /usr/lib/pkgconfig/zlib.pc\n"
				  "  file /usr/share/pkgconfig/*.pc\n"
				  "pkg bash 5.2-1 x86_64 900\n"
				  "  prov /bin/sh\n"
				  "  file /usr/bin/sh\n"
				  "pkg dash 1-1 x86_64 200\n"
				  "  file /usr/bin/sh\n"
				  "pkg docs 1:2-3 noarch 10\n"
				  "pkg alien 1-1 i686 1\n";

static const char *show(struct testcase *t, const struct hull_pkgset *s)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < s->n; i++)
		strcat(strcat(text, i ? " " : ""), hull_pool_nevra(t->pool, s->v[i]));
	return text;
}

static void test_providers(void **state)
{
	static const struct {
		const char *dep, *providers;
	} cases[] = {
		{"zlib", "zlib-1.3.1-1.x86_64"},
		{"zlib >= 1.3", "zlib-1.3.1-1.x86_64"},
		{"zlib = 1.3.1", "zlib-1.3.1-1.x86_64"},
		{"zlib > 1.3.1", ""},
		{"zlib(x86-64) = 1.3.1-1", "zlib-1.3.1-1.x86_64"},
		{"pkgconfig(zlib)", "zlib-devel-1.3.1-1.x86_64"},
		{"pkgconfig(zlib) >= 1.2", "zlib-devel-1.3.1-1.x86_64"},
		{"pkgconfig(*)", ""},
		{"/usr/bin/sh", "bash-5.2-1.x86_64 dash-1-1.x86_64"},
		{"/bin/sh", "bash-5.2-1.x86_64 dash-1-1.x86_64"},
		{"docs >= 1:1", "docs-1:2-3.noarch"},
		{"docs(x86-64)", ""}, /* a noarch package has no isa */
		{"alien", ""},	      /* wrong architecture */
		{"(zlib or dash)", "zlib-1.3.1-1.x86_64 dash-1-1.x86_64"},
		{"(/usr/bin/sh with bash)", "bash-5.2-1.x86_64"},
		{"(/usr/bin/sh without /bin/sh)", ""}, /* the same file */
		{"(/usr/bin/sh without bash)", "dash-1-1.x86_64"},
		{"nothing", ""},
	};
	struct testcase *t = load(small_world);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_pkgset set = {0};
		struct hull_dep dep;
		struct hull_err e;

		assert_int_equal(hull_dep_parse(cases[i].dep, &t->arena, &dep, &e), 0);
		hull_pool_providers(t->pool, &dep, &set);
		assert_string_equal(show(t, &set), cases[i].providers);
		hull_pkgset_fini(&set);
	}
	unload(t);
}

static void test_similar(void **state)
{
	static const struct {
		const char *name, *near;
	} cases[] = {
		{"zlib-dev", "zlib-devel"},
		{"zlip", "zlib"},
		{"pkgconfig(zlb)", "pkgconfig(zlib)"},
		{"/bin/dash", ""},
		{"/sbin/sh", "/bin/sh"},
		{"BASH", "bash"},
		{"qqqqqqqq", ""},
	};
	struct testcase *t = load(small_world);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autostrv struct hull_strv out = {0};

		hull_pool_similar(t->pool, cases[i].name, 1, &out);
		assert_string_equal(out.n ? out.v[0] : "", cases[i].near);
	}
	unload(t);
}

static void test_owners_and_swap(void **state)
{
	struct testcase *t = load("pkg app 1-1 x86_64 10\n  req lib >= 1\n"
				  "pkg lib 1-1 x86_64 10\n  repo 1\nwant app\n");
	struct hull_pkgset set = {0};
	struct hull_dep soname = {.name = "liblib.so.1"};
	struct hull_dep need = {.name = "liblib.so.1", .line = 3};
	struct hull_package built = {.name = "lib",
				     .version = "2",
				     .release = "1",
				     .arch = "x86_64",
				     .sha256 = "0",
				     .installed_bytes = 5};
	struct hull_dep self = {.name = "lib", .evr = "2-1", .flags = HULL_DEP_EQUAL};
	struct hull_dep provides[] = {self, soname};
	struct hull_err e;
	hull_pkgid id;
	int want;

	(void)state;
	assert_int_equal(hull_pool_owner(t->pool, 2), 1);
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, &want, &e), 0);
	assert_int_equal(want, -1);
	assert_string_equal(show(t, &set), "app-1-1.x86_64 lib-1-1.x86_64");

	hull_pool_remove(t->pool, 2);
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, &want, &e), -1);
	assert_int_equal(want, -1); /* app is there, what it needs is not */

	built.deps[HULL_PROVIDES] = (struct hull_deps){provides, 2};
	id = hull_pool_add(t->pool, &built, 77);
	assert_int_equal(hull_pool_owner(t->pool, id), 77);
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, &want, &e), 0);
	assert_string_equal(show(t, &set), "app-1-1.x86_64 lib-2-1.x86_64");

	t->wants = (struct hull_deps){(struct hull_dep[]){need, {.name = "none"}}, 2};
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, &want, &e), -1);
	assert_int_equal(want, 1);
	hull_pkgset_fini(&set);
	unload(t);
}

/* No wants: the empty set, not an error. */
static void test_empty(void **state)
{
	struct testcase *t = load(small_world);
	struct hull_pkgset set = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, NULL, &e), 0);
	assert_int_equal(set.n, 0);
	unload(t);
}

/* --- random worlds --- */

enum { NAMES = 12, VIRTUALS = 5 };

static void random_world(struct hull_buf *out)
{
	for (int i = 0; i < NAMES; i++) {
		hull_buf_addf(out, "pkg p%d 1-1 x86_64 %d\n", i, 1 + rand() % 50);
		if (rand() % 2)
			hull_buf_addf(out, "  prov v%d\n", rand() % VIRTUALS);
		for (int k = rand() % 3; k > 0; k--) {
			if (rand() % 2)
				hull_buf_addf(out, "  req v%d\n", rand() % VIRTUALS);
			else
				hull_buf_addf(out, "  req p%d\n", rand() % NAMES);
		}
		if (rand() % 6 == 0)
			hull_buf_addf(out, "  con p%d\n", rand() % NAMES);
		if (rand() % 6 == 0)
			hull_buf_addf(out, "  req (p%d if v%d else p%d)\n", rand() % NAMES,
				      rand() % VIRTUALS, rand() % NAMES);
	}
	for (int i = 0; i < 2; i++)
		hull_buf_addf(out, "want v%d\n", rand() % VIRTUALS);
	hull_buf_addf(out, "want p%d\n", rand() % NAMES);
}

/* An independent judge, by text: does the subset (a bit for each package) satisfy `dep`? */
static bool judge(const struct testcase *t, unsigned int subset, const char *dep,
		  const char provides[NAMES][8])
{
	int a, b, c;

	(void)t;
	if (sscanf(dep, "(p%d if v%d else p%d)", &a, &b, &c) == 3) {
		for (int i = 0; i < NAMES; i++)
			if ((subset >> i & 1) && provides[i][0] && atoi(provides[i] + 1) == b)
				return subset >> a & 1;
		return subset >> c & 1;
	}
	if (dep[0] == 'p')
		return subset >> atoi(dep + 1) & 1;
	for (int i = 0; i < NAMES; i++)
		if ((subset >> i & 1) && !strcmp(provides[i], dep))
			return true;
	return false;
}

struct oracle {
	char provides[NAMES][8], req[64][40], con[64][40], want[8][40];
	int req_of[64], con_of[64], nreq, ncon, nwant;
	unsigned int bytes[NAMES];
};

static void read_oracle(struct oracle *o, const char *text)
{
	hull_autofree char *copy = hull_strdup(text);
	char *rest = copy, *line;
	int p = -1;

	memset(o, 0, sizeof *o);
	while ((line = strsep(&rest, "\n"))) {
		if (hull_starts(line, "pkg"))
			sscanf(line, "pkg %*s 1-1 x86_64 %u", &o->bytes[++p]);
		else if (hull_starts(line, "  prov "))
			strcpy(o->provides[p], line + 7);
		else if (hull_starts(line, "  req "))
			o->req_of[o->nreq] = p, strcpy(o->req[o->nreq++], line + 6);
		else if (hull_starts(line, "  con "))
			o->con_of[o->ncon] = p, strcpy(o->con[o->ncon++], line + 6);
		else if (hull_starts(line, "want "))
			strcpy(o->want[o->nwant++], line + 5);
	}
}

static bool valid(const struct testcase *t, const struct oracle *o, unsigned int subset)
{
	for (int i = 0; i < o->nwant; i++)
		if (!judge(t, subset, o->want[i], o->provides))
			return false;
	for (int i = 0; i < o->nreq; i++)
		if ((subset >> o->req_of[i] & 1) && !judge(t, subset, o->req[i], o->provides))
			return false;
	for (int i = 0; i < o->ncon; i++)
		if ((subset >> o->con_of[i] & 1) && atoi(o->con[i] + 1) != o->con_of[i] &&
		    judge(t, subset, o->con[i], o->provides))
			return false;
	return true;
}

static unsigned int size_of(const struct oracle *o, unsigned int subset)
{
	unsigned int sum = 0;

	for (int i = 0; i < NAMES; i++)
		sum += subset >> i & 1 ? o->bytes[i] : 0;
	return sum;
}

/*
 * Every set is valid, there is one exactly if any subset is, every member has a reason, and nearly
 * all are the smallest there is.
 */
static void test_random(void **state)
{
	enum { ROUNDS = 400 };
	int solved = 0, smallest = 0;

	(void)state;
	srand(3);
	for (int round = 0; round < ROUNDS; round++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_pkgset set = {0};
		struct hull_reason reasons[NAMES];
		unsigned int best = UINT32_MAX, got = 0;
		struct hull_err e;
		struct oracle o;
		struct testcase *t;
		int rc;

		random_world(&text);
		read_oracle(&o, text.p);
		t = load(text.p);
		for (unsigned int s = 0; s < 1u << NAMES; s++)
			if (valid(t, &o, s) && size_of(&o, s) < best)
				best = size_of(&o, s);
		rc = hull_pool_closure(t->pool, &t->request, &set, NULL, &e);
		if ((rc == 0) != (best != UINT32_MAX))
			print_error("%s", text.p);
		assert_int_equal(rc == 0, best != UINT32_MAX);
		if (rc < 0) {
			assert_true(e.msg[0] != '\0');
			unload(t);
			continue;
		}
		for (size_t i = 0; i < set.n; i++)
			got |= 1u << (set.v[i] - 1);
		assert_true(valid(t, &o, got));
		hull_pool_reasons(t->pool, &t->request, &set, &t->arena, reasons);
		for (size_t i = 0; i < set.n; i++) {
			if (reasons[i].kind == HULL_REASON_NONE) {
				hull_autobuf struct hull_buf dump = {0};

				hull_pool_dump(t->pool, &t->request, &dump);
				print_error("%s", dump.p);
			}
			assert_int_not_equal(reasons[i].kind, HULL_REASON_NONE);
		}
		solved++;
		smallest += size_of(&o, got) == best;
		hull_pkgset_fini(&set);
		unload(t);
	}
	print_message("%d of %d solvable, %d of them the smallest possible\n", solved, ROUNDS,
		      smallest);
	assert_true(solved > ROUNDS / 4);
	assert_true(smallest * 100 >= solved * 97);
}

/* The same packages in another order, with some taken out and put back: the same answer. */
static void test_history(void **state)
{
	enum { ROUNDS = 100 };

	(void)state;
	srand(11);
	for (int round = 0; round < ROUNDS; round++) {
		hull_autobuf struct hull_buf text = {0}, back = {0}, a = {0}, b = {0};
		hull_autostrv struct hull_strv blocks = {0};
		struct testcase *x, *y;
		char *next;

		random_world(&text);
		hull_buf_adds(&back, "pkg p3 1-1 x86_64 1\n  prov v1\npkg zz 1-1 x86_64 1\n");
		for (char *p = text.p; p; p = next) {
			next = strstr(p + 1, "\npkg ");
			if (!next)
				next = strstr(p + 1, "\nwant ");
			if (next)
				*next++ = '\0';
			hull_strv_add(&blocks, p);
			if (hull_starts(p, "want "))
				break;
		}
		for (size_t i = blocks.n - 1; i-- > 0;)
			hull_buf_addf(&back, "%s\n", blocks.v[i]);
		hull_buf_adds(&back, blocks.v[blocks.n - 1]);
		text.n = 0;
		for (size_t i = 0; i < blocks.n; i++)
			hull_buf_addf(&text, "%s\n", blocks.v[i]);
		x = load(text.p);
		y = load(back.p);
		hull_pool_remove(y->pool, 2);
		hull_pool_remove(y->pool, 1);
		hull_pool_dump(x->pool, &x->request, &a);
		hull_pool_dump(y->pool, &y->request, &b);
		assert_string_equal(a.p, b.p);
		unload(x);
		unload(y);
	}
}

/* --- speed --- */

enum { SPECS = 300, PER_SPEC = 3, FILES = 33 };

/* Adds spec i's packages: a tool, a library and its devel package, with names like real ones. */
static void add_spec(struct hull_pool *p, int i, bool built, hull_pkgid ids[PER_SPEC])
{
	static const char *const suffix[PER_SPEC] = {"", "-libs", "-devel"};
	struct hull_arena a = {0};

	for (int k = 0; k < PER_SPEC; k++) {
		struct hull_dep req[12], prov[8];
		struct hull_file files[FILES] = {0};
		struct hull_package pkg = {.version = "1.0", .release = "1", .arch = "x86_64"};
		size_t nreq = 0, nprov = 0;

		pkg.name = hull_arena_printf(&a, "spec%d%s", i, suffix[k]);
		pkg.sha256 = built ? "0" : NULL;
		pkg.installed_bytes = built ? 1000u + (unsigned int)i : 0;
		for (int f = 0; f < FILES; f++)
			files[f].path = hull_arena_printf(&a, "/usr/share/spec%d%s/file%d", i,
							  suffix[k], f);
		for (int d = 1; d <= 6 && i - d * d > 0; d++)
			req[nreq++].name = hull_arena_printf(&a, "spec%d%s", i - d * d,
							     k == 2 ? "-devel" : "-libs");
		for (size_t d = 0; d < nreq; d++)
			req[d].evr = NULL, req[d].flags = 0;
		if (k == 0)
			req[nreq++] = (struct hull_dep){.name = "/usr/share/spec1/file7"};
		if (built && k == 1)
			for (int s = 0; s < 6; s++)
				prov[nprov++] = (struct hull_dep){
					.name = hull_arena_printf(&a, "lib%d.so.%d()(64bit)", i,
								  s)};
		if (built)
			prov[nprov++] = (struct hull_dep){
				.name = pkg.name, .evr = "1.0-1", .flags = HULL_DEP_EQUAL};
		pkg.files = files;
		pkg.nfiles = FILES;
		pkg.deps[HULL_REQUIRES] = (struct hull_deps){req, nreq};
		pkg.deps[HULL_PROVIDES] = (struct hull_deps){prov, nprov};
		ids[k] = hull_pool_add(p, &pkg, i);
	}
	hull_arena_fini(&a);
}

/* --- what a set has for names, and what it does not have --- */

static void test_stand_ins(void **state)
{
	struct testcase *t = load("pkg mta 2-1 x86_64 900\n"
				  "pkg exim 1-1 x86_64 90\n  prov mta = 1\n  prov smtp\n"
				  "pkg tool 1-1 x86_64 1\n  file /usr/bin/smtp\n"
				  "want mta\nwant smtp\nwant mta = 1\nwant (smtp or mta)\n"
				  "want /usr/bin/smtp\nwant exim\nnamed\n");
	struct hull_arena arena = {0};
	struct hull_pkgset set = {0};
	struct hull_stand_in *v;
	struct hull_err e = {0};

	(void)state;
	assert_int_equal(hull_pool_closure(t->pool, &t->request, &set, NULL, &e), 0);
	assert_string_equal(show(t, &set), "mta-2-1.x86_64 exim-1-1.x86_64 tool-1-1.x86_64");
	assert_int_equal(hull_pool_stand_ins(t->pool, &t->request, &set, &arena, &v), 2);
	assert_int_equal(v[0].want, 1);
	assert_string_equal(hull_pool_nevra(t->pool, v[0].package), "exim-1-1.x86_64");
	assert_string_equal(v[0].provides, "smtp");
	assert_int_equal(v[1].want, 2);
	assert_string_equal(v[1].provides, "mta = 1");
	free(v);
	hull_arena_fini(&arena);
	hull_pkgset_fini(&set);
	unload(t);
}

static void test_passed_over(void **state)
{
	static const char dead[] = "pkg lib 1-1 x86_64 1\npkg lib 3-1 x86_64 1\n  req gone\n"
				   "pkg lib 9-1 i686 1\npkg app 1-1 x86_64 1\n  req lib\n";
	static const struct {
		const char *world, *wants, *said; /* "TAKEN < NEWEST: WHY"; "": nothing */
	} cases[] = {
		{dead, "want app\n",
		 "lib-1-1.x86_64 < lib-3-1.x86_64: lib-3-1.x86_64 requires gone, but nothing provides "
		 "it"},
		{dead, "want lib\n",
		 "lib-1-1.x86_64 < lib-3-1.x86_64: lib-3-1.x86_64 requires gone, but nothing provides "
		 "it"},
		/* that is what was asked for */
		{dead, "want lib < 2\n", ""},
		{dead, "want app\nwant lib = 1\n", ""},
		/* another member of the set stands in the way */
		{"pkg lib 1-1 x86_64 1\npkg lib 2-1 x86_64 1\npkg app 1-1 x86_64 1\n  req lib < 2\n",
		 "want app\n",
		 "lib-1-1.x86_64 < lib-2-1.x86_64: lib-2-1.x86_64 and lib-1-1.x86_64 cannot both be "
		 "installed; lib-1-1.x86_64 is required by app-1-1.x86_64 (lib < 2); app-1-1.x86_64 is "
		 "wanted"},
		/* it could be, with another provider, which the smallest set does not have */
		{"pkg lib 1-1 x86_64 1\npkg lib 2-1 x86_64 1\npkg small 1-1 x86_64 1\n  prov tool\n"
		 "  req lib < 2\npkg large 1-1 x86_64 900\n  prov tool\n  req lib\n"
		 "pkg app 1-1 x86_64 1\n  req tool\n",
		 "want app\n",
		 "lib-1-1.x86_64 < lib-2-1.x86_64: it takes other packages for the rest of the set: "
		 "large-1-1.x86_64"},
		{"pkg lib 1-1 x86_64 1\npkg lib 2-1 x86_64 1\n", "want lib\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *text =
			hull_asprintf("%s%snamed\n", cases[i].world, cases[i].wants);
		struct testcase *t = load(text);
		hull_autobuf struct hull_buf said = {0};
		struct hull_arena arena = {0};
		struct hull_pkgset set = {0};
		struct hull_passed_over *v;
		struct hull_err e = {0};
		size_t n;

		if (hull_pool_closure(t->pool, &t->request, &set, NULL, &e) < 0)
			fail_msg("%s: %s", text, e.msg);
		n = hull_pool_passed_over(t->pool, &t->request, &set, &arena, &v);
		hull_buf_adds(&said, "");
		for (size_t k = 0; k < n; k++) {
			hull_buf_addf(&said, "%s < ", hull_pool_nevra(t->pool, v[k].taken));
			hull_buf_addf(&said, "%s: %s", hull_pool_nevra(t->pool, v[k].newest),
				      v[k].why);
		}
		assert_string_equal(said.p, cases[i].said);
		free(v);
		hull_arena_fini(&arena);
		hull_pkgset_fini(&set);
		unload(t);
	}
}

/* A build of everything: each spec's closure is found, then its packages are swapped for built
 * ones. */
static void test_speed(void **state)
{
	struct hull_pool *p = hull_pool_new("x86_64");
	hull_pkgid(*ids)[PER_SPEC] = hull_alloc_array(SPECS, sizeof *ids);
	int64_t start;
	size_t members = 0;

	(void)state;
	for (int i = 0; i < SPECS; i++)
		add_spec(p, i, false, ids[i]);
	start = hull_monotonic_ms();
	for (int i = 0; i < SPECS; i++) {
		char names[8][32];
		struct hull_dep v[8] = {0};
		struct hull_deps wants = {v, 0};
		struct hull_closure_request r = {.wants = &wants};
		struct hull_pkgset set = {0};
		struct hull_err e;

		for (int k = 1; k < 8 && k * 7 < i; k++) {
			snprintf(names[k], sizeof names[k], "spec%d-devel", i - k * 7);
			v[wants.n++].name = names[k];
		}
		assert_int_equal(hull_pool_closure(p, &r, &set, NULL, &e), 0);
		members += set.n;
		hull_pkgset_fini(&set);
		for (int k = 0; k < PER_SPEC; k++)
			hull_pool_remove(p, ids[i][k]);
		add_spec(p, i, true, ids[i]);
	}
	start = hull_monotonic_ms() - start;
	print_message("%d closures of %zu packages on average in %d ms\n", SPECS, members / SPECS,
		      (int)start);
	assert_true(start < 30000);
	free(ids);
	hull_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),	  cmocka_unit_test(test_providers),
		cmocka_unit_test(test_similar),	  cmocka_unit_test(test_owners_and_swap),
		cmocka_unit_test(test_empty),	  cmocka_unit_test(test_random),
		cmocka_unit_test(test_history),	  cmocka_unit_test(test_speed),
		cmocka_unit_test(test_stand_ins), cmocka_unit_test(test_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
