// SPDX-License-Identifier: MIT
#pragma once

#include "spec/spec.h"

/* What follows `parent` in `path`, "" or "/x/y", if it is that directory or below it; else NULL. Both
 * are absolute and without links. */
const char *hull_spec_below(const char *path, const char *parent);

/*
 * Adds to `errors` a line for each source and patch of the spec that a build would take from
 * outside of the spec's directory: absolute, with "..", or a link that leads there.
 */
void hull_sources_confine(const struct hull_spec *spec, struct hull_strv *errors);
