// SPDX-License-Identifier: MIT
#include "system/confdir.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"

enum { MAX_LINKS = 40 };

int hull_tree_follow(const struct hull_tree *t, const char *path)
{
	struct hull_arena arena = {0};
	int node = hull_tree_find(t, path);

	for (int links = 0; node >= 0 && S_ISLNK(t->v[node].mode); links++) {
		const char *target = t->v[node].target;

		if (links == MAX_LINKS) {
			node = HULL_NO_NODE;
			break;
		}
		if (*target != '/')
			target = hull_arena_printf(&arena, "%s/%s",
						   hull_tree_path(t, t->v[node].parent, &arena),
						   target);
		node = hull_tree_find(t, target);
	}
	hull_arena_fini(&arena);
	return node;
}

bool hull_node_is_null(const struct hull_tree *t, int node)
{
	const struct hull_node *v = &t->v[t->v[node].inode];

	return S_ISLNK(v->mode) ? strcmp(v->target, "/dev/null") == 0
				: S_ISREG(v->mode) && v->size_bytes == 0;
}

static int by_name(const void *a, const void *b)
{
	const struct hull_confdir_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void hull_confdir_add(const struct hull_tree *t, const char *directory, const char *suffix,
		      struct hull_confdir *out)
{
	int dir = hull_tree_follow(t, directory);

	if (dir < 0 || !S_ISDIR(t->v[dir].mode))
		return;
	for (int i = t->v[dir].first_child; i >= 0; i = t->v[i].next_sibling) {
		struct hull_confdir_file *f;
		const char *path, *name;

		if (!hull_ends(t->v[i].name, suffix))
			continue;
		name = hull_arena_strdup(&out->arena, t->v[i].name);
		if (!hull_index_put(&out->names, name, out->n))
			continue;
		path = hull_arena_printf(&out->arena, "%s/%s", directory, t->v[i].name);
		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		f = &out->v[out->n++];
		f->name = name;
		f->path = path;
		f->node = hull_node_is_null(t, i) ? HULL_NO_NODE : hull_tree_follow(t, path);
		if (f->node >= 0)
			f->node = t->v[f->node].inode;
		if (f->node >= 0 && (!S_ISREG(t->v[f->node].mode) || hull_node_is_null(t, f->node)))
			f->node = HULL_NO_NODE;
	}
}

void hull_confdir_sort(struct hull_confdir *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].node >= 0)
			c->v[kept++] = c->v[i];
	c->n = kept;
	if (kept)
		qsort(c->v, kept, sizeof *c->v, by_name);
}

void hull_confdir_list(const struct hull_tree *t, const char *directory, const char *suffix,
		       struct hull_confdir *out)
{
	static const char *const above[] = {"/etc", "/usr/local/lib", "/usr/lib"};

	for (size_t i = 0; i < sizeof above / sizeof *above; i++)
		hull_confdir_add(t, hull_arena_printf(&out->arena, "%s/%s", above[i], directory),
				 suffix, out);
	hull_confdir_sort(out);
}

void hull_confdir_fini(struct hull_confdir *c)
{
	hull_arena_fini(&c->arena);
	hull_index_fini(&c->names);
	free(c->v);
	*c = (struct hull_confdir){0};
}

void hull_lines_init(struct hull_lines *l, const char *text, size_t n)
{
	*l = (struct hull_lines){.at = text, .end = text ? text + n : NULL};
}

void hull_lines_fini(struct hull_lines *l)
{
	hull_buf_fini(&l->line);
}

char *hull_lines_next(struct hull_lines *l)
{
	const char *end;
	size_t n;

	if (l->at == l->end)
		return NULL;
	end = memchr(l->at, '\n', (size_t)(l->end - l->at));
	l->line.n = 0;
	n = (size_t)((end ? end : l->end) - l->at);
	while (n && isspace((unsigned char)*l->at)) {
		l->at++;
		n--;
	}
	hull_buf_add(&l->line, l->at, n);
	l->at = end ? end + 1 : l->end;
	l->number++;
	n = strlen(l->line.p);
	while (n && isspace((unsigned char)l->line.p[n - 1]))
		n--;
	l->line.p[n] = '\0';
	return l->line.p;
}

