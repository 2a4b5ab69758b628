// SPDX-License-Identifier: MIT
#include "spec/repair.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "spec/written.h"

static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
				       "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December"};

/* The work on one text. */
struct repairer {
	const char *file;
	struct hull_strv *warnings;
	bool changed;
};

static void say(struct repairer *m, int line, const char *what)
{
	m->changed = true;
	if (m->warnings)
		hull_strv_addf(m->warnings, "%s:%d: %s", m->file, line, what);
}

/* --- dates --- */

/* A date, as far as it could be read. */
struct repair_date {
	int weekday, month; /* from 0; -1: not known */
	int day, year;	    /* 0: not known */
	size_t bytes;	    /* of the text that it was read from */
	bool plain;	    /* as rpm reads it */
};

/* The names are told apart by three letters. */
static int name_of(const char *word, size_t n, const char *const *names, size_t count)
{
	size_t letters = 0;

	while (letters < n && isalpha((unsigned char)word[letters]))
		letters++;
	if (letters < 3 || n - letters > 1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!strncasecmp(word, names[i], 3) &&
		    (!strncasecmp(word, names[i], letters) ||
		     (letters == 4 &&
		      (!strncasecmp(word, "Sept", 4) || !strncasecmp(word, "Tues", 4) ||
		       !strncasecmp(word, "Thur", 4)))))
			return (int)i;
	return -1;
}

static bool is_short(const char *word, size_t n, const char *name)
{
	return n == 3 && !strncmp(word, name, 3);
}

/* "4", "04", "4,", "4th": a day; four digits: a year. 0: neither. */
static int number_of(const char *word, size_t n)
{
	static const char *const ends[] = {"",	 ",",	"st",  "nd",  "rd",
					   "th", "st,", "nd,", "rd,", "th,"};
	int value = 0;
	size_t digits = 0;

	while (digits < n && digits < 5 && isdigit((unsigned char)word[digits]))
		value = 10 * value + (word[digits++] - '0');
	if (!digits || digits > 4)
		return 0;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (strlen(ends[i]) == n - digits && !strncmp(ends[i], word + digits, n - digits))
			return value;
	return 0;
}

/* "2024-07-30", "2024/07/30" */
static bool take_numbers(const char *word, size_t n, struct repair_date *d)
{
	int v[3] = {0};

	if (n != 10 || (word[4] != '-' && word[4] != '/') || word[7] != word[4])
		return false;
	for (size_t i = 0; i < n; i++)
		if (i != 4 && i != 7) {
			if (!isdigit((unsigned char)word[i]))
				return false;
			v[i < 4	  ? 0
			  : i < 7 ? 1
				  : 2] = 10 * v[i < 4	? 0
						: i < 7 ? 1
							: 2] +
					 word[i] - '0';
		}
	d->year = v[0];
	d->month = v[1] - 1;
	d->day = v[2];
	return true;
}

/* Whether it is a part of the date. */
static bool take_word(const char *word, size_t n, size_t at, struct repair_date *d)
{
	int weekday = name_of(word, n, weekdays, 7), month = name_of(word, n, months, 12);
	int number = number_of(word, n);

	if (weekday >= 0 && d->weekday < 0) {
		d->weekday = weekday;
		d->plain &= at == 0 && is_short(word, n, weekdays[weekday]);
	} else if (month >= 0 && d->month < 0) {
		d->month = month;
		d->plain &= at == 1 && is_short(word, n, months[month]);
	} else if (number >= 1000 && !d->year) {
		d->year = number;
		d->plain &= at >= 3 && n == 4;
	} else if (number > 0 && number < 32 && !d->day) {
		d->day = number;
		d->plain &= at == 2 && isdigit((unsigned char)word[n - 1]);
	} else {
		/* a time and its zone, which rpm reads, too */
		d->plain &= at >= 3;
		return isdigit((unsigned char)*word);
	}
	return true;
}

static int days_of(int month, int year)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 1)
		return leap ? 29 : 28;
	/* the last of April, June, September and November is the 30th */
	return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
}

static bool is_known(const struct repair_date *d)
{
	return d->year >= 1970 && d->month >= 0 && d->month < 12 && d->day >= 1 &&
	       d->day <= days_of(d->month, d->year);
}

/* What is behind the '*' of an entry: up to seven words, the last of which is the year. */
static struct repair_date read_date(const char *s, size_t n)
{
	enum { WORDS = 7 };
	struct repair_date d = {.weekday = -1, .month = -1, .plain = true};
	size_t at = 0;

