// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/armor.h"
#include "repo/keys.h"
#include "repo/packets.h"
#include "store_fixture.h"

/* Signatures: which of them count. gpg makes the keys; what has expired was made with a clock of
 * 2020, so that nothing here depends on the day. */

static const char make_keys[] =
	"export GNUPGHOME=$PWD/gpg; mkdir -m 700 gpg; printf 'some data' >data; printf 'some other data' >other.data\n"
	"g() { gpg -q --batch --no-tty --passphrase '' --pinentry-mode loopback --no-auto-check-trustdb \"$@\"; }\n"
	"g --quick-gen-key good@localhost ed25519 sign never\n"
	"g --quick-gen-key rsa@localhost rsa2048 sign never\n"
	"g --quick-gen-key weak@localhost rsa1024 sign never\n"
	"g --quick-gen-key revoked@localhost ed25519 sign never\n"
	"g --quick-gen-key sub@localhost ed25519 cert never\n"
	"f=$(g --with-colons --list-keys sub@localhost | awk -F: '/^fpr/ { print $10; exit }')\n"
	"g --quick-add-key $f rsa1024 sign never\n"
	"past='--faked-system-time 20200101T000000' later='--faked-system-time 20200110T000000'\n"
	"g $past --quick-gen-key expired@localhost ed25519 sign 2020-02-01\n"
	"g $past --quick-gen-key early@localhost ed25519 sign never\n"
	"for k in good rsa weak revoked sub; do g -u $k@localhost -b -o $k.sig data; done\n"
	"g $later -u expired@localhost -b -o expired.sig data\n"
	"g $later -u early@localhost --default-sig-expire 2020-02-01 -b -o sigexpired.sig data\n"
	"g -u rsa@localhost --digest-algo SHA1 -b -o sha1.sig data\n"
	"g -u good@localhost -b -o bad.sig other.data\n"
	"g -u good@localhost -s -o message.sig data\n"
	"g -u good@localhost -a -b -o good.asc data; g -u rsa@localhost -a -b -o rsa.asc data\n"
	"f=$(g --with-colons --list-keys revoked@localhost | awk -F: '/^fpr/ { print $10; exit }')\n"
	"sed 's/^:---/---/' gpg/openpgp-revocs.d/$f.rev | g --import\n"
	"for k in good rsa weak revoked sub expired early; do g --export $k@localhost >$k.key; done\n"
	"g --export >all.key; gpgconf --kill all\n"
	"cat good.asc rsa.asc >two.asc; cat rsa.sig good.sig >two.sig\n"
	"cat bad.sig good.sig >badgood.sig; cat good.sig bad.sig >goodbad.sig\n"
	"cat sha1.sig good.sig >sha1good.sig; cat expired.sig revoked.sig weak.sig good.sig >many.sig\n"
	"cat expired.sig revoked.sig sha1.sig sigexpired.sig >none.sig\n"
	"cat weak.key good.key >weakgood.key\n"
	"head -c 40 good.sig >cut.sig; : >empty.sig; head -c -10 good.key >cut.key\n"
	"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do cat good.sig; done >flood.sig\n";

static int set_up(void **state)
{
	(void)state;
	if (open_store() < 0)
		return -1;
	sh(make_keys);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return close_store();
}

