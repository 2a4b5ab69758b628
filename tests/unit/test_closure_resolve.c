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
#include "closure/chain.h"
#include "closure/resolve.h"
#include "repo/repo.h"
#include "rpm/rpmfile.h"
#include "store_fixture.h"

static int set_up(void **state)
{
	(void)state;
	return open_store();
}

static int tear_down(void **state)
{
	(void)state;
	return close_store();
}

static int clean(void **state)
{
	(void)state;
	sh("rm -rf a b x.lock.json dump");
	return 0;
}

/* --- repositories from text --- */

/* Lines "NAME VERSION-RELEASE BYTES", below each "req|con|prov DEP" or "file PATH". */

struct builder {
	struct hull_arena arena;
	struct hull_package *v[64];
	size_t n;
};

static void begin_package(struct builder *b, const char *line, const char *salt)
{
	struct hull_package *p = hull_arena_alloc(&b->arena, sizeof *p);
	char name[64], version[64], release[64], digest[HULL_HEX];
	hull_autofree char *rpm = NULL;
	unsigned int bytes;
	struct hull_err e;

	assert_int_equal(sscanf(line, "%63s %63[^-]-%63s %u", name, version, release, &bytes), 4);
	*p = (struct hull_package){
		.name = hull_arena_strdup(&b->arena, name),
		.version = hull_arena_strdup(&b->arena, version),
		.release = hull_arena_strdup(&b->arena, release),
		.arch = "x86_64",
		.summary = "A package",
		.description = "Words.",
		.license = "MIT",
		.source_rpm = "x-1-1.src.rpm",
		.content = "",
		.file_bytes = strlen(line),
		.installed_bytes = bytes,
	};
	hull_autofree char *content = hull_asprintf("%s%s", salt, line);
	hull_hash_bytes(content, strlen(content), digest);
	p->sha256 = hull_arena_strdup(&b->arena, digest);
	p->deps[HULL_PROVIDES].n = 0;
	struct hull_dep own = {.name = p->name,
			       .evr = hull_arena_printf(&b->arena, "%s-%s", version, release),
			       .flags = HULL_DEP_EQUAL};
	hull_deps_add(&p->deps[HULL_PROVIDES], &b->arena, &own);
	p->files = hull_arena_array(&b->arena, 8, sizeof *p->files);
	rpm = hull_asprintf("rpms/%s.rpm", digest);
	ok(hull_file_write(store.fd, rpm, content, strlen(content), 0644, &e), &e);
	assert_true(b->n < 64);
	b->v[b->n++] = p;
}

static void describe(struct builder *b, const char *line)
{
	struct hull_package *p = b->v[b->n - 1];
	enum hull_dep_kind kind = HULL_REQUIRES;
	struct hull_dep d;
	struct hull_err e;

	if (hull_starts(line, "file ")) {
		p->files[p->nfiles++] = (struct hull_file){
			.path = hull_arena_strdup(&b->arena, line + 5), .mode = S_IFREG | 0644};
		return;
	}
	if (hull_starts(line, "con "))
		kind = HULL_CONFLICTS;
	else if (hull_starts(line, "prov "))
		kind = HULL_PROVIDES;
	ok(hull_dep_parse(strchr(line, ' ') + 1, &b->arena, &d, &e), &e);
	hull_deps_add(&p->deps[kind], &b->arena, &d);
}

/* Writes a repository in the directory `name` of the run; packages depend on text and salt. */
static void write_repo(const char *name, const char *salt, const char *text)
{
	hull_autofree char *copy = hull_strdup(text), *path = hull_asprintf("%s/%s", dir, name);
	struct builder b = {0};
	struct hull_repo_stats stats;
	struct hull_err e;
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line == ' ')
			describe(&b, line + 1);
		else if (*line)
			begin_package(&b, line, salt);
	}
	ok(hull_repo_write(&store, path, (const struct hull_package *const *)b.v, b.n, 0, &stats,
			   &e),
	   &e);
	hull_arena_fini(&b.arena);
}

/* --- requests --- */

struct question {
	struct hull_image_config config;
	struct hull_want wants[8];
	struct hull_repository repositories[2];
	struct hull_resolve_request request;
	char paths[2][256], dump[256];
};

