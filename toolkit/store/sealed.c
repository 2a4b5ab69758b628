// SPDX-License-Identifier: MIT
#include "store/sealed.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "store/intact.h"
#include "text/json.h"

/* What is around the digest. */
static const struct form {
	const char *before, *after;
} forms[] = {
	{",\n\"seal\": \"", "\"}\n"},
	{"\nseal ", "\n"},
};

enum { JSON, LINES };

static void compute(const char *p, size_t n, enum hull_store_kind kind, const char *name,
		    char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	hull_hash_field(h, "place", hull_store_path(kind, name).path);
	hull_hash_add(h, p, n);
	hull_hash_hex(h, out);
}

static void add_seal(const struct form *f, struct hull_buf *text, enum hull_store_kind kind,
		     const char *name)
{
	char hex[HULL_HEX];

	compute(text->p, text->n, kind, name, hex);
	hull_buf_addf(text, "%s%s%s", f->before, hex, f->after);
}

/* The brace at the end comes after the seal. What has no members has one then, so that the comma is right. */
void hull_seal_json(struct hull_buf *text, enum hull_store_kind kind, const char *name)
{
	while (text->n && text->p[text->n - 1] != '}')
		text->n--;
	hull_assert(text->n > 1);
	text->n--;
	while (strchr(" \n", text->p[text->n - 1]))
		text->n--;
	if (text->p[text->n - 1] == '{')
		hull_buf_adds(text, "\"empty\": true");
	add_seal(&forms[JSON], text, kind, name);
}

void hull_seal_lines(struct hull_buf *text, enum hull_store_kind kind, const char *name)
{
	add_seal(&forms[LINES], text, kind, name);
}

static bool ends_with_seal(const struct form *f, const char *p, size_t n, size_t *out_n)
{
	size_t before = strlen(f->before), after = strlen(f->after);
	size_t length = before + HULL_HEX - 1 + after;
	const char *at = p + n - length;

	if (n < length || memcmp(at, f->before, before) != 0 ||
	    memcmp(p + n - after, f->after, after) != 0)
		return false;
	*out_n = n - length;
	return true;
}

bool hull_seal_is_old_line(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < ' ')
			return false;
	return n > 0;
}

enum hull_seal hull_seal_look(const struct hull_buf *text, enum hull_store_kind kind,
			      const char *name, size_t *out_n)
{
	*out_n = text->n;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		char hex[HULL_HEX];

		if (!ends_with_seal(&forms[i], text->p, text->n, out_n))
			continue;
		compute(text->p, *out_n, kind, name, hex);
		return memcmp(hex, text->p + *out_n + strlen(forms[i].before), HULL_HEX - 1) == 0
			       ? HULL_SEALED
			       : HULL_BROKEN;
	}
	/* one that was cut off, or is followed by something, is no file of old */
	return text->n && (memmem(text->p, text->n, "\n\"seal\"", 7) ||
			   memmem(text->p, text->n, "\nseal ", 6))
		       ? HULL_BROKEN
		       : HULL_UNSEALED;
}

int hull_sealed_write(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		      const json_t *j, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	hull_json_text(j, true, &text);
	hull_seal_json(&text, kind, name);
	return hull_file_write(s->fd, hull_store_path(kind, name).path, text.p, text.n, 0644, e);
}

int hull_sealed_read(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		     json_t **out, enum hull_seal *out_seal, struct hull_err *why)
{
	struct hull_store_path o = hull_store_path(kind, name);
	hull_autobuf struct hull_buf text = {0};
	json_error_t je;
	size_t n;

	*out = NULL;
	if (hull_file_read(s->fd, o.path, &text, why) < 0)
		return why->sys != ENOENT && hull_intact_is_damage(why) ? 0 : -1;
	*out_seal = hull_seal_look(&text, kind, name, &n);
	if (*out_seal == HULL_BROKEN) {
		hull_fail(why, HULL_FAILED, "%s: its seal does not hold", o.path);
		return 0;
	}
	*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	if (!*out) {
		hull_fail(why, HULL_FAILED, "%s:%d:%d: %s", o.path, je.line, je.column, je.text);
		return 0;
	}
	json_object_del(*out, "seal");
	json_object_del(*out, "empty");
	return 1;
}

int hull_sealed_take(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		     json_t **out, struct hull_err *e)
{
	enum hull_seal seal;
	struct hull_err why;
	int r = hull_sealed_read(s, kind, name, out, &seal, &why);

	if (r == 0)
		return hull_intact_set_aside(s, kind, name, why.msg, e);
	if (r < 0)
		return why.sys == ENOENT ? 0 : hull_fail_as(e, &why);
	if (seal == HULL_SEALED)
		return 1;
	json_decref(*out);
	*out = NULL;
	return 0;
}

int hull_sealed_have(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		     struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_err why;
	size_t n;

	if (!hull_store_has(s, kind, name))
		return 0;
	if (hull_intact_known(s, kind, name))
		return 1;
	if (hull_file_read(s->fd, hull_store_path(kind, name).path, &text, &why) < 0) {
		if (!hull_intact_is_damage(&why))
			return hull_fail_as(e, &why);
	} else if (hull_seal_look(&text, kind, name, &n) == HULL_SEALED) {
		hull_intact_note(s, kind, name);
		return 1;
	} else {
		hull_fail(&why, HULL_FAILED, "its seal does not hold");
	}
	return hull_intact_set_aside(s, kind, name, why.msg, e);
}
