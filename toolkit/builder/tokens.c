// SPDX-License-Identifier: MIT
#include "builder/tokens.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

int hull_tokens_init(struct hull_tokens *t, const struct hull_store *s, int total,
		     struct hull_err *e)
{
	*t = (struct hull_tokens){.fd = -1, .total = total};
	t->path = hull_asprintf("%s/%s/jobserver", s->path, s->tmp);
	if (mkfifo(t->path, 0600) < 0) {
		hull_fail_errno(e, "%s", t->path);
		goto undo_path;
	}
	t->fd = open(t->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0) {
		hull_fail_errno(e, "%s", t->path);
		unlink(t->path);
		goto undo_path;
	}
	hull_tokens_refill(t);
	return 0;
undo_path:
	free(hull_steal(t->path));
	return -1;
}

void hull_tokens_fini(struct hull_tokens *t)
{
	if (t->path)
		unlink(t->path);
	free(hull_steal(t->path));
	if (t->fd >= 0)
		close(hull_steal_fd(&t->fd));
}

bool hull_tokens_take(struct hull_tokens *t)
{
	char c;

	return read(t->fd, &c, 1) == 1;
}

void hull_tokens_give(struct hull_tokens *t)
{
	/* The fifo holds at most `total` bytes, far below its size: this write cannot block. */
	hull_assert(write(t->fd, "+", 1) == 1);
}

void hull_tokens_refill(struct hull_tokens *t)
{
	while (hull_tokens_take(t))
		;
	for (int i = 0; i < t->total; i++)
		hull_tokens_give(t);
}
