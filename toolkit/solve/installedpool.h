// SPDX-License-Identifier: MIT
#pragma once

#include "solve/pool.h"

/*
 * A pool of packages that are installed together, whatever their architectures: out->v[i] is the
 * handle of packages[i]. It knows what they require and provide, nothing else, and of their files
 * those that a requirement or request names, also by another name of the directory, for which a
 * package has the symlink ("/bin" to "usr/bin").
 */
struct hull_pool *hull_pool_installed(const struct hull_package *packages, size_t n,
				      const struct hull_deps *requests, struct hull_pkgset *out);
