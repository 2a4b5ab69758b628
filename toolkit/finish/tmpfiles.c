// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "finish/finish.h"
#include "system/confdir.h"
#include "system/pathglob.h"
#include "system/tmpfile.h"
#include "system/userdb.h"
#include "tree/copy.h"

#define FACTORY "/usr/share/factory"

struct tmpfiles_work {
	struct hull_tree *t;
	const struct hull_userdb *db;
	int64_t time;
};

typedef int apply_to(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node,
		     struct hull_err *e);

/* --- owner and mode --- */

static mode_t masked(mode_t mode, mode_t old)
{
	if (!(old & 0111))
		mode &= ~(mode_t)0111;
	if (!(old & 0222))
		mode &= ~(mode_t)0222;
	if (!(old & 0444))
		mode &= ~(mode_t)0444;
	if (!S_ISDIR(old))
		mode &= ~(mode_t)07000;
	return mode;
}

static int owner(const struct tmpfiles_work *w, const struct hull_tmpfile *f,
		 struct hull_copy_owner *out, struct hull_err *e)
{
	if (f->user && !hull_userdb_resolve_user(w->db, f->user, &out->uid))
		return hull_fail(e, HULL_FAILED, "there is no user '%s'", f->user);
	if (f->group && !hull_userdb_resolve_group(w->db, f->group, &out->gid))
		return hull_fail(e, HULL_FAILED, "there is no group '%s'", f->group);
	return 0;
}

/* What a line says of owner and mode, for a node that it has just made or found. */
static int adjust(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node, bool made,
		  struct hull_err *e)
{
	struct hull_node *n = &w->t->v[w->t->v[node].inode];
	struct hull_copy_owner o = {.uid = n->uid, .gid = n->gid};

	if (owner(w, f, &o, e) < 0)
		return -1;
	if (made || !f->user_at_first)
		n->uid = o.uid;
	if (made || !f->group_at_first)
		n->gid = o.gid;
	if (f->has_mode && (made || !f->mode_at_first) && !S_ISLNK(n->mode))
		n->mode =
			(n->mode & S_IFMT) | (f->mode_is_mask ? masked(f->mode, n->mode) : f->mode);
	return 0;
}

static int adjust_found(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node,
			struct hull_err *e)
{
	return adjust(w, f, node, false, e);
}

static int adjust_directory(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node,
			    struct hull_err *e)
{
	return S_ISDIR(w->t->v[node].mode) ? adjust(w, f, node, false, e) : 0;
}

/* --- making --- */

/* The node of a line's path, new or with the type wanted; *out_made tells. HULL_NO_NODE if what is
 * there is something else, which then stays. */
static int take_place(struct tmpfiles_work *w, const struct hull_tmpfile *f, mode_t type,
		      bool replace, bool *out_made, int *out_node, struct hull_err *e)
{
	int node = hull_tree_find(w->t, f->path);

	*out_made = false;
	if (node >= 0 && (w->t->v[w->t->v[node].inode].mode & S_IFMT) != type) {
		if (!replace || node == HULL_TREE_ROOT) {
			*out_node = HULL_NO_NODE;
			return 0;
		}
		hull_tree_remove(w->t, node);
		node = HULL_NO_NODE;
	}
	if (node < 0) {
		node = hull_tree_add(w->t, f->path, e);
		if (node < 0)
			return -1;
		w->t->v[node].mtime = w->time;
		*out_made = true;
	}
	*out_node = node;
	return 0;
}

static int make_directory(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	bool made;
	int node;

	if (take_place(w, f, S_IFDIR, f->replace, &made, &node, e) < 0)
		return -1;
	if (node < 0)
		return 0;
	if (made)
		hull_tree_set_directory(w->t, node, 0755);
	return adjust(w, f, node, made, e);
}

static int make_file(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	bool made;
	int node;

	if (take_place(w, f, S_IFREG, f->replace, &made, &node, e) < 0)
		return -1;
	if (node < 0)
		return 0;
	if (made) {
		hull_tree_set_file(w->t, node, f->argument, f->argument_bytes, 0644);
	} else if (f->force) {
		hull_tree_set_content(w->t, node, f->argument, f->argument_bytes);
		w->t->v[w->t->v[node].inode].mtime = w->time;
	}
	return adjust(w, f, node, made, e);
}

