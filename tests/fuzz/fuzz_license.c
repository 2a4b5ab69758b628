// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "license/license.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool allow_none(void *context, const char *id, const char *exception)
{
	(void)context;
	(void)exception;
	hull_assert(*id);
	return false;
}

/* What is an expression is one whatever is allowed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofree char *text = hull_strndup((const char *)data, size);
	int any = hull_license_evaluate(text, NULL, NULL, NULL);
	int none = hull_license_evaluate(text, allow_none, NULL, NULL);

	hull_assert((any < 0 && none < 0) || (any == 1 && none == 0));
	return 0;
}