/* wants and forbidden: words; repositories: "a", "ab", "ba". */
static void ask(struct question *q, const char *wants, const char *forbidden, const char *repos)
{
	struct hull_arena *a = &q->config.arena;
	const char *word;
	size_t n;

	*q = (struct question){0};
	q->config.path = "x.json";
	q->config.wants = q->wants;
	while (*wants) {
		n = strcspn(wants, ",");
		q->wants[q->config.nwants].package = hull_arena_strndup(a, wants, n);
		q->wants[q->config.nwants].origin =
			hull_arena_printf(a, "x.json:%zu", q->config.nwants + 10);
		q->config.nwants++;
		wants += n + (wants[n] == ',');
	}
	while (hull_word(&forbidden, &word, &n))
		hull_strv_addf(&q->config.forbidden, "%.*s", (int)n, word);
	q->request = (struct hull_resolve_request){.config = &q->config,
						   .arch = "x86_64",
						   .repositories = q->repositories,
						   .nrepositories = strlen(repos)};
	for (size_t i = 0; repos[i]; i++) {
		snprintf(q->paths[i], sizeof q->paths[i], "%s/%c", dir, repos[i]);
		q->repositories[i] = (struct hull_repository){
			.name = hull_arena_printf(a, "%c", repos[i]), .url = q->paths[i]};
	}
}

static void end(struct question *q)
{
	hull_strv_fini(&q->config.forbidden);
	hull_arena_fini(&q->config.arena);
}

/* "app-1-1 lib-2-1" */
static char *names(const struct hull_lock *l)
{
	struct hull_buf b = {0};

	for (size_t i = 0; i < l->n; i++)
		hull_buf_addf(&b, "%s%s-%s", i ? " " : "", l->v[i].name, l->v[i].evr);
	return hull_buf_steal(&b);
}

static void gives(const char *wants, const char *forbidden, const char *repos, const char *set)
{
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	ask(&q, wants, forbidden, repos);
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	hull_autofree char *got = names(&l);
	assert_string_equal(got, set);
	hull_lock_fini(&l);
	end(&q);
}

static void fails(const char *wants, const char *forbidden, const char *repos, const char *text)
{
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	ask(&q, wants, forbidden, repos);
	assert_int_equal(hull_resolve(&store, &q.request, NULL, &l, &e), -1);
	assert_string_equal(e.msg, text);
	end(&q);
}

static const char world[] = "app 1-1 1000\n"
			    " req lib >= 1\n"
			    " req /usr/share/data/x\n"
			    "app 0.9-1 10\n"
			    "tool 3-1 500\n"
			    " req interpreter\n"
			    "perl 5-1 9000\n"
			    " prov interpreter\n"
			    " req perl-libs\n"
			    "perl-libs 5-1 20000\n"
			    "python 3-1 50000\n"
			    " prov interpreter\n"
			    "old-lib 1-1 10\n"
			    " con lib\n"
			    "data 1-1 100\n"
			    " file /usr/share/data/x\n";
static const char more[] = "lib 2-1 2000\n"
			   "lib 1-1 100\n"
			   "extra 1-1 10\n"
			   " req /usr/share/data/x\n"
			   " req /usr/bin/extra-tool\n"
			   "extra-tool 1-1 10\n"
			   " file /usr/bin/extra-tool\n"
			   " file /usr/share/extra-tool/a\n";

static void test_resolve(void **state)
{
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	(void)state;
	write_repo("a", "", world);
	write_repo("b", "", more);
	ask(&q, "app,tool", "", "ab");
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	hull_autofree char *got = names(&l);
	assert_string_equal(got, "app-1-1 data-1-1 lib-2-1 perl-5-1 perl-libs-5-1 tool-3-1");
	assert_string_equal(l.v[0].want, "app");
	assert_string_equal(l.v[0].origin, "x.json:10");
	assert_string_equal(l.v[0].repository, "a");
	assert_string_equal(l.v[0].source, "x-1-1.src.rpm");
	assert_int_equal(l.v[0].installed_bytes, 1000);
	assert_int_equal(l.v[0].file_bytes, strlen("app 1-1 1000"));
	assert_string_equal(l.v[1].by, "app");
	assert_string_equal(l.v[1].dep, "/usr/share/data/x");
	assert_string_equal(l.v[2].repository, "b");
	assert_string_equal(l.v[2].dep, "lib >= 1");
	assert_string_equal(l.v[2].location, "x86_64/lib-2-1.x86_64.rpm");
	assert_string_equal(l.v[4].by, "perl");
	assert_int_equal(l.nrepositories, 2);
	hull_lock_fini(&l);
	end(&q);
	/* a file of another repository, asked for in one that does not have it; and by the request
	 */
	gives("extra", "", "ab", "data-1-1 extra-1-1 extra-tool-1-1");
	gives("extra", "", "ba", "data-1-1 extra-1-1 extra-tool-1-1");
	gives("/usr/share/extra-tool/a", "", "ab", "extra-tool-1-1");
	gives("app = 0.9", "", "a", "app-0.9-1");
	gives("lib < 2", "", "ab", "lib-1-1");
}

