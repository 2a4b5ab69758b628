// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <arpa/inet.h>
#include <string.h>

static int read_protocol(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	static const char *const protocols[] = {"", "static", "dhcp", NULL};
	int i = hull_config_choice(v, protocols, e);

	(void)r;
	*(bool *)into = i == 2;
	return i < 0 ? -1 : 0;
}

static int check_address(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);
	unsigned char bytes[16];

	(void)r;
	(void)into;
	if (inet_pton(AF_INET, s, bytes) != 1 && inet_pton(AF_INET6, s, bytes) != 1)
		return hull_jsonpos_fail(e, v, "%s: '%s' is no IP address", v->name, s);
	return 0;
}

static int check_ipv4(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	struct in_addr address;

	if (inet_pton(AF_INET, json_string_value(v->json), &address) == 1)
		return 0;
	if (check_address(r, v, into, e) < 0)
		return -1;
	return hull_jsonpos_fail(e, v,
				 "Ip: a fixed IPv6 address has no place for its prefix here; "
				 "add a .network file with AdditionalFiles");
}

static int check_mask(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	const char *s = json_string_value(v->json);
	struct in_addr mask;
	uint32_t host;

	(void)r;
	(void)into;
	if (inet_pton(AF_INET, s, &mask) != 1)
		return hull_jsonpos_fail(e, v, "NetMask: '%s' is no mask like 255.255.255.0", s);
	host = ~ntohl(mask.s_addr);
	if (host & (host + 1))
		return hull_jsonpos_fail(e, v, "NetMask: the ones of '%s' are not all in front", s);
	return 0;
}

/* A name of an interface, or a hardware address. */
static int check_device(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);
	size_t n = strlen(s);
	bool mac = n == 17 && strspn(s, "0123456789abcdefABCDEF:") == n;

	(void)r;
	(void)into;
	if (!strcmp(s, "bootif"))
		return hull_jsonpos_fail(e, v,
					 "Device: bootif is for installers that were started "
					 "over the network");
	if (!mac && (n > 15 || strpbrk(s, "/ \t\n:\"'")))
		return hull_jsonpos_fail(e, v,
					 "Device: '%s' is neither the name of an interface "
					 "nor a hardware address",
					 s);
	return 0;
}

#define AT(member) offsetof(struct hull_network, member)

static const struct hull_config_field network_fields[] = {
	{"Device", HULL_FIELD_STRING, .offset = AT(device), .read = check_device},
	{"BootProto", HULL_FIELD_CALL, .offset = AT(dhcp), .read = read_protocol},
	{"Ip", HULL_FIELD_STRING, .offset = AT(address), .read = check_ipv4},
	{"NetMask", HULL_FIELD_STRING, .offset = AT(mask), .read = check_mask},
	{"GateWay", HULL_FIELD_STRING, .offset = AT(gateway), .read = check_address},
	{"NameServers", HULL_FIELD_STRINGS, .offset = AT(name_servers), .read = check_address},
	{"NameServer", HULL_FIELD_STRINGS, .offset = AT(name_servers), .read = check_address},
	{"OnBoot", HULL_FIELD_BOOL, .offset = AT(on_boot)},
	{.kind = HULL_FIELD_END},
};

static int check_network(const struct hull_image_config *c, const struct hull_jsonpos_value *v,
			 const struct hull_network *n, struct hull_err *e)
{
	if (!n->device)
		return hull_jsonpos_fail(e, v, "Networks: a network without a Device");
	if (!n->dhcp && !n->address)
		return hull_jsonpos_fail(e, v, "Networks: %s has neither BootProto dhcp nor an Ip",
					 n->device);
	if (n->address && !n->mask)
		return hull_jsonpos_fail(e, v, "Networks: %s: an Ip without a NetMask", n->device);
	if (n->mask && !n->address)
		return hull_jsonpos_fail(e, v, "Networks: %s: a NetMask without an Ip", n->device);
	for (size_t i = 0; i < c->nnetworks; i++)
		if (!strcmp(c->networks[i].device, n->device))
			return hull_jsonpos_fail(e, v, "Networks: %s comes twice: also %s",
						 n->device, c->networks[i].where);
	return 0;
}

int hull_config_network(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct hull_network n = {.where = hull_config_where(r, v)};

	(void)into;
	if (hull_config_object(r, v, network_fields, &n, e) < 0 || check_network(c, v, &n, e) < 0) {
		hull_strv_fini(&n.name_servers);
		return -1;
	}
	c->networks = hull_config_more(c->networks, &c->nnetworks, sizeof n);
	c->networks[c->nnetworks - 1] = n;
	return 0;
}
