// SPDX-License-Identifier: MIT
#include "sbom/dsse.h"

#include <fcntl.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

static const char payload_type[] = "application/vnd.in-toto+json";

/* Nobody is there to be asked for a passphrase. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static int fail(struct hull_err *e, const char *path, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return hull_fail(e, HULL_FAILED, "%s: %s%s%s", path, what, reason ? ": " : "",
			 reason ? reason : "");
}

static EVP_PKEY *read_key(const char *path, struct hull_err *e)
{
	hull_autobuf struct hull_buf pem = {0};
	EVP_PKEY *key = NULL;
	BIO *bio;

	if (hull_file_read_most(AT_FDCWD, path, HULL_WRITTEN_BYTES, &pem, e) < 0)
		return NULL;
	ERR_clear_error();
	bio = BIO_new_mem_buf(pem.p, pem.n > INT_MAX ? INT_MAX : (int)pem.n);
	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	OPENSSL_cleanse(pem.p, pem.n);
	if (!key)
		fail(e, path, "no private key in PEM without a passphrase");
	return key;
}

static int key_id(EVP_PKEY *key, const char *path, char out[HULL_HEX], struct hull_err *e)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return fail(e, path, "no public key");
	hull_hash_bytes(der, (size_t)n, out);
	OPENSSL_free(der);
	return 0;
}

/* The digest that goes with a key; *out is NULL for Ed25519, which has its own. */
static int choose_digest(const EVP_PKEY *key, const char *path, const EVP_MD **out,
			 struct hull_err *e)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_ED25519:
		*out = NULL;
		return 0;
	case EVP_PKEY_RSA:
		*out = EVP_sha256();
		return 0;
	case EVP_PKEY_EC:
		*out = EVP_PKEY_get_bits(key) > 384   ? EVP_sha512()
		       : EVP_PKEY_get_bits(key) > 256 ? EVP_sha384()
						      : EVP_sha256();
		return 0;
	default:
		return hull_fail(e, HULL_FAILED,
				 "%s: keys of this kind cannot sign here: use "
				 "Ed25519, ECDSA or RSA",
				 path);
	}
}

/* What is signed: pre-authentication encoding of type and payload. */
static void encode(const struct hull_buf *payload, struct hull_buf *out)
{
	hull_buf_addf(out, "DSSEv1 %zu %s %zu ", sizeof payload_type - 1, payload_type, payload->n);
	hull_buf_add(out, payload->p, payload->n);
}

static int sign(EVP_PKEY *key, const char *path, const struct hull_buf *text, unsigned char **out,
		size_t *out_n, struct hull_err *e)
{
	const unsigned char *bytes = (const unsigned char *)text->p;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *parameters = NULL;
	const EVP_MD *md = NULL;
	bool done = false;

	*out = NULL;
	if (choose_digest(key, path, &md, e) < 0) {
		EVP_MD_CTX_free(ctx);
		return -1;
	}
	hull_assert(ctx);
	if (EVP_DigestSignInit(ctx, &parameters, md, NULL, key) == 1 &&
	    (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
	     (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
	      EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
	    EVP_DigestSign(ctx, NULL, out_n, bytes, text->n) == 1) {
		*out = hull_alloc(*out_n);
		done = EVP_DigestSign(ctx, *out, out_n, bytes, text->n) == 1;
	}
	EVP_MD_CTX_free(ctx);
	return done ? 0 : fail(e, path, "signing failed");
}

static char *base64(const void *p, size_t n)
{
	char *out = hull_alloc((n + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)out, p, (int)n);
	return out;
}

json_t *hull_dsse_sign(const json_t *statement, const char *key_path, struct hull_err *e)
{
	hull_autobuf struct hull_buf payload = {0}, text = {0};
	hull_autofree unsigned char *signature = NULL;
	hull_autofree char *payload64 = NULL, *signature64 = NULL;
	EVP_PKEY *key = read_key(key_path, e);
	char id[HULL_HEX];
	size_t n = 0;
	int r;

	if (!key)
		return NULL;
	hull_json_text(statement, false, &payload);
	encode(&payload, &text);
	r = key_id(key, key_path, id, e);
	if (r == 0)
		r = sign(key, key_path, &text, &signature, &n, e);
	EVP_PKEY_free(key);
	if (r < 0)
		return NULL;
	payload64 = base64(payload.p, payload.n);
	signature64 = base64(signature, n);
	return json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "payload", payload64, "payloadType",
			 payload_type, "signatures", "keyid", id, "sig", signature64);
}