	for (size_t i = 0; i < WORDS && !is_known(&d); i++) {
		size_t len = 0;

		while (at < n && isspace((unsigned char)s[at]))
			at++;
		while (at + len < n && !isspace((unsigned char)s[at + len]))
			len++;
		if (!len || memchr(s + at, '@', len) || s[at] == '<')
			break;
		if (take_numbers(s + at, len, &d)) {
			d.plain = false;
			d.bytes = at + len;
		} else if (take_word(s + at, len, i, &d)) {
			d.bytes = at + len;
		}
		at += len;
	}
	d.plain &= d.weekday >= 0 && is_known(&d);
	return d;
}

/* Days since 1970, by the rules of the Gregorian calendar. */
static int64_t day_number(const struct repair_date *d)
{
	int64_t y = d->month < 2 ? d->year - 1 : d->year;
	int64_t m = (d->month + 10) % 12;
	int64_t of_year = (153 * m + 2) / 5 + d->day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static void add_date(struct hull_buf *out, const struct repair_date *d)
{
	int64_t days = day_number(d);

	/* the first of 1970 was a Thursday */
	hull_buf_addf(out, " %.3s %.3s %02d %04d", weekdays[(days + 4) % 7], months[d->month],
		      d->day, d->year);
}

/* --- the changelog --- */

struct repair_entry {
	const char *text; /* from its '*' */
	size_t n;
	int line;
	struct repair_date date;
	int64_t day;
};

struct repair_log {
	struct repair_entry *v;
	size_t n, cap;
	bool has_directives; /* conditions stand where they are */
};

/* Splits a section (the lines below %changelog) at its entries; what comes before the first is `head`. */
static void split(const char *s, size_t n, int line, struct repair_log *log, size_t *out_head)
{
	*out_head = n;
	for (size_t at = 0; at < n; line++) {
		const char *nl = memchr(s + at, '\n', n - at);
		size_t len = nl ? (size_t)(nl - (s + at)) + 1 : n - at;

		if (s[at] == '*') {
			if (!log->n)
				*out_head = at;
			log->v = hull_grow(log->v, &log->cap, log->n, sizeof *log->v);
			log->v[log->n++] = (struct repair_entry){.text = s + at, .line = line};
		} else if (s[at] == '%') {
			log->has_directives = true;
		}
		if (log->n)
			log->v[log->n - 1].n += len;
		at += len;
	}
}

/* An entry whose date is not known has that of the one above it, or below. */
static void date_all(struct repairer *m, struct repair_log *log)
{
	const struct repair_date *known = NULL;

	for (size_t i = 0; i < log->n; i++) {
		struct repair_entry *x = &log->v[i];

		x->date = read_date(x->text + 1, strcspn(x->text, "\n") - 1);
		if (is_known(&x->date) && !known)
			known = &x->date;
	}
	for (size_t i = 0; i < log->n && known; i++) {
		struct repair_entry *x = &log->v[i];

		if (is_known(&x->date)) {
			known = &x->date;
		} else if (!memchr(x->text, '%', strcspn(x->text, "\n"))) {
			size_t bytes = x->date.bytes;

			x->date = *known;
			x->date.bytes = bytes;
			x->date.plain = false;
			say(m, x->line,
			    "%changelog: no date that can be read: that of the entry beside it is taken");
		}
		x->day = day_number(is_known(&x->date) ? &x->date : known);
	}
}

static int newest_first(const void *a, const void *b)
{
	const struct repair_entry *x = a, *y = b;

	if (x->day != y->day)
		return x->day > y->day ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void sort(struct repairer *m, struct repair_log *log)
{
	if (log->has_directives)
		return;
	for (size_t i = 1; i < log->n; i++)
		if (log->v[i].day > log->v[i - 1].day) {
			say(m, log->v[i].line,
			    "%changelog: newer than the entry above it: the entries are sorted by date");
			qsort(log->v, log->n, sizeof *log->v, newest_first);
			return;
		}
}

static void write_entry(struct repairer *m, const struct repair_entry *x, struct hull_buf *out)
{
	hull_autobuf struct hull_buf what = {0};

	if (x->date.plain || !is_known(&x->date)) {
		hull_buf_add(out, x->text, x->n);
	} else {
		size_t rest = 1 + x->date.bytes;

		hull_buf_adds(&what, "%changelog: '");
		hull_buf_add(&what, x->text, rest);
		hull_buf_adds(&what, "' is read as '*");
		add_date(&what, &x->date);
		hull_buf_addc(&what, '\'');
		say(m, x->line, what.p);
		hull_buf_addc(out, '*');
		add_date(out, &x->date);
		hull_buf_add(out, x->text + rest, x->n - rest);
	}
	if (out->p[out->n - 1] != '\n')
		hull_buf_addc(out, '\n');
}

static void repair_changelog(struct repairer *m, const char *s, size_t n, int line,
			     struct hull_buf *out)
{
	struct repair_log log = {0};
	size_t head;

	split(s, n, line, &log, &head);
	hull_buf_add(out, s, head);
	date_all(m, &log);
	sort(m, &log);
	for (size_t i = 0; i < log.n; i++)
		write_entry(m, &log.v[i], out);
	free(log.v);
}

/* --- lines --- */

static void repair_lines(struct repairer *m, const char *text, struct hull_buf *out)
{
	static const char mark[] = "\xef\xbb\xbf";
	bool told = false;
	int line = 1;

	if (hull_starts(text, mark))
		say(m, 1, "begins with a byte order mark: it is left out");
	while (hull_starts(text, mark))
		text += strlen(mark);
	for (; *text; text++) {
		size_t n = strspn(text, "\r");

		if (n && (text[n] == '\n' || !text[n])) {
			if (!told)
				say(m, line,
				    "ends in CR LF: such lines are read as if they ended in LF");
			told = true;
			text += n - 1;
			continue;
		}
		line += *text == '\n';
		hull_buf_addc(out, *text);
	}
}

/* --- the preamble --- */

/* Whether a line is continued by the next, or opens brackets that are not closed. */
static void follow(const char *s, size_t n, int *depth, bool *continues)
{
	for (size_t i = 0; i < n; i++) {
		*depth += s[i] == '{';
		*depth -= s[i] == '}' && *depth > 0;
	}
	*continues = n && s[n - 1] == '\\';
}

/* A comment whose macros rpm expands, into lines that are no comment any more; a definition in one is
 * taken elsewhere, and stays. */
static bool has_macro(const char *s, size_t n)
{
	static const char *const kept[] = {"%global", "%define", "%undefine",
					   "%bcond",  "%{load",	 "%include"};

	if (s[strspn(s, " \t")] != '#')
		return false;
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (memmem(s, n, kept[i], strlen(kept[i])))
			return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (s[i] != '%')
			continue;
		if (s[i + 1] == '{' || s[i + 1] == '(' || s[i + 1] == '[' ||
		    hull_macro_name(s + i + 1))
			return true;
		i += s[i + 1] == '%';
	}
	return false;
}

static void add_escaped(const char *s, size_t n, struct hull_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		hull_buf_addc(out, s[i]);
		if (s[i] != '%')
			continue;
		hull_buf_addc(out, '%');
		i += i + 1 < n && s[i + 1] == '%';
	}
}

