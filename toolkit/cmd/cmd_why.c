// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/print.h"
#include "closure/chain.h"
#include "cmd/whyimage.h"

struct why_options {
	bool all, tree, without;
};

#define AT(member) offsetof(struct why_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "all", 'a', AT(all), NULL, "every chain that leads to it, shortest first"},
	{HULL_OPT_FLAG, "tree", 't', AT(tree), NULL, "what requires it, as a tree"},
	{HULL_OPT_FLAG, "without", 0, AT(without), NULL,
	 "what would leave the image together with it"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

enum { MAX_CHAINS = 100, NAME_WIDTH = 48 };

struct why {
	struct hull_context *ctx;
	const struct hull_lock *lock;
	const struct hull_requirements *requirements; /* NULL when the lock file says enough */
	size_t package;
	json_t *file; /* what was asked for, if it was a path: borrowed */
};

/* "is asked for in image.json:7" */
static void print_origin(const struct hull_locked *p, const char *before, const char *after)
{
	if (p->origin)
		hull_print("%sasked for in %s%-s", before, p->origin, after);
	else
		hull_print("%srequired by no other package%-s", before, after);
}

/* The requirement by which a step follows the one before it. */
static const char *dep_between(const struct why *w, size_t by, size_t to)
{
	const struct hull_locked *p = &w->lock->v[to];

	if (p->by && !strcmp(p->by, w->lock->v[by].name))
		return p->dep;
	for (size_t i = 0; w->requirements && i < w->requirements->n; i++)
		if (w->requirements->v[i].by == (int)by && w->requirements->v[i].to == (int)to)
			return w->requirements->v[i].text;
	return "";
}

/* --- chains --- */

/* Which requests for other names a package answers, since no package has them. */
static void print_providers(const struct why *w, const struct hull_locked *p)
{
	for (size_t i = 0; i < w->lock->nproviders; i++) {
		const struct hull_lock_provider *k = &w->lock->providers[i];

		if (!strcmp(k->package, p->name))
			hull_print("  no package is named as %s (%s): %s provides %s\n", k->want,
				   k->origin, p->name, k->provides);
	}
}

/* The same for JSON: NULL if there are none. */
static json_t *providers_json(const struct why *w, const struct hull_locked *p)
{
	json_t *list = NULL;

	for (size_t i = 0; i < w->lock->nproviders; i++) {
		const struct hull_lock_provider *k = &w->lock->providers[i];
		json_t *j;

		if (strcmp(k->package, p->name) != 0)
			continue;
		list = list ? list : json_array();
		j = json_object();
		hull_json_set_clean(j, "want", k->want);
		hull_json_set_clean(j, "origin", k->origin);
		hull_json_set_clean(j, "provides", k->provides);
		json_array_append_new(list, j);
	}
	return list;
}

/* Why it is not the newest version. */
static void tell_older(const struct why *w, const struct hull_locked *p, json_t *j)
{
	for (size_t i = 0; i < w->lock->nolder; i++) {
		const struct hull_lock_older *k = &w->lock->older[i];

		if (strcmp(k->name, p->name) != 0)
			continue;
		hull_json_set_clean(j, "newest", k->newest);
		hull_json_set_clean(j, "newest_passed_over", k->why);
		if (!w->ctx->json)
			hull_print("  not the newest version, %s: %s\n", k->newest, k->why);
	}
}

static void print_chain(const struct why *w, const struct hull_chain *c)
{
	const struct hull_locked *first = &w->lock->v[c->v[0]];

	hull_print("  %s ", first->want);
	print_origin(first, "is ", "\n");
	print_providers(w, first);
	for (size_t i = 1; i < c->n; i++) {
		const char *dep = dep_between(w, c->v[i - 1], c->v[i]),
			   *name = w->lock->v[c->v[i]].name;

		hull_print("  %s requires %s", w->lock->v[c->v[i - 1]].name, dep);
		if (strcmp(dep, name) != 0)
			hull_print(", which is in %s", name);
		hull_print("\n");
	}
}

static json_t *chain_json(const struct why *w, const struct hull_chain *c)
{
	json_t *j = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct hull_locked *p = &w->lock->v[c->v[i]];
		json_t *step = json_pack("{s:o}", "package", hull_json_clean(p->name));

		if (i == 0) {
			hull_json_set_clean(step, "want", p->want);
			hull_json_set_clean(step, "origin", p->origin);
			json_object_set_new(step, "provides", providers_json(w, p));
		} else {
			hull_json_set_clean(step, "by", w->lock->v[c->v[i - 1]].name);
			hull_json_set_clean(step, "dep", dep_between(w, c->v[i - 1], c->v[i]));
		}
		json_array_append_new(j, step);
	}
	return j;
}

static int shortest(const struct why *w, json_t *j, struct hull_err *e)
{
	struct hull_chain c;

	if (hull_chain_find(w->lock, w->package, &c, e) < 0)
		return -1;
	if (w->ctx->json)
		json_object_set_new(j, "chain", chain_json(w, &c));
	else
		print_chain(w, &c);
	hull_chain_fini(&c);
	return 0;
}