static void test_shuffled(void **state)
{
	struct question q, q2;
	struct hull_lock l, l2;
	struct hull_err e;
	hull_autobuf struct hull_buf diff = {0};

	(void)state;
	write_repo("a", "", world);
	write_repo("b", "", more);
	ask(&q, "app,tool,extra", "", "ab");
	ask(&q2, "app,tool,extra", "", "ba");
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	ok(hull_resolve(&store, &q2.request, NULL, &l2, &e), &e);
	hull_lock_difference(&l, &l2, &diff);
	assert_int_equal(diff.n, 0);
	assert_string_equal(l.request, l2.request);
	for (size_t i = 0; i < l.n; i++) {
		assert_string_equal(l.v[i].repository, l2.v[i].repository);
		if (l.v[i].by)
			assert_string_equal(l.v[i].by, l2.v[i].by);
	}
	hull_lock_fini(&l);
	hull_lock_fini(&l2);
	end(&q);
	end(&q2);
}

/* The same package in two repositories with other content: the first repository wins. */
static void test_tie(void **state)
{
	struct question q;
	struct hull_lock ab, ba;
	struct hull_err e;

	(void)state;
	write_repo("a", "", "app 1-1 10\n req big\nbig 1-1 1000\n");
	write_repo("b", "other", "app 1-1 5\n");
	ask(&q, "app", "", "ab");
	ok(hull_resolve(&store, &q.request, NULL, &ab, &e), &e);
	end(&q);
	ask(&q, "app", "", "ba");
	ok(hull_resolve(&store, &q.request, NULL, &ba, &e), &e);
	end(&q);
	assert_int_equal(ab.n, 2);
	assert_int_equal(ba.n, 1);
	assert_string_equal(ab.v[0].repository, "a");
	assert_string_equal(ba.v[0].repository, "b");
	assert_string_not_equal(ab.v[0].sha256, ba.v[0].sha256);
	hull_lock_fini(&ab);
	hull_lock_fini(&ba);
}

/* Repositories go one before the other, by names. */
static void test_order(void **state)
{
	static const char first[] = "kernel 6-1 9000\nuser 1-1 10\n req kernel\n req mta\n"
				    "mta 1-1 900\n";
	static const char second[] = "kernel 7-1 10\nkernel-lite 1-1 1\n prov kernel = 9\n"
				     "tiny 1-1 1\n prov mta\nmore 1-1 1\n prov smtp\n";

	(void)state;
	write_repo("a", "", first);
	write_repo("b", "", second);
	gives("user,kernel", "", "ab", "kernel-6-1 mta-1-1 user-1-1");
	gives("user,kernel", "", "ba", "kernel-7-1 tiny-1-1 user-1-1");
	gives("kernel >= 6", "", "ab", "kernel-6-1");
	gives("kernel,kernel-lite", "", "ab", "kernel-6-1 kernel-lite-1-1");
	gives("smtp", "", "ab", "more-1-1");
	/* what is forbidden is forbidden, whatever has its name */
	gives("user", "mta", "ab", "kernel-6-1 tiny-1-1 user-1-1");
	fails("kernel >= 7,user", "kernel-lite", "ab",
	      "x.json: no package set:\n"
	      "kernel-lite-1-1.x86_64 is forbidden (ForbiddenPackages: kernel-lite) but needed:\n"
	      "  kernel >= 7 is asked for in x.json:10\n"
	      "  there would be a set with kernel-7-1.x86_64 of b, of which "
	      "repositories before theirs have the names: --no-repo-priority takes them");
}

