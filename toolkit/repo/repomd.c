// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "repo/index.h"
#include "repo/location.h"
#include "repo/xml.h"

static const char *const types[HULL_REPO_FILES] = {"primary", "filelists"};

/* Of a document, as it is and unpacked. */
static const uint64_t MOST_BYTES = (uint64_t)1 << 30;

void hull_repomd_fini(struct hull_repomd *r)
{
	for (size_t i = 0; i < HULL_REPO_FILES; i++) {
		free(r->files[i].location);
		free(r->files[i].base);
		free(r->files[i].path);
	}
	hull_strv_fini(&r->others);
	*r = (struct hull_repomd){0};
}

/* --- the text --- */

/* An element "data" as it is written; strings in the arena, NULL or empty if there is none. */
struct repomd_entry {
	const char *type, *location, *base, *checksum_type, *checksum, *size, *open_size,
		*timestamp;
};

struct repomd_parser {
	struct hull_arena arena;
	struct hull_repomd *out;
	struct repomd_entry entry;
	bool found[HULL_REPO_FILES];
	struct hull_err *e;
	bool is_repomd, failed;
};

static const char *keep(struct repomd_parser *p, const char *s)
{
	return hull_arena_strdup(&p->arena, s);
}

static void start_element(void *ctx, int depth, const char *name, const char **a)
{
	struct repomd_parser *p = ctx;

	if (depth == 1) {
		p->is_repomd = !strcmp(name, "repomd");
	} else if (depth == 2 && !strcmp(name, "data")) {
		p->entry = (struct repomd_entry){.type = keep(p, hull_xml_attribute(a, "type"))};
	} else if (depth == 3 && !strcmp(name, "location")) {
		p->entry.location = keep(p, hull_xml_attribute(a, "href"));
		p->entry.base = keep(p, hull_xml_attribute(a, "base"));
	} else if (depth == 3 && !strcmp(name, "checksum")) {
		p->entry.checksum_type = keep(p, hull_xml_attribute(a, "type"));
	}
}

/* A document that is read. */
static int take_file(const struct repomd_entry *d, const char *type, struct hull_repo_file *out,
		     struct hull_err *e)
{
	static const uint64_t most = INT64_MAX;

	if (!d->location || !hull_repo_is_inside(d->location))
		return hull_fail(e, HULL_FAILED,
				 "repomd.xml: %s has no location inside the repository", type);
	if (!d->checksum || !*d->checksum || !d->checksum_type)
		return hull_fail(e, HULL_FAILED, "repomd.xml: %s has no checksum", type);
	if (!hull_checksum_parse(d->checksum_type, d->checksum, &out->checksum))
		return hull_fail(
			e, HULL_FAILED,
			"repomd.xml: %s: its checksum '%s' of type %s does not count: SHA-256, "
			"SHA-384 or SHA-512, with a warning SHA-1, with all their digits",
			type, d->checksum, d->checksum_type);
	out->location = hull_strdup(d->location);
	out->base = d->base && *d->base ? hull_strdup(d->base) : NULL;
	if (d->size && !hull_parse_u64(d->size, 0, most, &out->bytes))
		out->bytes = MOST_BYTES + 1;
	if (d->open_size && !hull_parse_u64(d->open_size, 0, most, &out->open_bytes))
		out->open_bytes = HULL_REPO_OPEN_BYTES + 1;
	out->max_bytes = out->bytes ? out->bytes : MOST_BYTES;
	if (out->bytes <= MOST_BYTES && out->open_bytes <= HULL_REPO_OPEN_BYTES)
		return 0;
	return hull_fail(e, HULL_FAILED, "repomd.xml: %s is too large: more than %s", type,
			 out->bytes > MOST_BYTES ? "1 GiB" : "4 GiB when it is unpacked");
}

static void end_data(struct repomd_parser *p)
{
	const struct repomd_entry *d = &p->entry;
	uint64_t timestamp;
	/* createrepo of old wrote fractions of seconds */
	hull_autofree char *seconds = hull_strndup(d->timestamp ? d->timestamp : "",
						   d->timestamp ? strcspn(d->timestamp, ".") : 0);

	if (!d->type)
		return;
	if (hull_parse_u64(seconds, 0, INT64_MAX, &timestamp) && timestamp > p->out->timestamp)
		p->out->timestamp = timestamp;
	for (size_t i = 0; i < HULL_REPO_FILES; i++) {
		if (strcmp(d->type, types[i]) != 0 || p->found[i])
			continue;
		p->found[i] = true;
		if (!p->failed && take_file(d, types[i], &p->out->files[i], p->e) < 0)
			p->failed = true;
		return;
	}
	if (!hull_strv_has(&p->out->others, d->type))
		hull_strv_add(&p->out->others, d->type);
}

static void end_element(void *ctx, int depth, const char *name, const char *text)
{
	struct repomd_parser *p = ctx;

	if (depth == 3 && !strcmp(name, "checksum"))
		p->entry.checksum = keep(p, text);
	else if (depth == 3 && !strcmp(name, "size"))
		p->entry.size = keep(p, text);
	else if (depth == 3 && !strcmp(name, "open-size"))
		p->entry.open_size = keep(p, text);
	else if (depth == 3 && !strcmp(name, "timestamp"))
		p->entry.timestamp = keep(p, text);
	else if (depth == 2 && !strcmp(name, "data"))
		end_data(p);
	else if (depth == 2 && !strcmp(name, "revision") &&
		 !hull_parse_u64(text, 0, INT64_MAX, &p->out->revision))
		p->out->revision = 0;
}

/* What there is instead of primary, by its own name. */
static int no_primary(const struct hull_repomd *r, struct hull_err *e)
{
	static const struct {
		const char *type, *what;
	} instead[] = {
		{"primary_zck", "packed with zchunk (primary_zck) only"},
		{"primary_db", "as an SQLite database (primary_db) only"},
		{"primary_zdb", "as an SQLite database packed with zchunk (primary_zdb) only"},
		{"susedata", "as susedata only"},
	};

	for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
		if (hull_strv_has(&r->others, instead[i].type))
			return hull_fail(
				e, HULL_FAILED,
				"repomd.xml: it has packages %s, which hull does not read: it "
				"reads primary as XML, plain or packed with gzip, bzip2, xz or "
				"zstd",
				instead[i].what);
	return hull_fail(e, HULL_FAILED, "repomd.xml names no primary document");
}

int hull_repomd_parse(const struct hull_buf *repomd, struct hull_repomd *out, struct hull_err *e)
{
	struct repomd_parser p = {.out = out, .e = e};
	const struct hull_xml_reader reader = {start_element, end_element, &p};
	struct hull_err why;
	int r;

	*out = (struct hull_repomd){0};
	if (!repomd->n)
		return hull_fail(e, HULL_FAILED, "repomd.xml is empty");
	r = hull_xml_read(&reader, repomd, "repomd.xml", &why);
	if (r < 0)
		hull_fail_as(e, &why);
	else if (!p.is_repomd)
		r = hull_fail(e, HULL_FAILED, "repomd.xml: its root is no element repomd");
	else if (p.failed)
		r = -1;
	else if (!out->files[0].location)
		r = no_primary(out, e);
	hull_arena_fini(&p.arena);
	if (r < 0)
		hull_repomd_fini(out);
	return r;
}
