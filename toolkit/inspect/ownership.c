// SPDX-License-Identifier: MIT
#include "inspect/ownership.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "rpm/database.h"
#include "system/confdir.h"

/* --- the database --- */

enum { MAX_DATABASE = 1 << 30 }; /* some thousand packages have 200 MiB; it is read into memory */

static int find_file(const struct hull_tree *t, const char *directory, const char *name)
{
	hull_autofree char *path = hull_asprintf("%s/%s", directory, name);
	int node = hull_tree_follow(t, path);

	return node != HULL_NO_NODE && S_ISREG(t->v[t->v[node].inode].mode) ? t->v[node].inode
									    : HULL_NO_NODE;
}

static int read_database(struct hull_system *s, const char *directory, const char *name, int node,
			 struct hull_err *e)
{
	const char *path = hull_arena_printf(&s->arena, "%s: %s/%s", s->path, directory, name);
	int log = find_file(&s->tree, directory, "rpmdb.sqlite-wal");
	hull_autobuf struct hull_buf bytes = {0};

	if (s->tree.v[node].size_bytes > MAX_DATABASE)
		return hull_fail(e, HULL_FAILED,
				 "%s: %" PRIu64
				 " bytes are more than the %d MiB that a database may have",
				 path, s->tree.v[node].size_bytes, MAX_DATABASE >> 20);
	if (hull_tree_read(&s->tree, node, &bytes, e) < 0)
		return hull_wrap(e, "%s: ", path);
	if (log != HULL_NO_NODE && s->tree.v[log].size_bytes)
		hull_system_note(s, "%s/rpmdb.sqlite: what its write-ahead log has is not seen",
				 directory);
	return hull_database_read(bytes.p, bytes.n, path, &s->arena, &s->packages, &s->npackages,
				  e);
}

/* The formats that rpm has had, the newest first. */
static const char *const database_names[] = {"rpmdb.sqlite", "Packages.db", "Packages"};

static int find_database(struct hull_system *s, struct hull_err *e)
{
	static const char *const directories[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm",
						  "/usr/share/rpm"};

	for (size_t k = 0; k < sizeof database_names / sizeof *database_names; k++)
		for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
			int node = find_file(&s->tree, directories[i], database_names[k]);

			if (node != HULL_NO_NODE)
				return read_database(s, directories[i], database_names[k], node, e);
		}
	return hull_fail(e, HULL_FAILED,
			 "%s: no rpm database: there is no %s, %s or %s in %s, %s or %s", s->path,
			 database_names[0], database_names[1], database_names[2], directories[0],
			 directories[1], directories[2]);
}

static int by_name(const void *a, const void *b)
{
	const struct hull_package *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	if (!c && x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	if (!c)
		c = strverscmp(x->version, y->version);
	if (!c)
		c = strverscmp(x->release, y->release);
	return c ? c : strcmp(x->arch ? x->arch : "", y->arch ? y->arch : "");
}

/* --- who owns what --- */

/* The directory that was looked up last: lists of files are in order. */
struct last_directory {
	const char *path;
	size_t n;
	int node;
};

static int find_directory(const struct hull_tree *t, const char *path, size_t n)
{
	hull_autofree char *directory = hull_strndup(path, n);

	return n ? hull_tree_follow(t, directory) : HULL_TREE_ROOT;
}

static int find_node(const struct hull_tree *t, const char *path, struct last_directory *last)
{
	const char *name = hull_basename(path);
	size_t n = (size_t)(name - path) - (name > path);

	if (!*name)
		return hull_tree_find(t, path);
	if (!last->path || last->n != n || memcmp(last->path, path, n) != 0)
		*last = (struct last_directory){path, n, find_directory(t, path, n)};
	return last->node == HULL_NO_NODE ? HULL_NO_NODE
					  : hull_tree_child(t, last->node, name, strlen(name));
}

/* The first package owns what several list. */
static void set_owners(struct hull_system *s)
{
	for (size_t i = 0; i < s->npackages; i++) {
		const struct hull_package *p = &s->packages[i];
		struct last_directory last = {0};

		for (size_t k = 0; k < p->nfiles; k++) {
			int node = find_node(&s->tree, p->files[k].path, &last);

			if (node != HULL_NO_NODE && s->tree.v[node].owner < 0)
				s->tree.v[node].owner = (int)i;
		}
	}
}

int hull_ownership_read(struct hull_system *s, struct hull_err *e)
{
	if (find_database(s, e) < 0)
		return -1;
	if (s->npackages)
		qsort(s->packages, s->npackages, sizeof *s->packages, by_name);
	set_owners(s);
	return 0;
}
