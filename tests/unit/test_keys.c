// SPDX-License-Identifier: MIT
#include <fcntl.h>

#include "temp_fixture.h"

#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "keys/keyring.h"
#include "keys/modulesign.h"
#include "keys/publickey.h"
#include "keys/signaturetar.h"

static struct hull_key public_key;

static int open_public(void **state)
{
	struct hull_keyring k = {.path = (char *)"/nowhere", .public_module_key = true};
	struct hull_err e;

	(void)state;
	if (hull_keyring_open(&k, "module", &public_key, &e) == 1)
		return 0;
	fprintf(stderr, "%s\n", e.msg);
	return -1;
}

static int close_public(void **state)
{
	(void)state;
	hull_key_fini(&public_key);
	return 0;
}

static void expect_number(const char *name, const char *sha256)
{
	BIGNUM *n = NULL;
	char *hex, digest[HULL_HEX];

	assert_int_equal(EVP_PKEY_get_bn_param(public_key.secret, name, &n), 1);
	hex = BN_bn2hex(n);
	for (char *p = hex; *p; p++)
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p - 'A' + 'a');
	hull_hash_bytes(hex, strlen(hex), digest);
	assert_string_equal(digest, sha256);
	OPENSSL_free(hex);
	BN_clear_free(n);
}

/* Digests of the numbers in hex, as another program (Python's integers, openssl prime) derived them. */
static void the_public_key_is_the_same_for_ever(void **state)
{
	unsigned char start[512];
	BIGNUM *n = NULL;

	(void)state;
	expect_number(OSSL_PKEY_PARAM_RSA_N,
		      "4227f6bead4a21998ebbfe6b07dfa91f461fa375ef76c6ffafb8ab28dab27359");
	expect_number(OSSL_PKEY_PARAM_RSA_D,
		      "99817bc9b9505cb7c89cd64a7412269ad2f57331da75d12677042331947b1f67");
	assert_int_equal(EVP_PKEY_get_bn_param(public_key.secret, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	assert_int_equal(BN_bn2bin(n, start), sizeof start);
	assert_memory_equal(start, hull_public_key_start, sizeof hull_public_key_start);
	BN_free(n);
}

static void a_certificate_follows_from_its_key(void **state)
{
	hull_autobuf struct hull_buf pem = {0};
	char digest[HULL_HEX];

	(void)state;
	hull_key_pem(&public_key, &pem);
	hull_hash_bytes(pem.p, pem.n, digest);
	assert_string_equal(digest,
			    "4dcff2a8c0adc858aeffdda0252a1b583925cb8277b3d3686d2c60656df3bdc6");
	assert_int_equal(X509_verify(public_key.certificate, public_key.secret), 1);
}

static bool verifies(const struct hull_buf *der, const char *module)
{
	const unsigned char *p = (const unsigned char *)der->p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der->n);
	BIO *data = BIO_new_mem_buf(module, -1);
	STACK_OF(X509) *signers = sk_X509_new_null();
	bool ok;

	assert_non_null(cms);
	assert_ptr_equal(p, der->p + der->n);
	sk_X509_push(signers, public_key.certificate);
	ok = CMS_verify(cms, signers, NULL, data, NULL,
			CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;
	sk_X509_free(signers);
	BIO_free(data);
	CMS_ContentInfo_free(cms);
	return ok;
}

static void signatures(void **state)
{
	struct hull_buf module = {.p = (char *)"module", .n = 6};
	hull_autobuf struct hull_buf one = {0}, two = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_module_sign(&public_key, &module, &one, &e), 0);
	assert_int_equal(hull_module_sign(&public_key, &module, &two, &e), 0);
	assert_int_equal(one.n, two.n);
	assert_memory_equal(one.p, two.p, one.n);
	assert_true(verifies(&one, "module"));
	assert_false(verifies(&one, "Module"));
	/* neither certificate nor signed attributes: little more than an RSA number */
	assert_in_range(one.n, 512, 700);
}

static void archives_are_the_same_bytes(void **state)
{
	struct hull_buf content = {.p = (char *)"x", .n = 1};
	char digest[2][HULL_HEX];
	struct hull_err e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		hull_autobuf struct hull_buf out = {0};
		struct hull_signature_tar t;

		assert_int_equal(hull_signature_tar_init(&t, &out, &e), 0);
		assert_int_equal(hull_signature_tar_add(&t, "usr/a.ko.p7s", &content, &e), 0);
		assert_int_equal(hull_signature_tar_end(&t, &e), 0);
		hull_signature_tar_fini(&t);
		hull_hash_bytes(out.p, out.n, digest[i]);
	}
	assert_string_equal(digest[0], digest[1]);
	assert_string_equal(digest[0],
			    "95d01bcee88bcf0df85fc8b647f5aeb93736072970a3b2f77b5cba1986ccf2b4");
}

static void keys_that_are_not_there(void **state)
{
	char *dir = temp_dir();
	struct hull_keyring k = {.path = dir};
	char before[HULL_HEX], after[HULL_HEX];
	struct hull_key key;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_keyring_open(&k, "module", &key, &e), 0);
	k.use = HULL_KEYRING_NEED;
	assert_int_equal(hull_keyring_open(&k, "module", &key, &e), -1);
	assert_non_null(strstr(e.msg, "/module: is not there"));
	assert_int_equal(hull_keyring_open(&k, "../module", &key, &e), -1);
	hull_keyring_state(&k, before);
	k.public_module_key = true;
	hull_keyring_state(&k, after);
	assert_string_not_equal(before, after);
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_public_key_is_the_same_for_ever),
		cmocka_unit_test(a_certificate_follows_from_its_key),
		cmocka_unit_test(signatures),
		cmocka_unit_test(archives_are_the_same_bytes),
		cmocka_unit_test(keys_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, open_public, close_public);
}
