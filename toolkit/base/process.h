// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* What a child process gets; zero-initialise. */
struct hull_spawn {
	char *const *argv; /* argv[0] is looked up in PATH */
	char *const *envp; /* NULL: this process' environment */
	const char *cwd;   /* NULL: this process' working directory */
	int in, out, err;  /* descriptors for 0, 1, 2; 0 means: in from /dev/null, out and err
			      inherited */
	bool own_group;	   /* a process group of its own, so that it can be killed as a whole */
};

/* Starts a child (it dies with this process); -1 with e set, also when the program does not exist.
 */
HULL_CHECKED pid_t hull_spawn(const struct hull_spawn *s, struct hull_err *e);

/*
 * Runs a function in a child: a copy of this process, alone in a process group of its own, that dies
 * with this one; every signal does there what it does by default. Its exit status is 0 when the
 * function returns. It must not be called while another thread runs.
 */
HULL_CHECKED pid_t hull_fork(void (*run)(void *ctx), void *ctx, struct hull_err *e);

/* Waits; the exit status, 128+N for signal N, or -1 with e set. */
HULL_CHECKED int hull_wait(pid_t pid, struct hull_err *e);

/* Runs argv to its end with standard output in *out (may be NULL: inherited); a status other than 0
 * is an error that quotes what the program wrote to stderr.
 */
HULL_CHECKED int hull_run_checked(char *const *argv, struct hull_buf *out, struct hull_err *e);

/*
 * Ctrl-C and SIGTERM as data: after hull_signals_init the first of these signals makes the returned
 * descriptor readable and hull_interrupted() true; SIGCHLD makes the descriptor readable too.
 */
HULL_CHECKED int hull_signals_init(
	struct hull_err *e); /* the read end of a pipe; drain it after poll */
void hull_signals_drain(int fd);
bool hull_interrupted(void);