static void test_forbidden(void **state)
{
	(void)state;
	write_repo("a", "", world);
	write_repo("b", "", more);
	gives("tool", "perl", "ab", "python-3-1 tool-3-1");
	gives("tool", "perl-l*", "ab", "python-3-1 tool-3-1");
	gives("tool", "zlib* nothing", "ab", "perl-5-1 perl-libs-5-1 tool-3-1");
	fails("app,tool", "perl* pyth[op]n", "ab",
	      "x.json: no package set:\n"
	      "perl-5-1.x86_64 is forbidden (ForbiddenPackages: perl*) but needed:\n"
	      "  tool is asked for in x.json:11\n"
	      "  tool-3-1.x86_64 requires interpreter\n"
	      "perl-libs-5-1.x86_64 is forbidden (ForbiddenPackages: perl*) but needed:\n"
	      "  tool is asked for in x.json:11\n"
	      "  tool-3-1.x86_64 requires interpreter\n"
	      "  perl-5-1.x86_64 requires perl-libs");
	gives("app,data", "lib", "ab", "app-0.9-1 data-1-1");
	fails("app = 1,tool", "lib python", "ab",
	      "x.json: no package set:\n"
	      "lib-2-1.x86_64 is forbidden (ForbiddenPackages: lib) but needed:\n"
	      "  app = 1 is asked for in x.json:10\n"
	      "  app-1-1.x86_64 requires lib >= 1");
	/* perl could be avoided, lib not */
	fails("app = 1,tool", "lib perl", "ab",
	      "x.json: no package set:\n"
	      "lib-2-1.x86_64 is forbidden (ForbiddenPackages: lib) but needed:\n"
	      "  app = 1 is asked for in x.json:10\n"
	      "  app-1-1.x86_64 requires lib >= 1");
	fails("data", "d*", "ab",
	      "x.json: no package set:\n"
	      "data-1-1.x86_64 is forbidden (ForbiddenPackages: d*) but needed:\n"
	      "  data is asked for in x.json:10");
}

static void test_conflict(void **state)
{
	(void)state;
	write_repo("a", "", world);
	write_repo("b", "", more);
	fails("app = 1,tool,old-lib", "", "ab",
	      "x.json: no package set:\n"
	      "old-lib-1-1.x86_64 conflicts with lib-2-1.x86_64 (lib); old-lib-1-1.x86_64 conflicts "
	      "with lib-1-1.x86_64 (lib); old-lib-1-1.x86_64 is wanted; lib-2-1.x86_64 is required "
	      "by app-1-1.x86_64 (lib >= 1); app-1-1.x86_64 is wanted (app = 1); lib-1-1.x86_64 is "
	      "required by app-1-1.x86_64 (lib >= 1)\n"
	      "  to solve it, leave out old-lib (x.json:12) or app = 1 (x.json:10)");
	fails("app >= 2", "", "ab",
	      "x.json: no package set:\n"
	      "app >= 2 is wanted, but there is only app 0.9-1, app 1-1\n"
	      "  to solve it, leave out app >= 2 (x.json:10)");
	/* without the second repository */
	fails("app = 1", "perl", "a",
	      "x.json: no package set:\n"
	      "app-1-1.x86_64 requires lib >= 1, but nothing provides lib; "
	      "app-1-1.x86_64 is wanted (app = 1)\n"
	      "  to solve it, leave out app = 1 (x.json:10)");
}

static void test_unknown(void **state)
{
	(void)state;
	write_repo("a", "", world);
	fails("data,tol,pearl,quux", "", "a",
	      "x.json: no package set:\n"
	      "x.json:11: no package is named or provides 'tol'; did you mean tool?\n"
	      "x.json:12: no package is named or provides 'pearl'; did you mean perl?\n"
	      "x.json:13: no package is named or provides 'quux'");
}

static void test_dump(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	(void)state;
	write_repo("a", "", world);
	ask(&q, "tool", "perl", "a");
	snprintf(q.dump, sizeof q.dump, "%s/dump", dir);
	q.request.dump = q.dump;
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	ok(hull_file_read(AT_FDCWD, q.dump, &text, &e), &e);
	assert_string_equal(text.p, "arch x86_64\n"
				    "pkg python 3-1 x86_64 50000\n"
				    "  prov interpreter\n"
				    "  prov python = 3-1\n"
				    "pkg tool 3-1 x86_64 500\n"
				    "  prov tool = 3-1\n"
				    "  req interpreter\n"
				    "want tool\n"
				    "named\n"
				    "ranked\n"
				    "in python-3-1.x86_64 required by tool-3-1.x86_64: "
				    "interpreter\n"
				    "in tool-3-1.x86_64 wanted: tool\n");
	hull_lock_fini(&l);
	end(&q);
}

