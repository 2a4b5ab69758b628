// SPDX-License-Identifier: MIT
#include "cmd/repositories.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static const char own[] = "hull";

void hull_repo_options_fini(struct hull_repo_options *o)
{
	hull_strv_fini(&o->repos);
}

/* "https://host/path/fedora/x86_64/" is called fedora. */
static char *name_of(struct hull_arena *a, const char *url, const char *arch)
{
	char *path = hull_arena_strdup(a, url), *slash = NULL;

	for (size_t n = strlen(path); n; n = strlen(path)) {
		slash = strrchr(path, '/');
		if (slash && !slash[1]) {
			*slash = '\0';
			continue;
		}
		if (!slash || (strcmp(slash + 1, arch) != 0 && strcmp(slash + 1, "repo") != 0 &&
			       strcmp(slash + 1, ".") != 0))
			break;
		*slash = '\0';
	}
	slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : *path ? path : hull_arena_strdup(a, "repo");
}

/* A list of mirrors: "mirrorlist:LIST", or "mirrorlist=LIST" as .repo files have it. */
static char *list_url(struct hull_arena *a, const char *text)
{
	static const char *const words[] = {"mirrorlist", "metalink"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);

		if (!strncmp(text, words[i], n) && (text[n] == ':' || text[n] == '=') &&
		    text[n + 1])
			return hull_arena_printf(a, "%s:%s", words[i], text + n + 1);
	}
	return NULL;
}

/* Of a list by its query, as "https://host/metalink?repo=fedora-42&arch=x86_64" names it, or NULL. */
static char *list_name(struct hull_arena *a, const char *url)
{
	const char *list = hull_repo_list(url), *query = list ? strpbrk(list, "?&") : NULL;

	for (; query; query = strpbrk(query + 1, "&"))
		if (hull_starts(query + 1, "repo=") && query[6] && query[6] != '&')
			return hull_arena_strndup(a, query + 6, strcspn(query + 6, "&/#"));
	return NULL;
}

static void parse(struct hull_arena *a, const char *text, const char *arch,
		  struct hull_repository *out)
{
	size_t n = strcspn(text, "=/:");
	char *list = list_url(a, text);

	*out = (struct hull_repository){0};
	if (!list && text[n] == '=' && n) {
		out->name = hull_arena_strndup(a, text, n);
		text += n + 1;
		list = list_url(a, text);
	}
	out->url = list ? list : hull_arena_strdup(a, text);
	if (!out->name)
		out->name = list_name(a, out->url);
	if (!out->name)
		out->name = name_of(a, text, arch);
	if (list)
		out->mirrors = hull_arena_alloc(a, sizeof *out->mirrors);
}

static char *find_own(struct hull_arena *a, const struct hull_context *ctx)
{
	char *const places[] = {
		hull_arena_printf(a, "out/repo/%s", ctx->arch),
		hull_arena_printf(a, "%s/../out/repo/%s", ctx->data, ctx->arch),
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		hull_autofree char *repomd = hull_asprintf("%s/repodata/repomd.xml", places[i]);

		if (hull_exists(AT_FDCWD, repomd))
			return places[i];
	}
	return NULL;
}

void hull_repositories_warn(const struct hull_context *ctx, const struct hull_repo_options *o)
{
	struct hull_arena a = {0};

	for (size_t i = 0; i < o->repos.n && !o->keys; i++) {
		struct hull_repository repo;

		parse(&a, o->repos.v[i], ctx->arch, &repo);
		/* a metalink on this machine says itself what repomd.xml has to be */
		if (hull_repo_is_metalink(repo.url) &&
		    !hull_repo_is_remote(hull_repo_list(repo.url)))
			continue;
		if (hull_repo_is_remote(repo.url) &&
		    (o->allow_unsigned_http || !hull_repo_is_open(repo.url)))
			hull_log(ctx->progress,
				 "warning: repository %s: without --repo-keys what it gives "
				 "is what %s answers",
				 repo.name, repo.url);
	}
	hull_arena_fini(&a);
}

void hull_repositories_notices(const struct hull_context *ctx, const struct hull_lock *l)
{
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;

	hull_lock_notices(l, &text);
	rest = text.p;
	while (rest && *rest && (line = strsep(&rest, "\n")))
		hull_log(ctx->progress, "warning: %s", line);
}

static int check_open(const struct hull_repository *r, const struct hull_repo_options *o,
		      struct hull_err *e)
{
	if (o->keys || o->allow_unsigned_http || !hull_repo_is_open(r->url))
		return 0;
	return hull_fail(e, HULL_USAGE,
			 "repository %s: %s: anybody on the way can change what http: brings: give "
			 "--repo-keys, or --allow-unsigned-http to take it as it comes",
			 r->name, r->url);
}

int hull_repositories_init(struct hull_repositories *r, const struct hull_context *ctx,
			   const struct hull_repo_options *o, struct hull_err *e)
{
	bool replaced = false;
	char *path;

	*r = (struct hull_repositories){0};
	r->v = hull_arena_array(&r->arena, o->repos.n + 1, sizeof *r->v);
	for (size_t i = 0; i < o->repos.n; i++) {
		struct hull_repository *repo = &r->v[i + 1];

		parse(&r->arena, o->repos.v[i], ctx->arch, repo);
		repo->keys = o->keys;
		repo->allow_older = o->allow_older;
		repo->allow_open = o->allow_unsigned_http;
		if (check_open(repo, o, e) < 0) {
			hull_repositories_fini(r);
			return -1;
		}
		replaced = replaced || !strcmp(repo->name, own);
	}
	path = replaced ? NULL : find_own(&r->arena, ctx);
	r->n = o->repos.n + (path != NULL);
	if (path)
		r->v[0] = (struct hull_repository){.name = own, .url = path};
	else
		r->v++;
	if (r->n && !(o->keys && !o->repos.n))
		return 0;
	hull_fail(e, HULL_USAGE, "%s",
		  r->n ? "--repo-keys: there is no --repo"
		       : "no repository: run 'hull build', or name one with --repo");
	hull_repositories_fini(r);
	return -1;
}

void hull_repositories_fini(struct hull_repositories *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].mirrors)
			hull_strv_fini(r->v[i].mirrors);
	hull_arena_fini(&r->arena);
	*r = (struct hull_repositories){0};
}
