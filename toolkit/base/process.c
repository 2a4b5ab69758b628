// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static atomic_bool interrupted; /* read by every thread */
static int signal_pipe[2] = {-1, -1};

static int move_fd(int from, int to)
{
	if (from == to)
		return fcntl(to, F_SETFD, 0);
	return dup2(from, to);
}

static void become_child(pid_t parent, bool own_group)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (own_group)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
}

pid_t hull_fork(void (*run)(void *ctx), void *ctx, struct hull_err *e)
{
	pid_t parent = getpid(), pid;

	fflush(NULL); /* else the child may write it too */
	pid = fork();
	if (pid < 0)
		return hull_fail_errno(e, "fork");
	if (pid == 0) {
		for (int i = 1; i < NSIG; i++)
			signal(i, SIG_DFL);
		become_child(parent, true);
		run(ctx);
		_exit(0);
	}
	setpgid(pid, pid); /* both sides do it: whoever is first */
	return pid;
}

static void child_exec(const struct hull_spawn *s, pid_t parent, int report)
{
	int in = s->in ? s->in : open("/dev/null", O_RDONLY | O_CLOEXEC);
	int err;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	become_child(parent, s->own_group);
	if (move_fd(in, 0) < 0 || (s->out && move_fd(s->out, 1) < 0) ||
	    (s->err && move_fd(s->err, 2) < 0))
		goto fail;
	if (s->cwd && chdir(s->cwd) < 0)
		goto fail;
	if (s->envp)
		execvpe(s->argv[0], s->argv, s->envp);
	else
		execvp(s->argv[0], s->argv);
fail:
	err = errno;
	if (write(report, &err, sizeof err) < 0)
		_exit(127);
	_exit(127);
}

pid_t hull_spawn(const struct hull_spawn *s, struct hull_err *e)
{
	pid_t parent = getpid(), pid;
	int report[2], err;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "pipe");
	pid = fork();
	if (pid == 0)
		child_exec(s, parent, report[1]);
	close(report[1]);
	if (pid < 0) {
		hull_fail_errno(e, "fork");
		close(report[0]);
		return -1;
	}
	while ((n = read(report[0], &err, sizeof err)) < 0 && errno == EINTR)
		;
	close(report[0]);
	if (n == (ssize_t)sizeof err) {
		waitpid(pid, NULL, 0);
		errno = err;
		return hull_fail_errno(e, "run %s", s->argv[0]);
	}
	return pid;
}

int hull_wait(pid_t pid, struct hull_err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return hull_fail_errno(e, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(char *const *argv, struct hull_buf *out, int err_fd, struct hull_err *e)
{
	struct hull_spawn s = {.argv = argv, .err = err_fd};
	int fds[2], read_result = 0;
	pid_t pid;

	if (!out) {
		pid = hull_spawn(&s, e);
		return pid < 0 ? -1 : hull_wait(pid, e);
	}
	if (pipe2(fds, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "pipe");
	s.out = fds[1];
	pid = hull_spawn(&s, e);
	close(fds[1]);
	if (pid >= 0)
		read_result = hull_fd_read(fds[0], out, e);
	close(fds[0]);
	if (pid < 0)
		return -1;
	if (read_result < 0) {
		hull_ignore(hull_wait(pid, NULL));
		return hull_wrap(e, "%s: ", argv[0]);
	}
	return hull_wait(pid, e);
}

int hull_run_checked(char *const *argv, struct hull_buf *out, struct hull_err *e)
{
	hull_autofd int err_fd = memfd_create("stderr", MFD_CLOEXEC);
	hull_autobuf struct hull_buf text = {0}, quoted = {0};
	int status;

	if (err_fd < 0)
		return hull_fail_errno(e, "memfd");
	status = run(argv, out, err_fd, e);
	if (status <= 0)
		return status;
	lseek(err_fd, 0, SEEK_SET);
	if (hull_fd_read(err_fd, &text, e) < 0)
		return -1;
	hull_buf_quote(&quoted, text.n ? text.p : "");
	return hull_fail(e, HULL_FAILED, "%s: exit status %d%-s", argv[0], status, quoted.p);
}

static void on_signal(int sig)
{
	int saved = errno;

	if (sig != SIGCHLD)
		atomic_store(&interrupted, true);
	if (write(signal_pipe[1], "", 1) < 0)
		errno = saved; /* the pipe is full: the reader will wake up anyway */
	errno = saved;
}

int hull_signals_init(struct hull_err *e)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	if (signal_pipe[0] >= 0)
		return signal_pipe[0];
	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return hull_fail_errno(e, "pipe");
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signal_pipe[0];
}

void hull_signals_drain(int fd)
{
	char buf[64];

	while (read(fd, buf, sizeof buf) > 0)
		;
}

bool hull_interrupted(void)
{
	return atomic_load(&interrupted);
}
