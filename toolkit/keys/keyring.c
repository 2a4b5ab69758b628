// SPDX-License-Identifier: MIT
#include "keys/keyring.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "keys/certificate.h"
#include "keys/publickey.h"

enum { MODULE_KEY_BITS = 4096, LEAST_BITS = 2048, MAX_PEM = 64 << 10 };

static const char module_key[] = "module", key_file[] = "key.pem",
		  certificate_file[] = "certificate.pem";

int hull_keyring_init(struct hull_keyring *k, struct hull_err *e)
{
	const char *v;

	*k = (struct hull_keyring){0};
	if ((v = hull_env("HULL_KEYS"))) {
		if (*v != '/')
			return hull_fail(e, HULL_USAGE, "HULL_KEYS: '%s' is no absolute path", v);
		k->path = hull_strdup(v);
	} else if ((v = hull_env("XDG_CONFIG_HOME")) && *v == '/') {
		k->path = hull_asprintf("%s/hull/keys", v);
	} else if ((v = hull_env("HOME"))) {
		k->path = hull_asprintf("%s/.config/hull/keys", v);
	} else {
		return hull_fail(e, HULL_FAILED, "no place for keys: set HULL_KEYS or HOME");
	}
	return 0;
}

void hull_keyring_fini(struct hull_keyring *k)
{
	free(k->path);
	*k = (struct hull_keyring){0};
}

void hull_key_fini(struct hull_key *key)
{
	EVP_PKEY_free(key->secret);
	X509_free(key->certificate);
	*key = (struct hull_key){0};
}

void hull_key_pem(const struct hull_key *key, struct hull_buf *out)
{
	hull_certificate_pem(key->certificate, out);
}

/* --- what is there --- */

/* A file of the key: 1, or 0 if there is none. Nobody but its owner may do what is in `others`. */
static int read_file(const char *path, mode_t others, struct hull_buf *out, struct hull_err *e)
{
	hull_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return hull_fail_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_PEM)
		return hull_fail(e, HULL_FAILED, "%s: is no file of a key", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return hull_fail(e, HULL_FAILED, "%s: belongs to somebody else (user %u)", path,
				 (unsigned int)st.st_uid);
	if (st.st_mode & others)
		return hull_fail(e, HULL_FAILED,
				 "%s: has mode %04o: others can %s it (chmod %s makes it safe)",
				 path, (unsigned int)st.st_mode & 07777,
				 st.st_mode & others & 022 ? "change" : "read",
				 others & 044 ? "600" : "go-w");
	if (hull_fd_read(fd, out, e) < 0)
		return hull_wrap(e, "%s: ", path);
	return 1;
}

/* Who can write to a directory can put another key there. */
static int check_directory(const char *path, struct hull_err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : hull_fail_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return hull_fail(e, HULL_FAILED, "%s: is no directory", path);
	if ((st.st_uid != geteuid() && st.st_uid != 0) || st.st_mode & 022)
		return hull_fail(e, HULL_FAILED,
				 "%s: others can put keys there (mode %04o, user %u)", path,
				 (unsigned int)st.st_mode & 07777, (unsigned int)st.st_uid);
	return 0;
}

static int check_pair(const struct hull_key *key, const char *directory, struct hull_err *e)
{
	EVP_PKEY *verifier = X509_get0_pubkey(key->certificate);

	if (!verifier || !EVP_PKEY_is_a(verifier, "RSA") ||
	    EVP_PKEY_get_bits(verifier) < LEAST_BITS)
		return hull_fail(e, HULL_FAILED, "%s/%s: is not of an RSA key of %d bits or more",
				 directory, certificate_file, LEAST_BITS);
	if (key->secret && EVP_PKEY_eq(verifier, key->secret) != 1)
		return hull_fail(e, HULL_FAILED, "%s: %s is of another key than %s", directory,
				 certificate_file, key_file);
	return 0;
}

static int read_pair(const char *directory, struct hull_key *out, struct hull_err *e)
{
	hull_autofree char *key = hull_asprintf("%s/%s", directory, key_file);
	hull_autofree char *certificate = hull_asprintf("%s/%s", directory, certificate_file);
	hull_autobuf struct hull_buf secret = {0}, text = {0};
	int has_key = read_file(key, 077, &secret, e), has_certificate;

	if (has_key < 0)
		return -1;
	has_certificate = read_file(certificate, 022, &text, e);
	if (has_certificate < 0)
		return -1;
	if (!has_certificate && has_key)
		return hull_fail(e, HULL_FAILED, "%s: there is a %s beside it, but no certificate",
				 certificate, key_file);
	if (!has_certificate)
		return 0;
	out->certificate = hull_certificate_read(&text, certificate, e);
	if (!out->certificate)
		return -1;
	if (has_key) {
		out->secret = hull_private_key_read(&secret, key, e);
		OPENSSL_cleanse(secret.p, secret.n);
		if (!out->secret)
			return -1;
	}
	return check_pair(out, directory, e) < 0 ? -1 : 1;
}

