// SPDX-License-Identifier: MIT
#include "scriptlet/scriptlets.h"

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "base/utf8.h"
#include "rpm/front.h"

/* Since rpm 4.19: the headers of an older one do not name them. */
enum {
	TAG_PREUNTRANS = 5103,
	TAG_POSTUNTRANS,
	TAG_PREUNTRANSPROG,
	TAG_POSTUNTRANSPROG,
	TAG_PREUNTRANSFLAGS,
	TAG_POSTUNTRANSFLAGS,
};

enum { FLAG_EXPAND = 1, FLAG_QFORMAT = 2, FLAG_CRITICAL = 4 };

static const struct {
	enum hull_scriptlet_kind kind;
	const char *name;
	rpmTag script, program, flags;
} plain[] = {
	{HULL_PRETRANS, "%pretrans", RPMTAG_PRETRANS, RPMTAG_PRETRANSPROG, RPMTAG_PRETRANSFLAGS},
	{HULL_PRE, "%pre", RPMTAG_PREIN, RPMTAG_PREINPROG, RPMTAG_PREINFLAGS},
	{HULL_POST, "%post", RPMTAG_POSTIN, RPMTAG_POSTINPROG, RPMTAG_POSTINFLAGS},
	{HULL_POSTTRANS, "%posttrans", RPMTAG_POSTTRANS, RPMTAG_POSTTRANSPROG,
	 RPMTAG_POSTTRANSFLAGS},
	{HULL_PREUN, "%preun", RPMTAG_PREUN, RPMTAG_PREUNPROG, RPMTAG_PREUNFLAGS},
	{HULL_POSTUN, "%postun", RPMTAG_POSTUN, RPMTAG_POSTUNPROG, RPMTAG_POSTUNFLAGS},
	{HULL_PREUNTRANS, "%preuntrans", (rpmTag)TAG_PREUNTRANS, (rpmTag)TAG_PREUNTRANSPROG,
	 (rpmTag)TAG_PREUNTRANSFLAGS},
	{HULL_POSTUNTRANS, "%postuntrans", (rpmTag)TAG_POSTUNTRANS, (rpmTag)TAG_POSTUNTRANSPROG,
	 (rpmTag)TAG_POSTUNTRANSFLAGS},
	{HULL_VERIFYSCRIPT, "%verifyscript", RPMTAG_VERIFYSCRIPT, RPMTAG_VERIFYSCRIPTPROG,
	 RPMTAG_VERIFYSCRIPTFLAGS},
};

/* A family of triggers: scripts, and conditions that refer to them by number. */
static const struct trigger_tags {
	enum hull_scriptlet_kind kind;
	const char *prefix;
	rpmTag scripts, programs, flags, names, versions, senses, indexes;
	rpmTag priorities; /* 0: it has none */
} families[] = {
	{HULL_TRIGGER, "%trigger", RPMTAG_TRIGGERSCRIPTS, RPMTAG_TRIGGERSCRIPTPROG,
	 RPMTAG_TRIGGERSCRIPTFLAGS, RPMTAG_TRIGGERNAME, RPMTAG_TRIGGERVERSION, RPMTAG_TRIGGERFLAGS,
	 RPMTAG_TRIGGERINDEX, RPMTAG_NOT_FOUND},
	{HULL_FILETRIGGER, "%filetrigger", RPMTAG_FILETRIGGERSCRIPTS, RPMTAG_FILETRIGGERSCRIPTPROG,
	 RPMTAG_FILETRIGGERSCRIPTFLAGS, RPMTAG_FILETRIGGERNAME, RPMTAG_FILETRIGGERVERSION,
	 RPMTAG_FILETRIGGERFLAGS, RPMTAG_FILETRIGGERINDEX, RPMTAG_FILETRIGGERPRIORITIES},
	{HULL_TRANSFILETRIGGER, "%transfiletrigger", RPMTAG_TRANSFILETRIGGERSCRIPTS,
	 RPMTAG_TRANSFILETRIGGERSCRIPTPROG, RPMTAG_TRANSFILETRIGGERSCRIPTFLAGS,
	 RPMTAG_TRANSFILETRIGGERNAME, RPMTAG_TRANSFILETRIGGERVERSION, RPMTAG_TRANSFILETRIGGERFLAGS,
	 RPMTAG_TRANSFILETRIGGERINDEX, RPMTAG_TRANSFILETRIGGERPRIORITIES},
};

