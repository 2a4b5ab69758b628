// SPDX-License-Identifier: MIT
#include "system/unitfile.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "system/confdir.h"
#include "system/specifier.h"

enum { MAX_NAME = 255 };

static const char *const system_directories[] = {
	"/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", NULL};
static const char *const user_directories[] = {
	"/etc/systemd/user",	 "/usr/local/lib/systemd/user", "/usr/local/share/systemd/user",
	"/usr/lib/systemd/user", "/usr/share/systemd/user",	NULL};

const struct hull_unit_scope hull_unit_scopes[2] = {
	{"/etc/systemd/system", system_directories, "systemd/system-preset"},
	{"/etc/systemd/user", user_directories, "systemd/user-preset"},
};

/* --- names --- */

enum hull_unit_kind hull_unit_kind(const char *name)
{
	static const char *const types[] = {".service", ".socket", ".target",	".timer",
					    ".path",	".mount",  ".slice",	".swap",
					    ".device",	".scope",  ".automount"};
	const char *dot = strrchr(name, '.'), *at = strchr(name, '@');
	bool known = false;

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		known |= !strcmp(dot, types[i]);
	if (!known || dot == name || at == name || strlen(name) > MAX_NAME)
		return HULL_UNIT_INVALID;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(":_.\\-@", *p))
			return HULL_UNIT_INVALID;
	return !at ? HULL_UNIT_PLAIN : at + 1 == dot ? HULL_UNIT_TEMPLATE : HULL_UNIT_INSTANCE;
}

const char *hull_unit_instantiate(const char *name, const char *instance, struct hull_arena *a)
{
	const char *at = strchr(name, '@');

	return hull_arena_printf(a, "%.*s@%s%s", (int)(at - name), name, instance,
				 strrchr(name, '.'));
}

const char *hull_unit_template(const char *name, struct hull_arena *a)
{
	return hull_unit_kind(name) == HULL_UNIT_INSTANCE ? hull_unit_instantiate(name, "", a)
							  : NULL;
}

static const char *instance_of(const char *name, struct hull_arena *a)
{
	const char *at = strchr(name, '@') + 1;

	return hull_arena_strndup(a, at, (size_t)(strrchr(name, '.') - at));
}

/* --- the [Install] section --- */

static void set_words(const char *value, struct hull_strv *out, struct hull_buf *word)
{
	if (!*value) {
		hull_strv_fini(out);
		return;
	}
	while (hull_line_word(&value, false, word) > 0)
		hull_strv_add(out, word->p);
}

static void set_field(const char *key, const char *value, struct hull_arena *a,
		      struct hull_unit *out, struct hull_buf *word)
{
	if (!strcmp(key, "WantedBy"))
		set_words(value, &out->wanted_by, word);
	else if (!strcmp(key, "RequiredBy"))
		set_words(value, &out->required_by, word);
	else if (!strcmp(key, "UpheldBy"))
		set_words(value, &out->upheld_by, word);
	else if (!strcmp(key, "Alias"))
		set_words(value, &out->alias, word);
	else if (!strcmp(key, "Also"))
		set_words(value, &out->also, word);
	else if (!strcmp(key, "DefaultInstance"))
		out->default_instance = *value ? hull_arena_strdup(a, value) : NULL;
}

/* A line with those that continue it; comments between them are skipped. */
static const char *logical_line(struct hull_lines *lines, struct hull_buf *out)
{
	const char *line;

	out->n = 0;
	hull_buf_adds(out, "");
	while ((line = hull_lines_next(lines))) {
		if (*line == '#' || *line == ';')
			continue;
		hull_buf_adds(out, line);
		if (!out->n || out->p[out->n - 1] != '\\')
			return out->p;
		out->p[out->n - 1] = ' ';
	}
	return out->n ? out->p : NULL;
}

/* Adds what a unit file's text says in [Install] to a unit. */
static int parse(const char *text, size_t n, struct hull_arena *a, struct hull_unit *out,
		 struct hull_err *e)
{
	hull_autobuf struct hull_buf joined = {0}, word = {0};
	struct hull_lines lines;
	bool install = false;
	const char *line;
	int rc = 0;

	hull_lines_init(&lines, text, n);
	while (rc == 0 && (line = logical_line(&lines, &joined))) {
		char *equals = strchr(joined.p, '='), *end;

		if (*line == '[') {
			install = !strcmp(line, "[Install]");
			continue;
		}
		if (!install || !*line)
			continue;
		if (!equals) {
			rc = hull_fail(e, HULL_FAILED, "%d: '%s' has no '='", lines.number, line);
			continue;
		}
		for (end = equals; end > joined.p && isspace((unsigned char)end[-1]);)
			end--;
		*end = '\0';
		equals++;
		while (isspace((unsigned char)*equals))
			equals++;
		set_field(line, equals, a, out, &word);
	}
	hull_lines_fini(&lines);
	return rc;
}

static int read_text(const struct hull_tree *t, int node, const char *path, struct hull_arena *a,
		     struct hull_unit *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "%s: ", path);
	return parse(text.p, text.n, a, out, e) < 0 ? hull_wrap(e, "%s:", path) : 0;
}

