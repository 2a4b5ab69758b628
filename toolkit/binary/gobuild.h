// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/content.h"

/* What the Go linker writes into a program about its build (package debug/buildinfo of Go). */

struct hull_go_module {
	const char *path, *version; /* version "" if none is told: "(devel)", built without modules
				     */
	const char *sum;	    /* "h1:...", or NULL */
	/* The module that was taken in its place, or NULL: path, version and sum are its. */
	const char *replaced_path, *replaced_version;
};

struct hull_go_build {
	const char *go;			/* "go1.24.4" */
	const char *path;		/* import path of the program, or NULL */
	struct hull_go_module *modules; /* the main module first, if there is one */
	size_t nmodules;
	bool has_main;	      /* modules[0] is the main module */
	const char *revision; /* of the version control system, or NULL */
};

/*
 * Reads the build information of a 64-bit ELF file. Returns 1, 0 if the file is something else or
 * has none, -1 with e set if it cannot be read or is damaged. Strings live in the arena.
 */
HULL_CHECKED int hull_go_build_read(const struct hull_content *c, uint64_t size_bytes,
				    struct hull_arena *a, struct hull_go_build *out,
				    struct hull_err *e);
