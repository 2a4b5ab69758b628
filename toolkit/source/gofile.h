// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

/* The head of a Go source file: what decides whether it is compiled, and what it imports. */
struct hull_go_file {
	const char *name;	    /* base name; set by the caller */
	const char *constraint;	    /* expression over build tags, or NULL */
	const char *const *imports; /* as written, without "C" */
	size_t nimports;
	bool cgo; /* imports "C" */
};

/* What is built. */
struct hull_go_target {
	const char *arch; /* "amd64" */
	bool cgo;
	const struct hull_strv *tags; /* beside those that Go sets itself */
};

/*
 * Parses the text up to the end of its imports. "// +build" lines become a constraint like that of
 * "//go:build". False if this is no Go source. The strings live in the arena.
 */
bool hull_go_file_parse(const char *text, size_t n, struct hull_arena *a, struct hull_go_file *out);

/* Whether the file is compiled into its package: by its name and constraint, tests left aside. */
bool hull_go_file_matches(const struct hull_go_file *f, const struct hull_go_target *t);

bool hull_go_file_is_test(const struct hull_go_file *f);

/* Evaluates an expression such as "linux && !cgo"; what is malformed counts as true. */
bool hull_go_constraint(const char *expression, const struct hull_go_target *t);
