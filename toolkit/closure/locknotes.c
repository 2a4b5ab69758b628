// SPDX-License-Identifier: MIT
#include "closure/lock.h"

#include <string.h>

#include "base/mem.h"

enum { MAX_SHOWN = 10 }; /* packages named of those that a repository has in vain */

/* --- to JSON --- */

static void add_strings(json_t *list, const char *const *names, const char *const *values, size_t n)
{
	json_t *j = json_object();

	for (size_t i = 0; i < n; i++)
		hull_json_set_clean(j, names[i], values[i]);
	json_array_append_new(list, j);
}

static const char *const provider_names[] = {"want", "origin", "package", "provides"};
static const char *const older_names[] = {"package", "evr", "newest", "reason"};
static const char *const left_out_names[] = {"package", "reason"};

void hull_lock_notes_to_json(const struct hull_lock *l, json_t *j)
{
	json_t *providers = json_array(), *older = json_array();

	for (size_t i = 0; i < l->nproviders; i++) {
		const struct hull_lock_provider *p = &l->providers[i];

		add_strings(providers, provider_names,
			    (const char *const[]){p->want, p->origin, p->package, p->provides}, 4);
	}
	for (size_t i = 0; i < l->nolder; i++) {
		const struct hull_lock_older *p = &l->older[i];

		add_strings(older, older_names,
			    (const char *const[]){p->name, p->evr, p->newest, p->why}, 4);
	}
	if (l->nproviders)
		json_object_set(j, "providers", providers);
	if (l->nolder)
		json_object_set(j, "passed_over", older);
	json_decref(providers);
	json_decref(older);
}

void hull_lock_left_out_to_json(const struct hull_lock_repository *r, json_t *j)
{
	json_t *list;

	if (!r->left_out_count)
		return;
	list = json_array();
	for (size_t i = 0; i < r->nleft_out; i++) {
		const struct hull_lock_left_out *p = &r->left_out[i];

		add_strings(list, left_out_names, (const char *const[]){p->package, p->reason}, 2);
	}
	json_object_set_new(j, "left_out", list);
	json_object_set_new(j, "left_out_count", json_integer((json_int_t)r->left_out_count));
}

/* --- from JSON --- */

/* n strings by their names; `what` is for messages. */
static int read_strings(const json_t *j, const char *what, const char *const *names, size_t n,
			struct hull_arena *a, const char **const *out, struct hull_err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *s = hull_json_string(j, names[i], what, e);

		if (!s)
			return -1;
		*out[i] = hull_arena_strdup(a, s);
	}
	return 0;
}

static int read_provider(const json_t *j, const struct hull_lock *l, struct hull_arena *a,
			 struct hull_lock_provider *out, struct hull_err *e)
{
	const char **const to[] = {&out->want, &out->origin, &out->package, &out->provides};

	if (read_strings(j, "\"providers\"", provider_names, 4, a, to, e) < 0)
		return -1;
	return hull_lock_find(l, out->package)
		       ? 0
		       : hull_fail(e, HULL_FAILED, "\"providers\": %s is not there", out->package);
}

static int read_older(const json_t *j, const struct hull_lock *l, struct hull_arena *a,
		      struct hull_lock_older *out, struct hull_err *e)
{
	const char **const to[] = {&out->name, &out->evr, &out->newest, &out->why};

	if (read_strings(j, "\"passed_over\"", older_names, 4, a, to, e) < 0)
		return -1;
	return hull_lock_find(l, out->name)
		       ? 0
		       : hull_fail(e, HULL_FAILED, "\"passed_over\": %s is not there", out->name);
}

/* The list of that name: 1, 0 if there is none. */
static int find_list(const json_t *j, const char *name, const json_t **out, struct hull_err *e)
{
	*out = json_object_get(j, name);
	if (!*out)
		return 0;
	return json_is_array(*out) ? 1 : hull_fail(e, HULL_FAILED, "\"%s\" is no list", name);
}

int hull_lock_notes_read(const json_t *j, struct hull_lock *out, struct hull_err *e)
{
	struct hull_arena *a = &out->arena;
	const json_t *list, *item;
	size_t i;

	if (find_list(j, "providers", &list, e) < 0)
		return -1;
	out->nproviders = json_array_size(list);
	out->providers = hull_arena_array(a, out->nproviders + 1, sizeof *out->providers);
	json_array_foreach (list, i, item)
		if (read_provider(item, out, a, &out->providers[i], e) < 0)
			return -1;
	if (find_list(j, "passed_over", &list, e) < 0)
		return -1;
	out->nolder = json_array_size(list);
	out->older = hull_arena_array(a, out->nolder + 1, sizeof *out->older);
	json_array_foreach (list, i, item)
		if (read_older(item, out, a, &out->older[i], e) < 0)
			return -1;
	return 0;
}

