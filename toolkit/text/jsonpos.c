// SPDX-License-Identifier: MIT
#include "text/jsonpos.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { MARK_BYTES = 4096, MAX_BYTES = 64 << 20 };

struct hull_jsonpos_mark {
	unsigned line, column;
};

struct hull_jsonpos_node {
	size_t key, value; /* offsets in the text; key is that of the value if it has none */
	size_t first_child, sibling; /* 0: none (the root is nobody's child) */
};

/* The scan trusts the syntax, because jansson has accepted the text. */
struct json_scan {
	struct hull_jsonpos *doc;
	size_t at;
};

static char peek(const struct json_scan *s)
{
	hull_assert(s->at < s->doc->text.n);
	return s->doc->text.p[s->at];
}

static void skip_space(struct json_scan *s)
{
	s->at += strspn(s->doc->text.p + s->at, " \t\r\n");
}

static void skip_string(struct json_scan *s)
{
	for (s->at++; peek(s) != '"'; s->at++)
		if (peek(s) == '\\')
			s->at++;
	s->at++;
}

static size_t scan_value(struct json_scan *s, size_t key);

static void scan_children(struct json_scan *s, size_t parent, char open)
{
	char close = open == '{' ? '}' : ']';
	size_t last = 0, child;

	s->at++;
	for (skip_space(s); peek(s) != close; skip_space(s)) {
		size_t key = s->at;

		if (open == '{') {
			skip_string(s);
			skip_space(s);
			s->at++; /* the colon */
			skip_space(s);
			child = scan_value(s, key);
		} else {
			child = scan_value(s, key);
		}
		if (last)
			s->doc->nodes[last].sibling = child;
		else
			s->doc->nodes[parent].first_child = child;
		last = child;
		skip_space(s);
		if (peek(s) == ',')
			s->at++;
	}
	s->at++;
}

static size_t scan_value(struct json_scan *s, size_t key)
{
	struct hull_jsonpos *d = s->doc;
	size_t node = d->n++;
	char c = peek(s);

	d->nodes = hull_grow(d->nodes, &d->cap, node, sizeof *d->nodes);
	d->nodes[node] = (struct hull_jsonpos_node){.key = key, .value = s->at};
	if (c == '{' || c == '[')
		scan_children(s, node, c);
	else if (c == '"')
		skip_string(s);
	else
		s->at += strcspn(d->text.p + s->at, ",]} \t\r\n");
	return node;
}

/* Goes on from the place of one byte to that of another. */
static void advance(const char *text, size_t from, size_t to, struct hull_jsonpos_mark *m)
{
	for (; from < to; from++) {
		if (text[from] == '\n')
			*m = (struct hull_jsonpos_mark){m->line + 1, 1};
		else
			m->column += ((unsigned char)text[from] & 0xc0) != 0x80; /* a character */
	}
}

static void set_marks(struct hull_jsonpos *d)
{
	struct hull_jsonpos_mark m = {1, 1};

	d->marks = hull_alloc_array(d->text.n / MARK_BYTES + 1, sizeof *d->marks);
	for (size_t i = 0; i <= d->text.n / MARK_BYTES; i++) {
		if (i)
			advance(d->text.p, (i - 1) * MARK_BYTES, i * MARK_BYTES, &m);
		d->marks[i] = m;
	}
}

int hull_jsonpos_parse(struct hull_buf *text, const char *shown, struct hull_jsonpos *out,
		       struct hull_err *e)
{
	struct json_scan s = {.doc = out};
	const char *nul = text->n ? memchr(text->p, '\0', text->n) : NULL;
	json_error_t je;

