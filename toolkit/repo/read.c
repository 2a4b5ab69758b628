// SPDX-License-Identifier: MIT
#include "repo/read.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "repo/index.h"
#include "repo/keys.h"
#include "repo/mirrorlist.h"
#include "repo/seen.h"
#include "source/fetch.h"
#include "store/sealed.h"
#include "text/json.h"

/* --- repomd.xml --- */

static const char repomd_name[] = "repodata/repomd.xml";

/* Nothing says before how large these are. */
enum { REPOMD_BYTES = 4 << 20, SIGNATURE_BYTES = 256 << 10, LIST_BYTES = 1 << 20 };

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

/* One file of a repository of which nobody has said a digest, or what sha256 is. `others`: NULL if there is one place
 * only. *out_origin is where it was, and "store" if it need not be asked for; the caller frees. */
static int fetch_text(const struct hull_store *s, const struct hull_repository *at, const char *url,
		      const struct hull_strv *others, const char *file, const char *sha256,
		      uint64_t max_bytes, struct hull_progress *progress, struct hull_buf *out,
		      char **out_origin, struct hull_err *e)
{
	hull_autofree char *where = hull_asprintf("repository %s", at->name);
	struct hull_source_options o = {.accept_unpinned = true};
	struct hull_source_want want = {.url = url,
					.file = file,
					.sha256 = sha256,
					.where = where,
					.others = others,
					.max_bytes = max_bytes};
	int r = hull_source_fetch(s, &o, &want, 1, progress, e);

	if (r == 0)
		r = read_stored(s, want.digest, out, e);
	if (r == 0 && out_origin)
		*out_origin = hull_steal(want.origin);
	hull_source_want_fini(&want);
	return r;
}

static int read_remote(const struct hull_store *s, const struct hull_repository *at,
		       struct hull_progress *progress, struct hull_buf *repomd,
		       struct hull_buf *signature, struct hull_err *e)
{
	hull_autofree char *url = hull_repo_file_url(at->url, repomd_name),
			   *asc = hull_asprintf("%s.asc", url);

	if (fetch_text(s, at, url, NULL, "repomd.xml", NULL, REPOMD_BYTES, progress, repomd, NULL,
		       e) < 0)
		return -1;
	return at->keys ? fetch_text(s, at, asc, NULL, "repomd.xml.asc", NULL, SIGNATURE_BYTES,
				     progress, signature, NULL, e)
			: 0;
}

/* --- repositories that are lists of mirrors --- */

static int read_list(const struct hull_store *s, const struct hull_repository *at,
		     struct hull_progress *progress, struct hull_mirrorlist *out,
		     struct hull_err *e)
{
	const char *list = hull_repo_list(at->url);
	hull_autobuf struct hull_buf text = {0};
	hull_autofree char *path = NULL;
	int r;

	if (hull_repo_is_remote(list)) {
		r = fetch_text(s, at, list, NULL, "list of mirrors", NULL, LIST_BYTES, progress,
			       &text, NULL, e);
	} else {
		path = hull_repo_directory(list, e);
		r = path ? hull_file_read_most(AT_FDCWD, path, LIST_BYTES, &text, e) : -1;
	}
	if (r == 0 && (hull_repo_is_metalink(at->url) ? hull_metalink_parse(&text, out, e)
						      : hull_mirrorlist_parse(&text, out, e)) < 0)
		r = hull_wrap(e, "%s: ", list);
	return r;
}

/* The mirrors that may be asked. Without keys and without a digest from the list, one by http: could
 * say anything. */
static int take_mirrors(const struct hull_repository *at, const struct hull_mirrorlist *l,
			struct hull_err *e)
{
	hull_strv_fini(at->mirrors);
	for (size_t i = 0; i < l->urls.n; i++)
		if (at->keys || at->allow_open || l->has_checksum ||
		    !hull_repo_is_open(l->urls.v[i]))
			hull_strv_add(at->mirrors, l->urls.v[i]);
	if (at->mirrors->n)
		return 0;
	return hull_fail(
		e, HULL_FAILED,
		"%s: it has mirrors by http: only, of which anybody on the way can change what "
		"they say: give --repo-keys, or --allow-unsigned-http",
		at->url);
}

/* The mirror that had repomd.xml goes first. */
static void prefer(struct hull_strv *mirrors, const char *origin)
{
	for (size_t i = 1; i < mirrors->n; i++) {
		hull_autofree char *url = hull_repo_file_url(mirrors->v[i], repomd_name);
		char *first = mirrors->v[i];

		if (strcmp(url, origin) != 0)
			continue;
		memmove(mirrors->v + 1, mirrors->v, i * sizeof *mirrors->v);
		mirrors->v[0] = first;
		return;
	}
}

