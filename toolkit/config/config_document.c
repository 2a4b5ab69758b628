// SPDX-License-Identifier: MIT
#include "config/config_document.h"

#include <fcntl.h>
#include <string.h>

#include "binary/uki.h"
#include "config/config_field.h"

/* The top of the file. Disks are read before systems, whatever comes first. */
struct top {
	struct hull_jsonpos_value disks, system;
	bool has_default;
	size_t nsystems;
};

static int note_system(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	struct top *top = into;
	struct hull_jsonpos_value flag;
	bool is_default = json_is_object(v->json) && hull_config_member(v, "IsDefault", &flag) &&
			  json_is_true(flag.json);

	(void)r;
	top->nsystems++;
	if (is_default && top->has_default)
		return hull_jsonpos_fail(e, &flag,
					 "IsDefault: a second system that is the default");
	if (is_default || top->nsystems == 1)
		top->system = *v;
	top->has_default |= is_default;
	return 0;
}

static int read_container_flag(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			       void *into, struct hull_err *e)
{
	(void)into;
	if (!json_is_boolean(v->json))
		return hull_jsonpos_fail(e, v, "IsContainerImage: true or false was expected");
	r->container_only = json_is_true(v->json);
	return 0;
}

static int note_disks(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	(void)r;
	if (!json_is_array(v->json))
		return hull_jsonpos_fail(e, v, "Disks: an array was expected");
	((struct top *)into)->disks = *v;
	return 0;
}

static const struct hull_config_field top_fields[] = {
	{"$schema", HULL_FIELD_NOTE, .offset = 0},
	{"Disks", HULL_FIELD_CALL, .read = note_disks},
	{"SystemConfigs", HULL_FIELD_EACH, .read = note_system},
	{"IsContainerImage", HULL_FIELD_CALL, .read = read_container_flag},
	{.kind = HULL_FIELD_END},
};

/* What starts the kernel comes from a package too; Hull asks for the file, whoever has it. */
static void imply_stub(struct hull_config_reader *r)
{
	struct hull_image_config *c = r->c;
	hull_autofree char *stub = hull_stub_path(r->arch);

	c->wants = hull_config_more(c->wants, &c->nwants, sizeof *c->wants);
	c->wants[c->nwants - 1] = (struct hull_want){
		.kind = HULL_WANT_IMPLIED,
		.package = hull_arena_strdup(&c->arena, stub),
		.origin = hull_arena_printf(&c->arena, "%s: BootType efi", r->shown),
	};
}

/* A configuration of several systems, or without disks, is what the installer of an ISO asks its user with. */
static int check_top(const struct hull_jsonpos_value *root, const struct top *top,
		     struct hull_err *e)
{
	bool no_disks = top->disks.json == root->json || !json_array_size(top->disks.json);

	if (!top->nsystems)
		return hull_jsonpos_fail(e, root, "SystemConfigs: there is none");
	if (top->nsystems > 1 && no_disks)
		return hull_jsonpos_fail(e, &top->system,
					 "SystemConfigs: %zu systems and no Disks: the menu of an "
					 "ISO's installer; Hull writes images, of one system each",
					 top->nsystems);
	if (top->nsystems > 1 && !top->has_default)
		return hull_jsonpos_fail(e, &top->system,
					 "SystemConfigs: %zu systems, none with IsDefault",
					 top->nsystems);
	if (no_disks)
		return hull_jsonpos_fail(e, &top->disks,
					 "Disks: there is none, so no artifact: an ISO's installer "
					 "asks for the disk; Hull writes images");
	return 0;
}

static void read_all(struct hull_config_reader *r, const struct hull_jsonpos_value *root,
		     struct hull_err *e)
{
	struct top top = {.disks = *root};
	struct hull_jsonpos_value disk;

