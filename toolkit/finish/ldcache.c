// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "binary/linking.h"
#include "finish/finish.h"
#include "system/confdir.h"
#include "system/pathglob.h"

enum {
	HEADER_BYTES = 48,
	ENTRY_BYTES = 24,
	LITTLE_ENDIAN_CACHE = 2,
	EXTENSION_HWCAPS = 1,
	MAX_INCLUDES = 64,
};
#define CACHE_MAGIC	"glibc-ld.so.cache1.1"
#define EXTENSION_MAGIC 0xeaa42174u
#define HWCAP_EXTENSION (UINT64_C(1) << 62)
#define CACHE		"/etc/ld.so.cache"

/* A directory that is searched; hwcaps: the name below glibc-hwcaps, or NULL. */
struct library_directory {
	int node;
	const char *path, *hwcaps;
};

/* What is found under a soname in one directory. */
struct library {
	const char *soname, *name; /* name: of the file that is to have it */
	bool is_link;		   /* name is a link that is listed under its own name */
	uint32_t flags;
};

struct cache_entry {
	const char *key, *value, *hwcaps;
	uint32_t flags;
	size_t order;
};

struct ldcache_work {
	struct hull_tree *t;
	struct hull_arena arena;
	struct library_directory *directories;
	size_t ndirectories, cap_directories;
	struct cache_entry *entries;
	size_t nentries, cap_entries;
	int64_t newest;
	int includes;
};

/* --- which directories --- */

static void add_directory(struct ldcache_work *w, const char *path, const char *hwcaps)
{
	int node = hull_tree_follow(w->t, path);

	if (node < 0 || !S_ISDIR(w->t->v[node].mode))
		return;
	for (size_t i = 0; i < w->ndirectories; i++)
		if (w->directories[i].node == node)
			return;
	w->directories = hull_grow(w->directories, &w->cap_directories, w->ndirectories,
				   sizeof *w->directories);
	w->directories[w->ndirectories++] =
		(struct library_directory){node, hull_tree_path(w->t, node, &w->arena), hwcaps};
}

static int read_conf(struct ldcache_work *w, int node, struct hull_err *e);

static int include(struct ldcache_work *w, const char *base, const char *pattern,
		   struct hull_err *e)
{
	const char *full =
		*pattern == '/' ? pattern : hull_arena_printf(&w->arena, "%s/%s", base, pattern);
	hull_autofree int *found = NULL;
	size_t n;

	if (hull_tree_glob(w->t, full, &found, &n, e) < 0)
		return hull_wrap(e, "%s: ", base);
	for (size_t i = 0; i < n; i++) {
		const char *path = hull_tree_path(w->t, found[i], &w->arena);
		int node = hull_tree_follow(w->t, path);

		if (node >= 0 && S_ISREG(w->t->v[w->t->v[node].inode].mode) &&
		    read_conf(w, node, e) < 0)
			return -1;
	}
	return 0;
}

static int read_conf(struct ldcache_work *w, int node, struct hull_err *e)
{
	const char *path = hull_tree_path(w->t, node, &w->arena);
	const char *base = hull_tree_path(w->t, w->t->v[node].parent, &w->arena);
	hull_autobuf struct hull_buf text = {0};
	struct hull_lines lines;
	char *line;
	int rc = 0;

	if (++w->includes > MAX_INCLUDES)
		return hull_fail(e, HULL_FAILED, "%s: includes itself, or too many files", path);
	if (hull_tree_read(w->t, node, &text, e) < 0)
		return hull_wrap(e, "%s: ", path);
	hull_lines_init(&lines, text.p, text.n);
	while (rc == 0 && (line = hull_lines_next(&lines))) {
		const char *at, *word;
		size_t n;

		line[strcspn(line, "#")] = '\0';
		at = line;
		if (!hull_word(&at, &word, &n))
			continue;
		if (n == 7 && !memcmp(word, "include", n)) {
			while (rc == 0 && hull_word(&at, &word, &n))
				rc = include(w, base, hull_arena_strndup(&w->arena, word, n), e);
		} else if (*word == '/') {
			line[strcspn(line, "=")] = '\0';
			add_directory(w, hull_arena_strndup(&w->arena, word, strcspn(word, " \t")),
				      NULL);
		} else if (n != 5 || memcmp(word, "hwcap", n) != 0) {
			rc = hull_fail(e, HULL_FAILED, "%s:%d: '%s' is not an absolute path", path,
				       lines.number, line);
		}
	}
	hull_lines_fini(&lines);
	return rc;
}

