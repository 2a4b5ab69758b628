// SPDX-License-Identifier: MIT
#include "source/origin.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/intact.h"
#include "store/sealed.h"

int hull_source_set_origin(const struct hull_store *s, const char *sha256, const char *origin,
			   struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_ORIGIN, sha256);
	hull_autobuf struct hull_buf text = {0};

	hull_buf_adds(&text, origin);
	hull_seal_lines(&text, HULL_STORE_ORIGIN, sha256);
	return hull_file_write(s->fd, o.path, text.p, text.n, 0644, e);
}

char *hull_source_origin(const struct hull_store *s, const char *sha256)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_ORIGIN, sha256);
	hull_autobuf struct hull_buf text = {0};
	enum hull_seal seal;
	size_t n;

	if (!hull_exists(s->fd, o.path) || hull_file_read(s->fd, o.path, &text, NULL) < 0)
		return NULL;
	seal = hull_seal_look(&text, HULL_STORE_ORIGIN, sha256, &n);
	if (seal == HULL_SEALED || (seal == HULL_UNSEALED && hull_seal_is_old_line(text.p, n)))
		return hull_strndup(text.p, n);
	hull_ignore(hull_intact_set_aside(s, HULL_STORE_ORIGIN, sha256, "its seal does not hold",
					  NULL));
	return NULL;
}
