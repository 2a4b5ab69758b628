// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "binary/uki.h"
#include "disk/container.h"
#include "fat/fat.h"
#include "partition/gpt.h"

/*
 * boot-image STUB KERNEL INITRD COMMAND-LINE FILE.raw|FILE.vhdx...: a disk with an ESP and nothing
 * else, to see that firmware starts what Hull writes before Hull has a kernel of its own.
 */

enum { MIB = 1 << 20 };

static int write_disk(const struct hull_layout *l, const char *path, struct hull_err *e)
{
	struct hull_container c = {.id = hull_guid_derive("boot-image", "container")};
	hull_autosink struct hull_sink *sink = hull_sink_new(AT_FDCWD, path, HULL_COMPRESS_NONE, e);
	int r;

	if (!sink)
		return -1;
	if (hull_ends(path, ".vhdx"))
		r = hull_vhdx_write(l, &c, sink, e);
	else if (hull_ends(path, ".raw"))
		r = hull_raw_write(l, sink, e);
	else
		return hull_fail(e, HULL_USAGE, "%s: neither .raw nor .vhdx", path);
	return r < 0 ? -1 : hull_sink_finish(sink, e);
}

static int plan(struct hull_layout *l, const struct hull_buf *uki, struct hull_err *e)
{
	struct hull_fat_file file = {.path = "EFI/BOOT/BOOTX64.EFI",
				     .content = {.memory = uki->p},
				     .size_bytes = uki->n};
	struct hull_fat_options options = {
		.size_bytes = hull_fat_min_bytes(&file, 1), .serial = 0x12345678, .label = "ESP"};
	struct hull_guid disk = hull_guid_derive("boot-image", "disk");
	struct hull_gpt_partition esp = {
		.id = hull_guid_derive("boot-image", "esp"),
		.first_lba = MIB / HULL_SECTOR,
		.last_lba = (MIB + options.size_bytes) / HULL_SECTOR - 1,
		.name = "esp",
	};

	hull_gpt_type("esp", "x86_64", &esp.type);
	l->size_bytes = options.size_bytes + 2 * MIB;
	if (hull_gpt_add(l, &disk, &esp, 1, e) < 0 ||
	    hull_fat_add(l, MIB, &options, &file, 1, e) < 0)
		return -1;
	return hull_layout_seal(l, e);
}

static int make(char **argv, struct hull_err *e)
{
	hull_autobuf struct hull_buf stub = {0}, kernel = {0}, initrd = {0}, uki = {0};
	struct hull_layout layout = {0};
	struct hull_uki u;
	int r;

	if (hull_file_read(AT_FDCWD, argv[1], &stub, e) < 0 ||
	    hull_file_read(AT_FDCWD, argv[2], &kernel, e) < 0 ||
	    hull_file_read(AT_FDCWD, argv[3], &initrd, e) < 0)
		return -1;
	u = (struct hull_uki){.stub = stub.p,
			      .stub_bytes = stub.n,
			      .kernel = kernel.p,
			      .kernel_bytes = kernel.n,
			      .initrd = initrd.p,
			      .initrd_bytes = initrd.n,
			      .command_line = argv[4],
			      .os_release = "ID=test\nPRETTY_NAME=\"Boot test\"\n",
			      .uname = "test"};
	if (hull_uki_make(&u, &uki, e) < 0)
		return -1;
	r = plan(&layout, &uki, e);
	for (char **out = argv + 5; r == 0 && *out; out++)
		r = write_disk(&layout, *out, e);
	hull_layout_fini(&layout);
	return r;
}

int main(int argc, char **argv)
{
	struct hull_err e = {0};

	if (argc < 6) {
		fputs("boot-image STUB KERNEL INITRD COMMAND-LINE FILE.raw|FILE.vhdx...\n", stderr);
		return HULL_USAGE;
	}
	if (make(argv, &e) == 0)
		return 0;
	fprintf(stderr, "boot-image: %s\n", e.msg);
	return 1;
}
