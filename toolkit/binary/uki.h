// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * A unified kernel image (UAPI group specification "Unified Kernel Image"): the EFI stub of
 * systemd, a PE program, with sections appended: .osrel .cmdline .uname .linux (and .initrd when
 * there is one), in that order, laid out as the PE/COFF specification asks (section and file
 * alignment of the stub), SizeOfImage and checksum updated, no time stamp.
 */
struct hull_uki {
	const void *stub, *kernel, *initrd; /* initrd may be NULL */
	size_t stub_bytes, kernel_bytes, initrd_bytes;
	const char *command_line, *os_release, *uname; /* uname may be NULL */
};

HULL_CHECKED int hull_uki_make(const struct hull_uki *u, struct hull_buf *out, struct hull_err *e);

/* "EFI/BOOT/BOOTX64.EFI": where firmware looks for it on the ESP. */
const char *hull_boot_path(const char *arch);

/* Where the EFI stub lies in a tree. The caller frees. */
char *hull_stub_path(const char *arch);
