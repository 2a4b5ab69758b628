// SPDX-License-Identifier: MIT
#include "repo/index.h"

#include <fcntl.h>
#include <inttypes.h>
#include <solv/chksum.h>
#include <solv/knownid.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_repomdxml.h>
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

static const char *const types[HULL_REPO_FILES] = {"primary", "filelists"};

/* Of a document, as it is and unpacked. */
static const uint64_t MOST_BYTES = (uint64_t)1 << 30, MOST_OPEN_BYTES = (uint64_t)4 << 30;

void hull_repomd_fini(struct hull_repomd *r)
{
	for (size_t i = 0; i < HULL_REPO_FILES; i++) {
		free(r->files[i].location);
		free(r->files[i].sha256);
		free(r->files[i].path);
	}
	*r = (struct hull_repomd){0};
}

static Pool *new_pool(Repo **out)
{
	Pool *pool = pool_create();

	pool_setdisttype(pool, DISTTYPE_RPM);
	*out = repo_create(pool, "index");
	return pool;
}

static int find_document(Pool *pool, Repo *repo, const char *type, struct hull_repo_file *out,
			 struct hull_err *e)
{
	Dataiterator di;
	Id digest_type = 0;
	int r = 0;

	dataiterator_init(&di, pool, repo, SOLVID_META, REPOSITORY_REPOMD_TYPE, type,
			  SEARCH_STRING);
	dataiterator_prepend_keyname(&di, REPOSITORY_REPOMD);
	if (dataiterator_step(&di)) {
		dataiterator_setpos_parent(&di);
		out->location =
			hull_strdup(pool_lookup_str(pool, SOLVID_POS, REPOSITORY_REPOMD_LOCATION));
		out->sha256 = hull_strdup(pool_lookup_checksum(
			pool, SOLVID_POS, REPOSITORY_REPOMD_CHECKSUM, &digest_type));
		out->bytes = pool_lookup_num(pool, SOLVID_POS, REPOSITORY_REPOMD_SIZE, 0);
		if (!out->location || !hull_repo_is_inside(out->location))
			r = hull_fail(e, HULL_FAILED,
				      "repomd.xml: %s has no location inside the repository", type);
		else if (!out->sha256 || digest_type != REPOKEY_TYPE_SHA256)
			r = hull_fail(e, HULL_FAILED, "repomd.xml: %s has no SHA-256", type);
	}
	dataiterator_free(&di);
	return r;
}

/* libsolv does not read this one. It is looked for in the text, which is XML by now: who writes
 * something here to mislead could as well write another number. */
static uint64_t open_size(const struct hull_buf *repomd, const char *type)
{
	static const char tag[] = "<open-size>";
	hull_autofree char *begin = hull_asprintf("<data type=\"%s\"", type), *digits = NULL;
	const char *data = strstr(repomd->p, begin), *end = data ? strstr(data, "</data>") : NULL,
		   *at = data ? strstr(data, tag) : NULL;
	uint64_t n = 0;

	if (!at || !end || at > end)
		return 0;
	at += sizeof tag - 1;
	digits = hull_strndup(at, strspn(at, "0123456789"));
	return hull_parse_u64(digits, 0, INT64_MAX, &n) ? n : MOST_OPEN_BYTES + 1;
}

static int check_sizes(const struct hull_repo_file *f, const char *type, struct hull_err *e)
{
	if (f->bytes <= MOST_BYTES && f->open_bytes <= MOST_OPEN_BYTES)
		return 0;
	return hull_fail(e, HULL_FAILED, "repomd.xml: %s is too large: more than %s", type,
			 f->bytes > MOST_BYTES ? "1 GiB" : "4 GiB when it is unpacked");
}

static void read_age(Repo *repo, struct hull_repomd *out)
{
	const char *revision = repo_lookup_str(repo, SOLVID_META, REPOSITORY_REVISION);

	if (!revision || !hull_parse_u64(revision, 0, INT64_MAX, &out->revision))
		out->revision = 0;
	out->timestamp = repo_lookup_num(repo, SOLVID_META, REPOSITORY_TIMESTAMP, 0);
}

