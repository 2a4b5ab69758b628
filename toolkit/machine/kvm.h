// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

/*
 * Whether /dev/kvm can be opened and runs code: inside some machines and sandboxes it is there, but
 * fails at the first instruction that it has to emulate. Tried with a few instructions (x86_64).
 */
bool hull_kvm_works(void);
