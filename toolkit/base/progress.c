// SPDX-License-Identifier: MIT
#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { REDRAW_MS = 200, MAX_SHOWN = 8 };

struct task {
	char *name; /* NULL: free slot */
	int64_t start_ms, expected_ms;
	uint64_t done, total;
};

struct hull_progress {
	int fd;
	enum hull_verbosity verbosity;
	bool live; /* a terminal that understands cursor movement */
	struct task *tasks;
	size_t cap;
	char unit[32];
	uint64_t done, total;
	int64_t left_ms, drawn_ms;
	int drawn_lines;
};

struct hull_progress *hull_progress_new(int fd, enum hull_verbosity verbosity)
{
	struct hull_progress *p = hull_alloc(sizeof *p);
	const char *term = hull_env("TERM");

	p->fd = fd;
	p->verbosity = verbosity;
	p->live = verbosity == HULL_NORMAL && isatty(fd) && term && strcmp(term, "dumb") != 0;
	p->left_ms = -1;
	return p;
}

static void put(struct hull_progress *p, const struct hull_buf *b)
{
	/* a closed stderr must not stop the work */
	hull_ignore(hull_fd_write(p->fd, b->p, b->n, NULL));
}

static void add_clear(struct hull_progress *p, struct hull_buf *b)
{
	for (int i = 0; i < p->drawn_lines; i++)
		hull_buf_adds(b, "\033[1A\033[2K");
	p->drawn_lines = 0;
}

static void add_task(struct hull_buf *b, const struct task *t, int64_t now)
{
	char x[HULL_AMOUNT], y[HULL_AMOUNT];

	hull_buf_showf(b, "  %-32.60s %s", t->name, hull_duration_text(now - t->start_ms, x));
	if (t->total)
		hull_buf_addf(b, "  %s of %s", hull_size_text(t->done, x),
			      hull_size_text(t->total, y));
	else if (t->done)
		hull_buf_addf(b, "  %s", hull_size_text(t->done, x));
	if (t->expected_ms > 0)
		hull_buf_addf(b, " of about %s", hull_duration_text(t->expected_ms, x));
	hull_buf_addc(b, '\n');
}

static void draw(struct hull_progress *p, struct hull_buf *b)
{
	int64_t now = hull_monotonic_ms();
	char left[HULL_AMOUNT];
	int lines = 0;

	p->drawn_ms = now;
	if (!p->live)
		return;
	for (size_t i = 0; i < p->cap && lines < MAX_SHOWN; i++)
		if (p->tasks[i].name) {
			add_task(b, &p->tasks[i], now);
			lines++;
		}
	if (p->total) {
		hull_buf_addf(b, "%llu of %llu %s", (unsigned long long)p->done,
			      (unsigned long long)p->total, p->unit);
		if (p->left_ms >= 0)
			hull_buf_addf(b, ", about %s left", hull_duration_text(p->left_ms, left));
		hull_buf_addc(b, '\n');
		lines++;
	}
	p->drawn_lines = lines;
}

__attribute__((format(printf, 2, 0))) static void log_line(struct hull_progress *p, const char *fmt,
							   va_list ap)
{
	hull_autobuf struct hull_buf b = {0};

	add_clear(p, &b);
	hull_buf_vshow(&b, fmt, ap);
	hull_buf_addc(&b, '\n');
	draw(p, &b);
	put(p, &b);
}

#define LOG_IF(cond)                                                                               \
	do {                                                                                       \
		va_list ap;                                                                        \
		if (!p || !(cond))                                                                 \
			return;                                                                    \
		va_start(ap, fmt);                                                                 \
		log_line(p, fmt, ap);                                                              \
		va_end(ap);                                                                        \
	} while (0)

void hull_log(struct hull_progress *p, const char *fmt, ...)
{
	LOG_IF(p->verbosity >= HULL_NORMAL);
}

void hull_log_verbose(struct hull_progress *p, const char *fmt, ...)
{
	LOG_IF(p->verbosity >= HULL_VERBOSE);
}

void hull_log_error(struct hull_progress *p, const char *fmt, ...)
{
	LOG_IF(true);
}

int hull_task_start(struct hull_progress *p, const char *name, int64_t expected_ms)
{
	size_t i = 0;

	if (!p)
		return -1;
	while (i < p->cap && p->tasks[i].name)
		i++;
	p->tasks = hull_grow(p->tasks, &p->cap, i, sizeof *p->tasks);
	p->tasks[i] = (struct task){.name = hull_strdup(name),
				    .start_ms = hull_monotonic_ms(),
				    .expected_ms = expected_ms};
	return (int)i;
}

void hull_task_bytes(struct hull_progress *p, int slot, uint64_t done, uint64_t total)
{
	if (!p || slot < 0)
		return;
	p->tasks[slot].done = done;
	p->tasks[slot].total = total;
}

void hull_task_end(struct hull_progress *p, int slot)
{
	if (!p || slot < 0)
		return;
	free(hull_steal(p->tasks[slot].name));
}

void hull_progress_total(struct hull_progress *p, const char *unit, uint64_t done, uint64_t total,
			 int64_t left_ms)
{
	if (!p)
		return;
	snprintf(p->unit, sizeof p->unit, "%s", unit);
	p->done = done;
	p->total = total;
	p->left_ms = left_ms;
}

void hull_progress_tick(struct hull_progress *p)
{
	hull_autobuf struct hull_buf b = {0};

	if (!p || !p->live || hull_monotonic_ms() - p->drawn_ms < REDRAW_MS)
		return;
	add_clear(p, &b);
	draw(p, &b);
	if (b.n)
		put(p, &b);
}

void hull_progress_clear(struct hull_progress *p)
{
	hull_autobuf struct hull_buf b = {0};

	if (!p)
		return;
	add_clear(p, &b);
	p->total = 0;
	if (b.n)
		put(p, &b);
}

void hull_progress_free(struct hull_progress *p)
{
	if (!p)
		return;
	hull_progress_clear(p);
	for (size_t i = 0; i < p->cap; i++)
		free(p->tasks[i].name);
	free(p->tasks);
	free(p);
}
