// SPDX-License-Identifier: MIT
#pragma once

#include "sbom/sbom.h"

/* The source package that a build record tells of; its strings live in the arena and the record. */
void hull_source_package_init(struct hull_source_package *out, const struct hull_build_record *r,
			      const char *vendor, struct hull_arena *a);

/* Whether a URL tells others where something is: it has a scheme of the net and no password. */
bool hull_component_is_public(const char *url);
