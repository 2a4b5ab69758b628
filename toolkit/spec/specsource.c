// SPDX-License-Identifier: MIT
#include "spec/specsource.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"

/* --- signatures.json --- */

/* The work on one file. */
struct signatures_reader {
	const char *file;
	const char *text;
	struct hull_strv *errors, *warnings;
};

/* Where a member of an object begins: jansson does not keep places. */
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

static void complain_key(const struct signatures_reader *r, struct hull_strv *to, const char *key,
			 const char *why)
{
	int line, column;

	find_key(r->text, key, &line, &column);
	hull_strv_addf(to, "%s:%d:%d: \"%s\" %s", r->file, line, column, key, why);
}

/* In the form that everything else has: 64 digits and lower-case letters; NULL if it is none. */
static const char *take_sha256(const char *value, struct hull_arena *a)
{
	char *hex = value ? hull_arena_strdup(a, value) : NULL;

	for (char *p = hex; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return hull_is_sha256(hex) ? hex : NULL;
}

static void take_signature(const struct signatures_reader *r, const char *file, const char *value,
			   struct hull_spec *spec, struct hull_arena *a)
{
	const char *sha256 = take_sha256(value, a);
	bool used = false;

	if (!sha256) {
		complain_key(r, r->errors, file,
			     "is not a SHA-256: a string of 64 digits and letters a-f");
		return;
	}
	if (strcmp(sha256, value) != 0)
		complain_key(r, r->warnings, file, "is a SHA-256 with capital letters");
	for (size_t i = 0; i < spec->nsources; i++)
		if (!strcmp(spec->sources[i].file, file)) {
			spec->sources[i].sha256 = sha256;
			used = true;
		}
	if (!used)
		hull_strv_addf(r->warnings, "%s: no Source or Patch line has \"%s\"", r->file,
			       file);
}

static bool is_date(const char *s)
{
	static const char form[] = "0000-00-00";

	for (size_t i = 0; i < sizeof form; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return true;
}

/* "Places": {"<file>": ["<URL>", ...]}. */
static void take_places(const struct signatures_reader *r, const json_t *all,
			struct hull_spec *spec, struct hull_arena *a)
{
	const json_t *list, *place;
	const char *file;
	size_t k;

	json_object_foreach ((json_t *)all, file, list) {
		const char **places = hull_arena_array(a, json_array_size(list), sizeof *places);
		size_t n = 0;

		if (!json_is_array(list))
			complain_key(r, r->errors, file, "is no list of URLs");
		json_array_foreach (list, k, place) {
			if (json_is_string(place))
				places[n++] = hull_arena_strdup(a, json_string_value(place));
			else
				complain_key(r, r->errors, file, "has a place that is no string");
		}
		for (size_t i = 0; i < spec->nsources; i++)
			if (!strcmp(spec->sources[i].file, file)) {
				spec->sources[i].places = places;
				spec->sources[i].nplaces = n;
			}
	}
}

static void take_date(const struct signatures_reader *r, const json_t *value,
		      struct hull_spec *spec, struct hull_arena *a)
{
	const char *date = json_string_value(value);

	if (!date || !is_date(date)) {
		complain_key(r, r->errors, "Date", "is no date of the form YYYY-MM-DD");
		return;
	}
	for (size_t i = 0; i < spec->nsources; i++)
		spec->sources[i].date = hull_arena_strdup(a, date);
}

/* One that comes twice is no error, the later counts. */
static json_t *parse(const struct signatures_reader *r, size_t n)
{
	json_error_t je;
	json_t *j = json_loadb(r->text, n, JSON_REJECT_DUPLICATES, &je);

	if (j || json_error_code(&je) != json_error_duplicate_key) {
		if (!j)
			hull_strv_addf(r->errors, "%s:%d:%d: %s", r->file, je.line, je.column,
				       je.text);
		return j;
	}
	hull_strv_addf(r->warnings, "%s:%d:%d: %s: the last one counts", r->file, je.line,
		       je.column, je.text);
	j = json_loadb(r->text, n, 0, &je);
	if (!j)
		hull_strv_addf(r->errors, "%s:%d:%d: %s", r->file, je.line, je.column, je.text);
	return j;
}

static bool is_signatures(const char *key)
{
	return !strcasecmp(key, "Signatures");
}

json_t *hull_signatures_member(const json_t *file)
{
	hull_autojson json_t *all = json_object();
	json_t *value;
	const char *key;

	json_object_foreach ((json_t *)file, key, value) {
		if (!is_signatures(key) || json_is_null(value))
			continue;
		if (!json_is_object(value))
			return NULL;
		json_object_update(all, value);
	}
	return json_incref(all);
}

/* What there is beside the one member. */
static void look_at_members(const struct signatures_reader *r, const json_t *file,
			    struct hull_spec *spec, struct hull_arena *a)
{
	const json_t *value;
	const char *key;
	bool found = false;

	json_object_foreach ((json_t *)file, key, value) {
		found |= is_signatures(key);
		if (!strcmp(key, "Places") && json_is_object(value))
			take_places(r, value, spec, a);
		else if (!strcmp(key, "Date"))
			take_date(r, value, spec, a);
		else if (!is_signatures(key))
			complain_key(r, r->warnings, key, "is not known here, and not read");
		else if (strcmp(key, "Signatures") != 0)
			complain_key(r, r->warnings, key, "is read as \"Signatures\"");
	}
	if (!found)
		hull_strv_addf(r->warnings, "%s:1:1: no object \"Signatures\"", r->file);
}

void hull_signatures_read(int dirfd, const char *file, struct hull_spec *spec, struct hull_arena *a,
			  struct hull_strv *errors, struct hull_strv *warnings)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = NULL, *list = NULL;
	struct signatures_reader r = {.file = file, .errors = errors, .warnings = warnings};
	struct hull_err err;
	json_t *value;
	const char *key;

	if (hull_file_read_most(dirfd, file, HULL_WRITTEN_BYTES, &text, &err) < 0) {
		if (err.sys != ENOENT)
			hull_strv_add(errors, err.msg);
		return;
	}
	r.text = text.p;
	j = parse(&r, text.n);
	if (!j)
		return;
	list = json_is_object(j) ? hull_signatures_member(j) : NULL;
	if (!list) {
		hull_strv_addf(errors, "%s:1:1: no object \"Signatures\"", file);
		return;
	}
	look_at_members(&r, j, spec, a);
	json_object_foreach (list, key, value)
		take_signature(&r, key, json_string_value(value), spec, a);
}

/* --- where sources are --- */

const char *hull_spec_below(const char *path, const char *parent)
{
	size_t n = strlen(parent);

	if (!strcmp(parent, "/"))
		return path;
	return !strncmp(path, parent, n) && (!path[n] || path[n] == '/') ? path + n : NULL;
}

/* A place of this machine as written, not a file's name: absolute, or with "..". */
static bool leads_out(const char *url)
{
	if (*url == '/' || !strncasecmp(url, "file:", 5))
		return true;
	if (strstr(url, "://"))
		return false;
	for (const char *at = url; (at = strstr(at, "..")); at += 2)
		if ((at == url || at[-1] == '/') && (!at[2] || at[2] == '/'))
			return true;
	return false;
}

static void complain_place(const struct hull_spec *spec, const struct hull_spec_source *s,
			   const char *place, struct hull_strv *errors)
{
	hull_autobuf struct hull_buf at = {0};

	hull_buf_adds(&at, spec->path);
	if (s->line)
		hull_buf_addf(&at, ":%d", s->line);
	hull_strv_addf(errors,
		       "%s: %s%u '%s' is outside of the spec's directory, at %s: copy it there",
		       at.p, s->patch ? "Patch" : "Source", s->number, s->url, place);
}

/* Where a link leads: its target if that is not there. */
static char *destination(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : hull_strdup(path);
}

void hull_sources_confine(const struct hull_spec *spec, struct hull_strv *errors)
{
	hull_autofree char *dir = hull_realpath(spec->dir, NULL);
	struct stat st;

	for (size_t i = 0; i < spec->nsources && dir; i++) {
		const struct hull_spec_source *s = &spec->sources[i];
		hull_autofree char *path =
			hull_asprintf("%s/%s%s", dir, s->below ? s->below : "", s->file);
		hull_autofree char *place = NULL;

		if (leads_out(s->url)) {
			hull_autofree char *written = *s->url == '/'
							      ? hull_strdup(s->url)
							      : hull_asprintf("%s/%s", dir, s->url);

			place = destination(strncasecmp(s->url, "file:", 5) ? written : s->url);
			complain_place(spec, s, place, errors);
		} else if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
			place = realpath(path, NULL);
			if (place && !hull_spec_below(place, dir))
				complain_place(spec, s, place, errors);
		}
	}
}
