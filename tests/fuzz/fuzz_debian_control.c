// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "godeps/goblock.h"
#include "godeps/golibs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An index as Packages, as Sources, and the text of a spec. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofree char *text = hull_strndup((const char *)data, size);
	hull_autostrv struct hull_strv files = {0};
	struct hull_go_libs libs = {0};
	struct hull_go_block block;
	struct hull_err e;
	const char *relations;

	hull_go_libs_parse(&libs, text);
	relations = hull_go_build_depends(text, "x", &libs.arena);
	hull_go_libs_close(&libs, relations ? relations : text);
	hull_go_libs_fini(&libs);
	if (hull_go_block_parse(&block, text, "x.spec", &e) == 0) {
		hull_go_block_files(&block, text, &files);
		hull_go_block_fini(&block);
	}
	return 0;
}
