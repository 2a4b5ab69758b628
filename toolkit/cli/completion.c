// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli/manual.h"

static void words(struct hull_buf *out, const struct hull_option *t)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		hull_buf_addf(out, " --%s", t->name);
		if (t->letter)
			hull_buf_addf(out, " -%c", t->letter);
	}
}

static void values(struct hull_buf *out, const struct hull_option *t, enum hull_option_type type)
{
	for (; t && t->type != HULL_OPT_END; t++)
		if (t->type == type || (type == HULL_OPT_DIRECTORY && t->type == HULL_OPT_LIST &&
					t->arg && !strcmp(t->arg, "DIR")))
			hull_buf_addf(out, "|--%s", t->name);
}

/* Names of specs are the directories of SPECS/. */
static void bash(struct hull_buf *out)
{
	hull_buf_adds(
		out,
		"_hull() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		"\tlocal words=''\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords='");
	for (size_t i = 0; hull_commands[i]; i++)
		hull_buf_addf(out, "%s%s", i ? " " : "", hull_commands[i]->name);
	hull_buf_adds(out,
		      "'\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\t\treturn\n\tfi\n"
		      "\tcase $prev in\n\t-");
	values(out, hull_common_options, HULL_OPT_DIRECTORY);
	for (size_t i = 0; hull_commands[i]; i++)
		values(out, hull_commands[i]->options, HULL_OPT_DIRECTORY);
	hull_buf_adds(out, ") COMPREPLY=($(compgen -d -- \"$cur\")); return;;\n\tesac\n"
			   "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; hull_commands[i]; i++) {
		hull_buf_addf(out, "\t%s) words='", hull_commands[i]->name);
		words(out, hull_commands[i]->options);
		words(out, hull_common_options);
		hull_buf_adds(out, "'");
		if (strstr(hull_commands[i]->args, "SPEC"))
			hull_buf_adds(
				out,
				"\n\t\t[ \"${cur#-}\" != \"$cur\" ] || words=$(ls SPECS 2>/dev/null)");
		hull_buf_adds(out, ";;\n");
	}
	hull_buf_adds(out, "\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
			   "complete -F _hull hull\n");
}

/* Help text inside single quotes of a shell. */
static void quoted(struct hull_buf *out, const char *s, const char *escape)
{
	for (; *s; s++) {
		if (*s == '\'')
			hull_buf_adds(out, "'\\''");
		else if (strchr(escape, *s))
			hull_buf_addf(out, "\\%c", *s);
		else
			hull_buf_addc(out, *s);
	}
}

static void zsh_options(struct hull_buf *out, const struct hull_option *t)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		bool choice = t->type == HULL_OPT_CHOICE;

		hull_buf_addf(out, " \\\n\t\t'%s--%s[",
			      choice || t->type == HULL_OPT_LIST ? "*" : "", t->name);
		quoted(out, t->help, "[]:\\");
		hull_buf_adds(out, "]");
		if (t->arg && !choice)
			hull_buf_addf(out, ":%s:%s", t->arg,
				      t->type == HULL_OPT_DIRECTORY || !strcmp(t->arg, "DIR")
					      ? "_files -/"
				      : t->type == HULL_OPT_FILE ? "_files"
								 : "");
		hull_buf_adds(out, "'");
	}
}

static void zsh(struct hull_buf *out)
{
	hull_buf_adds(
		out,
		"#compdef hull\n_hull() {\n\tif (( CURRENT == 2 )); then\n\t\tlocal -a commands=(");
	for (size_t i = 0; hull_commands[i]; i++) {
		hull_buf_addf(out, "\n\t\t\t'%s:", hull_commands[i]->name);
		quoted(out, hull_commands[i]->summary, ":\\");
		hull_buf_adds(out, "'");
	}
	hull_buf_adds(out,
		      ")\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tlocal cmd=$words[2]\n"
		      "\tshift words; (( CURRENT-- ))\n\tcase $cmd in\n");
	for (size_t i = 0; hull_commands[i]; i++) {
		hull_buf_addf(out, "\t%s) _arguments", hull_commands[i]->name);
		zsh_options(out, hull_commands[i]->options);
		zsh_options(out, hull_common_options);
		if (strstr(hull_commands[i]->args, "SPEC"))
			hull_buf_adds(out,
				      " \\\n\t\t'*:spec:(${(@f)\"$(ls SPECS 2>/dev/null)\"})'");
		hull_buf_adds(out, ";;\n");
	}
	hull_buf_adds(out, "\tesac\n}\n_hull \"$@\"\n");
}

static void fish_options(struct hull_buf *out, const char *condition, const struct hull_option *t)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		hull_buf_addf(out, "complete -c hull %s -l %s", condition, t->name);
		if (t->letter)
			hull_buf_addf(out, " -s %c", t->letter);
		if (t->arg && t->type != HULL_OPT_CHOICE)
			hull_buf_adds(out, t->type == HULL_OPT_FILE || !strcmp(t->arg, "DIR")
						   ? " -rF"
						   : " -x");
		hull_buf_adds(out, " -d '");
		for (const char *s = t->help; *s; s++)
			hull_buf_addf(out, "%s%c", *s == '\'' || *s == '\\' ? "\\" : "", *s);
		hull_buf_adds(out, "'\n");
	}
}

static void fish(struct hull_buf *out)
{
	hull_buf_adds(out, "complete -c hull -f\n");
	for (size_t i = 0; hull_commands[i]; i++) {
		const struct hull_command *c = hull_commands[i];
		hull_autobuf struct hull_buf when = {0};

		hull_buf_addf(&when, "-n '__fish_seen_subcommand_from %s'", c->name);
		hull_buf_addf(out, "complete -c hull -n __fish_use_subcommand -a %s -d '", c->name);
		for (const char *s = c->summary; *s; s++)
			hull_buf_addf(out, "%s%c", *s == '\'' || *s == '\\' ? "\\" : "", *s);
		hull_buf_adds(out, "'\n");
		fish_options(out, when.p, c->options);
		fish_options(out, when.p, hull_common_options);
		if (strstr(c->args, "SPEC"))
			hull_buf_addf(out, "complete -c hull %s -a '(ls SPECS 2>/dev/null)'\n",
				      when.p);
	}
}

int hull_completion(const char *shell, struct hull_buf *out, struct hull_err *e)
{
	if (!strcmp(shell, "bash"))
		bash(out);
	else if (!strcmp(shell, "zsh"))
		zsh(out);
	else if (!strcmp(shell, "fish"))
		fish(out);
	else
		return hull_fail(e, HULL_USAGE, "no completion for '%s': bash, zsh or fish", shell);
	return 0;
}
