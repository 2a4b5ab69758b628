// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "finish/finish.h"
#include "finish/strpool.h"
#include "system/confdir.h"

/*
 * hwdb.bin: a radix tree over the match patterns of all files. Each node has a prefix, children by
 * the byte that follows it, and properties; strings stand in a pool behind the nodes.
 */

enum { HEADER_BYTES = 80, NODE_BYTES = 24, CHILD_BYTES = 16, VALUE_BYTES = 32 };
#define HWDB "/usr/lib/udev/hwdb.bin"

struct value {
	size_t key, text, file; /* offsets in the pool */
	uint32_t line;
	uint16_t priority;
};

struct trie_child {
	unsigned char byte;
	size_t node;
};

struct trie_node {
	size_t prefix; /* offset in the pool */
	struct trie_child *children;
	size_t nchildren, cap_children;
	struct value *values;
	size_t nvalues, cap_values;
};

struct trie {
	struct trie_node *v;
	size_t n, cap;
	struct hull_strpool pool;
};

static const char *text_at(const struct trie *t, size_t offset)
{
	return t->pool.bytes.p + offset;
}

static size_t add_node(struct trie *t, const struct trie_node *n)
{
	t->v = hull_grow(t->v, &t->cap, t->n, sizeof *t->v);
	t->v[t->n] = *n;
	return t->n++;
}

static void add_child(struct trie *t, size_t node, unsigned char byte, size_t child)
{
	struct trie_node *n = &t->v[node];
	size_t i = n->nchildren++;

	n->children = hull_grow(n->children, &n->cap_children, i, sizeof *n->children);
	for (; i && n->children[i - 1].byte > byte; i--)
		n->children[i] = n->children[i - 1];
	n->children[i] = (struct trie_child){byte, child};
}

static bool find_child(const struct trie *t, size_t node, unsigned char byte, size_t *out)
{
	const struct trie_node *n = &t->v[node];

	for (size_t i = 0; i < n->nchildren; i++) {
		if (n->children[i].byte != byte)
			continue;
		*out = n->children[i].node;
		return true;
	}
	return false;
}

/* Cuts a node's prefix after n bytes; what is behind them, and all the node had, goes to a child.
 */
static void split(struct trie *t, size_t node, size_t n)
{
	struct trie_node below = t->v[node];
	hull_autofree char *above = hull_strndup(text_at(t, below.prefix), n);
	unsigned char byte = (unsigned char)text_at(t, below.prefix)[n];

	below.prefix += n + 1;
	t->v[node] = (struct trie_node){.prefix = hull_strpool_add(&t->pool, above, n)};
	add_child(t, node, byte, add_node(t, &below));
}

/* The node of a pattern. */
static size_t take_node(struct trie *t, const char *pattern)
{
	size_t node = 0, next;

	for (;;) {
		const char *prefix = text_at(t, t->v[node].prefix);
		size_t n = 0;
		unsigned char byte;

		while (prefix[n] && prefix[n] == pattern[n])
			n++;
		if (prefix[n])
			split(t, node, n);
		pattern += n;
		byte = (unsigned char)*pattern;
		if (!byte)
			return node;
		pattern++;
		if (find_child(t, node, byte, &next)) {
			node = next;
			continue;
		}
		next = add_node(t,
				&(struct trie_node){.prefix = hull_strpool_add(&t->pool, pattern,
									       strlen(pattern))});
		add_child(t, node, byte, next);
		return next;
	}
}

/* A later property of the same name replaces an earlier one. */
static void add_value(struct trie *t, size_t node, const char *key, const char *text,
		      const char *file, uint16_t priority, uint32_t line)
{
	struct value v = {.line = line, .priority = priority};
	struct trie_node *n = &t->v[node];
	size_t i = 0;
	int order = 1;

	v.key = hull_strpool_add(&t->pool, key, strlen(key));
	v.text = hull_strpool_add(&t->pool, text, strlen(text));
	v.file = hull_strpool_add(&t->pool, file, strlen(file));
	for (; i < n->nvalues; i++) {
		order = strcmp(text_at(t, n->values[i].key), key);
		if (order >= 0)
			break;
	}
	if (i < n->nvalues && order == 0) {
		v.key = n->values[i].key;
		n->values[i] = v;
		return;
	}
	n->values = hull_grow(n->values, &n->cap_values, n->nvalues, sizeof *n->values);
	memmove(n->values + i + 1, n->values + i, (n->nvalues - i) * sizeof *n->values);
	n->values[i] = v;
	n->nvalues++;
}

/* --- reading --- */

enum hwdb_state { NOTHING, MATCHES, PROPERTIES };

struct hwdb_reader {
	struct trie *t;
	const char *path;
	uint16_t priority;
	enum hwdb_state state;
	struct hull_strv matches;
};

static void add_property(struct hwdb_reader *r, char *line, uint32_t number)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return;
	*equals++ = '\0';
	while (isblank((unsigned char)line[0]) && isblank((unsigned char)line[1]))
		line++;
	if (!line[0] || !line[1])
		return;
	for (size_t i = 0; i < r->matches.n; i++)
		add_value(r->t, take_node(r->t, r->matches.v[i]), line, equals, r->path,
			  r->priority, number);
}

