// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_document.h"
#include "tree/content.h"

/*
 * Files that a configuration names: within its directory, also by links, or with --allow-outside.
 * TOP/config is the directory, TOP/outside is not.
 */

static char top[] = "/tmp/hull-test-XXXXXX";

static void put(const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("%s/%s", top, name);
	struct hull_err e;

	if (hull_file_write(AT_FDCWD, path, text, strlen(text), 0644, &e) < 0)
		fail_msg("%s", e.msg);
}

static void link_to(const char *target, const char *name)
{
	hull_autofree char *to =
		*target == '@' ? hull_asprintf("%s%s", top, target + 1) : hull_strdup(target);
	hull_autofree char *path = hull_asprintf("%s/%s", top, name);

	unlink(path);
	assert_int_equal(symlink(to, path), 0);
}

static int set_up(void **state)
{
	static const char *const directories[] = {"config", "config/below", "config-2", "outside"};
	hull_autofree char *fifo = NULL;

	(void)state;
	assert_non_null(mkdtemp(top));
	for (size_t i = 0; i < 4; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", top, directories[i]);

		assert_int_equal(mkdir(path, 0755), 0);
	}
	fifo = hull_asprintf("%s/config/fifo", top);
	assert_int_equal(mkfifo(fifo, 0644), 0);
	put("config/plain", "within");
	put("config/below/plain", "within");
	put("config-2/secret", "secret");
	put("outside/secret", "secret");
	link_to("below/plain", "config/link");
	link_to("@/config/plain", "config/absolute-link");
	link_to("../plain", "config/below/up");
	link_to("../outside/secret", "config/link-out");
	link_to("@/outside/secret", "config/absolute-out");
	link_to("/etc/passwd", "config/passwd");
	link_to("link-out", "config/twice");
	link_to("../outside", "config/directory");
	link_to("loop", "config/loop");
	link_to("missing", "config/dangling");
	link_to("../outside/missing", "config/dangling-out");
	link_to("/proc/self/cwd", "config/magic");
	link_to("/dev/zero", "config/zero");
	return 0;
}

static int tear_down(void **state)
{
	struct hull_err e;

	(void)state;
	return hull_remove_tree(AT_FDCWD, top, &e);
}

enum member { ADDED, KEYS, LIST };

/* Reads a configuration that names a file ("@" is TOP) as the member does. */
static int read_naming(const char *name, enum member member, bool allow_outside,
		       struct hull_image_config *out, struct hull_err *e)
{
	static const char *const forms[] = {
		"\"AdditionalFiles\": {\"%s\": \"/x\"}",
		"\"Users\": [{\"Name\": \"u\", \"SSHPubKeyPaths\": [\"%s\"]}]",
		"\"PackageLists\": [\"%s\"]",
	};
	const char *form = forms[member], *at = strstr(form, "%s");
	hull_autofree char *named =
		*name == '@' ? hull_asprintf("%s%s", top, name + 1) : hull_strdup(name);
	hull_autofree char *text = hull_asprintf(
		"{\"Disks\": [{\"Artifacts\": [{\"Name\": \"x\", \"Type\": \"tar\"}]}],\n"
		" \"SystemConfigs\": [{\"Name\": \"x\", \"BootType\": \"none\", \"Packages\": [\"a\"],\n"
		"  %.*s%s%s}]}",
		(int)(at - form), form, named, at + 2);
	hull_autofree char *path = hull_asprintf("%s/config/config.json", top);

	put("config/config.json", text);
	return hull_config_read(path, "x86_64", allow_outside, out, e);
}

