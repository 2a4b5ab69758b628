// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/print.h"
#include "cli/settings.h"

extern const struct hull_command hull_cmd_fetch, hull_cmd_plan, hull_cmd_build, hull_cmd_shell,
	hull_cmd_resolve, hull_cmd_image, hull_cmd_boot, hull_cmd_why, hull_cmd_sbom,
	hull_cmd_source, hull_cmd_seed, hull_cmd_cache, hull_cmd_help, hull_cmd_diff,
	hull_cmd_verify, hull_cmd_audit, hull_cmd_config;

const struct hull_command *const hull_commands[] = {
	&hull_cmd_fetch,  &hull_cmd_plan,    &hull_cmd_build,
	&hull_cmd_shell,  &hull_cmd_resolve, &hull_cmd_image,
	&hull_cmd_boot,	  &hull_cmd_why,     &hull_cmd_diff,
	&hull_cmd_verify, &hull_cmd_sbom,    &hull_cmd_audit,
	&hull_cmd_source, &hull_cmd_seed,    &hull_cmd_cache,
	&hull_cmd_config, &hull_cmd_help,    NULL,
};

static const struct hull_command *find_command(const char *name, struct hull_err *e)
{
	const char *best = NULL;
	size_t dist = 3;

	for (size_t i = 0; hull_commands[i]; i++) {
		size_t d = hull_edit_distance(hull_commands[i]->name, name);

		if (d == 0)
			return hull_commands[i];
		if (d < dist) {
			dist = d;
			best = hull_commands[i]->name;
		}
	}
	hull_fail(e, HULL_USAGE, "unknown command '%s'%s%s%s; 'hull help' lists them", name,
		  best ? ": did you mean '" : "", best ? best : "", best ? "'?" : "");
	return NULL;
}

static int run_command(const struct hull_command *cmd, char **argv, struct hull_err *e)
{
	struct hull_context ctx = {.store.fd = -1, .store.tmp_fd = -1};
	void *options = hull_alloc(cmd->options_size);
	hull_autostrv struct hull_strv args = {0}, given = {0};
	struct hull_settings settings = {0};
	hull_autobuf struct hull_buf help = {0};
	int r;

	if (cmd->defaults)
		cmd->defaults(options);
	r = hull_options_parse(argv, cmd->options, options, hull_common_options, &ctx, &args,
			       &given, e);
	if (r == 1) {
		hull_help_command(cmd, &help);
		hull_print("%-s", help.p);
		r = 0;
	} else if (r == 0 && (r = hull_settings_read(&settings, e)) == 0 &&
		   (r = hull_settings_apply(&settings, cmd, options, &ctx, &given, e)) == 0 &&
		   (r = hull_context_init(&ctx, e)) == 0) {
		r = cmd->run(&ctx, options, &args, e);
	}
	hull_context_fini(&ctx);
	hull_settings_fini(&settings);
	if (cmd->finish)
		cmd->finish(options);
	free(options);
	return r;
}

int main(int argc, char **argv)
{
	struct hull_err e = {0};
	hull_autobuf struct hull_buf help = {0};
	const struct hull_command *cmd;
	int r = -1;

	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of what writes it */
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		hull_help_overview(&help);
		(argc < 2 ? hull_print_error : hull_print)("%-s", help.p);
		return argc < 2 ? HULL_USAGE : 0;
	}
	if (!strcmp(argv[1], "--version")) {
		hull_print("hull %s\n", HULL_VERSION);
		return 0;
	}
	cmd = find_command(argv[1], &e);
	if (cmd)
		r = run_command(cmd, argv + 1, &e);
	if (r >= 0 && hull_print_end(&e) < 0)
		r = -1;
	if (r < 0) {
		hull_print_error("hull: %-s\n", e.msg);
		return e.code ? e.code : HULL_FAILED;
	}
	return r;
}
