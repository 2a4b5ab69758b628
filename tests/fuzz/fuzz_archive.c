// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect/archive.h"
#include "memfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A tar archive of a system, or an OCI image. What little is compressed may become much. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MAX_BYTES = 65536 };
	struct memfile file = memfile(data, size < MAX_BYTES ? size : MAX_BYTES);
	hull_autofd int temp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct hull_system s = {.archive_fd = -1, .path = file.path};

	hull_tree_init(&s.tree);
	hull_tree_init(&s.esp);
	if (hull_archive_is(file.path, NULL) > 0)
		hull_ignore(hull_archive_read(&s, temp, NULL));
	hull_system_fini(&s);
	close(file.fd);
	return 0;
}
