// SPDX-License-Identifier: MIT
#include "godeps/golist.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/json.h"

enum { MAX_DESCRIBED = 20 };

void hull_go_list_fini(struct hull_go_list *l)
{
	free(l->errors);
	hull_arena_fini(&l->arena);
	*l = (struct hull_go_list){0};
}

static const char *text_member(struct hull_go_list *l, const json_t *obj, const char *key)
{
	const char *s = hull_json_optional(obj, key);

	return s ? hull_arena_strdup(&l->arena, s) : "";
}

/* The message for an import that is nowhere goes on with every place that was tried. */
static char *first_line(struct hull_go_list *l, const char *text)
{
	static const char places[] = " in any of:";
	size_t n = strcspn(text, "\n");

	if (n >= sizeof places - 1 &&
	    !strncmp(text + n - (sizeof places - 1), places, sizeof places - 1))
		n -= sizeof places - 1;
	return hull_arena_strndup(&l->arena, text, n);
}

static int add_package(struct hull_go_list *l, const json_t *package, struct hull_err *e)
{
	const char *import = hull_json_string(package, "ImportPath", "go list", e);
	const json_t *error = json_object_get(package, "Error");

	if (!import)
		return -1;
	l->npackages++;
	if (!error)
		return 0;
	l->errors = hull_grow(l->errors, &l->cap, l->nerrors, sizeof *l->errors);
	l->errors[l->nerrors++] = (struct hull_go_error){
		.import = hull_arena_strdup(&l->arena, import),
		.text = first_line(l, text_member(l, error, "Err")),
		.pos = text_member(l, error, "Pos"),
	};
	return 0;
}

int hull_go_list_parse(struct hull_go_list *l, const char *text, size_t n, struct hull_err *e)
{
	static const char space[] = " \t\r\n";

	for (;;) {
		hull_autojson json_t *package = NULL;
		json_error_t error;

		while (n > 0 && memchr(space, *text, sizeof space - 1)) {
			text++;
			n--;
		}
		if (!n)
			return 0;
		package = json_loadb(text, n, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
				     &error);
		if (!package) {
			hull_fail(e, HULL_FAILED, "go list: package %zu, line %d: %s",
				  l->npackages + 1, error.line, error.text);
			goto undo_parse;
		}
		if (add_package(l, package, e) < 0)
			goto undo_parse;
		text += error.position;
		n -= (size_t)error.position;
	}
undo_parse:
	hull_go_list_fini(l);
	return -1;
}

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

int hull_go_list_provide(const struct hull_go_list *l, const char *own, struct hull_go_libs *libs,
			 struct hull_err *e)
{
	int n = 0;

	for (size_t i = 0; i < l->nerrors; i++) {
		struct hull_go_lib *lib;

		if (is_below(l->errors[i].import, own))
			continue;
		if (hull_go_libs_find(libs, l->errors[i].import, &lib, e) < 0)
			return -1;
		if (lib && !lib->used) {
			lib->used = true;
			n++;
		}
	}
	return n;
}

void hull_go_list_describe(const struct hull_go_list *l, struct hull_buf *out)
{
	for (size_t i = 0; i < l->nerrors && i < MAX_DESCRIBED; i++) {
		const struct hull_go_error *error = &l->errors[i];

		hull_buf_adds(out, "\n  ");
		if (*error->pos)
			hull_buf_addf(out, "%s: ", error->pos);
		if (!strstr(error->text, error->import))
			hull_buf_addf(out, "%s: ", error->import);
		hull_buf_adds(out, error->text);
	}
	if (l->nerrors > MAX_DESCRIBED)
		hull_buf_addf(out, "\n  and %zu more", l->nerrors - MAX_DESCRIBED);
}
