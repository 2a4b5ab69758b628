// SPDX-License-Identifier: MIT
#include "spec/macros.h"

#include "base/mem.h"

char *hull_macro_files(const char *dir, const char *arch)
{
	return hull_asprintf(
		"%s/macros:%s/macros.build:%s/macros.lang:%s/platform-%s:%s/fileattrs/*.attr", dir,
		dir, dir, dir, arch, dir);
}
