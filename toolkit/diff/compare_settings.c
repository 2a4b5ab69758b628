// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "diff/compare_subjects.h"
#include "system/osrelease.h"

/* Settings of one side: name and value. */
struct pair {
	const char *name, *value;
};

struct pairs {
	struct hull_arena arena;
	struct pair *v;
	size_t n, cap;
};

static void pairs_add(struct pairs *p, const char *name, size_t n, const char *value, size_t m)
{
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n++] = (struct pair){hull_arena_strndup(&p->arena, name, n),
				     hull_arena_strndup(&p->arena, value, m)};
}

static void pairs_fini(struct pairs *p)
{
	hull_arena_fini(&p->arena);
	free(p->v);
}

static int by_name(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->value, y->value);
}

/* What a name that is missing stands for may be NULL. */
static void compare(struct pairs *x, struct pairs *y, const char *missing,
		    struct hull_setting_differences *out, struct hull_arena *a)
{
	size_t i = 0, k = 0;

	if (x->n)
		qsort(x->v, x->n, sizeof *x->v, by_name);
	if (y->n)
		qsort(y->v, y->n, sizeof *y->v, by_name);
	while (i < x->n || k < y->n) {
		int r = i == x->n ? 1 : k == y->n ? -1 : strcmp(x->v[i].name, y->v[k].name);
		const char *name = r <= 0 ? x->v[i].name : y->v[k].name;
		const char *old = r <= 0 ? x->v[i++].value : missing;
		const char *now = r >= 0 ? y->v[k++].value : missing;

		if (!old || !now || strcmp(old, now) != 0)
			hull_setting_add(out, a, name, old, now);
	}
}

/* The next line of a text, without what ends it. */
static bool next_line(const char **at, const char **out, size_t *out_n)
{
	const char *s = *at;

	if (!*s)
		return false;
	*out = s;
	*out_n = strcspn(s, "\n");
	*at = s + *out_n + (s[*out_n] == '\n');
	return true;
}

/* --- kernel options --- */

static void parse_config(const char *text, struct pairs *out)
{
	static const char not_set[] = " is not set";
	const char *line;
	size_t n;

	while (next_line(&text, &line, &n)) {
		const char *equals = memchr(line, '=', n);

		if (n > 7 && !strncmp(line, "CONFIG_", 7) && equals)
			pairs_add(out, line, (size_t)(equals - line), equals + 1,
				  n - (size_t)(equals + 1 - line));
		else if (n > 9 + sizeof not_set - 1 && !strncmp(line, "# CONFIG_", 9) &&
			 !strncmp(line + n - (sizeof not_set - 1), not_set, sizeof not_set - 1))
			pairs_add(out, line + 2, n - 2 - (sizeof not_set - 1), "n", 1);
	}
}

/* Where distributions put the configuration of a kernel; of several the last in order of name. */
static int find_config(const struct hull_tree *t)
{
	int modules = hull_tree_find(t, "usr/lib/modules"), boot = hull_tree_find(t, "boot");
	int found = HULL_NO_NODE;

	for (int i = boot < 0 ? HULL_NO_NODE : t->v[boot].first_child; i >= 0;
	     i = t->v[i].next_sibling)
		if (hull_starts(t->v[i].name, "config-"))
			found = i;
	for (int i = modules < 0 ? HULL_NO_NODE : t->v[modules].first_child; i >= 0;
	     i = t->v[i].next_sibling) {
		int config = hull_tree_child(t, i, "config", 6);

		if (config >= 0)
			found = config;
	}
	return found;
}

/* 1, or 0 if there is none. */
static int read_config(const struct hull_side *side, struct pairs *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	int node;

	if (side->kernel_config) {
		if (hull_file_read_most(AT_FDCWD, side->kernel_config, HULL_WRITTEN_BYTES, &text,
					e) < 0)
			return -1;
	} else {
		node = find_config(&side->system->tree);
		if (node < 0)
			return 0;
		if (hull_tree_read(&side->system->tree, node, &text, e) < 0)
			return hull_wrap(e, "%s: ", side->path);
	}
	parse_config(text.p ? text.p : "", out);
	if (!out->n && side->kernel_config)
		return hull_fail(e, HULL_FAILED, "%s: no kernel configuration: no line has CONFIG_",
				 side->kernel_config);
	return 1;
}

static int compare_kernels(const struct hull_side *old, const struct hull_side *now,
			   struct hull_comparison *out, struct hull_err *e)
{
	struct pairs x = {0}, y = {0};
	int a = read_config(old, &x, e), b = a < 0 ? -1 : read_config(now, &y, e);

	out->with_kernel = a > 0 && b > 0;
	if (out->with_kernel)
		compare(&x, &y, "n", &out->kernel, &out->arena);
	pairs_fini(&x);
	pairs_fini(&y);
	return a < 0 || b < 0 ? -1 : 0;
}

/* --- command line and os-release --- */

/* A word ends at a blank outside of quotes. */
static size_t word_length(const char *s)
{
	bool quoted = false;
	size_t n = 0;

	for (; s[n] && (quoted || !strchr(" \t\n", s[n])); n++)
		quoted ^= s[n] == '"';
	return n;
}

/* "quiet" is a name with an empty value. */
static void parse_command_line(const char *text, struct pairs *out)
{
	while (*text) {
		size_t n = word_length(text);
		const char *equals = memchr(text, '=', n);
		size_t name = equals ? (size_t)(equals - text) : n;

		if (n)
			pairs_add(out, text, name, equals ? text + name + 1 : "",
				  equals ? n - name - 1 : 0);
		text += n + (text[n] != '\0');
	}
}

static void compare_command_lines(const struct hull_side *old, const struct hull_side *now,
				  struct hull_comparison *out)
{
	const char *x = old->system->command_line, *y = now->system->command_line;
	struct pairs p = {0}, q = {0};

	parse_command_line(x ? x : "", &p);
	parse_command_line(y ? y : "", &q);
	compare(&p, &q, NULL, &out->command_line, &out->arena);
	pairs_fini(&p);
	pairs_fini(&q);
}

static int read_os_release(const struct hull_side *side, struct pairs *out, struct hull_err *e)
{
	const struct hull_tree *t = &side->system->tree;
	int node = hull_os_release_find(t);
	hull_autobuf struct hull_buf text = {0}, value = {0};
	const char *at, *line;
	size_t n;

	if (node < 0)
		return 0;
	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "%s: os-release: ", side->path);
	at = text.p ? text.p : "";
	while (next_line(&at, &line, &n)) {
		const char *equals = memchr(line, '=', n);
		hull_autofree char *key =
			equals ? hull_strndup(line, (size_t)(equals - line)) : NULL;

		value.n = 0;
		if (key && *key != '#' && hull_os_release_get(text.p, key, &value))
			pairs_add(out, key, strlen(key), value.p ? value.p : "", value.n);
	}
	return 0;
}

int hull_compare_settings(const struct hull_side *old, const struct hull_side *now,
			  struct hull_comparison *out, struct hull_err *e)
{
	struct pairs x = {0}, y = {0};
	int r = compare_kernels(old, now, out, e);

	if (r == 0)
		r = read_os_release(old, &x, e);
	if (r == 0)
		r = read_os_release(now, &y, e);
	if (r == 0) {
		compare(&x, &y, NULL, &out->os_release, &out->arena);
		compare_command_lines(old, now, out);
	}
	pairs_fini(&x);
	pairs_fini(&y);
	return r;
}