/* --- with a lock file --- */

/* What comes out of a request with the lock file "x.lock.json". */
static void locked(const char *wants, bool update, const char *set, const char *difference)
{
	hull_autofree char *path = hull_asprintf("%s/x.lock.json", dir);
	hull_autobuf struct hull_buf diff = {0};
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	ask(&q, wants, "", "a");
	ok(hull_resolve_locked(&store, &q.request, path, update, NULL, &l, &diff, &e), &e);
	hull_autofree char *got = names(&l);
	assert_string_equal(got, set);
	assert_string_equal(diff.p ? diff.p : "", difference);
	hull_lock_fini(&l);
	end(&q);
}

static void locked_out(const char *wants, const char *part)
{
	hull_autofree char *path = hull_asprintf("%s/x.lock.json", dir);
	hull_autobuf struct hull_buf before = {0}, after = {0};
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	ok(hull_file_read(AT_FDCWD, path, &before, &e), &e);
	ask(&q, wants, "", "a");
	assert_int_equal(hull_resolve_locked(&store, &q.request, path, false, NULL, &l, NULL, &e),
			 -1);
	contains(e.msg, "x.lock.json does not fit any more (--update accepts the difference):\n");
	contains(e.msg, part);
	ok(hull_file_read(AT_FDCWD, path, &after, &e), &e);
	assert_string_equal(before.p, after.p);
	end(&q);
}

static void test_locked(void **state)
{
	(void)state;
	write_repo("a", "", "app 1-1 10\n req lib\nlib 1-1 10\n");
	locked("app", false, "app-1-1 lib-1-1", "");
	sh("test -s x.lock.json; cp x.lock.json first; touch -d @1 x.lock.json");
	locked("app", false, "app-1-1 lib-1-1", "");
	sh("test $(stat -c %Y x.lock.json) = 1");
	/* a newer version beside the old one changes nothing, until it is asked for */
	write_repo("a", "", "app 1-1 10\n req lib\nlib 1-1 10\nlib 2-1 10\nnew 1-1 10\n");
	locked("app", false, "app-1-1 lib-1-1", "");
	sh("test $(stat -c %Y x.lock.json) = 1");
	locked("app", true, "app-1-1 lib-2-1", "~ lib 1-1.x86_64 -> 2-1.x86_64, +0.0 kB\n");
	/* another request */
	locked_out("app,new", "+ new-1-1.x86_64, 0.0 kB, wanted by x.json:11");
	locked("app,new", true, "app-1-1 lib-2-1 new-1-1",
	       "+ new-1-1.x86_64, 0.0 kB, wanted by x.json:11\n");
	locked_out("app", "- new-1-1.x86_64");
	/* another request with the same set is written */
	locked("app,new,lib", false, "app-1-1 lib-2-1 new-1-1", "");
	sh("grep -q '\"want\": \"lib\"' x.lock.json");
	/* the same version, but another build */
	write_repo("a", "again", "app 1-1 10\n req lib\nlib 2-1 10\nnew 1-1 10\n");
	locked_out("app,new,lib", "~ lib 2-1: another build, sha256 ");
	/* the version is gone */
	write_repo("a", "", "app 1-1 10\n req lib\nlib 3-1 10\nnew 1-1 10\n");
	locked_out("app,new,lib", "~ lib 2-1.x86_64 -> 3-1.x86_64");
	sh("echo '{}' >x.lock.json");
	struct question q;
	struct hull_lock l;
	struct hull_err e;
	hull_autofree char *path = hull_asprintf("%s/x.lock.json", dir);
	ask(&q, "app", "", "a");
	assert_int_equal(hull_resolve_locked(&store, &q.request, path, false, NULL, &l, NULL, &e),
			 -1);
	contains(e.msg, "x.lock.json: no lock file of this version");
	end(&q);
}