static int make_symlink(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	hull_autofree char *target =
		f->argument ? hull_strdup(f->argument) : hull_asprintf(FACTORY "%s", f->path);
	bool made;
	int node;

	if (f->needs_source) {
		const char *slash = strrchr(f->path, '/');
		hull_autofree char *at =
			*target == '/'
				? hull_strdup(target)
				: hull_asprintf("%.*s/%s", (int)(slash - f->path), f->path, target);

		if (hull_tree_follow(w->t, at) < 0)
			return 0;
	}
	if (take_place(w, f, S_IFLNK, f->force || f->replace, &made, &node, e) < 0)
		return -1;
	if (node < 0)
		return 0;
	if (!made && strcmp(w->t->v[node].target, target) != 0) {
		if (!f->force)
			return 0;
		made = true;
	}
	if (made) {
		hull_tree_set_symlink(w->t, node, target);
		w->t->v[node].mtime = w->time;
	}
	return adjust(w, f, node, made, e);
}

static int make_special(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	mode_t type = f->type == 'p' ? S_IFIFO : f->type == 'c' ? S_IFCHR : S_IFBLK;
	uint64_t major = 0, minor = 0;
	bool made;
	int node;

	if (f->type != 'p') {
		const char *colon = f->argument ? strchr(f->argument, ':') : NULL;
		hull_autofree char *first =
			colon ? hull_strndup(f->argument, (size_t)(colon - f->argument)) : NULL;

		if (!first || !hull_parse_u64(first, 0, 0xfff, &major) ||
		    !hull_parse_u64(colon + 1, 0, 0xfffff, &minor))
			return hull_fail(e, HULL_FAILED, "'%s' is not the number of a device",
					 f->argument ? f->argument : "-");
	}
	if (take_place(w, f, type, f->force || f->replace, &made, &node, e) < 0)
		return -1;
	if (node < 0)
		return 0;
	if (made) {
		w->t->v[node].mode = type | 0644;
		w->t->v[node].major = (uint32_t)major;
		w->t->v[node].minor = (uint32_t)minor;
	}
	return adjust(w, f, node, made, e);
}

/* A copy of a file or directory; a directory that is there and not empty is left alone, or
 * completed with "+". */
static int make_copy(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	const char *argument = f->argument ? f->argument : f->path;
	hull_autofree char *source = f->argument && *argument == '/'
					     ? hull_strdup(argument)
					     : hull_asprintf(FACTORY "/%s", argument);
	int from = hull_tree_follow(w->t, source), node;
	struct hull_copy_owner o = {.set = f->user || f->group};
	bool made;

	if (from < 0)
		return 0;
	o.uid = w->t->v[w->t->v[from].inode].uid;
	o.gid = w->t->v[w->t->v[from].inode].gid;
	if (owner(w, f, &o, e) < 0 || take_place(w, f, w->t->v[w->t->v[from].inode].mode & S_IFMT,
						 f->replace, &made, &node, e) < 0)
		return -1;
	if (node < 0)
		return 0;
	if (made) {
		if (hull_tree_copy(w->t, from, node, &o, e) < 0)
			return -1;
	} else if (S_ISDIR(w->t->v[node].mode)) {
		if (w->t->v[node].first_child >= 0 && !f->force)
			return 0;
		if (hull_tree_copy_below(w->t, from, node, &o, e) < 0)
			return -1;
	}
	return adjust(w, f, node, made, e);
}

/* --- what is there already --- */

static int write_file(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node,
		      struct hull_err *e)
{
	struct hull_node *n = &w->t->v[w->t->v[node].inode];
	hull_autobuf struct hull_buf text = {0};

	if (!S_ISREG(n->mode) || !f->argument)
		return 0;
	if (f->force && hull_tree_read(w->t, node, &text, e) < 0)
		return -1;
	hull_buf_add(&text, f->argument, f->argument_bytes);
	hull_tree_set_content(w->t, node, text.p, text.n);
	n->mtime = w->time;
	return 0;
}

static int set_xattrs(struct tmpfiles_work *w, const struct hull_tmpfile *f, int node,
		      struct hull_err *e)
{
	const char *at = f->argument ? f->argument : "";
	hull_autobuf struct hull_buf word = {0};
	int rc;

	while ((rc = hull_line_word(&at, true, &word)) > 0) {
		char *equals = strchr(word.p, '=');

		if (!equals || equals == word.p || !strchr(word.p, '.'))
			return hull_fail(e, HULL_FAILED, "'%s' is not an attribute with a value",
					 word.p);
		*equals++ = '\0';
		hull_tree_set_xattr(w->t, node, word.p, equals, strlen(equals));
	}
	return rc < 0 ? hull_fail(e, HULL_FAILED, "'%s' has a malformed quote", f->argument) : 0;
}

