// SPDX-License-Identifier: MIT
#include "rpm/file.h"

#include <rpm/header.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "rpm/describe.h"
#include "rpm/front.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *name;
	rpmTag script, program; /* "%post -p /usr/bin/true" has a program only */
} scriptlet_tags[] = {
	{"%pretrans", RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG},
	{"%pre", RPMTAG_PREIN, RPMTAG_PREINPROG},
	{"%post", RPMTAG_POSTIN, RPMTAG_POSTINPROG},
	{"%preun", RPMTAG_PREUN, RPMTAG_PREUNPROG},
	{"%postun", RPMTAG_POSTUN, RPMTAG_POSTUNPROG},
	{"%posttrans", RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG},
	{"%preuntrans", 5104, 5105}, /* since rpm 4.19 */
	{"%postuntrans", 5106, 5107},
	{"%verifyscript", RPMTAG_VERIFYSCRIPT, RPMTAG_VERIFYSCRIPTPROG},
	{"%trigger", RPMTAG_TRIGGERNAME, RPMTAG_TRIGGERSCRIPTPROG},
	{"%filetrigger", RPMTAG_FILETRIGGERNAME, RPMTAG_FILETRIGGERSCRIPTPROG},
	{"%transfiletrigger", RPMTAG_TRANSFILETRIGGERNAME, RPMTAG_TRANSFILETRIGGERSCRIPTPROG},
};

/* A size: 64 bits if the package needed them, else 32. */
static uint64_t size(Header h, rpmTag wide, rpmTag narrow)
{
	uint64_t n = hull_header_number(h, headerIsEntry(h, wide) ? wide : narrow);

	return n <= INT64_MAX ? n : 0;
}

/* A section without a line leaves "/bin/sh" and no script: nothing would run. */
static bool has_scriptlet(Header h, rpmTag script, rpmTag program)
{
	const char *shell = headerGetString(h, program);

	if (headerIsEntry(h, script))
		return true;
	return headerIsEntry(h, program) && !(shell && !strcmp(shell, "/bin/sh"));
}

static void take_scriptlets(Header h, struct hull_arena *a, struct hull_package *out)
{
	const char **names = hull_arena_alloc(a, (LENGTH(scriptlet_tags) + 1) * sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(scriptlet_tags); i++)
		if (has_scriptlet(h, scriptlet_tags[i].script, scriptlet_tags[i].program))
			names[n++] = scriptlet_tags[i].name;
	out->scriptlets = n ? names : NULL;
}

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

int hull_rpm_read(int dirfd, const char *path, struct hull_arena *a, struct hull_package *out,
		  struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(dirfd, path, e);
	char sha256[HULL_HEX];

	if (fd < 0 || hull_front_read(fd, path, &front, e) < 0 ||
	    hull_front_check_payload(&front, fd, path, sha256, e) < 0 ||
	    hull_header_describe(front.header, path, a, out, e) < 0)
		return -1;
	if (!headerIsEntry(front.header, RPMTAG_SOURCERPM))
		return hull_fail(e, HULL_FAILED, "%s: is a source package", path);
	if (hull_header_name(front.header, RPMTAG_SOURCERPM, path, a, &out->source_rpm, e) < 0 ||
	    hull_header_files(front.header, path, a, out, e) < 0)
		return -1;
	out->sha256 = hull_arena_strdup(a, sha256);
	out->content = content_digest(out, a);
	out->file_bytes = front.file_bytes;
	out->installed_bytes = size(front.header, RPMTAG_LONGSIZE, RPMTAG_SIZE);
	out->archive_bytes =
		size(front.signature, RPMTAG_LONGARCHIVESIZE, (rpmTag)RPMSIGTAG_PAYLOADSIZE);
	out->header_start = front.start;
	out->header_end = front.end;
	out->build_time = (int64_t)(uint32_t)hull_header_number(front.header, RPMTAG_BUILDTIME);
	out->file_time = front.file_time;
	take_scriptlets(front.header, a, out);
	return 0;
}
