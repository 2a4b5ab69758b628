// SPDX-License-Identifier: MIT
#include "sparse.h"

#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "partition/gptread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fix(int fd, uint64_t header_at)
{
	static uint8_t table[128 * 128];
	uint8_t h[512];
	uint32_t n;

	if (pread(fd, h, sizeof h, (off_t)header_at) != sizeof h)
		return;
	n = hull_get_le32(h + 80) * hull_get_le32(h + 84);
	if (n <= sizeof table &&
	    pread(fd, table, n, (off_t)(hull_get_le64(h + 72) % 65536 * 512)) == (ssize_t)n)
		hull_put_le32(h + 88, (uint32_t)crc32(0, table, n));
	n = hull_get_le32(h + 12);
	hull_put_le32(h + 16, 0);
	if (n <= sizeof h)
		hull_put_le32(h + 16, (uint32_t)crc32(0, h, n));
	hull_assert(pwrite(fd, h, sizeof h, (off_t)header_at) == sizeof h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_arena a = {0};
	struct hull_gpt g;
	struct hull_err e;
	struct stat st;

	if (fd < 0)
		return 0;
	hull_assert(fstat(fd, &st) == 0);
	if (data[0] & SPARSE_FIX && st.st_size >= 1024) {
		fix(fd, 512);
		fix(fd, (uint64_t)st.st_size / 512 * 512 - 512);
	}
	d = sparse_disk(fd);
	if (d && hull_gpt_read(d, &a, &g, &e) == 0)
		for (size_t i = 0; i < g.n; i++) {
			hull_assert(g.v[i].first_lba <= g.v[i].last_lba);
			hull_assert(g.v[i].last_lba < hull_disk_size(d) / 512);
			hull_assert(strlen(g.v[i].name) <= 3 * 36);
		}
	hull_arena_fini(&a);
	return 0;
}
