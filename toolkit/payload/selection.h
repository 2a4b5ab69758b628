// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "rpm/package.h"

/*
 * Whether a file of a package is wanted in the image. Left out are %ghost files, with no_docs
 * everything that is documentation but no license, and translations to other languages than
 * `locales` says (NULL: all stay; "en:fr"): by %lang, and below /usr/share/locale. A language
 * stays if it is one of those asked for or what one of them is a variant of: "pt_BR" keeps "pt".
 */
bool hull_file_selected(const struct hull_file *f, bool no_docs, const char *locales);
