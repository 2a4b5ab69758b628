// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "store/store.h"

/*
 * Objects whose name is no digest of their bytes say themselves whether they are whole: they end with a
 * seal, the SHA-256 of their place in the store and of all that is before it: one in the place of another is
 * damaged, too. A document has it as its last member, "seal", and stays
 * JSON; another file as its last line, "seal <digest>".
 */
enum hull_seal {
	HULL_SEALED,   /* it holds */
	HULL_UNSEALED, /* made by a hull that knew no seals, or no such file at all */
	HULL_BROKEN,
};

/* Seal a text that is to lie in that place; that of a document is an object. */
void hull_seal_json(struct hull_buf *text, enum hull_store_kind kind, const char *name);
void hull_seal_lines(struct hull_buf *text, enum hull_store_kind kind, const char *name);

/* Looks at what lies there, of either form; the first *out_n bytes are what was sealed. */
enum hull_seal hull_seal_look(const struct hull_buf *text, enum hull_store_kind kind,
			      const char *name, size_t *out_n);

/* Whether an unsealed text may be an origin of an older hull: some characters, and no line has an end. */
bool hull_seal_is_old_line(const char *p, size_t n);

/* Writes a document with its seal. */
HULL_CHECKED int hull_sealed_write(const struct hull_store *s, enum hull_store_kind kind,
				   const char *name, const json_t *j, struct hull_err *e);

/* A document without its seal: 1, 0 with the reason in `why` if it is damaged, or -1 if it cannot be read.
 * One without a seal is read as it is, *out_seal tells. */
HULL_CHECKED int hull_sealed_read(const struct hull_store *s, enum hull_store_kind kind,
				  const char *name, json_t **out, enum hull_seal *out_seal,
				  struct hull_err *why);

/*
 * The same for what can be made again: 1; or 0 if it is not there, of an older hull, or was damaged and
 * is set aside (intact.h). Only what cannot be set aside is an error.
 */
HULL_CHECKED int hull_sealed_take(const struct hull_store *s, enum hull_store_kind kind,
				  const char *name, json_t **out, struct hull_err *e);

/* The same of a file of lines or of any bytes, which is looked at once after the machine was started; it is
 * for others to read. */
HULL_CHECKED int hull_sealed_have(const struct hull_store *s, enum hull_store_kind kind,
				  const char *name, struct hull_err *e);
