// SPDX-License-Identifier: MIT
#include "repo/keys.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "repo/armor.h"
#include "repo/packets.h"

/* --- what gpgv says --- */

/*
 * With --status-fd gpgv writes a block of lines for each signature, "[GNUPG:] NEWSIG" first. Its
 * exit status is no help: it is 0 for keys that have expired or were revoked, and not 0 if one of
 * several signatures is by a key that it does not have.
 */
static const char prefix[] = "[GNUPG:] ";

struct verdict {
	bool by_key; /* of the present signature: by a key that counts, as far as gpgv knows */
	bool good;   /* a signature was good in all */
	bool bad;    /* one is not of these data; gpgv does not look at those behind it */
	struct hull_buf why;
};

/* The n-th word of a line, from 0; the caller frees. */
static char *word_of(const char *line, int n)
{
	const char *word = "";
	size_t len = 0;

	for (int i = 0; i <= n; i++)
		if (!hull_word(&line, &word, &len))
			return hull_strdup("");
	return hull_strndup(word, len);
}

/* RFC 9580, section 9.5: SHA-2 and SHA-3; not MD5, SHA-1, RIPEMD-160. */
static bool is_strong_digest(const char *number)
{
	static const char *const strong[] = {"8", "9", "10", "11", "12", "14"};

	for (size_t i = 0; i < sizeof strong / sizeof *strong; i++)
		if (!strcmp(number, strong[i]))
			return true;
	return false;
}

static void add_reason(struct verdict *v, const char *format, const char *word)
{
	if (v->why.n)
		hull_buf_adds(&v->why, "; ");
	hull_buf_adds(&v->why, format);
	hull_buf_adds(&v->why, word);
}

static void read_status(struct verdict *v, const char *line)
{
	static const struct {
		const char *word, *reason;
	} bad[] = {
		{"BADSIG", "BAD signature by key "},
		{"EXPSIG", "the signature has expired: key "},
		{"EXPKEYSIG", "the key has expired: "},
		{"REVKEYSIG", "the key was revoked: "},
		{"NO_PUBKEY", "by another key: "},
	};
	hull_autofree char *word = word_of(line, 0), *key = word_of(line, 1);

	if (!strcmp(word, "NEWSIG")) {
		v->by_key = false;
	} else if (!strcmp(word, "BADSIG")) {
		v->bad = true;
	} else if (!strcmp(word, "GOODSIG")) {
		v->by_key = true;
	} else if (!strcmp(word, "VALIDSIG") && v->by_key) {
		/* fingerprint, date, two times, version, reserved, algorithm, digest */
		hull_autofree char *digest = word_of(line, 8);

		if (is_strong_digest(digest))
			v->good = true;
		else
			add_reason(v, "the signature's digest is too weak (SHA-1 or older): key ",
				   key);
		v->by_key = false;
	} else if (!strcmp(word, "ERRSIG")) {
		hull_autofree char *cause = word_of(line, 6);

		if (strcmp(cause, "9") != 0) /* of which NO_PUBKEY tells */
			add_reason(v, "the signature cannot be checked: key ", key);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!strcmp(word, bad[i].word))
			add_reason(v, bad[i].reason, key);
}

static void read_statuses(struct verdict *v, const struct hull_buf *text)
{
	for (const char *line = text->p; line && *line;) {
		const char *end = strchrnul(line, '\n');
		hull_autofree char *one = hull_strndup(line, (size_t)(end - line));

		if (hull_starts(one, prefix))
			read_status(v, one + sizeof prefix - 1);
		line = *end ? end + 1 : end;
	}
}

/* --- asking it --- */

static int write_parts(const struct hull_store *s, const char *dir, const struct hull_buf *keys,
		       const struct hull_buf *data, const struct hull_buf *signature,
		       struct hull_err *e)
{
	hull_autofree char *k = hull_asprintf("%s/keys", dir), *d = hull_asprintf("%s/data", dir),
			   *sig = hull_asprintf("%s/signature", dir);

	return hull_file_write(s->fd, k, keys->p, keys->n, 0600, e) < 0 ||
			       hull_file_write(s->fd, d, data->p, data->n, 0600, e) < 0 ||
			       hull_file_write(s->fd, sig, signature->p, signature->n, 0600, e) < 0
		       ? -1
		       : 0;
}

static int ask(const struct hull_store *s, const char *tmp, struct verdict *v, struct hull_err *e)
{
	hull_autofree char *dir = hull_asprintf("%s/%s", s->path, tmp),
			   *keys = hull_asprintf("%s/keys", dir),
			   *data = hull_asprintf("%s/data", dir),
			   *signature = hull_asprintf("%s/signature", dir);
	char *argv[] = {(char *)"gpgv",
			(char *)"--quiet",
			(char *)"--status-fd",
			(char *)"1",
			(char *)"--homedir",
			dir,
			(char *)"--keyring",
			keys,
			signature,
			data,
			NULL};
	hull_autobuf struct hull_buf out = {0};
	int r = hull_run_checked(argv, &out, e);

	read_statuses(v, &out);
	return r < 0 && !out.n ? -1 : 0;
}

static int read_keys(const char *keys, struct hull_buf *out, size_t *out_weak, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0}, ring = {0};

	if (hull_file_read_most(AT_FDCWD, keys, HULL_WRITTEN_BYTES, &text, e) < 0)
		return hull_wrap(e, "keys: ");
	if (hull_dearmor(text.p, text.n, &ring, e) < 0 ||
	    hull_packets_strong_keys(&ring, out, out_weak, e) < 0)
		return hull_wrap(e, "keys %s: ", keys);
	if (!out->n)
		return hull_fail(e, HULL_FAILED, "keys %s: %s", keys,
				 *out_weak ? "all are too weak (RSA or DSA below 2048 bits)"
					   : "there is no public key in it");
	return 0;
}

int hull_keys_verify(const struct hull_store *s, const char *keys, const struct hull_buf *data,
		     const struct hull_buf *signature, struct hull_err *e)
{
	hull_autobuf struct hull_buf ring = {0}, sig = {0};
	hull_autofree char *tmp = NULL;
	struct verdict v = {0};
	size_t weak = 0;
	int r;

	if (read_keys(keys, &ring, &weak, e) < 0)
		return -1;
	if (hull_dearmor(signature->p, signature->n, &sig, e) < 0 ||
	    hull_packets_check_signatures(&sig, e) < 0)
		return hull_wrap(e, "signature: ");
	tmp = hull_store_tmp(s, e);
	if (!tmp)
		return -1;
	r = write_parts(s, tmp, &ring, data, &sig, e);
	if (r == 0)
		r = ask(s, tmp, &v, e);
	if (r == 0 && (!v.good || v.bad))
		r = hull_fail(e, HULL_FAILED, "no good signature by a key in %s: %s%s", keys,
			      v.why.n ? v.why.p : "gpgv knows none",
			      weak ? " (some keys there are too weak to count: RSA or DSA below "
				     "2048 bits)"
				   : "");
	hull_buf_fini(&v.why);
	hull_ignore(hull_remove_tree(s->fd, tmp, NULL));
	return r;
}
