// SPDX-License-Identifier: MIT
#include "image/tar.h"

#define ZLIB_CONST
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "text/json.h"

#define MEDIA "application/vnd.oci.image."

enum {
	BUFFER_BYTES = 256 * 1024,
	LEVEL = 4, /* as for images: half the time of 6 for 3% more bytes */
	GZIP = 16, /* zlib: added to the window bits */
};

/* --- the layer: a tar archive, compressed as it comes --- */

struct layer {
	int fd; /* in memory: an output is written forward, and the layer's digest comes first */
	z_stream deflate;
	struct hull_hash *plain, *packed;
	uint64_t packed_bytes;
	char diff_id[HULL_HEX], digest[HULL_HEX];
	uint8_t buffer[BUFFER_BYTES];
};

static int deflate_bytes(struct layer *l, const void *p, size_t n, int flush, struct hull_err *e)
{
	l->deflate.next_in = p;
	l->deflate.avail_in = (uInt)n;
	do {
		size_t part;

		l->deflate.next_out = l->buffer;
		l->deflate.avail_out = BUFFER_BYTES;
		hull_assert(deflate(&l->deflate, flush) != Z_STREAM_ERROR);
		part = BUFFER_BYTES - l->deflate.avail_out;
		hull_hash_add(l->packed, l->buffer, part);
		l->packed_bytes += part;
		if (hull_fd_write(l->fd, l->buffer, part, e) < 0)
			return hull_wrap(e, "layer: ");
	} while (l->deflate.avail_out == 0);
	return 0;
}

static int add_bytes(void *context, const void *p, size_t n, struct hull_err *e)
{
	struct layer *l = context;

	hull_hash_add(l->plain, p, n);
	return deflate_bytes(l, p, n, Z_NO_FLUSH, e);
}

/* In a layer a name that begins so takes a file away. */
static int check_names(const struct hull_tree *t, struct hull_err *e)
{
	struct hull_arena a = {0};
	int r = 0;

	for (int i = HULL_TREE_ROOT; r == 0 && i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (hull_starts(t->v[i].name, ".wh."))
			r = hull_fail(
				e, HULL_FAILED,
				"layer: %s: a name that begins with .wh. says in an OCI image "
				"that a file is gone; no layer can have such a file",
				hull_tree_path(t, i, &a));
	hull_arena_fini(&a);
	return r;
}

static int make_layer(const struct hull_tree *t, struct layer *l, struct hull_err *e)
{
	if (check_names(t, e) < 0)
		return -1;
	l->fd = memfd_create("layer", MFD_CLOEXEC);
	if (l->fd < 0)
		return hull_fail_errno(e, "layer");
	/* Without deflateSetHeader gzip has no name and the time 0. */
	hull_assert(deflateInit2(&l->deflate, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP, MAX_MEM_LEVEL,
				 Z_DEFAULT_STRATEGY) == Z_OK);
	l->plain = hull_hash_new();
	l->packed = hull_hash_new();
	if (hull_tar_stream(t, add_bytes, l, e) < 0 || deflate_bytes(l, "", 0, Z_FINISH, e) < 0)
		return -1;
	hull_hash_hex(l->plain, l->diff_id);
	hull_hash_hex(l->packed, l->digest);
	return 0;
}

static void layer_free(struct layer *l)
{
	deflateEnd(&l->deflate);
	hull_hash_free(l->plain);
	hull_hash_free(l->packed);
	hull_closep(&l->fd);
	hull_freep(&l);
}

/* --- documents --- */

/* GOARCH, as the specification asks. */
static const char *architecture(const char *arch)
{
	if (!strcmp(arch, "x86_64"))
		return "amd64";
	return !strcmp(arch, "aarch64") ? "arm64" : arch;
}

static void set_strings(json_t *obj, const char *key, const struct hull_strv *v)
{
	json_t *list;

	if (!v->n)
		return;
	list = json_array();
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(list, json_string(v->v[i]));
	json_object_set_new(obj, key, list);
}

static json_t *make_config(const struct hull_image_config *c, const char *arch, int64_t time,
			   const struct layer *l)
{
	struct hull_arena arena = {0};
	const char *created = hull_time_text(&arena, time);
	json_t *run = json_object(), *config;

	set_strings(run, "Entrypoint", &c->entrypoint);
	set_strings(run, "Cmd", &c->command);
	set_strings(run, "Env", &c->environment);
	hull_json_set(run, "WorkingDir", c->working_dir);
	hull_json_set(run, "User", c->user);
	config = json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:[o]}, s:[{s:s, s:s}]}", "created",
			   created, "architecture", architecture(arch), "os", "linux", "config",
			   run, "rootfs", "type", "layers", "diff_ids",
			   json_sprintf("sha256:%s", l->diff_id), "history", "created", created,
			   "created_by", "hull image");
	hull_arena_fini(&arena);
	return config;
}

