// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "source/gotree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = memfd_create("deb", MFD_CLOEXEC);
	struct hull_go_tree t = {0};
	struct hull_err e;

	if (fd >= 0 && hull_fd_write(fd, data, size, &e) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	    hull_go_tree_read_deb(&t, fd, "x.deb", &e) == 0) {
		hull_go_tree_find(&t, "example.com/a");
		hull_go_tree_find(&t, "example.org/old/sub");
	}
	hull_go_tree_fini(&t);
	return 0;
}
