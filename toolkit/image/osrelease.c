// SPDX-License-Identifier: MIT
#include "image/osrelease.h"

#include <string.h>
#include <sys/stat.h>

#include "image/confdir.h"

enum { NFIELDS = 8 };

struct field {
	const char *key, *value;
	bool written;
};

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

static void write_field(const char *key, const char *value, struct hull_buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._-";

	hull_buf_addf(out, "%s=", key);
	if (*value && value[strspn(value, plain)] == '\0') {
		hull_buf_addf(out, "%s\n", value);
		return;
	}
	hull_buf_addc(out, '"');
	for (; *value; value++) {
		if (strchr("\"\\$`", *value))
			hull_buf_addc(out, '\\');
		hull_buf_addc(out, *value == '\n' ? ' ' : *value);
	}
	hull_buf_adds(out, "\"\n");
}

static struct field *of_line(struct field *fields, const char *line)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		size_t n = strlen(fields[i].key);

		if (fields[i].value && strncmp(line, fields[i].key, n) == 0 && line[n] == '=')
			return &fields[i];
	}
	return NULL;
}

void hull_os_release_merge(const char *text, const struct hull_identity *identity,
			   struct hull_buf *out)
{
	struct field fields[NFIELDS] = {
		{"NAME", identity->name, false},
		{"VERSION", identity->version, false},
		{"ID", identity->id, false},
		{"VERSION_ID", identity->version_id, false},
		{"PRETTY_NAME", identity->pretty_name, false},
		{"VARIANT_ID", identity->variant_id, false},
		{"BUILD_ID", identity->build_id, false},
		{"HOME_URL", identity->home_url, false},
	};
	struct hull_lines lines;
	const char *line;

	hull_lines_init(&lines, text, strlen(text));
	while ((line = hull_lines_next(&lines))) {
		struct field *f = of_line(fields, line);

		if (!f)
			hull_buf_addf(out, "%s\n", line);
		else if (!f->written)
			write_field(f->key, f->value, out);
		if (f)
			f->written = true;
	}
	hull_lines_fini(&lines);
	for (size_t i = 0; i < NFIELDS; i++)
		if (fields[i].value && !fields[i].written)
			write_field(fields[i].key, fields[i].value, out);
}