int hull_lock_left_out_read(const json_t *j, const char *what, struct hull_arena *a,
			    struct hull_lock_repository *out, struct hull_err *e)
{
	const json_t *list, *item, *count = json_object_get(j, "left_out_count");
	struct hull_lock_left_out *v;
	size_t i;

	if (find_list(j, "left_out", &list, e) < 0)
		return hull_wrap(e, "%s: ", what);
	out->nleft_out = json_array_size(list);
	v = hull_arena_array(a, out->nleft_out + 1, sizeof *v);
	out->left_out = v;
	json_array_foreach (list, i, item) {
		const char **const to[] = {&v[i].package, &v[i].reason};

		if (read_strings(item, what, left_out_names, 2, a, to, e) < 0)
			return -1;
	}
	if (list && (!json_is_integer(count) || json_integer_value(count) < (json_int_t)i))
		return hull_fail(e, HULL_FAILED, "%s: no number \"left_out_count\"", what);
	out->left_out_count = (size_t)json_integer_value(count);
	return 0;
}

/* --- for people --- */

void hull_lock_notices_older(const struct hull_lock *l, struct hull_buf *out)
{
	for (size_t i = 0; i < l->nolder; i++)
		hull_buf_showf(out, "%s: %s is taken, not the newest version, %s: %s\n",
			       l->older[i].name, l->older[i].evr, l->older[i].newest,
			       l->older[i].why);
}

static void tell_weak(const struct hull_lock *l, const char *repository, struct hull_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].checksum && hull_starts(l->v[i].checksum, "sha1:") &&
		     !strcmp(l->v[i].repository, repository);
	if (n)
		hull_buf_showf(
			out,
			"repository %s: has SHA-1 checksums for %zu of the packages, which are "
			"weak: others can be made to fit\n",
			repository, n);
}

/* By the release that builders of modules give them: "1.module+el8.4.0+640", "1.module_f31+7". */
static void tell_modular(const struct hull_lock *l, const char *repository, struct hull_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *at = strstr(l->v[i].evr, ".module");

		if (!at || (at[7] != '+' && at[7] != '_') ||
		    strcmp(l->v[i].repository, repository) != 0)
			continue;
		if (!n)
			hull_buf_showf(out,
				       "repository %s: of modular streams that nobody has chosen:",
				       repository);
		if (n++ < MAX_SHOWN)
			hull_buf_showf(out, "%s %s-%s", n > 1 ? "," : "", l->v[i].name,
				       l->v[i].evr);
	}
	if (n > MAX_SHOWN)
		hull_buf_showf(out, " and %zu more", n - MAX_SHOWN);
	if (n)
		hull_buf_addc(out, '\n');
}

static void tell_left_out(const struct hull_lock_repository *r, struct hull_buf *out)
{
	size_t shown = r->nleft_out < MAX_SHOWN ? r->nleft_out : MAX_SHOWN;

	if (!r->left_out_count)
		return;
	hull_buf_showf(out, "repository %s: %zu package%s left out", r->name, r->left_out_count,
		       r->left_out_count == 1 ? " is" : "s are");
	for (size_t i = 0; i < shown; i++)
		hull_buf_showf(out, "%s %s: %s", i ? ";" : ":", r->left_out[i].package,
			       r->left_out[i].reason);
	if (r->left_out_count > shown)
		hull_buf_showf(out, "; and %zu more (--json names them)",
			       r->left_out_count - shown);
	hull_buf_addc(out, '\n');
}

void hull_lock_notices(const struct hull_lock *l, struct hull_buf *out)
{
	for (size_t i = 0; i < l->nrepositories; i++) {
		tell_left_out(&l->repositories[i], out);
		tell_weak(l, l->repositories[i].name, out);
		tell_modular(l, l->repositories[i].name, out);
	}
	for (size_t i = 0; i < l->nproviders; i++)
		hull_buf_showf(out, "%s (%s): no package has that name; %s provides %s\n",
			       l->providers[i].want, l->providers[i].origin,
			       l->providers[i].package, l->providers[i].provides);
	hull_lock_notices_older(l, out);
}

const struct hull_lock_provider *hull_lock_provider_of(const struct hull_lock *l, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < l->nproviders; i++)
		if (!strncmp(l->providers[i].want, name, n) &&
		    (!l->providers[i].want[n] || l->providers[i].want[n] == ' '))
			return &l->providers[i];
	return NULL;
}
