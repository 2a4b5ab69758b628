// SPDX-License-Identifier: MIT
#include "verify/verify.h"

#include "verify/verify_link.h"

int hull_verify(const struct hull_verify_request *r, struct hull_verification *out,
		struct hull_err *e)
{
	*out = (struct hull_verification){0};
	if (hull_verify_files(r, out, e) < 0 || hull_verify_packages(r, out, e) < 0 ||
	    hull_verify_boot(r, out, e) < 0 || hull_verify_verity(r, out, e) < 0) {
		hull_verification_fini(out);
		return -1;
	}
	hull_verification_sort(out);
	return 0;
}
