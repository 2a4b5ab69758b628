// SPDX-License-Identifier: MIT
#pragma once

#include "sbom/sbom.h"

/* SPDX 3.0.1 as JSON-LD: profiles core, software and simpleLicensing. The caller decrefs. */
json_t *hull_spdx3(struct hull_sbom *b);
