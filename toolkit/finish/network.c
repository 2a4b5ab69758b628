// SPDX-License-Identifier: MIT
#include "finish/network.h"

#include <arpa/inet.h>
#include <string.h>

struct address {
	int family;
	unsigned char bytes[16];
	unsigned int bits;
};

static int parse(const struct hull_network *n, const char *what, const char *text,
		 struct address *out, struct hull_err *e)
{
	*out = (struct address){.family = strchr(text, ':') ? AF_INET6 : AF_INET};
	out->bits = out->family == AF_INET6 ? 128 : 32;
	if (inet_pton(out->family, text, out->bytes) != 1)
		return hull_fail(e, HULL_FAILED, "%s: '%s' is not an IP address for the %s of %s",
				 n->where, text, what, n->device);
	return 0;
}

/* The length of the prefix that a mask stands for; a number is one already. */
static int prefix(const struct hull_network *n, unsigned int bits, struct hull_err *e)
{
	struct address mask;
	unsigned int ones = 0;
	uint64_t length;

	if (!n->mask)
		return (int)bits;
	if (hull_parse_u64(n->mask, 0, bits, &length))
		return (int)length;
	if (parse(n, "mask", n->mask, &mask, e) < 0)
		return -1;
	while (ones < mask.bits && mask.bytes[ones / 8] & 0x80 >> ones % 8)
		ones++;
	for (unsigned int i = ones; i < mask.bits; i++)
		if (mask.bytes[i / 8] & 0x80 >> i % 8)
			return hull_fail(e, HULL_FAILED, "%s: the mask '%s' of %s has holes",
					 n->where, n->mask, n->device);
	if (mask.bits != bits)
		return hull_fail(e, HULL_FAILED, "%s: the mask '%s' of %s is of another family",
				 n->where, n->mask, n->device);
	return (int)ones;
}

static int add_static(const struct hull_network *n, struct hull_buf *out, struct hull_err *e)
{
	struct address address;
	int length;

	if (!n->address)
		return hull_fail(e, HULL_FAILED, "%s: %s has neither DHCP nor an address", n->where,
				 n->device);
	if (parse(n, "address", n->address, &address, e) < 0)
		return -1;
	length = prefix(n, address.bits, e);
	if (length < 0)
		return -1;
	hull_buf_addf(out, "Address=%s/%d\n", n->address, length);
	if (!n->gateway)
		return 0;
	if (parse(n, "gateway", n->gateway, &address, e) < 0)
		return -1;
	hull_buf_addf(out, "Gateway=%s\n", n->gateway);
	return 0;
}

int hull_network_text(const struct hull_network *n, struct hull_buf *out, struct hull_err *e)
{
	hull_buf_addf(out, "[Match]\nName=%s\n\n", n->device);
	if (!n->on_boot)
		hull_buf_adds(out, "[Link]\nActivationPolicy=manual\nRequiredForOnline=no\n\n");
	hull_buf_adds(out, "[Network]\n");
	if (n->dhcp)
		hull_buf_adds(out, "DHCP=yes\n");
	else if (add_static(n, out, e) < 0)
		return -1;
	for (size_t i = 0; i < n->name_servers.n; i++) {
		struct address server;

		if (parse(n, "name server", n->name_servers.v[i], &server, e) < 0)
			return -1;
		hull_buf_addf(out, "DNS=%s\n", n->name_servers.v[i]);
	}
	return 0;
}
