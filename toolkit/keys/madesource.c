// SPDX-License-Identifier: MIT
#include "keys/madesource.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "keys/modulesign.h"
#include "keys/signaturetar.h"
#include "rpm/rpmfile.h"
#include "source/origin.h"
#include "source/source.h"

enum { MAX_MODULE = 256 << 20 };

/* A source, taken apart: "key:NAME/certificate.pem", "signatures:NAME/PACKAGE.tar". */
struct made_source {
	const char *key;     /* name */
	const char *package; /* "": it is the certificate */
	struct hull_arena arena;
};

const struct hull_spec *hull_made_copy(const struct hull_spec *spec, struct hull_arena *a)
{
	struct hull_spec *copy;
	bool made = false;

	for (size_t i = 0; i < spec->nsources; i++)
		made = made || hull_source_is_made(&spec->sources[i]);
	if (!made)
		return spec;
	copy = hull_arena_alloc(a, sizeof *copy);
	*copy = *spec;
	copy->sources = hull_arena_array(a, spec->nsources, sizeof *copy->sources);
	memcpy(copy->sources, spec->sources, spec->nsources * sizeof *copy->sources);
	return copy;
}

static int take_apart(const char *url, struct made_source *out, struct hull_err *e)
{
	const char *name = strchr(url, ':') + 1, *slash = strchr(name, '/');
	bool signatures = hull_starts(url, "signatures:");

	*out = (struct made_source){.key = "", .package = ""};
	if (!slash || slash == name || strchr(slash + 1, '/') ||
	    (signatures ? !hull_ends(slash + 1, ".tar") : strcmp(slash, "/certificate.pem") != 0))
		return hull_fail(
			e, HULL_FAILED,
			"hull makes key:NAME/certificate.pem and signatures:NAME/PACKAGE.tar");
	out->key = hull_arena_strndup(&out->arena, name, (size_t)(slash - name));
	if (signatures)
		out->package = hull_arena_strndup(&out->arena, slash + 1,
						  strlen(slash + 1) - strlen(".tar"));
	return 0;
}

/* A new source in the store. */
static int store_source(const struct hull_store *s, struct hull_spec_source *source,
			const char *sha256, const struct hull_buf *content, struct hull_err *e)
{
	hull_autofree char *dir = NULL, *file = NULL;

	if (!hull_store_has(s, HULL_STORE_SOURCE, sha256)) {
		dir = hull_store_tmp(s, e);
		if (!dir)
			return -1;
		file = hull_asprintf("%s/source", dir);
		if (hull_file_write(s->fd, file, content->p, content->n, 0444, e) < 0 ||
		    hull_source_set_origin(s, sha256, source->url, e) < 0 ||
		    hull_store_add(s, file, HULL_STORE_SOURCE, sha256, e) < 0)
			return -1;
	}
	return 0;
}

static int bind(const struct hull_made_request *r, struct hull_spec_source *source,
		const struct hull_buf *content, struct hull_arena *a, struct hull_err *e)
{
	char sha256[HULL_HEX];

	hull_hash_bytes(content->p, content->n, sha256);
	if (store_source(r->store, source, sha256, content, e) < 0)
		return -1;
	source->sha256 = hull_arena_strdup(a, sha256);
	return 0;
}

/* --- signatures --- */

/* What is signed is what the header has the digest of. */
static int read_module(const struct hull_made_request *r, const struct hull_package *p,
		       const struct hull_file *f, struct hull_buf *out, struct hull_err *e)
{
	struct hull_store_path tree = hull_store_path(HULL_STORE_UNPACKED, p->sha256);
	hull_autofree char *path = hull_asprintf("%s%s", tree.path, f->path);
	hull_autofd int fd = -1;
	char sha256[HULL_HEX];

	if (f->size_bytes > MAX_MODULE)
		return hull_fail(e, HULL_FAILED, "a module of more than %d MiB", MAX_MODULE >> 20);
	fd = openat(r->store->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return hull_fail_errno(e, "%s/%s", r->store->path, path);
	if (hull_fd_read(fd, out, e) < 0)
		return hull_wrap(e, "%s/%s: ", r->store->path, path);
	hull_hash_bytes(out->p, out->n, sha256);
	if (!f->digest || strcmp(sha256, f->digest) != 0)
		return hull_fail(e, HULL_FAILED, "%s/%s: is not what the package has there",
				 r->store->path, path);
	return 0;
}

static int sign_module(const struct hull_made_request *r, const struct hull_package *p,
		       const struct hull_file *f, const struct hull_key *key,
		       struct hull_signature_tar *tar, struct hull_err *e)
{
	hull_autofree char *name = hull_asprintf("%s" HULL_MODULE_SIGNATURE, f->path + 1);
	hull_autobuf struct hull_buf module = {0}, signature = {0};

	if (read_module(r, p, f, &module, e) < 0 ||
	    hull_module_sign(key, &module, &signature, e) < 0 ||
	    hull_signature_tar_add(tar, name, &signature, e) < 0)
		return hull_wrap(e, "%s: ", f->path);
	return 0;
}

static int sign_package(const struct hull_made_request *r, const struct hull_package *p,
			const struct hull_key *key, struct hull_buf *out, struct hull_err *e)
{
	struct hull_signature_tar tar;
	int result;

	/* what is signed has the bytes that were built */
	if (hull_rpms_intact(r->store, &p->sha256, 1, true, e) < 0 ||
	    hull_signature_tar_init(&tar, out, e) < 0)
		return -1;
	result = 0;
	for (size_t i = 0; i < p->nfiles && result == 0; i++)
		if (S_ISREG(p->files[i].mode) && hull_ends(p->files[i].path, ".ko"))
			result = sign_module(r, p, &p->files[i], key, &tar, e);
	if (result == 0)
		result = hull_signature_tar_end(&tar, e);
	hull_signature_tar_fini(&tar);
	return result;
}

static const char *digest_of(const struct hull_built_packages *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].name && !strcmp(list->v[i].name, name))
			return list->v[i].sha256;
	return NULL;
}

