// SPDX-License-Identifier: MIT
#include <sqlite3.h>
#include <string.h>

#include "base/err.h"
#include "rpm/database.h"
#include "rpmdb/packagesfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const void *bytes, size_t n)
{
	struct hull_arena a = {0};
	struct hull_package *all;
	struct hull_err e;
	size_t count;

	if (hull_database_read(bytes, n, "fuzz", &a, &all, &count, &e) == 0)
		for (size_t i = 0; i < count; i++)
			json_decref(hull_package_to_json(&all[i]));
	hull_arena_fini(&a);
}

/* A database with this header as its only package. */
static void read_header(const void *header, size_t n)
{
	sqlite3_stmt *insert;
	sqlite3_int64 bytes_n;
	unsigned char *bytes;
	sqlite3 *db;

	hull_assert(sqlite3_open(":memory:", &db) == SQLITE_OK);
	hull_assert(sqlite3_exec(db, "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)",
				 NULL, NULL, NULL) == SQLITE_OK);
	hull_assert(sqlite3_prepare_v2(db, "INSERT INTO Packages VALUES (1, ?)", -1, &insert,
				       NULL) == SQLITE_OK);
	sqlite3_bind_blob64(insert, 1, header, n, SQLITE_STATIC);
	hull_assert(sqlite3_step(insert) == SQLITE_DONE);
	sqlite3_finalize(insert);
	bytes = sqlite3_serialize(db, "main", &bytes_n, 0);
	hull_assert(bytes);
	read_all(bytes, (size_t)bytes_n);
	sqlite3_free(bytes);
	sqlite3_close(db);
}

/* A database of packages, or the header of one package in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char magic[] = "SQLite format 3";

	if ((size >= sizeof magic && !memcmp(data, magic, sizeof magic)) ||
	    hull_rpmdb_kind(data, size) != HULL_RPMDB_OTHER)
		read_all(data, size);
	else
		read_header(data, size);
	return 0;
}
