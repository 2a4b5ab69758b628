// SPDX-License-Identifier: MIT
#include "rpm/unpack.h"
#include "rpm_craft.h"
#include "store_fixture.h"

static int start(void **state)
{
	(void)state;
	return open_store();
}

static int end(void **state)
{
	(void)state;
	return close_store();
}

/* Source packages are a stranger's: what is in one has a name of its own, below no directory. */
static void only_plain_files_are_taken(void **state)
{
	static const struct {
		struct craft craft;
		const char *error; /* NULL: x.spec and y are there */
	} cases[] = {
		{{.entries = {{"x.spec", 0100644, "Name: x", 0, 0}, {"y", 0100755, "y", 0, 0}}},
		 NULL},
		{{.entries = {{"./x.spec", 0100644, "Name: x", 0, 0}, {"./y", 0100644, "y", 0, 0}}},
		 NULL},
		{{.entries = {{"x.spec", 0100644, "a", 0, 0}, {"../y", 0100644, "y", 0, 0}}},
		 "'../y' is no plain file of a source package"},
		{{.entries = {{"/x.spec", 0100644, "a", 0, 0}}}, "'/x.spec' is no plain file"},
		{{.entries = {{"..", 0040755, NULL, 0, 0}}}, "'..' is no plain file"},
		{{.entries = {{".hidden", 0100644, "a", 0, 0}}}, "'.hidden' is no plain file"},
		{{.entries = {{"x.spec", 0120777, "/etc/passwd", 0, 0}}},
		 "'x.spec' is no plain file"},
		{{.entries = {{"x", 0040755, NULL, 0, 0}}}, "'x' is no plain file"},
		{{.entries = {{"x.spec", 0100644, "a", 0, 0}, {"x.spec", 0100644, "b", 0, 0}}},
		 "unpack x.spec: File exists"},
		{{.entries = {{"x.spec", 0100644, "a", 0, 0}, {"y.spec", 0100644, "b", 0, 0}}},
		 "two specs, x.spec and y.spec"},
		{{.entries = {{"y", 0100644, "b", 0, 0}}}, "there is no spec in it"},
		{{.entries = {{"x.spec", 0100644, "a", 0, 0}},
		  .payload_digest =
			  "0000000000000000000000000000000000000000000000000000000000000000"},
		 "payload"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct craft craft = cases[i].craft;
		hull_autobuf struct hull_buf rpm = {0};
		hull_autofree char *path = hull_asprintf("%s/x.src.rpm", dir), *spec = NULL;
		hull_autofree char *list = NULL, *to = hull_asprintf("%s/to", dir);
		hull_autofd int fd = -1;
		struct hull_err e;
		int r;

		sh("rm -rf to && mkdir to");
		craft.no_source_rpm = true;
		craft_rpm(&craft, &rpm);
		ok(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &e), &e);
		fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = hull_source_rpm_unpack(AT_FDCWD, path, fd, &spec, &e);
		if (cases[i].error) {
			assert_int_equal(r, -1);
			contains(e.msg, path);
			contains(e.msg, cases[i].error);
			continue;
		}
		ok(r, &e);
		assert_string_equal(spec, "x");
		list = shell("cd to && ls && cat x.spec y && stat -c %a x.spec y");
		assert_string_equal(list, "x.spec\ny\nName: xy644\n644\n");
	}
}

static void a_binary_package_is_none(void **state)
{
	const struct craft craft = {.entries = {{"x.spec", 0100644, "a", 0, 0}}};
	hull_autofree char *path = hull_asprintf("%s/x.src.rpm", dir), *spec = NULL;
	hull_autobuf struct hull_buf rpm = {0};
	struct hull_err e;

	(void)state;
	craft_rpm(&craft, &rpm);
	ok(hull_file_write(AT_FDCWD, path, rpm.p, rpm.n, 0644, &e), &e);
	assert_int_equal(hull_source_rpm_unpack(AT_FDCWD, path, -1, &spec, &e), -1);
	contains(e.msg, "not a source package");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_plain_files_are_taken),
		cmocka_unit_test(a_binary_package_is_none),
	};

	return cmocka_run_group_tests(tests, start, end);
}
