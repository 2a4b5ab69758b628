#!/usr/bin/python3
"""attach-signatures.py MODULES SIGNATURES CERTIFICATE: makes signed kernel modules of unsigned ones.

Appends to each MODULES/x.ko its detached signature, SIGNATURES/x.ko.p7s, in the form that the kernel
looks for, after openssl has verified it with the certificate. A module without a signature, a signature
without a module and one that is not as it should be are errors, and all of them are named.
"""
import os
import re
import struct
import subprocess
import sys

ENDING = ".p7s"
MAGIC = b"~Module signature appended~\n"
PKCS7 = 2  # the kind of signature, in a struct module_signature


def files(root, ending):
    """paths below root of files that end so, without that ending"""
    for directory, names, found in os.walk(root):
        names.sort()
        for name in sorted(found):
            if name.endswith(ending):
                yield os.path.relpath(os.path.join(directory, name), root)[: -len(ending)]


def openssl(*args):
    return subprocess.run(["openssl", "cms", "-inform", "DER", *args], capture_output=True, text=True, check=False)


def fault(module, signature, certificate):
    """what is wrong with a signature, or None"""
    text = openssl("-cmsout", "-print", "-in", signature)
    if text.returncode:
        return "is no CMS"
    if not re.search(r"digestAlgorithm: *\n *algorithm: sha512 ", text.stdout):
        return "is not made with SHA-512, which is what the kernel has"
    if not re.search(r"signedAttrs: *\n *<ABSENT>", text.stdout):
        return "has signed attributes, which the kernel refuses"
    if not re.search(r"certificates: *\n *<ABSENT>", text.stdout):
        return "has certificates in it, which nobody reads"
    if openssl("-verify", "-binary", "-in", signature, "-content", module, "-certfile", certificate,
               "-nointern", "-noverify", "-out", os.devnull).returncode:
        return "is not by the key of the certificate, or of another module"
    return None


def attach(module, signature):
    with open(signature, "rb") as f:
        content = f.read()
    with open(module, "ab") as f:
        f.write(content + struct.pack(">BBBBBxxxI", 0, 0, PKCS7, 0, 0, len(content)) + MAGIC)


def main(modules, signatures, certificate):
    names = [name + ".ko" for name in files(modules, ".ko")]
    signed = set(files(signatures, ENDING))
    faults = [f"{name}: has no signature" for name in names if name not in signed]
    faults += [f"{name}{ENDING}: is of no module" for name in sorted(signed - set(names))]
    for name in names:
        if name in signed:
            module, signature = os.path.join(modules, name), os.path.join(signatures, name + ENDING)
            wrong = fault(module, signature, certificate)
            if wrong:
                faults.append(f"{name}{ENDING}: {wrong}")
            else:
                attach(module, signature)
    for text in faults:
        print("attach-signatures: " + text, file=sys.stderr)
    if faults or not names:
        sys.exit(f"attach-signatures: {len(faults)} faults, {len(names)} modules")
    print(f"attached {len(names)} signatures")


if __name__ == "__main__":
    main(*sys.argv[1:])
