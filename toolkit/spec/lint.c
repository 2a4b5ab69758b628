// SPDX-License-Identifier: MIT
#include "spec/lint.h"

#include <ctype.h>
#include <rpm/rpmmacro.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "spec/written.h"

enum { MIN_NAME = 3 }; /* rpm defines no macro with a shorter name */

/* Macros that rpm 4.20, which builds, has and librpm 4.18, which may parse, has not. */
static const char *const newer[] = {"builddir", "specpartsdir", "xargs"};

/* The scan of one text. */
struct lint_scan {
	const char *file;
	const char *raw, *parsed;
	struct hull_strv defined; /* by the text itself, perhaps in a branch that is not taken */
	struct hull_strv reported;
	struct hull_strv *errors, *names;
	int line;
	enum hull_section section;
	bool continues; /* the line before ended in a backslash */
	char *heredoc;	/* the word that ends the here-document that we are in, or NULL */
};

/* The character after the bracket that closes the one at s, or the end of the text. */
static const char *skip_brackets(const char *s, const char *end)
{
	char open = *s, close = open == '(' ? ')' : open == '[' ? ']' : '}';
	int depth = 0;

	for (; s < end; s++) {
		if (*s == '\\' && s + 1 < end)
			s++;
		else if (*s == open)
			depth++;
		else if (*s == close && --depth == 0)
			return s + 1;
	}
	return end;
}

/* The end of the definition at s: as rpm reads it, over lines that end in '\\' and inside of
 * brackets. */
static const char *skip_definition(const char *s, const char *end)
{
	int depth = 0;

	for (; s < end; s++) {
		if (*s == '\\' && s + 1 < end)
			s++;
		else if (*s == '{' || *s == '(')
			depth++;
		else if ((*s == '}' || *s == ')') && depth)
			depth--;
		else if (*s == '\n' && depth == 0)
			return s;
	}
	return end;
}

static bool is_name(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(s, word, n);
}

/* Collects what follows the words define, global and bcond..., wherever they are (Lua has them
 * too). */
static void collect_definitions(struct lint_scan *sc, const char *raw)
{
	static const char *const words[] = {"define", "global", "bcond", "bcond_with",
					    "bcond_without"};

	for (const char *s = raw; *s;) {
		size_t n = hull_macro_name(s), m;
		const char *name = s + n;
		bool defines = false;

		if (!n) {
			s++;
			continue;
		}
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			defines |= is_name(s, n, words[i]);
		s += n;
		if (!defines)
			continue;
		name += strspn(name, " \t(\"'");
		m = hull_macro_name(name);
		if (!m)
			continue;
		hull_strv_take(&sc->defined, hull_strndup(name, m));
		hull_strv_addf(&sc->defined, "with_%.*s", (int)m, name);
		hull_strv_addf(&sc->defined, "without_%.*s", (int)m, name);
	}
	hull_strv_sort(&sc->defined);
}

/* Whether `text` still has the macro: "%{name" or "%name", and no longer name. */
static bool is_left(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = text; (s = strstr(s, name)); s++) {
		bool braces = s - text >= 2 && s[-1] == '{' && s[-2] == '%';

		if ((braces || (s > text && s[-1] == '%')) && !isalnum((unsigned char)s[n]) &&
		    s[n] != '_')
			return true;
	}
	return false;
}

static void nearer(const char *name, const char *candidate, size_t n, char **best, size_t *distance)
{
	hull_autofree char *c = hull_strndup(candidate, n);
	size_t d = hull_edit_distance(name, c);

	if (d && d < *distance) {
		*distance = d;
		free(*best);
		*best = hull_steal(c);
	}
}

/* ": did you mean %{...}?", or "", for a macro that does not exist. The caller frees. */
static char *hint_for(const char *name, bool braces)
{
	hull_autofree char *table = NULL, *best = NULL;
	size_t bytes, distance = strlen(name) < 8 ? strlen(name) / 4 + 2 : 4;
	FILE *f = open_memstream(&table, &bytes);

	hull_assert(f);
	rpmDumpMacroTable(NULL, f);
	fclose(f);
	for (size_t i = 0; !braces && hull_directive(i); i++)
		nearer(name, hull_directive(i), strlen(hull_directive(i)), &best, &distance);
	/* "-13: name(options)\tbody"; further lines of a body may look alike, and do no harm. */
	for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *s = line + strspn(line, " -0123456789");
		size_t n;

		if ((*s != ':' && *s != '=') || s[1] != ' ')
			continue;
		n = hull_macro_name(s + 2);
		if (n >= MIN_NAME)
			nearer(name, s + 2, n, &best, &distance);
	}
	if (!best)
		return hull_strdup("");
	return hull_asprintf(": did you mean %s%s%s?", braces ? "%{" : "%", best,
			     braces ? "}" : "");
}

/* Whether nothing but blanks is on the line before it. */
static bool begins_line(const struct lint_scan *sc, const char *s)
{
	while (s > sc->raw && isblank((unsigned char)s[-1]))
		s--;
	return s == sc->raw || s[-1] == '\n';
}

static void check(struct lint_scan *sc, const char *s, size_t n, bool braces)
{
	hull_autofree char *name = hull_strndup(s, n);
	hull_autofree char *hint = NULL;

	if (n < MIN_NAME || hull_strv_has(&sc->reported, name) ||
	    hull_strv_has(&sc->defined, name) || rpmMacroIsDefined(NULL, name) ||
	    (!braces && hull_is_directive(s, n)) || (sc->parsed && !is_left(sc->parsed, name)))
		return;
	for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
		if (!strcmp(newer[i], name))
			return;
	hint = hint_for(name, braces);
	hull_strv_addf(sc->errors, "%s:%d: unknown macro %s%s%s%s", sc->file, sc->line,
		       braces ? "%{" : "%", name, braces ? "}" : "", hint);
	if (sc->names)
		hull_strv_addf(sc->names, "%c%s", begins_line(sc, s - 1 - braces) ? '+' : '-',
			       name);
	hull_strv_add(&sc->reported, name);
}

