#!/usr/bin/python3
"""module-key.py SEED SERIAL OUT: the key that modules are signed with, and its certificate.

If SEED is a PEM file with a private key and a certificate, it is copied. Otherwise it is a text from
which an RSA key is derived, always the same from the same text: who knows the text knows the key.
"""
import hashlib
import subprocess
import sys
import tempfile

BITS = 4096
EXPONENT = 65537
VALID = ("20260101000000Z", "21251231235959Z")


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True).stdout


class Stream:
    """numbers out of a seed, by SHAKE256 over the seed and a counter"""

    def __init__(self, seed):
        self.seed, self.counter = seed, 0

    def number(self, bits):
        self.counter += 1
        block = hashlib.shake_256(b"hull module key %d\n" % self.counter + self.seed)
        return int.from_bytes(block.digest(bits // 8), "big")


def small_primes(limit):
    sieve = bytearray([1]) * limit
    for i in range(2, limit):
        if sieve[i]:
            yield i
            sieve[i * i :: i] = bytes(len(range(i * i, limit, i)))


SMALL = list(small_primes(20000))


def is_prime(n):
    return all(n % p for p in SMALL) and b"is prime" in openssl("prime", "-hex", f"{n:x}")


def prime(bits, stream):
    while True:
        # the two highest bits make the product as long as it should be
        n = stream.number(bits) | 3 << (bits - 2) | 1
        if (n - 1) % EXPONENT and is_prime(n):
            return n


def rsa_key(seed):
    """the nine numbers of an RSAPrivateKey (RFC 8017, A.1.2)"""
    stream = Stream(seed)
    p, q = prime(BITS // 2, stream), prime(BITS // 2, stream)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return 0, p * q, EXPONENT, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)


def derive(seed, serial):
    with tempfile.TemporaryDirectory() as tmp:
        with open(tmp + "/asn1", "w", encoding="ascii") as f:
            f.write("asn1=SEQUENCE:key\n[key]\n")
            for i, number in enumerate(rsa_key(seed)):
                f.write(f"n{i}=INTEGER:{number:#x}\n")
        with open(tmp + "/req", "w", encoding="ascii") as f:
            f.write("[req]\nprompt=no\ndistinguished_name=name\nx509_extensions=ext\n[name]\nCN=Hull kernel modules\n")
            f.write("[ext]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=digitalSignature\n")
            f.write("subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        openssl("asn1parse", "-noout", "-genconf", tmp + "/asn1", "-out", tmp + "/der")
        key = openssl("pkey", "-inform", "DER", "-in", tmp + "/der")
        with open(tmp + "/key", "wb") as f:
            f.write(key)
        certificate = openssl("req", "-x509", "-new", "-sha512", "-config", tmp + "/req", "-key", tmp + "/key",
                              "-not_before", VALID[0], "-not_after", VALID[1], "-set_serial", serial)
    return key + certificate


def main(path, serial, out):
    with open(path, "rb") as f:
        seed = f.read()
    if b"-----BEGIN" not in seed:
        seed = derive(seed, serial)
    with open(out, "wb") as f:
        f.write(seed)


if __name__ == "__main__":
    main(*sys.argv[1:])