	if (nul) { /* jansson takes some */
		struct hull_jsonpos_mark m = {1, 1};

		advance(text->p, 0, (size_t)(nul - text->p), &m);
		*out = (struct hull_jsonpos){0};
		return hull_fail(e, HULL_FAILED, "%s:%u:%u: a NUL, which JSON has not", shown,
				 m.line, m.column);
	}
	*out = (struct hull_jsonpos){.path = hull_strdup(shown), .text = *text};
	*text = (struct hull_buf){0};
	out->root = json_loadb(out->text.n ? out->text.p : "", out->text.n, JSON_REJECT_DUPLICATES,
			       &je);
	if (!out->root) {
		hull_jsonpos_fini(out);
		return hull_fail(e, HULL_FAILED, "%s:%d:%d: %s", shown, je.line, je.column,
				 je.text);
	}
	skip_space(&s);
	scan_value(&s, s.at);
	set_marks(out);
	return 0;
}

int hull_jsonpos_read(int dirfd, const char *path, const char *shown, struct hull_jsonpos *out,
		      struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read_most(dirfd, path, MAX_BYTES, &text, e) < 0)
		return -1;
	return hull_jsonpos_parse(&text, shown, out, e);
}

void hull_jsonpos_fini(struct hull_jsonpos *d)
{
	free(d->path);
	free(d->nodes);
	free(d->marks);
	hull_buf_fini(&d->text);
	json_decref(d->root);
	*d = (struct hull_jsonpos){0};
}

struct hull_jsonpos_value hull_jsonpos_root(const struct hull_jsonpos *d)
{
	return (struct hull_jsonpos_value){.doc = d, .json = d->root, .name = ""};
}

/* Fills what the iterator or the index says. */
static void load(struct hull_jsonpos_value *v)
{
	if (v->iter) {
		v->key = json_object_iter_key(v->iter);
		v->name = v->key;
		v->json = json_object_iter_value(v->iter);
	} else {
		v->json = json_array_get(v->parent, v->index);
	}
}

bool hull_jsonpos_first(const struct hull_jsonpos_value *parent, struct hull_jsonpos_value *out)
{
	size_t child = parent->doc->nodes[parent->node].first_child;

	if (!child)
		return false;
	*out = (struct hull_jsonpos_value){
		.doc = parent->doc,
		.name = parent->name,
		.parent = parent->json,
		.iter = json_object_iter(parent->json),
		.node = child,
	};
	load(out);
	return true;
}

bool hull_jsonpos_next(struct hull_jsonpos_value *v)
{
	size_t node = v->doc->nodes[v->node].sibling;

	if (!node)
		return false;
	v->node = node;
	v->index++;
	if (v->iter)
		v->iter = json_object_iter_next(v->parent, v->iter);
	load(v);
	return true;
}

bool hull_jsonpos_member(const struct hull_jsonpos_value *object, const char *key,
			 struct hull_jsonpos_value *out)
{
	bool there = hull_jsonpos_first(object, out);

	while (there && (!out->key || strcmp(out->key, key) != 0))
		there = hull_jsonpos_next(out);
	return there;
}

void hull_jsonpos_place(const struct hull_jsonpos_value *v, bool of_key, unsigned *out_line,
			unsigned *out_column)
{
	const struct hull_jsonpos_node *node = &v->doc->nodes[v->node];
	size_t at = of_key ? node->key : node->value;
	struct hull_jsonpos_mark m = v->doc->marks[at / MARK_BYTES];

	advance(v->doc->text.p, at / MARK_BYTES * MARK_BYTES, at, &m);
	*out_line = m.line;
	*out_column = m.column;
}

__attribute__((format(printf, 4, 0))) static int fail(struct hull_err *e,
						      const struct hull_jsonpos_value *v,
						      bool of_key, const char *fmt, va_list ap)
{
	unsigned line, column;
	hull_autofree char *msg = hull_vasprintf(fmt, ap);

	hull_jsonpos_place(v, of_key, &line, &column);
	return hull_fail(e, HULL_FAILED, "%s:%u:%u: %s", v->doc->path, line, column, msg);
}

int hull_jsonpos_fail(struct hull_err *e, const struct hull_jsonpos_value *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(e, v, false, fmt, ap);
	va_end(ap);
	return -1;
}

int hull_jsonpos_fail_key(struct hull_err *e, const struct hull_jsonpos_value *v, const char *fmt,
			  ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(e, v, true, fmt, ap);
	va_end(ap);
	return -1;
}
