// SPDX-License-Identifier: MIT
#include "ext4/ext4device.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ext4/ext4_io.h"

struct hull_ext4_piece {
	uint64_t at; /* counted in pieces */
	uint8_t b[HULL_EXT4_PIECE];
};

/* libext2fs opens by name; this is what it means. */
static _Thread_local struct hull_ext4_device *opening;

static struct struct_io_manager manager;

static struct hull_ext4_device *device_of(io_channel io)
{
	return io->private_data;
}

static errcode_t device_open(const char *name, int flags, io_channel *out)
{
	(void)flags;
	*out = hull_ext4_channel_new(&manager, name, SUPERBLOCK_OFFSET, opening);
	return 0;
}

static errcode_t device_close(io_channel io)
{
	if (--io->refcount == 0)
		hull_ext4_channel_free(io);
	return 0;
}

static const struct hull_ext4_piece *piece(struct hull_ext4_device *d, uint64_t at)
{
	struct hull_ext4_piece **slot = &d->pieces[at % HULL_EXT4_PIECES], *p = *slot;
	uint64_t from = at * HULL_EXT4_PIECE, left = d->length_bytes - from;

	if (p && p->at == at)
		return p;
	if (!p)
		p = *slot = hull_alloc(sizeof *p);
	p->at = UINT64_MAX;
	if (hull_disk_read(d->disk, d->offset_bytes + from, p->b,
			   left < sizeof p->b ? (size_t)left : sizeof p->b, &d->failure) < 0)
		return NULL;
	p->at = at;
	return p;
}

static errcode_t read_bytes(struct hull_ext4_device *d, uint64_t at, uint64_t n, uint8_t *to)
{
	if (at > d->length_bytes || n > d->length_bytes - at) {
		hull_fail(&d->failure, HULL_FAILED,
			  "byte %" PRIu64 " lies behind the end of the file system's %" PRIu64
			  " bytes",
			  at + n, d->length_bytes);
		return HULL_EXT4_NOT_READ;
	}
	if (!d->patience) {
		hull_fail(&d->failure, HULL_FAILED, "its blocks refer to each other without end");
		return HULL_EXT4_NOT_READ;
	}
	d->patience--;
	while (n) {
		const struct hull_ext4_piece *p = piece(d, at / HULL_EXT4_PIECE);
		size_t skip = at % HULL_EXT4_PIECE;
		size_t part = n < HULL_EXT4_PIECE - skip ? (size_t)n : HULL_EXT4_PIECE - skip;

		if (!p)
			return HULL_EXT4_NOT_READ;
		memcpy(to, p->b + skip, part);
		to += part;
		at += part;
		n -= part;
	}
	return 0;
}

static errcode_t read_blocks(io_channel io, unsigned long long block, int count, void *data)
{
	uint64_t unit = (unsigned)io->block_size;

	return read_bytes(device_of(io),
			  block < UINT64_MAX / unit / 2 ? block * unit : UINT64_MAX / 2,
			  hull_ext4_channel_bytes(io, count), data);
}

static errcode_t write_blocks(io_channel io, unsigned long long block, int count, const void *data)
{
	(void)io;
	(void)block;
	(void)count;
	(void)data;
	return EXT2_ET_RO_FILSYS;
}

static struct struct_io_manager manager = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER,
	.name = "hull_disk",
	.open = device_open,
	.close = device_close,
	.set_blksize = hull_ext4_channel_set_block_size,
	.read_blk = hull_ext4_channel_read,
	.write_blk = hull_ext4_channel_write,
	.flush = hull_ext4_channel_flush,
	.read_blk64 = read_blocks,
	.write_blk64 = write_blocks,
};

errcode_t hull_ext4_device_open(struct hull_ext4_device *d, ext2_filsys *out)
{
	errcode_t code;

	opening = d;
	code = ext2fs_open2("disk", NULL, EXT2_FLAG_64BITS, 0, 0, &manager, out);
	opening = NULL;
	return code;
}

void hull_ext4_device_fini(struct hull_ext4_device *d)
{
	for (size_t i = 0; i < HULL_EXT4_PIECES; i++)
		free(d->pieces[i]);
}
