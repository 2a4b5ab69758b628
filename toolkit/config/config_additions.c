// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

/* What Azure Linux's configurations do not have: Services, Identity, Container. */

static int check_unit(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	static const char *const suffixes[] = {".service",   ".socket", ".timer",
					       ".path",	     ".target", ".mount",
					       ".automount", ".swap",	".slice"};
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (s[0] == '.' || s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789:_.\\@-")])
		return hull_jsonpos_fail(e, v, "Name: '%s' is no name of a unit", s);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (hull_ends(s, suffixes[i]))
			return 0;
	return hull_jsonpos_fail(e, v, "Name: '%s' is no name of a unit; %s.service?", s, s);
}

static const struct hull_config_field service_fields[] = {
	{"Name", HULL_FIELD_STRING, .offset = offsetof(struct hull_service, unit),
	 .read = check_unit},
	{"Reason", HULL_FIELD_STRING, .offset = offsetof(struct hull_service, reason)},
	{.kind = HULL_FIELD_END},
};

static int read_service(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			bool enable, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct hull_service s = {.where = hull_config_where(r, v), .enable = enable};

	if (hull_config_object(r, v, service_fields, &s, e) < 0)
		return -1;
	if (!s.unit)
		return hull_jsonpos_fail(e, v, "Services: a unit without a Name");
	if (!s.reason)
		return hull_jsonpos_fail(e, v, "Services: %s without a Reason", s.unit);
	for (size_t i = 0; i < c->nservices; i++)
		if (!strcmp(c->services[i].unit, s.unit))
			return hull_jsonpos_fail(e, v, "Services: %s comes twice: also %s", s.unit,
						 c->services[i].where);
	c->services = hull_config_more(c->services, &c->nservices, sizeof s);
	c->services[c->nservices - 1] = s;
	return 0;
}

static int read_enabled(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	(void)into;
	return read_service(r, v, true, e);
}

static int read_disabled(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	(void)into;
	return read_service(r, v, false, e);
}

int hull_config_services(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	static const struct hull_config_field fields[] = {
		{"Enable", HULL_FIELD_EACH, .read = read_enabled},
		{"Disable", HULL_FIELD_EACH, .read = read_disabled},
		{.kind = HULL_FIELD_END},
	};

	return hull_config_object(r, v, fields, into, e);
}

/* os-release(5): ID, VERSION_ID, VARIANT_ID and BUILD_ID are for programs. */
static int check_id(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		    struct hull_err *e)
{
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
		return hull_jsonpos_fail(e, v, "%s: '%s' has more than a-z, 0-9, '.', '_', '-'",
					 v->name, s);
	return 0;
}

static int check_text(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	(void)r;
	(void)into;
	for (const char *p = json_string_value(v->json); *p; p++)
		if ((unsigned char)*p < ' ')
			return hull_jsonpos_fail(e, v, "%s: has a control character", v->name);
	return 0;
}

#define AT(member) offsetof(struct hull_identity, member)

static const struct hull_config_field identity_fields[] = {
	{"ID", HULL_FIELD_STRING, .offset = AT(id), .read = check_id},
	{"Name", HULL_FIELD_STRING, .offset = AT(name), .read = check_text},
	{"VersionID", HULL_FIELD_STRING, .offset = AT(version_id), .read = check_id},
	{"Version", HULL_FIELD_STRING, .offset = AT(version), .read = check_text},
	{"PrettyName", HULL_FIELD_STRING, .offset = AT(pretty_name), .read = check_text},
	{"VariantID", HULL_FIELD_STRING, .offset = AT(variant_id), .read = check_id},
	{"HomeURL", HULL_FIELD_STRING, .offset = AT(home_url), .read = check_text},
	{"BuildID", HULL_FIELD_STRING, .offset = AT(build_id), .read = check_id},
	{.kind = HULL_FIELD_END},
};
#undef AT

int hull_config_identity(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	return hull_config_object(r, v, identity_fields, into, e);
}

static int check_variable(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json), *equals = strchr(s, '=');

	(void)r;
	(void)into;
	if (!equals || equals == s)
		return hull_jsonpos_fail(e, v, "Environment: '%s' is not of the form NAME=VALUE",
					 s);
	return 0;
}

#define AT(member) offsetof(struct hull_image_config, member)

static const struct hull_config_field container_fields[] = {
	{"Entrypoint", HULL_FIELD_STRINGS, .offset = AT(entrypoint)},
	{"Command", HULL_FIELD_STRINGS, .offset = AT(command)},
	{"Environment", HULL_FIELD_STRINGS, .offset = AT(environment), .read = check_variable},
	{"WorkingDir", HULL_FIELD_STRING, .offset = AT(working_dir), .read = hull_config_path},
	{"User", HULL_FIELD_STRING, .offset = AT(user)},
	{.kind = HULL_FIELD_END},
};

int hull_config_container(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	const struct hull_image_config *c = r->c;
	bool oci = false;

	for (size_t i = 0; i < c->nartifacts; i++)
		oci |= c->artifacts[i].type == HULL_ARTIFACT_OCI;
	if (!oci && json_object_size(v->json))
		return hull_jsonpos_fail_key(e, v, "Container: there is no artifact of Type oci");
	return hull_config_object(r, v, container_fields, into, e);
}