/* --- all sections --- */

/* What is in the preamble and in %changelog is repaired. */
static void repair_sections(struct repairer *m, const char *text, struct hull_buf *out)
{
	enum hull_section section = HULL_PREAMBLE;
	const char *changelog = NULL;
	int line = 1, from = 0, depth = 0;
	bool continues = false;

	for (const char *s = text; *s; line++) {
		size_t n = strcspn(s, "\n");
		const char *next = s + n + (s[n] == '\n');

		if (hull_section_begins(s, n, &section)) {
			if (changelog)
				repair_changelog(m, changelog, (size_t)(s - changelog), from, out);
			changelog = section == HULL_CHANGELOG ? next : NULL;
			from = line + 1;
			hull_buf_add(out, s, (size_t)(next - s));
			depth = 0;
			continues = false;
		} else if (section == HULL_PREAMBLE && !depth && !continues && has_macro(s, n)) {
			say(m, line, "macros in a comment are not expanded");
			add_escaped(s, (size_t)(next - s), out);
		} else if (!changelog) {
			hull_buf_add(out, s, (size_t)(next - s));
			follow(s, n, &depth, &continues);
		}
		s = next;
	}
	if (changelog)
		repair_changelog(m, changelog, strlen(changelog), from, out);
}

bool hull_spec_repair(const char *file, const char *text, struct hull_buf *out,
		      struct hull_strv *warnings)
{
	struct repairer m = {.file = file, .warnings = warnings};
	hull_autobuf struct hull_buf plain = {0};

	out->n = 0;
	repair_lines(&m, text, &plain);
	repair_sections(&m, plain.p ? plain.p : "", out);
	return m.changed;
}

int hull_spec_text(const char *path, struct hull_buf *out, struct hull_err *e)
{
	struct hull_buf repaired = {0};

	out->n = 0;
	if (hull_file_read_most(AT_FDCWD, path, HULL_WRITTEN_BYTES, out, e) < 0)
		return -1;
	if (strlen(out->p) == out->n && hull_spec_repair("", out->p, &repaired, NULL)) {
		hull_buf_fini(out);
		*out = repaired;
	} else {
		hull_buf_fini(&repaired);
	}
	return 0;
}
