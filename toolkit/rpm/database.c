// SPDX-License-Identifier: MIT
#include "rpm/database.h"

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "rpm/front.h"
#include "rpm/installed.h"
#include "rpmdb/packagesfile.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

/* The indexes, in the order in which rpm makes them. */
static const struct {
	const char *name, *type;
	rpmTag tag;
	bool by_package; /* has an index of package numbers too */
} tables[] = {
	{"Name", "TEXT", RPMTAG_NAME, false},
	{"Basenames", "TEXT", RPMTAG_BASENAMES, true},
	{"Group", "TEXT", RPMTAG_GROUP, false},
	{"Requirename", "TEXT", RPMTAG_REQUIRENAME, true},
	{"Providename", "TEXT", RPMTAG_PROVIDENAME, true},
	{"Conflictname", "TEXT", RPMTAG_CONFLICTNAME, true},
	{"Obsoletename", "TEXT", RPMTAG_OBSOLETENAME, true},
	{"Triggername", "TEXT", RPMTAG_TRIGGERNAME, true},
	{"Dirnames", "TEXT", RPMTAG_DIRNAMES, true},
	{"Installtid", "BLOB", RPMTAG_INSTALLTID, false},
	{"Sigmd5", "BLOB", RPMTAG_SIGMD5, false},
	{"Sha1header", "TEXT", RPMTAG_SHA1HEADER, false},
	{"Filetriggername", "TEXT", RPMTAG_FILETRIGGERNAME, true},
	{"Transfiletriggername", "TEXT", RPMTAG_TRANSFILETRIGGERNAME, true},
	{"Recommendname", "TEXT", RPMTAG_RECOMMENDNAME, true},
	{"Suggestname", "TEXT", RPMTAG_SUGGESTNAME, true},
	{"Supplementname", "TEXT", RPMTAG_SUPPLEMENTNAME, true},
	{"Enhancename", "TEXT", RPMTAG_ENHANCENAME, true},
};

struct hull_database {
	sqlite3 *db;
	sqlite3_stmt *packages, *index[LENGTH(tables)];
	uint32_t time, color;
	int64_t n;
};

static int fail(sqlite3 *db, const char *path, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: %s", path, sqlite3_errmsg(db));
}

static int run(struct hull_database *d, struct hull_err *e, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int r;

	va_start(ap, fmt);
	text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	r = sqlite3_exec(d->db, text, NULL, NULL, NULL);
	sqlite3_free(text);
	return r == SQLITE_OK ? 0 : fail(d->db, "rpm database", e);
}

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct hull_err *e)
{
	if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK)
		return fail(db, "rpm database", e);
	return 0;
}

static int create(struct hull_database *d, struct hull_err *e)
{
	/* Pages are cleared, so that the bytes do not depend on what was in memory before. */
	if (run(d, e, "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; BEGIN") < 0 ||
	    run(d, e,
		"CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,"
		"blob BLOB NOT NULL)") < 0 ||
	    prepare(d->db, "INSERT INTO Packages VALUES (?, ?)", &d->packages, e) < 0)
		return -1;
	for (size_t i = 0; i < LENGTH(tables); i++) {
		hull_autofree char *sql =
			hull_asprintf("INSERT INTO '%s' VALUES (?, ?, ?)", tables[i].name);

		if (run(d, e,
			"CREATE TABLE '%q' (key '%q' NOT NULL, hnum INTEGER NOT NULL, "
			"idx INTEGER NOT NULL, FOREIGN KEY (hnum) REFERENCES 'Packages'(hnum))",
			tables[i].name, tables[i].type) < 0 ||
		    prepare(d->db, sql, &d->index[i], e) < 0)
			return -1;
	}
	return 0;
}

struct hull_database *hull_database_new(int64_t time, uint32_t color, struct hull_err *e)
{
	hull_autodatabase struct hull_database *d = hull_alloc(sizeof *d);

	if (time < 0 || time > UINT32_MAX) {
		hull_fail(e, HULL_FAILED, "rpm database: a time beyond 32 bits");
		return NULL;
	}
	d->time = (uint32_t)time;
	d->color = color;
	if (sqlite3_open_v2(":memory:", &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK) {
		fail(d->db, "rpm database", e);
		return NULL;
	}
	return create(d, e) < 0 ? NULL : hull_steal(d);
}

void hull_databasep(struct hull_database **database)
{
	struct hull_database *d = *database;

	if (!d)
		return;
	sqlite3_finalize(d->packages);
	for (size_t i = 0; i < LENGTH(tables); i++)
		sqlite3_finalize(d->index[i]);
	sqlite3_close(d->db);
	free(d);
}

/* --- rows --- */

static int step(struct hull_database *d, sqlite3_stmt *s, struct hull_err *e)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		return fail(d->db, "rpm database", e);
	sqlite3_reset(s);
	return 0;
}

