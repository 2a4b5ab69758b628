// SPDX-License-Identifier: MIT
#include "scriptlet/shellwords.h"

#include <string.h>

#include "base/str.h"

enum { MAX_COMMANDS = 1000, MAX_WORDS = 100 };

enum token { WORD, SEPARATOR, END, BAD };

struct lexer {
	const char *at;
	struct hull_arena *a;
	const char *tag;    /* of a here-document that begins with the next line, or NULL */
	const char **input; /* where its text goes */
};

/* Of words without quotes. '=' is for options, see is_assignment. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("_-+./,:=@%^!]", c);
}

static bool skip_text(const char **at, const char *text)
{
	if (!hull_starts(*at, text))
		return false;
	*at += strlen(text);
	return true;
}

static void skip_blanks(struct lexer *l)
{
	for (;;) {
		l->at += strspn(l->at, " \t");
		if (l->at[0] != '\\' || l->at[1] != '\n')
			break;
		l->at += 2;
	}
	if (*l->at == '#')
		l->at += strcspn(l->at, "\n");
}

/* "$1" and "${1}"; false for all others. */
static bool take_variable(struct lexer *l, struct hull_buf *word)
{
	if (!skip_text(&l->at, "${1}") &&
	    (!hull_starts(l->at, "$1") || (l->at[2] >= '0' && l->at[2] <= '9') ||
	     !skip_text(&l->at, "$1")))
		return false;
	hull_buf_adds(word, "$1");
	return true;
}

static bool take_quoted(struct lexer *l, struct hull_buf *word)
{
	char quote = *l->at++;

	while (*l->at != quote) {
		if (!*l->at || (quote == '"' && strchr("`\\", *l->at)))
			return false;
		if (quote == '"' && *l->at == '$') {
			if (!take_variable(l, word))
				return false;
			continue;
		}
		hull_buf_addc(word, *l->at++);
	}
	l->at++;
	return true;
}

/* The number of a descriptor goes with the sign behind it. */
static bool at_redirection(const struct lexer *l)
{
	const char *p = l->at;

	if (*p == '1' || *p == '2' || *p == '&')
		p++;
	return *p == '>' || hull_starts(l->at, "<<") || hull_starts(l->at, "</dev/null") ||
	       hull_starts(l->at, "< /dev/null");
}

static bool take_here(struct lexer *l, const char **input)
{
	char quote = '\0';
	size_t n;

	l->at += 2;
	if (l->tag || *l->at == '-' || *l->at == '<')
		return false;
	l->at += strspn(l->at, " \t");
	if (*l->at == '\'' || *l->at == '"')
		quote = *l->at++;
	n = strspn(l->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	if (!n || (quote && l->at[n] != quote))
		return false;
	l->tag = hull_arena_strndup(l->a, l->at, n);
	l->input = input;
	l->at += n + (quote != '\0');
	return true;
}

static bool take_redirection(struct lexer *l, const char **input)
{
	if (hull_starts(l->at, "<<"))
		return take_here(l, input);
	if (*l->at != '<' && *l->at != '>')
		l->at++;
	if (skip_text(&l->at, ">&2") || skip_text(&l->at, ">&1"))
		return true;
	l->at++;
	if (*l->at == '>')
		l->at++;
	l->at += strspn(l->at, " \t");
	return skip_text(&l->at, "/dev/null") && !is_plain(*l->at) && *l->at != '\'' &&
	       *l->at != '"' && *l->at != '$';
}

/* The text up to the line that is the tag; none of it may be expanded. */
static bool take_input(struct lexer *l)
{
	const char *start = l->at;
	size_t n = strlen(l->tag);

	while (*l->at) {
		size_t line = strcspn(l->at, "\n");

		if (line == n && !memcmp(l->at, l->tag, n)) {
			*l->input = hull_arena_strndup(l->a, start, (size_t)(l->at - start));
			l->at += n;
			l->tag = NULL;
			return !strpbrk(*l->input, "$`\\");
		}
		l->at += line + (l->at[line] == '\n');
	}
	return false;
}

static enum token take_separator(struct lexer *l)
{
	if (*l->at == '\n') {
		l->at++;
		return !l->tag || take_input(l) ? SEPARATOR : BAD;
	}
	if (skip_text(&l->at, "&&") || skip_text(&l->at, "||"))
		return SEPARATOR;
	if (*l->at != ';' || l->at[1] == ';')
		return BAD;
	l->at++;
	return SEPARATOR;
}

static enum token next(struct lexer *l, const char **input, const char **out)
{
	hull_autobuf struct hull_buf word = {0};
	bool any = false;

	for (;;) {
		skip_blanks(l);
		if (!at_redirection(l))
			break;
		if (!take_redirection(l, input))
			return BAD;
	}
	if (!*l->at)
		return l->tag ? BAD : END;
	if (strchr("\n;&|", *l->at))
		return take_separator(l);
	while (*l->at && !strchr(" \t\n;&|", *l->at)) {
		bool ok = true;

		if (*l->at == '\'' || *l->at == '"')
			ok = take_quoted(l, &word);
		else if (*l->at == '$')
			ok = take_variable(l, &word);
		else if (is_plain(*l->at) || (*l->at == '[' && !any))
			hull_buf_addc(&word, *l->at++);
		else
			ok = false;
		if (!ok)
			return BAD;
		any = true;
	}
	hull_buf_add(&word, "", 0);
	*out = hull_arena_strdup(l->a, word.p ? word.p : "");
	return WORD;
}

/* Words that come before a command and run nothing. */
static bool is_reserved(const char *word)
{
	static const char *const words[] = {"if", "then", "elif", "else", "fi", "!"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* "PATH=/x systemctl": another program than the word says. */
static bool is_assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n && (word[n] == '=' || (word[n] == '+' && word[n + 1] == '='));
}

/* One command; END at the end of the text. */
static enum token take_command(struct lexer *l, struct hull_shell_command *out)
{
	out->words = hull_arena_array(l->a, MAX_WORDS + 1, sizeof *out->words);
	for (;;) {
		const char *word = NULL;
		enum token t = next(l, &out->input, &word);

		if (t != WORD)
			return t;
		if (!out->n && is_reserved(word))
			continue;
		if (out->n == MAX_WORDS || (!out->n && is_assignment(word)))
			return BAD;
		out->words[out->n++] = word;
	}
}

bool hull_shell_commands(const char *body, struct hull_arena *a, struct hull_shell_commands *out)
{
	struct lexer l = {.at = body, .a = a};

	*out = (struct hull_shell_commands){.v = hull_arena_array(a, MAX_COMMANDS, sizeof *out->v)};
	while (out->n < MAX_COMMANDS) {
		struct hull_shell_command *c = &out->v[out->n];
		enum token t = take_command(&l, c);

		if (t == BAD)
			return false;
		if (c->n)
			out->n++;
		else if (c->input)
			return false;
		if (t == END)
			return true;
	}
	return false;
}