static json_t *descriptor(const char *media_type, const char *digest, uint64_t size)
{
	return json_pack("{s:s, s:o, s:I}", "mediaType", media_type, "digest",
			 json_sprintf("sha256:%s", digest), "size", (json_int_t)size);
}

static json_t *make_manifest(json_t *config, const struct layer *l)
{
	return json_pack("{s:i, s:s, s:o, s:[o]}", "schemaVersion", 2, "mediaType",
			 MEDIA "manifest.v1+json", "config", config, "layers",
			 descriptor(MEDIA "layer.v1.tar+gzip", l->digest, l->packed_bytes));
}

/* containerd has a name of its own for what the image is called; the other is skopeo's. */
static json_t *make_index(json_t *manifest, const char *arch, const char *reference)
{
	json_object_set_new(
		manifest, "platform",
		json_pack("{s:s, s:s}", "architecture", architecture(arch), "os", "linux"));
	json_object_set_new(manifest, "annotations",
			    json_pack("{s:s, s:s}", "org.opencontainers.image.ref.name", reference,
				      "io.containerd.image.name", reference));
	return json_pack("{s:i, s:s, s:[o]}", "schemaVersion", 2, "mediaType",
			 MEDIA "index.v1+json", "manifests", manifest);
}

/* --- the archive: a tree again --- */

/* Adds a document (its reference is taken) under a name, or as a blob, and describes it. */
static json_t *add_document(struct hull_tree *out, const char *path, json_t *document,
			    const char *media_type)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autofree char *blob = NULL;
	char digest[HULL_HEX];
	struct hull_err e;
	int node;

	hull_json_text(document, false, &text);
	json_decref(document);
	hull_hash_bytes(text.p, text.n, digest);
	blob = hull_asprintf("/blobs/sha256/%s", digest);
	node = hull_tree_put_file(out, path ? path : blob, text.p, text.n, 0644, 0, &e);
	hull_assert(node >= 0);
	return descriptor(media_type, digest, text.n);
}

static void add_layer(struct hull_tree *out, const struct layer *l)
{
	hull_autofree char *blob = hull_asprintf("/blobs/sha256/%s", l->digest);
	struct hull_err e;
	int node = hull_tree_put_file(out, blob, NULL, 0, 0644, 0, &e);

	hull_assert(node >= 0);
	out->v[node].size_bytes = l->packed_bytes;
	out->v[node].content = (struct hull_content){
		.dirfd = -1, .path = hull_arena_printf(&out->arena, "/proc/self/fd/%d", l->fd)};
}

static void make_layout(const struct hull_image_config *c, const char *arch, const char *reference,
			int64_t time, const struct layer *l, struct hull_tree *out)
{
	json_t *config, *manifest;

	hull_tree_init(out);
	add_layer(out, l);
	config = add_document(out, NULL, make_config(c, arch, time, l), MEDIA "config.v1+json");
	manifest = add_document(out, NULL, make_manifest(config, l), MEDIA "manifest.v1+json");
	json_decref(add_document(out, "/index.json", make_index(manifest, arch, reference), ""));
	json_decref(add_document(out, "/oci-layout",
				 json_pack("{s:s}", "imageLayoutVersion", "1.0.0"), ""));
	for (size_t i = 0; i < out->n; i++)
		out->v[i].mtime = time;
}

int hull_oci_write(const struct hull_tree *t, const struct hull_image_config *c, const char *arch,
		   const char *reference, int64_t time, struct hull_sink *out, struct hull_err *e)
{
	struct layer *l = hull_alloc(sizeof *l);
	struct hull_tree layout;
	int r = make_layer(t, l, e);

	if (r == 0) {
		make_layout(c, arch, reference, time, l, &layout);
		r = hull_tar_write(&layout, out, e);
		hull_tree_fini(&layout);
	}
	layer_free(l);
	return r;
}