static void all(const struct why *w, json_t *j)
{
	struct hull_chain *chains;
	json_t *list = json_array();
	size_t n;
	bool more = hull_requirements_chains(w->requirements, w->package, MAX_CHAINS, &chains, &n);

	for (size_t i = 0; i < n; i++) {
		if (w->ctx->json) {
			json_array_append_new(list, chain_json(w, &chains[i]));
		} else {
			if (i)
				hull_print("\n");
			print_chain(w, &chains[i]);
		}
		hull_chain_fini(&chains[i]);
	}
	free(chains);
	if (more && !w->ctx->json)
		hull_print("\n  and more than these %zu\n", n);
	json_object_set_new(j, "more", json_boolean(more));
	json_object_set_new(j, "chains", list);
}

/* --- tree --- */

/* Everything that requires `package`, indented below it; what was shown before is only named. */
static json_t *tree(const struct why *w, size_t package, int depth, bool *shown)
{
	const struct hull_locked *p = &w->lock->v[package];
	json_t *node = json_pack("{s:o}", "package", hull_json_clean(p->name)), *by = json_array();
	bool again = shown[package], print = !w->ctx->json;
	int last = HULL_REQUEST;

	shown[package] = true;
	if (p->want) {
		hull_json_set_clean(node, "origin", p->origin);
		if (print)
			hull_print("%*s", depth * 2 + 2, ""), print_origin(p, "", "\n");
	}
	for (size_t i = 0; i < w->requirements->n && !again; i++) {
		const struct hull_requirement *k = &w->requirements->v[i];

		if ((size_t)k->to != package || k->by == last)
			continue;
		last = k->by;
		if (print)
			hull_print("%*s%s (%s)%s\n", depth * 2 + 2, "", w->lock->v[k->by].name,
				   k->text, shown[k->by] ? ", see above" : "");
		if (print && shown[k->by])
			continue;
		json_array_append_new(by, tree(w, (size_t)k->by, depth + 1, shown));
	}
	json_object_set_new(node, "required_by", by);
	return node;
}

/* --- without --- */

static uint64_t print_fate(const struct why *w, const enum hull_fate *fate, enum hull_fate which,
			   const char *title, const char *key, json_t *j)
{
	json_t *list = json_array();
	char size[HULL_AMOUNT];
	uint64_t bytes = 0;
	bool first = true;

	for (size_t i = 0; i < w->lock->n; i++) {
		const struct hull_locked *p = &w->lock->v[i];

		if (fate[i] != which)
			continue;
		bytes += p->installed_bytes;
		if (i == w->package)
			continue;
		json_array_append_new(list,
				      json_pack("{s:o, s:I}", "package", hull_json_clean(p->name),
						"installed_bytes", (json_int_t)p->installed_bytes));
		if (w->ctx->json)
			continue;
		if (first)
			hull_print("%s:\n", title);
		first = false;
		hull_print("  %-*s %13s", NAME_WIDTH, p->name,
			   hull_kb_text(p->installed_bytes, size));
		if (p->want)
			print_origin(p, "  ", "");
		hull_print("\n");
	}
	json_object_set_new(j, key, list);
	return bytes;
}

static void without(const struct why *w, json_t *j)
{
	hull_autofree enum hull_fate *fate = hull_alloc_array(w->lock->n + 1, sizeof *fate);
	char size[HULL_AMOUNT];
	uint64_t bytes = 0;
	size_t n = 0;

	hull_requirements_without(w->requirements, w->lock->n, w->package, fate);
	bytes += print_fate(w, fate, HULL_BREAKS, "require it and would have to go too",
			    "required_by", j);
	bytes += print_fate(w, fate, HULL_UNUSED, "would not be needed any more", "unused", j);
	for (size_t i = 0; i < w->lock->n; i++)
		n += fate[i] != HULL_STAYS;
	json_object_set_new(j, "saved_bytes", json_integer((json_int_t)bytes));
	if (!w->ctx->json)
		hull_print("without it the image would be smaller by %zu packages and %s\n", n,
			   hull_kb_text(bytes, size));
}

/* --- the command --- */

static int tell(struct why *w, const struct why_options *o, struct hull_err *e)
{
	const struct hull_locked *p = &w->lock->v[w->package];
	hull_autofree char *nevra = hull_locked_nevra(p);
	hull_autojson json_t *j = json_pack("{s:o, s:o, s:I}", "package", hull_json_clean(p->name),
					    "nevra", hull_json_clean(nevra), "installed_bytes",
					    (json_int_t)p->installed_bytes);
	hull_autofree bool *shown = hull_alloc(w->lock->n + 1);
	char size[HULL_AMOUNT];

	hull_json_set_clean(j, "source", p->source);
	if (w->file)
		json_object_set(j, "file", w->file);
	if (!w->ctx->json)
		hull_print("%s, %s, from %s\n", nevra, hull_kb_text(p->installed_bytes, size),
			   p->source ? p->source : "an unknown source");
	tell_older(w, p, j);
	if (o->all)
		all(w, j);
	else if (o->tree)
		json_object_set_new(j, "tree", tree(w, w->package, 0, shown));
	else if (o->without)
		without(w, j);
	else if (shortest(w, j, e) < 0)
		return -1;
	if (w->ctx->json)
		hull_print_document(j, 1);
	return 0;
}

