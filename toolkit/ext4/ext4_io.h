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

/* Before the first block is touched: the number of blocks, and where they live. */
void hull_ext4_io_init(io_channel io, uint64_t n_blocks, struct hull_arena *arena);

/* The memory of one block; it is made if there is none. */
uint8_t *hull_ext4_io_block(io_channel io, uint64_t block);

/* Contiguous zeroed memory for blocks of which none has memory yet. */
void hull_ext4_io_map(io_channel io, uint64_t block, uint64_t n);

/* Adds all blocks that are not zero to a layout, by reference. */
void hull_ext4_io_emit(io_channel io, struct hull_layout *l, uint64_t offset_bytes);
