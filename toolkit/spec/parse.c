// SPDX-License-Identifier: MIT
#include "spec/parse.h"

#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <rpm/rpmbuild.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "spec/declare.h"
#include "spec/lint.h"
#include "spec/macros.h"
#include "spec/section.h"
#include "spec/signatures.h"
#include "spec/specjson.h"

/* What librpm and the checks have to say about one spec. */
struct spec_parser {
	const struct hull_parse *p;
	char *file; /* "<name>.spec" */
	char *path; /* as librpm was told it */
	struct hull_strv errors, warnings, macros;
	bool configured; /* the macro files are read: what comes now is about the spec */
	bool muted;
};

/* "line 12: " or "12: " at s: the number, and what follows; s itself when there is none. */
static const char *take_line(const char *s, int *out)
{
	const char *p = hull_starts(s, "line ") ? s + 5 : s;
	int n = 0;

	while (isdigit((unsigned char)*p) && n < 10000000)
		n = 10 * n + (*p++ - '0');
	if (!n || *p != ':' || p[1] != ' ')
		return s;
	*out = n;
	return p + 2;
}

/* librpm's words on one line, without the trailing newline and what points at a column above. */
static void add_words(struct hull_buf *b, const char *s)
{
	for (; *s; s++)
		if (*s != '\n')
			hull_buf_addc(b, *s);
		else if (s[1] && s[1] != ':' && b->n)
			hull_buf_addc(b, ' ');
}

static void add_message(struct spec_parser *ps, struct hull_strv *to, const char *msg)
{
	static const char unknown[] = "Unknown tag: %";
	hull_autobuf struct hull_buf text = {0};
	int line = 0;

	if (hull_starts(msg, ps->path)) {
		msg += strlen(ps->path);
		msg += strspn(msg, ": ");
	}
	msg = take_line(msg, &line);
	if (msg[strspn(msg, " ^\n")] == '\0')
		return;
	hull_buf_adds(&text, ps->file);
	if (line)
		hull_buf_addf(&text, ":%d", line);
	hull_buf_adds(&text, ": ");
	if (hull_starts(msg, unknown)) {
		const char *name = msg + strlen(unknown);
		bool braces = *name == '{';
		hull_autofree char *copy =
			hull_strndup(name + braces, hull_macro_name(name + braces));
		hull_autofree char *hint = hull_lint_hint(copy, braces);

		hull_buf_addf(&text, "unknown macro %%%s%s%s%s", braces ? "{" : "", copy,
			      braces ? "}" : "", hint);
	} else {
		add_words(&text, msg);
	}
	hull_strv_take(to, hull_buf_steal(&text));
}

static int on_log(rpmlogRec record, rpmlogCallbackData data)
{
	struct spec_parser *ps = data;
	const char *msg = rpmlogRecMessage(record);
	rpmlogLvl level = rpmlogRecPriority(record);
	const char *slash;

	if (level > RPMLOG_WARNING || ps->muted)
		return 0;
	if (ps->configured) {
		add_message(ps, level == RPMLOG_WARNING ? &ps->warnings : &ps->errors, msg);
	} else if (level < RPMLOG_WARNING) {
		/* The macro directory was given as /proc/self/fd/N. */
		hull_autobuf struct hull_buf text = {0};

		slash = hull_starts(msg, "/proc/self/fd/") ? strchr(msg + 14, '/') : NULL;
		add_words(&text, slash ? slash + 1 : msg);
		hull_strv_take(&ps->macros, hull_buf_steal(&text));
	}
	return 0;
}

/* librpm expands macros in names of files. */
static char *escaped(const char *path)
{
	struct hull_buf b = {0};

	for (; *path; path++) {
		hull_buf_addc(&b, *path);
		if (*path == '%')
			hull_buf_addc(&b, '%');
	}
	return hull_buf_steal(&b);
}

static void define_literally(const char *name, const char *value)
{
	rpmPushMacroFlags(NULL, name, NULL, value, RMIL_CMDLINE, RPMMACRO_LITERAL);
}

/*
 * Hull's macros and nothing else. The directory goes by descriptor: librpm splits lists of files at
 * colons, and looks for patterns in them.
 */
