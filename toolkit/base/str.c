// SPDX-License-Identifier: MIT
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

void hull_buf_fini(struct hull_buf *b)
{
	free(b->p);
	*b = (struct hull_buf){0};
}

void hull_buf_add(struct hull_buf *b, const void *p, size_t n)
{
	b->p = hull_grow(b->p, &b->cap, hull_size_sum(b->n, n), 1);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void hull_buf_adds(struct hull_buf *b, const char *s)
{
	hull_buf_add(b, s, strlen(s));
}

void hull_buf_addc(struct hull_buf *b, char c)
{
	hull_buf_add(b, &c, 1);
}

void hull_buf_addf(struct hull_buf *b, const char *fmt, ...)
{
	va_list ap, ap2;
	int n;

	va_start(ap, fmt);
	va_copy(ap2, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	hull_assert(n >= 0);
	b->p = hull_grow(b->p, &b->cap, hull_size_sum(b->n, (size_t)n), 1);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap2);
	va_end(ap2);
	b->n += (size_t)n;
}

void hull_buf_vshow(struct hull_buf *b, const char *fmt, va_list ap)
{
	int n = hull_vshow(NULL, 0, fmt, ap);

	hull_assert(n >= 0);
	b->p = hull_grow(b->p, &b->cap, hull_size_sum(b->n, (size_t)n), 1);
	hull_vshow(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void hull_buf_showf(struct hull_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	hull_buf_vshow(b, fmt, ap);
	va_end(ap);
}

void hull_buf_quote(struct hull_buf *b, const char *text)
{
	size_t n = strlen(text);

	while (n && text[n - 1] == '\n')
		n--;
	hull_buf_adds(b, "");
	if (n && !memchr(text, '\n', n)) {
		hull_buf_showf(b, ": %.*s", (int)n, text);
		return;
	}
	for (const char *end = text + n; text < end;) {
		size_t line = strcspn(text, "\n");

		hull_buf_showf(b, "\n  | %.*s", (int)line, text);
		text += line + 1;
	}
}

char *hull_buf_steal(struct hull_buf *b)
{
	char *p;

	hull_buf_add(b, "", 0);
	p = b->p;
	*b = (struct hull_buf){0};
	return p;
}

void hull_strv_fini(struct hull_strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	*v = (struct hull_strv){0};
}

void hull_strv_take(struct hull_strv *v, char *s)
{
	v->v = hull_grow(v->v, &v->cap, v->n + 1, sizeof *v->v);
	v->v[v->n++] = s;
	v->v[v->n] = NULL;
}

void hull_strv_add(struct hull_strv *v, const char *s)
{
	hull_strv_take(v, hull_strdup(s));
}

void hull_strv_addf(struct hull_strv *v, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	hull_assert(vasprintf(&s, fmt, ap) >= 0);
	va_end(ap);
	hull_strv_take(v, s);
}

static int by_strcmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void hull_strv_sort(struct hull_strv *v)
{
	size_t n = 0;

	if (!v->n)
		return;
	qsort(v->v, v->n, sizeof *v->v, by_strcmp);
	for (size_t i = 0; i < v->n; i++) {
		if (n && !strcmp(v->v[n - 1], v->v[i]))
			free(v->v[i]);
		else
			v->v[n++] = v->v[i];
	}
	v->n = n;
	v->v[n] = NULL;
}

bool hull_strv_has(const struct hull_strv *v, const char *s)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i], s))
			return true;
	return false;
}

/* --- places by name --- */

void hull_index_fini(struct hull_index *x)
{
	free(x->v);
	*x = (struct hull_index){0};
}

/* Where in memory this program lies is mixed in: nobody can choose names that collide. */
static struct hull_index_slot *find_slot(const struct hull_index *x, const char *name)
{
	uint64_t h = (uint64_t)(uintptr_t)find_slot ^ (uint64_t)(uintptr_t)x->v;
	size_t i;

