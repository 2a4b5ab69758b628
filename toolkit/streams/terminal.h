// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"

/*
 * A pseudo-terminal between the caller's terminal and a command that shall not have that: what is
 * typed goes in, what the command writes comes out, and the size follows. While it is there the
 * caller's terminal is raw, so that keys such as Ctrl-C are for the command.
 */
struct hull_terminal {
	int master, slave; /* -1: no terminal, nothing to do */
	int in, out;	   /* the caller's, -1: none (any more) */
	bool raw;	   /* `in` is, and was `before` */
	struct termios before;
	struct winsize size;
	struct hull_terminal_flow {
		char bytes[4096];
		size_t at, n;
	} typed, written;
};

/* For this process' 0, 1 and 2: what of these is no terminal stays the command's as it is. */
HULL_CHECKED int hull_terminal_init(struct hull_terminal *t, struct hull_err *e);

/* What the command gets for a descriptor of the caller's. */
int hull_terminal_descriptor(const struct hull_terminal *t, int fd);

/* The command has its copy: what it does not keep open is the end. */
void hull_terminal_started(struct hull_terminal *t);

/* What to wait for until hull_terminal_relay has something to do; the number of fds, at most 3. */
size_t hull_terminal_wants(const struct hull_terminal *t, struct pollfd fds[3]);

/* Moves a few KiB each way without waiting; false when there was nothing. */
bool hull_terminal_relay(struct hull_terminal *t);

/* Once the command has ended: shows the rest, and the caller's terminal is as it was before. */
void hull_terminal_fini(struct hull_terminal *t);
