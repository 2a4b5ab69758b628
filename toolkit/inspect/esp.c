// SPDX-License-Identifier: MIT
#include "inspect/esp.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/str.h"
#include "binary/pe.h"
#include "fat/fatread.h"

enum { MAX_FILE = 64 << 20, MAX_FILES = 512 << 20 };

struct esp {
	struct hull_system *s;
	struct hull_fat fat;
	uint64_t left; /* bytes that may still be taken */
};

static int not_kept(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
		    struct hull_err *e)
{
	(void)context;
	(void)id;
	(void)offset_bytes;
	(void)out;
	(void)n;
	return hull_fail(e, HULL_FAILED, "a file of more than %d MiB on the EFI system partition",
			 MAX_FILE >> 20);
}

static int append(void *arg, const void *p, size_t n, struct hull_err *e)
{
	struct hull_buf *b = arg;

	(void)e;
	hull_assert(b->cap - b->n >= n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return 0;
}

static int take_file(struct esp *w, size_t i, int node, struct hull_err *e)
{
	static const struct hull_content_source larger = {not_kept, NULL};
	struct hull_tree *t = &w->s->esp;
	uint32_t size = w->fat.v[i].size_bytes;
	struct hull_buf b = {0};

	hull_tree_set_file(t, node, NULL, 0, 0755);
	t->v[node].size_bytes = size;
	if (!size)
		return 0;
	if (size > MAX_FILE) {
		t->v[node].content = (struct hull_content){.source = &larger, .dirfd = -1};
		return 0;
	}
	if (size > w->left)
		return hull_fail(e, HULL_FAILED,
				 "%s: FAT at byte %" PRIu64
				 ": its files claim more than %d MiB, or "
				 "more than the partition has",
				 w->s->path, w->fat.offset_bytes, MAX_FILES >> 20);
	w->left -= size;
	b.cap = size;
	b.p = hull_arena_alloc(&t->arena, size);
	t->v[node].content.memory = b.p;
	return hull_fat_read(&w->fat, i, append, &b, e);
}

static int take_all(struct esp *w, struct hull_err *e)
{
	hull_autofree int *nodes = hull_alloc_array(w->fat.n, sizeof *nodes);
	struct hull_tree *t = &w->s->esp;

	nodes[HULL_FAT_ROOT] = HULL_TREE_ROOT;
	for (size_t i = 1; i < w->fat.n; i++) {
		const struct hull_fat_node *f = &w->fat.v[i];
		int node;

		if (hull_tree_check_path(t, nodes[f->parent], strlen(f->name), e) < 0)
			return hull_wrap(e, "%s: FAT at byte %" PRIu64 ": ", w->s->path,
					 w->fat.offset_bytes);
		node = hull_tree_add_child(t, nodes[f->parent], f->name, strlen(f->name));
		if (node == HULL_NO_NODE)
			return hull_fail(e, HULL_FAILED,
					 "%s: FAT at byte %" PRIu64
					 ": two files with the name '%s'",
					 w->s->path, w->fat.offset_bytes, f->name);
		nodes[i] = node;
		t->v[node].mtime = f->mtime;
		if (f->directory)
			hull_tree_set_directory(t, node, 0755);
		else if (take_file(w, i, node, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the kernel --- */

/* A section's text without white space and NULs at its end, or NULL. */
static const char *section_text(struct hull_system *s, const struct hull_node *f, const char *name)
{
	const void *p;
	const char *text;
	size_t n;

	if (hull_pe_section(f->content.memory, (size_t)f->size_bytes, name, &p, &n, NULL) < 0)
		return NULL;
	text = p;
	n = strnlen(text, n);
	while (n && strchr(" \n\t", text[n - 1]))
		n--;
	return hull_arena_strndup(&s->arena, text, n);
}

static bool is_kernel(const struct hull_node *f)
{
	const void *p;
	size_t n;

	return S_ISREG(f->mode) && f->content.memory &&
	       hull_pe_section(f->content.memory, (size_t)f->size_bytes, ".linux", &p, &n, NULL) ==
		       0;
}

/* The unified kernel image that the firmware starts, else the last by name for a boot loader. */
static int find_kernel(const struct hull_tree *t, struct hull_arena *a)
{
	int found = HULL_NO_NODE;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const char *path = is_kernel(&t->v[i]) ? hull_tree_path(t, i, a) : "";

		if (!strcasecmp(path, "/EFI/BOOT/BOOTX64.EFI") ||
		    !strcasecmp(path, "/EFI/BOOT/BOOTAA64.EFI"))
			return i;
		if (!strncasecmp(path, "/EFI/Linux/", 11))
			found = i;
	}
	return found;
}

int hull_esp_read(struct hull_system *s, uint64_t offset_bytes, uint64_t length_bytes,
		  struct hull_err *e)
{
	struct esp w = {.s = s};
	int r, kernel;

	if (hull_fat_open(&w.fat, s->disk, offset_bytes, length_bytes, e) < 0)
		return -1;
	w.left = length_bytes < MAX_FILES ? length_bytes : MAX_FILES;
	r = take_all(&w, e);
	hull_fat_fini(&w.fat);
	if (r < 0)
		return -1;
	s->has_esp = true;
	kernel = find_kernel(&s->esp, &s->arena);
	if (kernel != HULL_NO_NODE) {
		s->command_line = section_text(s, &s->esp.v[kernel], ".cmdline");
		s->kernel_version = section_text(s, &s->esp.v[kernel], ".uname");
	}
	return 0;
}
