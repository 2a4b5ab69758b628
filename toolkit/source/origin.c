// SPDX-License-Identifier: MIT
#include "source/origin.h"

#include <string.h>

#include "base/file.h"

int hull_source_set_origin(const struct hull_store *s, const char *sha256, const char *origin,
			   struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_ORIGIN, sha256);

	return hull_file_write(s->fd, o.path, origin, strlen(origin), 0644, e);
}

char *hull_source_origin(const struct hull_store *s, const char *sha256)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_ORIGIN, sha256);
	struct hull_buf text = {0};

	if (!hull_exists(s->fd, o.path) || hull_file_read(s->fd, o.path, &text, NULL) < 0) {
		hull_buf_fini(&text);
		return NULL;
	}
	return hull_buf_steal(&text);
}
