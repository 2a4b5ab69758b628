// SPDX-License-Identifier: MIT
#include "rpm/search.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/cpio.h"
#include "rpm/front.h"

/* The rest of a word behind its first '?', from `at` on. */
static bool rest_is(const char *word, const char *at, const char *end)
{
	for (; *word; word++, at++)
		if (at == end || (*word == '?' ? !isdigit((unsigned char)*at) : *word != *at))
			return false;
	return true;
}

/* `fresh`: nothing comes before the text. */
static bool has(const char *text, size_t n, bool fresh, const char *word)
{
	size_t fixed = strcspn(word, "?");
	const char *end = text + n, *at = text;

	while ((at = memmem(at, (size_t)(end - at), word, fixed))) {
		if ((at > text ? !isalnum((unsigned char)at[-1]) : fresh) &&
		    rest_is(word + fixed, at + fixed, end))
			return true;
		at++;
	}
	return false;
}

int hull_search(hull_search_read *next, void *ctx, const char *const *words, size_t n,
		struct hull_err *e)
{
	enum { PIECE = 1 << 18 };
	hull_autofree char *text = hull_alloc(HULL_SEARCH_BYTES + PIECE);
	size_t kept = 0;
	bool fresh = true;
	ssize_t got;

	/* what is kept of the last piece is where a word may have begun, with the byte before */
	while ((got = next(ctx, text + kept, PIECE, e)) > 0) {
		size_t all = kept + (size_t)got;

		for (size_t i = 0; i < n; i++)
			if (has(text, all, fresh, words[i]))
				return (int)i;
		fresh = fresh && all <= HULL_SEARCH_BYTES;
		kept = all < HULL_SEARCH_BYTES ? all : HULL_SEARCH_BYTES;
		memmove(text, text + all - kept, kept);
	}
	return got < 0 ? -1 : (int)n;
}

static ssize_t read_entry(void *ctx, void *to, size_t n, struct hull_err *e)
{
	return hull_cpio_read(ctx, to, n, e);
}

static int search_payload(struct hull_cpio *c, const char *const *words, size_t n,
			  struct hull_arena *a, const char **out_file, size_t *out_word,
			  struct hull_err *e)
{
	struct hull_cpio_entry entry;
	int r;

	while ((r = hull_cpio_next(c, &entry, e)) > 0) {
		const char *name = hull_arena_strdup(a, entry.name);
		int word;

		if (!name)
			return hull_fail(e, HULL_FAILED, "a file of 4 GiB is not looked into");
		word = hull_search(read_entry, c, words, n, e);
		if (word < 0)
			return -1;
		if ((size_t)word == n)
			continue;
		*out_file = hull_arena_strdup(a, name + (*name == '.'));
		*out_word = (size_t)word;
		return 1;
	}
	return r;
}

int hull_rpm_search(int dirfd, const char *path, const char *const *words, size_t n,
		    struct hull_arena *a, const char **out_file, size_t *out_word,
		    struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);
	hull_autofront struct hull_front front = {0};
	struct hull_cpio *c;
	int r;

	if (fd < 0 || hull_front_parse(fd, path, &front, e) < 0)
		return -1;
	if (lseek(fd, (off_t)front.end, SEEK_SET) < 0)
		return hull_fail_errno(e, "%s", path);
	c = hull_cpio_open(fd, path, e);
	if (!c)
		return -1;
	r = search_payload(c, words, n, a, out_file, out_word, e);
	hull_cpio_free(c);
	return r < 0 ? hull_wrap(e, "%s: ", path) : r;
}
