// SPDX-License-Identifier: MIT
#include "system/fstab.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/str.h"
#include "system/confdir.h"

static bool is_octal(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '7')
			return false;
	return true;
}

/* The next word of a line; "" if there is none. Blanks in it are written as "\040". */
static const char *take_word(const char **line, struct hull_arena *a)
{
	hull_autobuf struct hull_buf out = {0};
	const char *word;
	size_t n;

	if (!hull_word(line, &word, &n))
		return "";
	hull_buf_adds(&out, "");
	for (size_t i = 0; i < n; i++) {
		if (word[i] == '\\' && n - i >= 4 && is_octal(word + i + 1, 3)) {
			hull_buf_addc(&out, (char)((word[i + 1] - '0') << 6 |
						   (word[i + 2] - '0') << 3 | (word[i + 3] - '0')));
			i += 3;
		} else if (word[i] != '"') {
			hull_buf_addc(&out, word[i]);
		}
	}
	return hull_arena_strdup(a, out.p);
}

static void take_line(const char *line, struct hull_fstab *f)
{
	const char *source = take_word(&line, &f->arena), *path = take_word(&line, &f->arena);

	if (!*source || *source == '#' || *path != '/')
		return;
	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	f->v[f->n++] = (struct hull_fstab_entry){source, path};
}

int hull_fstab_read(const struct hull_tree *t, struct hull_fstab *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	int node = hull_tree_follow(t, "/etc/fstab");
	const struct hull_node *file;
	struct hull_lines lines;
	const char *line;

	*out = (struct hull_fstab){0};
	if (node == HULL_NO_NODE)
		return 0;
	file = &t->v[t->v[node].inode];
	if (!S_ISREG(file->mode))
		return 0;
	out->too_large = file->size_bytes > HULL_FSTAB_MAX_BYTES;
	if (out->too_large)
		return 0;
	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "/etc/fstab: ");
	hull_lines_init(&lines, text.p, text.n);
	while ((line = hull_lines_next(&lines)))
		take_line(line, out);
	hull_lines_fini(&lines);
	return 0;
}

void hull_fstab_fini(struct hull_fstab *f)
{
	hull_arena_fini(&f->arena);
	free(f->v);
	*f = (struct hull_fstab){0};
}
