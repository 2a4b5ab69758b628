// SPDX-License-Identifier: MIT
#pragma once

#include "sbom/sbom.h"

/* The SBOM as a CycloneDX 1.6 BOM; the caller decrefs. The same SBOM gives the same BOM. */
json_t *hull_cyclonedx(struct hull_sbom *b);
