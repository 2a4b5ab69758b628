// SPDX-License-Identifier: MIT
#pragma once

#include "verify/verify_request.h"
#include "verify/verify_store.h"

/* What a record claims, as far as the record itself can be wrong: its key, the log, the agreement
 * of its parts. What has to be in the store is appended to `files`. `object` names it in messages.
 */
void hull_verify_record(const struct hull_verify_request *r, const struct hull_build_record *record,
			const char *object, struct hull_arena *a, struct hull_stored_files *files,
			struct hull_verification *out);
