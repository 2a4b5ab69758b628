// SPDX-License-Identifier: MIT
#include "closure/offer.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "repo/index.h"
#include "repo/read.h"

int hull_offer_init(struct hull_offer *o, const struct hull_store *s,
		    const struct hull_repository *repositories, size_t n, bool offline,
		    struct hull_progress *progress, struct hull_err *e)
{
	*o = (struct hull_offer){.digests = hull_alloc_array(n + 1, sizeof *o->digests)};
	if (!n) {
		hull_fail(e, HULL_USAGE, "no repository is given");
		goto undo_init;
	}
	for (size_t i = 0; i < n; i++) {
		const struct hull_repository *r = &repositories[i];

		for (size_t k = 0; k < i; k++)
			if (!strcmp(r->name, repositories[k].name)) {
				hull_fail(e, HULL_USAGE, "two repositories are named '%s'",
					  r->name);
				goto undo_init;
			}
		if (hull_repo_index(s, r, offline, progress, o->digests[i], e) < 0)
			goto undo_init;
	}
	return 0;
undo_init:
	hull_offer_fini(o);
	return -1;
}

int hull_offer_load(struct hull_offer *o, const struct hull_store *s, size_t n, const char *arch,
		    bool by_name, struct hull_err *e)
{
	o->pool = hull_pool_new(arch);
	for (size_t i = 0; i < n; i++) {
		struct hull_store_path index = hull_store_path(HULL_STORE_INDEX, o->digests[i]);
		hull_autofd int fd = hull_open(s->fd, index.path, e);

		if (fd < 0 || hull_pool_load(o->pool, fd, index.path, (int)i, by_name, e) < 0)
			return hull_wrap(e, "store: ");
	}
	return 0;
}

void hull_offer_fini(struct hull_offer *o)
{
	hull_pool_free(o->pool);
	free(o->digests);
	*o = (struct hull_offer){0};
}
