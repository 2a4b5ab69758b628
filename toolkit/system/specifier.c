// SPDX-License-Identifier: MIT
#include "system/specifier.h"

#include <string.h>

#include "system/osrelease.h"

static const struct {
	char letter;
	const char *text; /* NULL: see os_release */
	const char *field;
} specifiers[] = {
	{'%', "%", NULL},
	{'C', "/var/cache", NULL},
	{'L', "/var/log", NULL},
	{'S', "/var/lib", NULL},
	{'t', "/run", NULL},
	{'T', "/tmp", NULL},
	{'V', "/var/tmp", NULL},
	{'h', "/root", NULL},
	{'u', "root", NULL},
	{'U', "0", NULL},
	{'g', "root", NULL},
	{'G', "0", NULL},
	{'A', NULL, "IMAGE_VERSION"},
	{'B', NULL, "BUILD_ID"},
	{'M', NULL, "IMAGE_ID"},
	{'o', NULL, "ID"},
	{'w', NULL, "VERSION_ID"},
	{'W', NULL, "VARIANT_ID"},
};
static const char of_the_running_system[] = "abHlmv";

static int add_field(const struct hull_tree *t, const char *field, struct hull_buf *out,
		     struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0}, value = {0};
	int node = hull_os_release_find(t);

	if (node < 0)
		return 0;
	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "os-release: ");
	if (hull_os_release_get(text.p, field, &value))
		hull_buf_add(out, value.p, value.n);
	return 0;
}

int hull_specifier_expand(const struct hull_tree *t, const char *text, struct hull_buf *out,
			  struct hull_err *e)
{
	size_t known = sizeof specifiers / sizeof *specifiers, i;

	out->n = 0;
	hull_buf_adds(out, "");
	for (; *text; text++) {
		if (*text != '%') {
			hull_buf_addc(out, *text);
			continue;
		}
		text++;
		if (*text && strchr(of_the_running_system, *text))
			return 1;
		for (i = 0; i < known && specifiers[i].letter != *text; i++)
			;
		if (i == known)
			return hull_fail(e, HULL_FAILED, "unknown specifier \"%%%.1s\"", text);
		if (specifiers[i].text)
			hull_buf_adds(out, specifiers[i].text);
		else if (add_field(t, specifiers[i].field, out, e) < 0)
			return -1;
	}
	return 0;
}
