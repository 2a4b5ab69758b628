// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <solv/repo.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/view.h"

static void dump_deps(const struct hull_view *v, const Solvable *s, const char *word, Offset deps,
		      struct hull_buf *out)
{
	const Id *dep = deps ? s->repo->idarraydata + deps : NULL;

	for (; dep && *dep; dep++)
		hull_buf_addf(out, "  %s %s\n", word, pool_dep2str(v->pool, *dep));
}

static void dump_package(const struct hull_view *v, const struct hull_closure_request *r, Id p,
			 struct hull_buf *out)
{
	const Solvable *s = pool_id2solvable(v->pool, p);

	hull_buf_addf(out, "pkg %s %s %s %" PRIu64 "\n", pool_id2str(v->pool, s->name),
		      pool_id2str(v->pool, s->evr), pool_id2str(v->pool, s->arch),
		      v->world->v[v->ids[p]].bytes);
	if (r->ranked && v->world->v[v->ids[p]].owner)
		hull_buf_addf(out, "  repo %d\n", v->world->v[v->ids[p]].owner);
	dump_deps(v, s, "prov", s->provides, out);
	dump_deps(v, s, "req", s->requires, out);
	dump_deps(v, s, "con", s->conflicts, out);
	dump_deps(v, s, "obs", s->obsoletes, out);
	dump_deps(v, s, "rec", s->recommends, out);
	dump_deps(v, s, "sup", s->supplements, out);
}

static void dump_list(const char *word, const struct hull_deps *deps, struct hull_buf *out)
{
	struct hull_arena arena = {0};

	for (size_t i = 0; deps && i < deps->n; i++)
		hull_buf_addf(out, "%s %s\n", word, hull_dep_text(&deps->v[i], &arena));
	hull_arena_fini(&arena);
}

static void dump_reason(struct hull_pool *p, const struct hull_reason *r, struct hull_buf *out)
{
	switch (r->kind) {
	case HULL_REASON_NONE:
		break;
	case HULL_REASON_WANT:
		hull_buf_addf(out, " wanted: %s", r->dep);
		break;
	case HULL_REASON_REQUIRES:
		hull_buf_addf(out, " required by %s: %s", hull_pool_nevra(p, r->by), r->dep);
		break;
	case HULL_REASON_CONFLICTS:
		hull_buf_addf(out, " mediates %s: %s", hull_pool_nevra(p, r->by), r->dep);
		break;
	case HULL_REASON_RECOMMENDS:
		hull_buf_addf(out, " recommended by %s: %s", hull_pool_nevra(p, r->by), r->dep);
		break;
	case HULL_REASON_SUPPLEMENTS:
		hull_buf_addf(out, " supplements %s: %s", hull_pool_nevra(p, r->by), r->dep);
		break;
	}
	hull_buf_addc(out, '\n');
}

static void dump_result(struct hull_pool *p, const struct hull_closure_request *r,
			struct hull_buf *out)
{
	struct hull_pkgset set = {0};
	struct hull_arena arena = {0};
	struct hull_err e;
	hull_autostrv struct hull_strv lines = {0};

	if (hull_pool_closure(p, r, &set, NULL, &e) < 0) {
		hull_autofree char *problems = hull_strdup(e.msg);

		for (char *line = problems, *next; line; line = next) {
			next = strchr(line, '\n');
			if (next)
				*next++ = '\0';
			hull_buf_addf(out, "problem %s\n", line);
		}
	} else {
		struct hull_reason *reasons = hull_alloc_array(set.n + 1, sizeof *reasons);

		hull_pool_reasons(p, r, &set, &arena, reasons);
		for (size_t i = 0; i < set.n; i++) {
			hull_autobuf struct hull_buf line = {0};

			hull_buf_addf(&line, "in %s", hull_pool_nevra(p, set.v[i]));
			dump_reason(p, &reasons[i], &line);
			hull_strv_add(&lines, line.p);
		}
		free(reasons);
	}
	hull_strv_sort(&lines);
	for (size_t i = 0; i < lines.n; i++)
		hull_buf_adds(out, lines.v[i]);
	hull_arena_fini(&arena);
	hull_pkgset_fini(&set);
}

void hull_pool_dump(struct hull_pool *p, const struct hull_closure_request *r, struct hull_buf *out)
{
	struct hull_view v;

	hull_view_init(&v, p, r, NULL);
	hull_buf_addf(out, "arch %s\n", p->arch);
	for (Id s = v.first; s < v.end; s++)
		dump_package(&v, r, s, out);
	dump_list("want", r->wants, out);
	dump_list("not", r->conflicts, out);
	if (r->weak)
		hull_buf_adds(out, "weak\n");
	if (r->fewest)
		hull_buf_adds(out, "fewest\n");
	if (r->named)
		hull_buf_adds(out, "named\n");
	if (r->ranked)
		hull_buf_adds(out, "ranked\n");
	hull_view_fini(&v);
	dump_result(p, r, out);
}
