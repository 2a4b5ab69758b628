// SPDX-License-Identifier: MIT
#include "payload/selection.h"

#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

static bool is_documentation(const struct hull_file *f)
{
	static const char *const directories[] = {"/usr/share/doc/", "/usr/share/man/",
						  "/usr/share/info/", "/usr/share/gtk-doc/"};

	if (f->flags & HULL_FILE_LICENSE)
		return false;
	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		if (hull_starts(f->path, directories[i]))
			return true;
	return f->flags & HULL_FILE_DOC;
}

/* Is the language of n bytes one of the list, or what one of the list is a variant of? */
static bool wanted(const char *lang, size_t n, const char *locales)
{
	for (const char *p = locales; *p; p += *p == ':') {
		size_t m = strcspn(p, ":");

		if (m >= n && !strncmp(p, lang, n) && (m == n || strchr("_.@", p[n])))
			return true;
		p += m;
	}
	return false;
}

static bool is_translation_wanted(const struct hull_file *f, const char *locales)
{
	static const char directory[] = "/usr/share/locale/";
	const char *name = f->path + sizeof directory - 1;
	bool is_directory = S_ISDIR(f->mode);

	if (f->lang) {
		for (const char *p = f->lang; *p; p += *p == '|') {
			size_t n = strcspn(p, "|");

			if (wanted(p, n, locales))
				return true;
			p += n;
		}
		return false;
	}
	if (!hull_starts(f->path, directory))
		return true;
	/* Files such as locale.alias are of no language. */
	return (!strchr(name, '/') && !is_directory) || wanted(name, strcspn(name, "/"), locales);
}

bool hull_file_selected(const struct hull_file *f, bool no_docs, const char *locales)
{
	if (f->flags & HULL_FILE_GHOST)
		return false;
	if (no_docs && is_documentation(f))
		return false;
	return !locales || is_translation_wanted(f, locales);
}
