// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/print.h"
#include "cmd/repositories.h"
#include "config/config_document.h"

struct resolve_options {
	struct hull_repo_options repo;
	const char *dump;
	bool update, check, allow_outside;
};

#define AT(member) offsetof(struct resolve_options, member)

static const struct hull_option options[] = {
	HULL_REPO_OPTIONS(AT(repo)),
	{HULL_OPT_FLAG, "update", 'u', AT(update), NULL,
	 "write a new lock file although the old one differs"},
	{HULL_OPT_FLAG, "check", 0, AT(check), NULL,
	 "write nothing; exit with 3 if the lock file is not what would be resolved now"},
	{HULL_OPT_FLAG, "allow-outside", 0, AT(allow_outside), NULL,
	 "files that the configuration names may lie outside of its directory"},
	{HULL_OPT_FILE, "dump", 0, AT(dump), "FILE",
	 "also write the solve as a test case for tests/solver"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void finish(void *o)
{
	hull_repo_options_fini(&((struct resolve_options *)o)->repo);
}

static void print_package(const struct hull_locked *p, int width)
{
	hull_autofree char *nevra = hull_locked_nevra(p);
	char size[HULL_AMOUNT];

	hull_print("%-*s %13s  ", width, nevra, hull_kb_text(p->installed_bytes, size));
	if (p->want)
		hull_print("wanted by %s", p->origin);
	else
		hull_print("required by %s", p->by);
	if (p->want && strcmp(p->want, p->name) != 0)
		hull_print(": %s", p->want);
	else if (p->dep && strcmp(p->dep, p->name) != 0)
		hull_print(": %s", p->dep);
	hull_print("\n");
}

static void print_lock(const struct hull_lock *l, const char *path, bool json)
{
	uint64_t installed = 0, file = 0;
	int width = 0;

	for (size_t i = 0; i < l->n; i++) {
		hull_autofree char *nevra = hull_locked_nevra(&l->v[i]);
		int n = (int)strlen(nevra);

		width = n > width && n <= 60 ? n : width;
		installed += l->v[i].installed_bytes;
		file += l->v[i].file_bytes;
	}
	if (json) {
		hull_autojson json_t *j = hull_lock_to_json(l);

		hull_json_set(j, "lock", path);
		json_object_set_new(j, "installed_bytes", json_integer((json_int_t)installed));
		json_object_set_new(j, "file_bytes", json_integer((json_int_t)file));
		hull_print_json(j);
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		print_package(&l->v[i], width);
	hull_print("%zu packages, %.1f MB installed, %.1f MB as RPMs; %s\n", l->n,
		   (double)installed / 1e6, (double)file / 1e6, path);
}

static int check(struct hull_context *ctx, const struct hull_resolve_request *r, const char *path,
		 struct hull_err *e)
{
	struct hull_lock old = {0}, now = {0};
	hull_autobuf struct hull_buf text = {0};
	struct hull_resolve_request again = *r;
	int rc = HULL_FINDINGS;

	if (!hull_exists(AT_FDCWD, path)) {
		hull_log(ctx->progress, "there is no %s", path);
		return rc;
	}
	if (hull_lock_read(path, &old, e) < 0)
		return -1;
	again.known = &old;
	if (hull_resolve(&ctx->store, &again, ctx->progress, &now, e) < 0) {
		rc = -1;
	} else {
		hull_repositories_notices(ctx, &now);
		hull_lock_difference(&old, &now, &text);
		if (!text.n && strcmp(old.request, now.request) != 0)
			hull_buf_addf(&text, "~ the request: packages or patterns\n");
		if (text.n)
			hull_print("%-s", text.p);
		else
			rc = 0;
	}
	hull_lock_fini(&old);
	hull_lock_fini(&now);
	return rc;
}

static int resolve(struct hull_context *ctx, const struct hull_resolve_request *r, const char *path,
		   bool update, struct hull_err *e)
{
	hull_autobuf struct hull_buf difference = {0};
	struct hull_lock lock;

	if (hull_resolve_locked(&ctx->store, r, path, update, ctx->progress, &lock, &difference,
				e) < 0)
		return -1;
	hull_progress_clear(ctx->progress);
	hull_repositories_notices(ctx, &lock);
	if (difference.n && !ctx->json)
		hull_print("%-s\n", difference.p);
	print_lock(&lock, path, ctx->json);
	hull_lock_fini(&lock);
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct resolve_options *o = opts;
	struct hull_image_config config = {0};
	struct hull_repositories repos = {0};
	hull_autofree char *path = NULL;
	int r;

	if (args->n != 1)
		return hull_fail(e, HULL_USAGE, "hull resolve CONFIG: one image configuration");
	if (o->check && o->update)
		return hull_fail(e, HULL_USAGE, "--check and --update exclude each other");
	if (hull_context_store(ctx, e) < 0 ||
	    hull_config_read(args->v[0], ctx->arch, o->allow_outside, &config, e) < 0)
		return -1;
	path = hull_lock_path(args->v[0]);
	hull_repositories_warn(ctx, &o->repo);
	r = hull_repositories_init(&repos, ctx, &o->repo, e);
	if (r == 0) {
		struct hull_resolve_request request = {
			.config = &config,
			.arch = ctx->arch,
			.repositories = repos.v,
			.nrepositories = repos.n,
			.offline = o->repo.offline,
			.dump = o->dump,
			.any_repository = o->repo.no_priority,
			.strict_newest = o->repo.strict_newest,
		};

		r = o->check ? check(ctx, &request, path, e)
			     : resolve(ctx, &request, path, o->update, e);
	}
	hull_repositories_fini(&repos);
	hull_config_fini(&config);
	return r;
}

const struct hull_command hull_cmd_resolve = {
	.name = "resolve",
	.args = "CONFIG",
	.summary = "which packages an image needs, and why",
	.description =
		"Finds the smallest set of packages that an image configuration needs: what it asks "
		"for with everything that requires, no recommendations, and of several providers "
		"those with which the image has the fewest bytes. A forbidden package is never "
		"taken; if there is no way around it, the chain that leads to it is an error.\n\n"
		"The result, with the reason of each package, is the lock file CONFIG.lock.json next "
		"to the configuration. While it answers the configuration and its packages are still "
		"offered it is used as it is; otherwise the difference is an error, unless --update "
		"accepts it.\n\n"
		"Packages come from the repository that 'hull build' publishes, and from each --repo, in "
		"this order: of a name that one has, those behind it do not count (--no-repo-priority). A "
		"name in the configuration means the package of that name, and one that provides it only "
		"if there is none. An older version than the newest, a name that is only provided, and "
		"packages of a repository that do not count are told as warnings.",
	.examples =
		"$ hull resolve imageconfigs/container-host.json\n"
		"$ hull resolve --repo base=metalink:https://mirrors.example/base.xml --strict-newest "
		"my.json\n"
		"$ hull resolve --repo extra=https://packages.example/x86_64 --repo-keys "
		"extra.asc my.json\n"
		"$ hull resolve --check my.json || hull resolve --update my.json",
	.options = options,
	.options_size = sizeof(struct resolve_options),
	.finish = finish,
	.run = run,
};
