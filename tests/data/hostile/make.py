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
source FILE WAY            an archive of a source, a-1/, with something of `WAY` in it: plain (a FIFO and a link to elsewhere), up,
                           absolute, link, swap, hardlink, device, setid, many, deep, control, nul, claim, bomb, zip, or debian/patches with
                           fine, up, link and hard (patches)
patch FILE WAY             a patch for the plain source: up, absolute, link, through, ed, fifo, rename, device, many or control
"""
import hashlib
import io
import json
import os
import socket
import struct
import sys
import tarfile
import zipfile


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


def link(tar, name, target, kind=tarfile.SYMTYPE):
    member(tar, name, type=kind, linkname=target)


def source_up(tar):
    for depth in range(1, 12):
        member(tar, "a-1/" + "../" * depth + "owned", size=6)


def source_absolute(tar):
    for directory in ("/", "/tmp/", "/hull/build/SOURCES/", "/hull/", "/etc/"):
        member(tar, directory + "owned", size=6)


def source_link(tar):
    for i, target in enumerate(("/", "/tmp", "/hull/build/SOURCES", "../../../..", "/proc/1/root/tmp", "/proc/self/cwd/..", "/dev/fd")):
        link(tar, "a-1/out%d" % i, target)
        member(tar, "a-1/out%d/owned" % i, size=6)


def source_swap(tar):
    # what was a directory when it was looked at
    member(tar, "a-1/d", type=tarfile.DIRTYPE, mode=0o755)
    member(tar, "a-1/d/file", size=6)
    link(tar, "a-1/d", "/hull/build/SOURCES")
    member(tar, "a-1/d/owned", size=6)
    link(tar, "a-1/e", "/hull/build/SOURCES/owned")
    member(tar, "a-1/e", size=6)


def source_hardlink(tar):
    for i, target in enumerate(("/etc/passwd", "../../../../../../etc/passwd", "a-1/up/etc/passwd", "/hull/build/SOURCES/hardlink.tar")):
        link(tar, "a-1/up", "../../../../..")
        link(tar, "a-1/passwd%d" % i, target, tarfile.LNKTYPE)
        member(tar, "a-1/passwd%d" % i, size=6)


def source_device(tar):
    member(tar, "a-1/sda", type=tarfile.BLKTYPE, devmajor=8, devminor=0, mode=0o666)
    member(tar, "a-1/mem", type=tarfile.CHRTYPE, devmajor=1, devminor=1, mode=0o666)


def source_plain(tar):
    member(tar, "a-1/pipe", type=tarfile.FIFOTYPE, mode=0o666)
    link(tar, "a-1/outside", "/etc/passwd")


def source_setid(tar):
    member(tar, "a-1/setid", size=6, mode=0o6777)
    member(tar, "a-1/d", type=tarfile.DIRTYPE, mode=0o6777)


def source_many(tar):
    for i in range(100000):
        member(tar, "a-1/%06d" % i)


def source_deep(tar):
    member(tar, "a-1/" + "deep/" * 20000 + "file", size=6)


def source_control(tar):
    for i, name in enumerate(("\x1b]0;owned\x07", "\x1b[31mred", "x\nbuilt honest 1.0-1", "\rbuilt", "\u202egpj", "$(touch owned)", "-rf", " ")):
        member(tar, "a-1/%s" % name, size=6)
        # and as an error of tar's
        link(tar, "a-1/link%d" % i, "a-1/no" + name, tarfile.LNKTYPE)


def source_nul(tar):
    info = tarfile.TarInfo("a-1/x")
    info.pax_headers = {"path": "a-1/plain\0/../../owned"}
    tar.addfile(info)


def source_claim(tar):
    info = tarfile.TarInfo("a-1/claim")
    size = str(1 << 40)
    info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.numblocks": "1",
                        "GNU.sparse.map": size + ",0", "GNU.sparse.size": size}
    tar.addfile(info)


def source_bomb(tar):
    info = tarfile.TarInfo("a-1/bomb")
    info.size = 1 << 30
    tar.addfile(info, Endless())


def source_patches(tar):
    for name, text in (("fine", NEW % "a/fine"), ("up", NEW % "a/up")):
        info = tarfile.TarInfo("debian/patches/" + ("../../../" if name == "up" else "") + name)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
    link(tar, "debian/patches/link", "/etc/passwd")
    link(tar, "debian/patches/hard", "/etc/passwd", tarfile.LNKTYPE)


def source_zip(path):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("a-1/file", "text\n")
        for name in ("a-1/../../../../owned", "/etc/owned", "/hull/build/SOURCES/owned", "a-1/\x1b[31mowned", "a-1/..\\..\\owned"):
            z.writestr(name, "owned\n")
        out = zipfile.ZipInfo("a-1/out")
        out.external_attr = 0o120777 << 16
        z.writestr(out, "/hull/build/SOURCES")
        z.writestr("a-1/out/owned", "owned\n")
        setid = zipfile.ZipInfo("a-1/setid")
        setid.external_attr = 0o106777 << 16
        z.writestr(setid, "owned\n")


def source(path, way):
    if way == "zip":
        source_zip(path)
        return
    how = {"mode": "w:gz", "compresslevel": 1} if way == "bomb" else {"mode": "w"}
    with tarfile.open(path, format=tarfile.PAX_FORMAT, **how) as tar:
        member(tar, "a-1", type=tarfile.DIRTYPE, mode=0o755)
        member(tar, "a-1/file", size=6)
        globals()["source_" + way](tar)


NEW = "--- /dev/null\n+++ %s\n@@ -0,0 +1 @@\n+owned\n"
GIT = "diff --git a/%s b/%s\nnew file mode %s\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+%s\n"


def patch(path, way):
    if way == "up":
        text = NEW % "a/../../../../owned"
    elif way == "absolute":
        text = NEW % "/hull/build/SOURCES/owned" + NEW % "/tmp/owned"
    elif way == "link":
        # a link that is made, then a file behind it
        text = GIT % ("out", "out", "120000", "out", "/hull/build/SOURCES\n\\ No newline at end of file") + GIT % ("out/owned", "out/owned", "100644", "out/owned", "owned")
    elif way == "through":
        # a file that the archive has as a link
        text = "--- a/outside\n+++ b/outside\n@@ -1 +1 @@\n-root:x:0:0:root:/root:/bin/sh\n+owned\n"
    elif way == "ed":
        text = "--- a/file\n+++ b/file\n1c\n.\n!touch /hull/build/SOURCES/owned /tmp/owned\n.\n"
    elif way == "fifo":
        text = "--- a/pipe\n+++ b/pipe\n@@ -1 +1 @@\n-x\n+owned\n"
    elif way == "rename":
        text = "diff --git a/file b/../../../owned\nsimilarity index 100%\nrename from file\nrename to ../../../owned\n"
    elif way == "device":
        text = GIT % ("sda", "sda", "060000", "sda", "owned")
    elif way == "many":
        text = "".join(NEW % ("a/new/%06d" % i) for i in range(2000))
    else:
        text = NEW % '"a/\\033[31mred\\nbuilt honest"'
    with open(path, "w") as f:
        f.write(text)


class Endless:
    def read(self, n):
        return b"owned\n" * (n // 6) + b"owned\n"[:n % 6]


def listening(path):
    socket.socket(socket.AF_UNIX).bind(path)


kinds = {"zstd": zstd, "deep": deep, "names": names, "accounts": accounts, "claim": claim, "lock": lock, "repository": repository,
         "socket": listening, "source": source, "patch": patch}
kinds[sys.argv[1]](*sys.argv[2:])