/* The signature of the first mirror that has the one of this repomd.xml. */
static int find_signature(const struct hull_store *s, const struct hull_repository *at,
			  struct hull_progress *progress, const struct hull_buf *repomd,
			  struct hull_buf *signature, struct hull_err *e)
{
	int r = -1;

	for (size_t i = 0; i < at->mirrors->n && r < 0; i++) {
		hull_autofree char *url = hull_repo_file_url(at->mirrors->v[i], repomd_name),
				   *asc = hull_asprintf("%s.asc", url);

		hull_buf_fini(signature);
		r = fetch_text(s, at, asc, NULL, "repomd.xml.asc", NULL, SIGNATURE_BYTES, progress,
			       signature, NULL, e);
		if (r == 0 && hull_keys_verify(s, at->keys, repomd, signature, e) < 0)
			r = hull_wrap(e, "%s: repomd.xml: ", at->mirrors->v[i]);
	}
	return r;
}

static int check_listed(const struct hull_mirrorlist *l, const struct hull_buf *repomd,
			const char *origin, struct hull_err *e)
{
	struct hull_checksum got;

	if (!l->has_checksum)
		return 0;
	hull_checksum_bytes(repomd->p, repomd->n, l->checksum.kind, &got);
	if (!strcmp(got.hex, l->checksum.hex))
		return 0;
	return hull_fail(e, HULL_FAILED, "%s: expected %s %s, as the metalink says, got %s", origin,
			 hull_digest_name(got.kind), l->checksum.hex, got.hex);
}

static int read_mirrored(const struct hull_store *s, const struct hull_repository *at,
			 struct hull_progress *progress, struct hull_buf *repomd,
			 struct hull_buf *signature, struct hull_err *e)
{
	hull_autofree char *origin = NULL;
	hull_autostrv struct hull_strv urls = {0}, others = {0};
	struct hull_mirrorlist l = {0};
	bool pinned;
	int r = read_list(s, at, progress, &l, e);

	if (r == 0)
		r = take_mirrors(at, &l, e);
	for (size_t i = 0; r == 0 && i < at->mirrors->n; i++)
		hull_strv_take(i ? &others : &urls,
			       hull_repo_file_url(at->mirrors->v[i], repomd_name));
	pinned = l.has_checksum && l.checksum.kind == HULL_SHA256;
	hull_assert(r < 0 || urls.n);
	if (r == 0)
		r = fetch_text(s, at, urls.v[0], &others, "repomd.xml",
			       pinned ? l.checksum.hex : NULL,
			       l.bytes && l.bytes < REPOMD_BYTES ? l.bytes : REPOMD_BYTES, progress,
			       repomd, &origin, e);
	if (r == 0)
		r = check_listed(&l, repomd, origin, e);
	if (r == 0) {
		prefer(at->mirrors, origin);
		r = at->keys ? find_signature(s, at, progress, repomd, signature, e) : 0;
	}
	hull_mirrorlist_fini(&l);
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

static int check_file(struct hull_repo_file *f, struct hull_err *e)
{
	char sha256[HULL_HEX];
	struct hull_checksum got;
	uint64_t bytes;

	if (hull_checksum_file(AT_FDCWD, f->path, f->checksum.kind, &got, sha256, &bytes, e) < 0)
		return -1;
	if (f->bytes && bytes != f->bytes)
		return hull_fail(e, HULL_FAILED, "%s: has %llu bytes, repomd.xml says %llu",
				 f->path, (unsigned long long)bytes, (unsigned long long)f->bytes);
	if (strcmp(got.hex, f->checksum.hex) != 0)
		return hull_fail(e, HULL_FAILED, "%s: expected %s %s, got %s", f->path,
				 hull_digest_name(got.kind), f->checksum.hex, got.hex);
	return 0;
}

/* Of a document whose SHA-256 is known, that is looked at while it comes, else afterwards. */
static int get_remote(const struct hull_store *s, const struct hull_repository *at,
		      const struct hull_strv *places, struct hull_repo_file *f,
		      struct hull_progress *progress, struct hull_err *e)
{
	const bool pinned = f->checksum.kind == HULL_SHA256;
	const struct hull_strv others = {places->v + 1, places->n - 1, 0};
	hull_autofree char *where = hull_asprintf("repository %s", at->name);
	struct hull_source_options o = {.accept_unpinned = !pinned};
	struct hull_source_want want = {.url = places->v[0],
					.file = hull_basename(f->location),
					.sha256 = pinned ? f->checksum.hex : NULL,
					.where = where,
					.others = &others,
					.max_bytes = f->max_bytes};
	int r = hull_source_fetch(s, &o, &want, 1, progress, e);

