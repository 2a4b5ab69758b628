// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/hash.h"
#include "base/str.h"
#include "store/store.h"

/* In a set of macros that a tree has added to: its files, which are read last. */
#define HULL_MACROS_OF_TREE "tree"

/* In a tree of specs: its own macros, a file or more. */
#define HULL_TREE_MACROS "macros.d"

/* Whether a file in there is one of macros, by its name: not one that is hidden, or of an editor. */
bool hull_macros_is_file(const char *name);

/*
 * The value of rpm's --macros for Hull's macro set in the directory `dir`: the list that
 * macros/macros documents, with the generators of dependencies, and what a tree has added. The caller
 * frees.
 */
char *hull_macro_files(const char *dir, const char *arch);

/*
 * Makes sure that the store has the directory of macros as macros/<digest>/ and gives the digest:
 * of the sorted "path -> sha256" of its files. Builds see that copy, so that an edit while hull
 * runs cannot get into a build whose key does not know of it.
 */
HULL_CHECKED int hull_macros_store(const struct hull_store *s, const char *dir,
				   char out_digest[HULL_HEX], struct hull_err *e);

/* The same of these and those of a tree, from its directory of macros. */
HULL_CHECKED int hull_macros_store_with(const struct hull_store *s, const char *dir,
					const char *tree_macros, char out_digest[HULL_HEX],
					struct hull_err *e);

/* The digest alone, of a directory relative to dirfd. */
HULL_CHECKED int hull_macros_digest(int dirfd, const char *dir, char out_digest[HULL_HEX],
				    struct hull_err *e);

/* --- definitions beside the set: "name body" or "name(options) body", as rpmbuild's --define takes them --- */

/* The length of the name, with its options; 0 if the text is no definition. */
size_t hull_definition_name(const char *text);

/*
 * %autorelease and %autochangelog, of which rpmautospec makes a number and entries out of a git history that
 * hull does not read: the number is that of %_rpmautospec_release_number, else of -b, else 1; there are no
 * entries. Gives the definitions that the text of a spec needs, 0 to 2 of them, and the lines that use them first.
 */
enum { HULL_AUTOSPEC_MACROS = 2 };

struct hull_autospec {
	const char *definition, *name;
	int line;
};

/* The definitions that make a package of debug information, HULL_DEBUGINFO_MACROS of them. */
enum { HULL_DEBUGINFO_MACROS = 3 };

extern const char *const hull_debuginfo_macros[HULL_DEBUGINFO_MACROS];

size_t hull_autospec_used(const char *raw, struct hull_autospec out[HULL_AUTOSPEC_MACROS]);
