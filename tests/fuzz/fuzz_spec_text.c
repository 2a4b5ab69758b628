// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "spec/lint.h"
#include "spec/repair.h"
#include "spec/written.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What runs a program or reads a file is not for a fuzzer. */
static bool is_harmless(const char *text)
{
	return !strstr(text, "%(") && !strstr(text, "lua") && !strstr(text, "load") &&
	       !strstr(text, "include");
}

/* The raw text of a spec, its end, and what librpm is said to have made of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autostrv struct hull_strv errors = {0};
	hull_autostrv struct hull_strv names = {0};
	hull_autobuf struct hull_buf repaired = {0}, again = {0};
	struct hull_arena a = {0};
	char *raw = hull_arena_strndup(&a, (const char *)data, size);
	size_t n = strlen(raw);
	char *parsed = n < size ? hull_arena_strndup(&a, (const char *)data + n, size - n) : raw;
	struct hull_written w;

	if (is_harmless(raw)) {
		hull_written_read(raw, &a, &w);
		for (size_t i = 0; i < w.sources.n; i++)
			hull_assert(hull_written_source(&w, w.sources.v[i].name) > 0);
		hull_lint_macros("x.spec", raw, parsed, &errors, NULL);
		hull_lint_macros("x.spec", raw, NULL, &errors, &names);
		hull_assert(!hull_spec_repair("x.spec", raw, &repaired, NULL) ||
			    !hull_spec_repair("x.spec", repaired.p, &again, NULL));
	}
	hull_arena_fini(&a);
	return 0;
}
