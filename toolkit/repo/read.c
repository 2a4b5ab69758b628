// SPDX-License-Identifier: MIT
#include "repo/read.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "repo/index.h"
#include "repo/keys.h"
#include "repo/seen.h"
#include "source/fetch.h"
#include "store/sealed.h"
#include "text/json.h"

/* --- repomd.xml --- */

static const char repomd_name[] = "repodata/repomd.xml";

/* Nothing says before how large these are. */
enum { REPOMD_BYTES = 4 << 20, SIGNATURE_BYTES = 256 << 10 };

static int read_local(const struct hull_repository *at, struct hull_buf *repomd,
		      struct hull_buf *signature, struct hull_err *e)
{
	hull_autofree char *directory = hull_repo_directory(at->url, e), *path = NULL, *asc = NULL;

	if (!directory)
		return -1;
	path = hull_asprintf("%s/%s", directory, repomd_name);
	asc = hull_asprintf("%s.asc", path);
	if (hull_file_read_most(AT_FDCWD, path, REPOMD_BYTES, repomd, e) < 0)
		return -1;
	return at->keys ? hull_file_read_most(AT_FDCWD, asc, SIGNATURE_BYTES, signature, e) : 0;
}

static int read_stored(const struct hull_store *s, const char *digest, struct hull_buf *out,
		       struct hull_err *e)
{
	return hull_file_read(s->fd, hull_store_path(HULL_STORE_SOURCE, digest).path, out, e);
}

static int read_remote(const struct hull_store *s, const struct hull_repository *at,
		       struct hull_progress *progress, struct hull_buf *repomd,
		       struct hull_buf *signature, struct hull_err *e)
{
	hull_autofree char *url = hull_repo_file_url(at->url, repomd_name),
			   *asc = hull_asprintf("%s.asc", url),
			   *where = hull_asprintf("repository %s", at->name);
	struct hull_source_options o = {.accept_unpinned = true};
	struct hull_source_want wants[] = {
		{.url = url, .file = "repomd.xml", .where = where, .max_bytes = REPOMD_BYTES},
		{.url = asc,
		 .file = "repomd.xml.asc",
		 .where = where,
		 .max_bytes = SIGNATURE_BYTES},
	};
	int r = hull_source_fetch(s, &o, wants, at->keys ? 2 : 1, progress, e);

	if (r == 0)
		r = read_stored(s, wants[0].digest, repomd, e);
	if (r == 0 && at->keys)
		r = read_stored(s, wants[1].digest, signature, e);
	hull_source_want_fini(&wants[0]);
	hull_source_want_fini(&wants[1]);
	return r;
}

/* --- the last look at a remote repository --- */

/* By URL and keys; it holds the digest of the repomd.xml that was found there. */
static int find_last_index(const struct hull_repository *at, struct hull_store_path *out,
			   struct hull_err *e)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char digest[HULL_HEX], keys[HULL_HEX] = "";

	if (at->keys && hull_hash_file(AT_FDCWD, at->keys, keys, NULL, e) < 0)
		return hull_wrap(e, "keys: ");
	hull_hash_field(h, "url", at->url);
	hull_hash_field(h, "keys", keys);
	hull_hash_hex(h, digest);
	*out = hull_store_path(HULL_STORE_LAST_INDEX, digest);
	return 0;
}

static int note_last(const struct hull_store *s, const struct hull_repository *at,
		     const char *digest, struct hull_err *e)
{
	struct hull_store_path last;

	return find_last_index(at, &last, e) < 0
		       ? -1
		       : hull_file_write(s->fd, last.path, digest, HULL_HEX - 1, 0644, e);
}

static int find_last(const struct hull_store *s, const struct hull_repository *at,
		     char out_digest[HULL_HEX], struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_store_path last;

	if (find_last_index(at, &last, e) < 0)
		return -1;
	if (hull_file_read(s->fd, last.path, &text, NULL) == 0 &&
	    hull_sealed_have(s, HULL_STORE_INDEX, text.p, e) > 0) {
		memcpy(out_digest, text.p, HULL_HEX);
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "%s: its index is not in the store, and offline", at->url);
}

/* --- primary and filelists --- */

