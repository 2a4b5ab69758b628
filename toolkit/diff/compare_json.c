// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "diff/compare.h"
#include "diff/compare_line.h"
#include "text/printable.h"

static void set(json_t *j, const char *key, const char *s, struct hull_arena *a)
{
	if (s)
		json_object_set_new(j, key, json_string(hull_printable(s, a)));
}

/* Texts of several lines keep their lines. */
static json_t *prose(const char *s)
{
	json_t *j = json_string(s);

	return j ? j : json_string("");
}

static json_t *log_json(const struct hull_package_difference *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->nlog; i++)
		json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "time",
						      (json_int_t)p->log[i]->time, "author",
						      prose(p->log[i]->author), "text",
						      prose(p->log[i]->text)));
	return list;
}

static json_t *packages_json(const struct hull_comparison *c, struct hull_arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->npackages; i++) {
		const struct hull_package_difference *p = &c->packages[i];
		json_t *j = json_object(), *cves = json_array();

		set(j, "change", hull_difference_name(p->kind), a);
		set(j, "name", p->name, a);
		set(j, "arch", p->arch, a);
		set(j, "old", p->old_evr, a);
		set(j, "new", p->new_evr, a);
		set(j, "source", p->source, a);
		json_object_set_new(j, "old_bytes", json_integer(p->old_bytes));
		json_object_set_new(j, "new_bytes", json_integer(p->new_bytes));
		if (p->nlog)
			json_object_set_new(j, p->reverted ? "changelog_removed" : "changelog",
					    log_json(p));
		for (const char *const *id = p->cves; *id; id++)
			json_array_append_new(cves, json_string(*id));
		json_object_set_new(j, "cves", cves);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *state_json(const struct hull_file_state *s, struct hull_arena *a)
{
	json_t *j = json_pack("{s:s, s:o, s:I, s:I, s:I}", "type", hull_line_type(s->mode), "mode",
			      json_sprintf("%04o", s->mode & 07777), "uid", (json_int_t)s->uid,
			      "gid", (json_int_t)s->gid, "size_bytes", (json_int_t)s->size_bytes);

	set(j, "target", s->target, a);
	set(j, "capabilities", s->capabilities, a);
	return j;
}

static json_t *aspects_json(unsigned int aspects)
{
	static const char *const names[HULL_ASPECTS] = {
		"type", "content", "target", "mode", "owner", "capabilities", "attributes"};
	json_t *list = json_array();

	for (unsigned int i = 0; i < HULL_ASPECTS; i++)
		if (aspects & 1U << i)
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *files_json(const struct hull_comparison *c, struct hull_arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->nfiles; i++) {
		const struct hull_file_difference *f = &c->files[i];
		json_t *j = json_object();

		set(j, "change", hull_difference_name(f->kind), a);
		set(j, "path", f->path, a);
		set(j, "package", f->package, a);
		if (f->kind == HULL_CHANGED)
			json_object_set_new(j, "aspects", aspects_json(f->aspects));
		json_object_set_new(j, "privilege", json_boolean(f->privilege));
		if (f->old.mode)
			json_object_set_new(j, "old", state_json(&f->old, a));
		if (f->now.mode)
			json_object_set_new(j, "new", state_json(&f->now, a));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *settings_json(const struct hull_setting_differences *d, struct hull_arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *j = json_object();

		set(j, "name", d->v[i].name, a);
		set(j, "old", d->v[i].old, a);
		set(j, "new", d->v[i].now, a);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *sizes_json(const struct hull_comparison *c, struct hull_arena *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->nsizes; i++) {
		json_t *j = json_object();

		set(j, "name", c->sizes[i].name, a);
		if (c->sizes[i].old_bytes >= 0)
			json_object_set_new(j, "old_bytes", json_integer(c->sizes[i].old_bytes));
		if (c->sizes[i].new_bytes >= 0)
			json_object_set_new(j, "new_bytes", json_integer(c->sizes[i].new_bytes));
		json_array_append_new(list, j);
	}
	return list;
}

json_t *hull_compare_to_json(const struct hull_comparison *c)
{
	struct hull_arena a = {0};
	json_t *j = json_object();

	set(j, "old", c->old_path, &a);
	set(j, "new", c->new_path, &a);
	json_object_set_new(j, "differ", json_boolean(!hull_comparison_is_empty(c)));
	json_object_set_new(j, "packages", packages_json(c, &a));
	if (c->with_files) {
		json_object_set_new(j, "files", files_json(c, &a));
		json_object_set_new(j, "units", settings_json(&c->units, &a));
		json_object_set_new(j, "presets", settings_json(&c->presets, &a));
		if (c->with_kernel)
			json_object_set_new(j, "kernel_options", settings_json(&c->kernel, &a));
		json_object_set_new(j, "command_line", settings_json(&c->command_line, &a));
		json_object_set_new(j, "os_release", settings_json(&c->os_release, &a));
		json_object_set_new(j, "sizes", sizes_json(c, &a));
	}
	hull_arena_fini(&a);
	return j;
}
