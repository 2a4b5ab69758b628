// SPDX-License-Identifier: MIT
#include "repo/repo.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/file.h"
#include "base/hash.h"
#include "repo/metadata.h"

enum { ZSTD_LEVEL = 9 };

static const char new_rpm[] =
	".new.rpm"; /* in an <arch> directory: an RPM on its way to its name */

struct repo {
	const struct hull_store *store;
	const char *path; /* for messages */
	int fd;
	struct hull_repo_entry *v; /* by href */
	size_t n;
	struct hull_strv keep; /* names in repodata/ that belong to it */
	struct hull_repo_stats *stats;
};

static bool is_name(const char *s)
{
	return s && *s && *s != '.' && !strchr(s, '/');
}

static int check_package(const struct hull_package *p, struct hull_err *e)
{
	if (!hull_is_sha256(p->sha256))
		return hull_fail(e, HULL_FAILED, "package %s: not built", p->name);
	if (!is_name(p->name) || !is_name(p->version) || !is_name(p->release) ||
	    !is_name(p->arch) || !strcmp(p->arch, "repodata"))
		return hull_fail(e, HULL_FAILED,
				 "package %s: its name, version, release or architecture "
				 "cannot be part of a path",
				 p->name);
	return 0;
}

static int by_href(const void *a, const void *b)
{
	const struct hull_repo_entry *x = a, *y = b;
	int d = strcmp(x->href, y->href);

	return d ? d : strcmp(x->package->sha256, y->package->sha256);
}

/* Fills r->v: sorted, each file once. */
static int collect(struct repo *r, const struct hull_package *const *packages, size_t n,
		   struct hull_err *e)
{
	size_t used = 0;

	r->v = hull_alloc_array(n + 1, sizeof *r->v);
	for (; r->n < n; r->n++) {
		const struct hull_package *p = packages[r->n];

		if (check_package(p, e) < 0)
			return -1;
		r->v[r->n].package = p;
		r->v[r->n].href = hull_asprintf("%s/%s-%s-%s.%s.rpm", p->arch, p->name, p->version,
						p->release, p->arch);
	}
	qsort(r->v, r->n, sizeof *r->v, by_href);
	for (size_t i = 0; i < r->n; i++) {
		struct hull_repo_entry *last = used ? &r->v[used - 1] : NULL;

		if (!last || strcmp(last->href, r->v[i].href) != 0) {
			struct hull_repo_entry swap = r->v[used];

			r->v[used++] = r->v[i];
			r->v[i] = swap;
		} else if (strcmp(last->package->sha256, r->v[i].package->sha256) != 0) {
			return hull_fail(e, HULL_FAILED, "two packages are %s: %s and %s",
					 last->href, last->package->sha256,
					 r->v[i].package->sha256);
		}
	}
	while (r->n > used)
		free(r->v[--r->n].href);
	return 0;
}

/* --- RPM files --- */

enum repo_state { MISSING, SAME, OTHER };

