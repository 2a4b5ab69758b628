// SPDX-License-Identifier: MIT
#include "keys/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/hash.h"

static const char not_before[] = "20260101000000Z", not_after[] = "21251231235959Z";

enum { SERIAL_BYTES = 16, VERSION_3 = 2 };

int hull_fail_crypto(struct hull_err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return hull_fail(e, HULL_FAILED, "%s: %s", what, reason ? reason : "libcrypto failed");
}

/* Positive, and another one for each key. */
static bool set_serial(X509 *x, EVP_PKEY *key)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0}, *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	BIGNUM *number = NULL;
	bool ok;

	ok = n > 0 && EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL) == 1;
	digest[0] = (digest[0] & 0x7f) | 0x40;
	number = ok ? BN_bin2bn(digest, SERIAL_BYTES, NULL) : NULL;
	ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
	BN_free(number);
	OPENSSL_free(der);
	return ok;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension && X509_add_ext(x, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_set_version(x, VERSION_3) && set_serial(x, key) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)common_name, -1, -1, 0) &&
	       X509_set_issuer_name(x, name) &&
	       ASN1_TIME_set_string_X509(X509_getm_notBefore(x), not_before) &&
	       ASN1_TIME_set_string_X509(X509_getm_notAfter(x), not_after) &&
	       X509_set_pubkey(x, key) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "digitalSignature") &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       add_extension(x, NID_authority_key_identifier, "keyid") &&
	       X509_sign(x, key, EVP_sha512()) > 0;
}

X509 *hull_certificate_new(EVP_PKEY *key, const char *common_name, struct hull_err *e)
{
	X509 *x = X509_new();

	if (x && fill(x, key, common_name))
		return x;
	X509_free(x);
	hull_fail_crypto(e, "certificate");
	return NULL;
}

/* --- PEM --- */

static void take(BIO *bio, struct hull_buf *out)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	hull_assert(n > 0);
	hull_buf_add(out, p, (size_t)n);
	BIO_free(bio);
}

void hull_certificate_pem(X509 *certificate, struct hull_buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	hull_assert(bio && PEM_write_bio_X509(bio, certificate) == 1);
	take(bio, out);
}

void hull_private_key_pem(EVP_PKEY *key, struct hull_buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	hull_assert(bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	take(bio, out);
}

/* A password would be asked for on the terminal: there is none, and what needs one cannot be read. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

X509 *hull_certificate_read(const struct hull_buf *pem, const char *what, struct hull_err *e)
{
	BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	if (!x) {
		hull_fail_crypto(e, "no certificate in it");
		hull_wrap(e, "%s: ", what);
	}
	return x;
}

EVP_PKEY *hull_private_key_read(const struct hull_buf *pem, const char *what, struct hull_err *e)
{
	BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	if (!key) {
		hull_fail_crypto(e, "no private key in it");
		hull_wrap(e, "%s: ", what);
	}
	return key;
}