static int read_drop_ins(const struct hull_tree *t, const struct hull_unit_scope *s,
			 const char *name, struct hull_arena *a, struct hull_unit *out,
			 struct hull_err *e)
{
	const char *template_name = hull_unit_template(name, a), *const names[] = {name,
										   template_name};
	struct hull_confdir files = {0};
	int rc = 0;

	for (int i = 0; i < 2 && names[i]; i++)
		for (int f = 0; s->directories[f]; f++)
			hull_confdir_add(
				t, hull_arena_printf(a, "%s/%s.d", s->directories[f], names[i]),
				".conf", &files);
	hull_confdir_sort(&files);
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		rc = read_text(t, files.v[i].node, files.v[i].path, a, out, e);
	hull_confdir_fini(&files);
	return rc;
}

/* --- finding --- */

/* The entry of the first directory that has one. */
static int find_entry(const struct hull_tree *t, const struct hull_unit_scope *s, const char *name,
		      struct hull_arena *a, const char **out_path)
{
	for (int i = 0; s->directories[i]; i++) {
		const char *path = hull_arena_printf(a, "%s/%s", s->directories[i], name);
		int node = hull_tree_find(t, path);

		if (node < 0)
			continue;
		*out_path = path;
		return node;
	}
	return HULL_NO_NODE;
}

int hull_unit_read(const struct hull_tree *t, const struct hull_unit_scope *s, const char *name,
		   struct hull_arena *a, struct hull_unit *out, struct hull_err *e)
{
	const char *template_name = hull_unit_template(name, a), *path = NULL;
	int entry = find_entry(t, s, name, a, &path), node;

	*out = (struct hull_unit){.name = hull_arena_strdup(a, name)};
	if (entry < 0 && template_name)
		entry = find_entry(t, s, template_name, a, &path);
	if (entry < 0)
		return 0;
	node = hull_tree_follow(t, path);
	if (hull_node_is_null(t, entry) || (node >= 0 && hull_node_is_null(t, node))) {
		out->state = HULL_UNIT_MASKED;
		return 0;
	}
	if (node < 0 || !S_ISREG(t->v[t->v[node].inode].mode))
		return 0;
	if (node != entry && hull_unit_kind(t->v[node].name) != HULL_UNIT_INVALID) {
		const char *last = t->v[node].name;
		bool same = !strcmp(last, hull_basename(path));

		/* an alias is another unit's name; a link with the same name is the unit */
		if (!same) {
			path = hull_tree_path(t, node, a);
			out->name = template_name && hull_unit_kind(last) == HULL_UNIT_TEMPLATE
					    ? hull_unit_instantiate(last, instance_of(name, a), a)
					    : hull_arena_strdup(a, last);
		}
	}
	out->state = HULL_UNIT_FOUND;
	out->path = path;
	if (read_text(t, node, path, a, out, e) < 0 ||
	    read_drop_ins(t, s, out->name, a, out, e) < 0) {
		hull_unit_fini(out);
		return -1;
	}
	return 0;
}

void hull_unit_fini(struct hull_unit *u)
{
	hull_strv_fini(&u->wanted_by);
	hull_strv_fini(&u->required_by);
	hull_strv_fini(&u->upheld_by);
	hull_strv_fini(&u->alias);
	hull_strv_fini(&u->also);
}

bool hull_unit_is_static(const struct hull_unit *u)
{
	return !u->wanted_by.n && !u->required_by.n && !u->upheld_by.n && !u->alias.n && !u->also.n;
}

/* --- specifiers --- */

int hull_unit_expand(const struct hull_tree *t, const struct hull_unit *u, const char *text,
		     struct hull_buf *out, struct hull_err *e)
{
	const char *dot = strrchr(u->name, '.'), *at = strchr(u->name, '@');
	int stem = (int)(dot - u->name), prefix = at ? (int)(at - u->name) : stem;
	const char *dash = memrchr(u->name, '-', (size_t)prefix);
	hull_autobuf struct hull_buf other = {0};

	out->n = 0;
	hull_buf_adds(out, "");
	for (; *text; text++) {
		char one[3] = {'%', text[0] == '%' ? text[1] : '\0', '\0'};
		int rc;

		if (*text != '%') {
			hull_buf_addc(out, *text);
			continue;
		}
		text += text[1] != '\0';
		if (*text == 'n') {
			hull_buf_adds(out, u->name);
		} else if (*text == 'N') {
			hull_buf_add(out, u->name, (size_t)stem);
		} else if (*text == 'p') {
			hull_buf_add(out, u->name, (size_t)prefix);
		} else if (*text == 'j') {
			const char *from = dash ? dash + 1 : u->name;

			hull_buf_add(out, from, (size_t)(u->name + prefix - from));
		} else if (*text == 'i') {
			if (at && at + 1 < dot)
				hull_buf_add(out, at + 1, (size_t)(dot - at - 1));
			else if (at && u->default_instance)
				hull_buf_adds(out, u->default_instance);
		} else {
			rc = hull_specifier_expand(t, one, &other, e);
			if (rc > 0)
				return hull_fail(e, HULL_FAILED,
						 "\"%s\" is known on the running system only", one);
			if (rc < 0)
				return -1;
			hull_buf_adds(out, other.p);
		}
	}
	return 0;
}