/* Exactly n digits of a base at *at; false if there are fewer. */
static bool digits(const char **at, unsigned int base, int n, unsigned int *out)
{
	*out = 0;
	for (; n; n--, ++*at) {
		int d = hull_hex_value(**at);

		if (d < 0 || (unsigned int)d >= base)
			return false;
		*out = *out * base + (unsigned int)d;
	}
	return true;
}

/* One escape; *at is behind the backslash. */
static bool c_escape(const char **at, struct hull_buf *out)
{
	static const char letters[] = "abfnrtvs\\\"'", bytes[] = "\a\b\f\n\r\t\v \\\"'";
	char utf8[HULL_UTF8_MAX];
	const char *letter = **at ? strchr(letters, **at) : NULL;
	unsigned int c;
	bool wide = **at == 'U';

	if (letter) {
		hull_buf_addc(out, bytes[letter - letters]);
		++*at;
		return true;
	}
	if (**at == 'x') {
		++*at;
		if (!digits(at, 16, 2, &c) || !c)
			return false;
		hull_buf_addc(out, (char)c);
		return true;
	}
	if (wide || **at == 'u') {
		++*at;
		if (!digits(at, 16, wide ? 8 : 4, &c) || !c || c > 0x10ffff)
			return false;
		hull_buf_add(out, utf8, hull_utf8_put(utf8, c));
		return true;
	}
	if (!digits(at, 8, 3, &c) || !c || c > 255)
		return false;
	hull_buf_addc(out, (char)c);
	return true;
}

bool hull_unescape(const char *text, struct hull_buf *out)
{
	while (*text) {
		if (*text != '\\') {
			hull_buf_addc(out, *text++);
			continue;
		}
		text++;
		if (!c_escape(&text, out))
			return false;
	}
	return true;
}

int hull_line_word(const char **at, bool c_escapes, struct hull_buf *out)
{
	char quote = '\0';

	while (isspace((unsigned char)**at))
		++*at;
	out->n = 0;
	hull_buf_adds(out, "");
	if (!**at)
		return 0;
	while (**at && (quote || !isspace((unsigned char)**at))) {
		char c = *(*at)++;

		if (c == quote) {
			quote = '\0';
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else if (c != '\\') {
			hull_buf_addc(out, c);
		} else if (c_escapes) {
			if (!c_escape(at, out))
				return -1;
		} else if (!**at) {
			return -1;
		} else {
			hull_buf_addc(out, *(*at)++);
		}
	}
	while (isspace((unsigned char)**at))
		++*at;
	return quote ? -1 : 1;
}

static int read_lines(const struct hull_tree *t, const struct hull_confdir_file *f,
		      hull_confdir_parse parse, void *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0}, where = {0};
	struct hull_lines lines;
	const char *line;
	int rc = 0;

	if (hull_tree_read(t, f->node, &text, e) < 0)
		return hull_wrap(e, "%s: ", f->path);
	hull_lines_init(&lines, text.p, text.n);
	while (rc == 0 && (line = hull_lines_next(&lines))) {
		where.n = 0;
		hull_buf_addf(&where, "%s:%d", f->path, lines.number);
		rc = parse(t, line, where.p, out, e);
	}
	hull_lines_fini(&lines);
	return rc;
}

int hull_confdir_read(const struct hull_tree *t, const char *directory, const char *suffix,
		      hull_confdir_parse parse, void *out, struct hull_err *e)
{
	struct hull_confdir files = {0};
	int rc = 0;

	hull_confdir_list(t, directory, suffix, &files);
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		rc = read_lines(t, &files.v[i], parse, out, e);
	hull_confdir_fini(&files);
	return rc;
}