/* What only has to be there while a package is installed is nothing that can be missed later. */
static bool is_requirement_kept(Header h, int i)
{
	enum {
		INSTALLING = RPMSENSE_SCRIPT_PRE | RPMSENSE_SCRIPT_POST | RPMSENSE_RPMLIB |
			     RPMSENSE_KEYRING | RPMSENSE_PRETRANS | RPMSENSE_POSTTRANS,
		ERASING = RPMSENSE_SCRIPT_PREUN | RPMSENSE_SCRIPT_POSTUN,
	};
	struct rpmtd_s flags;
	uint64_t sense = 0;

	if (!headerGet(h, RPMTAG_REQUIREFLAGS, &flags, HEADERGET_MINMEM))
		return true;
	if (rpmtdSetIndex(&flags, i) >= 0)
		sense = rpmtdGetNumber(&flags);
	rpmtdFreeData(&flags);
	return !(sense & INSTALLING) || sense & ERASING;
}

static int bind_key(sqlite3_stmt *s, rpmtd td)
{
	const char *text = rpmtdGetString(td);
	uint32_t number;

	if (text)
		return sqlite3_bind_text(s, 1, text, -1, SQLITE_TRANSIENT);
	if (rpmtdType(td) == RPM_BIN_TYPE)
		return sqlite3_bind_blob(s, 1, td->data, (int)td->count, SQLITE_TRANSIENT);
	/* As rpm does, in the byte order of the machine. */
	number = (uint32_t)rpmtdGetNumber(td);
	return sqlite3_bind_blob(s, 1, &number, sizeof number, SQLITE_TRANSIENT);
}

static int add_keys(struct hull_database *d, size_t table, Header h, struct hull_err *e)
{
	sqlite3_stmt *s = d->index[table];
	struct rpmtd_s td;
	int r = 0, n;

	if (!headerGet(h, tables[table].tag, &td, HEADERGET_MINMEM))
		return 0;
	n = rpmtdType(&td) == RPM_BIN_TYPE ? 1 : (int)rpmtdCount(&td);
	for (int i = 0; i < n && r == 0; i++) {
		if (tables[table].tag == RPMTAG_REQUIRENAME && !is_requirement_kept(h, i))
			continue;
		if (rpmtdType(&td) != RPM_BIN_TYPE)
			rpmtdSetIndex(&td, i);
		bind_key(s, &td);
		sqlite3_bind_int64(s, 2, d->n);
		sqlite3_bind_int(s, 3, i);
		r = step(d, s, e);
	}
	rpmtdFreeData(&td);
	return r;
}

static int add_header(struct hull_database *d, Header h, struct hull_err *e)
{
	unsigned int bytes = 0;
	hull_autofree void *blob = headerExport(h, &bytes);

	if (!blob)
		return hull_fail(e, HULL_FAILED, "malformed RPM header");
	sqlite3_bind_int64(d->packages, 1, ++d->n);
	sqlite3_bind_blob64(d->packages, 2, blob, bytes, SQLITE_STATIC);
	if (step(d, d->packages, e) < 0)
		return -1;
	sqlite3_clear_bindings(d->packages);
	for (size_t i = 0; i < LENGTH(tables); i++)
		if (add_keys(d, i, h, e) < 0)
			return -1;
	return 0;
}

int hull_database_add(struct hull_database *d, int dirfd, const char *path,
		      bool (*installed)(void *context, const char *path), void *context,
		      struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(dirfd, path, e);

	if (fd < 0 || hull_front_read(fd, path, &front, e) < 0 ||
	    hull_installed_header(front.header, front.signature, path, d->time, d->color, installed,
				  context, e) < 0)
		return -1;
	if (add_header(d, front.header, e) < 0)
		return hull_wrap(e, "%s: ", path);
	return 0;
}

int hull_database_finish(struct hull_database *d, struct hull_buf *out, struct hull_err *e)
{
	sqlite3_int64 n;
	void *bytes;

	/* At the end they are made in one go, sorted. */
	for (size_t i = 0; i < LENGTH(tables); i++) {
		const char *name = tables[i].name;

		if (!strcmp(tables[i].type, "BLOB"))
			continue;
		if (run(d, e, "CREATE INDEX '%q_key_idx' ON '%q'(key ASC)", name, name) < 0 ||
		    (tables[i].by_package &&
		     run(d, e, "CREATE INDEX '%q_hnum_idx' ON '%q'(hnum ASC)", name, name) < 0))
			return -1;
	}
	if (run(d, e, "COMMIT") < 0)
		return -1;
	bytes = sqlite3_serialize(d->db, "main", &n, 0);
	if (!bytes)
		return fail(d->db, "rpm database", e);
	hull_buf_add(out, bytes, (size_t)n);
	sqlite3_free(bytes);
	return 0;
}

/* --- reading --- */

static Header import(const void *blob, size_t n)
{
	hull_autofree void *copy = NULL;

	/* librpm takes 0 bytes for "as many as it says". */
	if (n < 8 || n > INT32_MAX)
		return NULL;
	copy = hull_alloc(n); /* librpm wants one that it may change */
	memcpy(copy, blob, n);
	return headerImport(copy, (unsigned int)n, HEADERIMPORT_COPY);
}

