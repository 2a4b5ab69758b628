// SPDX-License-Identifier: MIT
#include "inspect/inventory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "binary/gobuild.h"

enum { MIN_GO_PROGRAM = 500000 };

/* ID of os-release -> OSV's ecosystem. */
static const char *const distributions[][2] = {
	{"azurelinux", "Azure Linux"}, {"mariner", "Azure Linux"}, {"hull", "Hull"},
	{"rhel", "Red Hat"},	       {"rocky", "Rocky Linux"},   {"almalinux", "AlmaLinux"},
	{"opensuse-leap", "openSUSE"}, {"sles", "SUSE"},	   {"mageia", "Mageia"},
	{"openEuler", "openEuler"},    {"photon", "Photon OS"},	   {"fedora", "Fedora"},
};

/* Source packages that other distributions call otherwise. */
static const char *const aliases[][2] = {
	{"cni-plugins", "golang-github-containernetworking-plugins"},
	{"dbus-broker", "dbus-broker"},
	{"gcc", "gcc-14"},
	{"iproute", "iproute2"},
	{"kernel", "linux"},
	{"kernel", "Kernel"},
	{"libcap", "libcap2"},
	{"procps-ng", "procps"},
	{"shadow-utils", "shadow"},
	{"xz", "xz-utils"},
	{"zstd", "libzstd"},
	{"python3", "python3.13"},
};

/* Programs that are built without module information. */
static const char *const modules[][2] = {
	{"cni-plugins", "github.com/containernetworking/plugins"},
	{"containerd", "github.com/containerd/containerd"},
	{"runc", "github.com/opencontainers/runc"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void add(struct hull_inventory *v, enum hull_inventory_kind kind, const char *name,
		const char *version, const char *subject, int package)
{
	v->v = hull_grow(v->v, &v->cap, v->n, sizeof *v->v);
	v->v[v->n++] = (struct hull_inventory_item){kind, name, version, subject, package};
}

/* "zlib-1.3.1-1.hull1.src.rpm": name, version and version-release; false if it is no such name. */
static bool split_source(struct hull_inventory *v, const struct hull_package *p, const char **name,
			 const char **version, const char **evr)
{
	char *text = hull_arena_strdup(&v->arena, p->source_rpm ? p->source_rpm : "");
	char *end = strstr(text, ".src.rpm"), *release, *dash;

	if (!end)
		end = strstr(text, ".nosrc.rpm");
	if (!end)
		return false;
	*end = '\0';
	release = strrchr(text, '-');
	if (!release)
		return false;
	*release = '\0';
	dash = strrchr(text, '-');
	if (!dash || dash == text)
		return false;
	*dash = '\0';
	*name = text;
	*version = dash + 1;
	*evr = p->epoch ? hull_arena_printf(&v->arena, "%u:%s-%s", p->epoch, dash + 1, release + 1)
			: hull_arena_printf(&v->arena, "%s-%s", dash + 1, release + 1);
	return true;
}

static void add_package(struct hull_inventory *v, int i)
{
	const struct hull_package *p = &v->system->packages[i];
	const char *source = p->name, *version = p->version, *evr;

	add(v, HULL_INVENTORY_RPM, p->name, hull_package_evr(p, &v->arena), p->name, i);
	if (split_source(v, p, &source, &version, &evr)) {
		if (!strcmp(source, p->name))
			v->v[v->n - 1].subject = source;
		else
			add(v, HULL_INVENTORY_RPM, source, evr, source, i);
	}
	add(v, HULL_INVENTORY_UPSTREAM, source, version, source, i);
	for (size_t k = 0; k < COUNT(aliases); k++)
		if (!strcmp(aliases[k][0], source))
			add(v, HULL_INVENTORY_UPSTREAM, aliases[k][1], version, source, i);
	for (size_t k = 0; k < COUNT(modules); k++)
		if (!strcmp(modules[k][0], source))
			add(v, HULL_INVENTORY_GO, modules[k][1], version, source, i);
}

static void add_program(struct hull_inventory *v, const struct hull_node *n)
{
	const struct hull_package *p = &v->system->packages[n->owner];
	struct hull_go_build build;
	struct hull_err e;

	if (hull_go_build_read(&n->content, n->size_bytes, &v->arena, &build, &e) <= 0)
		return;
	if (hull_starts(build.go, "go"))
		add(v, HULL_INVENTORY_GO, "stdlib",
		    hull_arena_strndup(&v->arena, build.go + 2, strcspn(build.go + 2, " -")),
		    p->name, n->owner);
	for (size_t i = 0; i < build.nmodules; i++) {
		const struct hull_go_module *m = &build.modules[i];
		const char *version = m->replaced_version ? m->replaced_version : m->version;

		if (version && *version && *version != '(')
			add(v, HULL_INVENTORY_GO, m->replaced_path ? m->replaced_path : m->path,
			    version, p->name, n->owner);
	}
}

static int compare(const void *a, const void *b)
{
	const struct hull_inventory_item *x = a, *y = b;
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = strcmp(x->name, y->name);
	if (!order)
		order = strcmp(x->version, y->version);
	if (!order)
		order = strcmp(x->subject, y->subject);
	return order ? order : x->package - y->package;
}

/* One of what several packages of a source have in common. */
static bool is_same(const struct hull_inventory_item *x, const struct hull_inventory_item *y)
{
	return x->kind == y->kind && !strcmp(x->name, y->name) && !strcmp(x->version, y->version) &&
	       !strcmp(x->subject, y->subject);
}

void hull_inventory_init(struct hull_inventory *v, const struct hull_system *s)
{
	const struct hull_tree *t = &s->tree;
	size_t kept = 0;

	*v = (struct hull_inventory){.system = s};
	for (size_t i = 0; s->os_id && i < COUNT(distributions); i++)
		if (!strcmp(distributions[i][0], s->os_id))
			v->distribution = distributions[i][1];
	if (s->os_version)
		v->release =
			hull_arena_strndup(&v->arena, s->os_version, strcspn(s->os_version, "."));
	for (size_t i = 0; i < s->npackages; i++)
		add_package(v, (int)i);
	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const struct hull_node *n = &t->v[i];

		if (n->inode == i && S_ISREG(n->mode) && n->size_bytes >= MIN_GO_PROGRAM &&
		    n->owner >= 0 && (size_t)n->owner < s->npackages && (n->mode & 0111))
			add_program(v, n);
	}
	if (v->n)
		qsort(v->v, v->n, sizeof *v->v, compare);
	for (size_t i = 0; i < v->n; i++)
		if (!kept || !is_same(&v->v[kept - 1], &v->v[i]))
			v->v[kept++] = v->v[i];
	v->n = kept;
}

void hull_inventory_fini(struct hull_inventory *v)
{
	hull_arena_fini(&v->arena);
	free(v->v);
	*v = (struct hull_inventory){0};
}

const struct hull_inventory_item *hull_inventory_find(const struct hull_inventory *v,
						      enum hull_inventory_kind kind,
						      const char *name, size_t *out_n)
{
	size_t low = 0, high = v->n, first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct hull_inventory_item *c = &v->v[middle];

		if (c->kind < kind || (c->kind == kind && strcmp(c->name, name) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	while (low < v->n && v->v[low].kind == kind && !strcmp(v->v[low].name, name))
		low++;
	*out_n = low - first;
	return v->v + first;
}
