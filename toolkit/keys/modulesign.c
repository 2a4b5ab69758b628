// SPDX-License-Identifier: MIT
#include "keys/modulesign.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/evp.h>

#include "keys/certificate.h"

enum { FLAGS = CMS_BINARY | CMS_NOCERTS };

int hull_module_sign(const struct hull_key *key, const struct hull_buf *module,
		     struct hull_buf *out, struct hull_err *e)
{
	BIO *data = module->n <= INT_MAX ? BIO_new_mem_buf(module->p, (int)module->n) : NULL;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, FLAGS | CMS_PARTIAL | CMS_DETACHED);
	unsigned char *der = NULL;
	int n = -1;

	if (data && cms &&
	    CMS_add1_signer(cms, key->certificate, key->secret, EVP_sha512(),
			    FLAGS | CMS_NOATTR | CMS_NOSMIMECAP) &&
	    CMS_final(cms, data, NULL, FLAGS) == 1)
		n = i2d_CMS_ContentInfo(cms, &der);
	if (n > 0)
		hull_buf_add(out, der, (size_t)n);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(data);
	return n > 0 ? 0 : hull_fail_crypto(e, "signature");
}
