// SPDX-License-Identifier: MIT
#include "machine/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"

enum { KEEP = 32 * 1024, LAST_LINES = 15 };

struct watch {
	const struct hull_console *c;
	struct hull_buf text; /* the end of what was read */
	size_t searched;      /* bytes of it in which the next text is not */
	size_t found;	      /* texts that have appeared */
	int64_t end_ms;
};

/* Looks for the texts that are still missing; a text may come in two reads. */
static void search(struct watch *w)
{
	while (w->found < w->c->expect->n) {
		const char *want = w->c->expect->v[w->found];
		size_t n = strlen(want);
		const char *at = memmem(w->text.p + w->searched, w->text.n - w->searched, want, n);

		if (!at) {
			if (w->text.n >= n && w->text.n - n + 1 > w->searched)
				w->searched = w->text.n - n + 1;
			return;
		}
		w->searched = (size_t)(at - w->text.p) + n;
		w->found++;
	}
}

/* Forgets the front, but nothing that may still be found. */
static void trim(struct watch *w)
{
	size_t drop = w->text.n > 2 * KEEP ? w->text.n - KEEP : 0;

	if (drop > w->searched)
		drop = w->searched;
	if (!drop)
		return;
	memmove(w->text.p, w->text.p + drop, w->text.n - drop);
	w->text.n -= drop;
	w->text.p[w->text.n] = '\0';
	w->searched -= drop;
}

/* The length of a control sequence (ECMA-48) at p. */
static size_t sequence_length(const char *p, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (p[1] != '[')
		return 2;
	while (i < n && (unsigned char)p[i] < 0x40)
		i++;
	return i < n ? i + 1 : n;
}

/* The last lines without what moves a cursor. */
static void last_lines(const struct watch *w, struct hull_buf *out)
{
	size_t lines = 0, start;

	for (size_t i = 0; i < w->text.n; i++) {
		char c = w->text.p[i];

		if (c == '\033')
			i += sequence_length(w->text.p + i, w->text.n - i) - 1;
		else if (c == '\n' && out->n && out->p[out->n - 1] != '\n')
			hull_buf_addc(out, c);
		else if ((unsigned char)c >= ' ' || c == '\t')
			hull_buf_addc(out, c);
	}
	while (out->n && out->p[out->n - 1] == '\n')
		out->p[--out->n] = '\0';
	for (start = out->n; start && (lines += out->p[start - 1] == '\n') < LAST_LINES; start--)
		;
	if (out->n - start > 3000)
		start = out->n - 3000;
	if (start) {
		memmove(out->p, out->p + start, out->n - start + 1);
		out->n -= start;
	}
}

static int not_seen(const struct watch *w, const char *what, struct hull_err *e)
{
	hull_autobuf struct hull_buf last = {0}, quoted = {0};

	if (w->c->echo < 0)
		last_lines(w, &last);
	hull_buf_quote(&quoted, last.n ? last.p : "");
	if (w->found < w->c->expect->n)
		return hull_fail(e, HULL_FAILED, "%s before '%s' appeared on the console%s%-s",
				 what, w->c->expect->v[w->found], last.n ? "; its last lines" : "",
				 quoted.p);
	return hull_fail(e, HULL_FAILED, "%s%s%-s", what, last.n ? "; the last lines" : "",
			 quoted.p);
}

/* 1 at the end of the console. */
static int read_some(struct watch *w, struct hull_err *e)
{
	char chunk[16 * 1024];
	ssize_t n = read(w->c->from, chunk, sizeof chunk);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : hull_fail_errno(e, "console");
	if (n == 0)
		return 1;
	if (w->c->echo >= 0 && hull_fd_write(w->c->echo, chunk, (size_t)n, e) < 0)
		return -1;
	if (w->c->log >= 0 && hull_fd_write(w->c->log, chunk, (size_t)n, e) < 0)
		return hull_wrap(e, "log of the console: ");
	hull_buf_add(&w->text, chunk, (size_t)n);
	search(w);
	trim(w);
	return 0;
}

static int wait_ms(const struct watch *w)
{
	int64_t left;

	if (!w->end_ms)
		return -1;
	left = w->end_ms - hull_monotonic_ms();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static int watch(struct watch *w, int signals, bool *out_ended, struct hull_err *e)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = w->c->from, .events = POLLIN},
				       {.fd = signals, .events = POLLIN}};
		int wait = wait_ms(w), r = poll(fds, 2, wait);

		if (r < 0 && errno != EINTR)
			return hull_fail_errno(e, "poll");
		if (r > 0 && fds[1].revents)
			hull_signals_drain(signals);
		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (r > 0 && fds[0].revents) {
			r = read_some(w, e);
			if (r < 0)
				return r;
			if (w->c->expect->n && w->found == w->c->expect->n)
				return 0;
			*out_ended = r == 1;
			if (r == 1)
				return w->c->expect->n ? not_seen(w, "the machine ended", e) : 0;
		}
		if (w->end_ms && wait_ms(w) == 0)
			return not_seen(w, "the time was over", e);
	}
}

int hull_console_watch(const struct hull_console *c, bool *out_ended, struct hull_err *e)
{
	struct watch w = {.c = c};
	int signals = hull_signals_init(e), r;

	*out_ended = false;
	if (signals < 0)
		return -1;
	if (c->timeout_ms)
		w.end_ms = hull_monotonic_ms() + c->timeout_ms;
	r = watch(&w, signals, out_ended, e);
	hull_buf_fini(&w.text);
	return r;
}
