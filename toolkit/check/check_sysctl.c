// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "check/check.h"
#include "system/confdir.h"
#include "system/kernelconfig.h"

/* A line of a sysctl.d file. */
struct setting {
	const char *key; /* with slashes: "net/ipv4/ip_forward" */
	const char *value, *where;
};

struct settings {
	struct setting *v;
	size_t n, cap;
};

/* In "net.ipv4.conf.eth0/1.rp_filter" dots and slashes change their parts; a key whose first
 * separator is a slash has them as they are in /proc/sys (sysctl.d(5)). */
static char *path_of(const char *key, size_t n, struct hull_arena *a)
{
	char *out = hull_arena_strndup(a, key, n), *first = strpbrk(out, "./");

	if (first && *first == '.')
		for (char *p = out; *p; p++)
			*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return out;
}

static void take_line(const char *line, const char *where, struct hull_arena *a,
		      struct settings *out)
{
	const char *equals = strchr(line, '='), *value;
	size_t n;

	line += *line == '-';
	if (!equals)
		return;
	n = (size_t)(equals - line);
	while (n && strchr(" \t", line[n - 1]))
		n--;
	value = equals + 1 + strspn(equals + 1, " \t");
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n++] =
		(struct setting){path_of(line, n, a), hull_arena_strdup(a, value), where};
}

static int read_settings(struct hull_check *c, struct settings *out, struct hull_err *e)
{
	struct hull_confdir files = {0};
	int rc = 0;

	hull_confdir_list(&c->s->tree, "sysctl.d", ".conf", &files);
	for (size_t i = 0; rc == 0 && i < files.n; i++) {
		const char *where = hull_arena_strdup(&c->arena, files.v[i].path), *line;
		hull_autobuf struct hull_buf text = {0};
		struct hull_lines lines;

		rc = hull_tree_read(&c->s->tree, files.v[i].node, &text, e);
		if (rc < 0) {
			hull_wrap(e, "%s: ", where);
			break;
		}
		hull_lines_init(&lines, text.p, text.n);
		while ((line = hull_lines_next(&lines)))
			if (*line && *line != '#' && *line != ';')
				take_line(line, where, &c->arena, out);
		hull_lines_fini(&lines);
	}
	hull_confdir_fini(&files);
	return rc;
}

/* The last setting of the very key; else the last pattern that matches it. */
static const struct setting *find(const struct settings *s, const char *key)
{
	const struct setting *pattern = NULL;

	for (size_t i = s->n; i-- > 0;) {
		if (!strcmp(s->v[i].key, key))
			return &s->v[i];
		if (!pattern && fnmatch(s->v[i].key, key, FNM_PATHNAME) == 0)
			pattern = &s->v[i];
	}
	return pattern;
}

static bool satisfies(const char *value, const char *wanted)
{
	if (hull_starts(wanted, ">=")) {
		char *end;
		long have = strtol(value, &end, 0);

		return end != value && !*end && have >= strtol(wanted + 2, NULL, 10);
	}
	for (const char *at = wanted;; at++) {
		size_t n = strcspn(at, "|");

		if (strlen(value) == n && !strncmp(value, at, n))
			return true;
		at += n;
		if (!*at)
			return false;
	}
}

/* "SYMBOL?a:b" */
static const char *default_value(const char *text, const struct hull_kernel_config *k,
				 struct hull_arena *a)
{
	const char *question = strchr(text, '?'), *colon = question ? strchr(question, ':') : NULL;
	const char *symbol, *value;

	if (!colon)
		return text;
	symbol = hull_arena_strndup(a, text, (size_t)(question - text));
	value = hull_kernel_config_value(k, symbol);
	return strcmp(value, "y") != 0 && strcmp(value, "m") != 0
		       ? colon + 1
		       : hull_arena_strndup(a, question + 1, (size_t)(colon - question - 1));
}

static int check_line(struct hull_check *c, const char *line, const struct settings *settings,
		      const struct hull_kernel_config *k, struct hull_err *e)
{
	const char *words[3], *at = line, *value, *word;
	const struct setting *set;
	size_t n;

	for (size_t i = 0; i < 3; i++) {
		if (!hull_word(&at, &word, &n))
			return hull_fail(e, HULL_FAILED,
					 "'%s' is not 'parameter wanted default reason'", line);
		words[i] = hull_arena_strndup(&c->arena, word, n);
	}
	at += strspn(at, " \t");
	set = find(settings, path_of(words[0], strlen(words[0]), &c->arena));
	value = set ? set->value : default_value(words[2], k, &c->arena);
	if ((!set && !strcmp(value, "-")) || satisfies(value, words[1]))
		return 0;
	hull_findings_add(c->out, "HULL-SYSCTL", HULL_OBJECT_OPTION, words[0], NULL,
			  "is %s (%s), recommended is %s: %s", value,
			  set ? set->where : "no file sets it", words[1], at);
	return 0;
}

static int check_all(struct hull_check *c, const struct settings *settings,
		     const struct hull_kernel_config *k, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/sysctl.checks", c->o->checks);
	hull_autobuf struct hull_buf text = {0};
	struct hull_lines lines;
	const char *line;
	int rc = 0;

	if (hull_file_read_most(AT_FDCWD, path, HULL_WRITTEN_BYTES, &text, e) < 0)
		return -1;
	hull_lines_init(&lines, text.p, text.n);
	while (rc == 0 && (line = hull_lines_next(&lines)))
		if (*line && *line != '#' && check_line(c, line, settings, k, e) < 0)
			rc = hull_wrap(e, "%s:%d: ", path, lines.number);
	hull_lines_fini(&lines);
	return rc;
}

int hull_check_sysctl(struct hull_check *c, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_kernel_config config = {0};
	struct settings settings = {0};
	const char *name;
	int rc;

	/* a container has the parameters of its host */
	if (!c->s->kernel_version)
		return 0;
	/* what is wrong with the configuration is told by another check */
	if (hull_check_kernel_config(c, &text, &name, NULL) > 0)
		hull_ignore(hull_kernel_config_init(text.p, text.n, &config, NULL));
	rc = read_settings(c, &settings, e);
	if (rc == 0)
		rc = check_all(c, &settings, &config, e);
	free(settings.v);
	hull_kernel_config_fini(&config);
	return rc;
}
