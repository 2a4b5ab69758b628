// SPDX-License-Identifier: MIT
#include "system/osrelease.h"

#include <string.h>
#include <sys/stat.h>

#include "system/confdir.h"

int hull_os_release_find(const struct hull_tree *t)
{
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		int node = hull_tree_follow(t, paths[i]);

		if (node >= 0 && S_ISREG(t->v[t->v[node].inode].mode))
			return node;
	}
	return HULL_NO_NODE;
}

bool hull_os_release_get(const char *text, const char *key, struct hull_buf *out)
{
	struct hull_lines lines;
	size_t n = strlen(key);
	bool found = false;
	const char *line;

	hull_lines_init(&lines, text, strlen(text));
	while ((line = hull_lines_next(&lines))) {
		const char *at = line + n + 1;

		if (strncmp(line, key, n) != 0 || line[n] != '=')
			continue;
		found = hull_line_word(&at, false, out) >= 0;
	}
	hull_lines_fini(&lines);
	return found;
}
