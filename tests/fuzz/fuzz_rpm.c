// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/describe.h"
#include "rpm/front.h"
#include "rpm/rpmfile.h"
#include "rpm/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The digests keep a fuzzer out: without them it gets on. */
static void without_digests(int fd, int to)
{
	hull_autofront struct hull_front front = {0};
	struct hull_arena arena = {0};
	struct hull_package package;
	struct hull_err e;

	if (hull_front_parse(fd, "fuzz", &front, &e) < 0)
		return;
	if (hull_header_describe(front.header, "fuzz", &arena, &package, &e) == 0)
		json_decref(hull_package_to_json(&package));
	hull_ignore(hull_payload_unpack(fd, "fuzz", &front, to, &e));
	hull_arena_fini(&arena);
}

/* An RPM file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = memfd_create("rpm", MFD_CLOEXEC);
	char dir[] = "/tmp/hull-fuzz-XXXXXX", path[64];
	struct hull_arena arena = {0};
	struct hull_package package;
	hull_autofd int to = -1;
	struct hull_err e;

	hull_assert(fd >= 0 && hull_fd_write(fd, data, size, &e) == 0 && mkdtemp(dir));
	to = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hull_assert(to >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	hull_ignore(hull_rpm_read(AT_FDCWD, path, &arena, &package, &e));
	without_digests(fd, to);
	hull_arena_fini(&arena);
	hull_ignore(hull_remove_tree(AT_FDCWD, dir, &e));
	return 0;
}