/* glibc-hwcaps/<name> below each directory. */
static void add_hwcaps_directories(struct ldcache_work *w)
{
	size_t n = w->ndirectories;

	for (size_t i = 0; i < n; i++) {
		const char *path =
			hull_arena_printf(&w->arena, "%s/glibc-hwcaps", w->directories[i].path);
		int node = hull_tree_follow(w->t, path);

		if (node < 0 || !S_ISDIR(w->t->v[node].mode))
			continue;
		for (int j = w->t->v[node].first_child; j >= 0; j = w->t->v[j].next_sibling)
			add_directory(w,
				      hull_arena_printf(&w->arena, "%s/%s", path, w->t->v[j].name),
				      w->t->v[j].name);
	}
}

static int list_directories(struct ldcache_work *w, struct hull_err *e)
{
	static const char *const trusted[] = {"/usr/lib", "/lib64", "/usr/lib64", "/lib"};
	int conf = hull_tree_follow(w->t, "/etc/ld.so.conf");

	if (conf >= 0 && read_conf(w, conf, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof trusted / sizeof *trusted; i++)
		add_directory(w, trusted[i], NULL);
	add_hwcaps_directories(w);
	return 0;
}

/* --- which libraries --- */

/* The order of names in the cache: digits as numbers. */
static int compare_names(const char *a, const char *b)
{
	while (*a) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			unsigned long x = strtoul(a, (char **)&a, 10);
			unsigned long y = strtoul(b, (char **)&b, 10);

			if (x != y)
				return x < y ? -1 : 1;
		} else if (isdigit((unsigned char)*a)) {
			return 1;
		} else if (isdigit((unsigned char)*b)) {
			return -1;
		} else if (*a != *b) {
			return *a - *b;
		} else {
			a++;
			b++;
		}
	}
	return *a - *b;
}

static bool is_library_name(const char *name)
{
	return (hull_starts(name, "lib") || hull_starts(name, "ld-") || hull_starts(name, "ld.") ||
		hull_starts(name, "ld64.")) &&
	       strstr(name, ".so") && !hull_ends(name, "-gdb.py") && !hull_ends(name, ".tmp");
}

static uint32_t cache_flags(const struct hull_elf_linking *elf)
{
	return elf->type != ET_DYN || !elf->is_dynamic ? 0
	       : elf->machine == EM_X86_64	       ? 0x0303
	       : elf->machine == EM_AARCH64	       ? 0x0a03
						       : 0;
}

/* A link is listed under its own name if that is the soname, or the name for the linker
 * ("libx.so").
 */
static bool is_listed_link(const char *name, const char *soname)
{
	return !strcmp(name, soname) ||
	       (hull_ends(name, ".so") && !strncmp(name, soname, strlen(name)));
}

static int read_library(struct ldcache_work *w, int node, struct library *out, struct hull_err *e)
{
	const char *name = w->t->v[node].name;
	int file = hull_tree_follow(w->t, hull_tree_path(w->t, node, &w->arena));
	const struct hull_node *n;
	struct hull_elf_linking elf;
	int rc;

	if (file < 0)
		return 0;
	n = &w->t->v[w->t->v[file].inode];
	if (!S_ISREG(n->mode))
		return 0;
	rc = hull_elf_linking_read(&n->content, n->size_bytes, &w->arena, &elf, e);
	if (rc < 0)
		return hull_wrap(e, "%s: ", hull_tree_path(w->t, node, &w->arena));
	*out = (struct library){.name = name, .soname = elf.soname ? elf.soname : name};
	out->flags = rc ? cache_flags(&elf) : 0;
	if (!out->flags || strchr(out->soname, '/'))
		return 0;
	if (S_ISLNK(w->t->v[node].mode) && is_listed_link(name, out->soname)) {
		out->is_link = true;
		out->soname = name;
	}
	if (n->mtime > w->newest)
		w->newest = n->mtime;
	return 1;
}

static void add_entry(struct ldcache_work *w, const struct library_directory *f,
		      const struct library *l)
{
	w->entries = hull_grow(w->entries, &w->cap_entries, w->nentries, sizeof *w->entries);
	w->entries[w->nentries] = (struct cache_entry){
		.key = l->soname,
		.value = hull_arena_printf(&w->arena, "%s/%s", f->path, l->soname),
		.hwcaps = f->hwcaps,
		.flags = l->flags,
		.order = w->nentries,
	};
	w->nentries++;
}

