// SPDX-License-Identifier: MIT
#include "rpm/rpmfile.h"

#include <rpm/header.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "rpm/describe.h"
#include "rpm/front.h"

/* Of the files alone: dependencies and versions change nothing that a build root can see. */
static const char *content_digest(const struct hull_package *p, struct hull_arena *a)
{
	hull_autohash struct hull_hash *hash = hull_hash_new();
	char *hex = hull_arena_alloc(a, HULL_HEX);
	char text[64];

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct hull_file *f = &p->files[i];

		if (f->flags & HULL_FILE_GHOST)
			continue;
		snprintf(text, sizeof text, "%o %llu", f->mode, (unsigned long long)f->size_bytes);
		hull_hash_field(hash, "path", f->path);
		hull_hash_field(hash, "mode", text);
		hull_hash_field(hash, "user", f->user);
		hull_hash_field(hash, "group", f->group);
		hull_hash_field(hash, "link", f->link);
		hull_hash_field(hash, "sha256", f->digest);
		hull_hash_field(hash, "caps", f->caps);
	}
	hull_hash_hex(hash, hex);
	return hex;
}

int hull_rpm_read_fd(int fd, const char *path, struct hull_arena *a, struct hull_package *out,
		     struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	char sha256[HULL_HEX];

	if (hull_front_read(fd, path, &front, e) < 0 ||
	    hull_front_check_payload(&front, fd, path, sha256, e) < 0 ||
	    hull_header_describe_built(front.header, path, a, out, e) < 0)
		return -1;
	out->sha256 = hull_arena_strdup(a, sha256);
	out->content = content_digest(out, a);
	out->file_bytes = front.file_bytes;
	out->archive_bytes = hull_header_size(front.signature, RPMTAG_LONGARCHIVESIZE,
					      (rpmTag)RPMSIGTAG_PAYLOADSIZE);
	out->header_start = front.start;
	out->header_end = front.end;
	out->file_time = front.file_time;
	return 0;
}

int hull_rpm_read(int dirfd, const char *path, struct hull_arena *a, struct hull_package *out,
		  struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);

	return fd < 0 ? -1 : hull_rpm_read_fd(fd, path, a, out, e);
}