static void test_requirements(void **state)
{
	struct hull_requirements k;
	struct question q;
	struct hull_lock l;
	struct hull_chain *c;
	struct hull_err e;
	enum hull_fate fate[8];
	size_t at, n;

	(void)state;
	write_repo("a", "", world);
	write_repo("b", "", more);
	ask(&q, "app,tool,extra", "", "ab");
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	assert_int_equal(l.n, 8);
	ok(hull_requirements_locked(&k, &store, &l, &e), &e);
	ok(hull_chain_package(&l, "data", &at, &e), &e);
	assert_false(hull_requirements_chains(&k, at, 10, &c, &n));
	assert_int_equal(n, 2);
	assert_string_equal(l.v[c[0].v[0]].name, "app");
	assert_string_equal(l.v[c[1].v[0]].name, "extra");
	for (size_t i = 0; i < n; i++)
		hull_chain_fini(&c[i]);
	free(c);
	ok(hull_chain_package(&l, "perl", &at, &e), &e);
	hull_requirements_without(&k, l.n, at, fate);
	for (size_t i = 0; i < l.n; i++)
		assert_int_equal(fate[i],
				 !strcmp(l.v[i].name, "perl") || !strcmp(l.v[i].name, "tool")
					 ? HULL_BREAKS
				 : !strcmp(l.v[i].name, "perl-libs") ? HULL_UNUSED
								     : HULL_STAYS);
	hull_requirements_fini(&k);
	/* the index is gone, the repository is there; then it is not what it was */
	sh("rm store/indexes/*");
	ok(hull_requirements_locked(&k, &store, &l, &e), &e);
	hull_requirements_fini(&k);
	sh("rm store/indexes/*");
	write_repo("a", "again", world);
	assert_int_equal(hull_requirements_locked(&k, &store, &l, &e), -1);
	contains(e.msg, "app of the lock file is in no repository any more");
	hull_lock_fini(&l);
	end(&q);
}

/* --- RPMs --- */

static const char spec[] =
	"Name: one\nVersion: 1\nRelease: 1\nSummary: One\nLicense: MIT\nRequires: two\n"
	"%description\nOne.\n%package -n two\nSummary: Two\nBuildArch: noarch\n"
	"%description -n two\nTwo.\n%install\nmkdir -p %{buildroot}/usr/share\n"
	"echo 1 > %{buildroot}/usr/share/one; echo 2 > %{buildroot}/usr/share/two\n"
	"%files\n/usr/share/one\n%files -n two\n/usr/share/two\n";

/* Fetches into a fresh store. */
static int fetch(const struct question *q, const struct hull_lock *l, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/store2", dir);
	struct hull_store fresh;
	int r;

	ok(hull_store_open(&fresh, path, e), e);
	sh("cp store/indexes/*.solv store2/indexes/");
	r = hull_lock_fetch(&fresh, l, q->repositories, q->request.nrepositories, false, NULL, e);
	hull_store_close(&fresh);
	return r;
}

static void test_fetch(void **state)
{
	hull_autofree char *path = hull_asprintf("%s/one.spec", dir);
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	(void)state;
	ok(hull_file_write(AT_FDCWD, path, spec, sizeof spec - 1, 0644, &e), &e);
	sh("rpmbuild --define '_topdir '$PWD/top --define '_binary_payload w3.zstdio' --target "
	   "x86_64 -bb one.spec >log 2>&1; mv top/RPMS a; createrepo_c -q a");
	ask(&q, "one", "", "a");
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	assert_int_equal(l.n, 2);
	ok(fetch(&q, &l, &e), &e);
	sh("test $(ls store2/rpms/*.rpm | wc -l) = 2; test $(ls store2/headers/*.json | wc -l) = 2;"
	   "cat store2/unpacked/*/usr/share/one store2/unpacked/*/usr/share/two | tr -d '\\n' | grep "
	   "-qx 12; test $(ls a/*/*.rpm | wc -l) = 2; test -z \"$(ls store2/sources)\"");
	/* all there: the repository is not looked at; what is missing is made again */
	sh("mv a aa");
	ok(fetch(&q, &l, &e), &e);
	sh("chmod -R u+w store2/unpacked; rm -r store2/unpacked/*; rm store2/headers/*");
	ok(fetch(&q, &l, &e), &e);
	sh("test $(ls store2/headers/*.json | wc -l) = 2; test $(ls store2/unpacked | wc -l) = 2");

	sh("chmod -R u+w store2/unpacked; rm -r store2");
	assert_int_equal(fetch(&q, &l, &e), -1);
	contains(e.msg, ".rpm: No such file or directory");
	sh("mv aa a; printf x | dd of=a/noarch/two-1-1.noarch.rpm bs=1 seek=1000 conv=notrunc "
	   "2>/dev/null; rm -rf store2");
	assert_int_equal(fetch(&q, &l, &e), -1);
	contains(e.msg, "two: ");
	contains(e.msg, "two-1-1.noarch.rpm: expected sha256 ");
	contains(e.msg, l.v[1].sha256);
	contains(e.msg, ", got ");
	sh("test $(ls store2/rpms | wc -l) -le 1; for f in store2/rpms/*; do test ! -e $f || "
	   "echo $(basename $f .rpm) $f | sha256sum -c --quiet; done");
	sh("truncate -s -1 a/noarch/two-1-1.noarch.rpm; rm -rf store2");
	assert_int_equal(fetch(&q, &l, &e), -1);
	contains(e.msg, " bytes, expected ");
	q.repositories[0].name = "other";
	assert_int_equal(fetch(&q, &l, &e), -1);
	contains(e.msg, "from the repository 'a', which is not given");
	hull_lock_fini(&l);
	end(&q);
}

