// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "finish/finish.h"
#include "finish/network.h"
#include "system/osrelease.h"

enum { NOW = 1700000000 };

static void applied(const struct hull_image_config *c, struct hull_tree *t)
{
	struct hull_err e;

	if (hull_identity_apply(c, NOW, t, &e) < 0)
		fail_msg("%s", e.msg);
}

static void an_empty_configuration(void **state)
{
	struct hull_image_config c = {0};
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	applied(&c, &t);
	assert_tree_lacks(&t, "/etc/hostname");
	assert_tree_lacks(&t, "/usr/lib/os-release");
	assert_tree_lacks(&t, "/etc/os-release");
	assert_tree_text(&t, "/etc/machine-id", "");
	assert_int_equal(tree_node(&t, "/etc/machine-id")->mode, S_IFREG | 0444);
	assert_int_equal(tree_node(&t, "/etc/machine-id")->mtime, NOW);
	hull_tree_fini(&t);
}

static void os_release_is_merged(void **state)
{
	struct hull_image_config c = {
		.hostname = "node-1",
		.identity = {.id = "hull", .pretty_name = "Hull \"1\" $x", .build_id = "7"}};
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	tree_put(&t, "/usr/lib/os-release",
		 "NAME=\"Old\"\nID=old\n# kept\nPRETTY_NAME='Old 1'\nID=again\nX=y");
	tree_link(&t, "/etc/os-release", "../usr/lib/os-release");
	applied(&c, &t);
	assert_tree_text(&t, "/usr/lib/os-release",
			 "NAME=\"Old\"\nID=hull\n# kept\nPRETTY_NAME=\"Hull \\\"1\\\" \\$x\"\n"
			 "X=y\nBUILD_ID=7\n");
	assert_tree_target(&t, "/etc/os-release", "../usr/lib/os-release");
	assert_tree_text(&t, "/etc/hostname", "node-1\n");
	hull_tree_fini(&t);
}

static void os_release_is_made(void **state)
{
	struct hull_image_config c = {.identity = {.id = "x", .name = "X Y"}};
	hull_autobuf struct hull_buf value = {0};
	hull_autofree char *text = NULL;
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	applied(&c, &t);
	text = tree_text(&t, "/usr/lib/os-release");
	assert_string_equal(text, "NAME=\"X Y\"\nID=x\n");
	assert_true(hull_os_release_get(text, "NAME", &value));
	assert_string_equal(value.p, "X Y");
	assert_false(hull_os_release_get(text, "NAM", &value));
	assert_tree_target(&t, "/etc/os-release", "../usr/lib/os-release");
	hull_tree_fini(&t);
}

/* A package's file is left as it is, with its owner, when there is nothing to change. */
static void os_release_is_left_alone(void **state)
{
	struct hull_image_config c = {0};
	struct hull_tree t;
	int node;

	(void)state;
	hull_tree_init(&t);
	node = tree_put(&t, "/usr/lib/os-release", "ID=a\n");
	t.v[node].owner = 4;
	applied(&c, &t);
	assert_int_equal(tree_node(&t, "/usr/lib/os-release")->owner, 4);
	assert_tree_target(&t, "/etc/os-release", "../usr/lib/os-release");
	hull_tree_fini(&t);
}

