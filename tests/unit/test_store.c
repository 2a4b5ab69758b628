// SPDX-License-Identifier: MIT
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "temp_fixture.h"

static void store_commits_once(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	for (int i = 0; i < 2; i++) {
		hull_autofree char *tmp = hull_store_tmp(&s, &e);
		hull_autofree char *file = hull_asprintf("%s/file", tmp);

		assert_non_null(tmp);
		assert_int_equal(hull_file_write(s.fd, file, "x", 1, 0644, &e), 0);
		assert_int_equal(hull_store_commit(&s, tmp, "unpacked/abc", &e), 0);
		assert_false(hull_store_has(&s, tmp));
	}
	assert_true(hull_store_has(&s, "unpacked/abc/file"));
	hull_store_close(&s);
	drop_dir(dir);
}

/* What a killed process left in tmp/ goes, what a living one has there stays. */
static void store_sweeps_after_the_dead(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *tmp_dir = hull_asprintf("%s/tmp", dir);
	hull_autostrv struct hull_strv names = {0};
	struct hull_store living, next;
	struct hull_err e;
	pid_t pid;

	(void)state;
	assert_int_equal(hull_store_open(&living, dir, &e), 0);
	pid = fork();
	if (pid == 0) {
		struct hull_store s;

		if (hull_store_open(&s, dir, &e) < 0 || !hull_store_tmp(&s, &e))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(hull_wait(pid, &e), 128 + SIGKILL);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2);
	assert_int_equal(hull_store_open(&next, dir, &e), 0);
	hull_strv_fini(&names);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp_dir, &names, &e), 0);
	assert_int_equal(names.n, 2); /* the living one and the new one */
	assert_true(hull_store_has(&living, living.tmp));
	hull_store_close(&next);
	hull_store_close(&living);
	drop_dir(dir);
}

/* However fast one process opens it again, each has a directory of its own. */
static void store_opens_many_times(void **state)
{
	char *dir = temp_dir();
	struct hull_store s[16];
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(hull_store_open(&s[i], dir, &e), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s[k].tmp, s[i].tmp);
	}
	for (size_t i = 0; i < 16; i++)
		hull_store_close(&s[i]);
	drop_dir(dir);
}

static void store_locks_exclude(void **state)
{
	char *dir = temp_dir();
	struct hull_store s;
	struct hull_err e;
	int fd;

	(void)state;
	assert_int_equal(hull_store_open(&s, dir, &e), 0);
	fd = hull_store_lock(&s, "x", true, &e);
	assert_true(fd >= 0);
	assert_int_equal(hull_store_lock(&s, "x", false, &e), -1);
	assert_int_equal(e.sys, EWOULDBLOCK);
	close(fd);
	fd = hull_store_lock(&s, "x", false, &e);
	assert_true(fd >= 0);
	close(fd);
	hull_store_close(&s);
	drop_dir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_commits_once),
		cmocka_unit_test(store_sweeps_after_the_dead),
		cmocka_unit_test(store_opens_many_times),
		cmocka_unit_test(store_locks_exclude),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