struct scriptlet_reader {
	Header h;
	const char *path;
	struct hull_arena *a;
	struct hull_scriptlets *out;
	struct hull_err *e;
};

/* All strings of a tag, of whatever kind; NULL-terminated. */
static const char **strings(const struct scriptlet_reader *r, rpmTag tag, size_t *out_n)
{
	struct rpmtd_s td;
	const char **v, *s;
	size_t n = 0;

	*out_n = 0;
	if (!headerGet(r->h, tag, &td, HEADERGET_MINMEM))
		return NULL;
	v = hull_arena_array(r->a, (size_t)rpmtdCount(&td) + 1, sizeof *v);
	while ((s = rpmtdNextString(&td)))
		v[n++] = hull_arena_strdup(r->a, s);
	rpmtdFreeData(&td);
	*out_n = n;
	return v;
}

static uint64_t *numbers(const struct scriptlet_reader *r, rpmTag tag, size_t *out_n)
{
	struct rpmtd_s td;
	uint64_t *v;
	size_t n = 0;

	*out_n = 0;
	if (!headerGet(r->h, tag, &td, HEADERGET_MINMEM))
		return NULL;
	v = hull_arena_array(r->a, (size_t)rpmtdCount(&td) + 1, sizeof *v);
	while (rpmtdNext(&td) >= 0)
		v[n++] = rpmtdGetNumber(&td);
	rpmtdFreeData(&td);
	*out_n = n;
	return v;
}

static int take(const struct scriptlet_reader *r, struct hull_scriptlet *s, const char *body,
		const char *const *program, uint64_t flags)
{
	static const char *const shell[] = {"/bin/sh", NULL};

	s->body = body ? body : "";
	s->program = program && *program ? program : shell;
	s->expanded = flags & (FLAG_EXPAND | FLAG_QFORMAT);
	s->critical = flags & FLAG_CRITICAL;
	for (size_t i = 0; s->program[i]; i++)
		if (!hull_utf8_is_valid(s->program[i]))
			return hull_fail(r->e, HULL_FAILED, "%s: program of %s is not UTF-8",
					 r->path, s->name);
	if (!hull_utf8_is_valid(s->body))
		return hull_fail(r->e, HULL_FAILED, "%s: %s is not UTF-8", r->path, s->name);
	return 0;
}

static int take_plain(const struct scriptlet_reader *r, size_t i)
{
	struct hull_scriptlet *s = &r->out->v[r->out->n];
	size_t n, nflags;
	const char **body = strings(r, plain[i].script, &n);
	const char **program = strings(r, plain[i].program, &n);
	uint64_t *flags = numbers(r, plain[i].flags, &nflags);

	if (!body && !program)
		return 0;
	*s = (struct hull_scriptlet){.kind = plain[i].kind, .name = plain[i].name};
	if (take(r, s, body ? body[0] : NULL, program, nflags ? flags[0] : 0) < 0)
		return -1;
	r->out->n++;
	return 0;
}

static unsigned int when_of(uint64_t sense)
{
	unsigned int when = 0;

	when |= sense & RPMSENSE_TRIGGERPREIN ? HULL_TRIGGER_PREIN : 0;
	when |= sense & RPMSENSE_TRIGGERIN ? HULL_TRIGGER_IN : 0;
	when |= sense & RPMSENSE_TRIGGERUN ? HULL_TRIGGER_UN : 0;
	when |= sense & RPMSENSE_TRIGGERPOSTUN ? HULL_TRIGGER_POSTUN : 0;
	return when;
}

static const char *trigger_name(const struct scriptlet_reader *r, const char *prefix,
				unsigned int when)
{
	const char *suffix = when & HULL_TRIGGER_PREIN ? "prein"
			     : when & HULL_TRIGGER_IN  ? "in"
			     : when & HULL_TRIGGER_UN  ? "un"
						       : "postun";

	return hull_arena_printf(r->a, "%s%s", prefix, suffix);
}

/* The conditions of a family, each for the script that it names. */
static int take_conditions(const struct scriptlet_reader *r, const struct trigger_tags *f,
			   struct hull_scriptlet *first, size_t nscripts)
{
	size_t n, nversions, nsenses, nindexes;
	const char **names = strings(r, f->names, &n);
	const char **versions = strings(r, f->versions, &nversions);
	uint64_t *senses = numbers(r, f->senses, &nsenses);
	uint64_t *indexes = numbers(r, f->indexes, &nindexes);

