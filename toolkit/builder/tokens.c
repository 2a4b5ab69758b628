// SPDX-License-Identifier: MIT
#include "builder/tokens.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { PATIENCE_MS = 20000, ROUNDS = 64 };

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
	hull_tokens_settle(t);
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

bool hull_tokens_take(struct hull_tokens *t, int64_t now_ms)
{
	char c;
	bool got = t->kept > 0 || read(t->fd, &c, 1) == 1;

	if (t->kept > 0)
		t->kept--;
	if (!got && !t->asked_ms)
		t->asked_ms = now_ms;
	got = got || (t->held < t->total && now_ms - t->asked_ms >= PATIENCE_MS);
	if (got) {
		t->held++;
		t->asked_ms = 0;
	}
	return got;
}

void hull_tokens_give(struct hull_tokens *t)
{
	t->held--;
	t->kept++;
}

static int in_fifo(const struct hull_tokens *t)
{
	int n = 0;

	return ioctl(t->fd, FIONREAD, &n) < 0 ? 0 : n;
}

void hull_tokens_settle(struct hull_tokens *t)
{
	char bytes[4096];
	int there = in_fifo(t), most;

	if (!t->held) {
		t->kept = 0;
		most = t->total;
	} else {
		most = t->total - t->held;
	}
	/* A fifo holds 64 KiB; who fills it again meanwhile waits for the next time. */
	for (int i = 0; i < ROUNDS && there > most; i++) {
		size_t excess = (size_t)(there - most);

		if (read(t->fd, bytes, excess < sizeof bytes ? excess : sizeof bytes) <= 0)
			break;
		there = in_fifo(t);
	}
	for (; there < most && (t->kept > 0 || !t->held); there++) {
		if (write(t->fd, "+", 1) != 1)
			break;
		if (t->kept > 0)
			t->kept--;
	}
	if (there >= most)
		t->kept = 0;
}
