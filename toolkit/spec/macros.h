// SPDX-License-Identifier: MIT
#pragma once

/*
 * The value of rpm's --macros for Hull's macro set in the directory `dir`: the list that
 * macros/macros documents, with the generators of dependencies. The caller frees.
 */
char *hull_macro_files(const char *dir, const char *arch);