	for (const char *p = name; *p; p++) {
		h = (h ^ (unsigned char)*p) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (i = h & (x->size - 1); x->v[i].name && strcmp(x->v[i].name, name) != 0;)
		i = (i + 1) & (x->size - 1);
	return &x->v[i];
}

bool hull_index_find(const struct hull_index *x, const char *name, size_t *out_place)
{
	const struct hull_index_slot *slot = x->n ? find_slot(x, name) : NULL;

	if (!slot || !slot->name)
		return false;
	*out_place = slot->place;
	return true;
}

bool hull_index_put(struct hull_index *x, const char *name, size_t place)
{
	struct hull_index_slot *slot;

	if (x->n * 2 >= x->size) {
		struct hull_index larger = {.size = x->size ? x->size * 2 : 64, .n = x->n};

		larger.v = hull_alloc_array(larger.size, sizeof *larger.v);
		for (size_t i = 0; i < x->size; i++)
			if (x->v[i].name)
				*find_slot(&larger, x->v[i].name) = x->v[i];
		free(x->v);
		*x = larger;
	}
	slot = find_slot(x, name);
	if (slot->name)
		return false;
	*slot = (struct hull_index_slot){name, place};
	x->n++;
	return true;
}

size_t hull_lower_bound(const char *text, const void *items, size_t n, size_t size, size_t offset)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *other;

		memcpy(&other, (const char *)items + middle * size + offset, sizeof other);
		if (strcmp(other, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool hull_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool hull_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

const char *hull_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool hull_word(const char **s, const char **out_word, size_t *out_len)
{
	const char *p = *s;

	while (isspace((unsigned char)*p))
		p++;
	*out_word = p;
	while (*p && !isspace((unsigned char)*p))
		p++;
	*s = p;
	*out_len = (size_t)(p - *out_word);
	return *out_len > 0;
}

static bool leading_u64(const char *s, char **out_end, uint64_t *out)
{
	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*out = strtoull(s, out_end, 10);
	return errno == 0;
}

bool hull_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	return leading_u64(s, &end, out) && *end == '\0' && *out >= min && *out <= max;
}

bool hull_parse_size(const char *s, uint64_t *out_bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	uint64_t n;
	char *end;

	if (!leading_u64(s, &end, &n))
		return false;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		for (const char *u = units; u <= unit; u++)
			if (__builtin_mul_overflow(n, 1024, &n))
				return false;
	}
	*out_bytes = n;
	return true;
}

bool hull_parse_seconds(const char *s, uint64_t *out_seconds)
{
	uint64_t n, factor = 1;
	char *end;

	if (!leading_u64(s, &end, &n))
		return false;
	if (*end) {
		factor = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : 0;
		if (!factor || end[1])
			return false;
	}
	return !__builtin_mul_overflow(n, factor, out_seconds);
}

int hull_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t hull_edit_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), last, result;
	size_t *row = hull_alloc_array(m + 1, sizeof *row);

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		last = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = last + (a[i - 1] != b[j - 1]);

			last = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	result = row[m];
	free(row);
	return result;
}

const char *hull_size_text(uint64_t bytes, char out[HULL_AMOUNT])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 999.5 && u + 1 < sizeof units / sizeof *units) {
		v /= 1000;
		u++;
	}
	snprintf(out, HULL_AMOUNT, "%.*f %s", u && v < 99.95 ? 1 : 0, v, units[u]);
	return out;
}

const char *hull_kb_text(uint64_t bytes, char out[HULL_AMOUNT])
{
	snprintf(out, HULL_AMOUNT, "%.1f kB", (double)bytes / 1000);
	return out;
}

const char *hull_duration_text(int64_t ms, char out[HULL_AMOUNT])
{
	uint64_t s = ms < 0 ? 0 : ((uint64_t)ms + 500) / 1000;

	if (s < 60)
		snprintf(out, HULL_AMOUNT, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(out, HULL_AMOUNT, "%" PRIu64 ":%02" PRIu64 " min", s / 60, s % 60);
	else
		snprintf(out, HULL_AMOUNT, "%" PRIu64 ":%02" PRIu64 " h", s / 3600, s / 60 % 60);
	return out;
}
