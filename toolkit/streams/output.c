// SPDX-License-Identifier: MIT
#include "streams/output.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { CHUNK = 16384, CHUNKS = 64 };

int hull_output_init(struct hull_output *o, int file, bool is_log, uint64_t max_bytes,
		     struct hull_err *e)
{
	int fds[2];

	*o = HULL_OUTPUT_NONE;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "sandbox: pipe");
	o->pipe = fds[0];
	o->command = fds[1];
	o->file = file;
	o->is_log = is_log;
	o->max_bytes = max_bytes;
	fcntl(o->pipe, F_SETFL, O_NONBLOCK);
	return 0;
}

void hull_output_fini(struct hull_output *o)
{
	hull_closep(&o->pipe);
	hull_closep(&o->command);
	hull_buf_fini(&o->text);
}

void hull_output_started(struct hull_output *o)
{
	hull_closep(&o->command);
}

/* The last line of a log that is cut off stands for itself. */
static void add_end(struct hull_output *o, char before, struct hull_buf *out)
{
	char size[HULL_AMOUNT];

	if (before != '\n')
		hull_buf_addc(out, '\n');
	hull_buf_addf(out, "hull: the log ends here: it may not be longer than %s\n",
		      hull_size_text(o->max_bytes, size));
}

static int write_text(struct hull_output *o, const char *p, size_t n, struct hull_err *e)
{
	hull_autobuf struct hull_buf end = {0};
	uint64_t left = o->max_bytes - o->bytes;

	if (o->max_bytes && n > left) {
		o->full = true;
		if (o->is_log)
			add_end(o, left ? p[left - 1] : '\0', &end);
		n = (size_t)left;
	}
	o->bytes += n;
	if (hull_fd_write(o->file, p, n, e) < 0 || hull_fd_write(o->file, end.p, end.n, e) < 0) {
		o->full = true;
		return hull_wrap(e, "sandbox: log: ");
	}
	return o->full;
}

static int write_some(struct hull_output *o, const char *p, size_t n, struct hull_err *e)
{
	if (!o->is_log)
		return write_text(o, p, n, e);
	o->text.n = 0;
	hull_printable_add(&o->flow, p, n, &o->text);
	return write_text(o, o->text.p, o->text.n, e);
}

int hull_output_take(struct hull_output *o, bool ended, struct hull_err *e)
{
	char text[CHUNK];
	bool was_full = o->full;
	ssize_t n;
	int r = 0;

	if (o->pipe < 0)
		return 0;
	for (int i = 0; i < CHUNKS && (n = read(o->pipe, text, sizeof text)) > 0; i++)
		if (!o->full)
			r = write_some(o, text, (size_t)n, e);
	if (ended && !o->full && o->flow.n) {
		o->text.n = 0;
		hull_printable_end(&o->flow, &o->text);
		r = write_text(o, o->text.p, o->text.n, e);
	}
	return was_full ? 0 : r;
}
