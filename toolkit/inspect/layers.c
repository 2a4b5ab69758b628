// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "inspect/archive.h"
#include "system/confdir.h"
#include "text/json.h"

/*
 * Images of containers: the OCI image layout (image-spec 1.1, image-layout.md, manifest.md,
 * image-index.md), in a directory or an archive, and the archive of "docker save" (manifest.json).
 * Of several images in one the first is read, and noted.
 */

enum {
	MAX_DOCUMENT = 16 << 20,
	MAX_LAYERS = 250, /* a byte has the number of one */
	MAX_INDEXES = 4,  /* an index may name another */
	MAX_BLOBS = 100000,
};

#define BLOBS "blobs/sha256"

static bool is_file(const struct hull_tree *t, int node)
{
	return node != HULL_NO_NODE && S_ISREG(t->v[t->v[node].inode].mode);
}

static int find_blob(const struct hull_tree *t, const char *digest)
{
	hull_autofree char *path = NULL;
	int node;

	if (!digest || !hull_starts(digest, "sha256:"))
		return HULL_NO_NODE;
	path = hull_asprintf("/" BLOBS "/%s", digest + strlen("sha256:"));
	node = hull_tree_find(t, path);
	return is_file(t, node) ? t->v[node].inode : HULL_NO_NODE;
}

/* e may be NULL, for one that need not be there. */
static json_t *read_document(const char *image, const struct hull_tree *t, int node,
			     const char *what, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	json_error_t error;
	json_t *j;

	if (!is_file(t, node) || t->v[t->v[node].inode].size_bytes > MAX_DOCUMENT) {
		hull_fail(e, HULL_FAILED, "%s: container image: its %s is missing or too large",
			  image, what);
		return NULL;
	}
	if (hull_tree_read(t, node, &text, e) < 0)
		return NULL;
	j = json_loadb(text.p ? text.p : "", text.n, 0, &error);
	if (!j)
		hull_fail(e, HULL_FAILED, "%s: container image: %s:%d:%d: %s", image, what,
			  error.line, error.column, error.text);
	return j;
}

/* --- layers --- */

static int take_layer(struct hull_system *s, const struct hull_tree *files, int node,
		      const char *name, struct hull_archive_budget *b, int layer,
		      struct hull_err *e)
{
	if (!is_file(files, node))
		return hull_fail(e, HULL_FAILED, "%s: container image: layer %s is missing",
				 s->path, name);
	name = hull_arena_printf(&s->arena, "%s: layer %s", s->path, name);
	return hull_archive_take(s, b, name, &files->v[files->v[node].inode], layer, e);
}

static int check_number(const struct hull_system *s, const json_t *layers, struct hull_err *e)
{
	size_t n = json_array_size(layers);

	if (n && n <= MAX_LAYERS)
		return 0;
	return hull_fail(e, HULL_FAILED, "%s: container image: %zu layers", s->path, n);
}

/* --- the OCI image layout --- */

static bool is_index(const json_t *descriptor)
{
	const char *type = json_string_value(json_object_get(descriptor, "mediaType"));

	return type && (strstr(type, ".index.") || strstr(type, ".manifest.list."));
}

static const char *platform(const json_t *descriptor, const char *member)
{
	const json_t *p = json_object_get(descriptor, "platform");
	const char *s = json_string_value(json_object_get(p, member));

	return s ? s : "";
}

/* The first image of an index; what is said about images is listed beside them, as "unknown". */
static const json_t *choose(struct hull_system *s, const json_t *index)
{
	const json_t *list = json_object_get(index, "manifests"), *one, *found = NULL;
	size_t i, n = 0;

	json_array_foreach (list, i, one) {
		if (!strcmp(platform(one, "architecture"), "unknown"))
			continue;
		found = n++ ? found : one;
	}
	if (n > 1)
		hull_system_note(s, "of %zu images in it the first is read%s%s%s%s", n,
				 *platform(found, "os") ? ", " : "", platform(found, "os"),
				 *platform(found, "architecture") ? "/" : "",
				 platform(found, "architecture"));
	return found;
}

static int read_oci(struct hull_system *s, const struct hull_tree *files,
		    struct hull_archive_budget *b, struct hull_err *e)
{
	hull_autojson json_t *j = read_document(
		s->path, files, hull_tree_find(files, "/index.json"), "index.json", e);
	const json_t *layers, *layer;
	bool index = true;
	size_t i;