/* What lies at a package's place. A hard link is known by its inode, a copy by its digest. */
static int look(const struct repo *r, size_t i, enum repo_state *out, struct hull_err *e)
{
	const struct hull_package *p = r->v[i].package;
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->sha256);
	struct stat stored, here;
	char digest[HULL_HEX];
	hull_autofd int fd = -1;

	if (fstatat(r->store->fd, rpm.path, &stored, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "%s/%s", r->store->path, rpm.path);
	if (fstatat(r->fd, r->v[i].href, &here, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return hull_fail_errno(e, "%s/%s", r->path, r->v[i].href);
		*out = MISSING;
		return 0;
	}
	*out = OTHER;
	if (here.st_dev == stored.st_dev && here.st_ino == stored.st_ino)
		*out = SAME;
	if (*out == SAME || !S_ISREG(here.st_mode) || here.st_size != stored.st_size)
		return 0;
	fd = hull_open(r->fd, r->v[i].href, e);
	if (fd < 0 || hull_hash_fd(fd, digest, NULL, e) < 0)
		return hull_wrap(e, "%s: ", r->path);
	if (!strcmp(digest, p->sha256))
		*out = SAME;
	return 0;
}

/* Puts the RPM of a package in its place, by rename. */
static int place(const struct repo *r, size_t i, struct hull_err *e)
{
	const struct hull_package *p = r->v[i].package;
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->sha256);
	hull_autofree char *tmp = hull_asprintf("%s/%s", p->arch, new_rpm);

	if (mkdirat(r->fd, p->arch, 0755) < 0 && errno != EEXIST)
		return hull_fail_errno(e, "mkdir %s/%s", r->path, p->arch);
	unlinkat(r->fd, tmp, 0);
	if (linkat(r->store->fd, rpm.path, r->fd, tmp, 0) < 0) {
		/* another file system, too many links, or a file of somebody else's: a copy does */
		if (errno != EXDEV && errno != EMLINK && errno != EPERM)
			return hull_fail_errno(e, "link %s/%s to %s/%s", r->store->path, rpm.path,
					       r->path, r->v[i].href);
		if (hull_file_copy(r->store->fd, rpm.path, r->fd, tmp, e) < 0)
			return hull_wrap(e, "%s/%s: ", r->path, r->v[i].href);
	}
	/* rename() does nothing if both names are links to one file, so tmp may still be there */
	if (renameat(r->fd, tmp, r->fd, r->v[i].href) < 0)
		return hull_fail_errno(e, "rename to %s/%s", r->path, r->v[i].href);
	r->stats->added++;
	return 0;
}

/* Places what is missing; what has to be exchanged is left in out_other, by index. */
static int place_new(const struct repo *r, bool *out_other, struct hull_err *e)
{
	enum repo_state state = MISSING;

	for (size_t i = 0; i < r->n; i++) {
		if (look(r, i, &state, e) < 0)
			return -1;
		if (state == MISSING && place(r, i, e) < 0)
			return -1;
		out_other[i] = state == OTHER;
		r->stats->reused += state == SAME;
	}
	return 0;
}

static int place_others(const struct repo *r, const bool *other, struct hull_err *e)
{
	for (size_t i = 0; i < r->n; i++)
		if (other[i] && place(r, i, e) < 0)
			return -1;
	return 0;
}

/* --- metadata --- */

static int compress(const struct hull_buf *in, struct hull_buf *out, struct hull_err *e)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t cap = ZSTD_compressBound(in->n), n = (size_t)-1;

	hull_assert(c);
	out->p = hull_grow(out->p, &out->cap, cap, 1);
	if (!ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1)))
		n = ZSTD_compress2(c, out->p, cap, in->p, in->n);
	ZSTD_freeCCtx(c);
	if (ZSTD_isError(n))
		return hull_fail(e, HULL_FAILED, "zstd: %s", ZSTD_getErrorName(n));
	out->n = n;
	return 0;
}

/* Writes one document under the name of its content and describes it in repomd. */
static int write_document(struct repo *r, enum hull_repo_document d, int64_t time,
			  struct hull_buf *repomd, struct hull_err *e)
{
	const char *name = hull_repo_document_names[d];
	hull_autobuf struct hull_buf text = {0}, packed = {0};
	hull_autofree char *file = NULL;
	char open_digest[HULL_HEX], digest[HULL_HEX];

	hull_repo_document(d, r->v, r->n, &text);
	if (compress(&text, &packed, e) < 0)
		return hull_wrap(e, "%s: ", name);
	hull_hash_bytes(text.p, text.n, open_digest);
	hull_hash_bytes(packed.p, packed.n, digest);
	file = hull_asprintf("repodata/%s-%s.xml.zst", digest, name);
	hull_strv_add(&r->keep, hull_basename(file));
	if (!hull_exists(r->fd, file) &&
	    hull_file_write(r->fd, file, packed.p, packed.n, 0644, e) < 0)
		return hull_wrap(e, "%s/", r->path);
	hull_buf_addf(repomd,
		      "<data type=\"%s\">\n"
		      "<checksum type=\"sha256\">%s</checksum>\n"
		      "<open-checksum type=\"sha256\">%s</open-checksum>\n"
		      "<location href=\"%s\"/>\n"
		      "<timestamp>%" PRId64 "</timestamp>\n"
		      "<size>%zu</size>\n"
		      "<open-size>%zu</open-size>\n"
		      "</data>\n",
		      name, digest, open_digest, file, time, packed.n, text.n);
	return 0;
}