/* "%{...": what is next to look at. */
static const char *scan_braces(struct lint_scan *sc, const char *s, const char *end)
{
	/* Their bodies are another language, or are expanded at another time. */
	static const char *const opaque[] = {"lua",	 "expand", "expr", "define", "global",
					     "undefine", "error",  "warn", "echo",   "dnl"};
	const char *name = s + 2;
	size_t n = hull_macro_name(name);

	/* A condition says that the macro may be missing; %{-f}, %{*}, %{1}: arguments of a macro.
	 */
	if (!n)
		return isalnum((unsigned char)*name) || strchr("?!-*#", *name)
			       ? skip_brackets(s + 1, end)
			       : s + 2;
	for (size_t i = 0; i < sizeof opaque / sizeof *opaque; i++)
		if (is_name(name, n, opaque[i]))
			return skip_brackets(s + 1, end);
	if (name[n] == '}' || name[n] == ':' || isblank((unsigned char)name[n]))
		check(sc, name, n, true);
	return name + n;
}

/* "%name": only where a command or a mark is; elsewhere it may be anything ("date +%Y%m%d"). */
static const char *scan_bare(struct lint_scan *sc, const char *s, const char *line, const char *end)
{
	size_t n = hull_macro_name(s + 1);
	bool command = true;

	if (is_name(s + 1, n, "define") || is_name(s + 1, n, "global"))
		return skip_definition(s, end);
	if (is_name(s + 1, n, "dnl"))
		return memchr(s, '\n', (size_t)(end - s));
	for (const char *p = line; p < s; p++)
		command &= isblank((unsigned char)*p) != 0;
	if (sc->section == HULL_FILES && s > line && isblank((unsigned char)s[-1]))
		command = true;
	if (command && !sc->continues)
		check(sc, s + 1, n, false);
	return s + 1 + n;
}

/* Remembers the word of "<<EOF", "<<-'EOF'"; "<<<" and "1 << 2" are something else. */
static void note_heredoc(struct lint_scan *sc, const char *s, const char *line)
{
	size_t n;

	if (s[2] == '<' || (s > line && s[-1] == '<') || sc->heredoc)
		return;
	s += 2;
	s += strspn(s, "- \t\"'\\");
	n = hull_macro_name(s);
	if (n)
		sc->heredoc = hull_strndup(s, n);
}

/* Tools that have a %{...} of their own. */
static bool has_formats(const char *line, size_t n)
{
	static const char *const words[] = {"--qf", "--queryformat", "curl ", "printf"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(line, n, words[i], strlen(words[i])))
			return true;
	return false;
}

static bool is_script(const struct lint_scan *sc)
{
	return sc->section == HULL_SCRIPT;
}

/* One line, and the lines that a construct on it reaches over; returns where the next line begins.
 */
static const char *scan_line(struct lint_scan *sc, const char *line, const char *end)
{
	const char *s = line;

	while (s && s < end && *s != '\n') {
		const char *from = s;

		if (is_script(sc) && *s == '#' && s > line && isblank((unsigned char)s[-1]))
			s = memchr(s, '\n', (size_t)(end - s));
		else if (is_script(sc) && s[0] == '<' && s[1] == '<') {
			note_heredoc(sc, s, line);
			s += strspn(s, "<");
		} else if (*s != '%')
			s++;
		else if (s[1] == '{')
			s = scan_braces(sc, s, end);
		else if (s[1] == '(' || s[1] == '[')
			s = skip_brackets(s + 1, end);
		else if (hull_macro_name(s + 1))
			s = scan_bare(sc, s, line, end);
		else
			s += s[1] == '%' ? 2 : 1;
		for (; s && from < s; from++)
			if (*from == '\n') {
				sc->line++;
				line = from + 1;
			}
	}
	if (!s || s >= end)
		return end;
	sc->continues = s > line && s[-1] == '\\';
	sc->line++;
	return s + 1;
}

/* Whether the line is one that is not looked into. */
static bool is_skipped(struct lint_scan *sc, const char *line, size_t n)
{
	size_t blank = strspn(line, " \t");

	if (hull_section_begins(line, n, &sc->section)) {
		free(sc->heredoc);
		sc->heredoc = NULL;
		return false;
	}
	if (sc->heredoc) {
		if (is_name(line + blank, n - blank, sc->heredoc)) {
			free(sc->heredoc);
			sc->heredoc = NULL;
		}
		return true;
	}
	if (sc->section == HULL_CHANGELOG || sc->section == HULL_LUA || blank >= n ||
	    line[blank] == '#')
		return true;
	return is_script(sc) && has_formats(line, n);
}

void hull_lint_macros(const char *file, const char *raw, const char *parsed,
		      struct hull_strv *out_errors, struct hull_strv *out_names)
{
	struct lint_scan sc = {
		.file = file,
		.raw = raw,
		.parsed = parsed,
		.errors = out_errors,
		.names = out_names,
		.line = 1,
	};
	const char *end = raw + strlen(raw);

	collect_definitions(&sc, raw);
	for (const char *line = raw; line < end;) {
		size_t n = strcspn(line, "\n");

		if (!is_skipped(&sc, line, n)) {
			line = scan_line(&sc, line, end);
			continue;
		}
		sc.continues = false;
		sc.line++;
		line += n + (line[n] == '\n');
	}
	free(sc.heredoc);
	hull_strv_fini(&sc.defined);
	hull_strv_fini(&sc.reported);
}
