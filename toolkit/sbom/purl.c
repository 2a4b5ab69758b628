// SPDX-License-Identifier: MIT
#include "sbom/purl.h"

#include <ctype.h>
#include <string.h>
#include <sys/types.h>

#include "base/str.h"
#include "text/percent.h"

static void add_namespace(struct hull_buf *out, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "/");

		if (n) {
			hull_percent_encode(out, s, n, ":");
			hull_buf_addc(out, '/');
		}
		s += n + (s[n] == '/');
	}
}

const char *hull_purl(struct hull_arena *a, const char *type, const char *name_space,
		      const char *name, const char *version,
		      const struct hull_purl_qualifier *qualifiers)
{
	hull_autobuf struct hull_buf out = {0};
	char separator = '?';

	hull_buf_addf(&out, "pkg:%s/", type);
	if (name_space)
		add_namespace(&out, name_space);
	hull_percent_encode(&out, name, strlen(name), ":");
	if (version && *version) {
		hull_buf_addc(&out, '@');
		hull_percent_encode(&out, version, strlen(version), ":");
	}
	for (const struct hull_purl_qualifier *q = qualifiers; q && q->key; q++) {
		if (!q->value || !*q->value)
			continue;
		hull_buf_addf(&out, "%c%s=", separator, q->key);
		hull_percent_encode(&out, q->value, strlen(q->value), ":/");
		separator = '&';
	}
	return hull_arena_strdup(a, out.p);
}

static const char *lower(struct hull_arena *a, const char *s)
{
	char *copy = hull_arena_strdup(a, s);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

const char *hull_purl_rpm(struct hull_arena *a, const char *vendor, const struct hull_package *p)
{
	const char *version = hull_arena_printf(a, "%s-%s", p->version, p->release);
	const char *epoch = p->epoch ? hull_arena_printf(a, "%u", p->epoch) : NULL;
	const struct hull_purl_qualifier qualifiers[] = {
		{"arch", p->arch}, {"epoch", epoch}, {"upstream", p->source_rpm}, {NULL, NULL}};

	return hull_purl(a, "rpm", vendor ? lower(a, vendor) : NULL, p->name, version, qualifiers);
}

const char *hull_purl_go(struct hull_arena *a, const char *module, const char *version)
{
	const char *name_space = NULL, *slash;

	module = lower(a, module); /* as the purl type has it */
	slash = strrchr(module, '/');
	if (slash)
		name_space = hull_arena_strndup(a, module, (size_t)(slash - module));
	return hull_purl(a, "golang", name_space, slash ? slash + 1 : module, version, NULL);
}

const char *hull_purl_deb(struct hull_arena *a, const char *file, const char **out_name,
			  const char **out_version)
{
	const char *first = strchr(file, '_');
	const char *second = first ? strchr(first + 1, '_') : NULL;
	size_t n = strlen(file);
	struct hull_purl_qualifier qualifiers[] = {{"arch", NULL}, {NULL, NULL}};

	if (!second || !hull_ends(file, ".deb") || first == file || second == first + 1)
		return NULL;
	*out_name = hull_arena_strndup(a, file, (size_t)(first - file));
	*out_version = hull_arena_strndup(a, first + 1, (size_t)(second - first) - 1);
	qualifiers[0].value =
		hull_arena_strndup(a, second + 1, n - (size_t)(second + 1 - file) - strlen(".deb"));
	return hull_purl(a, "deb", "debian", *out_name, *out_version, qualifiers);
}
