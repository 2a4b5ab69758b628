// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>

#include "memfile.h"
#include "repo/index.h"
#include "repo/mirrorlist.h"
#include "solve/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const struct hull_store *s, const char *digest)
{
	struct hull_store_path at = hull_store_path(HULL_STORE_INDEX, digest);
	hull_autofd int fd = hull_open(s->fd, at.path, NULL);
	struct hull_pool *pool = hull_pool_new("x86_64");

	hull_assert(fd >= 0 && hull_pool_load(pool, fd, "fuzz", 0, false, NULL) == 0);
	hull_pool_free(pool);
	unlinkat(s->fd, at.path, 0);
}

/* A list of mirrors ('l'), a metalink ('k'), a repomd.xml ('r'), or primary ('p') or both documents
 * ('f': a NUL between) that become an index which loads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char digest[HULL_HEX];
	static struct hull_store s = {.fd = -1};
	struct hull_repo_file files[HULL_REPO_FILES] = {0};
	struct hull_repomd repomd;
	const uint8_t *end = NULL;
	struct memfile primary, filelists = {-1, ""};

	if (!size)
		return 0;
	if (*data == 'r') {
		hull_autobuf struct hull_buf text = {0};

		hull_buf_add(&text, data + 1, size - 1);
		if (hull_repomd_parse(&text, &repomd, NULL) == 0)
			hull_repomd_fini(&repomd);
		return 0;
	}
	if (*data == 'l' || *data == 'k') {
		hull_autobuf struct hull_buf text = {0};
		struct hull_mirrorlist l;

		hull_buf_add(&text, data + 1, size - 1);
		if ((*data == 'l' ? hull_mirrorlist_parse(&text, &l, NULL)
				  : hull_metalink_parse(&text, &l, NULL)) == 0)
			hull_mirrorlist_fini(&l);
		return 0;
	}
	if (s.fd < 0) {
		char dir[] = "/tmp/hull-fuzz-XXXXXX";

		hull_assert(mkdtemp(dir) && hull_store_open(&s, dir, NULL) == 0);
		hull_hash_bytes("index", 5, digest);
	}
	if (*data == 'f')
		end = memchr(data, 0, size);
	primary = memfile(data + 1, end ? (size_t)(end - data) - 1 : size - 1);
	files[0].path = primary.path;
	if (end) {
		filelists = memfile(end + 1, size - (size_t)(end - data) - 1);
		files[1].path = filelists.path;
	}
	if (hull_index_make(&s, files, digest, NULL) == 0)
		load(&s, digest);
	close(primary.fd);
	if (filelists.fd >= 0)
		close(filelists.fd);
	return 0;
}
