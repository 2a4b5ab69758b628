// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = memfd_create("config", MFD_CLOEXEC);
	hull_autofree char *path = hull_asprintf("/proc/self/fd/%d", fd);
	struct hull_image_config c;
	struct hull_err e;

	if (fd < 0 || hull_fd_write(fd, data, size, &e) < 0)
		return 0;
	if (hull_config_read(path, "x86_64", false, &c, &e) == 0) {
		hull_assert(c.nartifacts && c.nwants);
		for (size_t i = 0; i < c.npartitions; i++)
			hull_assert(c.partitions[i].id && c.partitions[i].where);
		hull_config_fini(&c);
	}
	return 0;
}