static const char *built_source(const struct hull_build_record *r, const char *file)
{
	for (size_t i = 0; r->json && i < r->sources.n; i++)
		if (r->sources.v[i].file && !strcmp(r->sources.v[i].file, file))
			return r->sources.v[i].sha256;
	return NULL;
}

/* The signatures of the last build, if they are of this very package with this very certificate: who
 * has no key uses those, and nothing is signed twice. */
static const char *signed_before(const struct hull_made_request *r, const struct hull_spec *spec,
				 const struct hull_spec_source *source,
				 const struct hull_package *p)
{
	const char *old = built_source(r->latest, source->file);
	const char *package = digest_of(&r->latest->root, p->name);
	bool same = false;

	if (!old || !package || strcmp(package, p->sha256) != 0 ||
	    !hull_store_has(r->store, HULL_STORE_SOURCE, old))
		return NULL;
	for (size_t i = 0; i < spec->nsources; i++) {
		const struct hull_spec_source *s = &spec->sources[i];
		const char *then =
			hull_starts(s->url, "key:") ? built_source(r->latest, s->file) : NULL;

		same = same || (then && s->sha256 && !strcmp(then, s->sha256));
	}
	return same ? old : NULL;
}

static int bind_signatures(const struct hull_made_request *r, const struct hull_spec *spec,
			   struct hull_spec_source *source, const struct made_source *m,
			   struct hull_arena *a, struct hull_err *e)
{
	hull_autobuf struct hull_buf tar = {0};
	const struct hull_package *p = NULL;
	struct hull_key key;
	const char *before;
	int result;

	for (size_t i = 0; i < r->nsignable; i++)
		if (!strcmp(r->signable[i].name, m->package))
			p = &r->signable[i];
	if (!p)
		return hull_fail(
			e, HULL_FAILED,
			"only packages of the spec 'kernel' that are in the build root are "
			"signed, and '%s' is none",
			m->package);
	before = signed_before(r, spec, source, p);
	if (before) {
		source->sha256 = hull_arena_strdup(a, before);
		return 0;
	}
	result = hull_keyring_open(r->keyring, m->key, &key, e);
	if (result <= 0)
		return result;
	if (key.secret)
		result = sign_package(r, p, &key, &tar, e) < 0 ? -1 : bind(r, source, &tar, a, e);
	else if (r->keyring->use != HULL_KEYRING_LOOK)
		result = hull_fail(
			e, HULL_FAILED,
			"%s/%s has a certificate, but no private key: whoever has that signs "
			"%s, see 'External signers' in toolkit/docs/kernel.md",
			r->keyring->path, m->key, m->package);
	hull_key_fini(&key);
	return result < 0 ? -1 : 0;
}

static int bind_certificate(const struct hull_made_request *r, struct hull_spec_source *source,
			    const struct made_source *m, struct hull_arena *a, struct hull_err *e)
{
	hull_autobuf struct hull_buf pem = {0};
	struct hull_key key;
	int result = hull_keyring_open(r->keyring, m->key, &key, e);

	if (result <= 0)
		return result;
	hull_key_pem(&key, &pem);
	result = bind(r, source, &pem, a, e);
	hull_key_fini(&key);
	return result;
}

static int bind_one(const struct hull_made_request *r, const struct hull_spec *spec, size_t i,
		    bool signatures, struct hull_arena *a, struct hull_err *e)
{
	struct hull_spec_source *source = &spec->sources[i];
	struct made_source m;
	int result = 0;

	if (!hull_source_is_made(source) || hull_starts(source->url, "signatures:") != signatures)
		return 0;
	result = take_apart(source->url, &m, e);
	if (result == 0)
		result = signatures ? bind_signatures(r, spec, source, &m, a, e)
				    : bind_certificate(r, source, &m, a, e);
	hull_arena_fini(&m.arena);
	return result < 0 ? hull_wrap(e, "%s:%d: %s: ", spec->path, source->line, source->url) : 0;
}

int hull_made_bind(const struct hull_made_request *r, const struct hull_spec *spec,
		   struct hull_arena *a, struct hull_err *e)
{
	/* certificates first: they say whether the last signatures serve again */
	for (int signatures = 0; signatures < 2; signatures++)
		for (size_t i = 0; i < spec->nsources; i++)
			if (bind_one(r, spec, i, signatures, a, e) < 0)
				return -1;
	return 0;
}
