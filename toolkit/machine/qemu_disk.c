// SPDX-License-Identifier: MIT
#include "machine/qemu_disk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process.h"
#include "disk/disk.h"
#include "disk/diskformat.h"
#include "text/json.h"

/* How other processes of this user can open a descriptor of this one. */
static char *fd_path(int fd)
{
	return hull_asprintf("/proc/%d/fd/%d", (int)getpid(), fd);
}

/* What QEMU calls the formats that hull_disk_format names. */
static const char *driver_of(const char *format)
{
	if (hull_starts(format, "VHDX"))
		return "vhdx";
	if (hull_starts(format, "VHD"))
		return "vpc";
	return hull_starts(format, "qcow2") ? "qcow2" : "raw";
}

/* Puts what is in a compressed file into one without a name in its place, and returns 1. */
static int decompress(const char *path, int temp, int *fd, struct hull_err *e)
{
	struct hull_disk_file f = {.fd = *fd, .path = path};
	enum hull_disk_compression compression;
	uint8_t magic[8] = {0};
	struct stat st;
	int plain;

	if (fstat(*fd, &st) < 0 || pread(*fd, magic, sizeof magic, 0) < 0)
		return hull_fail_errno(e, "%s", path);
	compression = hull_disk_compression_of(magic);
	if (compression == HULL_DISK_PLAIN)
		return 0;
	f.size_bytes = (uint64_t)st.st_size;
	plain = hull_disk_decompress(&f, compression, temp, e);
	if (plain < 0)
		return -1;
	close(*fd);
	*fd = plain;
	return 1;
}

static int open_unnamed(const char *directory, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/hull-boot-XXXXXX", directory);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	unlink(path);
	return fd;
}

static int make_overlay(const char *temp, uint64_t size_bytes, struct hull_err *e)
{
	hull_autofd int fd = open_unnamed(temp, e);
	hull_autofree char *path = fd < 0 ? NULL : fd_path(fd);
	hull_autostrv struct hull_strv argv = {0};
	hull_autobuf struct hull_buf ignored = {0};
	struct hull_err why;

	if (fd < 0)
		return -1;
	hull_strv_add(&argv, "qemu-img");
	hull_strv_add(&argv, "create");
	hull_strv_add(&argv, "-q");
	hull_strv_add(&argv, "-fqcow2");
	hull_strv_add(&argv, path);
	hull_strv_addf(&argv, "%llu", (unsigned long long)size_bytes);
	if (hull_run_checked(argv.v, &ignored, &why) < 0)
		return why.sys == ENOENT ? hull_fail(e, HULL_FAILED,
						     "qemu-img is missing; the Debian package "
						     "qemu-utils has it")
					 : hull_fail_as(e, &why);
	return hull_steal_fd(&fd);
}

static int add_device(const char *disk, struct hull_strv *argv, struct hull_err *e)
{
	static const struct {
		const char *name, *controller, *device;
	} devices[] = {
		{"virtio", NULL, "virtio-blk-pci,drive=disk,bootindex=0"},
		{"scsi", "virtio-scsi-pci,id=scsi", "scsi-hd,bus=scsi.0,drive=disk,bootindex=0"},
		{"nvme", NULL, "nvme,drive=disk,serial=hull,bootindex=0"},
		{"ahci", "ich9-ahci,id=ahci", "ide-hd,bus=ahci.0,drive=disk,bootindex=0"},
	};

	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		if (strcmp(devices[i].name, disk) != 0)
			continue;
		if (devices[i].controller) {
			hull_strv_add(argv, "-device");
			hull_strv_add(argv, devices[i].controller);
		}
		hull_strv_add(argv, "-device");
		hull_strv_add(argv, devices[i].device);
		return 0;
	}
	return hull_fail(e, HULL_USAGE, "a disk is virtio, scsi, nvme or ahci, not '%s'", disk);
}

/* The overlay has no room for a name of what is below it: the machine is told instead. */
static void add_drive(const struct hull_qemu_disk *d, const char *driver, struct hull_strv *argv)
{
	hull_autofree char *overlay = fd_path(d->overlay), *image = fd_path(d->image);
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = json_pack(
		"{s:s, s:s, s:s, s:{s:b}, s:{s:s, s:s}, s:{s:s, s:b, s:{s:s, s:s, s:b}}}",
		"node-name", "disk", "driver", "qcow2", "discard", "unmap", "cache", "no-flush", 1,
		"file", "driver", "file", "filename", overlay, "backing", "driver", driver,
		"read-only", 1, "file", "driver", "file", "filename", image, "read-only", 1);

	hull_assert(j);
	hull_json_text(j, false, &text);
	hull_strv_add(argv, "-blockdev");
	hull_strv_add(argv, text.p);
}

static int open_disk(const struct hull_qemu *q, struct hull_qemu_disk *d, struct hull_strv *argv,
		     struct hull_err *e)
{
	hull_autofd int temp = open(q->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hull_autodisk struct hull_disk *disk = NULL;
	hull_autofree char *path = NULL;
	uint64_t size;
	int compressed;

	if (temp < 0)
		return hull_fail_errno(e, "%s", q->temp);
	d->image = open(q->image, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (d->image < 0)
		return hull_fail_errno(e, "%s", q->image);
	compressed = decompress(q->image, temp, &d->image, e);
	if (compressed < 0)
		return -1;
	path = fd_path(d->image);
	disk = hull_disk_open(AT_FDCWD, compressed ? path : q->image, temp, e);
	if (!disk)
		return compressed ? hull_wrap(e, "%s: ", q->image) : -1;
	size = hull_disk_size(disk);
	if (q->size_bytes && q->size_bytes < size)
		return hull_fail(e, HULL_FAILED, "%s has %llu bytes, which is more than --size",
				 q->image, (unsigned long long)size);
	if (q->size_bytes)
		size = q->size_bytes;
	d->overlay = make_overlay(q->temp, size, e);
	if (d->overlay < 0)
		return -1;
	add_drive(d, driver_of(hull_disk_format(disk)), argv);
	return add_device(q->disk, argv, e);
}

int hull_qemu_disk_open(const struct hull_qemu *q, struct hull_qemu_disk *out,
			struct hull_strv *argv, struct hull_err *e)
{
	*out = (struct hull_qemu_disk){-1, -1};
	if (open_disk(q, out, argv, e) < 0) {
		hull_qemu_disk_close(out);
		return -1;
	}
	return 0;
}

void hull_qemu_disk_close(struct hull_qemu_disk *d)
{
	hull_closep(&d->image);
	hull_closep(&d->overlay);
	*d = (struct hull_qemu_disk){-1, -1};
}
