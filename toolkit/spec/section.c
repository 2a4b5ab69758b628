// SPDX-License-Identifier: MIT
#include "spec/section.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* Words that follow a '%' without being macros; a section has its kind. */
static const struct {
	const char *name;
	int kind; /* enum hull_section, or -1 */
} words[] = {
	{"package", HULL_PREAMBLE},
	{"description", HULL_PROSE},
	{"prep", HULL_SCRIPT},
	{"generate_buildrequires", HULL_SCRIPT},
	{"conf", HULL_SCRIPT},
	{"build", HULL_SCRIPT},
	{"install", HULL_SCRIPT},
	{"check", HULL_SCRIPT},
	{"clean", HULL_SCRIPT},
	{"pre", HULL_SCRIPT},
	{"post", HULL_SCRIPT},
	{"preun", HULL_SCRIPT},
	{"postun", HULL_SCRIPT},
	{"pretrans", HULL_SCRIPT},
	{"posttrans", HULL_SCRIPT},
	{"preuntrans", HULL_SCRIPT},
	{"postuntrans", HULL_SCRIPT},
	{"verifyscript", HULL_SCRIPT},
	{"trigger", HULL_SCRIPT},
	{"triggerin", HULL_SCRIPT},
	{"triggerprein", HULL_SCRIPT},
	{"triggerun", HULL_SCRIPT},
	{"triggerpostun", HULL_SCRIPT},
	{"filetriggerin", HULL_SCRIPT},
	{"filetriggerun", HULL_SCRIPT},
	{"filetriggerpostun", HULL_SCRIPT},
	{"transfiletriggerin", HULL_SCRIPT},
	{"transfiletriggerun", HULL_SCRIPT},
	{"transfiletriggerpostun", HULL_SCRIPT},
	{"files", HULL_FILES},
	{"sepolicy", HULL_FILES},
	{"sourcelist", HULL_LIST},
	{"patchlist", HULL_LIST},
	{"changelog", HULL_CHANGELOG},
	{"if", -1},
	{"ifarch", -1},
	{"ifnarch", -1},
	{"ifos", -1},
	{"ifnos", -1},
	{"elif", -1},
	{"elifarch", -1},
	{"elifos", -1},
	{"else", -1},
	{"endif", -1},
	{"include", -1},
	{"setup", -1},
	{"patch", -1},
	/* marks in %files */
	{"artifact", -1},
	{"attr", -1},
	{"caps", -1},
	{"config", -1},
	{"defattr", -1},
	{"defverify", -1},
	{"dev", -1},
	{"dir", -1},
	{"doc", -1},
	{"docdir", -1},
	{"exclude", -1},
	{"ghost", -1},
	{"lang", -1},
	{"license", -1},
	{"missingok", -1},
	{"policy", -1},
	{"pubkey", -1},
	{"readme", -1},
	{"verify", -1},
};

size_t hull_macro_name(const char *s)
{
	size_t n = 0;

	if (isdigit((unsigned char)*s))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static bool is_word(const char *word, const char *s, size_t n)
{
	return strlen(word) == n && !memcmp(word, s, n);
}

const char *hull_directive(size_t i)
{
	return i < sizeof words / sizeof *words ? words[i].name : NULL;
}

bool hull_is_directive(const char *name, size_t n)
{
	size_t letters = n;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(words[i].name, name, n))
			return true;
	while (letters && isdigit((unsigned char)name[letters - 1]))
		letters--;
	return is_word("patch", name, letters);
}

bool hull_section_begins(const char *s, size_t n, enum hull_section *out)
{
	size_t name;

	if (n < 2 || *s != '%')
		return false;
	name = hull_macro_name(s + 1);
	if (name + 1 < n && !isspace((unsigned char)s[name + 1]))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].kind >= 0 && is_word(words[i].name, s + 1, name)) {
			*out = (enum hull_section)words[i].kind;
			if (*out == HULL_SCRIPT && memmem(s, n, "<lua>", 5))
				*out = HULL_LUA;
			return true;
		}
	return false;
}
