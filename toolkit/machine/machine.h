// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The room machine/: an image started in QEMU, its serial console watched, so that a test knows
 * whether it boots.
 */

/* A disk image in QEMU with UEFI firmware. */

enum hull_qemu_kvm { HULL_KVM_AUTO, HULL_KVM_ON, HULL_KVM_OFF };

struct hull_qemu {
	const char
		*image; /* raw, vhd, vhdx or qcow2, also inside zstd or gzip; it is not changed */
	const char *arch;
	const char *disk;    /* "virtio", "scsi", "nvme" or "ahci" */
	uint64_t size_bytes; /* of the disk that the machine sees; 0: that of the image */
	/* more disks, raw, read-only, virtio; their serial number is the name of the file */
	struct hull_strv extra_disks;
	uint64_t memory_bytes, cpus;
	uint64_t ssh_port; /* of the host, which leads to port 22 of the machine; 0: none */
	enum hull_qemu_kvm kvm;
	struct hull_strv credentials;	 /* "NAME=VALUE" or "NAME=@FILE", as of systemd.exec(5) */
	const char *kernel_command_line; /* more words for systemd-stub (254 or later), or NULL */
	const char *temp; /* directory for what the machine writes; nothing stays there */
	/* the serial console */
	bool input;	    /* it reads what is typed on standard input */
	int echo, log;	    /* descriptors that it is copied to, or -1 */
	int64_t timeout_ms; /* 0: none */
	struct hull_strv expect;
};
