// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "scriptrun/runplan.h"

/*
 * The scripts of a configuration as steps that run after the scriptlets of packages, in their order: *out, in
 * the arena, and how many. A script that fails is the image's failure.
 */
size_t hull_config_steps(const struct hull_image_config *c, struct hull_arena *a,
			 const struct hull_run_step **out);
