// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "finding/baseline.h"
#include "memfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A baseline, for two findings of which it may accept any. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memfile file = memfile(data, size);
	struct hull_findings f = {0};

	hull_findings_add(&f, "HULL-MODE-SETUID", HULL_OBJECT_FILE, "/usr/bin/su", "util", "%s",
			  "mode 4755");
	hull_findings_add(&f, "HULL-MODE-SETGID", HULL_OBJECT_FILE, "/usr/bin/wall", "util", "%s",
			  "mode 2755");
	hull_ignore(hull_baseline_apply(file.path, 1800000000, &f, NULL));
	hull_findings_sort(&f);
	hull_findings_fini(&f);
	close(file.fd);
	return 0;
}
