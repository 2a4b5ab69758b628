// SPDX-License-Identifier: MIT
#include "ext4/ext4_io.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { CHUNK = 512 };

struct chunk {
	uint8_t *block[CHUNK];
};

struct device {
	struct hull_arena *arena;
	struct chunk **chunks;
	uint64_t n_blocks;
};

static struct device *device_of(io_channel io)
{
	return io->private_data;
}

static size_t chunk_count(const struct device *d)
{
	return (size_t)((d->n_blocks + CHUNK - 1) / CHUNK);
}

void hull_ext4_io_init(io_channel io, uint64_t n_blocks, struct hull_arena *arena)
{
	struct device *d = device_of(io);

	hull_assert(!d->chunks);
	d->n_blocks = n_blocks;
	d->arena = arena;
	d->chunks = hull_alloc_array(chunk_count(d), sizeof(struct chunk *));
}

/* NULL if the block has no memory. */
static const uint8_t *peek(const struct device *d, uint64_t block)
{
	const struct chunk *c;

	hull_assert(block < d->n_blocks);
	c = d->chunks[block / CHUNK];
	return c ? c->block[block % CHUNK] : NULL;
}

static uint8_t **slot(struct device *d, uint64_t block)
{
	struct chunk **c;

	hull_assert(block < d->n_blocks);
	c = &d->chunks[block / CHUNK];
	if (!*c)
		*c = hull_alloc(sizeof **c);
	return &(*c)->block[block % CHUNK];
}

uint8_t *hull_ext4_io_block(io_channel io, uint64_t block)
{
	struct device *d = device_of(io);
	uint8_t **at = slot(d, block);

	if (!*at)
		*at = hull_arena_alloc(d->arena, HULL_EXT4_BLOCK);
	return *at;
}

void hull_ext4_io_map(io_channel io, uint64_t block, uint64_t n)
{
	struct device *d = device_of(io);
	uint8_t *memory = hull_arena_array(d->arena, (size_t)n, HULL_EXT4_BLOCK);

	for (uint64_t i = 0; i < n; i++) {
		uint8_t **at = slot(d, block + i);

		hull_assert(!*at);
		*at = memory + i * HULL_EXT4_BLOCK;
	}
}

void hull_ext4_io_emit(io_channel io, struct hull_layout *l, uint64_t offset_bytes)
{
	const struct device *d = device_of(io);
	struct hull_content run = {.dirfd = -1};
	uint64_t first = 0, n = 0;

	for (uint64_t i = 0; i < d->n_blocks; i++) {
		const uint8_t *block;

		if (!d->chunks[i / CHUNK]) {
			i |= CHUNK - 1;
			continue;
		}
		block = peek(d, i);
		if (!block || hull_all_zero(block, HULL_EXT4_BLOCK))
			continue;
		if (n && i == first + n &&
		    block == (const uint8_t *)run.memory + n * HULL_EXT4_BLOCK) {
			n++;
			continue;
		}
		hull_layout_add(l, offset_bytes + first * HULL_EXT4_BLOCK, n * HULL_EXT4_BLOCK,
				&run);
		run.memory = block;
		first = i;
		n = 1;
	}
	hull_layout_add(l, offset_bytes + first * HULL_EXT4_BLOCK, n * HULL_EXT4_BLOCK, &run);
}

/* --- what all channels have in common --- */

io_channel hull_ext4_channel_new(io_manager manager, const char *name, int block_size, void *device)
{
	io_channel io = hull_alloc(sizeof *io);

	io->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	io->manager = manager;
	io->name = hull_strdup(name);
	io->block_size = block_size;
	io->refcount = 1;
	io->private_data = device;
	return io;
}

void hull_ext4_channel_free(io_channel io)
{
	free(io->name);
	free(io);
}

errcode_t hull_ext4_channel_set_block_size(io_channel io, int size)
{
	io->block_size = size;
	return 0;
}

errcode_t hull_ext4_channel_read(io_channel io, unsigned long block, int count, void *data)
{
	return io->manager->read_blk64(io, block, count, data);
}

errcode_t hull_ext4_channel_write(io_channel io, unsigned long block, int count, const void *data)
{
	return io->manager->write_blk64(io, block, count, data);
}

errcode_t hull_ext4_channel_flush(io_channel io)
{
	(void)io;
	return 0;
}

uint64_t hull_ext4_channel_bytes(const struct struct_io_channel *io, int count)
{
	return count < 0 ? (uint64_t) - (int64_t)count : (uint64_t)count * (unsigned)io->block_size;
}

/* --- what libext2fs calls --- */

static errcode_t device_open(const char *name, int flags, io_channel *out)
{
	(void)flags;
	*out = hull_ext4_channel_new(hull_ext4_io(), name, HULL_EXT4_BLOCK,
				     hull_alloc(sizeof(struct device)));
	return 0;
}

static errcode_t device_close(io_channel io)
{
	struct device *d = device_of(io);

	if (--io->refcount > 0)
		return 0;
	for (size_t i = 0; d->chunks && i < chunk_count(d); i++)
		free(d->chunks[i]);
	free(d->chunks);
	free(d);
	hull_ext4_channel_free(io);
	return 0;
}

static errcode_t read_blocks(io_channel io, unsigned long long block, int count, void *data)
{
	uint64_t at = block * (unsigned)io->block_size, n = hull_ext4_channel_bytes(io, count);
	uint8_t *to = data;

	while (n) {
		const uint8_t *from = peek(device_of(io), at / HULL_EXT4_BLOCK);
		size_t skip = at % HULL_EXT4_BLOCK;
		size_t part = n < HULL_EXT4_BLOCK - skip ? (size_t)n : HULL_EXT4_BLOCK - skip;

		if (from)
			memcpy(to, from + skip, part);
		else
			memset(to, 0, part);
		to += part;
		at += part;
		n -= part;
	}
	return 0;
}

static errcode_t write_blocks(io_channel io, unsigned long long block, int count, const void *data)
{
	uint64_t at = block * (unsigned)io->block_size, n = hull_ext4_channel_bytes(io, count);
	const uint8_t *from = data;

	while (n) {
		size_t skip = at % HULL_EXT4_BLOCK;
		size_t part = n < HULL_EXT4_BLOCK - skip ? (size_t)n : HULL_EXT4_BLOCK - skip;

		memcpy(hull_ext4_io_block(io, at / HULL_EXT4_BLOCK) + skip, from, part);
		from += part;
		at += part;
		n -= part;
	}
	return 0;
}

static errcode_t zero_blocks(io_channel io, unsigned long long block, unsigned long long count)
{
	for (uint64_t i = block; i < block + count; i++) {
		if (peek(device_of(io), i))
			memset(hull_ext4_io_block(io, i), 0, HULL_EXT4_BLOCK);
	}
	return 0;
}

io_manager hull_ext4_io(void)
{
	static struct struct_io_manager manager = {
		.magic = EXT2_ET_MAGIC_IO_MANAGER,
		.name = "memory",
		.open = device_open,
		.close = device_close,
		.set_blksize = hull_ext4_channel_set_block_size,
		.read_blk = hull_ext4_channel_read,
		.write_blk = hull_ext4_channel_write,
		.flush = hull_ext4_channel_flush,
		.read_blk64 = read_blocks,
		.write_blk64 = write_blocks,
		.zeroout = zero_blocks,
	};

	return &manager;
}
