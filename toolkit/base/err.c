// SPDX-License-Identifier: MIT
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

__attribute__((format(printf, 2, 0))) static void set_msg(struct hull_err *e, const char *fmt,
							  va_list ap)
{
	int n = hull_vshow(e->msg, sizeof e->msg, fmt, ap);

	if (n < 0)
		e->msg[0] = '\0';
	else if ((size_t)n >= sizeof e->msg)
		memcpy(e->msg + sizeof e->msg - 5, " ...", 5);
}

int hull_fail(struct hull_err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	e->code = code;
	e->sys = 0;
	va_start(ap, fmt);
	set_msg(e, fmt, ap);
	va_end(ap);
	return -1;
}

int hull_fail_errno(struct hull_err *e, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	if (!e)
		return -1;
	e->code = HULL_FAILED;
	e->sys = saved;
	va_start(ap, fmt);
	set_msg(e, fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	snprintf(e->msg + n, sizeof e->msg - n, ": %s", strerror(saved));
	return -1;
}

int hull_wrap(struct hull_err *e, const char *fmt, ...)
{
	char old[sizeof e->msg];
	va_list ap;
	size_t n;

	if (!e)
		return -1;
	memcpy(old, e->msg, sizeof old);
	va_start(ap, fmt);
	set_msg(e, fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	snprintf(e->msg + n, sizeof e->msg - n, "%s", old);
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