/* The link from a soname to the library that has it, unless it is there. */
static int add_link(struct ldcache_work *w, const struct library_directory *f,
		    const struct library *l, struct hull_err *e)
{
	const char *path = hull_arena_printf(&w->arena, "%s/%s", f->path, l->soname);
	int library = hull_tree_child(w->t, f->node, l->name, strlen(l->name));
	int old = hull_tree_find(w->t, path), now, real, node;

	if (old == library)
		return 0;
	now = hull_tree_follow(w->t, path);
	real = hull_tree_follow(w->t, hull_tree_path(w->t, library, &w->arena));
	if (now >= 0 && w->t->v[now].inode == w->t->v[real].inode)
		return 0;
	if (old >= 0 && !S_ISLNK(w->t->v[old].mode))
		return 0;
	if (old >= 0)
		hull_tree_remove(w->t, old);
	node = hull_tree_add(w->t, path, e);
	if (node < 0)
		return -1;
	hull_tree_set_symlink(w->t, node, l->name);
	w->t->v[node].owner = w->t->v[real].owner;
	w->t->v[node].mtime = w->t->v[real].mtime;
	return 0;
}

/* Of several files with one soname, a file goes before a link and the highest number counts. */
static void choose(struct library **v, size_t *n, size_t *cap, const struct library *l)
{
	for (size_t i = 0; i < *n; i++) {
		struct library *old = &(*v)[i];

		if (strcmp(old->soname, l->soname) != 0)
			continue;
		if ((!l->is_link && old->is_link) ||
		    (l->is_link == old->is_link && compare_names(old->name, l->name) < 0))
			*old = *l;
		return;
	}
	*v = hull_grow(*v, cap, *n, sizeof **v);
	(*v)[(*n)++] = *l;
}

static int scan_directory(struct ldcache_work *w, const struct library_directory *f,
			  struct hull_err *e)
{
	hull_autofree struct library *v = NULL;
	size_t n = 0, cap = 0;

