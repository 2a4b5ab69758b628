#!/usr/bin/env python3
"""make.py KIND FILE [ARGUMENT...]: inputs that ask for more work than they are worth.

zstd FILE BYTE BLOCKS      so many blocks of 128 KiB of one byte, each of which takes 4 bytes
deep FILE DEPTH            a tar with a file so many directories deep
names FILE COUNT           a tar with so many files in one directory
accounts FILE COUNT        a tar with so many lines in /etc/passwd and units in /usr/lib/systemd/system
claim FILE BYTES           a tar with a file that claims to have so many bytes, all of them holes
lock FILE COUNT            a lock file with a chain of so many packages, the last of which comes first
repository DIR COUNT       a repository in which each package requires the next
socket FILE                a socket
source FILE WAY            a tar of a source, a-1/, whose members are at `WAY`: up, absolute, link, hardlink, device or bomb
"""
import hashlib
import io
import json
import os
import socket
import struct
import sys
import tarfile


def zstd(path, byte, blocks):
    with open(path, "wb") as f:
        # a window of 8 MiB, no content size, no checksum
        f.write(b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([(23 - 10) << 3]))
        block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + bytes([int(byte, 0)])
        f.write(block * (int(blocks) - 1))
        f.write(bytes([block[0] | 1]) + block[1:])


def entry(tar, name, content=b"", kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.type = kind
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    tar.addfile(info, io.BytesIO(content))


def archive(path):
    return tarfile.open(path, "w", format=tarfile.PAX_FORMAT)


def deep(path, depth):
    with archive(path) as tar:
        entry(tar, "usr", kind=tarfile.DIRTYPE)
        entry(tar, "usr/" + "deep/" * int(depth) + "file", b"x")


def names(path, count):
    with archive(path) as tar:
        for i in range(int(count)):
            entry(tar, "usr/share/names/%06d" % i)


def accounts(path, count):
    count = int(count)
    with archive(path) as tar:
        entry(tar, "etc/passwd", b"".join(b"user%d:x:%d:%d::/:/usr/sbin/nologin\n" % (i, i, i % 7) for i in range(count)))
        entry(tar, "etc/group", b"".join(b"user%d:x:%d:\n" % (i, i) for i in range(count)))
        for i in range(count):
            entry(tar, "usr/lib/systemd/system/u%d.service" % i, b"[Install]\nWantedBy=multi-user.target\n")


def claim(path, size):
    with archive(path) as tar:
        info = tarfile.TarInfo("usr/share/claim")
        info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1", "GNU.sparse.map": "%s,0" % size, "GNU.sparse.size": size}
        tar.addfile(info)


def lock(path, count):
    count = int(count)
    packages = []
    for i in range(count):
        p = {"name": "p%06d" % i, "evr": "1-1", "arch": "noarch", "sha256": "%064x" % i, "location": "p%06d.rpm" % i,
             "repository": "r", "file_bytes": 1, "installed_bytes": 1, "source": "p.src.rpm"}
        if i + 1 < count:
            p.update(by="p%06d" % (i + 1), dep="p%06d" % i)
        else:
            p.update(want="p%06d" % i, origin="here")
        packages.append(p)
    with open(path, "w") as f:
        json.dump({"format": 1, "arch": "x86_64", "request": "0" * 64, "packages": packages,
                   "repositories": [{"name": "r", "url": "file:///nowhere", "digest": "0" * 64}]}, f)


def repository(path, count):
    count = int(count)
    os.makedirs(os.path.join(path, "repodata"))
    with open(os.path.join(path, "repodata/primary.xml"), "wb") as f:
        f.write(b'<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" '
                b'packages="%d">\n' % count)
        for i in range(count):
            # two packages provide what each requires besides, so that reasons have to be looked for
            f.write(b'<package type="rpm"><name>p%06d</name><arch>noarch</arch><version epoch="0" ver="1" rel="1"/>'
                    b'<checksum type="sha256" pkgid="YES">%064x</checksum><size package="1" installed="1"/><location href="p%06d.rpm"/>'
                    b'<format><rpm:provides><rpm:entry name="p%06d"/><rpm:entry name="any%06d"/></rpm:provides><rpm:requires>%s'
                    b'<rpm:entry name="any%06d"/></rpm:requires></format></package>\n'
                    % (i, i, i, i, i // 2, b'<rpm:entry name="p%06d"/>' % (i + 1) if i + 1 < count else b"", i // 2))
        f.write(b"</metadata>\n")
    data = open(os.path.join(path, "repodata/primary.xml"), "rb").read()
    with open(os.path.join(path, "repodata/repomd.xml"), "w") as f:
        f.write('<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision><data type="primary">'
                '<checksum type="sha256">%s</checksum><location href="repodata/primary.xml"/><timestamp>1</timestamp>'
                "<size>%d</size></data></repomd>\n" % (hashlib.sha256(data).hexdigest(), len(data)))


def member(tar, name, **fields):
    info = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(b"owned\n" * (info.size // 6)))


def source(path, way):
    with tarfile.open(path, "w:gz" if way == "bomb" else "w") as tar:
        member(tar, "a-1", type=tarfile.DIRTYPE, mode=0o755)
        if way == "up":
            for depth in range(1, 12):
                member(tar, "a-1/" + "../" * depth + "owned", size=6)
        elif way == "absolute":
            for directory in ("/", "/tmp/", "/hull/sources/", "/hull/", "/etc/"):
                member(tar, directory + "owned", size=6)
        elif way == "link":
            for i, target in enumerate(("/", "/tmp", "/hull/sources", "../../../..", "/proc/1/root/tmp")):
                member(tar, "a-1/out%d" % i, type=tarfile.SYMTYPE, linkname=target)
                member(tar, "a-1/out%d/owned" % i, size=6)
        elif way == "hardlink":
            member(tar, "a-1/passwd", type=tarfile.LNKTYPE, linkname="/etc/passwd")
            member(tar, "a-1/passwd", size=6)
        elif way == "device":
            member(tar, "a-1/sda", type=tarfile.BLKTYPE, devmajor=8, devminor=0, mode=0o666)
            member(tar, "a-1/mem", type=tarfile.CHRTYPE, devmajor=1, devminor=1, mode=0o666)
        else:
            info = tarfile.TarInfo("a-1/bomb")
            info.size = 2 << 30
            tar.addfile(info, Endless())


class Endless:
    def read(self, n):
        return b"owned\n" * (n // 6) + b"owned\n"[:n % 6]


def listening(path):
    socket.socket(socket.AF_UNIX).bind(path)


kinds = {"zstd": zstd, "deep": deep, "names": names, "accounts": accounts, "claim": claim, "lock": lock, "repository": repository,
         "socket": listening, "source": source}
kinds[sys.argv[1]](*sys.argv[2:])
