#!/usr/bin/env python3
"""layers.py ROOT IMAGE...: container images whose layers add up to the files of a directory, which gets a few more.

Three layers: the whole with things that must go, whiteouts of each kind (also in front of and behind what the same layer brings
instead), and what the second took too much of. The name says which form: oci (a directory), oci.tar, docker.tar, docker-old.tar
(ids and links as docker 1.10 wrote), many.tar (two platforms in a nested index).
"""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile


def owned(info):
    """Everything is root's, whoever runs this: so are the directories that no layer has."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info



def entry(tar, name, data=None, link=None, hard=False, mode=0o644):
    info = tarfile.TarInfo(name)
    info.mode = mode
    owned(info)
    if link is not None:
        info.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
        info.linkname = link
    elif data is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
    else:
        info.size = len(data)
    tar.addfile(info, io.BytesIO(data) if data else None)


def layer(fill):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape", encoding="utf-8") as tar:
        fill(tar)
    return out.getvalue()


def layers(root):
    def first(tar):
        tar.add(root, ".", filter=owned)
        entry(tar, "gone/deep/er", b"x")
        entry(tar, "usr/share/text-not", b"x")
        entry(tar, "opaque/old", b"x")
        entry(tar, "opaque/kept/old", b"x")
        entry(tar, "late/old", b"x")
        entry(tar, "one-name", b"as it was")
        entry(tar, "other-name", link="one-name", hard=True)
        entry(tar, "turned/into/a/file", b"x")

    def second(tar):
        entry(tar, ".wh.gone", b"")
        entry(tar, "usr/share/.wh.text-not", b"")
        entry(tar, "opaque/", None)
        entry(tar, "opaque/.wh..wh..opq", b"")
        entry(tar, "opaque/new", b"n")
        entry(tar, "opaque/kept/new", b"n")
        # the whiteout is behind what this layer has
        entry(tar, "late/new", b"n")
        entry(tar, "late/.wh..wh..opq", b"")
        entry(tar, "one-name", b"changed")
        entry(tar, "turned", b"now a file")
        entry(tar, ".wh..wh.plnk/1.2", b"")
        entry(tar, "usr/brought/and/gone", b"x")

    def third(tar):
        entry(tar, "usr/.wh.brought", b"")

    return [layer(first), layer(second), layer(third)]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def oci_files(blobs, many):
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def put(data, media, **more):
        files["blobs/sha256/" + sha256(data)] = data
        return dict(mediaType=media, digest="sha256:" + sha256(data), size=len(data), **more)

    def image(architecture, contents):
        prefix = "application/vnd.oci.image."
        packed = [put(gzip.compress(b, mtime=0), prefix + "layer.v1.tar+gzip") for b in contents]
        config = put(json.dumps(dict(architecture=architecture, os="linux", rootfs=dict(type="layers", diff_ids=["sha256:" + sha256(b) for b in contents]))).encode(), prefix + "config.v1+json")
        manifest = dict(schemaVersion=2, mediaType=prefix + "manifest.v1+json", config=config, layers=packed)
        return put(json.dumps(manifest).encode(), prefix + "manifest.v1+json", platform=dict(os="linux", architecture=architecture))

    if many:
        about = put(b"{}", "application/vnd.oci.image.manifest.v1+json", platform=dict(os="unknown", architecture="unknown"))
        nested = json.dumps(dict(schemaVersion=2, manifests=[about, image("amd64", blobs), image("arm64", blobs[:1])])).encode()
        manifests = [put(nested, "application/vnd.oci.image.index.v1+json")]
    else:
        manifests = [image("amd64", blobs)]
    files["index.json"] = json.dumps(dict(schemaVersion=2, manifests=manifests)).encode()
    return files


def docker(path, blobs, old):
    with tarfile.open(path, "w") as tar:
        names = []
        for i, b in enumerate(blobs):
            if old:
                name = "%s/layer.tar" % sha256(b"id%d" % i)
                entry(tar, os.path.dirname(name), None)
                if i == 1:
                    # a layer that another image has, too
                    entry(tar, "shared/layer.tar", b)
                    entry(tar, name, link="../shared/layer.tar")
                else:
                    entry(tar, name, b)
            else:
                name = sha256(b) + ".tar"
                entry(tar, name, b)
            names.append(name)
        config = json.dumps(dict(architecture="amd64", os="linux")).encode()
        entry(tar, sha256(config) + ".json", config)
        entry(tar, "manifest.json", json.dumps([dict(Config=sha256(config) + ".json", RepoTags=["x:1"], Layers=names)]).encode())


def main():
    root = sys.argv[1]
    blobs = layers(root)
    # what is left of the layers
    for name, text in {"opaque/new": "n", "opaque/kept/new": "n", "late/new": "n", "one-name": "changed", "other-name": "as it was", "turned": "now a file"}.items():
        os.makedirs(os.path.dirname(os.path.join(root, name)), mode=0o755, exist_ok=True)
        with open(os.path.join(root, name), "w") as f:
            f.write(text)
    for path in sys.argv[2:]:
        name = os.path.basename(path)
        if name.startswith("docker"):
            docker(path, blobs, name.startswith("docker-old"))
            continue
        files = oci_files(blobs, name.startswith("many"))
        if name.endswith(".tar"):
            with tarfile.open(path, "w") as tar:
                for k, v in files.items():
                    entry(tar, k, v)
        else:
            for k, v in files.items():
                os.makedirs(os.path.dirname(os.path.join(path, k)), exist_ok=True)
                with open(os.path.join(path, k), "wb") as f:
                    f.write(v)


main()
