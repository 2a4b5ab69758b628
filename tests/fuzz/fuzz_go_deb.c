// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "godeps/godeb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = memfd_create("deb", MFD_CLOEXEC);
	struct hull_go_deb d = {0};
	struct hull_err e;

	if (fd >= 0 && hull_fd_write(fd, data, size, &e) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	    hull_go_deb_read(&d, fd, "x.deb", &e) == 0) {
		hull_go_deb_has(&d, "example.com/a");
		hull_go_deb_has(&d, "example.org/old/sub");
	}
	hull_go_deb_fini(&d);
	return 0;
}
