// SPDX-License-Identifier: MIT
#include "cli/print.h"

#include <stdio.h>

#include "base/str.h"

__attribute__((format(printf, 2, 0))) static void put(FILE *to, const char *fmt, va_list ap)
{
	hull_autobuf struct hull_buf text = {0};

	hull_buf_vshow(&text, fmt, ap);
	fwrite(text.p, 1, text.n, to);
}

void hull_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(stdout, fmt, ap);
	va_end(ap);
}

void hull_print_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(stderr, fmt, ap);
	va_end(ap);
}

int hull_print_end(struct hull_err *e)
{
	return fflush(stdout) == EOF ? hull_fail_errno(e, "standard output") : 0;
}

void hull_print_json(const json_t *j)
{
	hull_autobuf struct hull_buf text = {0};

	hull_json_text(j, true, &text);
	puts(text.p);
}

void hull_print_document(json_t *j, int format)
{
	hull_assert(!json_object_get(j, "format"));
	json_object_set_new(j, "format", json_integer(format));
	hull_print_json(j);
}