int hull_repomd_parse(const struct hull_buf *repomd, struct hull_repomd *out, struct hull_err *e)
{
	FILE *f = repomd->n ? fmemopen(repomd->p, repomd->n, "r") : NULL;
	Repo *repo;
	Pool *pool;
	int r = 0;

	*out = (struct hull_repomd){0};
	if (!f)
		return hull_fail(e, HULL_FAILED, "repomd.xml is empty");
	pool = new_pool(&repo);
	if (repo_add_repomdxml(repo, f, 0))
		r = hull_fail(e, HULL_FAILED, "repomd.xml: %s", pool_errstr(pool));
	fclose(f);
	for (size_t i = 0; i < HULL_REPO_FILES && r == 0; i++) {
		r = find_document(pool, repo, types[i], &out->files[i], e);
		out->files[i].max_bytes = out->files[i].bytes ? out->files[i].bytes : MOST_BYTES;
		out->files[i].open_bytes = open_size(repomd, types[i]);
		if (r == 0)
			r = check_sizes(&out->files[i], types[i], e);
	}
	if (r == 0 && !out->files[0].location)
		r = hull_fail(e, HULL_FAILED, "repomd.xml names no primary document");
	read_age(repo, out);
	pool_free(pool);
	if (r < 0)
		hull_repomd_fini(out);
	return r;
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

static int parse_document(Pool *pool, Repo *repo, const struct hull_repo_file *file, int flags,
			  struct hull_err *e)
{
	hull_autofd int fd = hull_open(AT_FDCWD, file->path, e);
	struct bounded b = {.left = file->open_bytes ? file->open_bytes : MOST_OPEN_BYTES};
	const uint64_t most = b.left;
	FILE *f;
	int r;

	if (fd < 0)
		return -1;
	/* how it is packed is in its name, which a file of the store does not have */
	b.in = solv_xfopen_fd(file->location, fd, "r");
	if (!b.in)
		return hull_fail(e, HULL_FAILED, "%s: cannot be unpacked", file->location);
	hull_steal_fd(&fd);
	f = fopencookie(&b, "r", (cookie_io_functions_t){.read = bounded_read});
	if (!f) {
		hull_fail_errno(e, "%s", file->location);
		fclose(b.in);
		return -1;
	}
	r = repo_add_rpmmd(repo, f, NULL, flags);
	fclose(f);
	fclose(b.in);
	if (b.over)
		return hull_fail(e, HULL_FAILED,
				 "%s: has more than the %" PRIu64
				 " bytes that it may have when it is unpacked",
				 file->location, most);
	return r ? hull_fail(e, HULL_FAILED, "%s: %s", file->location, pool_errstr(pool)) : 0;
}

static int check_package(Pool *pool, Id id, struct hull_err *e)
{
	Solvable *s = pool_id2solvable(pool, id);
	const char *location = solvable_lookup_location(s, NULL);
	Id type = 0;

	if (!solvable_lookup_checksum(s, SOLVABLE_CHECKSUM, &type) || type != REPOKEY_TYPE_SHA256)
		return hull_fail(e, HULL_FAILED, "package %s has no SHA-256",
				 pool_solvid2str(pool, id));
	if (!location || !hull_repo_is_inside(location) ||
	    solvable_lookup_str(s, SOLVABLE_MEDIABASE))
		return hull_fail(e, HULL_FAILED, "package %s has no location inside the repository",
				 pool_solvid2str(pool, id));
	return 0;
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
	Solvable *solvable;
	Id id;
	int r = parse_document(pool, repo, &files[0], 0, e);

	if (r == 0 && files[1].location)
		r = parse_document(pool, repo, &files[1], REPO_EXTEND_SOLVABLES, e);
	FOR_REPO_SOLVABLES (repo, id, solvable)
		if (r == 0)
			r = check_package(pool, id, e);
	if (r == 0) {
		add_file_provides(pool, repo);
		r = write_index(s, repo, files[1].location != NULL, digest, e);
	}
	pool_free(pool);
	return r;
}