	for (int n = 0; j && index; n++) {
		const json_t *one = choose(s, j);
		const char *digest = json_string_value(json_object_get(one, "digest"));
		json_t *next = NULL;

		index = is_index(one);
		if (n == MAX_INDEXES)
			return hull_fail(
				e, HULL_FAILED,
				"%s: container image: more than %d indexes that name another",
				s->path, MAX_INDEXES);
		next = read_document(s->path, files, find_blob(files, digest),
				     index ? "index" : "manifest", e);
		json_decref(j);
		j = next;
	}
	layers = json_object_get(j, "layers");
	if (!j || check_number(s, layers, e) < 0)
		return -1;
	json_array_foreach (layers, i, layer) {
		const char *digest = json_string_value(json_object_get(layer, "digest"));

		if (take_layer(s, files, find_blob(files, digest),
			       digest ? digest : "without a digest", b, (int)i + 1, e) < 0)
			return -1;
	}
	return 0;
}

/* --- what "docker save" writes --- */

static int read_docker(struct hull_system *s, const struct hull_tree *files,
		       struct hull_archive_budget *b, struct hull_err *e)
{
	hull_autojson json_t *j = read_document(
		s->path, files, hull_tree_find(files, "/manifest.json"), "manifest.json", e);
	const json_t *layers = json_object_get(json_array_get(j, 0), "Layers"), *layer;
	size_t i;

	if (!j || check_number(s, layers, e) < 0)
		return -1;
	if (json_array_size(j) > 1)
		hull_system_note(s, "of %zu images in it the first is read", json_array_size(j));
	json_array_foreach (layers, i, layer) {
		const char *path = json_string_value(layer);

		/* one that several images have may be a link to the other's */
		if (take_layer(s, files, path ? hull_tree_follow(files, path) : HULL_NO_NODE,
			       path ? path : "without a name", b, (int)i + 1, e) < 0)
			return -1;
	}
	return 0;
}

static bool is_oci(const struct hull_tree *files)
{
	return is_file(files, hull_tree_find(files, "/oci-layout")) &&
	       is_file(files, hull_tree_find(files, "/index.json"));
}

static bool is_docker(const struct hull_tree *files)
{
	hull_autojson json_t *j = read_document("", files, hull_tree_find(files, "/manifest.json"),
						"manifest.json", NULL);

	return json_is_array(json_object_get(json_array_get(j, 0), "Layers"));
}

bool hull_layers_are(const struct hull_tree *files)
{
	return is_oci(files) || is_docker(files);
}

int hull_layers_read(struct hull_system *s, const struct hull_tree *files, uint64_t image_bytes,
		     struct hull_err *e)
{
	struct hull_archive_budget b = {.most = hull_unpacked_most(image_bytes)};
	int r = is_oci(files) ? read_oci(s, files, &b, e) : read_docker(s, files, &b, e);

	hull_freep(&b.touched);
	return r;
}

/* --- directories --- */

bool hull_layers_in_directory(const char *path)
{
	hull_autofree char *layout = hull_asprintf("%s/oci-layout", path);
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && hull_exists(AT_FDCWD, layout);
}

/* A file of the directory as one of the tree; what is no regular file is left out. */
static int add_file(struct hull_system *s, struct hull_tree *files, const char *path,
		    uint64_t *bytes, struct hull_err *e)
{
	const char *full = hull_arena_printf(&s->arena, "%s/%s", s->path, path);
	struct stat st;
	int node;

	if (stat(full, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	node = hull_tree_add(files, path, e);
	if (node < 0)
		return -1;
	hull_tree_set_file(files, node, NULL, 0, 0644);
	files->v[node].size_bytes = (uint64_t)st.st_size;
	files->v[node].content = (struct hull_content){.dirfd = AT_FDCWD, .path = full};
	*bytes += (uint64_t)st.st_size;
	return 0;
}

static int add_blobs(struct hull_system *s, struct hull_tree *files, uint64_t *bytes,
		     struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/" BLOBS, s->path);
	DIR *d = opendir(path);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return hull_fail_errno(e, "%s", path);
	while (r == 0 && (entry = readdir(d))) {
		hull_autofree char *name = hull_asprintf(BLOBS "/%s", entry->d_name);

		if (files->n > MAX_BLOBS)
			r = hull_fail(e, HULL_FAILED, "%s: more than %d files", path, MAX_BLOBS);
		else if (hull_is_sha256(entry->d_name))
			r = add_file(s, files, name, bytes, e);
	}
	closedir(d);
	return r;
}

int hull_layers_read_directory(struct hull_system *s, int temp_dirfd, struct hull_err *e)
{
	struct hull_tree files;
	uint64_t bytes = 0;
	int r = -1;

	s->archive_fd = hull_open_unnamed(temp_dirfd, e);
	if (s->archive_fd < 0)
		return -1;
	s->file = hull_arena_printf(&s->arena, "%s/index.json", s->path);
	hull_tree_init(&files);
	if (add_file(s, &files, "oci-layout", &bytes, e) == 0 &&
	    add_file(s, &files, "index.json", &bytes, e) == 0 &&
	    add_blobs(s, &files, &bytes, e) == 0)
		r = hull_layers_read(s, &files, bytes, e);
	hull_tree_fini(&files);
	return r;
}
