// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "finish/finish.h"
#include "finish/strpool.h"
#include "system/confdir.h"

/* The message catalog of the journal: a header, items sorted by id and language, and their texts in
 * a pool of strings. */

enum { HEADER_BYTES = 40, ID_BYTES = 16, LANGUAGE_BYTES = 32, ITEM_BYTES = 56 };
#define DATABASE "/var/lib/systemd/catalog/database"

struct catalog_item {
	unsigned char id[ID_BYTES];
	char language[LANGUAGE_BYTES];
	char *text;
	size_t offset;
};

struct catalog {
	struct catalog_item *v;
	size_t n, cap;
};

/* The message that is being read. */
struct catalog_reader {
	struct catalog *c;
	const char *language; /* of the file, from its name */
	bool started, after_blank;
	struct catalog_item item;
	struct hull_buf text;
};

/* What is before the first empty line, with the end of its last line. */
static size_t header_length(const char *text)
{
	const char *blank = *text == '\n' ? text : strstr(text, "\n\n");

	return *text == '\n' ? 0 : blank ? (size_t)(blank + 1 - text) : strlen(text);
}

/* A message that is there already gets the new lines in front of its header, and the new body. */
static void combine(struct catalog_item *old, const char *text)
{
	size_t header = header_length(text), old_header = header_length(old->text);
	char *both = hull_asprintf("%.*s%.*s%s", (int)header, text, (int)old_header, old->text,
				   text[header] ? text + header : old->text + old_header);

	free(old->text);
	old->text = both;
}

static int finish_item(struct catalog_reader *r, struct hull_err *e)
{
	struct catalog *c = r->c;

	if (!r->text.n)
		return hull_fail(e, HULL_FAILED, "a message without a text");
	for (size_t i = 0; i < c->n; i++) {
		if (memcmp(c->v[i].id, r->item.id, ID_BYTES) != 0 ||
		    strcmp(c->v[i].language, r->item.language) != 0)
			continue;
		combine(&c->v[i], r->text.p);
		r->text.n = 0;
		return 0;
	}
	c->v = hull_grow(c->v, &c->cap, c->n, sizeof *c->v);
	c->v[c->n] = r->item;
	c->v[c->n++].text = hull_buf_steal(&r->text);
	return 0;
}

/* "-- <32 hex digits>[ language]" */
static bool parse_start(const char *line, unsigned char *id, const char **out_language)
{
	const char *p = line + 3;

	if (!hull_starts(line, "-- "))
		return false;
	for (int i = 0; i < ID_BYTES; i++, p += 2) {
		int high = hull_hex_value(p[0]), low = high < 0 ? -1 : hull_hex_value(p[1]);

		if (low < 0)
			return false;
		id[i] = (unsigned char)(high << 4 | low);
	}
	*out_language = p;
	return *p == '\0' || *p == ' ';
}

static int start_item(struct catalog_reader *r, const unsigned char *id, const char *language,
		      struct hull_err *e)
{
	size_t n;

	if (r->started && finish_item(r, e) < 0)
		return -1;
	r->started = true;
	r->item = (struct catalog_item){0};
	memcpy(r->item.id, id, ID_BYTES);
	while (isspace((unsigned char)*language))
		language++;
	if (!*language)
		language = r->language;
	n = strlen(language);
	while (n && isspace((unsigned char)language[n - 1]))
		n--;
	if (n && (n < 2 || n >= LANGUAGE_BYTES))
		return hull_fail(e, HULL_FAILED, "'%s' is not a language", language);
	memcpy(r->item.language, language, n);
	return 0;
}

static int read_line(struct catalog_reader *r, const char *line, struct hull_err *e)
{
	unsigned char id[ID_BYTES];
	const char *language;

	if (!*line) {
		r->after_blank = true;
		return 0;
	}
	if (*line == '#')
		return 0;
	if (r->after_blank && parse_start(line, id, &language)) {
		r->after_blank = false;
		return start_item(r, id, language, e);
	}
	if (!r->started)
		return hull_fail(e, HULL_FAILED, "a text before the first id");
	if (r->after_blank)
		hull_buf_addc(&r->text, '\n');
	hull_buf_addf(&r->text, "%s\n", line);
	r->after_blank = false;
	return 0;
}