	if (nversions != n || nsenses != n || nindexes != n)
		return hull_fail(r->e, HULL_FAILED, "%s: malformed list of %s", r->path, f->prefix);
	for (size_t i = 0; i < n; i++) {
		unsigned int compare = (unsigned int)senses[i] >> 1 & 7;
		struct hull_dep d = {.name = names[i]};

		if (indexes[i] >= nscripts)
			return hull_fail(r->e, HULL_FAILED, "%s: a %s refers to script %llu of %zu",
					 r->path, f->prefix, (unsigned long long)indexes[i],
					 nscripts);
		if (compare && *versions[i]) {
			d.evr = versions[i];
			d.flags = compare;
		}
		first[indexes[i]].when |= when_of(senses[i]);
		hull_deps_add(&first[indexes[i]].on, r->a, &d);
	}
	return 0;
}

static int take_family(const struct scriptlet_reader *r, const struct trigger_tags *f)
{
	struct hull_scriptlet *first = &r->out->v[r->out->n];
	size_t n, nprograms, nflags, npriorities = 0;
	const char **bodies = strings(r, f->scripts, &n);
	const char **programs = strings(r, f->programs, &nprograms);
	uint64_t *flags = numbers(r, f->flags, &nflags), *priorities = NULL;

	if (f->priorities != RPMTAG_NOT_FOUND)
		priorities = numbers(r, f->priorities, &npriorities);
	for (size_t i = 0; i < n; i++)
		first[i] = (struct hull_scriptlet){.kind = f->kind,
						   .priority = i < npriorities
								       ? (unsigned int)priorities[i]
								       : HULL_TRIGGER_PRIORITY};
	if (n && take_conditions(r, f, first, n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char **program = NULL;

		if (i < nprograms) {
			program = hull_arena_array(r->a, 2, sizeof *program);
			program[0] = programs[i];
		}
		first[i].name = trigger_name(r, f->prefix, first[i].when);
		if (take(r, &first[i], bodies[i], program, i < nflags ? flags[i] : 0) < 0)
			return -1;
	}
	r->out->n += n;
	return 0;
}

static size_t count(Header h, rpmTag tag)
{
	struct rpmtd_s td;
	size_t n;

	if (!headerGet(h, tag, &td, HEADERGET_MINMEM))
		return 0;
	n = (size_t)rpmtdCount(&td);
	rpmtdFreeData(&td);
	return n;
}

int hull_scriptlets_of(Header h, const char *path, struct hull_arena *a,
		       struct hull_scriptlets *out, struct hull_err *e)
{
	const struct scriptlet_reader r = {h, path, a, out, e};
	size_t most = sizeof plain / sizeof *plain;

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		most += count(h, families[i].scripts);
	*out = (struct hull_scriptlets){.v = hull_arena_array(a, most, sizeof *out->v)};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (take_plain(&r, i) < 0)
			return -1;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (take_family(&r, &families[i]) < 0)
			return -1;
	return 0;
}

int hull_scriptlets_read(const struct hull_store *s, const char *sha256, struct hull_arena *a,
			 struct hull_scriptlets *out, struct hull_err *e)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, sha256);
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(s->fd, rpm.path, e);

	if (fd < 0 || hull_front_read(fd, rpm.path, &front, e) < 0 ||
	    hull_scriptlets_of(front.header, rpm.path, a, out, e) < 0)
		return hull_wrap(e, "store %s: ", s->path);
	return 0;
}

bool hull_program_is_shell(const char *program)
{
	static const char *const shells[] = {"/bin/sh", "/usr/bin/sh", "/bin/bash",
					     "/usr/bin/bash"};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(program, shells[i]))
			return true;
	return false;
}

bool hull_program_is_lua(const char *program)
{
	return !strcmp(program, "<lua>");
}

/* Lines that begin with what a comment begins with; Lua's longer comments are none of these. */
static bool only_comments(const char *body, const char *mark)
{
	while (*body) {
		body += strspn(body, " \t\r\n");
		if (*body && !hull_starts(body, mark))
			return false;
		if (hull_starts(body, "--["))
			return false;
		body += strcspn(body, "\n");
	}
	return true;
}

bool hull_scriptlet_is_empty(const struct hull_scriptlet *s)
{
	if (s->expanded || s->program[1])
		return false;
	if (hull_program_is_shell(s->program[0]))
		return only_comments(s->body, "#");
	return hull_program_is_lua(s->program[0]) && only_comments(s->body, "--");
}
