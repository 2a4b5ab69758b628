// SPDX-License-Identifier: MIT
#include "image/kernel.h"

#include <string.h>

#include "binary/uki.h"

char *hull_command_line(const struct hull_image_config *c, struct hull_places *p,
			const struct hull_root_hash *hash)
{
	const struct hull_place *root = hull_places_mounted(p, "/");
	char data[HULL_GUID_TEXT], tree[HULL_GUID_TEXT];
	struct hull_buf s = {0};
	bool read_only = false;

	hull_guid_text(&root->id, data);
	if (hash) {
		hull_guid_text(&root[1].id, tree);
		/* dm-init: documentation of the kernel, admin-guide/device-mapper/dm-init */
		hull_buf_addf(
			&s,
			"dm-mod.waitfor=PARTUUID=%s,PARTUUID=%s dm-mod.create=\"%s,,,ro,0 %llu "
			"verity 1 PARTUUID=%s PARTUUID=%s 4096 4096 %llu 1 sha256 %s %s",
			data, tree, c->verity.name ? c->verity.name : "root",
			(unsigned long long)(hash->data_bytes / 512), data, tree,
			(unsigned long long)(hash->data_bytes / 4096), hash->root_hex,
			hash->salt_hex);
		if (c->verity.behavior && strcmp(c->verity.behavior, "ignore") != 0)
			hull_buf_addf(&s, " 1 %s_on_corruption", c->verity.behavior);
		else if (c->verity.behavior)
			hull_buf_adds(&s, " 1 ignore_corruption");
		hull_buf_adds(&s, "\" root=/dev/dm-0 rootfstype=ext4 ro");
		read_only = true;
	} else {
		hull_buf_addf(&s, "root=PARTUUID=%s rootfstype=ext4 rootwait", data);
	}
	if (!read_only) {
		const char *o = root->config->mount_options;

		read_only = o && (!strcmp(o, "ro") || hull_starts(o, "ro,") || strstr(o, ",ro,") ||
				  hull_ends(o, ",ro"));
		hull_buf_adds(&s, read_only ? " ro" : " rw");
	}
	if (c->command_line && *c->command_line)
		hull_buf_addf(&s, " %s", c->command_line);
	return hull_buf_steal(&s);
}

/* The one kernel of the tree and its version. */
static int find_kernel(const struct hull_tree *t, const char **out_version, struct hull_err *e)
{
	int modules = hull_tree_find(t, "usr/lib/modules"), found = HULL_NO_NODE;

	for (int i = modules < 0 ? HULL_NO_NODE : t->v[modules].first_child; i != HULL_NO_NODE;
	     i = t->v[i].next_sibling) {
		int kernel = hull_tree_child(t, i, "vmlinuz", strlen("vmlinuz"));

		if (kernel == HULL_NO_NODE)
			continue;
		if (found != HULL_NO_NODE)
			return hull_fail(
				e, HULL_FAILED,
				"two kernels are in the image, %s and %s: which one is to boot?",
				*out_version, t->v[i].name);
		found = kernel;
		*out_version = t->v[i].name;
	}
	if (found == HULL_NO_NODE)
		return hull_fail(
			e, HULL_FAILED,
			"no package of the image has a kernel (/usr/lib/modules/VERSION/vmlinuz): "
			"add one to KernelOptions or Packages");
	return found;
}

int hull_kernel_image(const struct hull_tree *t, const char *arch, const char *command_line,
		      struct hull_buf *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf stub = {0}, kernel = {0}, release = {0};
	hull_autofree char *stub_path = hull_stub_path(arch);
	const char *version = NULL;
	int stub_node = hull_tree_find(t, stub_path), kernel_node = find_kernel(t, &version, e);
	int release_node = hull_tree_find(t, "usr/lib/os-release");
	struct hull_uki u;

	if (kernel_node < 0)
		return -1;
	if (stub_node < 0)
		return hull_fail(e, HULL_FAILED, "no package of the image has the EFI stub %s",
				 stub_path);
	if (release_node < 0)
		return hull_fail(
			e, HULL_FAILED,
			"no package of the image has /usr/lib/os-release, and the configuration "
			"has no Identity");
	if (hull_tree_read(t, stub_node, &stub, e) < 0 ||
	    hull_tree_read(t, kernel_node, &kernel, e) < 0 ||
	    hull_tree_read(t, release_node, &release, e) < 0)
		return -1;
	u = (struct hull_uki){.stub = stub.p,
			      .stub_bytes = stub.n,
			      .kernel = kernel.p,
			      .kernel_bytes = kernel.n,
			      .command_line = command_line,
			      .os_release = release.p,
			      .uname = version};
	return hull_uki_make(&u, out, e);
}