static int read_text(struct catalog_reader *r, const struct hull_buf *text, const char *path,
		     struct hull_err *e)
{
	hull_autobuf struct hull_buf line = {0};
	const char *at = text->p, *end = text->p + text->n;
	int number = 1;

	for (; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);

		line.n = 0;
		hull_buf_add(&line, at, n);
		if (read_line(r, line.p, e) < 0)
			return hull_wrap(e, "%s:%d: ", path, number);
		at = newline ? newline + 1 : end;
	}
	return r->started && finish_item(r, e) < 0 ? hull_wrap(e, "%s:%d: ", path, number) : 0;
}

/* "systemd.pt_BR.catalog" is in pt_BR. */
static char *file_language(const char *name)
{
	const char *end = name + strlen(name) - strlen(".catalog");
	const char *dot = memrchr(name, '.', (size_t)(end - name));

	return dot && end - dot <= LANGUAGE_BYTES ? hull_strndup(dot + 1, (size_t)(end - dot - 1))
						  : hull_strdup("");
}

static int read_file(const struct hull_tree *t, const struct hull_confdir_file *f,
		     struct catalog *c, struct hull_err *e)
{
	hull_autofree char *language = file_language(f->name);
	struct catalog_reader r = {.c = c, .language = language, .after_blank = true};
	hull_autobuf struct hull_buf text = {0};
	int rc = hull_tree_read(t, f->node, &text, e);

	if (rc < 0)
		return hull_wrap(e, "%s: ", f->path);
	rc = read_text(&r, &text, f->path, e);
	hull_buf_fini(&r.text);
	return rc;
}

/* --- writing --- */

static int by_id(const void *a, const void *b)
{
	const struct catalog_item *x = a, *y = b;
	int order = memcmp(x->id, y->id, ID_BYTES);

	return order ? order : strcmp(x->language, y->language);
}

static void put(struct hull_buf *out, uint64_t n)
{
	unsigned char bytes[8];

	hull_put_le64(bytes, n);
	hull_buf_add(out, bytes, sizeof bytes);
}

static void write_catalog(struct catalog *c, struct hull_buf *out)
{
	struct hull_strpool pool;

	hull_strpool_init(&pool);
	for (size_t i = 0; i < c->n; i++)
		c->v[i].offset = hull_strpool_add(&pool, c->v[i].text, strlen(c->v[i].text));
	qsort(c->v, c->n, sizeof *c->v, by_id);
	hull_buf_adds(out, "RHHHKSLP");
	put(out, 0); /* compatible and incompatible flags */
	put(out, HEADER_BYTES);
	put(out, c->n);
	put(out, ITEM_BYTES);
	hull_assert(out->n == HEADER_BYTES);
	for (size_t i = 0; i < c->n; i++) {
		hull_buf_add(out, c->v[i].id, ID_BYTES);
		hull_buf_add(out, c->v[i].language, LANGUAGE_BYTES);
		put(out, c->v[i].offset);
	}
	hull_buf_add(out, pool.bytes.p, pool.bytes.n);
	hull_strpool_fini(&pool);
}

static int add_database(struct hull_tree *t, struct catalog *c, int64_t newest, struct hull_err *e)
{
	hull_autobuf struct hull_buf out = {0};

	write_catalog(c, &out);
	return hull_tree_put_file(t, DATABASE, out.p, out.n, 0644, newest, e) < 0 ? -1 : 0;
}

int hull_catalog_add(struct hull_tree *t, struct hull_err *e)
{
	struct hull_confdir files = {0};
	struct catalog c = {0};
	int64_t newest = 0;
	int rc = 0;

	hull_confdir_add(t, "/usr/local/lib/systemd/catalog", ".catalog", &files);
	hull_confdir_add(t, "/usr/lib/systemd/catalog", ".catalog", &files);
	hull_confdir_sort(&files);
	for (size_t i = 0; rc == 0 && i < files.n; i++) {
		rc = read_file(t, &files.v[i], &c, e);
		if (t->v[files.v[i].node].mtime > newest)
			newest = t->v[files.v[i].node].mtime;
	}
	if (rc == 0 && c.n)
		rc = add_database(t, &c, newest, e);
	for (size_t i = 0; i < c.n; i++)
		free(c.v[i].text);
	free(c.v);
	hull_confdir_fini(&files);
	return rc;
}
