// SPDX-License-Identifier: MIT
#include "debian/aptinstall.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "debian/aptrun.h"
#include "debian/control.h"

/* --- what apt says --- */

static int run(const struct hull_apt_lists *l, const struct hull_strv *names, int out, int err,
	       struct hull_err *e)
{
	static const char *const start[] = {"apt-get", "install", "-y",
					    "-qq",     "-o",	  "APT::Install-Recommends=false",
					    "--",      NULL};
	hull_autostrv struct hull_strv argv = {0};
	struct hull_spawn s = {.out = out, .err = err, .own_group = true};
	pid_t pid;

	hull_strv_add(&argv, "env");
	hull_strv_add(&argv, "LC_ALL=C");
	hull_strv_addf(&argv, "APT_CONFIG=%s/%s/apt.conf", l->store->path, l->tmp);
	for (size_t i = 0; start[i]; i++) {
		if (!strcmp(start[i], "--"))
			hull_strv_add(&argv, "--print-uris");
		hull_strv_add(&argv, start[i]);
	}
	for (size_t i = 0; i < names->n; i++)
		hull_strv_add(&argv, names->v[i]);
	s.argv = argv.v;
	pid = hull_spawn(&s, e);
	return pid < 0 ? -1 : hull_apt_wait(pid, NULL, e);
}

static int text_of(int fd, struct hull_buf *out, struct hull_err *e)
{
	hull_buf_adds(out, "");
	if (lseek(fd, 0, SEEK_SET) < 0 || hull_fd_read(fd, out, e) < 0)
		return hull_wrap(e, "apt-get install: ");
	return 0;
}

static int explain(const char *said, struct hull_strv *out_unknown, struct hull_err *e)
{
	static const char unknown[] = "E: Unable to locate package ";
	hull_autobuf struct hull_buf quoted = {0};

	for (const char *line = said, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (hull_starts(line, unknown))
			hull_strv_take(out_unknown,
				       hull_strndup(line + sizeof unknown - 1,
						    (size_t)(end - line) - sizeof unknown + 1));
	}
	hull_buf_quote(&quoted, said);
	return hull_fail(e, HULL_FAILED, "apt-get install%-s", quoted.n ? quoted.p : ": failed");
}

/*
 * Lines "'URL' name_version_arch.deb bytes digest", with "%3a" for the colon of an epoch: name, version
 * and architecture.
 */
static int parse_line(const char *line, size_t n, struct hull_arena *a, struct hull_apt_file *out,
		      struct hull_err *e)
{
	hull_autofree char *text = hull_strndup(line, n);
	char *file = strstr(text, "' "), *version, *arch, *end, *colon;

	file = file ? file + 2 : text;
	file[strcspn(file, " ")] = '\0';
	version = strchr(file, '_');
	arch = version ? strchr(version + 1, '_') : NULL;
	end = arch ? strrchr(arch, '.') : NULL;
	if (!end || strcmp(end, ".deb") != 0)
		return hull_fail(e, HULL_FAILED, "apt-get install --print-uris: a line '%s'", text);
	*version++ = *arch++ = *end = '\0';
	colon = strstr(version, "%3a");
	if (colon) {
		*colon = ':';
		memmove(colon + 1, colon + 3, strlen(colon + 3) + 1);
	}
	*out = (struct hull_apt_file){.name = hull_arena_strdup(a, file),
				      .version = hull_arena_strdup(a, version),
				      .arch = hull_arena_strdup(a, arch)};
	return 0;
}

static int compare(const void *x, const void *y)
{
	const struct hull_apt_file *a = x, *b = y;

	return strcmp(a->name, b->name);
}

static int parse(const char *text, struct hull_arena *a, struct hull_apt_file **out, size_t *out_n,
		 struct hull_err *e)
{
	size_t n = 0;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		n++;
	*out = hull_arena_array(a, n + 1, sizeof **out);
	*out_n = 0;
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (*line != '\'')
			continue;
		if (parse_line(line, (size_t)(end - line), a, &(*out)[*out_n], e) < 0)
			return -1;
		++*out_n;
	}
	qsort(*out, *out_n, sizeof **out, compare);
	return 0;
}

/* --- what the indexes say --- */

static void fill(const struct hull_control *c, struct hull_arena *a, struct hull_apt_file *files,
		 size_t n)
{
	const struct hull_apt_file key = {.name = hull_control_field(c, "Package", a)};
	struct hull_apt_file *f = key.name ? bsearch(&key, files, n, sizeof *files, compare) : NULL;
	const char *version = f ? hull_control_field(c, "Version", a) : NULL;
	const char *arch = version ? hull_control_field(c, "Architecture", a) : NULL;
	const char *size;
	uint64_t bytes;

	if (!arch || f->path || strcmp(version, f->version) != 0 || strcmp(arch, f->arch) != 0)
		return;
	size = hull_control_field(c, "Size", a);
	f->path = hull_control_field(c, "Filename", a);
	f->sha256 = hull_control_field(c, "SHA256", a);
	if (size && hull_parse_u64(size, 1, INT64_MAX, &bytes))
		f->size_bytes = bytes;
}

static int look_up(const struct hull_apt_lists *l, const struct hull_debian_suites *suites,
		   struct hull_arena *a, struct hull_apt_file *files, size_t n, struct hull_err *e)
{
	for (size_t i = 0; i < suites->n; i++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_control c;
		const char *p;

		if (hull_apt_lists_read(l, suites->v[i].name, HULL_APT_PACKAGES, &text, e) < 0)
			return -1;
		p = text.p;
		while (hull_control_next(&p, &c))
			fill(&c, a, files, n);
	}
	for (size_t i = 0; i < n; i++)
		if (!files[i].path || !files[i].sha256 || !files[i].size_bytes)
			return hull_fail(e, HULL_FAILED,
					 "the archive's indexes have no file of %s %s for %s",
					 files[i].name, files[i].version, files[i].arch);
	return 0;
}

int hull_apt_install(const struct hull_apt_lists *l, const struct hull_debian_suites *suites,
		     const struct hull_strv *names, struct hull_arena *a,
		     struct hull_apt_file **out, size_t *out_n, struct hull_strv *out_unknown,
		     struct hull_err *e)
{
	hull_autofd int said = memfd_create("apt", MFD_CLOEXEC);
	hull_autofd int errors = memfd_create("apt", MFD_CLOEXEC);
	hull_autobuf struct hull_buf text = {0};
	int r;

	if (said < 0 || errors < 0)
		return hull_fail_errno(e, "memfd");
	r = run(l, names, said, errors, e);
	if (r < 0 || text_of(r ? errors : said, &text, e) < 0)
		return -1;
	if (r)
		return explain(text.p, out_unknown, e);
	if (parse(text.p, a, out, out_n, e) < 0)
		return -1;
	return look_up(l, suites, a, *out, *out_n, e);
}
