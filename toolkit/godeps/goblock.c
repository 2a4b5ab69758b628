// SPDX-License-Identifier: MIT
#include "godeps/goblock.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char begin_mark[] = "# go-deps begin", end_mark[] = "# go-deps end";

void hull_go_block_fini(struct hull_go_block *b)
{
	free(b->import);
	free(b->source);
	hull_strv_fini(&b->packages);
	hull_strv_fini(&b->tests);
	hull_strv_fini(&b->tags);
	hull_strv_fini(&b->roots);
	*b = (struct hull_go_block){0};
}

/* Whether the line at p starts with these words, whatever the space between them. */
static bool line_has(const char *p, const char *words, const char **out_rest)
{
	while (*words) {
		if (*words == ' ') {
			if (*p != ' ' && *p != '\t')
				return false;
			while (*p == ' ' || *p == '\t')
				p++;
			words++;
		} else if (*p++ != *words++) {
			return false;
		}
	}
	*out_rest = p;
	return !*p || isspace((unsigned char)*p);
}

static const char *next_line(const char *p)
{
	p += strcspn(p, "\n");
	return *p ? p + 1 : p;
}

static void split(struct hull_strv *out, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n)
			hull_strv_take(out, hull_strndup(list, n));
		list += n + (list[n] == ',');
	}
}

/* A word "key=value" of the first line. */
static int set_word(struct hull_go_block *b, const char *word, struct hull_err *e)
{
	const struct {
		const char *key;
		struct hull_strv *list;
	} lists[] = {
		{"packages", &b->packages},
		{"tests", &b->tests},
		{"tags", &b->tags},
		{"roots", &b->roots},
	};
	const char *value = strchr(word, '=');
	size_t n = value ? (size_t)(value++ - word) : 0;
	uint64_t number;

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (n == strlen(lists[i].key) && !strncmp(word, lists[i].key, n)) {
			split(lists[i].list, value);
			return 0;
		}
	if (hull_starts(word, "cgo=") && hull_parse_u64(value, 0, 1, &number)) {
		b->cgo = number;
	} else if (hull_starts(word, "first=") && hull_parse_u64(value, 1, INT_MAX, &number)) {
		b->first = (unsigned int)number;
	} else if (hull_starts(word, "source=") && *value) {
		free(b->source);
		b->source = hull_strdup(value);
	} else {
		return hull_fail(
			e, HULL_FAILED,
			"'%s' is none of packages= tests= tags= cgo=0|1 first=NUMBER roots= "
			"source=",
			word);
	}
	return 0;
}

static int set_words(struct hull_go_block *b, const char *words, struct hull_err *e)
{
	hull_autofree char *line = hull_strndup(words, strcspn(words, "\n"));
	const char *at = line, *word;
	size_t n;

	b->cgo = true;
	b->first = 100;
	while (hull_word(&at, &word, &n)) {
		hull_autofree char *copy = hull_strndup(word, n);

		if (set_word(b, copy, e) < 0)
			return -1;
	}
	if (!b->packages.n)
		hull_strv_add(&b->packages, "./...");
	return 0;
}

/* Patterns are ".", "./cmd/x", "./lib/..." and the same with the import path for the dot. */
static int check_patterns(const struct hull_go_block *b, const struct hull_strv *patterns,
			  struct hull_err *e)
{
	size_t n = strlen(b->import);

	for (size_t i = 0; i < patterns->n; i++) {
		const char *p = patterns->v[i];
		size_t top = !strncmp(p, b->import, n) ? n : *p == '.';

		if (!top || (p[top] && p[top] != '/'))
			return hull_fail(e, HULL_FAILED, "'%s' names no package of %s", p,
					 b->import);
	}
	return 0;
}

int hull_go_block_parse(struct hull_go_block *b, const char *text, const char *path,
			struct hull_err *e)
{
	const char *words = NULL, *rest, *word;
	bool ended = false;
	int line = 1;
	size_t n;

	*b = (struct hull_go_block){0};
	for (const char *p = text; *p; p = next_line(p), line++) {
		if (!words && line_has(p, begin_mark, &words)) {
			b->start = (size_t)(next_line(p) - text);
			if (set_words(b, words, e) < 0) {
				hull_wrap(e, "%s:%d: ", path, line);
				goto undo_parse;
			}
		} else if (words && !ended && line_has(p, end_mark, &rest)) {
			b->end = (size_t)(p - text);
			ended = true;
		} else if (!b->import && line_has(p, "%global goipath", &rest) &&
			   hull_word(&rest, &word, &n)) {
			b->import = hull_strndup(word, n);
		}
	}
	if (!ended) {
		hull_fail(
			e, HULL_FAILED,
			"%s: no lines '%s' and '%s' between which the Source lines of Go libraries "
			"belong",
			path, begin_mark, end_mark);
		goto undo_parse;
	}
	if (!b->import) {
		hull_fail(e, HULL_FAILED, "%s: no line '%%global goipath IMPORT/PATH'", path);
		goto undo_parse;
	}
	if (check_patterns(b, &b->packages, e) < 0 || check_patterns(b, &b->tests, e) < 0) {
		hull_wrap(e, "%s: ", path);
		goto undo_parse;
	}
	return 0;
undo_parse:
	hull_go_block_fini(b);
	return -1;
}

void hull_go_block_files(const struct hull_go_block *b, const char *text, struct hull_strv *out)
{
	const char *end = text + b->end;

	for (const char *p = text + b->start; p < end; p = next_line(p)) {
		const char *line_end = p + strcspn(p, "\n"), *slash;

		slash = memrchr(p, '/', (size_t)(line_end - p));
		if (hull_starts(p, "Source") && slash)
			hull_strv_take(out,
				       hull_strndup(slash + 1, (size_t)(line_end - slash) - 1));
	}
}

void hull_go_block_replace(const struct hull_go_block *b, const char *text,
			   const struct hull_strv *urls, struct hull_buf *out)
{
	hull_buf_add(out, text, b->start);
	for (size_t i = 0; i < urls->n; i++) {
		hull_autofree char *tag = hull_asprintf("Source%zu:", b->first + i);

		hull_buf_addf(out, "%-15s %s\n", tag, urls->v[i]);
	}
	hull_buf_adds(out, text + b->end);
}
