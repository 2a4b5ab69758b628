// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/context.h"
#include "cli/manual.h"
#include "cli/print.h"

struct help_options {
	const char *man, *man_all, *completion;
};

#define AT(member) offsetof(struct help_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_STRING, "man", 0, AT(man), "COMMAND", "the man page of a command, as roff"},
	{HULL_OPT_DIRECTORY, "man-all", 0, AT(man_all), "DIR",
	 "write all man pages into a directory"},
	{HULL_OPT_STRING, "completion", 0, AT(completion), "SHELL",
	 "completion for bash, zsh or fish"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

void hull_help_overview(struct hull_buf *out)
{
	hull_buf_adds(out, "hull builds the operating system image of a container host from RPM "
			   "specs.\n\nusage: hull COMMAND [OPTIONS] [ARGUMENTS]\n\n");
	for (size_t i = 0; hull_commands[i]; i++)
		hull_buf_addf(out, "  %-10s %s\n", hull_commands[i]->name,
			      hull_commands[i]->summary);
	hull_buf_adds(out,
		      "\n'hull COMMAND --help' says more. Exit codes: 0 done, 1 failed, 2 usage, "
		      "3 findings.\n");
}

void hull_help_command(const struct hull_command *cmd, struct hull_buf *out)
{
	hull_buf_addf(out, "hull %s - %s\n\nusage: hull %s [OPTIONS]%s%s\n\n%s\n", cmd->name,
		      cmd->summary, cmd->name, *cmd->args ? " " : "", cmd->args, cmd->description);
	if (cmd->options) {
		hull_buf_adds(out, "\noptions:\n");
		hull_options_help(cmd->options, out);
	}
	hull_buf_adds(out, "\ncommon options:\n");
	hull_options_help(hull_common_options, out);
	if (cmd->examples)
		hull_buf_addf(out, "\nexamples:\n%s\n", cmd->examples);
}

static const struct hull_command *by_name(const char *name, struct hull_err *e)
{
	for (size_t i = 0; hull_commands[i]; i++)
		if (!strcmp(hull_commands[i]->name, name))
			return hull_commands[i];
	hull_fail(e, HULL_USAGE, "no command is named '%s'", name);
	return NULL;
}

static int write_page(const char *dir, const char *name, const struct hull_buf *page,
		      struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s.1", dir, name);

	return hull_file_write(AT_FDCWD, path, page->p, page->n, 0644, e);
}

static int write_all(const char *dir, struct hull_err *e)
{
	hull_autobuf struct hull_buf main_page = {0};

	hull_manual_overview(&main_page);
	if (hull_mkdirs(AT_FDCWD, dir, 0755, e) < 0 || write_page(dir, "hull", &main_page, e) < 0)
		return -1;
	for (size_t i = 0; hull_commands[i]; i++) {
		hull_autobuf struct hull_buf page = {0};
		hull_autofree char *name = hull_asprintf("hull-%s", hull_commands[i]->name);

		hull_manual_command(hull_commands[i], &page);
		if (write_page(dir, name, &page, e) < 0)
			return -1;
	}
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct help_options *o = opts;
	hull_autobuf struct hull_buf text = {0};
	const struct hull_command *cmd;

	(void)ctx;
	if (o->man_all)
		return write_all(o->man_all, e);
	if (o->completion) {
		if (hull_completion(o->completion, &text, e) < 0)
			return -1;
	} else if (o->man) {
		if (!(cmd = by_name(o->man, e)))
			return -1;
		hull_manual_command(cmd, &text);
	} else if (args->n) {
		if (!(cmd = by_name(args->v[0], e)))
			return -1;
		hull_help_command(cmd, &text);
	} else {
		hull_help_overview(&text);
	}
	hull_print("%-s", text.p);
	return 0;
}

const struct hull_command hull_cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "help, man pages and shell completion",
	.description = "Without an argument, lists the commands; with one, shows its help.",
	.options = options,
	.options_size = sizeof(struct help_options),
	.run = run,
};
