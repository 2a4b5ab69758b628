// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <stdlib.h>
#include <string.h>

static int read_permissions(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			    void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);
	size_t n = s ? strlen(s) : 0;

	(void)r;
	if (s && !n)
		return 0;
	if (!s || n > 4 || strspn(s, "01234567") != n)
		return hull_jsonpos_fail(e, v,
					 "Permissions: an octal number as a string was expected, "
					 "like \"644\"");
	*(int *)into = (int)strtol(s, NULL, 8);
	return 0;
}

/* A destination as it is being read. */
struct file_entry {
	struct hull_added_file f;
	const char *content; /* NULL: that of the source */
	size_t content_bytes;
};

static int read_content(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	struct file_entry *entry = into;
	const char *s = hull_config_string(v, e);

	if (!s)
		return -1;
	entry->content = hull_arena_strdup(&r->c->arena, s);
	entry->content_bytes = strlen(s);
	return 0;
}

#define AT(member) offsetof(struct file_entry, member)

static const struct hull_config_field file_fields[] = {
	{"Path", HULL_FIELD_STRING, .offset = AT(f.destination), .read = hull_config_path},
	{"Permissions", HULL_FIELD_CALL, .offset = AT(f.permissions), .read = read_permissions},
	{"Content", HULL_FIELD_CALL, .read = read_content},
	{.kind = HULL_FIELD_END},
};

/* Opens the file that a member names; NULL with e set. */
static const struct hull_source_file *open_source(struct hull_config_reader *r,
						  const struct hull_jsonpos_value *m,
						  struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	const char *path;
	hull_autofd int fd = hull_config_open(r, m, m->key, &path, e);
	struct hull_source_file *s;
	char digest[HULL_HEX];

	if (fd < 0)
		return NULL;
	if (hull_hash_fd(fd, digest, NULL, e) < 0) {
		hull_wrap(e, "%s: ", path);
		return NULL;
	}
	hull_hash_field(r->digest, "file", digest);
	s = hull_arena_alloc(&c->arena, sizeof *s);
	*s = (struct hull_source_file){.path = path, .fd = hull_steal_fd(&fd), .next = c->sources};
	c->sources = s;
	return s;
}

static const struct hull_source_file *text_source(struct hull_config_reader *r,
						  const struct file_entry *entry)
{
	struct hull_source_file *s = hull_arena_alloc(&r->c->arena, sizeof *s);

	*s = (struct hull_source_file){.path = entry->f.where,
				       .fd = -1,
				       .text = entry->content,
				       .text_bytes = entry->content_bytes,
				       .mode = 0644};
	return s;
}

static int add_file(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		    const struct hull_added_file *f, struct hull_err *e)
{
	struct hull_image_config *c = r->c;

	for (size_t i = 0; i < c->nfiles; i++)
		if (!strcmp(c->files[i].destination, f->destination))
			return hull_jsonpos_fail(e, v, "AdditionalFiles: two files for %s: also %s",
						 f->destination, c->files[i].where);
	c->files = hull_config_more(c->files, &c->nfiles, sizeof *f);
	c->files[c->nfiles - 1] = *f;
	return 0;
}

/* What a member is about: its file is opened by the first destination that has no content of its own. */
struct added_member {
	const struct hull_jsonpos_value *m;
	const struct hull_source_file *source;
};

/* A destination that is for a directory. */
struct added_directory {
	const struct hull_jsonpos_value *v;
	const struct hull_added_file *f;
};

static int add_found(struct hull_config_reader *r, const struct hull_source_file *source,
		     const char *below, void *context, struct hull_err *e)
{
	const struct added_directory *a = context;
	struct hull_added_file f = *a->f;

	f.source = source;
	f.destination = hull_arena_printf(&r->c->arena, "%s/%s", f.destination, below);
	return add_file(r, a->v, &f, e);
}

static int add_from_source(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			   struct added_member *a, struct hull_added_file *f, struct hull_err *e)
{
	struct added_directory d = {v, f};
	int directory;

	if (!a->source) {
		directory = hull_config_directory(r, a->m, a->m->key, add_found, &d, e);
		if (directory)
			return directory < 0 ? -1 : 0;
		a->source = open_source(r, a->m, e);
	}
	f->source = a->source;
	return a->source ? add_file(r, v, f, e) : -1;
}

/* One destination: "/path", or {"Path": ..., "Permissions": ..., "Content": ...}. */
static int read_destination(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			    struct added_member *a, struct hull_err *e)
{
	struct file_entry entry = {.f = {.permissions = -1, .where = hull_config_where(r, v)}};
	struct hull_added_file *f = &entry.f;

	if (json_is_object(v->json)) {
		if (hull_config_object(r, v, file_fields, &entry, e) < 0)
			return -1;
	} else if (hull_config_path(r, v, NULL, e) < 0) {
		return -1;
	} else {
		f->destination = hull_arena_strdup(&r->c->arena, json_string_value(v->json));
	}
	if (!f->destination || !f->destination[1])
		return hull_jsonpos_fail(e, v, "AdditionalFiles: no Path for %s", v->name);
	if (!entry.content)
		return add_from_source(r, v, a, f, e);
	f->source = text_source(r, &entry);
	return add_file(r, v, f, e);
}

static int read_member(struct hull_config_reader *r, const struct hull_jsonpos_value *m,
		       struct hull_err *e)
{
	struct added_member a = {.m = m};
	struct hull_jsonpos_value item;

	if (!json_is_array(m->json))
		return read_destination(r, m, &a, e);
	if (!hull_jsonpos_first(m, &item))
		return hull_jsonpos_fail(e, m, "AdditionalFiles: no Path for %s", m->key);
	do {
		if (read_destination(r, &item, &a, e) < 0)
			return -1;
	} while (hull_jsonpos_next(&item));
	return 0;
}

/* Members are sources; a value is one destination or an array of them. */
int hull_config_files(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	struct hull_jsonpos_value m;
	int result = 0;

	(void)into;
	if (!json_is_object(v->json))
		return hull_jsonpos_fail(
			e, v,
			"AdditionalFiles: an object of file names and their destinations was "
			"expected");
	for (bool more = hull_jsonpos_first(v, &m); more; more = hull_jsonpos_next(&m))
		if (read_member(r, &m, e) < 0) {
			hull_config_note(r, e);
			result = -1;
		}
	return result;
}
