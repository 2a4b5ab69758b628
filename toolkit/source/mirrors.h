// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "source/source.h"

/*
 * The places to look for a file, in order of trial: http(s) URLs and paths of files. A file next to
 * the spec comes first, then the mirrors, then what the URL says, an archive of old versions as it was
 * on the date of the pin, and at last the places that the pin lists.
 *
 * An error if the URL itself names no place: an unknown scheme, or debian: without bases.
 */
struct hull_debian_places {
	struct hull_strv bases;	   /* of archives, in order; empty when they are not known */
	struct hull_strv archives; /* of their old versions, as hull_source_options has them */
};

HULL_CHECKED int hull_source_places(const struct hull_source_want *w,
				    const struct hull_source_options *o,
				    const struct hull_debian_places *debian, struct hull_strv *out,
				    struct hull_err *e);
void hull_debian_places_fini(struct hull_debian_places *p);

/* What the words of `given` are, or, when it is NULL, what the host's apt is configured with
 * (Acquire::Snapshots). That there is none is no error. */
HULL_CHECKED int hull_debian_archives(const char *given, struct hull_strv *out, struct hull_err *e);

bool hull_source_is_remote(const char *place); /* an http(s) URL, not a path */

/* The URL is only a path below the spec's directory. */
bool hull_source_is_relative(const char *url);

/* Path of the file next to the spec, or NULL if there is none. The caller frees. */
char *hull_source_beside(const struct hull_source_want *w);

/*
 * The bases of the Debian archive ("http://host/debian/", with the slash), distinct and in order:
 * the words of `given`, or, when it is NULL, those of the host's apt. An error if there is none.
 */
HULL_CHECKED int hull_debian_bases(const char *given, struct hull_strv *out, struct hull_err *e);
