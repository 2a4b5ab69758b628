// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "cli/settings.h"
#include "memfile.h"

static const struct hull_option options[] = {
	{HULL_OPT_COUNT, "jobs", 'j', 0, "N", ""},
	{HULL_OPT_LIST, "source-url", 0, 0, "URL", ""},
	{HULL_OPT_FLAG, "keep-going", 'k', 0, 0, ""},
	{HULL_OPT_FILE, "dump", 0, 0, "FILE", ""},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};
static const struct hull_command build = {.name = "build", .options = options};
const struct hull_command *const hull_commands[] = {&build, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* hull.conf of a tree, behind one of the user. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memfile file = memfile(data, size);
	struct hull_settings s = {0};

	if (hull_settings_read_file(&s, file.path, false, NULL) == 0)
		hull_ignore(hull_settings_read_file(&s, file.path, true, NULL));
	for (size_t i = 0; i < s.n; i++)
		hull_ignore(hull_setting_is_overridden(&s, i));
	hull_settings_fini(&s);
	close(file.fd);
	return 0;
}
