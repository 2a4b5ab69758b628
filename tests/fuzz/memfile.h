// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

/* The input as a file, for what reads files by name. */
struct memfile {
	int fd; /* the caller closes */
	char path[64];
};

static inline struct memfile memfile(const void *data, size_t size)
{
	struct memfile f = {.fd = memfd_create("input", MFD_CLOEXEC)};

	hull_assert(f.fd >= 0 && hull_fd_write(f.fd, data, size, NULL) == 0);
	hull_assert(lseek(f.fd, 0, SEEK_SET) == 0);
	snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
	return f;
}
