// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/file.h"
#include "store/buildrecord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The record of a build, which anybody may have damaged: read, and asked for a package. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char key[HULL_HEX];
	static struct hull_store s = {.fd = -1};
	struct hull_build_record r;
	struct hull_store_path at;

	if (s.fd < 0) {
		char dir[] = "/tmp/hull-fuzz-XXXXXX";

		hull_assert(mkdtemp(dir) && hull_store_open(&s, dir, NULL) == 0);
		hull_hash_bytes("key", 3, key);
	}
	at = hull_store_path(HULL_STORE_BUILD, key);
	hull_assert(hull_file_write(s.fd, at.path, data, size, 0644, NULL) == 0);
	if (hull_build_record_read(&s, key, &r, NULL) > 0) {
		hull_build_record_has(&r, key);
		hull_build_record_fini(&r);
	}
	return 0;
}
