// SPDX-License-Identifier: MIT
#include "source/gofile.h"

#include <ctype.h>
#include <string.h>

enum { GO_MINOR = 24, /* of the seed's Go 1.24 */ MAX_DEPTH = 64, MAX_IMPORT = 512 };

/* --- lines of text --- */

struct view {
	const char *p, *end;
};

static struct view trim(struct view v)
{
	while (v.p < v.end && isspace((unsigned char)*v.p))
		v.p++;
	while (v.p < v.end && isspace((unsigned char)v.end[-1]))
		v.end--;
	return v;
}

static bool starts(struct view v, const char *prefix)
{
	size_t n = strlen(prefix);

	return (size_t)(v.end - v.p) >= n && !memcmp(v.p, prefix, n);
}

static bool equals(struct view v, const char *s)
{
	return starts(v, s) && (size_t)(v.end - v.p) == strlen(s);
}

static struct view next_line(struct view *text)
{
	const char *nl = memchr(text->p, '\n', (size_t)(text->end - text->p));
	struct view line = {text->p, nl ? nl : text->end};

	text->p = nl ? nl + 1 : text->end;
	return trim(line);
}

/* --- build constraints --- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || (c & 0x80);
}

static bool tag_holds(struct view tag, const struct hull_go_target *t)
{
	static const char *const always[] = {"linux", "unix", "gc"};

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (equals(tag, always[i]))
			return true;
	if (equals(tag, t->arch) || (t->cgo && equals(tag, "cgo")))
		return true;
	if (starts(tag, "go1.")) {
		hull_autofree char *minor = hull_strndup(tag.p + 4, (size_t)(tag.end - tag.p) - 4);
		uint64_t n;

		return hull_parse_u64(minor, 1, GO_MINOR, &n);
	}
	for (size_t i = 0; t->tags && i < t->tags->n; i++)
		if (equals(tag, t->tags->v[i]))
			return true;
	return false;
}

struct expression {
	struct view rest;
	const struct hull_go_target *target;
	int depth;
	bool malformed;
};

static bool eval_or(struct expression *x);

static bool take(struct expression *x, const char *token)
{
	x->rest = trim(x->rest);
	if (!starts(x->rest, token))
		return false;
	x->rest.p += strlen(token);
	return true;
}

static bool eval_not(struct expression *x)
{
	bool negated = false, value;
	struct view tag;

	while (take(x, "!"))
		negated = !negated;
	if (take(x, "(")) {
		if (++x->depth > MAX_DEPTH) {
			x->malformed = true;
			return true;
		}
		value = eval_or(x);
		x->depth--;
		x->malformed = x->malformed || !take(x, ")");
		return value != negated;
	}
	tag = x->rest;
	while (x->rest.p < x->rest.end && is_word(*x->rest.p))
		x->rest.p++;
	tag.end = x->rest.p;
	if (tag.p == tag.end)
		x->malformed = true;
	return tag_holds(tag, x->target) != negated;
}

static bool eval_and(struct expression *x)
{
	bool value = eval_not(x);

	while (!x->malformed && take(x, "&&"))
		value = eval_not(x) && value;
	return value;
}

static bool eval_or(struct expression *x)
{
	bool value = eval_and(x);

	while (!x->malformed && take(x, "||"))
		value = eval_and(x) || value;
	return value;
}

bool hull_go_constraint(const char *expression, const struct hull_go_target *t)
{
	struct expression x = {.rest = {expression, expression + strlen(expression)}, .target = t};
	bool value = eval_or(&x);

	x.rest = trim(x.rest);
	return value || x.malformed || x.rest.p != x.rest.end;
}

/* "// +build a,!b c": one of its words must hold, all parts of a word must. */
static void add_plus_line(struct hull_buf *b, struct view words)
{
	bool first = true;

	hull_buf_adds(b, b->n ? " && (" : "(");
	while (words.p < words.end) {
		const char *from = words.p;

		while (words.p < words.end && !isspace((unsigned char)*words.p))
			words.p++;
		hull_buf_adds(b, first ? "(" : " || (");
		for (; from < words.p; from++) {
			if (*from == ',')
				hull_buf_adds(b, " && ");
			else
				hull_buf_addc(b, *from);
		}
		hull_buf_addc(b, ')');
		first = false;
		words = trim(words);
	}
	hull_buf_addc(b, ')');
}

/* Moves over the comments at the start of a line; true: there is something else behind them. */
static bool skip_comments(struct view line, bool *in_block)
{
	while (line.p < line.end) {
		if (*in_block) {
			const char *end = memmem(line.p, (size_t)(line.end - line.p), "*/", 2);

			if (!end)
				return false;
			*in_block = false;
			line.p = end + 2;
			line = trim(line);
		} else if (starts(line, "//")) {
			return false;
		} else if (starts(line, "/*")) {
			*in_block = true;
			line.p += 2;
		} else {
			return true;
		}
	}
	return false;
}

static bool is_directive(struct view line, const char *name)
{
	size_t n = strlen(name);

	return starts(line, name) &&
	       ((size_t)(line.end - line.p) == n || isspace((unsigned char)line.p[n]));
}

/*
 * Above the package clause stand comments only. "//go:build" counts anywhere there; "// +build"
 * only if a blank line follows, before the first comment of the other kind.
 */
