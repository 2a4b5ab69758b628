// SPDX-License-Identifier: MIT
#include "repo/mirrorlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "repo/location.h"
#include "repo/xml.h"

void hull_mirrorlist_fini(struct hull_mirrorlist *l)
{
	hull_strv_fini(&l->urls);
	*l = (struct hull_mirrorlist){0};
}

static void add_url(struct hull_mirrorlist *l, const char *url, size_t n)
{
	hull_autofree char *text = hull_strndup(url, n);

	if (l->urls.n < HULL_MIRRORS && hull_repo_is_remote(text) && !strpbrk(text, " \t<>\"") &&
	    !hull_strv_has(&l->urls, text))
		hull_strv_add(&l->urls, text);
}

int hull_mirrorlist_parse(const struct hull_buf *text, struct hull_mirrorlist *out,
			  struct hull_err *e)
{
	const char *line = text->n ? text->p : "";

	*out = (struct hull_mirrorlist){0};
	if (strlen(line) == text->n && strstr(line, "<metalink"))
		return hull_fail(e, HULL_FAILED, "it is a metalink: name it 'metalink:URL'");
	while (*line) {
		size_t all, n;

		line += strspn(line, " \t\r");
		all = strcspn(line, "\n");
		for (n = all; n && strchr(" \t\r", line[n - 1]);)
			n--;
		if (n && *line != '#')
			add_url(out, line, n);
		line += all + (line[all] == '\n');
	}
	if (out->urls.n)
		return 0;
	return hull_fail(e, HULL_FAILED, "it has no http: or https: address on a line of its own");
}

/* --- metalinks --- */

struct mirror {
	const char *url;
	int rank; /* the lowest first */
	size_t place;
};

struct metalink_parser {
	struct hull_arena arena;
	struct hull_mirrorlist *out;
	struct mirror *v;
	size_t n, cap;
	const char *hash_type;
	int rank;
	int file;	/* depth of the file repomd.xml, 0 outside */
	int alternates; /* depth of what is older, 0 outside */
	bool is_metalink;
};

static void start_element(void *ctx, int depth, const char *name, const char **a)
{
	struct metalink_parser *p = ctx;
	const char *value;
	uint64_t number;

	if (depth == 1)
		p->is_metalink = !strcmp(name, "metalink");
	if (!p->file && !strcmp(name, "file")) {
		value = hull_xml_attribute(a, "name");
		p->file = value && !strcmp(value, "repomd.xml") ? depth : 0;
	} else if (p->file && !p->alternates && !strcmp(name, "alternates")) {
		p->alternates = depth;
	} else if (!strcmp(name, "hash")) {
		p->hash_type = hull_arena_strdup(&p->arena, hull_xml_attribute(a, "type"));
	} else if (!strcmp(name, "url")) {
		/* Metalink 3 has a preference, 100 being the best; Metalink 4 a priority from 1 */
		p->rank = 1000;
		value = hull_xml_attribute(a, "preference");
		if (value && hull_parse_u64(value, 0, 100, &number))
			p->rank = 100 - (int)number;
		value = hull_xml_attribute(a, "priority");
		if (value && hull_parse_u64(value, 1, 999999, &number))
			p->rank = (int)number;
	}
}

static void take_hash(struct metalink_parser *p, const char *text)
{
	struct hull_mirrorlist *l = p->out;
	struct hull_checksum sum;

	if (!p->hash_type || !hull_checksum_parse(p->hash_type, text, &sum) ||
	    sum.kind == HULL_SHA1 || (l->has_checksum && l->checksum.kind <= sum.kind))
		return;
	l->checksum = sum;
	l->has_checksum = true;
}

/* Of ".../repodata/repomd.xml" what is before it. */
static void take_url(struct metalink_parser *p, const char *text)
{
	static const char end[] = "/repodata/repomd.xml";

	if (!hull_ends(text, end))
		return;
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n] = (struct mirror){
		hull_arena_strndup(&p->arena, text, strlen(text) - strlen(end) + 1), p->rank, p->n};
	p->n++;
}

static void end_element(void *ctx, int depth, const char *name, const char *text)
{
	struct metalink_parser *p = ctx;

	if (depth == p->alternates)
		p->alternates = 0;
	else if (depth == p->file)
		p->file = 0;
	if (!p->file || p->alternates)
		return;
	if (!strcmp(name, "hash"))
		take_hash(p, text);
	else if (!strcmp(name, "url"))
		take_url(p, text);
	else if (!strcmp(name, "size") && !hull_parse_u64(text, 0, INT64_MAX, &p->out->bytes))
		p->out->bytes = 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct mirror *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

int hull_metalink_parse(const struct hull_buf *text, struct hull_mirrorlist *out,
			struct hull_err *e)
{
	struct metalink_parser p = {.out = out};
	const struct hull_xml_reader reader = {start_element, end_element, &p};
	int r;

	*out = (struct hull_mirrorlist){0};
	r = text->n ? hull_xml_read(&reader, text, "metalink", e)
		    : hull_fail(e, HULL_FAILED, "it is empty");
	if (r == 0 && !p.is_metalink)
		r = hull_fail(e, HULL_FAILED, "it is no metalink: its root is another element");
	if (p.n)
		qsort(p.v, p.n, sizeof *p.v, by_rank);
	for (size_t i = 0; i < p.n; i++)
		add_url(out, p.v[i].url, strlen(p.v[i].url));
	if (r == 0 && !out->urls.n)
		r = hull_fail(e, HULL_FAILED,
			      "it has no http: or https: address of a repodata/repomd.xml");
	if (r == 0 && !out->has_checksum)
		r = hull_fail(e, HULL_FAILED,
			      "it has no SHA-256, SHA-384 or SHA-512 of repomd.xml");
	free(p.v);
	hull_arena_fini(&p.arena);
	if (r < 0)
		hull_mirrorlist_fini(out);
	return r;
}
