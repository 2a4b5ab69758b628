// SPDX-License-Identifier: MIT
#include "builder/stages.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/collect.h"
#include "store/buildrecord.h"
#include "store/sealed.h"

enum { REQUIRES_BYTES = 1 << 20, CHECK_BYTES = 64, SHOWN_BYTES = 200 };

/* %generate_buildrequires: its output is taken when it has succeeded. %check: TRIES runs at most; FATAL
 * says whether the last one counts. */
const char hull_stage_program[] =
	"#!/bin/bash\n"
	"set -o pipefail\n"
	"stage=$1\n"
	"shift\n"
	"case $stage in\n"
	"requires)\n"
	"	\"$@\" | tee /hull/build/.requires.new || exit\n"
	"	mv /hull/build/.requires.new /hull/build/.requires\n"
	"	;;\n"
	"check)\n"
	"	tries=$1 fatal=$2\n"
	"	shift 2\n"
	"	for ((i = 1; ; i++)); do\n"
	"		\"$@\" && status=0 || status=$?\n"
	"		if [ $status = 0 ]; then\n"
	"			echo \"passed $i\" >/hull/build/.check\n"
	"			exit 0\n"
	"		fi\n"
	"		echo \"hull: %check: exit status $status, run $i of $tries\"\n"
	"		[ $i -lt $tries ] || break\n"
	"	done\n"
	"	echo \"failed $i\" >/hull/build/.check\n"
	"	[ $fatal = 0 ] || exit $status\n"
	"	;;\n"
	"esac\n";

static int64_t tries(const json_t *job)
{
	int64_t n = json_integer_value(json_object_get(job, "check_tries"));

	return n > 1 ? n : 1;
}

static bool has_check(const json_t *job)
{
	return json_is_true(json_object_get(job, "checks"));
}

void hull_stage_arguments(const json_t *job, struct hull_strv *argv)
{
	const struct hull_build_inputs in = hull_build_inputs_parse(json_object_get(job, "inputs"));
	bool may_fail = in.check && !strcmp(in.check, "may-fail");
	const char *name;
	json_t *body;

	json_object_foreach (in.defines, name, body) {
		hull_strv_add(argv, "--define");
		hull_strv_addf(argv, "%s %s", name, json_string_value(body));
	}
	if (in.check && !strcmp(in.check, "none")) {
		hull_strv_add(argv, "--nocheck");
	} else if (has_check(job) && (may_fail || tries(job) > 1)) {
		hull_strv_add(argv, "--define");
		hull_strv_addf(argv,
			       "__spec_check_cmd /bin/bash /hull/stage check %" PRId64
			       " %d %%{___build_cmd}",
			       tries(job), !may_fail);
	}
	if (json_is_true(json_object_get(job, "generate"))) {
		hull_strv_add(argv, "--define");
		hull_strv_add(argv, "__spec_buildrequires_cmd /bin/bash /hull/stage requires "
				    "%{___build_cmd}");
	}
}

/* A file that a build has left in its directory, which is a stranger's: 1, or 0 if there is none. */
static int read_left(const struct hull_store *s, const char *dir, const char *name,
		     uint64_t most_bytes, struct hull_buf *out, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("build/%s", name);
	hull_autofree char *from = hull_asprintf("%s/%s", dir, path);
	hull_autofd int fd = -1;

	if (!hull_exists(s->fd, from))
		return 0;
	fd = hull_collect_open(s, dir, path, e);
	if (fd < 0)
		return -1;
	if (hull_fd_read_most(fd, most_bytes, out, e) < 0)
		return hull_wrap(e, "the build has made %s: ", path);
	return 1;
}

/* --- %check --- */

const char *hull_stage_check(const struct hull_store *s, const char *dir, const json_t *job,
			     int64_t *out_tries)
{
	const struct hull_build_inputs in = hull_build_inputs_parse(json_object_get(job, "inputs"));
	hull_autobuf struct hull_buf text = {0};
	uint64_t n = 1;

	*out_tries = 0;
	if (!has_check(job))
		return NULL;
	if (in.check && !strcmp(in.check, "none"))
		return "none";
	*out_tries = 1;
	if (!in.check && tries(job) == 1)
		return "passed"; /* or there would be no package */
	if (read_left(s, dir, ".check", CHECK_BYTES, &text, NULL) <= 0)
		return in.check ? "failed" : "passed";
	if (text.n && text.p[text.n - 1] == '\n')
		text.p[--text.n] = '\0';
	if (text.n > 7 && hull_parse_u64(text.p + 7, 1, (uint64_t)tries(job), &n))
		*out_tries = (int64_t)n;
	return !in.check || hull_starts(text.p, "passed ") ? "passed" : "failed";
}