/* Enough for any number of packages; pages that refer to each other are many more. */
static int out_of_patience(void *context)
{
	int *left = context;

	return --*left < 0;
}

static int open_bytes(const void *bytes, size_t n, const char *path, sqlite3 **out,
		      struct hull_err *e)
{
	static const char magic[] = "SQLite format 3";
	unsigned char *copy;

	if (!n)
		return hull_fail(e, HULL_FAILED, "%s: empty, and no database", path);
	if (n < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
		return hull_fail(e, HULL_FAILED,
				 "%s: no rpm database: neither sqlite's, nor ndb's, nor a hash of "
				 "Berkeley DB",
				 path);
	if (sqlite3_open_v2(":memory:", out, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return fail(*out, path, e);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(*out, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	copy = sqlite3_malloc64(n);
	if (!copy)
		return hull_fail(e, HULL_FAILED, "%s: %zu bytes are more than sqlite takes", path,
				 n);
	memcpy(copy, bytes, n);
	/* One in write-ahead mode is read as it is: its log is no part of the file. */
	if (n > 19 && copy[18] == 2 && copy[19] == 2)
		copy[18] = copy[19] = 1;
	if (sqlite3_deserialize(*out, "main", copy, (sqlite3_int64)n, (sqlite3_int64)n,
				SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
	    SQLITE_OK)
		return fail(*out, path, e);
	return 0;
}

/* Appends the package of a row, unless it is one of the keys that rpm keeps as packages. */
static int read_row(const void *blob, size_t n, const char *path, struct hull_arena *a,
		    struct hull_buf *packages, struct hull_err *e)
{
	Header h = import(blob, n);
	struct hull_package p;
	const char *name;
	int r = 0;

	if (!h)
		return hull_fail(e, HULL_FAILED, "%s: malformed RPM header", path);
	name = headerGetString(h, RPMTAG_NAME);
	if (!name || strcmp(name, "gpg-pubkey") != 0) {
		r = hull_installed_describe(h, path, a, &p, e);
		hull_buf_add(packages, &p, sizeof p);
	}
	headerFree(h);
	return r;
}

static int read_rows(sqlite3 *db, const char *path, size_t left, struct hull_arena *a,
		     struct hull_buf *packages, struct hull_err *e)
{
	sqlite3_stmt *s = NULL;
	int r = 0, got;

	if (sqlite3_prepare_v2(db, "SELECT blob FROM main.Packages ORDER BY hnum", -1, &s, NULL) !=
	    SQLITE_OK)
		return fail(db, path, e);
	while (r == 0 && (got = sqlite3_step(s)) == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(s, 0);
		size_t n = (size_t)sqlite3_column_bytes(s, 0);

		if (n > left)
			r = hull_fail(e, HULL_FAILED, "%s: more in its packages than in the file",
				      path);
		else
			r = read_row(blob, n, path, a, packages, e);
		left -= n;
	}
	if (r == 0 && got != SQLITE_DONE)
		r = fail(db, path, e);
	sqlite3_finalize(s);
	return r;
}

/* For the formats that are read without sqlite. */
struct other_rows {
	const char *path;
	struct hull_arena *a;
	struct hull_buf *packages;
};

static int take_row(void *context, const void *blob, size_t n, struct hull_err *e)
{
	struct other_rows *rows = context;

	return read_row(blob, n, rows->path, rows->a, rows->packages, e);
}

static int read_sqlite(const void *bytes, size_t n, const char *path, struct hull_arena *a,
		       struct hull_buf *packages, struct hull_err *e)
{
	enum { STEPS = 10000, PATIENCE = 10000 };
	int left = PATIENCE, r;
	sqlite3 *db = NULL;

	r = open_bytes(bytes, n, path, &db, e);
	if (r == 0) {
		sqlite3_progress_handler(db, STEPS, out_of_patience, &left);
		r = read_rows(db, path, n, a, packages, e);
	}
	sqlite3_close(db);
	return r;
}

int hull_database_read(const void *bytes, size_t n, const char *path, struct hull_arena *a,
		       struct hull_package **out, size_t *out_n, struct hull_err *e)
{
	hull_autobuf struct hull_buf packages = {0};
	struct other_rows rows = {path, a, &packages};
	int r = -1;

	*out = NULL;
	*out_n = 0;
	switch (hull_rpmdb_kind(bytes, n)) {
	case HULL_RPMDB_NDB:
		r = hull_rpmdb_ndb(bytes, n, path, take_row, &rows, e);
		break;
	case HULL_RPMDB_BERKELEY:
		r = hull_rpmdb_berkeley(bytes, n, path, take_row, &rows, e);
		break;
	case HULL_RPMDB_OTHER:
		r = read_sqlite(bytes, n, path, a, &packages, e);
		break;
	}
	if (r < 0)
		return -1;
	*out_n = packages.n / sizeof **out;
	*out = hull_arena_alloc(a, packages.n + 1);
	if (packages.n)
		memcpy(*out, packages.p, packages.n);
	return 0;
}
