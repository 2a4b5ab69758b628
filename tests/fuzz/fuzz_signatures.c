// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "memfile.h"
#include "spec/specsource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The hashes of a spec's two sources: none is given that is no SHA-256. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autostrv struct hull_strv errors = {0}, warnings = {0};
	struct hull_spec_source sources[] = {{.file = "a.tar.xz"}, {.file = "b.patch"}};
	struct hull_spec spec = {.name = "x", .sources = sources, .nsources = 2};
	struct memfile file = memfile(data, size);
	struct hull_arena arena = {0};

	hull_signatures_read(AT_FDCWD, file.path, &spec, &arena, &errors, &warnings);
	for (size_t i = 0; i < spec.nsources; i++)
		hull_assert(!sources[i].sha256 || hull_is_sha256(sources[i].sha256));
	hull_arena_fini(&arena);
	close(file.fd);
	return 0;
}
