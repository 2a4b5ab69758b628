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

static const struct hull_config_field file_fields[] = {
	{"Path", HULL_FIELD_STRING, .offset = offsetof(struct hull_added_file, destination),
	 .read = hull_config_path},
	{"Permissions", HULL_FIELD_CALL, .offset = offsetof(struct hull_added_file, permissions),
	 .read = read_permissions},
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

/* One destination: "/path", or {"Path": ..., "Permissions": ...}. */
static int read_destination(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			    const struct hull_source_file *source, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct hull_added_file f = {
		.source = source, .permissions = -1, .where = hull_config_where(r, v)};

	if (json_is_object(v->json)) {
		if (hull_config_object(r, v, file_fields, &f, e) < 0)
			return -1;
	} else if (hull_config_path(r, v, NULL, e) < 0) {
		return -1;
	} else {
		f.destination = hull_arena_strdup(&c->arena, json_string_value(v->json));
	}
	if (!f.destination || !f.destination[1])
		return hull_jsonpos_fail(e, v, "AdditionalFiles: no Path for %s", v->name);
	for (size_t i = 0; i < c->nfiles; i++)
		if (!strcmp(c->files[i].destination, f.destination))
			return hull_jsonpos_fail(e, v, "AdditionalFiles: two files for %s: also %s",
						 f.destination, c->files[i].where);
	c->files = hull_config_more(c->files, &c->nfiles, sizeof f);
	c->files[c->nfiles - 1] = f;
	return 0;
}

/* Members are sources; a value is one destination or an array of them. */
int hull_config_files(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	struct hull_jsonpos_value m, item;

	(void)into;
	if (!json_is_object(v->json))
		return hull_jsonpos_fail(
			e, v,
			"AdditionalFiles: an object of file names and their destinations was "
			"expected");
	for (bool more = hull_jsonpos_first(v, &m); more; more = hull_jsonpos_next(&m)) {
		const struct hull_source_file *source = open_source(r, &m, e);

		if (!source)
			return -1;
		if (!json_is_array(m.json)) {
			if (read_destination(r, &m, source, e) < 0)
				return -1;
			continue;
		}
		if (!hull_jsonpos_first(&m, &item))
			return hull_jsonpos_fail(e, &m, "AdditionalFiles: no Path for %s", m.key);
		do {
			if (read_destination(r, &item, source, e) < 0)
				return -1;
		} while (hull_jsonpos_next(&item));
	}
	return 0;
}