/*
 * A digest of all that the metadata is made of. repomd.xml carries it as a content tag, so that the
 * next run with the same packages need not make the documents again.
 */
static void set_digest(const struct repo *r, int64_t time, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char revision[32];

	snprintf(revision, sizeof revision, "%" PRId64, time);
	hull_hash_field(h, "hull-repo-1", revision);
	for (size_t i = 0; i < r->n; i++)
		hull_hash_field(h, r->v[i].package->sha256, r->v[i].href);
	hull_hash_hex(h, out);
}

/* Whether repomd.xml is that of this set and its documents are there; their names are kept then. */
static bool is_current(struct repo *r, const char *repomd, const char *digest)
{
	static const char href[] = "<location href=\"repodata/";
	hull_autofree char *tag = hull_asprintf("<content>hull-set:%s</content>", digest);
	int documents = 0;

	if (!strstr(repomd, tag))
		return false;
	for (const char *at = repomd; (at = strstr(at, href)); documents++) {
		hull_autofree char *name = NULL, *path = NULL;

		at += sizeof href - 1;
		name = hull_strndup(at, strcspn(at, "\""));
		path = hull_asprintf("repodata/%s", name);
		if (!hull_exists(r->fd, path))
			return false;
		hull_strv_add(&r->keep, name);
	}
	return documents == HULL_REPO_DOCUMENTS;
}

static int write_metadata(struct repo *r, int64_t time, const char *digest, struct hull_buf *repomd,
			  struct hull_err *e)
{
	hull_buf_addf(repomd,
		      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" "
		      "xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n"
		      "<revision>%" PRId64 "</revision>\n"
		      "<tags>\n<content>hull-set:%s</content>\n</tags>\n",
		      time, digest);
	for (int d = 0; d < HULL_REPO_DOCUMENTS; d++)
		if (write_document(r, (enum hull_repo_document)d, time, repomd, e) < 0)
			return -1;
	hull_buf_adds(repomd, "</repomd>\n");
	return 0;
}

/* --- old files --- */

static int unlink_in(const struct repo *r, const char *dir, const char *name, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", dir, name);

	if (unlinkat(r->fd, path, 0) < 0 && errno != ENOENT)
		return hull_fail_errno(e, "remove %s/%s", r->path, path);
	return 0;
}