static void places(void **state)
{
	static const char outside[] = "is outside of the configuration's directory, at ";
	static const struct {
		const char *name;
		const char *place; /* outside; NULL: it is accepted */
		const char *also;  /* the message if it is another */
	} cases[] = {
		{"plain", NULL, NULL},
		{"below/plain", NULL, NULL},
		{"./below/../plain", NULL, NULL},
		{"link", NULL, NULL},
		{"below/up", NULL, NULL},
		{"absolute-link", NULL, NULL},
		{"@/config/plain", NULL, NULL},
		{"@/outside/../config/plain", NULL, NULL},
		{"../config/plain", NULL, NULL},
		{"../outside/secret", "@/outside/secret", NULL},
		{"below/../../outside/secret", "@/outside/secret", NULL},
		{"@/outside/secret", "@/outside/secret", NULL},
		{"@/config-2/secret", "@/config-2/secret", NULL},
		{"../config-2/secret", "@/config-2/secret", NULL},
		{"/etc/passwd", "/etc/passwd", NULL},
		{"link-out", "@/outside/secret", NULL},
		{"absolute-out", "@/outside/secret", NULL},
		{"passwd", "/etc/passwd", NULL},
		{"twice", "@/outside/secret", NULL},
		{"directory/secret", "@/outside/secret", NULL},
		{"zero", "/dev/zero", NULL},
		{"/dev/zero", "/dev/zero", NULL},
		{"loop", NULL, "Too many levels of symbolic links"},
		{"missing", NULL, "No such file or directory"},
		{"dangling", NULL, "No such file or directory"},
		{"dangling-out", NULL, "No such file or directory"},
		{"magic/plain", NULL, "No such file or directory"},
		{"fifo", NULL, "not a regular file"},
		{"below", NULL, "/config/below/up: a link; files of a directory are copied"},
		{"directory", "@/outside", NULL},
		{"../outside", "@/outside", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_image_config c;
		struct hull_err e = {0};
		int r = read_naming(cases[i].name, ADDED, false, &c, &e);
		hull_autofree char *place = hull_asprintf(
			"%s%s%s: copy it there", outside,
			cases[i].place && *cases[i].place == '@' ? top : "",
			!cases[i].place ? "" : cases[i].place + (*cases[i].place == '@'));

		if (!cases[i].place && !cases[i].also) {
			char text[6];

			if (r < 0)
				fail_msg("%s: %s", cases[i].name, e.msg);
			assert_int_equal(pread(c.files[0].source->fd, text, 6, 0), 6);
			assert_memory_equal(text, "within", 6);
			hull_config_fini(&c);
			continue;
		}
		if (r == 0)
			fail_msg("%s is accepted", cases[i].name);
		if (!strstr(e.msg, cases[i].place ? place : cases[i].also))
			fail_msg("%s: %s", cases[i].name, e.msg);
		if (!strstr(e.msg, "/config/config.json:3:") ||
		    (cases[i].place && !strstr(e.msg, "AdditionalFiles: '")))
			fail_msg("no place in: %s", e.msg);
	}
}

/* The other members that name files are no way around. */
static void other_members(void **state)
{
	static const char *const names[] = {"SSHPubKeyPaths: '", "PackageLists: '"};
	static const char *const ways[] = {"link-out", "../outside/secret", "@/outside/secret",
					   "directory/secret"};

	(void)state;
	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
			struct hull_image_config c;
			struct hull_err e = {0};

			assert_int_equal(read_naming(ways[i], m ? LIST : KEYS, false, &c, &e), -1);
			if (!strstr(e.msg, names[m]) || !strstr(e.msg, "is outside of") ||
			    strstr(e.msg, "no SSH public key") || strstr(e.msg, "near 's"))
				fail_msg("%s", e.msg);
		}
}

static void outside_is_allowed_when_asked_for(void **state)
{
	static const char *const ways[] = {"../outside/secret", "@/outside/secret", "link-out",
					   "directory/secret", "plain"};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct hull_image_config c;
		struct hull_err e = {0};

		if (read_naming(ways[i], ADDED, true, &c, &e) < 0)
			fail_msg("%s", e.msg);
		hull_config_fini(&c);
	}
}

/* What a link leads to when the image is written does not count. */
static void a_file_is_opened_once(void **state)
{
	struct hull_image_config c;
	struct hull_content content = {.source = &hull_content_open};
	struct hull_err e = {0};
	char text[6];

	(void)state;
	if (read_naming("link", ADDED, false, &c, &e) < 0)
		fail_msg("%s", e.msg);
	link_to("@/outside/secret", "config/link");
	content.id = (uint64_t)c.files[0].source->fd;
	assert_int_equal(hull_content_read(&content, 0, text, sizeof text, &e), 0);
	assert_memory_equal(text, "within", sizeof text);
	assert_int_equal(hull_content_read(&content, 3, text, sizeof text, &e), -1);
	hull_config_fini(&c);
	link_to("below/plain", "config/link");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(other_members),
		cmocka_unit_test(outside_is_allowed_when_asked_for),
		cmocka_unit_test(a_file_is_opened_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
