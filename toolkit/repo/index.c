// SPDX-License-Identifier: MIT
#include "repo/index.h"

#include <expat.h>
#include <fcntl.h>
#include <inttypes.h>
#include <solv/chksum.h>
#include <solv/knownid.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_rpmmd.h>
#include <solv/repo_write.h>
#include <solv/solv_xfopen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "repo/location.h"
#include "store/sealed.h"

static Pool *new_pool(Repo **out)
{
	Pool *pool = pool_create();

	pool_setdisttype(pool, DISTTYPE_RPM);
	*out = repo_create(pool, "index");
	return pool;
}

/* --- documents --- */

/* A stream that ends after a number of bytes; what would come behind them is noted. */
struct bounded {
	FILE *in;
	uint64_t left;
	bool over;
};

static ssize_t bounded_read(void *cookie, char *out, size_t n)
{
	struct bounded *b = cookie;
	size_t got;

	if (b->over)
		return 0;
	got = fread(out, 1, n, b->in);
	if (got > b->left) {
		got = b->left;
		b->over = true;
	}
	b->left -= got;
	return got || !ferror(b->in) ? (ssize_t)got : -1;
}

/* A document as it is unpacked, no further than it may; fclose() for both. */
static FILE *open_document(const struct hull_repo_file *file, struct bounded *b, struct hull_err *e)
{
	hull_autofd int fd = hull_open(AT_FDCWD, file->path, e);
	FILE *f;

	if (fd < 0)
		return NULL;
	*b = (struct bounded){.left = file->open_bytes ? file->open_bytes : HULL_REPO_OPEN_BYTES};
	/* how it is packed is in its name, which a file of the store does not have */
	b->in = solv_xfopen_fd(file->location, fd, "r");
	if (!b->in) {
		hull_fail(
			e, HULL_FAILED,
			"%s: cannot be unpacked: hull reads XML, plain or packed with gzip, bzip2, "
			"xz or zstd%s",
			file->location ? file->location : "a document",
			file->location && hull_ends(file->location, ".zck")
				? ", not with zchunk (.zck)"
				: "");
		return NULL;
	}
	hull_steal_fd(&fd);
	f = fopencookie(b, "r", (cookie_io_functions_t){.read = bounded_read});
	if (!f) {
		hull_fail_errno(e, "%s", file->location);
		fclose(b->in);
	}
	return f;
}

/* Whether all of a document is XML, so that what libsolv minds is a matter of single packages. */
static bool is_well_formed(const struct hull_repo_file *file)
{
	XML_Parser xml = XML_ParserCreate(NULL);
	struct bounded b;
	FILE *f = xml ? open_document(file, &b, NULL) : NULL;
	bool well = f != NULL;
	char part[32 * 1024];

	while (well) {
		size_t n = fread(part, 1, sizeof part, f);

		well = XML_Parse(xml, part, (int)n, n == 0) == XML_STATUS_OK && !ferror(f);
		if (n == 0)
			break;
	}
	if (f) {
		fclose(f);
		fclose(b.in);
	}
	XML_ParserFree(xml);
	return well && !b.over;
}

static int parse_document(Pool *pool, Repo *repo, const struct hull_repo_file *file, int flags,
			  struct hull_err *e)
{
	struct bounded b;
	FILE *f = open_document(file, &b, e);
	int r;

	if (!f)
		return -1;
	r = repo_add_rpmmd(repo, f, NULL, flags);
	fclose(f);
	fclose(b.in);
	if (b.over)
		return hull_fail(e, HULL_FAILED,
				 "%s: has more than the %" PRIu64
				 " bytes that it may have when it is unpacked",
				 file->location,
				 file->open_bytes ? file->open_bytes : HULL_REPO_OPEN_BYTES);
	return r && !is_well_formed(file)
		       ? hull_fail(e, HULL_FAILED, "%s: %s", file->location, pool_errstr(pool))
		       : 0;
}

/* --- packages that do not count --- */

/* Why a package cannot be had, or NULL. */
static const char *flaw_of(Solvable *s)
{
	const char *location = solvable_lookup_location(s, NULL), *digest;
	Id type = 0;

	if (!s->name || !*pool_id2str(s->repo->pool, s->name) || !s->evr || !s->arch)
		return "has no name, version or architecture";
	digest = solvable_lookup_checksum(s, SOLVABLE_CHECKSUM, &type);
	if (digest && type == REPOKEY_TYPE_MD5)
		return "has only an MD5 checksum, which anybody can forge";
	if (!digest || (type != REPOKEY_TYPE_SHA1 && type != REPOKEY_TYPE_SHA256 &&
			type != REPOKEY_TYPE_SHA384 && type != REPOKEY_TYPE_SHA512))
		return "has no checksum of SHA-256, SHA-384, SHA-512 or SHA-1 with all its digits";
	if (!location || !hull_repo_is_inside(location))
		return "has no location inside the repository";
	return NULL;
}

static void leave_out(Pool *pool, Repo *repo, Id id, const char *flaw, Queue *notes)
{
	const Solvable *s = pool_id2solvable(pool, id);
	hull_autofree char *nevra =
		hull_asprintf("%s-%s.%s", s->name ? pool_id2str(pool, s->name) : "?",
			      s->evr ? pool_id2str(pool, s->evr) : "?",
			      s->arch ? pool_id2str(pool, s->arch) : "?");

	queue_push2(notes, pool_str2id(pool, nevra, 1), pool_str2id(pool, flaw, 1));
	repo_free_solvable(repo, id, 0);
}