static void test_verify(void **state)
{
	static const struct {
		const char *keys, *signature, *error, *more;
	} cases[] = {
		{"good", "good.sig", NULL, NULL},
		{"rsa", "rsa.sig", NULL, NULL},
		{"all", "good.asc", NULL, NULL},
		{"rsa", "good.sig", "no good signature by a key in ", "by another key: "},
		{"good", "bad.sig", "no good signature by a key in ", "BAD signature"},
		{"expired", "expired.sig", "the key has expired: ", NULL},
		{"revoked", "revoked.sig", "the key was revoked: ", NULL},
		{"early", "sigexpired.sig", "the signature has expired: ", NULL},
		{"rsa", "sha1.sig", "digest is too weak (SHA-1", NULL},
		{"weak", "weak.sig", "all are too weak (RSA or DSA below 2048 bits)", NULL},
		{"weakgood", "weak.sig", "by another key: ", "some keys there are too weak"},
		{"sub", "sub.sig", "by another key: ", "some keys there are too weak"},
		/* rollover: two signatures, one of them by a key that is known or good */
		{"good", "two.sig", NULL, NULL},
		{"rsa", "two.sig", NULL, NULL},
		{"good", "two.asc", NULL, NULL},
		{"rsa", "two.asc", NULL, NULL},
		{"early", "two.sig", "by another key: ", "; by another key: "},
		{"all", "sha1good.sig", NULL, NULL},
		{"all", "many.sig", NULL, NULL},
		{"good", "badgood.sig", "BAD signature", NULL},
		{"good", "goodbad.sig", "BAD signature", NULL},
		{"all", "none.sig", "the key has expired: ", "the key was revoked: "},
		/* what is no detached signature */
		{"good", "message.sig", "signature: ", NULL},
		{"good", "good.key", "signature: it is not only a signature", NULL},
		{"good", "flood.sig", "signature: it has more than 16 signatures", NULL},
		{"good", "cut.sig", "signature: OpenPGP data is cut off", NULL},
		{"good", "empty.sig", "signature: neither OpenPGP data", NULL},
		{"cut", "good.sig", "cut.key: OpenPGP data is cut off", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *keys = hull_asprintf("%s/%s.key", dir, cases[i].keys),
				   *signature = hull_asprintf("%s/%s", dir, cases[i].signature),
				   *data = hull_asprintf("%s/data", dir);
		hull_autobuf struct hull_buf s = {0}, d = {0};
		struct hull_err e = {0};
		int r;

		print_message("  %s by %s\n", cases[i].signature, cases[i].keys);
		ok(hull_file_read(AT_FDCWD, signature, &s, &e), &e);
		ok(hull_file_read(AT_FDCWD, data, &d, &e), &e);
		r = hull_keys_verify(&store, keys, &d, &s, &e);
		if (!cases[i].error) {
			ok(r, &e);
			continue;
		}
		assert_int_equal(r, -1);
		contains(e.msg, cases[i].error);
		contains(e.msg, cases[i].more ? cases[i].more : "");
	}
	sh("test -z \"$(ls store/tmp/*/ 2>/dev/null)\"");
}

/* Frames and sizes, byte by byte. */
static void test_packets(void **state)
{
	static const struct {
		const char *data;
		size_t n;
		const char *error;
		size_t weak;
	} cases[] = {
#define CASE(text, error, weak) {text, sizeof(text) - 1, error, weak}
		CASE("", NULL, 0),
		CASE("\x98", "malformed", 0),
		CASE("a key", "malformed", 0),
		CASE("\x9b\0\0\0\0", "malformed", 0), /* up to the end of the file */
		CASE("\xc6\xe1\0\0", "malformed", 0), /* in parts */
		CASE("\xc6\xff\xff\xff\xff\xff", "cut off", 0),
		CASE("\x9a\xff\xff\xff\xff\0", "cut off", 0),
		CASE("\x98\0", NULL, 1),		    /* empty */
		CASE("\xc6\x06\4\0\0\0\0\x16", NULL, 0),    /* EdDSA */
		CASE("\xc6\x06\3\0\0\0\0\x16", NULL, 1),    /* version 3 */
		CASE("\xc6\x06\4\0\0\0\0\1", NULL, 1),	    /* RSA without a number */
		CASE("\xc6\x08\4\0\0\0\0\1\x8\0", NULL, 1), /* 2048 bits that are not there */
		CASE("\xc6\x06\6\0\0\0\0\1", NULL, 1),
#undef CASE
	};
	/* 264 bytes: the frame, version 4, time, RSA, 2048 bits */
	unsigned char rsa[3 + 264] = {0xc6, 0xc0, 264 - 192, 4, 0, 0, 0, 0, 1, 8, 0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf in = {0}, out = {0};
		struct hull_err e = {0};
		size_t weak;
		int r;

		hull_buf_add(&in, cases[i].data, cases[i].n);
		r = hull_packets_strong_keys(&in, &out, &weak, &e);
		if (cases[i].error) {
			assert_int_equal(r, -1);
			contains(e.msg, cases[i].error);
			continue;
		}
		ok(r, &e);
		assert_int_equal(weak, cases[i].weak);
		assert_int_equal(out.n, weak ? 0 : in.n);
	}
	/* a number of 2048 bits that says so but begins with zeros has fewer */
	for (int i = 0; i < 2; i++) {
		hull_autobuf struct hull_buf in = {0}, out = {0};
		struct hull_err e;
		size_t weak;

		rsa[11] = i ? 0x80 : 0x7f;
		hull_buf_add(&in, rsa, sizeof rsa);
		ok(hull_packets_strong_keys(&in, &out, &weak, &e), &e);
		assert_int_equal(weak, !i);
	}
}

static void test_dearmor(void **state)
{
	static const struct {
		const char *in, *out, *error;
	} cases[] = {
		{"-----BEGIN PGP X-----\n\naGVsbG8=\n-----END PGP X-----\n", "hello", NULL},
		{"text\n-----BEGIN PGP X-----\r\nVersion: 1\r\n\r\naGVs\r\nbG8=\r\n-----END PGP "
		 "X-----",
		 "hello", NULL},
		{"-----BEGIN PGP X-----\n\naGVsbG8=\n=0Sp5\n-----END PGP X-----\n", NULL,
		 "does not match its checksum"},
		{"-----BEGIN PGP X-----\n\naGVsbG8=\n=R/WK\n-----END PGP X-----\n", "hello", NULL},
		{"-----BEGIN PGP X-----\n\naGVsbG8=\n=R/W\n-----END PGP X-----\n", NULL,
		 "checksum is malformed"},
		{"-----BEGIN PGP X-----\n\naGU=\n-----END PGP X-----\n-----BEGIN PGP "
		 "X-----\n\nbGxv\n-----END PGP X-----\n",
		 "hello", NULL},
		{"-----BEGIN PGP X-----\n\naGVs\n", NULL, "cut off"},
		{"-----BEGIN PGP X-----\n-----END PGP X-----\n", NULL, "no data"},
		{"-----BEGIN PGP X-----\n\n-----END PGP X-----\n", NULL, "no data"},
		{"-----BEGIN PGP X-----\n\na$Vs\n-----END PGP X-----\n", NULL, "no base64"},
		{"-----BEGIN PGP X-----\n\naGU=aGU=\n-----END PGP X-----\n", NULL, "no base64"},
		{"", NULL, "neither"},
		{"hello", NULL, "neither"},
		{"\x98 binary", "\x98 binary", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf out = {0};
		struct hull_err e = {0};
		int r = hull_dearmor(cases[i].in, strlen(cases[i].in), &out, &e);

		if (cases[i].error) {
			assert_int_equal(r, -1);
			contains(e.msg, cases[i].error);
		} else {
			ok(r, &e);
			assert_string_equal(out.p, cases[i].out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_dearmor),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
