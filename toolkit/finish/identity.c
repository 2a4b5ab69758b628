// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/stat.h>

#include "finish/finish.h"
#include "finish/network.h"
#include "system/confdir.h"
#include "system/osrelease.h"

enum { NFIELDS = 8 };

struct field {
	const char *key, *value;
	bool written;
};

struct identity_work {
	const struct hull_image_config *c;
	struct hull_tree *t;
	int64_t time;
};

static void write_field(const char *key, const char *value, struct hull_buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._-";

	hull_buf_addf(out, "%s=", key);
	if (*value && value[strspn(value, plain)] == '\0') {
		hull_buf_addf(out, "%s\n", value);
		return;
	}
	hull_buf_addc(out, '"');
	for (; *value; value++) {
		if (strchr("\"\\$`", *value))
			hull_buf_addc(out, '\\');
		hull_buf_addc(out, *value == '\n' ? ' ' : *value);
	}
	hull_buf_adds(out, "\"\n");
}

static struct field *of_line(struct field *fields, const char *line)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		size_t n = strlen(fields[i].key);

		if (fields[i].value && strncmp(line, fields[i].key, n) == 0 && line[n] == '=')
			return &fields[i];
	}
	return NULL;
}

/* The text with the fields of an identity in place of its own; those it does not have are
 * appended. */
static void merge(const char *text, const struct hull_identity *identity, struct hull_buf *out)
{
	struct field fields[NFIELDS] = {
		{"NAME", identity->name, false},
		{"VERSION", identity->version, false},
		{"ID", identity->id, false},
		{"VERSION_ID", identity->version_id, false},
		{"PRETTY_NAME", identity->pretty_name, false},
		{"VARIANT_ID", identity->variant_id, false},
		{"BUILD_ID", identity->build_id, false},
		{"HOME_URL", identity->home_url, false},
	};
	struct hull_lines lines;
	const char *line;

	hull_lines_init(&lines, text, strlen(text));
	while ((line = hull_lines_next(&lines))) {
		struct field *f = of_line(fields, line);

		if (!f)
			hull_buf_addf(out, "%s\n", line);
		else if (!f->written)
			write_field(f->key, f->value, out);
		if (f)
			f->written = true;
	}
	hull_lines_fini(&lines);
	for (size_t i = 0; i < NFIELDS; i++)
		if (fields[i].value && !fields[i].written)
			write_field(fields[i].key, fields[i].value, out);
}

static int put(struct identity_work *w, const char *path, const char *text, mode_t permissions,
	       struct hull_err *e)
{
	return hull_tree_put_file(w->t, path, text, strlen(text), permissions, w->time, e) < 0 ? -1
											       : 0;
}

static int add_host_name(struct identity_work *w, struct hull_err *e)
{
	hull_autofree char *line = NULL;

	if (!w->c->hostname)
		return 0;
	line = hull_asprintf("%s\n", w->c->hostname);
	return put(w, "/etc/hostname", line, 0644, e);
}

/* An empty file, which systemd fills at the first boot. */
static int add_machine_id(struct identity_work *w, struct hull_err *e)
{
	return put(w, "/etc/machine-id", "", 0444, e);
}

static int add_os_release(struct identity_work *w, struct hull_err *e)
{
	hull_autobuf struct hull_buf old = {0}, text = {0};
	struct hull_arena a = {0};
	int node = hull_os_release_find(w->t), rc = 0;

	hull_buf_adds(&old, "");
	if (node >= 0 && hull_tree_read(w->t, node, &old, e) < 0)
		return hull_wrap(e, "os-release: ");
	merge(old.p, &w->c->identity, &text);
	if (!text.n)
		return 0;
	if (node < 0)
		rc = put(w, "/usr/lib/os-release", text.p, 0644, e);
	else if (strcmp(old.p, text.p) != 0)
		rc = put(w, hull_tree_path(w->t, node, &a), text.p, 0644, e);
	hull_arena_fini(&a);
	if (rc < 0 || hull_tree_find(w->t, "/etc/os-release") >= 0)
		return rc;
	node = hull_tree_add(w->t, "/etc/os-release", e);
	if (node < 0)
		return -1;
	hull_tree_set_symlink(w->t, node, "../usr/lib/os-release");
	w->t->v[node].mtime = w->time;
	return 0;
}

static int add_networks(struct identity_work *w, struct hull_err *e)
{
	for (size_t i = 0; i < w->c->nnetworks; i++) {
		const struct hull_network *n = &w->c->networks[i];
		hull_autofree char *path =
			hull_asprintf("/etc/systemd/network/10-%s.network", n->device);
		hull_autobuf struct hull_buf text = {0};

		if (strchr(n->device, '/'))
			return hull_fail(e, HULL_FAILED, "%s: '%s' is not the name of a device",
					 n->where, n->device);
		if (hull_network_text(n, &text, e) < 0 || put(w, path, text.p, 0644, e) < 0)
			return -1;
	}
	return 0;
}

static int add_text(struct identity_work *w, const struct hull_added_file *f, struct hull_err *e)
{
	const struct hull_source_file *s = f->source;
	mode_t mode = f->permissions >= 0 ? (mode_t)f->permissions : s->mode;

	if (hull_tree_put_file(w->t, f->destination, s->text, s->text_bytes, mode, w->time, e) < 0)
		return hull_wrap(e, "%s: ", f->where);
	return 0;
}

static int add_file(struct identity_work *w, const struct hull_added_file *f, struct hull_err *e)
{
	struct hull_node *n;
	struct stat st;
	int node;

	if (f->source->fd < 0)
		return add_text(w, f, e);
	if (fstat(f->source->fd, &st) < 0)
		return hull_fail_errno(e, "%s: %s", f->where, f->source->path);
	node = hull_tree_put_file(w->t, f->destination, NULL, 0,
				  f->permissions >= 0 ? (mode_t)f->permissions : st.st_mode & 0755,
				  w->time, e);
	if (node < 0)
		return hull_wrap(e, "%s: ", f->where);
	n = &w->t->v[node];
	n->size_bytes = (uint64_t)st.st_size;
	n->content = (struct hull_content){
		.source = &hull_content_open,
		.id = (uint64_t)f->source->fd,
	};
	return 0;
}

int hull_identity_apply(const struct hull_image_config *c, int64_t time, struct hull_tree *t,
			struct hull_err *e)
{
	struct identity_work w = {c, t, time};

	if (add_host_name(&w, e) < 0 || add_machine_id(&w, e) < 0 || add_os_release(&w, e) < 0 ||
	    add_networks(&w, e) < 0)
		return -1;
	for (size_t i = 0; i < c->nfiles; i++)
		if (add_file(&w, &c->files[i], e) < 0)
			return -1;
	return 0;
}
