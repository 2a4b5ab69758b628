// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/sandbox.h"

/* Runs it to its end, or until hull is interrupted; -1 with e for HULL_END_SETUP. */
HULL_CHECKED int hull_sandbox_run(const struct hull_sandbox *s, struct hull_sandbox_result *out,
				  struct hull_err *e);

/*
 * Whether this machine allows it, and files from the directory `dir`: 0, or -1 with the reason and what to
 * change in e. 1: it does, but the caller is root, and so is id 0 inside; e has a text that says so.
 */
HULL_CHECKED int hull_sandbox_check(const char *dir, struct hull_err *e);

/*
 * For a sandbox's function (struct hull_sandbox), which has all capabilities; -1 with errno set.
 * rest: they are not in force from here on, but for the one to kill, and no program that is executed
 * gets them. wake: they are again, until give_up, in a process that was forked: for good, but for the
 * one to read files of all owners where read_all says so; and the filter of system calls is there.
 */
HULL_CHECKED int hull_sandbox_rest(void);
HULL_CHECKED int hull_sandbox_wake(void);
HULL_CHECKED int hull_sandbox_give_up(bool read_all);

/* The same without rest and wake before: from here on it may what a command (argv) may. */
HULL_CHECKED int hull_sandbox_as_command(void);
