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

static void parse(struct hull_arena *a, const char *text, const char *arch,
		  struct hull_repository *out)
{
	size_t n = strcspn(text, "=/:");

	if (text[n] == '=' && n) {
		out->name = hull_arena_strndup(a, text, n);
		out->url = hull_arena_strdup(a, text + n + 1);
	} else {
		out->name = name_of(a, text, arch);
		out->url = hull_arena_strdup(a, text);
	}
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
		if (hull_repo_is_remote(repo.url) &&
		    (o->allow_unsigned_http || !hull_repo_is_open(repo.url)))
			hull_log(ctx->progress,
				 "warning: repository %s: without --repo-keys what it gives "
				 "is what %s answers",
				 repo.name, repo.url);
	}
	hull_arena_fini(&a);
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
	hull_arena_fini(&r->arena);
	*r = (struct hull_repositories){0};
}
