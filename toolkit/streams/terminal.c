// SPDX-License-Identifier: MIT
#include "streams/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { REST_MS = 1000 }; /* how long a terminal may take nothing of the rest */

/* Also if hull is in the background. */
static void set_modes(int fd, const struct termios *modes)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	tcsetattr(fd, TCSANOW, modes);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void follow_size(struct hull_terminal *t)
{
	struct winsize now;
	int fd = t->out >= 0 ? t->out : t->in;

	if (ioctl(fd, TIOCGWINSZ, &now) < 0 || !memcmp(&now, &t->size, sizeof now))
		return;
	t->size = now;
	ioctl(t->master, TIOCSWINSZ, &now);
}

/* The pseudo-terminal takes the caller's modes over, and does alone what these say. */
static void take_modes(struct hull_terminal *t)
{
	struct termios modes;

	if (tcgetattr(t->in >= 0 ? t->in : t->out, &modes) < 0)
		return;
	t->before = modes;
	t->raw = t->in >= 0;
	if (!t->raw) /* nobody types; lines end as the caller's terminal ends them */
		modes.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(t->slave, TCSANOW, &modes);
	cfmakeraw(&modes);
	if (t->raw)
		set_modes(t->in, &modes);
}

int hull_terminal_init(struct hull_terminal *t, struct hull_err *e)
{
	static const int outs[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};

	*t = (struct hull_terminal){.master = -1, .slave = -1, .in = -1, .out = -1};
	for (size_t i = 0; i < 3 && t->out < 0; i++)
		t->out = isatty(outs[i]) ? outs[i] : -1;
	if (t->out < 0)
		return 0;
	if (isatty(STDIN_FILENO))
		t->in = STDIN_FILENO;
	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (t->master >= 0 && grantpt(t->master) == 0 && unlockpt(t->master) == 0)
		t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0) {
		hull_fail_errno(e, "sandbox: pseudo-terminal");
		hull_closep(&t->master);
		return -1;
	}
	take_modes(t);
	follow_size(t);
	return 0;
}

int hull_terminal_descriptor(const struct hull_terminal *t, int fd)
{
	return t->slave >= 0 && isatty(fd) ? t->slave : fd;
}

void hull_terminal_started(struct hull_terminal *t)
{
	hull_closep(&t->slave);
}

size_t hull_terminal_wants(const struct hull_terminal *t, struct pollfd fds[3])
{
	short master = (short)((t->written.n ? 0 : POLLIN) | (t->typed.n ? POLLOUT : 0));
	size_t n = 0;

	if (t->master < 0)
		return 0;
	if (t->in >= 0 && !t->typed.n)
		fds[n++] = (struct pollfd){.fd = t->in, .events = POLLIN};
	if (t->written.n)
		fds[n++] = (struct pollfd){.fd = t->out, .events = POLLOUT};
	if (master)
		fds[n++] = (struct pollfd){.fd = t->master, .events = master};
	return n;
}

static bool ready(int fd, short events, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, timeout_ms) > 0;
}

/* Reads if there is nothing yet; false at the end. */
static bool fill(struct hull_terminal_flow *f, int fd)
{
	ssize_t n = f->n ? (ssize_t)f->n : read(fd, f->bytes, sizeof f->bytes);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	if (!f->n)
		f->at = 0;
	f->n = (size_t)n;
	return true;
}

/* What can be written; true if that was something. What a broken descriptor does not take is lost. */
static bool drain(struct hull_terminal_flow *f, int fd)
{
	ssize_t n = f->n ? write(fd, f->bytes + f->at, f->n) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = (ssize_t)f->n;
	if (n <= 0)
		return false;
	f->at += (size_t)n;
	f->n -= (size_t)n;
	return true;
}

bool hull_terminal_relay(struct hull_terminal *t)
{
	bool moved = false;

	if (t->master < 0)
		return false;
	follow_size(t);
	if (t->in >= 0 && !t->typed.n && ready(t->in, POLLIN, 0) && !fill(&t->typed, t->in))
		t->in = -1; /* hung up */
	moved = drain(&t->typed, t->master);
	if (!t->written.n)
		fill(&t->written, t->master);
	if (t->written.n && ready(t->out, POLLOUT, 0))
		moved = drain(&t->written, t->out) || moved;
	return moved;
}

void hull_terminal_fini(struct hull_terminal *t)
{
	if (t->master < 0)
		return;
	hull_terminal_started(t);
	t->typed.n = 0;
	while (fill(&t->written, t->master) && t->written.n && ready(t->out, POLLOUT, REST_MS))
		drain(&t->written, t->out);
	if (t->raw)
		set_modes(STDIN_FILENO, &t->before);
	t->raw = false;
	hull_closep(&t->master);
}
