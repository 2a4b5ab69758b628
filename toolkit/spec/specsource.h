// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "spec/spec.h"

/*
 * What a spec says of its sources, checked: the hashes that <name>.signatures.json has, and that none is
 * taken from elsewhere on this machine.
 */

/*
 * {"Signatures": {"<file>": "<sha256>"}}. Gives the sources of the spec their hashes. It is read as Go's
 * encoding/json reads it: names of members in any case, and of two the later; so are the digits of
 * a hash. What is wrong goes to errors as "<file>:<line>:<column>: ...", to warnings a name that no
 * Source line has, a member that is not known, comes twice or is not there, and a hash in capitals. A missing file
 * is fine.
 */
void hull_signatures_read(int dirfd, const char *file, struct hull_spec *spec, struct hull_arena *a,
			  struct hull_strv *errors, struct hull_strv *warnings);

/* The members "Signatures" of such a file as one object, empty if it has none; NULL if one is no object. The
 * caller decrefs. */
json_t *hull_signatures_member(const json_t *file);

/* What follows `parent` in `path`, "" or "/x/y", if it is that directory or below it; else NULL. Both
 * are absolute and without links. */
const char *hull_spec_below(const char *path, const char *parent);

/*
 * Adds to `errors` a line for each source and patch of the spec that a build would take from
 * outside of the spec's directory: absolute, with "..", or a link that leads there.
 */
void hull_sources_confine(const struct hull_spec *spec, struct hull_strv *errors);
