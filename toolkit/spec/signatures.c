// SPDX-License-Identifier: MIT
#include "spec/signatures.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"

/* The work on one file. */
struct signatures_reader {
	const char *file;
	const char *text;
	struct hull_strv *errors;
};

/* Where a member of an object begins: jansson does not keep places, but keys are unique where it
 * counts. */
static void find_key(const char *text, const char *key, int *out_line, int *out_column)
{
	size_t n = strlen(key);
	const char *at = text, *hit = text;

	while ((at = strstr(at, key))) {
		const char *after = at + n + 1;

		if (at > text && at[-1] == '"' && at[n] == '"' &&
		    after[strspn(after, " \t\r\n")] == ':') {
			hit = at - 1;
			break;
		}
		at++;
	}
	*out_line = *out_column = 1;
	for (const char *p = text; p < hit; p++) {
		*out_column = *p == '\n' ? 1 : *out_column + 1;
		*out_line += *p == '\n';
	}
}

static void complain(const struct signatures_reader *r, const char *key, const char *why)
{
	int line, column;

	find_key(r->text, key, &line, &column);
	hull_strv_addf(r->errors, "%s:%d:%d: \"%s\" %s", r->file, line, column, key, why);
}

static void take_signatures(const struct signatures_reader *r, const json_t *list,
			    struct hull_spec *spec, struct hull_arena *a,
			    struct hull_strv *warnings)
{
	json_t *value;
	const char *file;

	json_object_foreach ((json_t *)list, file, value) {
		const char *sha256 = json_string_value(value);
		bool used = false;

		if (!hull_is_sha256(sha256)) {
			complain(r, file,
				 "is not a SHA-256: a string of 64 digits and lower-case letters "
				 "a-f");
			continue;
		}
		for (size_t i = 0; i < spec->nsources; i++)
			if (!strcmp(spec->sources[i].file, file)) {
				spec->sources[i].sha256 = hull_arena_strdup(a, sha256);
				used = true;
			}
		if (!used)
			hull_strv_addf(warnings, "%s: no Source or Patch line has \"%s\"", r->file,
				       file);
	}
}

void hull_signatures_read(int dirfd, const char *file, struct hull_spec *spec, struct hull_arena *a,
			  struct hull_strv *errors, struct hull_strv *warnings)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = NULL;
	struct signatures_reader r = {.file = file, .errors = errors};
	struct hull_err err;
	json_error_t je;
	json_t *value;
	const char *key;

	if (hull_file_read_most(dirfd, file, HULL_WRITTEN_BYTES, &text, &err) < 0) {
		if (err.sys != ENOENT)
			hull_strv_add(errors, err.msg);
		return;
	}
	r.text = text.p;
	j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	if (!j) {
		hull_strv_addf(errors, "%s:%d:%d: %s", file, je.line, je.column, je.text);
		return;
	}
	if (!json_is_object(json_object_get(j, "Signatures")))
		hull_strv_addf(errors, "%s:1:1: no object \"Signatures\"", file);
	json_object_foreach (j, key, value)
		if (strcmp(key, "Signatures") != 0)
			complain(&r, key, "is not known here");
		else if (json_is_object(value))
			take_signatures(&r, value, spec, a, warnings);
}