/* --- %generate_buildrequires --- */

/* The lines of its output. */
static json_t *lines(char *text)
{
	json_t *list = json_array();
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t n;

		line += strspn(line, " \t");
		n = strlen(line);
		while (n && strchr(" \t\r", line[n - 1]))
			n--;
		line[n] = '\0';
		if (n)
			json_array_append_new(list, json_string(line));
	}
	return list;
}

int hull_generated_keep(const struct hull_store *s, const char *dir, const json_t *job,
			struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = NULL;
	int r = read_left(s, dir, ".requires", REQUIRES_BYTES, &text, e);

	if (r < 0)
		return -1;
	/* none, and no failure: the section is in a condition that does not hold */
	if (text.n && memchr(text.p, '\0', text.n))
		return hull_fail(e, HULL_FAILED, "%%generate_buildrequires prints what is no text");
	j = json_pack("{s:o}", "requires", text.n ? lines(text.p) : json_array());
	return hull_sealed_write(s, HULL_STORE_REQUIRES, hull_json_optional(job, "key"), j, e);
}

static bool same(const char *x, const char *y)
{
	return !strcmp(x ? x : "", y ? y : "");
}

static bool is_known(const struct hull_generated *g, const struct hull_dep *d)
{
	for (size_t i = 0; i < g->deps.n; i++) {
		const struct hull_dep *known = &g->deps.v[i];

		if (known->flags == d->flags && same(known->name, d->name) &&
		    same(known->evr, d->evr))
			return true;
	}
	return false;
}

/* What a line asks for that was not asked for before; how many that are. */
static int take_line(struct hull_generated *g, const char *line, struct hull_arena *a,
		     struct hull_err *e)
{
	struct hull_deps deps = {0};
	int taken = 0;

	if (hull_deps_parse(line, a, &deps, e) < 0)
		return -1;
	for (size_t i = 0; i < deps.n; i++) {
		if (is_known(g, &deps.v[i]))
			continue;
		if (g->deps.n == HULL_GENERATE_MOST)
			return hull_fail(e, HULL_FAILED, "the limit is %d requirements",
					 HULL_GENERATE_MOST);
		hull_deps_add(&g->deps, a, &deps.v[i]);
		taken++;
	}
	return taken;
}

int hull_generated_next(const struct hull_store *s, const struct hull_spec *spec, const char *key,
			struct hull_arena *a, struct hull_generated *g, enum hull_generate *out,
			struct hull_err *e)
{
	hull_autojson json_t *j = NULL;
	const json_t *line;
	int more = 0, r = hull_sealed_take(s, HULL_STORE_REQUIRES, key, &j, e);
	size_t i;

	if (r < 0)
		return -1;
	*out = HULL_GENERATE_RUN;
	if (r == 0)
		return 0;
	json_array_foreach (json_object_get(j, "requires"), i, line) {
		const char *text = json_string_value(line);

		r = take_line(g, text ? text : "", a, e);
		if (r < 0)
			return hull_wrap(e, "%s: %%generate_buildrequires: '%.*s': ", spec->path,
					 (int)strnlen(text ? text : "", SHOWN_BYTES),
					 text ? text : "");
		more += r;
	}
	*out = more ? HULL_GENERATE_MORE : HULL_GENERATE_SETTLED;
	if (more && ++g->rounds > HULL_GENERATE_ROUNDS)
		return hull_fail(
			e, HULL_FAILED,
			"%s: %%generate_buildrequires asks for something new in each of %d rounds, "
			"'%s' the last time",
			spec->path, HULL_GENERATE_ROUNDS,
			hull_dep_text(&g->deps.v[g->deps.n - 1], a));
	return 0;
}
