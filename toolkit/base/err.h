// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>

/*
 * The one error convention: a function that can fail returns an int, negative on failure, and takes
 * a trailing `struct hull_err *` that is filled exactly then; NULL is given where the cause does not
 * matter. The message is as long as it has to be and stays until the process ends, so that an error
 * may be copied and passed on like a number; to make it costs memory, and what is no failure for the
 * caller should not be made a thousand times. After a failed `_init`, `_open` or `_read` nothing is held. A message names the object, the
 * operation and the cause, without a trailing full stop or newline. It is for people: what "%s"
 * brings is shown as hull_vshow() does (base/utf8.h), a text of several lines is a "%-s".
 */

enum hull_code {
	HULL_OK = 0,
	HULL_FAILED = 1,	/* exit code 1 */
	HULL_USAGE = 2,		/* exit code 2 */
	HULL_FINDINGS = 3,	/* exit code 3 */
	HULL_INTERRUPTED = 130, /* stopped by a signal */
};

/* Before a prototype: a caller that drops the result is warned, unless by hull_ignore(). */
#define HULL_CHECKED __attribute__((warn_unused_result))
#define hull_ignore(call)                                                                          \
	do {                                                                                       \
		if (call) {                                                                        \
		}                                                                                  \
	} while (0)

struct hull_err {
	int code; /* enum hull_code; also the exit code of the program */
	int sys;  /* errno of the cause, or 0 */
	const char *msg;
};

/* Sets the message and code, sys = 0; returns -1. */
int hull_fail(struct hull_err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Same with ": strerror(errno)" appended and sys = errno; code HULL_FAILED; returns -1. */
int hull_fail_errno(struct hull_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts context in front of a message that is already set; returns -1. */
int hull_wrap(struct hull_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fails as something else did, for who looks at a cause before it is passed on; returns -1. */
int hull_fail_as(struct hull_err *e, const struct hull_err *cause);

/* A broken invariant: prints it and aborts, in every build. */
#define hull_assert(cond) ((cond) ? (void)0 : hull_assert_failed(#cond, __FILE__, __LINE__))
void hull_assert_failed(const char *cond, const char *file, int line) __attribute__((noreturn));
