// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "binary/bzimage.h"
#include "binary/pe.h"
#include "check/check.h"
#include "keys/publickey.h"
#include "system/confdir.h"

enum { MAX_KERNEL = 256 << 20 };

/* One kernel, by its bytes. */
static int check_image(struct hull_check *c, const void *p, size_t n, const char *path,
		       const char *owner, struct hull_err *e)
{
	const void *kernel;
	size_t kernel_bytes;
	int r;

	/* of a unified kernel image only that part is one */
	if (hull_pe_section(p, n, ".linux", &kernel, &kernel_bytes, NULL) < 0) {
		kernel = p;
		kernel_bytes = n;
	}
	r = hull_bzimage_contains(kernel, kernel_bytes, hull_public_key_start,
				  sizeof hull_public_key_start, e);
	if (r < 0)
		return hull_wrap(e, "%s: ", path);
	if (r)
		hull_findings_add(
			c->out, "HULL-KERNEL-PUBLIC-KEY", HULL_OBJECT_FILE, path, owner,
			"trusts the public module key: whoever gets root can load modules "
			"of his own into this kernel");
	return 0;
}

static int check_node(struct hull_check *c, const struct hull_tree *t, int node, const char *path,
		      const char *owner, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (t->v[node].size_bytes > MAX_KERNEL)
		return 0;
	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "%s: ", path);
	return check_image(c, text.p ? text.p : "", text.n, path, owner, e);
}

/* A file that is a kernel by its place; links are followed to it elsewhere. */
static int check_file(struct hull_check *c, int node, struct hull_err *e)
{
	const struct hull_tree *t = &c->s->tree;

	if (node < 0 || !S_ISREG(t->v[node].mode))
		return 0;
	return check_node(c, t, node, hull_tree_path(t, node, &c->arena), hull_check_owner(c, node),
			  e);
}

static int check_tree(struct hull_check *c, struct hull_err *e)
{
	const struct hull_tree *t = &c->s->tree;
	int modules = hull_tree_follow(t, "/usr/lib/modules"), boot = hull_tree_follow(t, "/boot");

	for (int i = modules < 0 ? HULL_NO_NODE : t->v[modules].first_child; i >= 0;
	     i = t->v[i].next_sibling)
		if (check_file(c, hull_tree_child(t, i, "vmlinuz", 7), e) < 0)
			return -1;
	for (int i = boot < 0 ? HULL_NO_NODE : t->v[boot].first_child; i >= 0;
	     i = t->v[i].next_sibling)
		if (hull_starts(t->v[i].name, "vmlinu") && check_file(c, i, e) < 0)
			return -1;
	return 0;
}

static int check_esp(struct hull_check *c, struct hull_err *e)
{
	const struct hull_tree *t = &c->s->esp;

	for (int i = c->s->has_esp ? HULL_TREE_ROOT : HULL_NO_NODE; i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const char *path = hull_tree_path(t, i, &c->arena);

		/* larger ones are not kept */
		if (S_ISREG(t->v[i].mode) && t->v[i].content.memory &&
		    check_image(c, t->v[i].content.memory, (size_t)t->v[i].size_bytes,
				hull_arena_printf(&c->arena, "EFI system partition: %s", path),
				NULL, e) < 0)
			return -1;
	}
	return 0;
}

int hull_check_module_key(struct hull_check *c, struct hull_err *e)
{
	struct hull_err why;
	int r = check_tree(c, e);

	/* the one that is started, also if another one cannot be read */
	if (check_esp(c, r < 0 ? &why : e) < 0)
		r = -1;
	return r;
}
