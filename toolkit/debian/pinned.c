// SPDX-License-Identifier: MIT
#include "debian/pinned.h"

#include <stdlib.h>
#include <string.h>

void hull_debian_pins_fini(struct hull_debian_pins *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].files);
		hull_strv_fini(&p->v[i].specs);
	}
	free(p->v);
	hull_strv_fini(&p->others);
	hull_arena_fini(&p->arena);
	*p = (struct hull_debian_pins){0};
}

/*
 * What the name of a file says: NAME_VERSION.orig.tar.xz, NAME_VERSION.orig-PART.tar.gz,
 * NAME_VERSION.debian.tar.xz, NAME_VERSION.diff.gz, NAME_VERSION.dsc, NAME_VERSION.tar.xz,
 * NAME_VERSION_ARCH.deb. False if it is none of them.
 */
static bool parse_name(const char *file, struct hull_arena *a, struct hull_debian_pin *out)
{
	static const struct {
		const char *ending;
		enum hull_pin_kind kind;
	} endings[] = {
		{".orig.tar.", HULL_PIN_UPSTREAM}, {".orig-", HULL_PIN_UPSTREAM},
		{".debian.tar.", HULL_PIN_SOURCE}, {".diff.gz", HULL_PIN_SOURCE},
		{".dsc", HULL_PIN_SOURCE},	   {".tar.", HULL_PIN_SOURCE},
	};
	const char *version = strchr(file, '_'), *end = NULL;

	*out = (struct hull_debian_pin){0};
	if (!version || version == file)
		return false;
	out->package = hull_arena_strndup(a, file, (size_t)(version - file));
	version++;
	if (hull_ends(file, ".deb")) {
		const char *arch = strrchr(version, '_');

		if (!arch)
			return false;
		out->kind = HULL_PIN_BINARY;
		out->arch = hull_arena_strndup(a, arch + 1, strlen(arch + 1) - strlen(".deb"));
		end = arch;
	}
	for (size_t i = 0; !end && i < sizeof endings / sizeof *endings; i++) {
		end = strstr(version, endings[i].ending);
		out->kind = endings[i].kind;
	}
	if (!end || end == version)
		return false;
	out->version = hull_arena_strndup(a, version, (size_t)(end - version));
	return true;
}

static void add_file(struct hull_debian_pin *p, struct hull_arena *a, const char *name,
		     const char *sha256)
{
	for (size_t i = 0; i < p->nfiles; i++)
		if (name && !strcmp(p->files[i].name, name))
			return;
	p->files = hull_grow(p->files, &p->files_cap, p->nfiles, sizeof *p->files);
	p->files[p->nfiles++] = (struct hull_pin_file){
		.name = hull_arena_strdup(a, name),
		.sha256 = hull_arena_strdup(a, sha256),
	};
}

static struct hull_debian_pin *add_pin(struct hull_debian_pins *p,
				       const struct hull_debian_pin *what)
{
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n] = *what;
	return &p->v[p->n++];
}

static bool is_same(const struct hull_debian_pin *a, const struct hull_debian_pin *b)
{
	return !a->seed && a->kind == b->kind && !strcmp(a->package, b->package) &&
	       !strcmp(a->version, b->version);
}

static void add_shared(struct hull_debian_pins *p, const struct hull_debian_pin *what,
		       const char *spec)
{
	struct hull_debian_pin *to = NULL;

	for (size_t i = 0; i < p->n && !to; i++)
		if (is_same(&p->v[i], what))
			to = &p->v[i];
	if (!to)
		to = add_pin(p, &(struct hull_debian_pin){.kind = what->kind,
							  .package = what->package,
							  .version = what->version,
							  .arch = what->arch});
	for (size_t i = 0; i < what->nfiles; i++)
		add_file(to, &p->arena, what->files[i].name, what->files[i].sha256);
	if (!hull_strv_has(&to->specs, spec))
		hull_strv_add(&to->specs, spec);
}

/* Upstream's file belongs to Debian's part beside it, whose version is the more exact one. */
static bool joins(struct hull_debian_pin *own, size_t n, const struct hull_debian_pin *upstream,
		  struct hull_arena *a)
{
	size_t len = strlen(upstream->version);

	for (size_t i = 0; i < n; i++) {
		struct hull_debian_pin *p = &own[i];

		if (p->kind != HULL_PIN_SOURCE || strcmp(p->package, upstream->package) != 0 ||
		    strncmp(p->version, upstream->version, len) != 0 || p->version[len] != '-')
			continue;
		for (size_t k = 0; k < upstream->nfiles; k++)
			add_file(p, a, upstream->files[k].name, upstream->files[k].sha256);
		return true;
	}
	return false;
}

void hull_debian_pins_add_spec(struct hull_debian_pins *p, const struct hull_spec *spec)
{
	hull_autofree struct hull_debian_pin *own =
		hull_alloc_array(spec->nsources + 1, sizeof *own);
	size_t n = 0;

	for (size_t i = 0; i < spec->nsources; i++) {
		const struct hull_spec_source *s = &spec->sources[i];

		if (hull_starts(s->url, "debian:") && parse_name(s->file, &p->arena, &own[n]))
			add_file(&own[n++], &p->arena, s->file, s->sha256);
		else if (s->local)
			p->nlocal++;
		else
			hull_strv_addf(&p->others, "%s: %s", spec->name, s->url);
	}
	for (size_t i = 0; i < n; i++)
		if (own[i].kind == HULL_PIN_UPSTREAM && joins(own, n, &own[i], &p->arena))
			own[i].package = NULL;
	for (size_t i = 0; i < n; i++) {
		if (own[i].package)
			add_shared(p, &own[i], spec->name);
		free(own[i].files);
	}
}

void hull_debian_pins_add_seed(struct hull_debian_pins *p, const char *package, const char *version,
			       const char *arch, const char *sha256)
{
	struct hull_debian_pin *pin = add_pin(
		p, &(struct hull_debian_pin){.kind = HULL_PIN_BINARY,
					     .seed = true,
					     .package = hull_arena_strdup(&p->arena, package),
					     .version = hull_arena_strdup(&p->arena, version),
					     .arch = hull_arena_strdup(&p->arena, arch)});

	add_file(pin, &p->arena, NULL, sha256);
}
