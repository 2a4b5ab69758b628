// SPDX-License-Identifier: MIT
#include "finding/sarif.h"

#include <string.h>

#include "base/hash.h"
#include "text/json.h"
#include "text/percent.h"

static const char *level(enum hull_severity s)
{
	return s >= HULL_HIGH ? "error" : s >= HULL_MEDIUM ? "warning" : "note";
}

/* Scales of code-scanning tools: critical is above 9, high above 7, medium above 4. */
static const char *score(enum hull_severity s)
{
	static const char *const scores[] = {"0.0", "2.0", "5.5", "8.0", "9.5"};

	return scores[s];
}

/* Names in an image may be any bytes. */
static json_t *message(const char *text)
{
	return json_pack("{s:o}", "text", hull_json_clean(text));
}

static json_t *rule(const struct hull_rule *r)
{
	return json_pack("{s:s, s:o, s:o, s:{s:s}, s:{s:s}}", "id", r->id, "shortDescription",
			 message(r->title), "help", message(r->remediation), "defaultConfiguration",
			 "level", level(r->severity), "properties", "security-severity",
			 score(r->severity));
}

/* A path as a relative reference (RFC 3986). */
static char *uri(const char *path)
{
	struct hull_buf out = {0};

	hull_buf_adds(&out, "");
	path += *path == '/';
	hull_percent_encode(&out, path, strlen(path), "/+@");
	return hull_buf_steal(&out);
}

static json_t *location(const struct hull_finding *f)
{
	hull_autofree char *path = f->kind == HULL_OBJECT_FILE ? uri(f->object) : NULL;

	if (path && *path)
		return json_pack("{s:{s:{s:s, s:s}}}", "physicalLocation", "artifactLocation",
				 "uri", path, "uriBaseId", "IMAGE");
	return json_pack("{s:[{s:o, s:s}]}", "logicalLocations", "fullyQualifiedName",
			 hull_json_clean(f->object), "kind", hull_object_kind_name(f->kind));
}

static json_t *result(const struct hull_finding *f)
{
	hull_autofree char *text = hull_asprintf("%s: %s", f->object, f->reason);
	hull_autohash struct hull_hash *h = hull_hash_new();
	char print[HULL_HEX];
	json_t *j;

	hull_hash_field(h, "id", f->rule->id);
	hull_hash_field(h, "object", f->object);
	hull_hash_hex(h, print);
	j = json_pack("{s:s, s:i, s:s, s:o, s:[o], s:{s:s}, s:{s:s, s:s}}", "ruleId", f->rule->id,
		      "ruleIndex", (int)(f->rule - hull_rules), "level", level(f->severity),
		      "message", message(text), "locations", location(f), "partialFingerprints",
		      "hullFinding/v1", print, "properties", "severity",
		      hull_severity_name(f->severity), "remediation", f->remediation);
	hull_json_set_clean(json_object_get(j, "properties"), "package", f->package);
	if (f->accepted)
		json_object_set_new(j, "suppressions",
				    json_pack("[{s:s, s:s, s:s}]", "kind", "external", "status",
					      "accepted", "justification", f->accepted));
	return j;
}

json_t *hull_findings_to_sarif(const struct hull_findings *f, const char *image,
			       const char *version)
{
	json_t *rules = json_array(), *results = json_array(), *notes = json_array();
	hull_autofree char *base = uri(image);

	for (size_t i = 0; i < hull_nrules; i++)
		json_array_append_new(rules, rule(&hull_rules[i]));
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(results, result(&f->v[i]));
	for (size_t i = 0; i < f->errors.n; i++)
		json_array_append_new(notes, json_pack("{s:s, s:o}", "level", "error", "message",
						       message(f->errors.v[i])));
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:s, s:o}}, s:{s:{s:o}}, s:[{s:{s:s}}], "
			 "s:[{s:b, s:o}], s:s, s:o}]}",
			 "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version",
			 "2.1.0", "runs", "tool", "driver", "name", "hull", "version", version,
			 "fullName", "hull audit", "rules", rules, "originalUriBaseIds", "IMAGE",
			 "description", message("the root of the image's file tree"), "artifacts",
			 "location", "uri", base, "invocations", "executionSuccessful",
			 f->errors.n == 0, "toolExecutionNotifications", notes, "columnKind",
			 "utf16CodeUnits", "results", results);
}
