// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "base/str.h"
#include "store/store.h"

struct hull_system;
struct hull_image_config;

struct hull_verify_request {
	const struct hull_system *system;
	const struct hull_store *store;
	const struct hull_strv *spec_trees; /* where specs are looked for */
	/* That it was made from: what the image writer makes is checked too. Or NULL. */
	const struct hull_image_config *config;
	int threads;
	struct hull_progress *progress;
};
