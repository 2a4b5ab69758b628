#!/usr/bin/env python3
"""edit.py REPOSITORY DOCUMENT PATTERN TEXT: a change of the metadata that createrepo_c wrote (gzip), with digests and sizes that fit again.

DOCUMENT is primary, filelists or repomd. The pattern has to match.
"""
import gzip
import hashlib
import os
import re
import sys

repo, document, pattern, text = sys.argv[1:]
repomd_path = os.path.join(repo, "repodata/repomd.xml")
repomd = open(repomd_path).read()


def replaced(string):
    string, n = re.subn(pattern, text, string, flags=re.S)
    if not n:
        sys.exit("edit.py: %s: no '%s'" % (document, pattern))
    return string


if document == "repomd":
    repomd = replaced(repomd)
else:
    start = repomd.index('<data type="%s">' % document)
    end = repomd.index("</data>", start)
    entry = repomd[start:end]
    path = os.path.join(repo, re.search('href="(.*?)"', entry).group(1))
    plain = replaced(gzip.open(path).read().decode()).encode()
    packed = gzip.compress(plain, mtime=0)
    open(path, "wb").write(packed)
    for tag, value in (
        ("checksum", hashlib.sha256(packed).hexdigest()),
        ("open-checksum", hashlib.sha256(plain).hexdigest()),
        ("size", len(packed)),
        ("open-size", len(plain)),
    ):
        entry = re.sub("(<%s.*?>).*?<" % tag, r"\g<1>%s<" % value, entry, count=1)
    repomd = repomd[:start] + entry + repomd[end:]
open(repomd_path, "w").write(repomd)
