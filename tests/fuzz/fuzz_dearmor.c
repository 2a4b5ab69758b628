// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "repo/armor.h"
#include "repo/packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of just that size, so that a read behind it is seen */
	hull_autofree char *text = hull_realloc(NULL, size ? size : 1);
	hull_autobuf struct hull_buf out = {0}, strong = {0};
	struct hull_err e;
	size_t weak;

	memcpy(text, data, size);
	if (hull_dearmor(text, size, &out, &e) == 0) {
		hull_ignore(hull_packets_check_signatures(&out, &e));
		hull_ignore(hull_packets_strong_keys(&out, &strong, &weak, &e));
	}
	return 0;
}
