// SPDX-License-Identifier: MIT
#include "keys/publickey.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Every byte of it counts: another text is another key. */
static const char text[] =
	"From this text the key is derived that kernel modules are signed with. As everybody can read it, the\n"
	"signatures say that a module belongs to its kernel, not that only Hull could have made it. Who builds\n"
	"for others puts a secret text here, or a PEM file with key and certificate, and keeps it to himself.\n";

const unsigned char hull_public_key_start[HULL_PUBLIC_KEY_BYTES] = {
	0xe4, 0x89, 0x17, 0x23, 0xc9, 0x12, 0xe6, 0x7a, 0x29, 0x53, 0xa5,
	0x83, 0x5c, 0x15, 0x15, 0x13, 0x99, 0x83, 0x14, 0xcf, 0x67, 0xe2,
	0xe9, 0x3c, 0x2f, 0x6f, 0x8a, 0x13, 0xb9, 0x7a, 0x5e, 0x9a,
};

enum { PRIME_BITS = 2048, EXPONENT = 65537 };

/* The numbers of a key as RFC 8017, A.1.2 names them. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

static const char *const names[NUMBERS] = {
	OSSL_PKEY_PARAM_RSA_N,	       OSSL_PKEY_PARAM_RSA_E,
	OSSL_PKEY_PARAM_RSA_D,	       OSSL_PKEY_PARAM_RSA_FACTOR1,
	OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
	OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* The next number of the text: SHAKE256 over a line with the counter and the text. */
static bool next_number(unsigned int *counter, BIGNUM *out)
{
	unsigned char bytes[PRIME_BITS / 8];
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	char line[64];
	bool ok;

	snprintf(line, sizeof line, "hull module key %u\n", ++*counter);
	ok = h && EVP_DigestInit_ex(h, EVP_shake256(), NULL) == 1 &&
	     EVP_DigestUpdate(h, line, strlen(line)) == 1 &&
	     EVP_DigestUpdate(h, text, sizeof text - 1) == 1 &&
	     EVP_DigestFinalXOF(h, bytes, sizeof bytes) == 1 && BN_bin2bn(bytes, sizeof bytes, out);
	EVP_MD_CTX_free(h);
	return ok;
}

/* The next prime that fits the exponent; its two highest bits make the modulus as long as it should be. */
static bool next_prime(unsigned int *counter, BIGNUM *out, BN_CTX *ctx)
{
	for (;;) {
		int prime;

		if (!next_number(counter, out) || !BN_set_bit(out, 0) ||
		    !BN_set_bit(out, PRIME_BITS - 1) || !BN_set_bit(out, PRIME_BITS - 2))
			return false;
		if (BN_mod_word(out, EXPONENT) == 1)
			continue;
		prime = BN_check_prime(out, ctx, NULL);
		if (prime)
			return prime > 0;
	}
}

static bool derive(BIGNUM *v[NUMBERS], BN_CTX *ctx)
{
	BIGNUM *p1 = BN_CTX_get(ctx), *q1 = BN_CTX_get(ctx), *phi = BN_CTX_get(ctx);
	unsigned int counter = 0;

	return phi && BN_set_word(v[E], EXPONENT) && next_prime(&counter, v[P], ctx) &&
	       next_prime(&counter, v[Q], ctx) && BN_mul(v[N], v[P], v[Q], ctx) &&
	       BN_sub(p1, v[P], BN_value_one()) && BN_sub(q1, v[Q], BN_value_one()) &&
	       BN_mul(phi, p1, q1, ctx) && BN_mod_inverse(v[D], v[E], phi, ctx) &&
	       BN_mod(v[DP], v[D], p1, ctx) && BN_mod(v[DQ], v[D], q1, ctx) &&
	       BN_mod_inverse(v[QINV], v[Q], v[P], ctx);
}

static EVP_PKEY *assemble(BIGNUM *v[NUMBERS])
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	bool ok = build && ctx;

	for (int i = 0; ok && i < NUMBERS; i++)
		ok = OSSL_PARAM_BLD_push_BN(build, names[i], v[i]) == 1;
	if (ok)
		params = OSSL_PARAM_BLD_to_param(build);
	if (params && EVP_PKEY_fromdata_init(ctx) == 1)
		hull_ignore(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *hull_public_key(struct hull_err *e)
{
	BIGNUM *v[NUMBERS] = {NULL};
	BN_CTX *ctx = BN_CTX_new();
	EVP_PKEY *key = NULL;
	bool ok = ctx;

	for (int i = 0; ok && i < NUMBERS; i++)
		ok = (v[i] = BN_new()) != NULL;
	if (ctx)
		BN_CTX_start(ctx);
	if (ok && derive(v, ctx))
		key = assemble(v);
	if (ctx)
		BN_CTX_end(ctx);
	for (int i = 0; i < NUMBERS; i++)
		BN_free(v[i]);
	BN_CTX_free(ctx);
	if (!key)
		hull_fail(e, HULL_FAILED, "the public module key cannot be derived by libcrypto");
	return key;
}
