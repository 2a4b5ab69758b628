// SPDX-License-Identifier: MIT
#include "text/json.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "temp_fixture.h"

static void json_errors_name_the_place(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *path = hull_asprintf("%s/x.json", dir);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, path, "{\n \"a\": oops}", 13, 0644, &e), 0);
	assert_null(hull_json_read(AT_FDCWD, path, &e));
	assert_non_null(strstr(e.msg, "x.json:2:"));
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_errors_name_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
