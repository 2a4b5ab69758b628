// SPDX-License-Identifier: MIT
#include "source/partial.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "source/origin.h"

static int hash_existing(struct hull_partial *p, struct hull_err *e)
{
	enum { CHUNK = 256 * 1024 };
	hull_autofree char *buf = hull_alloc(CHUNK);
	ssize_t n;

	while ((n = read(p->fd, buf, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hull_fail_errno(e, "%s/%s: read", p->store->path, p->path);
		hull_hash_add(p->hash, buf, (size_t)n);
		p->have_bytes += (uint64_t)n;
	}
	p->old_bytes = p->have_bytes;
	return 0;
}

int hull_partial_open(struct hull_partial *p, const struct hull_store *s, const char *sha256,
		      struct hull_err *e)
{
	*p = (struct hull_partial){.store = s, .fd = -1, .keep = sha256};
	if (sha256) {
		p->path = hull_strdup(hull_store_path(HULL_STORE_PARTIAL, sha256).path);
	} else {
		hull_autofree char *dir = hull_store_tmp(s, e);

		if (!dir)
			return -1;
		p->path = hull_asprintf("%s/source", dir);
	}
	p->hash = hull_hash_new();
	p->fd = openat(s->fd, p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (p->fd < 0) {
		hull_fail_errno(e, "%s/%s", s->path, p->path);
		goto undo_open;
	}
	if (hash_existing(p, e) < 0)
		goto undo_open;
	return 0;
undo_open:
	hull_partial_close(p);
	return -1;
}

int hull_partial_restart(struct hull_partial *p, struct hull_err *e)
{
	if (ftruncate(p->fd, 0) < 0 || lseek(p->fd, 0, SEEK_SET) < 0)
		return hull_fail_errno(e, "%s/%s: truncate", p->store->path, p->path);
	hull_hash_free(p->hash);
	p->hash = hull_hash_new();
	p->have_bytes = 0;
	p->old_bytes = 0;
	return 0;
}

int hull_partial_add(struct hull_partial *p, const void *bytes, size_t n, struct hull_err *e)
{
	if (hull_fd_write(p->fd, bytes, n, e) < 0)
		return hull_wrap(e, "%s/%s: ", p->store->path, p->path);
	hull_hash_add(p->hash, bytes, n);
	p->have_bytes += n;
	return 0;
}

int hull_partial_commit(struct hull_partial *p, const char *sha256, const char *origin,
			char out_digest[HULL_HEX], struct hull_err *e)
{
	hull_hash_hex(p->hash, out_digest);
	if (sha256 && strcmp(sha256, out_digest) != 0)
		return hull_partial_restart(p, e);
	if (fsync(p->fd) < 0)
		return hull_fail_errno(e, "%s/%s: sync", p->store->path, p->path);
	if (hull_source_set_origin(p->store, out_digest, origin, e) < 0)
		return hull_wrap(e, "%s/", p->store->path);
	if (hull_store_commit(p->store, p->path, HULL_STORE_SOURCE, out_digest, e) < 0)
		return -1;
	/* Only now: who is killed before must find a partial file that can be written. */
	if (fchmod(p->fd, 0444) < 0)
		return hull_fail_errno(e, "%s/%s: chmod", p->store->path,
				       hull_store_path(HULL_STORE_SOURCE, out_digest).path);
	return 1;
}

void hull_partial_close(struct hull_partial *p)
{
	if (p->fd >= 0) {
		if (!p->keep || !p->have_bytes)
			unlinkat(p->store->fd, p->path, 0);
		close(p->fd);
	}
	hull_hash_free(p->hash);
	free(p->path);
	*p = (struct hull_partial){.fd = -1};
}
