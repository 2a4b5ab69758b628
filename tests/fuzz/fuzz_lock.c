// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "closure/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A lock file that is taken has a reason for each package and is no different from itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = memfd_create("lock", MFD_CLOEXEC);
	hull_autofree char *path = hull_asprintf("/proc/self/fd/%d", fd);
	hull_autobuf struct hull_buf difference = {0};
	struct hull_lock l;
	struct hull_err e;

	if (fd < 0 || hull_fd_write(fd, data, size, &e) < 0)
		abort();
	if (hull_lock_read(path, &l, &e) < 0)
		return 0;
	for (size_t i = 0; i < l.n; i++) {
		struct hull_chain c;

		if (hull_chain_find(&l, i, &c, &e) < 0)
			continue;
		if (!l.v[c.v[0]].want || c.v[c.n - 1] != i)
			abort();
		hull_chain_fini(&c);
	}
	hull_lock_difference(&l, &l, &difference);
	if (difference.n)
		abort();
	hull_lock_fini(&l);
	return 0;
}