static int configure(struct spec_parser *ps)
{
	const struct hull_parse *p = ps->p;
	hull_autofree char *rc = hull_asprintf("/proc/self/fd/%d/rpmrc", p->macros_fd);
	hull_autofree char *directory = hull_asprintf("/proc/self/fd/%d", p->macros_fd);
	hull_autofree char *files = hull_macro_files(directory, p->arch), *dir = NULL;
	struct hull_err err;

	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	setenv("HOME", "/", 1);
	setenv("RPM_CONFIGDIR", p->macros, 1);
	setlocale(LC_ALL, "C.UTF-8");
	umask(022);
	rpmlogSetCallback(on_log, ps);
	macrofiles = files;
	if (rpmReadConfigFiles(rc, p->arch) != 0 || ps->macros.n) {
		if (!ps->macros.n)
			hull_strv_add(&ps->macros,
				      "librpm refuses these macros and does not say why");
		return -1;
	}
	macrofiles = NULL;
	ps->configured = true;
	dir = hull_realpath(p->dir, &err);
	if (!dir) {
		hull_strv_addf(&ps->errors, "%s: %s", ps->file, err.msg);
		return -1;
	}
	define_literally("hull_macrodir", p->macros);
	define_literally("_sourcedir", dir);
	define_literally("_specdir", dir);
	return 0;
}

/* What programs that the spec started have said: a warning, since librpm goes on. */
static void add_stderr(struct spec_parser *ps, int fd)
{
	enum { MAX_LINES = 10 };
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || hull_fd_read(fd, &text, NULL) < 0)
		return;
	rest = text.p;
	for (int i = 0; i < MAX_LINES && (line = strsep(&rest, "\n")); i++)
		if (*line)
			hull_strv_addf(&ps->warnings, "%s: %s", ps->file, line);
}

static void check_spec(struct spec_parser *ps, rpmSpec spec, const char *raw, json_t *out)
{
	hull_autofree char *signatures = hull_asprintf("%s.signatures.json", ps->p->name);
	hull_autofd int dirfd = open(ps->p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *parsed = rpmSpecGetSection(spec, RPMBUILD_NONE);
	struct hull_arena arena = {0};
	struct hull_spec s;
	struct hull_err err;

	hull_lint_macros(ps->file, raw, parsed ? parsed : "", &ps->errors);
	/* To find lines, some are expanded once more: what there is to say was said the first time.
	 */
	ps->muted = true;
	if (hull_spec_excludes(spec, ps->p->arch)) {
		json_object_set_new(out, "excluded", json_true());
	} else if (hull_spec_declare(spec, ps->file, raw, dirfd, &arena, &s, &err) < 0) {
		hull_strv_add(&ps->errors, err.msg);
	} else {
		if (strcmp(s.name, ps->p->name) != 0)
			hull_strv_addf(&ps->errors,
				       "%s: its Name is '%s', not '%s' as its directory is called",
				       ps->file, s.name, ps->p->name);
		hull_signatures_read(dirfd, signatures, &s, &arena, &ps->errors, &ps->warnings);
		json_object_set_new(out, "spec", hull_spec_to_json(&s));
	}
	hull_arena_fini(&arena);
}

static void parse(struct spec_parser *ps, json_t *out)
{
	hull_autobuf struct hull_buf raw = {0};
	hull_autofree char *name = NULL;
	struct hull_err err;
	rpmSpec spec;

	if (hull_file_read(AT_FDCWD, ps->path, &raw, &err) < 0) {
		hull_strv_addf(&ps->errors, "%s: %s", ps->file, err.msg);
		return;
	}
	if (strlen(raw.p) != raw.n) {
		hull_strv_addf(&ps->errors, "%s: not a text file", ps->file);
		return;
	}
	name = escaped(ps->path);
	spec = rpmSpecParse(name, RPMSPEC_ANYARCH | RPMSPEC_FORCE, NULL);
	if (!spec && !ps->errors.n)
		hull_strv_addf(&ps->errors, "%s: librpm refuses it and does not say why", ps->file);
	if (spec)
		check_spec(ps, spec, raw.p, out);
	rpmSpecFree(spec);
}

/* As JSON; bytes that are not UTF-8 are replaced. */
static json_t *lines(struct hull_strv *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++) {
		if (json_array_append_new(list, json_string(v->v[i])) == 0)
			continue;
		for (char *c = v->v[i]; *c; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
		json_array_append_new(list, json_string(v->v[i]));
	}
	hull_strv_fini(v);
	return list;
}

json_t *hull_spec_parse(const struct hull_parse *p)
{
	struct spec_parser ps = {.p = p};
	int errors = memfd_create("stderr", MFD_CLOEXEC);
	json_t *out = json_object();

	ps.file = hull_asprintf("%s.spec", p->name);
	ps.path = hull_asprintf("%s/%s", p->dir, ps.file);
	if (errors >= 0)
		dup2(errors, STDERR_FILENO);
	if (configure(&ps) == 0)
		parse(&ps, out);
	add_stderr(&ps, errors);
	if (ps.errors.n || ps.macros.n)
		json_object_del(out, "spec");
	json_object_set_new(out, "errors", lines(&ps.errors));
	json_object_set_new(out, "warnings", lines(&ps.warnings));
	json_object_set_new(out, "macros", lines(&ps.macros));
	free(ps.file);
	free(ps.path);
	return out;
}
