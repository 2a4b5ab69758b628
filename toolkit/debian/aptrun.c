// SPDX-License-Identifier: MIT
#include "debian/aptrun.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

#define HELPER "/usr/lib/apt/apt-helper"

const char *hull_apt_keyring(struct hull_err *e)
{
	static const char *const places[] = {"/usr/share/keyrings/debian-archive-keyring.gpg",
					     "/usr/share/keyrings/debian-archive-keyring.pgp"};
	const char *given = hull_env("HULL_DEBIAN_KEYRING");

	if (given) {
		if (*given == '/' && hull_exists(AT_FDCWD, given))
			return given;
		hull_fail(e, HULL_FAILED,
			  "HULL_DEBIAN_KEYRING: %s is no file with an absolute path", given);
		return NULL;
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (hull_exists(AT_FDCWD, places[i]))
			return places[i];
	hull_fail(
		e, HULL_FAILED,
		"%s is missing, so nobody could check the archive's signature: install the package "
		"debian-archive-keyring",
		places[0]);
	return NULL;
}

int hull_apt_network(struct hull_strv *out, struct hull_err *e)
{
	static const char *const dump[] = {
		"apt-config",	 "dump",	   "--no-empty",       "--format", "%F \"%v\";%n",
		"Acquire::http", "Acquire::https", "Acquire::Retries", NULL};
	hull_autobuf struct hull_buf text = {0};

	if (hull_run_checked((char *const *)dump, &text, e) < 0)
		return -1;
	for (char *at = text.p, *next; at && *at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		hull_strv_add(out, at);
	}
	return 0;
}

char *hull_apt_uri(const char *base)
{
	if (*base == '/')
		return hull_asprintf("copy:%s", base);
	if (hull_starts(base, "file:"))
		return hull_asprintf("copy:%s", base + strlen("file:"));
	return hull_strdup(base);
}

int hull_apt_wait(pid_t pid, struct hull_progress *progress, struct hull_err *e)
{
	int status;
	pid_t r;

	while ((r = waitpid(pid, &status, WNOHANG)) == 0 || (r < 0 && errno == EINTR)) {
		if (hull_interrupted())
			kill(-pid, SIGKILL);
		hull_progress_tick(progress);
		poll(NULL, 0, 100);
	}
	if (hull_interrupted())
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	if (r < 0)
		return hull_fail_errno(e, "wait for a program");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

int hull_apt_has_suite(const char *base, const char *suite, const char *tmp, struct hull_err *e)
{
	/* what apt says of files that are not there, of HTTP and of a directory */
	static const char *const absent[] = {"  404  ", "  410  ", "  403  ",
					     " stat (2: ", "File not found"};
	hull_autofree char *uri = hull_apt_uri(base);
	hull_autofree char *url = hull_asprintf("%sdists/%s/InRelease", uri, suite);
	hull_autofree char *file = hull_asprintf("%s/InRelease", tmp);
	const char *argv[] = {
		"env",		 "LC_ALL=C", HELPER, "-q", "-oAPT::Sandbox::User=root",
		"download-file", url,	     file,   NULL};
	hull_autobuf struct hull_buf out = {0};
	struct hull_err why;

	if (hull_run_checked((char *const *)argv, &out, &why) == 0)
		return 1;
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		if (strstr(why.msg, absent[i]))
			return 0;
	hull_wrap(&why, "Debian %s: ", suite);
	return hull_fail_as(e, &why);
}
