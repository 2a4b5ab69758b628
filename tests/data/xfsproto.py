#!/usr/bin/env python3
"""xfsproto.py DIRECTORY: its files as mkfs.xfs -p takes them. Names with white space have no place in it."""
import os
import stat
import sys


def mode_of(st, kind):
    bits = stat.S_IMODE(st.st_mode)
    return "%s%s%s%03o %d %d" % (kind, "u" if bits & stat.S_ISUID else "-", "g" if bits & stat.S_ISGID else "-", bits & 0o777, st.st_uid, st.st_gid)


def tell(directory, depth):
    pad = "  " * depth
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        st = os.lstat(path)
        if stat.S_ISDIR(st.st_mode):
            print(pad + name, mode_of(st, "d"))
            tell(path, depth + 1)
        elif stat.S_ISLNK(st.st_mode):
            print(pad + name, mode_of(st, "l"), os.readlink(path))
        elif stat.S_ISFIFO(st.st_mode):
            print(pad + name, mode_of(st, "p"))
        else:
            print(pad + name, mode_of(st, "-"), os.path.abspath(path))
    print(pad + "$")


print("/\n0 0\n" + mode_of(os.stat(sys.argv[1]), "d"))
tell(sys.argv[1], 1)