/* --- a new one --- */

static int write_pair(const char *directory, const struct hull_key *key, struct hull_err *e)
{
	hull_autofree char *secret = hull_asprintf("%s/%s", directory, key_file);
	hull_autofree char *certificate_path = hull_asprintf("%s/%s", directory, certificate_file);
	hull_autobuf struct hull_buf pem = {0}, certificate = {0};
	int r;

	hull_private_key_pem(key->secret, &pem);
	hull_certificate_pem(key->certificate, &certificate);
	r = hull_file_write(AT_FDCWD, secret, pem.p, pem.n, 0600, e);
	OPENSSL_cleanse(pem.p, pem.n);
	return r < 0 ? -1
		     : hull_file_write(AT_FDCWD, certificate_path, certificate.p, certificate.n,
				       0644, e);
}

/* Both files at once, or, if somebody else was quicker, none. */
static int place(const struct hull_keyring *k, const char *directory, const struct hull_key *key,
		 struct hull_err *e)
{
	hull_autofree char *fresh = hull_asprintf("%s/.new-XXXXXX", k->path);
	int r;

	if (hull_mkdirs(AT_FDCWD, k->path, 0700, e) < 0)
		return -1;
	if (!mkdtemp(fresh))
		return hull_fail_errno(e, "%s", fresh);
	r = write_pair(fresh, key, e);
	if (r == 0 && rename(fresh, directory) == 0) {
		hull_log(
			k->progress,
			"made the key of this builder for kernel modules: %s; keep a copy of it in a "
			"safe place",
			directory);
		return 0;
	}
	if (r == 0 && errno != EEXIST && errno != ENOTEMPTY)
		r = hull_fail_errno(e, "%s -> %s", fresh, directory);
	hull_ignore(hull_remove_tree(AT_FDCWD, fresh, NULL));
	return r;
}

static int make(const struct hull_keyring *k, const char *directory, struct hull_err *e)
{
	struct hull_key key = {.secret = EVP_RSA_gen(MODULE_KEY_BITS)};
	int r = -1;

	if (!key.secret)
		return hull_fail_crypto(e, "a new RSA key");
	key.certificate = hull_certificate_new(key.secret, "Hull kernel modules", e);
	if (key.certificate)
		r = place(k, directory, &key, e);
	hull_key_fini(&key);
	return r;
}

/* --- the keyring --- */

static int open_public(struct hull_key *out, struct hull_err *e)
{
	out->secret = hull_public_key(e);
	if (!out->secret)
		return -1;
	out->certificate = hull_certificate_new(out->secret, "Hull kernel modules (public key)", e);
	return out->certificate ? 1 : -1;
}

static int open_own(const struct hull_keyring *k, const char *name, struct hull_key *out,
		    struct hull_err *e)
{
	hull_autofree char *directory = hull_asprintf("%s/%s", k->path, name);
	int r;

	if (check_directory(k->path, e) < 0 || check_directory(directory, e) < 0)
		return -1;
	r = read_pair(directory, out, e);
	if (r != 0 || k->use == HULL_KEYRING_LOOK)
		return r;
	if (k->use == HULL_KEYRING_NEED)
		return hull_fail(
			e, HULL_FAILED,
			"%s: is not there: who builds the same bytes again needs this key, or "
			"its certificate and the signatures",
			directory);
	return make(k, directory, e) < 0 ? -1 : read_pair(directory, out, e);
}

int hull_keyring_open(const struct hull_keyring *k, const char *name, struct hull_key *out,
		      struct hull_err *e)
{
	int r;

	*out = (struct hull_key){0};
	if (strcmp(name, module_key) != 0)
		return hull_fail(e, HULL_FAILED, "there is no key '%s', only '%s'", name,
				 module_key);
	r = k->public_module_key ? open_public(out, e) : open_own(k, name, out, e);
	if (r < 0)
		hull_key_fini(out);
	return r;
}

void hull_keyring_state(const struct hull_keyring *k, char out[HULL_HEX])
{
	hull_autofree char *path = hull_asprintf("%s/%s/%s", k->path, module_key, certificate_file);
	char hex[HULL_HEX] = "";

	/* what cannot be read is found when it is needed */
	if (!k->public_module_key)
		hull_ignore(hull_hash_file(AT_FDCWD, path, hex, NULL, NULL));
	hull_hash_bytes(k->public_module_key ? "public" : hex,
			k->public_module_key ? 6 : strlen(hex), out);
}