/* Sets aside what does not count. One bad entry is no reason to go without thousands; nothing but bad ones
 * is. */
static int check_packages(Pool *pool, Repo *repo, struct hull_err *e)
{
	Repodata *data;
	Queue notes;
	Solvable *s;
	size_t good = 0;
	int rc = 0;
	Id id;

	queue_init(&notes);
	FOR_REPO_SOLVABLES (repo, id, s) {
		const char *flaw = flaw_of(s);

		if (flaw)
			leave_out(pool, repo, id, flaw, &notes);
		else
			good++;
	}
	if (notes.count && !good)
		rc = hull_fail(e, HULL_FAILED, "none of its packages counts: package %s %s",
			       pool_id2str(pool, notes.elements[0]),
			       pool_id2str(pool, notes.elements[1]));
	if (notes.count && good) {
		data = repo_add_repodata(repo, 0);
		for (int i = 0; i < notes.count; i++)
			repodata_add_idarray(data, SOLVID_META,
					     pool_str2id(pool, HULL_INDEX_LEFT_OUT, 1),
					     notes.elements[i]);
		repodata_internalize(data);
	}
	queue_free(&notes);
	return rc;
}

/* What a solver or a lock file asks for; texts for people stay out. */
static int is_used(Repo *repo, Repokey *key, void *ctx)
{
	switch (key->name) {
	case SOLVABLE_SUMMARY:
	case SOLVABLE_DESCRIPTION:
	case SOLVABLE_URL:
	case SOLVABLE_LICENSE:
	case SOLVABLE_GROUP:
	case SOLVABLE_PACKAGER:
	case SOLVABLE_BUILDTIME:
	case SOLVABLE_BUILDHOST:
	case SOLVABLE_HEADEREND:
	case SOLVABLE_PKGID:
		return KEY_STORAGE_DROPPED;
	case REPOSITORY_FILTEREDFILELIST:
		/* libsolv says so for primary; with filelists the lists are complete */
		return *(const bool *)ctx ? KEY_STORAGE_DROPPED
					  : repo_write_stdkeyfilter(repo, key, NULL);
	default:
		return repo_write_stdkeyfilter(repo, key, NULL);
	}
}

/* libsolv reads what it has written, and not what follows. */
static int add_seal(const struct hull_store *s, const char *from, const char *digest, FILE *f)
{
	hull_autobuf struct hull_buf text = {0};
	size_t n;

	if (hull_file_read(s->fd, from, &text, NULL) < 0)
		return -1;
	n = text.n;
	hull_seal_lines(&text, HULL_STORE_INDEX, digest);
	return hull_fd_write(fileno(f), text.p + n, text.n - n, NULL);
}

static int write_index(const struct hull_store *s, Repo *repo, bool all_files, const char *digest,
		       struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(s, e), *from = NULL;
	Repowriter *writer;
	hull_autofd int fd = -1;
	FILE *f;
	int bad;

	if (!tmp)
		return -1;
	from = hull_asprintf("%s/index", tmp);
	fd = openat(s->fd, from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return hull_fail_errno(e, "store %s: %s", s->path, from);
	hull_steal_fd(&fd);
	writer = repowriter_create(repo);
	repowriter_set_keyfilter(writer, is_used, &all_files);
	bad = repowriter_write(writer, f);
	repowriter_free(writer);
	bad = fflush(f) || bad || add_seal(s, from, digest, f) < 0 || fsync(fileno(f));
	if (fclose(f) || bad)
		return hull_fail_errno(e, "store %s: %s: write", s->path, from);
	if (hull_store_commit(s, from, HULL_STORE_INDEX, digest, e) < 0)
		return -1;
	unlinkat(s->fd, tmp, AT_REMOVEDIR);
	return 0;
}

/*
 * Files that dependencies of the repository name are noted as provided, so that an answer need not
 * look through the file lists.
 */
static void add_file_provides(Pool *pool, Repo *repo)
{
	Repodata *data = repo_add_repodata(repo, 0);
	Queue paths;

	queue_init(&paths);
	pool_addfileprovides_queue(pool, &paths, NULL);
	for (int i = 0; i < paths.count; i++)
		repodata_add_idarray(data, SOLVID_META, REPOSITORY_ADDEDFILEPROVIDES,
				     paths.elements[i]);
	repodata_internalize(data);
	queue_free(&paths);
}

int hull_index_make(const struct hull_store *s, const struct hull_repo_file files[HULL_REPO_FILES],
		    const char *digest, struct hull_err *e)
{
	Repo *repo;
	Pool *pool = new_pool(&repo);
	int r = parse_document(pool, repo, &files[0], 0, e);

	if (r == 0 && files[1].location)
		r = parse_document(pool, repo, &files[1], REPO_EXTEND_SOLVABLES, e);
	if (r == 0)
		r = check_packages(pool, repo, e);
	if (r == 0) {
		add_file_provides(pool, repo);
		r = write_index(s, repo, files[1].location != NULL, digest, e);
	}
	pool_free(pool);
	return r;
}
