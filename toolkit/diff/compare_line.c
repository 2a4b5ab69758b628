// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/str.h"
#include "diff/compare_line.h"
#include "text/printable.h"

void hull_line_bytes(int64_t bytes, bool sign, struct hull_buf *out)
{
	uint64_t n = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;
	char text[HULL_AMOUNT];

	hull_buf_addf(out, "%s%s", bytes < 0 ? "-" : sign ? "+" : "", hull_size_text(n, text));
}

void hull_line_date(int64_t time, struct hull_buf *out)
{
	struct hull_arena a = {0};

	hull_buf_adds(out, hull_date_text(&a, time));
	hull_arena_fini(&a);
}

char hull_line_sign(enum hull_difference d)
{
	return "+-~="[d];
}

const char *hull_line_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "character device";
	case S_IFBLK:
		return "block device";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "nothing";
	}
}

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

static void add_state(const struct hull_file_state *s, struct hull_arena *a, struct hull_buf *out)
{
	hull_buf_addf(out, "%s %04o %u:%u", hull_line_type(s->mode), s->mode & 07777, s->uid,
		      s->gid);
	if (S_ISREG(s->mode)) {
		hull_buf_addc(out, ' ');
		hull_line_bytes((int64_t)s->size_bytes, false, out);
	}
	if (s->target)
		hull_buf_addf(out, " -> %s", hull_printable(s->target, a));
	if (s->capabilities)
		hull_buf_addf(out, " %s", s->capabilities);
}

static void add_content(const struct hull_file_difference *f, struct hull_buf *out)
{
	hull_buf_adds(out, "content");
	if (f->old.size_bytes == f->now.size_bytes)
		return;
	hull_buf_addc(out, ' ');
	hull_line_bytes((int64_t)f->old.size_bytes, false, out);
	hull_buf_adds(out, " -> ");
	hull_line_bytes((int64_t)f->now.size_bytes, false, out);
}

static void add_aspect(const struct hull_file_difference *f, unsigned int aspect,
		       struct hull_arena *a, struct hull_buf *out)
{
	const struct hull_file_state *x = &f->old, *y = &f->now;

	if (aspect == HULL_ASPECT_TYPE)
		hull_buf_addf(out, "%s -> %s", hull_line_type(x->mode), hull_line_type(y->mode));
	else if (aspect == HULL_ASPECT_CONTENT)
		add_content(f, out);
	else if (aspect == HULL_ASPECT_TARGET)
		hull_buf_addf(out, "target %s -> %s", hull_printable(x->target, a),
			      hull_printable(y->target, a));
	else if (aspect == HULL_ASPECT_MODE)
		hull_buf_addf(out, "mode %04o -> %04o", x->mode & 07777, y->mode & 07777);
	else if (aspect == HULL_ASPECT_OWNER)
		hull_buf_addf(out, "owner %u:%u -> %u:%u", x->uid, x->gid, y->uid, y->gid);
	else if (aspect == HULL_ASPECT_CAPABILITIES)
		hull_buf_addf(out, "capabilities %s -> %s", or_none(x->capabilities),
			      or_none(y->capabilities));
	else
		hull_buf_adds(out, "attributes");
}

void hull_line_file(const struct hull_file_difference *f, struct hull_buf *out)
{
	struct hull_arena a = {0};
	const char *separator = "";

	if (f->kind != HULL_CHANGED)
		add_state(f->kind == HULL_ADDED ? &f->now : &f->old, &a, out);
	for (unsigned int i = 0; f->kind == HULL_CHANGED && i < HULL_ASPECTS; i++) {
		if (!(f->aspects & 1U << i))
			continue;
		hull_buf_adds(out, separator);
		add_aspect(f, 1U << i, &a, out);
		separator = ", ";
	}
	hull_arena_fini(&a);
}

void hull_line_counts(const struct hull_comparison *c, bool files, struct hull_buf *out)
{
	size_t n[4] = {0}, all = files ? c->nfiles : c->npackages;
	const char *separator = "";

	for (size_t i = 0; i < all; i++)
		n[files ? c->files[i].kind : c->packages[i].kind]++;
	for (int i = 0; i < 4; i++) {
		if (!n[i])
			continue;
		hull_buf_addf(out, "%s%zu %s", separator, n[i],
			      hull_difference_name((enum hull_difference)i));
		separator = ", ";
	}
}

/* One package is named for each id, the first. */
size_t hull_line_cves(const struct hull_comparison *c, const char **out_ids,
		      const char **out_packages)
{
	hull_autoindex struct hull_index had = {0};
	size_t n = 0;

	for (size_t i = 0; i < c->npackages; i++)
		for (const char *const *id = c->packages[i].cves; *id; id++)
			if (hull_index_put(&had, *id, n)) {
				out_ids[n] = *id;
				out_packages[n++] = c->packages[i].name;
			}
	return n;
}

size_t hull_line_max_cves(const struct hull_comparison *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->npackages; i++)
		for (const char *const *id = c->packages[i].cves; *id; id++)
			n++;
	return n;
}
