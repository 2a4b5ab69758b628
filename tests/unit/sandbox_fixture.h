// SPDX-License-Identifier: MIT
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "sandbox/runner.h"

/* Commands in sandboxes, and what they print. */

#define ARGV(v) ((char *const *)(v))

enum { USER = 54321 };

struct run {
	struct hull_sandbox_result result;
	struct hull_err err;
	int returned;
	char out[8192];
};

static const char *const environment[] = {"PATH=/usr/bin:/bin", "A=b", NULL};

/* Fills in what the case leaves open; standard output and error are captured. */
static inline void run_sandbox(struct hull_sandbox s, struct run *out)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	ssize_t n;

	memset(out, 0, sizeof *out);
	s.root = s.root ? s.root : "/";
	s.envp = ARGV(environment);
	s.hostname = "build";
	s.out = s.err = fd;
	out->returned = hull_sandbox_run(&s, &out->result, &out->err);
	n = pread(fd, out->out, sizeof out->out - 1, 0);
	assert_true(n >= 0);
	close(fd);
}

static inline void expect(const char *what, const struct run *r, enum hull_sandbox_end end,
			  int status, const char *out)
{
	if (r->returned != 0)
		fail_msg("%s: %s", what, r->err.msg);
	if (r->result.end != end || r->result.status != status)
		fail_msg("%s: end %d status %d: %s", what, (int)r->result.end, r->result.status,
			 r->out);
	if (out && strcmp(out, r->out) != 0)
		fail_msg("%s: printed:\n%s", what, r->out);
}

/* A file of this text in a directory, which is made. */
static inline void make_file(const char *dir, const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("%s/%s", dir, name);
	struct hull_err e;
	FILE *f;

	if (hull_mkdirs(AT_FDCWD, dir, 0755, &e) < 0)
		fail_msg("%s", e.msg);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* A sandbox's own: before Linux 6.14 it was the whole machine's. */
static inline bool has_pid_max(void)
{
	struct utsname kernel;
	unsigned int major = 0, minor = 0;

	assert_int_equal(uname(&kernel), 0);
	assert_int_equal(sscanf(kernel.release, "%u.%u", &major, &minor), 2);
	return major > 6 || (major == 6 && minor >= 14);
}

/* The directory in which the tests of one caller work: PATH-WHO-PID. */
static inline int work_make(const char *path, const char *who, char **work)
{
	*work = hull_asprintf("%s-%s-%d", path, who, (int)getpid());
	return mkdir(*work, 0755);
}

/* Removes it; how many tests have failed, and one more if that does. */
static inline int work_end(char **work, int failed)
{
	struct hull_err e;

	if (hull_remove_tree(AT_FDCWD, *work, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		failed++;
	}
	free(*work);
	return failed;
}

/* In a child: an ordinary user cannot become root again. */
static inline int run_as_user(int (*run_all)(const char *who))
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setresgid(USER, USER, USER) < 0 ||
		    setresuid(USER, USER, USER) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
			_exit(1);
		exit(run_all("user"));
	}
	waitpid(pid, &status, 0);
	return status;
}

/*
 * Runs the tests as the caller and, when that is root, as a user as well: the status of the program.
 * *self is a copy of it meanwhile that the user can read, for commands in a sandbox.
 */
static inline int run_for_all(const char *name, char **self, int (*run_all)(const char *who))
{
	struct hull_err e;
	int failed;

	*self = hull_asprintf("/tmp/%s-%d", name, (int)getpid());
	if (hull_file_copy(AT_FDCWD, "/proc/self/exe", AT_FDCWD, *self, &e) < 0 ||
	    chmod(*self, 0755) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	failed = geteuid() == 0 ? run_all("root") + run_as_user(run_all) : run_all("user");
	unlink(*self);
	free(*self);
	return failed ? 1 : 0;
}
