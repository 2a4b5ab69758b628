#!/usr/bin/env python3
"""ndb.py RPMDB.SQLITE PACKAGES.DB: the packages of an rpm database as rpm's ndb keeps them (Debian's rpm has no ndb)."""
import sqlite3
import struct
import sys
import zlib


def blob(number, data):
    head = struct.pack("<4sIII", b"BlbS", number, 1, len(data))
    blocks = (len(head) + len(data) + 12 + 15) // 16
    body = (head + data).ljust(blocks * 16 - 12, b"\0")
    return body + struct.pack("<II4s", zlib.adler32(body), len(data), b"BlbE")


def main():
    rows = sqlite3.connect(sys.argv[1]).execute("SELECT hnum, blob FROM Packages").fetchall()
    slots, blobs, at = [], b"", 4096 // 16
    # not in their order, with a slot between them of what was removed
    for number, data in reversed(rows):
        b = blob(number, data)
        slots += [(number, at, len(b) // 16), (0, 0, 0)]
        blobs += b
        at += len(b) // 16
    page = struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, max(n for n, _ in rows) + 1)
    page += b"".join(struct.pack("<4sIII", b"Slot", *s) for s in slots)
    while len(page) < 4096:
        page += struct.pack("<4sIII", b"Slot", 0, 0, 0)
    with open(sys.argv[2], "wb") as f:
        f.write(page + blobs)


main()
