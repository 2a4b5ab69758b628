// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "system/fstab.h"

static void fstab(void **state)
{
	static const char text[] = "# source path\n"
				   "\n"
				   "  # indented\n"
				   "PARTUUID=1 / ext4 defaults 0 1\n"
				   "\tLABEL=\"a\\040b\"\t/srv/x\\040y\\011z\\134 ext4\n"
				   "UUID=2 none swap\n"
				   "UUID=3\n"
				   "tmpfs tmp\n"
				   "UUID=4 /a\\04 \n"
				   "UUID=5 /a\\408\n"
				   "/dev/sda1 /last";
	static const char *const want[][2] = {
		{"PARTUUID=1", "/"},   {"LABEL=a b", "/srv/x y\tz\\"}, {"UUID=4", "/a\\04"},
		{"UUID=5", "/a\\408"}, {"/dev/sda1", "/last"},
	};
	struct hull_fstab f;
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	assert_int_equal(hull_fstab_read(&t, &f, &e), 0);
	assert_int_equal(f.n, 0);
	hull_fstab_fini(&f);
	tree_put(&t, "/usr/share/fstab", text);
	tree_link(&t, "/etc/fstab", "../usr/share/fstab");
	assert_int_equal(hull_fstab_read(&t, &f, &e), 0);
	assert_int_equal(f.n, sizeof want / sizeof *want);
	for (size_t i = 0; i < f.n; i++) {
		assert_string_equal(f.v[i].source, want[i][0]);
		assert_string_equal(f.v[i].path, want[i][1]);
	}
	hull_fstab_fini(&f);
	hull_tree_fini(&t);
}

static void fstabs_that_are_not_read(void **state)
{
	hull_autofree char *large = hull_alloc(HULL_FSTAB_MAX_BYTES + 2);
	struct hull_fstab f;
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	memset(large, '\n', HULL_FSTAB_MAX_BYTES + 1);
	memcpy(large, "LABEL=a /a", 10);
	tree_put(&t, "/etc/fstab", large);
	assert_int_equal(hull_fstab_read(&t, &f, &e), 0);
	assert_true(f.too_large);
	assert_int_equal(f.n, 0);
	hull_fstab_fini(&f);
	large[HULL_FSTAB_MAX_BYTES] = '\0';
	tree_put(&t, "/etc/fstab", large);
	assert_int_equal(hull_fstab_read(&t, &f, &e), 0);
	assert_false(f.too_large);
	assert_int_equal(f.n, 1);
	hull_fstab_fini(&f);
	hull_tree_fini(&t);
	hull_tree_init(&t);
	tree_directory(&t, "/etc/fstab", 0755);
	assert_int_equal(hull_fstab_read(&t, &f, &e), 0);
	assert_int_equal(f.n, 0);
	hull_fstab_fini(&f);
	hull_tree_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fstab),
		cmocka_unit_test(fstabs_that_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