static char *find_constraint(struct view text, struct hull_arena *a)
{
	hull_autobuf struct hull_buf plus = {0}, pending = {0};
	bool in_block = false, only_lines = true;

	while (text.p < text.end) {
		struct view line = next_line(&text), words;

		if (line.p == line.end) {
			if (only_lines && pending.n) {
				hull_buf_addf(&plus, "%s%s", plus.n ? " && " : "", pending.p);
				pending.n = 0;
			}
			continue;
		}
		if (!starts(line, "//"))
			only_lines = false;
		if (!in_block && is_directive(line, "//go:build"))
			return hull_arena_strndup(a, line.p + 10, (size_t)(line.end - line.p) - 10);
		if (only_lines) {
			words = trim((struct view){line.p + 2, line.end});
			if (is_directive(words, "+build"))
				add_plus_line(&pending,
					      trim((struct view){words.p + 6, words.end}));
		}
		if (skip_comments(line, &in_block))
			break;
	}
	return plus.n ? hull_arena_strdup(a, plus.p) : NULL;
}

/* --- imports --- */

static void skip_space(struct view *v)
{
	while (v->p < v->end) {
		if (isspace((unsigned char)*v->p) || *v->p == ';') {
			v->p++;
		} else if (starts(*v, "//")) {
			next_line(v);
		} else if (starts(*v, "/*")) {
			const char *end = memmem(v->p + 2, (size_t)(v->end - v->p) - 2, "*/", 2);

			v->p = end ? end + 2 : v->end;
		} else {
			return;
		}
	}
}

static struct view take_word(struct view *v)
{
	struct view word = *v;

	while (v->p < v->end && is_word(*v->p))
		v->p++;
	word.end = v->p;
	return word;
}

/* [name] "path"; false if there is none. */
static bool take_import(struct view *v, struct view *out)
{
	char quote;

	take_word(v); /* also "_" and "." */
	skip_space(v);
	if (v->p == v->end || (*v->p != '"' && *v->p != '`'))
		return false;
	quote = *v->p++;
	out->p = v->p;
	while (v->p < v->end && *v->p != quote && *v->p != '\n')
		v->p++;
	out->end = v->p;
	if (v->p == v->end || *v->p != quote)
		return false;
	v->p++;
	return true;
}

struct imports {
	struct hull_arena *arena;
	const char **v;
	size_t n, cap;
	bool cgo;
};

static void add_import(struct imports *im, struct view path)
{
	size_t n = (size_t)(path.end - path.p);

	if (equals(path, "C")) {
		im->cgo = true;
	} else if (n > 0 && n <= MAX_IMPORT && !memchr(path.p, '\0', n)) {
		im->v = hull_grow(im->v, &im->cap, im->n, sizeof *im->v);
		im->v[im->n++] = hull_arena_strndup(im->arena, path.p, n);
	}
}

static void parse_imports(struct view v, struct imports *im)
{
	struct view path;

	for (;;) {
		skip_space(&v);
		if (!equals(take_word(&v), "import"))
			return;
		skip_space(&v);
		if (v.p == v.end || *v.p != '(') {
			if (!take_import(&v, &path))
				return;
			add_import(im, path);
			continue;
		}
		v.p++;
		for (;;) {
			skip_space(&v);
			if (v.p < v.end && *v.p == ')')
				break;
			if (!take_import(&v, &path))
				return;
			add_import(im, path);
		}
		v.p++;
	}
}

bool hull_go_file_parse(const char *text, size_t n, struct hull_arena *a, struct hull_go_file *out)
{
	struct view v = {text, text + n}, package;
	struct imports im = {.arena = a};

	if (starts(v, "\xef\xbb\xbf"))
		v.p += 3;
	out->constraint = find_constraint(v, a);
	out->imports = NULL;
	skip_space(&v);
	if (!equals(take_word(&v), "package"))
		return false;
	skip_space(&v);
	package = take_word(&v);
	if (package.p == package.end)
		return false;
	/* By convention such a file is no part of any package. */
	if (equals(package, "documentation"))
		out->constraint = "ignore";
	parse_imports(v, &im);
	out->cgo = im.cgo;
	out->nimports = im.n;
	if (im.n) {
		const char **copy = hull_arena_alloc(a, im.n * sizeof *copy);

		memcpy(copy, im.v, im.n * sizeof *copy);
		out->imports = copy;
	}
	hull_freep(&im.v);
	return true;
}

/* --- names --- */

static bool is_one_of(struct view v, const char *list)
{
	const char *word;
	size_t n;

	while (hull_word(&list, &word, &n))
		if ((size_t)(v.end - v.p) == n && !memcmp(v.p, word, n))
			return true;
	return false;
}

static bool is_system(struct view v)
{
	return is_one_of(
		v, "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd "
		   "openbsd plan9 solaris wasip1 windows zos");
}

static bool is_arch(struct view v)
{
	return is_one_of(
		v, "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 "
		   "mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x "
		   "sparc sparc64 wasm");
}

/* Takes what follows the last '_' off; empty when there is none. */
static struct view take_suffix(struct view *name)
{
	const char *p = memrchr(name->p, '_', (size_t)(name->end - name->p));
	struct view suffix = {p ? p + 1 : name->end, name->end};

	if (p)
		name->end = p;
	return suffix;
}

bool hull_go_file_is_test(const struct hull_go_file *f)
{
	return hull_ends(f->name, "_test.go");
}

/* x_linux.go, x_amd64.go, x_linux_amd64.go, each also with _test. */
static bool name_matches(const struct hull_go_file *f, const struct hull_go_target *t)
{
	size_t n = strlen(f->name) - strlen(hull_go_file_is_test(f) ? "_test.go" : ".go");
	struct view name = {f->name, f->name + n}, last = take_suffix(&name);

	if (is_arch(last)) {
		if (!equals(last, t->arch))
			return false;
		last = take_suffix(&name);
	}
	return !is_system(last) || equals(last, "linux");
}

bool hull_go_file_matches(const struct hull_go_file *f, const struct hull_go_target *t)
{
	if (*f->name == '_' || *f->name == '.' || (f->cgo && !t->cgo))
		return false;
	return name_matches(f, t) && (!f->constraint || hull_go_constraint(f->constraint, t));
}
