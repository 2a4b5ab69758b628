// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench.h"

long bench_peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

long bench_user_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec * 1000 + u.ru_utime.tv_usec / 1000;
}

/* The command's standard output goes to standard error: standard output is for the figures. */
int bench_run(char **argv, struct hull_err *e)
{
	int64_t start = hull_monotonic_ms();
	struct rusage u;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return hull_fail_errno(e, "fork");
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &u) < 0)
		return hull_fail_errno(e, "wait4");
	/* ru_oublock: 512 bytes each, of the command and all its children */
	printf("%lld %ld %lld\n", (long long)(hull_monotonic_ms() - start), u.ru_maxrss,
	       (long long)u.ru_oublock * 512);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
