// SPDX-License-Identifier: MIT
#include "base/err.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* A message, in a list so that a tool that looks for leaks finds who has it. */
struct hull_err_text {
	struct hull_err_text *next;
	char s[];
};

static _Atomic(struct hull_err_text *) texts;

/* The message, and `behind` after it, as part of `e`. */
__attribute__((format(printf, 3, 0))) static void set_msg(struct hull_err *e, const char *behind,
							  const char *fmt, va_list ap)
{
	int n = hull_vshow(NULL, 0, fmt, ap);
	size_t front = n < 0 ? 0 : (size_t)n, back = strlen(behind);
	struct hull_err_text *t =
		hull_alloc(hull_size_sum(sizeof *t + 1, hull_size_sum(front, back)));

	if (n > 0)
		hull_vshow(t->s, front + 1, fmt, ap);
	memcpy(t->s + front, behind, back + 1);
	t->next = atomic_load(&texts);
	while (!atomic_compare_exchange_weak(&texts, &t->next, t))
		;
	e->msg = t->s;
}

int hull_fail(struct hull_err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	set_msg(e, "", fmt, ap);
	va_end(ap);
	e->code = code;
	e->sys = 0;
	return -1;
}

int hull_fail_errno(struct hull_err *e, const char *fmt, ...)
{
	int saved = errno;
	hull_autofree char *cause = NULL;
	va_list ap;

	if (!e)
		return -1;
	cause = hull_asprintf(": %s", strerror(saved));
	va_start(ap, fmt);
	set_msg(e, cause, fmt, ap);
	va_end(ap);
	e->code = HULL_FAILED;
	e->sys = saved;
	return -1;
}

int hull_wrap(struct hull_err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	set_msg(e, e->msg, fmt, ap);
	va_end(ap);
	return -1;
}

int hull_fail_as(struct hull_err *e, const struct hull_err *cause)
{
	if (e)
		*e = *cause;
	return -1;
}

void hull_assert_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "hull: internal error at %s:%d: %s\n", file, line, cond);
	abort();
}
