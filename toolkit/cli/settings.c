// SPDX-License-Identifier: MIT
#include "cli/settings.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { MAX_BYTES = 1 << 20 };

/* What hull.conf of a tree may set: where hashed sources come from, and how much is built at once. Not what
 * weakens a check, names a key or a repository, or runs a program. */
static const char *const of_trees[] = {
	"cpus",	    "disk",   "fail-on",   "format",	 "inodes", "jobs",   "keep-going",
	"log-size", "memory", "processes", "source-url", "specs",  "strict", "timeout",
};

/* --- places --- */

/* The caller frees; NULL if there is no home. */
static char *user_file(void)
{
	const char *config = hull_env("XDG_CONFIG_HOME"), *home = hull_env("HOME");

	if (config)
		return hull_asprintf("%s/hull/hull.conf", config);
	return home ? hull_asprintf("%s/.config/hull/hull.conf", home) : NULL;
}

/* --- lines --- */

struct reader {
	struct hull_settings *s;
	const char *file, *command;
	int line;
	bool tree;
};

static int fail_at(const struct reader *r, struct hull_err *e, const char *what, const char *name)
{
	return hull_fail(e, HULL_USAGE, "%s:%d: %s '%s'", r->file, r->line, what, name);
}

static const struct hull_command *find_command(const char *name)
{
	for (size_t i = 0; hull_commands[i]; i++)
		if (!strcmp(hull_commands[i]->name, name))
			return hull_commands[i];
	return NULL;
}

/* An option of that command, or of any one when that is NULL. */
static const struct hull_option *find_option(const char *command, const char *name)
{
	const struct hull_option *o = hull_option_find(hull_common_options, name);

	for (size_t i = 0; !o && hull_commands[i]; i++)
		if (!command || !strcmp(hull_commands[i]->name, command))
			o = hull_option_find(hull_commands[i]->options, name);
	return o && o->type != HULL_OPT_HELP ? o : NULL;
}

static const char *nearest(const char *command, const char *name)
{
	const char *best = NULL;
	size_t least = 4;

	for (size_t i = 0; hull_commands[i]; i++) {
		const struct hull_option *o = hull_commands[i]->options;

		if (command && strcmp(hull_commands[i]->name, command) != 0)
			continue;
		for (; o && o->type != HULL_OPT_END; o++) {
			size_t d = hull_edit_distance(o->name, name);

			if (d < least) {
				least = d;
				best = o->name;
			}
		}
	}
	return best;
}

static bool is_of_trees(const char *name)
{
	for (size_t i = 0; i < sizeof of_trees / sizeof *of_trees; i++)
		if (!strcmp(of_trees[i], name))
			return true;
	return false;
}

static char *trim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	return s;
}

static int read_section(struct reader *r, char *text, struct hull_err *e)
{
	char *end = strchr(text, ']');
	const struct hull_command *cmd;

	if (!end || end[1])
		return fail_at(r, e, "no section:", text);
	*end = '\0';
	cmd = find_command(trim(text + 1));
	if (!cmd)
		return fail_at(r, e, "hull has no command", text + 1);
	r->command = cmd->name;
	return 0;
}

/* "~/" is the home of who runs hull; what is no absolute path then is below the directory of the file. */
static const char *path_value(const struct reader *r, const char *value)
{
	const char *home = hull_env("HOME"), *slash = strrchr(r->file, '/');

	if (hull_starts(value, "~/") && home)
		return hull_arena_printf(&r->s->arena, "%s/%s", home, value + 2);
	if (*value == '/' || !slash)
		return value;
	return hull_arena_printf(&r->s->arena, "%.*s/%s", (int)(slash - r->file), r->file, value);
}

/* The value is looked at here, not when some command needs it. */
static int check_value(const struct reader *r, const struct hull_option *o, const char *value,
		       struct hull_err *e)
{
	union {
		bool flag;
		const char *text;
		uint64_t number;
		struct hull_strv list;
	} into = {0};
	struct hull_option at = *o;
	int result;

	at.offset = 0;
	result = hull_option_set(&at, &into, value, e);
	if (o->type == HULL_OPT_LIST)
		hull_strv_fini(&into.list);
	return result < 0 ? hull_wrap(e, "%s:%d: ", r->file, r->line) : 0;
}

