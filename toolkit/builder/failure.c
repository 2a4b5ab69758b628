// SPDX-License-Identifier: MIT
#include "builder/failure.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

enum { LAST_LINES = 20, LAST_BYTES = 64 * 1024, LINE_BYTES = 1000 };

static const struct {
	const char *text, *hint;
} hints[] = {
	{"No space left on device", "the disk that holds the store (or /tmp of the build) is full"},
	{"Temporary failure in name resolution",
	 "builds have no network: what they need has to be a Source of the spec"},
	{"Could not resolve host",
	 "builds have no network: what they need has to be a Source of the spec"},
	{"Network is unreachable",
	 "builds have no network: what they need has to be a Source of the spec"},
	{"Read-only file system",
	 "a build can write below /hull/build and /tmp only; files are installed below %{buildroot}"},
	{"Cannot allocate memory", "the build ran against its memory limit (--memory)"},
	{"virtual memory exhausted", "the build ran against its memory limit (--memory)"},
	{"Resource temporarily unavailable",
	 "the build ran against its limit of processes (--processes)"},
	{"Cannot fork", "the build ran against its limit of processes (--processes)"},
	{" (%check)",
	 "--retry-check N runs a %check that fails again, --check-not-fatal goes on, --no-check=SPEC "
	 "leaves it out; the record says so"},
	{"Installed (but unpackaged) file(s) found",
	 "list the files in %files, or remove them in %install"},
};

static const char *tail(const char *text, int lines)
{
	const char *p = text + strlen(text);

	while (p > text && lines >= 0) {
		p--;
		if (*p == '\n' && p[1])
			lines--;
	}
	return p > text ? p + 1 : p;
}

static const char *hint_for(const char *text)
{
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (strstr(text, hints[i].text))
			return hints[i].hint;
	return NULL;
}

int hull_failure_log(int dirfd, const char *path, struct hull_buf *out, struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);
	char text[LAST_BYTES];
	struct stat st;
	uint64_t at;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return hull_fail_errno(e, "%s", path);
	at = st.st_size > LAST_BYTES ? (uint64_t)st.st_size - LAST_BYTES : 0;
	n = hull_fd_read_at(fd, at, text, sizeof text);
	if (n < 0)
		return hull_fail_errno(e, "%s", path);
	hull_buf_add(out, text, (size_t)n);
	return 0;
}

void hull_failure_quote(const char *log, struct hull_buf *out)
{
	const char *lines = tail(log, LAST_LINES);

	while (*lines) {
		const char *end = strchr(lines, '\n');
		size_t n = end ? (size_t)(end - lines) : strlen(lines);
		size_t shown = n;

		if (n > LINE_BYTES) /* not within a character */
			for (shown = LINE_BYTES;
			     shown && ((unsigned char)lines[shown] & 0xc0) == 0x80;)
				shown--;
		hull_buf_adds(out, "  | ");
		hull_buf_add(out, lines, shown);
		hull_buf_adds(out, shown < n ? "...\n" : "\n");
		lines += n + (end != NULL);
	}
}

void hull_failure_describe(const struct hull_store *s, const struct hull_spec_node *node,
			   enum hull_store_kind log_kind, const char *error,
			   const struct hull_strv *blocked, struct hull_buf *out)
{
	struct hull_store_path o = hull_store_path(log_kind, node->key);
	hull_autobuf struct hull_buf log = {0};
	const char *hint;

	hull_buf_showf(out, "%s: %-s\n", node->spec->path, error);
	if (hull_exists(s->fd, o.path) && hull_failure_log(s->fd, o.path, &log, NULL) == 0) {
		const char *text = log.p ? log.p : "";

		hull_failure_quote(text, out);
		hint = hint_for(text);
		if (hint)
			hull_buf_addf(out, "  hint: %s\n", hint);
		hull_buf_addf(out, "  log: %s/%s\n", s->path, o.path);
	}
	if (blocked && blocked->n) {
		hull_buf_adds(out, "  this blocks:");
		for (size_t i = 0; i < blocked->n; i++)
			hull_buf_showf(out, " %s", blocked->v[i]);
		hull_buf_addc(out, '\n');
	}
	while (out->n && out->p[out->n - 1] == '\n')
		out->p[--out->n] = '\0';
}
