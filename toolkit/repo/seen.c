// SPDX-License-Identifier: MIT
#include "repo/seen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/sealed.h"
#include "text/json.h"

enum { FORMAT = 1 };

struct age {
	uint64_t revision, timestamp;
};

/* The same place in other words is the same. */
static char *address(const struct hull_repository *at, struct hull_err *e)
{
	hull_autofree char *directory = NULL;
	char *text;
	size_t n;

	if (hull_repo_is_remote(at->url)) {
		text = hull_strdup(at->url);
		for (n = strlen(text); n && text[n - 1] == '/';)
			text[--n] = '\0';
		return text;
	}
	directory = hull_repo_directory(at->url, e);
	if (!directory)
		return NULL;
	text = realpath(directory, NULL);
	if (!text)
		hull_fail_errno(e, "%s", directory);
	return text;
}

static int compare(const struct age *a, const struct age *b)
{
	if (a->revision != b->revision)
		return a->revision < b->revision ? -1 : 1;
	return a->timestamp < b->timestamp ? -1 : a->timestamp > b->timestamp;
}

/* 1, or 0 if there is none. */
static int read_age(const struct hull_store *s, const char *digest, struct age *out,
		    struct hull_err *e)
{
	const struct hull_store_path path = hull_store_path(HULL_STORE_SIGNED, digest);
	hull_autojson json_t *j = NULL;
	json_t *revision, *timestamp;
	enum hull_seal seal;

	if (!hull_store_has(s, HULL_STORE_SIGNED, digest))
		return 0;
	/* nothing else has this: it is not forgotten without a word */
	if (hull_sealed_read(s, HULL_STORE_SIGNED, digest, &j, &seal, e) <= 0)
		return hull_wrap(e, "store: ");
	revision = json_object_get(j, "revision");
	timestamp = json_object_get(j, "timestamp");
	if (json_integer_value(json_object_get(j, "format")) != FORMAT ||
	    !json_is_integer(revision) || !json_is_integer(timestamp))
		return hull_fail(e, HULL_FAILED,
				 "store: %s: is not the newest state of a repository", path.path);
	*out = (struct age){(uint64_t)json_integer_value(revision),
			    (uint64_t)json_integer_value(timestamp)};
	return 1;
}

static int write_age(const struct hull_store *s, const char *digest, const char *where,
		     const struct age *a, struct hull_err *e)
{
	hull_autojson json_t *j =
		json_pack("{s:i, s:I, s:I}", "format", FORMAT, "revision", (json_int_t)a->revision,
			  "timestamp", (json_int_t)a->timestamp);

	hull_json_set_clean(j, "address", where);
	return hull_sealed_write(s, HULL_STORE_SIGNED, digest, j, e);
}

static int fail_older(const struct age *now, const struct age *newest, struct hull_err *e)
{
	bool same = now->revision == newest->revision;

	return hull_fail(e, HULL_FAILED,
			 "repomd.xml is older than what was here before: %s %" PRIu64
			 " after %" PRIu64
			 "; if the repository really went back, --allow-older takes it",
			 same ? "time" : "revision", same ? now->timestamp : now->revision,
			 same ? newest->timestamp : newest->revision);
}

int hull_repo_see(const struct hull_store *s, const struct hull_repository *at,
		  const struct hull_repomd *r, struct hull_err *e)
{
	hull_autofree char *where = address(at, e), *name = NULL;
	struct age now = {r->revision, r->timestamp}, newest = {0};
	hull_autofd int lock = -1;
	char digest[HULL_HEX];
	int have, order;

	if (!where)
		return -1;
	hull_hash_bytes(where, strlen(where), digest);
	name = hull_asprintf("repository-%s", digest);
	lock = hull_store_lock(s, name, true, e);
	if (lock < 0)
		return -1;
	have = read_age(s, digest, &newest, e);
	if (have < 0)
		return -1;
	order = have ? compare(&now, &newest) : 1;
	if (order < 0 && !at->allow_older)
		return fail_older(&now, &newest, e);
	return order ? write_age(s, digest, where, &now, e) : 0;
}
