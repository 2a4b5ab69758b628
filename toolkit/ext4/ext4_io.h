// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdint.h>

#include "base/mem.h"
#include "disk/layout.h"

/*
 * A block device in memory for libext2fs: only blocks that were written or mapped take memory, the
 * others are zero. Blocks live in an arena.
 */

enum { HULL_EXT4_BLOCK = 4096 };

io_manager hull_ext4_io(void);

/*
 * What channels have in common, whatever they lead to: they are made and freed, and these are the
 * calls that their managers name. Those that take a block of 32 bits go on to those of 64.
 */
io_channel hull_ext4_channel_new(io_manager manager, const char *name, int block_size,
				 void *device);
void hull_ext4_channel_free(io_channel io);
errcode_t hull_ext4_channel_set_block_size(io_channel io, int size);
errcode_t hull_ext4_channel_read(io_channel io, unsigned long block, int count, void *data);
errcode_t hull_ext4_channel_write(io_channel io, unsigned long block, int count, const void *data);
errcode_t hull_ext4_channel_flush(io_channel io);

/* How many bytes a count means: blocks, or bytes if it is negative. */
uint64_t hull_ext4_channel_bytes(const struct struct_io_channel *io, int count);

/* Before the first block is touched: the number of blocks, and where they live. */
void hull_ext4_io_init(io_channel io, uint64_t n_blocks, struct hull_arena *arena);

/* The memory of one block; it is made if there is none. */
uint8_t *hull_ext4_io_block(io_channel io, uint64_t block);

/* Contiguous zeroed memory for blocks of which none has memory yet. */
void hull_ext4_io_map(io_channel io, uint64_t block, uint64_t n);

/* Adds all blocks that are not zero to a layout, by reference. */
void hull_ext4_io_emit(io_channel io, struct hull_layout *l, uint64_t offset_bytes);