	if (hull_config_object(r, root, top_fields, &top, e) < 0) {
		hull_config_note(r, e);
		if (!json_is_object(root->json))
			return;
	}
	if (check_top(root, &top, e) < 0) {
		hull_config_note(r, e);
		return;
	}
	for (bool more = hull_jsonpos_first(&top.disks, &disk); more;
	     more = hull_jsonpos_next(&disk))
		if (hull_config_disk(r, &disk, NULL, e) < 0)
			hull_config_note(r, e);
	hull_jsonpos_first(&top.disks, &disk);
	if (hull_config_system(r, &top.system, r->c, e) < 0)
		hull_config_note(r, e);
	if (!hull_config_noted(r))
		hull_config_check(r, &disk, &top.system);
	if (r->c->efi)
		imply_stub(r);
}

/* Directory and name of the file, from its path as opened. */
static void set_names(struct hull_image_config *c, const char *path)
{
	const char *base = hull_basename(path);
	size_t n = strlen(base);

	c->path = hull_arena_strdup(&c->arena, path);
	c->directory = base == path ? "."
		       : base == path + 1
			       ? "/"
			       : hull_arena_strndup(&c->arena, path, (size_t)(base - path) - 1);
	c->name = hull_arena_strndup(&c->arena, base, hull_ends(base, ".json") ? n - 5 : n);
}

/* Reads the text of the configuration; what is no JSON is called what it is. */
static int read_text(const char *path, struct hull_jsonpos *doc, struct hull_err *e)
{
	if (hull_jsonpos_read(AT_FDCWD, path, path, doc, e) == 0)
		return 0;
	if (hull_config_is_yaml(path))
		return hull_fail(e, HULL_FAILED,
				 "%s: a configuration in YAML, as Azure Linux' Image Customizer "
				 "has them, is not read: Hull's are JSON (toolkit/docs/image.md)",
				 path);
	return -1;
}

static int read_noted(struct hull_config_reader *r, const char *path, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	hull_autofd int directory = -1;
	struct hull_jsonpos doc;
	struct hull_jsonpos_value root;
	char text[HULL_HEX];

	if (read_text(path, &doc, e) < 0)
		return -1;
	set_names(c, path);
	r->shown = hull_basename(c->path);
	hull_hash_bytes(doc.text.p, doc.text.n, text);
	hull_hash_field(r->digest, "configuration", text);
	root = hull_jsonpos_root(&doc);
	r->directory = directory = open(c->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		hull_fail_errno(e, "%s", c->directory);
	else
		read_all(r, &root, e);
	hull_index_fini(&r->wanted);
	hull_jsonpos_fini(&doc);
	return directory < 0 ? -1 : 0;
}

int hull_config_read_all(const char *path, const char *arch, bool allow_outside,
			 struct hull_image_config *out, struct hull_strv *errors)
{
	hull_autohash struct hull_hash *digest = hull_hash_new();
	struct hull_config_reader r = {.c = out,
				       .arch = arch,
				       .digest = digest,
				       .allow_outside = allow_outside,
				       .errors = errors};
	struct hull_err e = {0};

	*out = (struct hull_image_config){.command_line = ""};
	if (read_noted(&r, path, &e) < 0)
		hull_config_note(&r, &e);
	if (r.nleft) {
		hull_autofree char *rest = hull_asprintf("%s: %zu more errors", path, r.nleft);

		hull_strv_add(errors, rest);
	}
	if (errors->n) {
		hull_config_fini(out);
		return -1;
	}
	hull_hash_hex(digest, out->digest);
	out->disk_id = hull_guid_derive(out->digest, "disk");
	return 0;
}

int hull_config_read(const char *path, const char *arch, bool allow_outside,
		     struct hull_image_config *out, struct hull_err *e)
{
	struct hull_strv errors = {0};
	int result = hull_config_read_all(path, arch, allow_outside, out, &errors);

	if (result < 0 && errors.n > 1)
		hull_fail(e, HULL_FAILED, "%-s\n%zu more: 'hull image --validate' lists all",
			  errors.v[0], errors.n - 1);
	else if (result < 0)
		hull_fail(e, HULL_FAILED, "%-s", errors.v[0]);
	hull_strv_fini(&errors);
	return result;
}
