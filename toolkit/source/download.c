// SPDX-License-Identifier: MIT
#include "source/download.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

enum {
	CONNECT_SECONDS = 20,
	SLOW_BYTES_PER_SECOND = 1024,	    /* at any time */
	LEAST_BYTES_PER_SECOND = 16 * 1024, /* all in all */
	MAX_REDIRECTS = 10
};

/* "Content-Range: bytes 1000-1999/2000"; the headers of a redirect come before those that count. */
static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	static const char name[] = "content-range:";
	struct hull_download *d = arg;
	hull_autofree char *text = hull_strndup(line, size * n);
	const char *p = text;

	if (hull_starts(text, "HTTP/"))
		d->range_start = UINT64_MAX;
	if (strncasecmp(text, name, sizeof name - 1) != 0)
		return size * n;
	p += sizeof name - 1;
	while (*p == ' ')
		p++;
	if (!strncasecmp(p, "bytes ", 6)) {
		const char *digits = p + 6;
		hull_autofree char *number = hull_strndup(digits, strspn(digits, "0123456789"));

		if (!hull_parse_u64(number, 0, INT64_MAX, &d->range_start))
			d->range_start = UINT64_MAX;
	}
	return size * n;
}

static long status_of(CURL *easy)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Before the first byte: does it go behind what is there, or is it the whole file again? */
static int begin_body(struct hull_download *d)
{
	if (status_of(d->easy) == 206) {
		d->wrong_range = d->range_start != d->partial->have_bytes;
		return d->wrong_range ? -1 : 0;
	}
	if (d->partial->have_bytes && hull_partial_restart(d->partial, &d->err) < 0) {
		d->broken = true;
		return -1;
	}
	return 0;
}

/* Whether the file has more bytes than it may: those of the partial and `more`. */
static bool is_too_long(const struct hull_partial *p, uint64_t more)
{
	return p->max_bytes &&
	       (p->have_bytes > p->max_bytes || more > p->max_bytes - p->have_bytes);
}

static enum hull_attempt fail_too_long(struct hull_partial *p, struct hull_err *e)
{
	if (hull_partial_restart(p, e) < 0)
		return HULL_ATTEMPT_BROKEN;
	hull_fail(e, HULL_FAILED, "has more than the %" PRIu64 " bytes that it may have",
		  p->max_bytes);
	return HULL_ATTEMPT_NEVER;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct hull_download *d = arg;
	curl_off_t length = -1;

	if (!d->begun) {
		if (begin_body(d) < 0)
			return 0;
		d->begun = true;
	}
	d->too_long = is_too_long(d->partial, size * n);
	if (d->too_long)
		return 0;
	if (hull_partial_add(d->partial, bytes, size * n, &d->err) < 0) {
		d->broken = true;
		return 0;
	}
	curl_easy_getinfo(d->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	hull_task_bytes(d->progress, d->task, d->partial->have_bytes,
			length > 0 ? d->partial->old_bytes + (uint64_t)length : 0);
	return size * n;
}

/* For all of an attempt: a server that sends a little all the time has to come to an end, too. */
static long most_seconds(const struct hull_partial *p, int stall_seconds)
{
	const uint64_t day = (uint64_t)24 * 3600;
	uint64_t seconds = 2 * (uint64_t)stall_seconds + p->max_bytes / LEAST_BYTES_PER_SECOND;

	return (long)(p->max_bytes && seconds < day ? seconds : day);
}

int hull_download_start(struct hull_download *d, const char *url, int stall_seconds,
			struct hull_err *e)
{
	hull_autofree char *range =
		hull_asprintf("%llu-", (unsigned long long)d->partial->have_bytes);
	CURL *c = curl_easy_init();
	CURLcode r = CURLE_OK;
	bool only_https = !d->partial->keep && !strncasecmp(url, "https:", 6);