/* hwdb(7); as systemd does, a line that does not fit ends its record. */
static void read_line(struct hwdb_reader *r, char *line, uint32_t number)
{
	size_t n;

	if (*line == '#')
		return;
	n = strcspn(line, "#");
	while (n && isspace((unsigned char)line[n - 1]))
		n--;
	line[n] = '\0';
	if (n && *line != ' ' && r->state != PROPERTIES) {
		r->state = MATCHES;
		hull_strv_add(&r->matches, line);
	} else if (n && *line == ' ' && r->state != NOTHING) {
		r->state = PROPERTIES;
		add_property(r, line, number);
	} else {
		r->state = NOTHING;
		hull_strv_fini(&r->matches);
	}
}

static void read_text(struct hwdb_reader *r, const struct hull_buf *text)
{
	hull_autobuf struct hull_buf line = {0};
	const char *at = text->p, *end = text->p + text->n;

	r->state = NOTHING;
	for (uint32_t number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);

		line.n = 0;
		hull_buf_add(&line, at, n);
		read_line(r, line.p, number);
		at = newline ? newline + 1 : end;
	}
	hull_strv_fini(&r->matches);
}

/* --- writing --- */

static void put64(struct hull_buf *out, uint64_t n)
{
	unsigned char bytes[8];

	hull_put_le64(bytes, n);
	hull_buf_add(out, bytes, sizeof bytes);
}

static uint64_t nodes_bytes(const struct trie *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += NODE_BYTES + t->v[i].nchildren * CHILD_BYTES + t->v[i].nvalues * VALUE_BYTES;
	return n;
}

/* A node behind all those below it; returns where it is. */
static uint64_t write_node(const struct trie *t, size_t node, uint64_t strings,
			   struct hull_buf *out)
{
	const struct trie_node *n = &t->v[node];
	hull_autofree uint64_t *below = hull_alloc_array(n->nchildren + 1, sizeof *below);
	uint64_t at;

	for (size_t i = 0; i < n->nchildren; i++)
		below[i] = write_node(t, n->children[i].node, strings, out);
	at = out->n;
	put64(out, strings + n->prefix);
	put64(out, n->nchildren);
	put64(out, n->nvalues);
	for (size_t i = 0; i < n->nchildren; i++) {
		put64(out, n->children[i].byte);
		put64(out, below[i]);
	}
	for (size_t i = 0; i < n->nvalues; i++) {
		const struct value *v = &n->values[i];

		put64(out, strings + v->key);
		put64(out, strings + v->text);
		put64(out, strings + v->file);
		put64(out, v->line | (uint64_t)v->priority << 32);
	}
	return at;
}

static void write_trie(const struct trie *t, struct hull_buf *out)
{
	uint64_t nodes = nodes_bytes(t), strings = HEADER_BYTES + nodes, root;

	hull_buf_adds(out, "KSLPHHRH");
	put64(out, 0); /* the version of the writer */
	put64(out, strings + t->pool.bytes.n);
	put64(out, HEADER_BYTES);
	put64(out, NODE_BYTES);
	put64(out, CHILD_BYTES);
	put64(out, VALUE_BYTES);
	put64(out, 0); /* the root, below */
	put64(out, nodes);
	put64(out, t->pool.bytes.n);
	hull_assert(out->n == HEADER_BYTES);
	root = write_node(t, 0, strings, out);
	hull_put_le64(out->p + 56, root);
	hull_assert(out->n == strings);
	hull_buf_add(out, t->pool.bytes.p, t->pool.bytes.n);
}

static int add_file(struct hull_tree *t, const struct trie *trie, int64_t newest,
		    struct hull_err *e)
{
	hull_autobuf struct hull_buf out = {0};

	write_trie(trie, &out);
	return hull_tree_put_file(t, HWDB, out.p, out.n, 0444, newest, e) < 0 ? -1 : 0;
}

static int read_all(const struct hull_tree *t, const struct hull_confdir *files, struct trie *trie,
		    int64_t *out_newest, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < files->n; i++) {
		const struct hull_confdir_file *f = &files->v[i];
		struct hwdb_reader r = {trie, f->path, (uint16_t)(i + 1), NOTHING, {0}};

		if (hull_tree_read(t, f->node, &text, e) < 0)
			return hull_wrap(e, "%s: ", f->path);
		read_text(&r, &text);
		if (t->v[f->node].mtime > *out_newest)
			*out_newest = t->v[f->node].mtime;
	}
	return 0;
}

int hull_hwdb_add(struct hull_tree *t, struct hull_err *e)
{
	struct hull_confdir files = {0};
	struct trie trie = {0};
	int64_t newest = 0;
	int rc = 0;

	hull_confdir_list(t, "udev/hwdb.d", ".hwdb", &files);
	if (files.n) {
		hull_strpool_init(&trie.pool);
		add_node(&trie, &(struct trie_node){0});
		rc = read_all(t, &files, &trie, &newest, e);
		if (rc == 0)
			rc = add_file(t, &trie, newest, e);
		for (size_t i = 0; i < trie.n; i++) {
			free(trie.v[i].children);
			free(trie.v[i].values);
		}
		free(trie.v);
		hull_strpool_fini(&trie.pool);
	}
	hull_confdir_fini(&files);
	return rc;
}