/* The same from a server, going on where an interrupted download stopped. */
static void test_fetch_remote(void **state)
{
	hull_autofree char *path = hull_asprintf("%s/one.spec", dir), *url = NULL, *cut = NULL;
	hull_autobuf struct hull_buf port = {0};
	struct question q;
	struct hull_lock l;
	struct hull_err e;

	(void)state;
	ok(hull_file_write(AT_FDCWD, path, spec, sizeof spec - 1, 0644, &e), &e);
	sh("rm -rf top store2; rpmbuild --define '_topdir '$PWD/top --define '_binary_payload "
	   "w3.zstdio' --target x86_64 -bb one.spec >log 2>&1; mv top/RPMS a; createrepo_c -q a");
	const char *serve =
		"true; python3 $OLDPWD/tests/data/http/range_server.py a requests >port 2>log & echo $! "
		">pid; while [ ! -s port ]; do sleep 0.05; done";
	sh(serve);
	hull_autofree char *port_path = hull_asprintf("%s/port", dir);
	ok(hull_file_read(AT_FDCWD, port_path, &port, &e), &e);
	url = hull_asprintf("http://127.0.0.1:%.*s", (int)port.n - 1, port.p);
	ask(&q, "one", "", "a");
	q.repositories[0].url = url;
	ok(hull_resolve(&store, &q.request, NULL, &l, &e), &e);
	cut = hull_asprintf("mkdir -p store2/partial; head -c 1000 a/x86_64/one-1-1.x86_64.rpm "
			    ">store2/partial/%s",
			    l.v[0].sha256);
	sh(cut);
	ok(fetch(&q, &l, &e), &e);
	sh("grep -q '/x86_64/one-1-1.x86_64.rpm bytes=1000- 206' requests; grep -q "
	   "'/noarch/two-1-1.noarch.rpm - 200' requests; test $(ls store2/rpms/*.rpm | wc -l) = 2; "
	   "test -z \"$(ls store2/sources store2/partial | grep -v ^store2)\"");
	sh("rm -r store2; printf x | dd of=a/noarch/two-1-1.noarch.rpm bs=1 seek=1000 conv=notrunc "
	   "2>/dev/null");
	assert_int_equal(fetch(&q, &l, &e), -1);
	contains(e.msg, "two-1-1.noarch.rpm: expected sha256 ");
	contains(e.msg, ", got ");
	sh("test -z \"$(ls store2/rpms)\"; kill $(cat pid)");
	hull_lock_fini(&l);
	end(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_resolve, clean),
		cmocka_unit_test_setup(test_shuffled, clean),
		cmocka_unit_test_setup(test_tie, clean),
		cmocka_unit_test_setup(test_order, clean),
		cmocka_unit_test_setup(test_forbidden, clean),
		cmocka_unit_test_setup(test_conflict, clean),
		cmocka_unit_test_setup(test_unknown, clean),
		cmocka_unit_test_setup(test_dump, clean),
		cmocka_unit_test_setup(test_locked, clean),
		cmocka_unit_test_setup(test_requirements, clean),
		cmocka_unit_test_setup(test_fetch, clean),
		cmocka_unit_test_setup(test_fetch_remote, clean),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
