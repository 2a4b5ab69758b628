// SPDX-License-Identifier: MIT
#include "debian/outdated.h"

#include <stdlib.h>
#include <string.h>

#include "debian/control.h"
#include "debian/debianversion.h"

/* --- what the indexes have of these packages --- */

struct offer {
	const struct hull_debian_suite *suite;
	bool binary;
	const char *package, *version, *arch;
	const char
		*files; /* words: "DIGEST SIZE NAME ..." of a source, "DIGEST 0 NAME" of a .deb */
};

struct offers {
	struct hull_arena *arena;
	struct offer *v;
	size_t n, cap;
	struct hull_strv wanted[2]; /* names in Sources and in Packages, sorted */
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of some 60,000 paragraphs most are dropped by their first line. */
static bool is_wanted(const struct offers *o, bool binary, const struct hull_control *c)
{
	static const char field[] = "Package: ";
	const struct hull_strv *names = &o->wanted[binary];
	hull_autofree char *name = NULL;

	if (c->n <= sizeof field || strncmp(c->p, field, sizeof field - 1) != 0)
		return true;
	name = hull_strndup(c->p + sizeof field - 1, strcspn(c->p + sizeof field - 1, "\n"));
	return names->n && bsearch(&name, names->v, names->n, sizeof *names->v, compare_names);
}

static void take_paragraph(struct offers *o, const struct hull_debian_suite *suite, bool binary,
			   const struct hull_control *c)
{
	struct hull_arena *a = o->arena;
	struct offer offer = {.suite = suite, .binary = binary};

	offer.package = hull_control_field(c, "Package", a);
	offer.version = hull_control_field(c, "Version", a);
	if (binary) {
		const char *digest = hull_control_field(c, "SHA256", a);
		const char *path = hull_control_field(c, "Filename", a);

		offer.arch = hull_control_field(c, "Architecture", a);
		offer.files = digest && path
				      ? hull_arena_printf(a, "%s 0 %s", digest, hull_basename(path))
				      : NULL;
	} else {
		offer.files = hull_control_field(c, "Checksums-Sha256", a);
	}
	if (!offer.package || !offer.version || (binary && !offer.arch))
		return;
	o->v = hull_grow(o->v, &o->cap, o->n, sizeof *o->v);
	o->v[o->n++] = offer;
}

static void take_index(struct offers *o, const struct hull_debian_suite *suite, bool binary,
		       const char *text)
{
	struct hull_control c;

	while (hull_control_next(&text, &c))
		if (is_wanted(o, binary, &c))
			take_paragraph(o, suite, binary, &c);
}

static void want(struct offers *o, const struct hull_debian_pins *pins)
{
	for (size_t i = 0; i < pins->n; i++)
		hull_strv_add(&o->wanted[pins->v[i].kind == HULL_PIN_BINARY], pins->v[i].package);
	for (int i = 0; i < 2; i++)
		hull_strv_sort(&o->wanted[i]);
}

static int read_offers(struct offers *o, struct hull_outdated *all, const struct hull_store *store,
		       const char *arch, struct hull_progress *progress, struct hull_err *e)
{
	const struct hull_apt_request request = {.suites = &all->suites,
						 .arch = arch,
						 .packages = o->wanted[1].n > 0,
						 .allow_expired = all->allow_expired};
	struct hull_apt_lists lists;
	int r = 0;

	if (hull_apt_lists_open(&lists, store, &request, progress, e) < 0)
		return -1;
	for (size_t i = 0; i < all->suites.n && r == 0; i++) {
		const struct hull_debian_suite *suite = &all->suites.v[i];

		for (int binary = 0; binary < (request.packages ? 2 : 1) && r == 0; binary++) {
			hull_autobuf struct hull_buf text = {0};

			r = hull_apt_lists_read(&lists, suite->name,
						binary ? HULL_APT_PACKAGES : HULL_APT_SOURCES,
						&text, e);
			if (r == 0)
				take_index(o, suite, binary, text.p);
			hull_progress_tick(progress);
		}
	}
	hull_apt_lists_close(&lists);
	return r;
}

/* --- a pin and what there is --- */

struct search {
	struct hull_arena *arena;
	const struct offers *offers;
	const struct hull_debian_pin *pin;
};

static bool is_of(const struct search *s, const struct offer *o)
{
	const struct hull_debian_pin *p = s->pin;

	if (o->binary != (p->kind == HULL_PIN_BINARY) || strcmp(o->package, p->package) != 0)
		return false;
	return !o->binary || !strcmp(o->arch, p->arch) || !strcmp(o->arch, "all") ||
	       !strcmp(p->arch, "all");
}

/* The digest that an offer has for a file, or, with NULL, for its first; NULL if it has none. *out_len
 * are its digits. */
static const char *file_digest(const struct offer *o, const char *name, size_t *out_len)
{
	const char *at = o->files ? o->files : "", *digest, *size, *file;
	size_t n;

	while (hull_word(&at, &digest, out_len) && hull_word(&at, &size, &n) &&
	       hull_word(&at, &file, &n))
		if (!name || (strlen(name) == n && !strncmp(file, name, n)))
			return digest;
	return NULL;
}

/* Whether an offer is the pinned version; *out_differs if its files have other digests. */
static bool is_pinned(const struct search *s, const struct offer *o, bool *out_differs)
{
	const struct hull_debian_pin *p = s->pin;
	size_t found = 0, len;

	*out_differs = false;
	if (p->seed && strcmp(o->version, p->version) != 0)
		return false;
	for (size_t i = 0; i < p->nfiles; i++) {
		const char *have = p->files[i].sha256;
		const char *digest = file_digest(o, p->files[i].name, &len);

		found += digest != NULL;
		if (digest && have && (strlen(have) != len || strncmp(have, digest, len) != 0))
			*out_differs = true;
	}
	return found == p->nfiles;
}

/* A pin's version, with the epoch that the offer has: those of file names have none. */
static int compare_to_pin(const struct search *s, const struct offer *o)
{
	const struct hull_debian_pin *p = s->pin;
	const char *offered = hull_debian_version_without_epoch(o->version);

	if (p->seed)
		return hull_debian_version_compare(o->version, p->version);
	if (p->kind == HULL_PIN_UPSTREAM)
		return hull_debian_version_compare(hull_debian_version_upstream(offered, s->arena),
						   p->version);
	return hull_debian_version_compare(offered, p->version);
}

/* An update by patches of the very version that is pinned without them. What else of it is in a suite
 * for security was only built again, or is new there. */
static bool patches(const struct search *s, const struct offer *o)
{
	return s->pin->kind == HULL_PIN_UPSTREAM && compare_to_pin(s, o) == 0 &&
	       hull_debian_version_is_update(o->version);
}

static void look_at(const struct search *s, const char *release, struct hull_pin_result *r)
{
	for (size_t i = 0; i < s->offers->n; i++) {
		const struct offer *o = &s->offers->v[i];
		int c;

		if (!is_of(s, o) || strcmp(o->suite->release, release) != 0)
			continue;
		c = r->newest ? hull_debian_version_compare(o->version, r->newest) : 1;
		if (c > 0 || (c == 0 && o->suite->security)) {
			r->newest = o->version;
			r->suite = o->suite->name;
		}
		c = compare_to_pin(s, o);
		if (o->suite->security && (c > 0 || patches(s, o)))
			r->security = true;
		if (c > 0)
			r->state = HULL_PIN_NEWER;
		else if (r->state == HULL_PIN_CURRENT && patches(s, o))
			r->state = HULL_PIN_PATCHED;
	}
}

/* The release that a pin belongs to, NULL if no index has its package. */
static const char *find_release(const struct search *s, struct hull_pin_result *r)
{
	const char *newer = NULL, *any = NULL;
	bool differs;

	for (size_t i = 0; i < s->offers->n; i++) {
		const struct offer *o = &s->offers->v[i];

		if (!is_of(s, o))
			continue;
		if (is_pinned(s, o, &differs)) {
			r->listed = true;
			if (differs)
				r->state = HULL_PIN_DIFFERS;
			return o->suite->release;
		}
		if (!newer && compare_to_pin(s, o) >= 0)
			newer = o->suite->release;
		if (!any)
			any = o->suite->release;
	}
	return newer ? newer : any;
}

static void look_elsewhere(const struct search *s, struct hull_pin_result *r)
{
	const char *best = r->newest;

	for (size_t i = 0; i < s->offers->n; i++) {
		const struct offer *o = &s->offers->v[i];

		if (!is_of(s, o) || (best && hull_debian_version_compare(o->version, best) <= 0))
			continue;
		best = r->elsewhere = o->version;
		r->elsewhere_suite = o->suite->name;
	}
}

static void find_one(const struct search *s, struct hull_pin_result *r)
{
	enum hull_pin_state state;

	*r = (struct hull_pin_result){.pin = s->pin};
	r->release = find_release(s, r);
	state = r->state;
	if (r->release)
		look_at(s, r->release, r);
	if (state == HULL_PIN_DIFFERS)
		r->state = state;
	else if (r->state == HULL_PIN_CURRENT && !r->listed)
		r->state = HULL_PIN_GONE;
	look_elsewhere(s, r);
}

/* --- the whole --- */

static int compare_results(const void *x, const void *y)
{
	const struct hull_debian_pin *a = ((const struct hull_pin_result *)x)->pin;
	const struct hull_debian_pin *b = ((const struct hull_pin_result *)y)->pin;
	int c = (int)a->seed - (int)b->seed;

	if (!c)
		c = strcmp(a->package, b->package);
	if (!c)
		c = strcmp(a->version, b->version);
	return c ? c : (int)a->kind - (int)b->kind;
}

int hull_outdated_find(struct hull_outdated *o, const struct hull_store *store, const char *arch,
		       struct hull_progress *progress, struct hull_err *e)
{
	struct offers offers = {.arena = &o->arena};
	int r;

