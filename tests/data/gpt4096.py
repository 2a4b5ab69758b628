#!/usr/bin/env python3
"""gpt4096.py DISK FILE: a GPT for sectors of 4096 bytes, which tools write only to such devices; FILE becomes a partition."""
import os
import struct
import sys
import uuid
import zlib

SECTOR = 4096
LINUX = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4")


def header(here, other, table, first, last, crc):
    def make(own):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, own, 0, here, other, first, last, uuid.UUID(int=7).bytes_le, table, 128, 128, crc)

    return make(zlib.crc32(make(0)))


def main():
    sectors = os.path.getsize(sys.argv[1]) // SECTOR
    with open(sys.argv[2], "rb") as f:
        content = f.read()
    start, table_sectors = 256, 4
    first, last = 2 + table_sectors, sectors - 2 - table_sectors
    end = start + len(content) // SECTOR - 1
    table = struct.pack("<16s16sQQQ72s", LINUX.bytes_le, uuid.UUID(int=9).bytes_le, start, end, 0, "root".encode("utf-16-le")).ljust(128 * 128, b"\0")
    crc = zlib.crc32(table)
    mbr = bytearray(512)
    mbr[446:462] = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, sectors - 1)
    mbr[510:] = b"\x55\xaa"
    with open(sys.argv[1], "r+b") as f:
        for at, data in (
            (0, bytes(mbr)),
            (1, header(1, sectors - 1, 2, first, last, crc)),
            (2, table),
            (start, content),
            (sectors - 1 - table_sectors, table),
            (sectors - 1, header(sectors - 1, 1, sectors - 1 - table_sectors, first, last, crc)),
        ):
            f.seek(at * SECTOR)
            f.write(data)


main()