static int apply_to_matches(struct tmpfiles_work *w, const struct hull_tmpfile *f,
			    struct hull_err *e)
{
	apply_to *apply = f->type == 'w'		     ? write_file
			  : f->type == 't' || f->type == 'T' ? set_xattrs
			  : f->type == 'e'		     ? adjust_directory
							     : adjust_found;
	bool deep = f->type == 'Z' || f->type == 'T';
	hull_autofree int *found = NULL;
	size_t n;

	if (hull_tree_glob(w->t, f->path, &found, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (int node = found[i]; node >= 0;
		     node = deep ? hull_tree_next(w->t, node, found[i]) : HULL_NO_NODE)
			if (apply(w, f, node, e) < 0)
				return -1;
	return 0;
}

/* --- all lines --- */

static bool is_glob(const struct hull_tmpfile *f)
{
	return strchr("wezZtT", f->type) != NULL;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* What is made before what is adjusted, above before below, else as in the files. */
static int by_order(const void *a, const void *b)
{
	const struct hull_tmpfile *const *x = a, *const *y = b;
	int globs = is_glob(*x) - is_glob(*y);
	size_t dx = depth((*x)->path), dy = depth((*y)->path);

	if (globs || is_glob(*x))
		return globs ? globs : (*x > *y) - (*x < *y);
	return dx != dy ? (dx > dy) - (dx < dy) : (*x > *y) - (*x < *y);
}

static bool only_adjusts(const struct hull_tmpfile *f)
{
	return strchr("zZtT", f->type) != NULL;
}

/* A second line for a path does not count, unless both append. */
static bool is_repeated(const struct hull_tmpfiles *all, const struct hull_index *first, size_t i)
{
	const struct hull_tmpfile *f = &all->v[i], *other;
	size_t j;

	if (only_adjusts(f) || !hull_index_find(first, f->path, &j) || j == i)
		return false;
	other = &all->v[j];
	return other->type != 'w' || f->type != 'w' || !other->force || !f->force;
}

/* True if a symlink above the path leads to where things are made at boot. */
static bool leads_to_boot(const struct hull_tree *t, const char *path)
{
	hull_autofree char *above = hull_strdup(path);
	struct hull_arena a = {0};
	int node = HULL_NO_NODE;
	bool answer;
	char *slash;

	while (node < 0 && (slash = strrchr(above, '/'))) {
		*slash = '\0';
		node = hull_tree_follow(t, *above ? above : "/");
	}
	answer = node >= 0 && hull_path_is_for_boot(hull_tree_path(t, node, &a));
	hull_arena_fini(&a);
	return answer;
}

static int apply_line(struct tmpfiles_work *w, const struct hull_tmpfile *f, struct hull_err *e)
{
	if (is_glob(f))
		return apply_to_matches(w, f, e);
	if (leads_to_boot(w->t, f->path))
		return 0;
	if (f->type == 'd')
		return make_directory(w, f, e);
	if (f->type == 'f')
		return make_file(w, f, e);
	if (f->type == 'L')
		return make_symlink(w, f, e);
	return f->type == 'C' ? make_copy(w, f, e) : make_special(w, f, e);
}

static int apply_all(struct tmpfiles_work *w, const struct hull_tmpfiles *all, struct hull_err *e)
{
	hull_autofree const struct hull_tmpfile **order =
		hull_alloc_array(all->n + 1, sizeof(*order));
	hull_autoindex struct hull_index first = {0};
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!only_adjusts(&all->v[i]))
			hull_index_put(&first, all->v[i].path, i);
	for (size_t i = 0; i < all->n; i++)
		if (!is_repeated(all, &first, i))
			order[n++] = &all->v[i];
	qsort(order, n, sizeof(*order), by_order);
	for (size_t i = 0; i < n; i++)
		if (apply_line(w, order[i], e) < 0 && !order[i]->may_fail)
			return hull_wrap(e, "%s: ", order[i]->where);
	return 0;
}

int hull_tmpfiles_apply(int64_t time, struct hull_tree *t, struct hull_err *e)
{
	struct hull_tmpfiles all = {0};
	struct hull_userdb db;
	struct tmpfiles_work w = {t, &db, time};
	int rc;

	if (hull_userdb_read(t, &db, e) < 0)
		return -1;
	rc = hull_tmpfiles_read(t, &all, e);
	if (rc == 0)
		rc = apply_all(&w, &all, e);
	hull_tmpfiles_fini(&all);
	hull_userdb_fini(&db);
	return rc;
}
