// SPDX-License-Identifier: MIT
#pragma once

#include "sbom/sbom.h"

/* The SBOM as an SPDX 2.3 document; the caller decrefs. The same SBOM gives the same document. */
json_t *hull_spdx(struct hull_sbom *b);
