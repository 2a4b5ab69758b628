// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "check/check.h"
#include "system/confdir.h"
#include "system/kernelconfig.h"

struct reason {
	const char *symbol;
	struct hull_buf text;
};

/* What the file exceptions says: a symbol in the first column, its reason on the lines after it. */
struct reasons {
	struct reason *v;
	size_t n, cap;
};

static void reasons_fini(struct reasons *r)
{
	for (size_t i = 0; i < r->n; i++)
		hull_buf_fini(&r->v[i].text);
	free(r->v);
}

static int reasons_read(const char *path, struct hull_arena *a, struct reasons *out,
			struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read_most(AT_FDCWD, path, HULL_WRITTEN_BYTES, &text, e) < 0)
		return -1;
	for (const char *at = text.p, *end; *at; at = *end ? end + 1 : end) {
		const char *line = at, *word;
		size_t n;

		end = at + strcspn(at, "\n");
		if (*at == '#' || at == end)
			continue;
		if (isupper((unsigned char)*at) || isdigit((unsigned char)*at)) {
			hull_word(&line, &word, &n);
			out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
			out->v[out->n++] =
				(struct reason){.symbol = hull_arena_strndup(a, word, n)};
		}
		while (out->n && line < end && hull_word(&line, &word, &n) && word < end) {
			struct hull_buf *to = &out->v[out->n - 1].text;

			if (to->n)
				hull_buf_addc(to, ' ');
			hull_buf_add(to, word, n);
		}
	}
	return 0;
}

static const char *reason_of(const struct reasons *r, const char *symbol)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->v[i].symbol, symbol) && r->v[i].text.n)
			return r->v[i].text.p;
	return NULL;
}

/* --- the configuration --- */

/* Where distributions put it; the newest kernel's, by name, is taken. */
static int find_config(const struct hull_tree *t)
{
	int modules = hull_tree_follow(t, "/usr/lib/modules"), boot = hull_tree_follow(t, "/boot"),
	    found = HULL_NO_NODE;

	for (int i = boot < 0 ? HULL_NO_NODE : t->v[boot].first_child; i >= 0;
	     i = t->v[i].next_sibling)
		if (hull_starts(t->v[i].name, "config-") && S_ISREG(t->v[i].mode))
			found = i;
	for (int i = modules < 0 ? HULL_NO_NODE : t->v[modules].first_child; i >= 0;
	     i = t->v[i].next_sibling) {
		int config = hull_tree_child(t, i, "config", 6);

		if (config >= 0 && S_ISREG(t->v[config].mode))
			found = config;
	}
	return found;
}

int hull_check_kernel_config(struct hull_check *c, struct hull_buf *out, const char **out_name,
			     struct hull_err *e)
{
	int node;

	if (c->o->kernel_config) {
		*out_name = c->o->kernel_config;
		return hull_file_read_most(AT_FDCWD, c->o->kernel_config, HULL_WRITTEN_BYTES, out,
					   e) < 0
			       ? -1
			       : 1;
	}
	node = find_config(&c->s->tree);
	if (node < 0)
		return 0;
	*out_name = hull_tree_path(&c->s->tree, node, &c->arena);
	if (hull_tree_read(&c->s->tree, node, out, e) < 0)
		return hull_wrap(e, "%s: ", *out_name);
	return 1;
}

/* --- the checks --- */

/* "kspp DEBUG_LIST=y | X=n": who says so, and what. */
static void check_line(struct hull_check *c, const char *line, const struct hull_kernel_config *k,
		       const struct reasons *reasons)
{
	const char *at = line, *source, *symbol, *reason;
	size_t n;
	struct hull_finding *f;

	if (!hull_word(&at, &source, &n))
		return;
	source = hull_arena_strndup(&c->arena, source, n);
	at += strspn(at, " \t");
	symbol = hull_arena_strndup(&c->arena, at, strcspn(at, "= \t"));
	if (hull_kernel_config_holds(k, at))
		return;
	f = hull_findings_add(c->out, "HULL-KERNEL-CONFIG", HULL_OBJECT_OPTION,
			      hull_arena_printf(&c->arena, "CONFIG_%s", symbol), NULL,
			      "is %s; %s recommends %s", hull_kernel_config_value(k, symbol),
			      source, at);
	reason = reason_of(reasons, symbol);
	if (!reason)
		return;
	f->accepted = hull_arena_strdup(&c->out->arena, reason);
	f->accepted_by = "kernel/exceptions";
}

static int check_all(struct hull_check *c, const struct hull_kernel_config *k, struct hull_err *e)
{
	hull_autofree char *checks = hull_asprintf("%s/hardening.checks", c->o->checks);
	hull_autofree char *exceptions = hull_asprintf("%s/exceptions", c->o->checks);
	hull_autobuf struct hull_buf text = {0};
	struct reasons reasons = {0};
	struct hull_lines lines;
	const char *line;

	if (hull_file_read_most(AT_FDCWD, checks, HULL_WRITTEN_BYTES, &text, e) < 0)
		return -1;
	if (reasons_read(exceptions, &c->arena, &reasons, e) < 0) {
		reasons_fini(&reasons);
		return -1;
	}
	hull_lines_init(&lines, text.p, text.n);
	while ((line = hull_lines_next(&lines)))
		if (*line && *line != '#')
			check_line(c, line, k, &reasons);
	hull_lines_fini(&lines);
	reasons_fini(&reasons);
	return 0;
}

int hull_check_kernel(struct hull_check *c, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_kernel_config config;
	const char *name = NULL;
	int r = hull_check_kernel_config(c, &text, &name, e);

	if (r < 0)
		return -1;
	if (r == 0) {
		if (c->s->kernel_version)
			hull_findings_add(c->out, "HULL-KERNEL-UNKNOWN", HULL_OBJECT_IMAGE,
					  hull_basename(c->s->path), NULL,
					  "kernel %s is in it, but not its configuration",
					  c->s->kernel_version);
		return 0;
	}
	if (hull_kernel_config_init(text.p, text.n, &config, e) < 0)
		return hull_wrap(e, "%s: ", name);
	if (!strcmp(hull_kernel_config_value(&config, "X86_64"), "y"))
		r = check_all(c, &config, e);
	else
		hull_findings_add(c->out, "HULL-KERNEL-UNKNOWN", HULL_OBJECT_IMAGE, name, NULL,
				  "the list of recommendations is for x86-64 kernels only");
	hull_kernel_config_fini(&config);
	return r < 0 ? -1 : 0;
}