static bool has_href(const struct repo *r, const char *dir, const char *name)
{
	hull_autofree char *href = hull_asprintf("%s/%s", dir, name);
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = strcmp(href, r->v[mid].href);

		if (d == 0)
			return true;
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

/* A name that only hull or createrepo gives: "<sha256>-...", or a temporary one of repomd.xml. */
static bool is_metadata(const char *name)
{
	return (hull_starts_sha256(name) && name[HULL_HEX - 1] == '-') ||
	       hull_starts(name, "repomd.xml.");
}

static int sweep_metadata(const struct repo *r, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(r->fd, "repodata", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (is_metadata(names.v[i]) && !hull_strv_has(&r->keep, names.v[i]) &&
		    unlink_in(r, "repodata", names.v[i], e) < 0)
			return -1;
	return 0;
}

static int sweep_rpms(const struct repo *r, const char *dir, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(r->fd, dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		if (!hull_ends(names.v[i], ".rpm") || has_href(r, dir, names.v[i]))
			continue;
		if (unlink_in(r, dir, names.v[i], e) < 0)
			return -1;
		r->stats->removed += strcmp(names.v[i], new_rpm) != 0;
	}
	unlinkat(r->fd, dir, AT_REMOVEDIR); /* unless something is left in it */
	return 0;
}

/* Source packages lie beside the repository's: they are no part of it. */
static const char sources[] = "SRPMS";

/* Names of the directories that can hold RPMs. */
static int rpm_directories(const struct repo *r, struct hull_strv *out, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	struct stat st;

	if (hull_dir_list(r->fd, ".", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i][0] != '.' && strcmp(names.v[i], "repodata") != 0 &&
		    strcmp(names.v[i], sources) != 0 &&
		    fstatat(r->fd, names.v[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode))
			hull_strv_add(out, names.v[i]);
	return 0;
}

static int sweep(const struct repo *r, struct hull_err *e)
{
	hull_autostrv struct hull_strv directories = {0};

	if (sweep_metadata(r, e) < 0 || rpm_directories(r, &directories, e) < 0)
		return -1;
	for (size_t i = 0; i < directories.n; i++)
		if (sweep_rpms(r, directories.v[i], e) < 0)
			return -1;
	return 0;
}

/* --- the whole --- */

/* RPMs in a directory that is no repository yet are somebody's: they must not be swept away. */
static int check_foreign(const struct repo *r, struct hull_err *e)
{
	hull_autostrv struct hull_strv directories = {0};

	if (hull_exists(r->fd, "repodata"))
		return 0;
	if (rpm_directories(r, &directories, e) < 0)
		return -1;
	for (size_t i = 0; i < directories.n; i++) {
		hull_autostrv struct hull_strv names = {0};

		if (hull_dir_list(r->fd, directories.v[i], &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.n; k++)
			if (hull_ends(names.v[k], ".rpm"))
				return hull_fail(e, HULL_FAILED,
						 "holds RPMs (%s/%s) but is no repository: "
						 "refusing to take it over",
						 directories.v[i], names.v[k]);
	}
	return 0;
}

static int open_repo(struct repo *r, struct hull_err *e)
{
	if (hull_mkdirs(AT_FDCWD, r->path, 0755, e) < 0)
		return -1;
	r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0 || flock(r->fd, LOCK_EX) < 0)
		return hull_fail_errno(e, "%s", r->path);
	if (check_foreign(r, e) < 0)
		return hull_wrap(e, "%s: ", r->path);
	return hull_mkdirs(r->fd, "repodata", 0755, e);
}

static int write_repo(struct repo *r, int64_t time, struct hull_err *e)
{
	hull_autofree bool *other = hull_alloc_array(r->n + 1, sizeof *other);
	hull_autobuf struct hull_buf repomd = {0}, old = {0};
	char digest[HULL_HEX];
	bool current;

	if (place_new(r, other, e) < 0)
		return -1;
	set_digest(r, time, digest);
	/* A repository that did not change is left as it is, times and all. */
	/* without a readable repomd.xml there is none */
	current = hull_file_read(r->fd, "repodata/repomd.xml", &old, NULL) == 0 &&
		  is_current(r, old.p, digest);
	if ((!current && write_metadata(r, time, digest, &repomd, e) < 0) ||
	    place_others(r, other, e) < 0)
		return -1;
	if (!current &&
	    hull_file_write(r->fd, "repodata/repomd.xml", repomd.p, repomd.n, 0644, e) < 0)
		return hull_wrap(e, "%s/", r->path);
	return sweep(r, e);
}

int hull_repo_write(const struct hull_store *s, const char *path,
		    const struct hull_package *const *packages, size_t n, int64_t time,
		    struct hull_repo_stats *out, struct hull_err *e)
{
	struct repo r = {.store = s, .path = path, .fd = -1, .stats = out};
	int rc;

	*out = (struct hull_repo_stats){0};
	rc = collect(&r, packages, n, e);
	out->packages = r.n;
	if (rc == 0)
		rc = open_repo(&r, e);
	if (rc == 0)
		rc = write_repo(&r, time, e);
	for (size_t i = 0; i < r.n; i++)
		free(r.v[i].href);
	free(r.v);
	hull_strv_fini(&r.keep);
	hull_closep(&r.fd); /* and with it the lock */
	return rc;
}
