// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

/*
 * RPM files byte by byte, such as rpmbuild would never make them: header and payload say what the
 * test wants, and have the right digests all the same.
 */

/* A file as the header lists it. */
struct craft_file {
	const char *dir, *base;
	uint32_t mode;
	const char *data; /* of a regular file: its size and digest */
	const char *link;
	uint32_t flags; /* RPMFILE_* */
};

/* An entry of the payload. */
struct craft_entry {
	const char *name;
	uint32_t mode;
	const char *data;      /* or the target of a link */
	uint32_t inode, nlink; /* 0: of its own */
};

struct craft {
	struct craft_file files[8];    /* up to the first without a base */
	struct craft_entry entries[8]; /* up to the first without a name */
	uint32_t inodes[8];	       /* of the files; 0: one of its own */
	const char *name;	       /* of the package; NULL: "crafted" */
	const char *payload_digest;    /* NULL: the right one */
	const char *user;	       /* that all files belong to; NULL: root */
	const char *scriptlet;	       /* %post, or NULL */
	bool no_source_rpm;	       /* a source package */
	bool numbered; /* entries are numbers of files, as in packages beyond 4 GiB */
};

static inline void craft_cpio(struct hull_buf *to, const struct craft_entry *e, unsigned int inode)
{
	size_t n = e->data ? strlen(e->data) : 0;

	hull_buf_addf(to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		      e->inode ? e->inode : inode, e->mode, 0, 0, e->nlink ? e->nlink : 1,
		      1700000000, (unsigned int)n, 0, 0, 0, 0, (unsigned int)strlen(e->name) + 1,
		      0);
	hull_buf_add(to, e->name, strlen(e->name) + 1);
	while (to->n % 4)
		hull_buf_addc(to, '\0');
	if (n)
		hull_buf_add(to, e->data, n);
	while (to->n % 4)
		hull_buf_addc(to, '\0');
}

static inline void craft_numbered(struct hull_buf *to, unsigned int index, const char *data)
{
	hull_buf_addf(to, "07070X%08X", index);
	while (to->n % 4)
		hull_buf_addc(to, '\0');
	hull_buf_adds(to, data ? data : "");
	while (to->n % 4)
		hull_buf_addc(to, '\0');
}

static inline void craft_files(Header h, const struct craft *c)
{
	static const uint32_t algorithm = 8;

	for (size_t i = 0; i < 8 && c->files[i].base; i++) {
		const struct craft_file *f = &c->files[i];
		char digest[HULL_HEX] = "";
		uint32_t size = f->data ? (uint32_t)strlen(f->data) : 0, index = (uint32_t)i,
			 zero = 0, number = index + 100;
		uint16_t mode = (uint16_t)f->mode, rdev = 0;

		if (S_ISREG(f->mode))
			hull_hash_bytes(f->data ? f->data : "", size, digest);
		headerPutString(h, RPMTAG_BASENAMES, f->base);
		headerPutString(h, RPMTAG_DIRNAMES, f->dir);
		headerPutUint32(h, RPMTAG_DIRINDEXES, &index, 1);
		headerPutUint16(h, RPMTAG_FILEMODES, &mode, 1);
		headerPutUint16(h, RPMTAG_FILERDEVS, &rdev, 1);
		headerPutUint32(h, RPMTAG_FILESIZES, &size, 1);
		headerPutUint32(h, RPMTAG_FILEMTIMES, &zero, 1);
		headerPutUint32(h, RPMTAG_FILEINODES, c->inodes[i] ? &c->inodes[i] : &number, 1);
		headerPutUint32(h, RPMTAG_FILEFLAGS, &f->flags, 1);
		headerPutString(h, RPMTAG_FILEDIGESTS, digest);
		headerPutString(h, RPMTAG_FILELINKTOS, f->link ? f->link : "");
		headerPutString(h, RPMTAG_FILEUSERNAME, c->user ? c->user : "root");
		headerPutString(h, RPMTAG_FILEGROUPNAME, "root");
	}
	headerPutUint32(h, RPMTAG_FILEDIGESTALGO, &algorithm, 1);
}

/* Appends a header structure with its magic. */
static inline void craft_header(struct hull_buf *to, Header h)
{
	static const char magic[8] = {(char)0x8e, (char)0xad, (char)0xe8, 1, 0, 0, 0, 0};
	unsigned int n;
	void *blob = headerExport(h, &n);

	hull_buf_add(to, magic, sizeof magic);
	hull_buf_add(to, blob, n);
	free(blob);
}

static inline void craft_rpm(const struct craft *c, struct hull_buf *out)
{
	static const char lead[96] = {(char)0xed, (char)0xab, (char)0xee, (char)0xdb, 3};
	static const struct craft_entry trailer = {.name = "TRAILER!!!"};
	static const uint32_t algorithm = 8, time = 1700000000;
	hull_autobuf struct hull_buf payload = {0}, header = {0};
	Header h = headerNew(), signature = headerNew();
	char hex[HULL_HEX];

	for (unsigned int i = 0; i < 8 && c->entries[i].name; i++)
		if (c->numbered)
			craft_numbered(&payload, c->entries[i].inode, c->entries[i].data);
		else
			craft_cpio(&payload, &c->entries[i], i + 1);
	craft_cpio(&payload, &trailer, 0);
	hull_hash_bytes(payload.p, payload.n, hex);
	headerPutString(h, RPMTAG_NAME, c->name ? c->name : "crafted");
	headerPutString(h, RPMTAG_VERSION, "1");
	headerPutString(h, RPMTAG_RELEASE, "1");
	headerPutString(h, RPMTAG_ARCH, "noarch");
	headerPutUint32(h, RPMTAG_BUILDTIME, &time, 1);
	if (c->scriptlet)
		headerPutString(h, RPMTAG_POSTIN, c->scriptlet);
	if (!c->no_source_rpm)
		headerPutString(h, RPMTAG_SOURCERPM, "crafted-1-1.src.rpm");
	headerPutString(h, RPMTAG_PAYLOADDIGEST, c->payload_digest ? c->payload_digest : hex);
	headerPutUint32(h, RPMTAG_PAYLOADDIGESTALGO, &algorithm, 1);
	craft_files(h, c);
	craft_header(&header, h);
	hull_hash_bytes(header.p, header.n, hex);
	headerPutString(signature, RPMTAG_SHA256HEADER, hex);
	hull_buf_add(out, lead, sizeof lead);
	craft_header(out, signature);
	while (out->n % 8)
		hull_buf_addc(out, '\0');
	hull_buf_add(out, header.p, header.n);
	hull_buf_add(out, payload.p, payload.n);
	headerFree(h);
	headerFree(signature);
}