	if (!c)
		return hull_fail(e, HULL_FAILED, "%s: curl does not start", url);
	d->easy = c;
	d->begun = false;
	d->wrong_range = false;
	d->too_long = false;
	d->range_start = UINT64_MAX;
	d->message[0] = '\0';
	d->partial->old_bytes = d->partial->have_bytes;
#define SET(option, value) (r = r ? r : curl_easy_setopt(c, (option), (value)))
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, only_https ? "https" : "http,https");
	SET(CURLOPT_USERAGENT, "hull/" HULL_VERSION);
	SET(CURLOPT_FOLLOWLOCATION, 1L);
	SET(CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
	SET(CURLOPT_FAILONERROR, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_SECOND);
	SET(CURLOPT_LOW_SPEED_TIME, (long)stall_seconds);
	SET(CURLOPT_TIMEOUT, most_seconds(d->partial, stall_seconds));
	SET(CURLOPT_ERRORBUFFER, d->message);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, d);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, d);
	if (d->partial->have_bytes)
		SET(CURLOPT_RANGE, range);
#undef SET
	if (r == CURLE_OK)
		return 0;
	hull_download_fini(d);
	return hull_fail(e, HULL_FAILED, "%s: %s", url, curl_easy_strerror(r));
}

static enum hull_attempt judge_status(long status, const struct hull_partial *p, struct hull_err *e)
{
	if (status == 416 && p->have_bytes)
		return HULL_ATTEMPT_COMPLETE; /* there is nothing behind what we have */
	hull_fail(e, HULL_FAILED, "HTTP %ld", status);
	switch (status) {
	case 408: /* request timeout */
	case 425: /* too early */
	case 429: /* too many requests */
		return HULL_ATTEMPT_LATER;
	default:
		return status >= 500 ? HULL_ATTEMPT_LATER : HULL_ATTEMPT_NEVER;
	}
}

static bool never_works(CURLcode code)
{
	switch ((int)code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_PEER_FAILED_VERIFICATION:
		return true;
	default:
		return false;
	}
}

enum hull_attempt hull_download_end(struct hull_download *d, CURLcode code, bool *out_unreachable,
				    struct hull_err *e)
{
	curl_off_t connected_us = 0;

	curl_easy_getinfo(d->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	*out_unreachable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
			   (code == CURLE_OPERATION_TIMEDOUT && !connected_us);
	if (d->broken) {
		hull_fail_as(e, &d->err);
		return HULL_ATTEMPT_BROKEN;
	}
	if (d->too_long)
		return fail_too_long(d->partial, e);
	if (code == CURLE_OK)
		return HULL_ATTEMPT_COMPLETE;
	if (code == CURLE_HTTP_RETURNED_ERROR)
		return judge_status(status_of(d->easy), d->partial, e);
	if (d->wrong_range) {
		if (hull_partial_restart(d->partial, e) < 0)
			return HULL_ATTEMPT_BROKEN;
		hull_fail(e, HULL_FAILED, "the server answers with the wrong range");
		return HULL_ATTEMPT_LATER;
	}
	hull_fail(e, HULL_FAILED, "%s", *d->message ? d->message : curl_easy_strerror(code));
	return never_works(code) ? HULL_ATTEMPT_NEVER : HULL_ATTEMPT_LATER;
}

void hull_download_fini(struct hull_download *d)
{
	curl_easy_cleanup(d->easy);
	d->easy = NULL;
}

enum hull_attempt hull_download_copy(struct hull_partial *p, const char *path, struct hull_err *e)
{
	enum { CHUNK = 1024 * 1024 };
	hull_autofree char *buf = hull_alloc(CHUNK);
	hull_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0) {
		hull_fail(e, HULL_FAILED, "%s", strerror(errno));
		return HULL_ATTEMPT_NEVER;
	}
	if (!S_ISREG(st.st_mode)) {
		hull_fail(e, HULL_FAILED, "not a regular file");
		return HULL_ATTEMPT_NEVER;
	}
	if (p->have_bytes && hull_partial_restart(p, e) < 0)
		return HULL_ATTEMPT_BROKEN;
	while ((n = read(fd, buf, CHUNK)) != 0) {
		if (n < 0) {
			hull_fail(e, HULL_FAILED, "read: %s", strerror(errno));
			return HULL_ATTEMPT_NEVER;
		}
		if (is_too_long(p, (uint64_t)n))
			return fail_too_long(p, e);
		if (hull_partial_add(p, buf, (size_t)n, e) < 0)
			return HULL_ATTEMPT_BROKEN;
		if (hull_interrupted()) {
			hull_fail(e, HULL_INTERRUPTED, "interrupted");
			return HULL_ATTEMPT_BROKEN;
		}
	}
	return HULL_ATTEMPT_COMPLETE;
}
