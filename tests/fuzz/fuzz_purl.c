// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sbom/cpe.h"
#include "sbom/purl.h"
#include "vulnerability/purlread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What is read from a package URL and written again is read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_arena a = {0};
	const char *text = hull_arena_strndup(&a, (const char *)data, size), *name, *version;
	struct hull_purl_parts once, twice;

	if (hull_purl_parse(text, &a, &once)) {
		const char *again =
			hull_purl(&a, once.type, once.name_space, once.name, once.version, NULL);

		hull_assert(hull_purl_parse(again, &a, &twice));
		hull_assert(same(once.type, twice.type) && same(once.name, twice.name));
		hull_assert(same(once.version, twice.version));
		hull_assert(same(once.name_space, twice.name_space));
		hull_cpe(&a, once.name, once.version ? once.version : "");
	}
	hull_purl_deb(&a, text, &name, &version);
	hull_arena_fini(&a);
	return 0;
}