static void networks(void **state)
{
	struct hull_network n[] = {
		{.where = "c:1", .device = "eth0", .dhcp = true, .on_boot = true},
		{.where = "c:2",
		 .device = "eth1",
		 .address = "10.0.0.5",
		 .mask = "255.255.240.0",
		 .gateway = "10.0.0.1"},
		{.where = "c:3",
		 .device = "eth2",
		 .on_boot = true,
		 .address = "fd00::5",
		 .mask = "64"},
	};
	struct hull_image_config c = {.networks = n, .nnetworks = 3};
	struct hull_tree t;

	(void)state;
	hull_strv_add(&n[0].name_servers, "1.1.1.1");
	hull_strv_add(&n[0].name_servers, "fd00::1");
	hull_tree_init(&t);
	applied(&c, &t);
	assert_tree_text(&t, "/etc/systemd/network/10-eth0.network",
			 "[Match]\nName=eth0\n\n[Network]\nDHCP=yes\nDNS=1.1.1.1\nDNS=fd00::1\n");
	assert_tree_text(&t, "/etc/systemd/network/10-eth1.network",
			 "[Match]\nName=eth1\n\n[Link]\nActivationPolicy=manual\n"
			 "RequiredForOnline=no\n\n[Network]\nAddress=10.0.0.5/20\n"
			 "Gateway=10.0.0.1\n");
	assert_tree_text(&t, "/etc/systemd/network/10-eth2.network",
			 "[Match]\nName=eth2\n\n[Network]\nAddress=fd00::5/64\n");
	hull_tree_fini(&t);
	hull_strv_fini(&n[0].name_servers);
}

static void networks_that_cannot_be(void **state)
{
	static const struct {
		struct hull_network n;
		const char *words;
	} cases[] = {
		{{.device = "e"}, "neither DHCP nor an address"},
		{{.device = "e", .address = "10.0.0"}, "'10.0.0' is not an IP address"},
		{{.device = "e", .address = "10.0.0.1", .mask = "255.0.255.0"}, "has holes"},
		{{.device = "e", .address = "10.0.0.1", .mask = "33"}, "not an IP address"},
		{{.device = "e", .address = "10.0.0.1", .mask = "ffff::"}, "another family"},
		{{.device = "e", .address = "10.0.0.1", .gateway = "x"}, "gateway of e"},
		{{.device = "../e", .dhcp = true}, "not the name of a device"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_network n = cases[i].n;
		struct hull_image_config c = {.networks = &n, .nnetworks = 1};
		struct hull_tree t;
		struct hull_err e;

		n.where = "c:1";
		hull_tree_init(&t);
		assert_int_equal(hull_identity_apply(&c, NOW, &t, &e), -1);
		if (!strstr(e.msg, cases[i].words) || !strstr(e.msg, "c:1: "))
			fail_msg("'%s' lacks '%s'", e.msg, cases[i].words);
		hull_tree_fini(&t);
	}
}

static void added_files(void **state)
{
	char *dir = tree_temp();
	hull_autofree char *source = hull_asprintf("%s/file", dir);
	struct hull_source_file file = {.path = source};
	struct hull_added_file files[] = {{&file, "/etc/new", -1, "c:1"},
					  {&file, "/usr/bin/tool", 04755, "c:2"}};
	struct hull_image_config c = {.files = files, .nfiles = 2};
	struct hull_tree t;
	struct hull_err e;
	int node;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, source, "content", 7, 0664, &e), 0);
	file.fd = hull_open(AT_FDCWD, source, &e);
	assert_true(file.fd >= 0);
	hull_tree_init(&t);
	node = tree_put(&t, "/usr/bin/tool", "old");
	t.v[node].owner = 3;
	applied(&c, &t);
	assert_tree_text(&t, "/etc/new", "content");
	assert_int_equal(tree_node(&t, "/etc/new")->mode, S_IFREG | 0644);
	assert_tree_text(&t, "/usr/bin/tool", "content");
	assert_int_equal(tree_node(&t, "/usr/bin/tool")->mode, S_IFREG | 04755);
	assert_int_equal(tree_node(&t, "/usr/bin/tool")->owner, -1);
	files[0].destination = "/usr/bin";
	assert_int_equal(hull_identity_apply(&c, NOW, &t, &e), -1);
	assert_non_null(strstr(e.msg, "c:1: /usr/bin: is a directory"));
	close(file.fd);
	hull_tree_fini(&t);
	tree_temp_drop(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_configuration),
		cmocka_unit_test(os_release_is_merged),
		cmocka_unit_test(os_release_is_made),
		cmocka_unit_test(os_release_is_left_alone),
		cmocka_unit_test(networks),
		cmocka_unit_test(networks_that_cannot_be),
		cmocka_unit_test(added_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
