// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/settings.h"
#include "text/json.h"

struct config_options {
	bool all;
};

static json_t *setting_json(const struct hull_settings *s, size_t i)
{
	const struct hull_setting *x = &s->v[i];
	json_t *j = json_object();

	hull_json_set(j, "command", x->command);
	hull_json_set(j, "option", x->option);
	hull_json_set_clean(j, "value", x->value);
	hull_json_set_clean(j, "file", s->files.v[x->file]);
	json_object_set_new(j, "line", json_integer(x->line));
	json_object_set_new(j, "in_force", json_boolean(!hull_setting_is_overridden(s, i)));
	return j;
}

static void print_json(const struct hull_settings *s, bool all)
{
	hull_autojson json_t *j = json_object();
	json_t *files = json_array(), *settings = json_array();

	for (size_t i = 0; i < s->files.n; i++)
		json_array_append_new(files, hull_json_clean(s->files.v[i]));
	for (size_t i = 0; i < s->n; i++)
		if (all || !hull_setting_is_overridden(s, i))
			json_array_append_new(settings, setting_json(s, i));
	json_object_set_new(j, "files", files);
	json_object_set_new(j, "settings", settings);
	hull_print_document(j, 1);
}

static void print_text(const struct hull_settings *s, bool all)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct hull_setting *x = &s->v[i];
		bool overridden = hull_setting_is_overridden(s, i);

		if (overridden && !all)
			continue;
		hull_print("%s%s%s%s = %s\t%s:%d%s\n", x->command ? "[" : "",
			   x->command ? x->command : "", x->command ? "] " : "", x->option,
			   x->value, s->files.v[x->file], x->line,
			   overridden ? " (overridden)" : "");
	}
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct config_options *o = opts;
	struct hull_settings s;
	int r;

	if (args->n)
		return hull_fail(e, HULL_USAGE, "hull config takes no arguments");
	r = hull_settings_read(&s, e);
	if (r == 0 && ctx->json)
		print_json(&s, o->all);
	else if (r == 0)
		print_text(&s, o->all);
	if (r == 0 && !s.files.n)
		hull_log(ctx->progress, "there is no hull.conf");
	hull_settings_fini(&s);
	return r;
}

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "all", 'a', offsetof(struct config_options, all), NULL,
	 "also what a later line overrides"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

const struct hull_command hull_cmd_config = {
	.name = "config",
	.args = "",
	.summary = "the settings of hull.conf, with their origins",
	.description =
		"hull.conf has options that would be given each time. It is looked for in /etc, in hull/ "
		"of the user's configuration directory and in the present directory, and of two lines "
		"for one option the later one counts; what is given on the command line counts before "
		"all. hull-conf(5) has the format.\n\n"
		"Each line shows a setting that is in force, and the file and line that it comes from.",
	.examples = "$ hull config --all\n"
		    "Also what is overridden.\n",
	.options = options,
	.options_size = sizeof(struct config_options),
	.run = run,
};