	want(&offers, &o->pins);
	r = o->pins.n ? read_offers(&offers, o, store, arch, progress, e) : 0;
	if (r == 0) {
		o->v = hull_alloc_array(o->pins.n + 1, sizeof *o->v);
		for (o->n = 0; o->n < o->pins.n; o->n++) {
			const struct search s = {&o->arena, &offers, &o->pins.v[o->n]};
			struct hull_pin_result *result = &o->v[o->n];

			find_one(&s, result);
			o->count[s.pin->seed][result->state]++;
			o->security[s.pin->seed] += result->security;
		}
		qsort(o->v, o->n, sizeof *o->v, compare_results);
	}
	free(offers.v);
	hull_strv_fini(&offers.wanted[0]);
	hull_strv_fini(&offers.wanted[1]);
	return r;
}

size_t hull_outdated_count(const struct hull_outdated *o)
{
	size_t n = 0;

	for (int seed = 0; seed < 2; seed++)
		for (int state = 0; state < HULL_PIN_STATES; state++)
			if (state != HULL_PIN_CURRENT)
				n += o->count[seed][state];
	return n;
}

void hull_outdated_fini(struct hull_outdated *o)
{
	free(o->v);
	hull_debian_pins_fini(&o->pins);
	hull_debian_suites_fini(&o->suites);
	hull_arena_fini(&o->arena);
	*o = (struct hull_outdated){0};
}