	for (int i = w->t->v[f->node].first_child; i >= 0; i = w->t->v[i].next_sibling) {
		struct library l;
		int rc;

		if (!is_library_name(w->t->v[i].name) || S_ISDIR(w->t->v[i].mode))
			continue;
		rc = read_library(w, i, &l, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			choose(&v, &n, &cap, &l);
	}
	for (size_t i = 0; i < n; i++) {
		if (!v[i].is_link && add_link(w, f, &v[i], e) < 0)
			return -1;
		add_entry(w, f, &v[i]);
	}
	return 0;
}

/* --- the file --- */

static int by_cache_order(const void *a, const void *b)
{
	const struct cache_entry *x = a, *y = b;
	int names = compare_names(y->key, x->key);

	if (names)
		return names;
	if (x->flags != y->flags)
		return x->flags < y->flags ? 1 : -1;
	if (!x->hwcaps != !y->hwcaps)
		return x->hwcaps ? -1 : 1;
	names = x->hwcaps ? strcmp(x->hwcaps, y->hwcaps) : 0;
	return names ? names : (x->order > y->order) - (x->order < y->order);
}

/* By their ends, backwards, the longer first, so that a string follows the one that it is the end
 * of. */
static int by_end(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t n = strlen(x), m = strlen(y);

	while (n && m) {
		unsigned char c = (unsigned char)x[--n], d = (unsigned char)y[--m];

		if (c != d)
			return d - c;
	}
	return n ? -1 : m ? 1 : 0;
}

struct strings {
	const char **v; /* sorted by_end */
	uint32_t *offset;
	size_t n;
	struct hull_buf bytes;
};

static void lay_out_strings(struct strings *s)
{
	qsort(s->v, s->n, sizeof *s->v, by_end);
	s->offset = hull_alloc_array(s->n + 1, sizeof *s->offset);
	for (size_t i = 0; i < s->n; i++) {
		if (i && hull_ends(s->v[i - 1], s->v[i])) {
			s->offset[i] = (uint32_t)(s->offset[i - 1] + strlen(s->v[i - 1]) -
						  strlen(s->v[i]));
			continue;
		}
		s->offset[i] = (uint32_t)s->bytes.n;
		hull_buf_add(&s->bytes, s->v[i], strlen(s->v[i]) + 1);
	}
}

static uint32_t string_offset(const struct strings *s, const char *text)
{
	const char **found = bsearch(&text, s->v, s->n, sizeof *s->v, by_end);

	hull_assert(found);
	return s->offset[found - s->v];
}

static void collect_strings(const struct ldcache_work *w, const struct hull_strv *hwcaps,
			    struct strings *s)
{
	s->v = hull_alloc_array(w->nentries * 2 + hwcaps->n + 1, sizeof *s->v);
	for (size_t i = 0; i < w->nentries; i++) {
		s->v[s->n++] = w->entries[i].key;
		s->v[s->n++] = w->entries[i].value;
	}
	for (size_t i = 0; i < hwcaps->n; i++)
		s->v[s->n++] = hwcaps->v[i];
	lay_out_strings(s);
}

static void add_u32(struct hull_buf *out, uint32_t n)
{
	unsigned char bytes[4];

	hull_put_le32(bytes, n);
	hull_buf_add(out, bytes, sizeof bytes);
}

static void add_u64(struct hull_buf *out, uint64_t n)
{
	add_u32(out, (uint32_t)n);
	add_u32(out, (uint32_t)(n >> 32));
}

static uint64_t hwcap_of(const struct cache_entry *i, const struct hull_strv *hwcaps)
{
	for (size_t n = 0; i->hwcaps && n < hwcaps->n; n++)
		if (!strcmp(hwcaps->v[n], i->hwcaps))
			return HWCAP_EXTENSION | n;
	return 0;
}

static void build(struct ldcache_work *w, struct hull_buf *out)
{
	hull_autostrv struct hull_strv hwcaps = {0};
	struct strings s = {0};
	uint32_t base = (uint32_t)(HEADER_BYTES + w->nentries * ENTRY_BYTES), end;

	qsort(w->entries, w->nentries, sizeof *w->entries, by_cache_order);
	for (size_t i = 0; i < w->nentries; i++)
		if (w->entries[i].hwcaps)
			hull_strv_add(&hwcaps, w->entries[i].hwcaps);
	hull_strv_sort(&hwcaps);
	collect_strings(w, &hwcaps, &s);
	end = (base + (uint32_t)s.bytes.n + 3) & ~UINT32_C(3);

	hull_buf_adds(out, CACHE_MAGIC);
	add_u32(out, (uint32_t)w->nentries);
	add_u32(out, (uint32_t)s.bytes.n);
	add_u32(out, LITTLE_ENDIAN_CACHE);
	add_u32(out, hwcaps.n ? end : 0);
	for (int i = 0; i < 3; i++)
		add_u32(out, 0);
	hull_assert(out->n == HEADER_BYTES);
	for (size_t i = 0; i < w->nentries; i++) {
		add_u32(out, w->entries[i].flags);
		add_u32(out, base + string_offset(&s, w->entries[i].key));
		add_u32(out, base + string_offset(&s, w->entries[i].value));
		add_u32(out, 0);
		add_u64(out, hwcap_of(&w->entries[i], &hwcaps));
	}
	hull_assert(out->n == base);
	hull_buf_add(out, s.bytes.p, s.bytes.n);
	if (hwcaps.n) {
		while (out->n < end)
			hull_buf_addc(out, '\0');
		add_u32(out, EXTENSION_MAGIC);
		add_u32(out, 1);
		add_u32(out, EXTENSION_HWCAPS);
		add_u32(out, 0);
		add_u32(out, end + 24);
		add_u32(out, (uint32_t)hwcaps.n * 4);
		for (size_t i = 0; i < hwcaps.n; i++)
			add_u32(out, base + string_offset(&s, hwcaps.v[i]));
	}
	free(s.v);
	free(s.offset);
	hull_buf_fini(&s.bytes);
}

static int write_cache(struct ldcache_work *w, struct hull_err *e)
{
	hull_autobuf struct hull_buf out = {0};

	build(w, &out);
	return hull_tree_put_file(w->t, CACHE, out.p, out.n, 0644, w->newest, e) < 0 ? -1 : 0;
}

int hull_ldcache_add(struct hull_tree *t, struct hull_err *e)
{
	struct ldcache_work w = {.t = t};
	int rc = list_directories(&w, e);

	for (size_t i = 0; rc == 0 && i < w.ndirectories; i++)
		rc = scan_directory(&w, &w.directories[i], e);
	if (rc == 0 && w.nentries)
		rc = write_cache(&w, e);
	free(w.directories);
	free(w.entries);
	hull_arena_fini(&w.arena);
	return rc;
}
