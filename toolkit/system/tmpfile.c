// SPDX-License-Identifier: MIT
#include "system/tmpfile.h"

#include <stdlib.h>
#include <string.h>

#include "system/confdir.h"
#include "system/specifier.h"

enum { TYPE, PATH, MODE, USER, GROUP, AGE, NFIELDS };

bool hull_path_is_for_boot(const char *path)
{
	static const char *const directories[] = {"/run",  "/tmp", "/dev",
						  "/proc", "/sys", "/var/run"};

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
		size_t n = strlen(directories[i]);

		if (hull_starts(path, directories[i]) && (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}

/* Returns 1 for a line that is for the boot. */
static int parse_type(const char *text, struct hull_tmpfile *out, struct hull_err *e)
{
	bool for_boot = strchr("xXrRaAhH", *text) != NULL;

	if (!*text || !strchr("fFwdDevqQpLcbCxXrRzZmtTaAhH", *text))
		return hull_fail(e, HULL_FAILED, "unknown type '%s'", text);
	out->type = *text;
	for (const char *p = text + 1; *p; p++) {
		if (*p == '+')
			out->force = true;
		else if (*p == '-')
			out->may_fail = true;
		else if (*p == '=')
			out->replace = true;
		else if (*p == '?')
			out->needs_source = true;
		else if (*p == '!' || *p == '^')
			for_boot = true;
		else if (*p != '~' && *p != '$')
			return hull_fail(e, HULL_FAILED, "unknown modifier in type '%s'", text);
	}
	if (out->type == 'F') {
		out->type = 'f';
		out->force = true;
	} else if (out->type == 'm') {
		out->type = 'z';
	} else if (strchr("DvqQ", out->type)) {
		out->type = 'd';
	}
	return for_boot;
}

/* Without "//" and a slash at the end. */
static int parse_path(const char *text, struct hull_arena *a, struct hull_tmpfile *out,
		      struct hull_err *e)
{
	char *path = hull_arena_alloc(a, strlen(text) + 2), *p = path;
	const char *from = text;

	if (*from != '/')
		return hull_fail(e, HULL_FAILED, "'%s' is not an absolute path", text);
	while (*from) {
		size_t n;

		from += strspn(from, "/");
		n = strcspn(from, "/");
		if (n == 2 && from[0] == '.' && from[1] == '.')
			return hull_fail(e, HULL_FAILED, "'%s' has \"..\" in it", text);
		if (n == 0 || (n == 1 && *from == '.')) {
			from += n;
			continue;
		}
		*p++ = '/';
		memcpy(p, from, n);
		p += n;
		from += n;
	}
	if (p == path)
		*p++ = '/';
	*p = '\0';
	out->path = path;
	return 0;
}

static int parse_mode(const char *text, struct hull_tmpfile *out, struct hull_err *e)
{
	const char *p = text;
	mode_t mode = 0;

	for (; *p == '~' || *p == ':'; p++) {
		out->mode_is_mask |= *p == '~';
		out->mode_at_first |= *p == ':';
	}
	if (!*p || strlen(p) > 5 || p[strspn(p, "01234567")] != '\0')
		return hull_fail(e, HULL_FAILED, "'%s' is not a mode", text);
	for (; *p; p++)
		mode = mode << 3 | (mode_t)(*p - '0');
	if (mode > 07777)
		return hull_fail(e, HULL_FAILED, "'%s' is not a mode", text);
	out->mode = mode;
	out->has_mode = true;
	return 0;
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static bool decode_base64(const char *text, struct hull_buf *out)
{
	unsigned int bits = 0;
	size_t n = 0, padding;

	for (; base64_digit(*text) >= 0; text++) {
		bits = bits << 6 | (unsigned int)base64_digit(*text);
		n++;
		if (n % 4 != 1) /* the first digit completes no byte */
			hull_buf_addc(out, (char)(bits >> ((4 - n % 4) % 4 * 2) & 0xff));
	}
	padding = strspn(text, "=");
	return text[padding] == '\0' && n % 4 != 1 && (padding == 0 || (n + padding) % 4 == 0);
}

static int parse_argument(const struct hull_tree *t, const char *text, bool base64,
			  struct hull_arena *a, struct hull_tmpfile *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf plain = {0}, full = {0};
	char *copy;
	int rc;

	if (!*text || !strcmp(text, "-"))
		return 0;
	if (strchr("CLfw", out->type)) {
		if (!hull_unescape(text, &plain))
			return hull_fail(e, HULL_FAILED, "'%s' has a malformed escape", text);
	} else {
		hull_buf_adds(&plain, text);
	}
	rc = hull_specifier_expand(t, plain.p, &full, e);
	if (rc != 0)
		return rc;
	if (base64) {
		plain.n = 0;
		hull_buf_adds(&plain, "");
		if (!decode_base64(full.p, &plain))
			return hull_fail(e, HULL_FAILED, "'%s' is not base64", full.p);
	}
	out->argument_bytes = base64 ? plain.n : full.n;
	copy = hull_arena_alloc(a, out->argument_bytes + 1);
	memcpy(copy, base64 ? plain.p : full.p, out->argument_bytes);
	out->argument = copy;
	return 0;
}

/* Who owns it; NULL when it is not given. */
static const char *parse_owner(const char *text, bool *out_at_first)
{
	if (!text)
		return NULL;
	*out_at_first = *text == ':';
	text += *out_at_first;
	return !*text || !strcmp(text, "-") ? NULL : text;
}

/* The fields with specifiers replaced, NULL for those left out; what follows them in *line.
 * Returns 1 if the running system is asked for. */
static int split(const struct hull_tree *t, const char **line, struct hull_arena *a,
		 const char **field, struct hull_err *e)
{
	hull_autobuf struct hull_buf word = {0}, text = {0};

	for (int i = 0; i < NFIELDS; i++) {
		int rc = hull_line_word(line, true, &word);

		if (rc < 0)
			return hull_fail(e, HULL_FAILED, "a malformed quote or escape");
		if (rc == 0)
			break;
		if (!word.n || !strcmp(word.p, "-"))
			continue;
		if (i != PATH && i != USER && i != GROUP) {
			field[i] = hull_arena_strdup(a, word.p);
			continue;
		}
		rc = hull_specifier_expand(t, word.p, &text, e);
		if (rc != 0)
			return rc;
		field[i] = hull_arena_strdup(a, text.p);
	}
	return 0;
}

static int parse_fields(const struct hull_tree *t, const char *line, struct hull_arena *a,
			struct hull_tmpfile *out, struct hull_err *e)
{
	const char *field[NFIELDS] = {0};
	int rc = split(t, &line, a, field, e);
	const char *type = field[TYPE] ? field[TYPE] : "";

	if (rc != 0)
		return rc;
	rc = parse_type(type, out, e);
	if (rc != 0)
		return rc;
	if (!field[PATH])
		return hull_fail(e, HULL_FAILED, "a line without a path");
	if (parse_path(field[PATH], a, out, e) < 0)
		return -1;
	hull_assert(out->path);
	if (hull_path_is_for_boot(out->path))
		return 1;
	if (field[MODE] && parse_mode(field[MODE], out, e) < 0)
		return -1;
	out->user = parse_owner(field[USER], &out->user_at_first);
	out->group = parse_owner(field[GROUP], &out->group_at_first);
	return parse_argument(t, line, strchr(type, '~') != NULL, a, out, e);
}

static int parse_line(const struct hull_tree *t, const char *line, const char *where, void *to,
		      struct hull_err *e)
{
	struct hull_tmpfiles *out = to;
	struct hull_tmpfile item = {0};
	int rc;

	if (!*line || *line == '#')
		return 0;
	rc = parse_fields(t, line, &out->arena, &item, e);
	if (rc < 0)
		return hull_wrap(e, "%s: ", where);
	if (rc == 1)
		return 0;
	item.where = hull_arena_strdup(&out->arena, where);
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n++] = item;
	return 0;
}

int hull_tmpfiles_read(const struct hull_tree *t, struct hull_tmpfiles *out, struct hull_err *e)
{
	*out = (struct hull_tmpfiles){0};
	if (hull_confdir_read(t, "tmpfiles.d", ".conf", parse_line, out, e) == 0)
		return 0;
	hull_tmpfiles_fini(out);
	return -1;
}

void hull_tmpfiles_fini(struct hull_tmpfiles *f)
{
	hull_arena_fini(&f->arena);
	free(f->v);
	*f = (struct hull_tmpfiles){0};
}