static int check_local(const char *directory, struct hull_repo_file *f, struct hull_err *e)
{
	char digest[HULL_HEX];
	uint64_t bytes;

	f->path = hull_asprintf("%s/%s", directory, f->location);
	if (hull_hash_file(AT_FDCWD, f->path, digest, &bytes, e) < 0)
		return -1;
	if (f->bytes && bytes != f->bytes)
		return hull_fail(e, HULL_FAILED, "%s: has %llu bytes, repomd.xml says %llu",
				 f->path, (unsigned long long)bytes, (unsigned long long)f->bytes);
	if (strcmp(digest, f->sha256) != 0)
		return hull_fail(e, HULL_FAILED, "%s: expected sha256 %s, got %s", f->path,
				 f->sha256, digest);
	return 0;
}

static int get_remote(const struct hull_store *s, const struct hull_repository *at,
		      struct hull_repo_file files[HULL_REPO_FILES], struct hull_progress *progress,
		      struct hull_err *e)
{
	hull_autofree char *where = hull_asprintf("repository %s", at->name);
	struct hull_source_options o = {0};
	struct hull_source_want wants[HULL_REPO_FILES];
	hull_autofree char *urls[HULL_REPO_FILES] = {0};
	size_t n = 0;
	int r;

	for (size_t i = 0; i < HULL_REPO_FILES; i++) {
		struct hull_repo_file *f = &files[i];

		if (!f->location)
			continue;
		f->path = hull_asprintf("%s/%s", s->path,
					hull_store_path(HULL_STORE_SOURCE, f->sha256).path);
		urls[n] = hull_repo_file_url(at->url, f->location);
		wants[n] = (struct hull_source_want){.url = urls[n],
						     .file = hull_basename(f->location),
						     .sha256 = f->sha256,
						     .where = where,
						     .max_bytes = f->max_bytes};
		n++;
	}
	r = hull_source_fetch(s, &o, wants, n, progress, e);
	for (size_t i = 0; i < n; i++) {
		hull_source_want_fini(&wants[i]);
		free(urls[i]);
		urls[i] = NULL;
	}
	return r;
}

static int make_index(const struct hull_store *s, const struct hull_repository *at,
		      struct hull_repo_file files[HULL_REPO_FILES], const char *digest,
		      struct hull_progress *progress, struct hull_err *e)
{
	int r = 0;

	if (hull_repo_is_remote(at->url)) {
		r = get_remote(s, at, files, progress, e);
	} else {
		hull_autofree char *directory = hull_repo_directory(at->url, e);

		for (size_t i = 0; i < HULL_REPO_FILES && r == 0; i++)
			r = files[i].location ? check_local(directory, &files[i], e) : 0;
	}
	return r < 0 ? -1 : hull_index_make(s, files, digest, e);
}

static int find_index(const struct hull_store *s, const struct hull_repository *at, bool offline,
		      struct hull_progress *progress, char out_digest[HULL_HEX], struct hull_err *e)
{
	hull_autobuf struct hull_buf repomd = {0}, signature = {0};
	bool remote = hull_repo_is_remote(at->url);
	struct hull_repomd parsed;
	int r = 0;

	if (remote && offline)
		return find_last(s, at, out_digest, e);
	if (remote ? read_remote(s, at, progress, &repomd, &signature, e) < 0
		   : read_local(at, &repomd, &signature, e) < 0)
		return -1;
	if (at->keys && hull_keys_verify(s, at->keys, &repomd, &signature, e) < 0)
		return hull_wrap(e, "repomd.xml: ");
	hull_hash_bytes(repomd.p, repomd.n, out_digest);
	if (hull_repomd_parse(&repomd, &parsed, e) < 0)
		return -1;
	if (at->keys)
		r = hull_repo_see(s, at, &parsed, e);
	if (r == 0)
		r = hull_sealed_have(s, HULL_STORE_INDEX, out_digest, e);
	if (r == 0)
		r = make_index(s, at, parsed.files, out_digest, progress, e);
	hull_repomd_fini(&parsed);
	if (r < 0)
		return -1;
	return remote ? note_last(s, at, out_digest, e) : 0;
}

int hull_repo_index(const struct hull_store *s, const struct hull_repository *at, bool offline,
		    struct hull_progress *progress, char out_digest[HULL_HEX], struct hull_err *e)
{
	struct hull_err why;

	if (find_index(s, at, offline, progress, out_digest, &why) == 0)
		return 0;
	if (!hull_starts(why.msg, "repository "))
		hull_wrap(&why, "repository %s: ", at->name);
	return hull_fail_as(e, &why);
}