	if (r == 0)
		f->path = hull_asprintf("%s/%s", s->path,
					hull_store_path(HULL_STORE_SOURCE, want.digest).path);
	if (r == 0 && !pinned && check_file(f, e) < 0) {
		/* nobody asks for it by this digest */
		unlinkat(s->fd, hull_store_path(HULL_STORE_SOURCE, want.digest).path, 0);
		unlinkat(s->fd, hull_store_path(HULL_STORE_ORIGIN, want.digest).path, 0);
		r = hull_wrap(e, "%s: ", want.origin);
	}
	hull_source_want_fini(&want);
	return r;
}

static int get_file(const struct hull_store *s, const struct hull_repository *at,
		    struct hull_repo_file *f, struct hull_progress *progress, struct hull_err *e)
{
	hull_autostrv struct hull_strv places = {0};

	if (hull_repo_places(at, f->base, f->location, &places, e) < 0)
		return -1;
	if (hull_repo_is_remote(places.v[0]))
		return get_remote(s, at, &places, f, progress, e);
	f->path = hull_strdup(places.v[0]);
	return check_file(f, e);
}

/* What of a repository is not as it should be, or not read. */
static void tell_unread(const struct hull_repository *at, const struct hull_repomd *r,
			struct hull_progress *progress)
{
	hull_autobuf struct hull_buf types = {0};
	bool weak = false;

	for (size_t i = 0; i < HULL_REPO_FILES; i++)
		weak = weak || (r->files[i].location && r->files[i].checksum.kind == HULL_SHA1);
	if (weak)
		hull_log(progress,
			 "warning: repository %s: repomd.xml has SHA-1 checksums, which are weak: "
			 "others can be made to fit",
			 at->name);
	if (hull_strv_has(&r->others, "modules"))
		hull_log(
			progress,
			"warning: repository %s: it has modular streams (modules.yaml), which hull does "
			"not read: packages of all streams are offered alike",
			at->name);
	for (size_t i = 0; i < r->others.n; i++)
		hull_buf_addf(&types, "%s%s", i ? ", " : "", r->others.v[i]);
	if (types.n)
		hull_log_verbose(progress, "repository %s: not read: %s", at->name, types.p);
}

static int read_repomd(const struct hull_store *s, const struct hull_repository *at,
		       struct hull_progress *progress, struct hull_buf *repomd,
		       struct hull_buf *signature, struct hull_err *e)
{
	if (hull_repo_list(at->url))
		return read_mirrored(s, at, progress, repomd, signature, e);
	if (hull_repo_is_remote(at->url))
		return read_remote(s, at, progress, repomd, signature, e);
	return read_local(at, repomd, signature, e);
}

static int make_index(const struct hull_store *s, const struct hull_repository *at,
		      struct hull_repo_file files[HULL_REPO_FILES], const char *digest,
		      struct hull_progress *progress, struct hull_err *e)
{
	for (size_t i = 0; i < HULL_REPO_FILES; i++)
		if (files[i].location && get_file(s, at, &files[i], progress, e) < 0)
			return -1;
	return hull_index_make(s, files, digest, e);
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
	if (read_repomd(s, at, progress, &repomd, &signature, e) < 0)
		return -1;
	if (at->keys && hull_keys_verify(s, at->keys, &repomd, &signature, e) < 0)
		return hull_wrap(e, "repomd.xml: ");
	hull_hash_bytes(repomd.p, repomd.n, out_digest);
	if (hull_repomd_parse(&repomd, &parsed, e) < 0)
		return -1;
	tell_unread(at, &parsed, progress);
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
	hull_autostrv struct hull_strv mirrors = {0};
	struct hull_repository here = *at;
	struct hull_err why;

	if (!here.mirrors)
		here.mirrors = &mirrors;
	if (find_index(s, &here, offline, progress, out_digest, &why) == 0)
		return 0;
	if (!hull_starts(why.msg, "repository "))
		hull_wrap(&why, "repository %s: ", at->name);
	return hull_fail_as(e, &why);
}
