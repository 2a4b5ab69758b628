// SPDX-License-Identifier: MIT
#include "repo/index.h"

#include <fcntl.h>
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

static const char *const types[HULL_REPO_FILES] = {"primary", "filelists"};

void hull_repo_file_fini(struct hull_repo_file *f)
{
	free(f->location);
	free(f->sha256);
	free(f->path);
	*f = (struct hull_repo_file){0};
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

int hull_repomd_parse(const struct hull_buf *repomd, struct hull_repo_file out[HULL_REPO_FILES],
		      struct hull_err *e)
{
	FILE *f = repomd->n ? fmemopen(repomd->p, repomd->n, "r") : NULL;
	Repo *repo;
	Pool *pool;
	int r = 0;

	if (!f)
		return hull_fail(e, HULL_FAILED, "repomd.xml is empty");
	pool = new_pool(&repo);
	if (repo_add_repomdxml(repo, f, 0))
		r = hull_fail(e, HULL_FAILED, "repomd.xml: %s", pool_errstr(pool));
	fclose(f);
	for (size_t i = 0; i < HULL_REPO_FILES && r == 0; i++)
		r = find_document(pool, repo, types[i], &out[i], e);
	if (r == 0 && !out[0].location)
		r = hull_fail(e, HULL_FAILED, "repomd.xml names no primary document");
	pool_free(pool);
	return r;
}

static int parse_document(Pool *pool, Repo *repo, const struct hull_repo_file *file, int flags,
			  struct hull_err *e)
{
	hull_autofd int fd = hull_open(AT_FDCWD, file->path, e);
	FILE *f;
	int r = 0;

	if (fd < 0)
		return -1;
	/* how it is packed is in its name, which a file of the store does not have */
	f = solv_xfopen_fd(file->location, fd, "r");
	if (!f)
		return hull_fail(e, HULL_FAILED, "%s: cannot be unpacked", file->location);
	hull_steal_fd(&fd);
	if (repo_add_rpmmd(repo, f, NULL, flags))
		r = hull_fail(e, HULL_FAILED, "%s: %s", file->location, pool_errstr(pool));
	fclose(f);
	return r;
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
	default:
		return repo_write_stdkeyfilter(repo, key, ctx);
	}
}

static int write_index(const struct hull_store *s, Repo *repo, const char *digest,
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
	repowriter_set_keyfilter(writer, is_used, NULL);
	bad = repowriter_write(writer, f);
	repowriter_free(writer);
	bad = fflush(f) || fsync(fileno(f)) || bad;
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
		r = write_index(s, repo, digest, e);
	}
	pool_free(pool);
	return r;
}
