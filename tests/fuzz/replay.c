// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>

/* Feeds files to a fuzz entry point, for builds without libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		hull_autobuf struct hull_buf b = {0};
		struct hull_err e;

		if (hull_file_read(AT_FDCWD, argv[i], &b, &e) < 0) {
			fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)b.p, b.n);
	}
	if (argc < 2) {
		fputs("no corpus\n", stderr);
		return 1;
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
