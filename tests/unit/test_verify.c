// SPDX-License-Identifier: MIT
#include "verify/verify.h"

#include "inspect/system.h"
#include "tree_fixture.h"
#include "verify/verify_link.h"

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void links_are_sorted_and_told_once(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *json = NULL;
	struct hull_verification v = {0};

	(void)state;
	hull_verification_add(&v, HULL_VERIFY_SOURCES, true, "z", "not %s", "there");
	hull_verification_add(&v, HULL_VERIFY_FILES, false, "/b\n", "broken");
	hull_verification_add(&v, HULL_VERIFY_FILES, false, "/a", "broken");
	hull_verification_add(&v, HULL_VERIFY_FILES, false, "/a", "broken");
	v.held[HULL_VERIFY_FILES] = 5;
	v.made = 2;
	hull_verification_sort(&v);
	assert_int_equal(hull_verification_count(&v, false), 2);
	assert_int_equal(hull_verification_count(&v, true), 1);
	hull_verification_text(&v, &text);
	assert_string_equal(text.p, "broken: file /a: broken\n"
				    "broken: file /b\\n: broken\n"
				    "not checked: source z: not there\n"
				    "files     5 hold, 2 broken; 2 made by the image writer\n"
				    "sources   0 hold, 0 broken, 1 not checked\n");
	json = hull_verification_to_json(&v, "i");
	assert_int_equal(json_array_size(json_object_get(json, "links")), 3);
	hull_verification_fini(&v);
}

/* A malformed command line of somebody else's image. */
static void dm_verity_targets_of_others(void **state)
{
	static const char *const lines[] = {
		"dm-mod.create=\"root,,,ro,0 1 verity 1\"",
		"dm-mod.create=\"x,,,ro,0 8 verity 1 PARTUUID=x PARTUUID=y 4096 4096 1 1 sha256 " DIGEST
		" " DIGEST "\"",
		"dm-mod.create=\"x,,,ro,0 8 verity 1 "
		"PARTUUID=00000000-0000-0000-0000-000000000001 "
		"PARTUUID=00000000-0000-0000-0000-000000000002 4096 4096 "
		"99999999999999999999 1 sha256 " DIGEST " " DIGEST "\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct hull_system s = {.command_line = lines[i]};
		struct hull_verify_request r = {.system = &s, .threads = 1};
		struct hull_verification v = {0};
		struct hull_err e;

		assert_int_equal(hull_verify_verity(&r, &v, &e), 0);
		assert_int_equal(hull_verification_count(&v, true), 1);
		hull_verification_fini(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_sorted_and_told_once),
		cmocka_unit_test(dm_verity_targets_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