static int read_setting(struct reader *r, char *text, struct hull_err *e)
{
	char *equals = strchr(text, '='), *name, *value;
	struct hull_settings *s = r->s;
	const struct hull_option *o;
	const char *near;

	if (!equals)
		return fail_at(r, e, "neither '[COMMAND]' nor 'OPTION = VALUE':", text);
	*equals = '\0';
	name = trim(text);
	value = trim(equals + 1);
	o = find_option(r->command, name);
	near = o ? NULL : nearest(r->command, name);
	if (!o)
		return hull_fail(e, HULL_USAGE, "%s:%d: %s%s has no option '%s'%s%s%s", r->file,
				 r->line, r->command ? "hull " : "no command",
				 r->command ? r->command : "", name, near ? "; did you mean '" : "",
				 near ? near : "", near ? "'?" : "");
	if (r->tree && !is_of_trees(name))
		return hull_fail(e, HULL_USAGE,
				 "%s:%d: '%s' is not for a tree to set: whoever wrote the tree "
				 "would decide it. Put it into hull.conf of the user",
				 r->file, r->line, name);
	if (check_value(r, o, value, e) < 0)
		return -1;
	if (o->type == HULL_OPT_FILE || o->type == HULL_OPT_DIRECTORY)
		value = (char *)path_value(r, value);
	s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
	s->v[s->n++] = (struct hull_setting){
		.command = r->command,
		.option = o->name,
		.value = hull_arena_strdup(&s->arena, value),
		.file = s->files.n - 1,
		.line = r->line,
	};
	return 0;
}

static int read_lines(struct reader *r, char *text, struct hull_err *e)
{
	for (char *line = text, *next; line; line = next) {
		char *start;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		r->line++;
		start = trim(line);
		if (!*start || *start == '#')
			continue;
		if ((*start == '[' ? read_section(r, start, e) : read_setting(r, start, e)) < 0)
			return -1;
	}
	return 0;
}

int hull_settings_read_file(struct hull_settings *s, const char *file, bool tree,
			    struct hull_err *e)
{
	struct reader r = {.s = s, .file = file, .tree = tree};
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read_most(AT_FDCWD, file, MAX_BYTES, &text, e) < 0)
		return -1;
	if (text.n && memchr(text.p, '\0', text.n))
		return hull_fail(e, HULL_USAGE, "%s: has a NUL in it", file);
	hull_strv_add(&s->files, file);
	hull_buf_adds(&text, "");
	return read_lines(&r, text.p, e);
}

int hull_settings_read(struct hull_settings *s, struct hull_err *e)
{
	hull_autofree char *user = user_file();
	const char *system = hull_env("HULL_CONFIG");

	const struct {
		const char *file;
		bool tree;
	} files[] = {
		{system ? system : "/etc/hull.conf", false}, {user, false}, {"hull.conf", true}};

	*s = (struct hull_settings){0};
	if (system && !hull_exists(AT_FDCWD, system))
		return hull_fail(e, HULL_USAGE, "HULL_CONFIG: no file %s", system);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i].file && hull_exists(AT_FDCWD, files[i].file) &&
		    hull_settings_read_file(s, files[i].file, files[i].tree, e) < 0)
			return -1;
	return 0;
}

void hull_settings_fini(struct hull_settings *s)
{
	free(s->v);
	hull_strv_fini(&s->files);
	hull_arena_fini(&s->arena);
	*s = (struct hull_settings){0};
}

/* --- what counts --- */

static bool is_for(const struct hull_setting *x, const char *command, const char *option)
{
	return (!x->command || !strcmp(x->command, command)) && !strcmp(x->option, option);
}

/* Lines of one file add up if the option may be given several times; else, and of several files, the last
 * one counts. */
static int apply_option(const struct hull_settings *s, const char *command,
			const struct hull_option *o, void *into, struct hull_err *e)
{
	const struct hull_setting *last = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (is_for(&s->v[i], command, o->name))
			last = &s->v[i];
	if (last && o->type != HULL_OPT_LIST)
		return hull_option_set(o, into, last->value, e);
	for (size_t i = 0; last && i < s->n; i++)
		if (s->v[i].file == last->file && is_for(&s->v[i], command, o->name) &&
		    hull_option_set(o, into, s->v[i].value, e) < 0)
			return -1;
	return 0;
}

static int apply_table(const struct hull_settings *s, const char *command,
		       const struct hull_option *table, void *into, const struct hull_strv *given,
		       struct hull_err *e)
{
	for (const struct hull_option *o = table; o && o->type != HULL_OPT_END; o++)
		if (!hull_strv_has(given, o->name) && apply_option(s, command, o, into, e) < 0)
			return -1;
	return 0;
}

int hull_settings_apply(const struct hull_settings *s, const struct hull_command *cmd,
			void *options, struct hull_context *ctx, const struct hull_strv *given,
			struct hull_err *e)
{
	if (apply_table(s, cmd->name, cmd->options, options, given, e) < 0)
		return -1;
	return apply_table(s, cmd->name, hull_common_options, ctx, given, e);
}

bool hull_setting_is_overridden(const struct hull_settings *s, size_t i)
{
	const struct hull_setting *x = &s->v[i];
	bool list = find_option(x->command, x->option)->type == HULL_OPT_LIST;

	for (size_t j = i + 1; j < s->n; j++) {
		const struct hull_setting *y = &s->v[j];
		bool same = !strcmp(x->option, y->option) &&
			    (!y->command || (x->command && !strcmp(x->command, y->command)));

		if (same && (!list || y->file != x->file))
			return true;
	}
	return false;
}