/* The only lock file of imageconfigs/, or that of the default image. */
static char *default_lock(struct hull_err *e)
{
	static const char directory[] = "imageconfigs";
	hull_autostrv struct hull_strv names = {0};
	const char *found = NULL;
	size_t n = 0;

	hull_ignore(hull_dir_list(AT_FDCWD, directory, &names, NULL));
	for (size_t i = 0; i < names.n; i++) {
		if (!hull_ends(names.v[i], ".lock.json"))
			continue;
		if (!strcmp(names.v[i], "container-host.lock.json"))
			return hull_asprintf("%s/%s", directory, names.v[i]);
		found = names.v[i];
		n++;
	}
	if (n == 1)
		return hull_asprintf("%s/%s", directory, found);
	hull_fail(e, HULL_USAGE, "%s: name an image configuration or its lock file",
		  n ? "there are several lock files in imageconfigs/"
		    : "there is no lock file in imageconfigs/");
	return NULL;
}

static int ask_lock(struct hull_context *ctx, const struct why_options *o, const char *what,
		    const char *path, struct hull_err *e)
{
	struct hull_lock lock;
	struct hull_requirements requirements = {0};
	struct why w = {.ctx = ctx, .lock = &lock};
	int r;

	if (!hull_exists(AT_FDCWD, path))
		return hull_fail(e, HULL_FAILED, "there is no %s: run 'hull resolve' first", path);
	if (hull_lock_read(path, &lock, e) < 0)
		return -1;
	hull_context_look(ctx);
	r = *what == '/' ? hull_chain_file(&ctx->store, &lock, what, &w.package, e)
			 : hull_chain_package(&lock, what, &w.package, e);
	if (r == 0 && (o->all || o->tree || o->without)) {
		r = hull_requirements_locked(&requirements, &ctx->store, &lock, e);
		w.requirements = &requirements;
	}
	if (r < 0)
		hull_wrap(e, "%s: ", path);
	else
		r = tell(&w, o, e);
	hull_requirements_fini(&requirements);
	hull_lock_fini(&lock);
	return r;
}

static int ask_image(struct hull_context *ctx, const struct why_options *o, const char *what,
		     const char *path, struct hull_err *e)
{
	struct hull_why_image image;
	struct why w = {.ctx = ctx};
	int r;

	hull_context_look(ctx);
	if (hull_why_image_open(&image, ctx, path, what, o->all || o->tree || o->without, e) < 0)
		return -1;
	w.lock = image.lock;
	w.requirements = &image.requirements;
	w.package = image.package;
	w.file = image.file;
	if (!image.file || json_object_get(image.file, "package"))
		r = tell(&w, o, e);
	else
		r = hull_why_image_made(&image, ctx, e);
	hull_why_image_fini(&image);
	return r;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct why_options *o = opts;
	hull_autofree char *path = NULL;

	if (args->n < 1 || args->n > 2)
		return hull_fail(e, HULL_USAGE, "hull why PACKAGE|PATH [IMAGE|CONFIG]");
	if (o->all + o->tree + o->without > 1)
		return hull_fail(e, HULL_USAGE, "--all, --tree and --without exclude each other");
	if (args->n == 2 && !hull_ends(args->v[1], ".json") && hull_exists(AT_FDCWD, args->v[1]))
		return ask_image(ctx, o, args->v[0], args->v[1], e);
	path = args->n == 2 ? hull_lock_path(args->v[1]) : default_lock(e);
	if (path && args->n == 2 && !hull_ends(args->v[1], ".json") && !hull_exists(AT_FDCWD, path))
		return hull_fail(e, HULL_FAILED, "there is neither an image %s nor a lock file %s",
				 args->v[1], path);
	return path ? ask_lock(ctx, o, args->v[0], path, e) : -1;
}

const struct hull_command hull_cmd_why = {
	.name = "why",
	.args = "PACKAGE|PATH [IMAGE|CONFIG]",
	.summary = "the chain of requirements that brings a package into an image",
	.description =
		"Reads the lock file of an image configuration (or a lock file that is named itself; "
		"by default that of imageconfigs/container-host.json) and prints the shortest chain "
		"from a request of the configuration to the package.\n\n"
		"The same from an image file (raw, VHD, VHDX, qcow2, also compressed, or an archive), by "
		"the lock file that Hull left in it; in an image that others made, by the requirements of "
		"the packages in its rpm database. A path leads to the package that has the file.\n\n"
		"--without tells what the package costs: what requires it and would have to go too, "
		"and what nothing would need any more.",
	.examples = "$ hull why libxcrypt\n"
		    "$ hull why --tree zlib my.json\n"
		    "$ hull why --without systemd-udev my.lock.json\n"
		    "$ hull why /usr/sbin/runc out/image/container-host.vhdx",
	.options = options,
	.options_size = sizeof(struct why_options),
	.run = run,
};
