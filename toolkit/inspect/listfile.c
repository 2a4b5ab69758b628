// SPDX-License-Identifier: MIT
#include "inspect/listfile.h"

#include <fcntl.h>

#include "base/file.h"
#include "system/confdir.h"

int hull_list_read(const char *path, struct hull_strv *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_lines lines;
	const char *line;

	if (hull_file_read(AT_FDCWD, path, &text, e) < 0)
		return -1;
	hull_lines_init(&lines, text.p, text.n);
	while ((line = hull_lines_next(&lines)))
		if (*line && *line != '#')
			hull_strv_add(out, line);
	hull_lines_fini(&lines);
	return 0;
}
