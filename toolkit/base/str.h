// SPDX-License-Identifier: MIT
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growable byte buffer; `p` is always NUL-terminated once anything was appended. Zero-initialise.
 */
struct hull_buf {
	char *p;
	size_t n, cap;
};

void hull_buf_fini(struct hull_buf *b);
void hull_buf_add(struct hull_buf *b, const void *p, size_t n);
void hull_buf_adds(struct hull_buf *b, const char *s);
void hull_buf_addc(struct hull_buf *b, char c);
void hull_buf_addf(struct hull_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for people: hull_vshow() of base/utf8.h. */
void hull_buf_showf(struct hull_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hull_buf_vshow(struct hull_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* What a program has said, without blank lines at its end: ": x" if it is one line, else each on a
 * line of its own behind "  | ", so that none is taken for hull's. Nothing for nothing. */
void hull_buf_quote(struct hull_buf *b, const char *text);

char *hull_buf_steal(
	struct hull_buf *b); /* never NULL; the caller frees; the buffer is empty then */
#define hull_autobuf __attribute__((cleanup(hull_buf_fini)))

/* A vector of owned strings, NULL-terminated (so that `v` is an argv). Zero-initialise. */
struct hull_strv {
	char **v;
	size_t n, cap;
};

void hull_strv_fini(struct hull_strv *v);
void hull_strv_add(struct hull_strv *v, const char *s); /* copies */
void hull_strv_addf(struct hull_strv *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hull_strv_take(struct hull_strv *v, char *s); /* takes ownership */
void hull_strv_sort(struct hull_strv *v);	   /* by strcmp, duplicates removed */
bool hull_strv_has(const struct hull_strv *v, const char *s);
#define hull_autostrv __attribute__((cleanup(hull_strv_fini)))

/*
 * Places by name, for what somebody else may have made two hundred thousand of: to put and to find
 * one takes the same time however many there are. Names are not copied. Zeroed: empty.
 */
struct hull_index {
	struct hull_index_slot {
		const char *name; /* NULL: free */
		size_t place;
	} * v;
	size_t n, size; /* size: a power of 2 */
};

void hull_index_fini(struct hull_index *x);
bool hull_index_find(const struct hull_index *x, const char *name, size_t *out_place);
/* False if the name is there: it keeps its place. */
bool hull_index_put(struct hull_index *x, const char *name, size_t place);
#define hull_autoindex __attribute__((cleanup(hull_index_fini)))

/* The first of n items of so many bytes, in order of the text to which each has a pointer at `offset`,
 * that is not before `text`; n if all are. */
size_t hull_lower_bound(const char *text, const void *items, size_t n, size_t size, size_t offset);

bool hull_starts(const char *s, const char *prefix);
bool hull_ends(const char *s, const char *suffix);
const char *hull_basename(const char *path); /* what follows the last '/' */

/* The next white-space separated word at *s (bounds in out_*), advancing *s; false at the end. */
bool hull_word(const char **s, const char **out_word, size_t *out_len);

/* Whole-string decimal number within [min, max]; false if it is anything else. */
bool hull_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* A size such as "512M" or "4G" (units K M G T, powers of 1024; none means bytes); false if
 * malformed. */
bool hull_parse_size(const char *s, uint64_t *out_bytes);

/* A duration such as "90", "30s", "45m", "2h"; false if malformed. */
bool hull_parse_seconds(const char *s, uint64_t *out_seconds);

/* The value of a hex digit of either case, -1 if it is none. */
int hull_hex_value(char c);

/* Levenshtein distance, for "did you mean". */
size_t hull_edit_distance(const char *a, const char *b);

/* Sizes and durations as people read them. Units of sizes are powers of 1000, and a MiB is written
 * as that. Each function returns `out`. */

enum { HULL_AMOUNT = 32 };

/* "823 B", "12.3 MB", "123 MB": two or three digits. */
const char *hull_size_text(uint64_t bytes, char out[HULL_AMOUNT]);

/* "12345.6 kB": in lists, whose lines are compared, all have the same unit. */
const char *hull_kb_text(uint64_t bytes, char out[HULL_AMOUNT]);

/* "12 s", "4:05 min", "1:02 h"; what is negative is none. */
const char *hull_duration_text(int64_t ms, char out[HULL_AMOUNT]);
