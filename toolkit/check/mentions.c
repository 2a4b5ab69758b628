// SPDX-License-Identifier: MIT
#include "check/mentions.h"

#include <ctype.h>
#include <string.h>

/* Words of an id; "UBUNTU-CVE-2024-1234" has four, "SUSE-SU-2024:0123-1" five. */
enum { MIN_WORDS = 2, MAX_WORDS = 6 };

void hull_mentions_fini(struct hull_mentions *m)
{
	hull_index_fini(&m->ids);
	hull_arena_fini(&m->arena);
	*m = (struct hull_mentions){0};
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]))
		n++;
	return n;
}

/* All that may be an id and begins at s: it has a digit, and its words have one sign between them. */
static void read_ids(struct hull_mentions *m, const char *s, size_t entry)
{
	size_t n = 0;
	bool digit = false;

	for (int words = 1; words <= MAX_WORDS; words++) {
		size_t length = word_length(s + n);

		if (!length)
			return;
		digit = digit || strcspn(s + n, "0123456789") < length;
		n += length;
		if (words >= MIN_WORDS && digit)
			hull_index_put(&m->ids, hull_arena_strndup(&m->arena, s, n), entry);
		if (!s[n] || !strchr("-:_.", s[n]))
			return;
		n++;
	}
}

static void read_changelog(struct hull_mentions *m, const struct hull_package *p)
{
	for (size_t i = 0; i < p->nchangelog; i++) {
		const char *s = p->changelog[i].text;

		while (s && *s) {
			size_t n = word_length(s);

			if (isalpha((unsigned char)*s))
				read_ids(m, s, i);
			s += n ? n : 1;
		}
	}
	m->read = true;
}

const char *hull_mentions_author(struct hull_mentions *m, const struct hull_package *p,
				 const char *id)
{
	size_t entry;

	if (!m->read)
		read_changelog(m, p);
	return hull_index_find(&m->ids, id, &entry) ? p->changelog[entry].author : NULL;
}
