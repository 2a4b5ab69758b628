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
#include "spec/repair.h"
#include "spec/specsource.h"
#include "spec/specjson.h"

/* What librpm and the checks have to say about one spec. */
struct spec_parser {
	const struct hull_parse *p;
	char *file; /* "<name>.spec" */
	char *path; /* as librpm is told it */
	struct hull_strv errors, warnings, own, unknown;
	struct hull_strv defines; /* all that it has beside the macros */
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
	add_words(&text, msg);
	hull_strv_take(to, hull_buf_steal(&text));
}

static int on_log(rpmlogRec record, rpmlogCallbackData data)
{
	struct spec_parser *ps = data;
	const char *msg = rpmlogRecMessage(record);
	rpmlogLvl level = rpmlogRecPriority(record);

	if (level <= RPMLOG_WARNING && !ps->muted)
		add_message(ps, level == RPMLOG_WARNING ? &ps->warnings : &ps->errors, msg);
	return 0;
}

static void define_literally(const char *name, const char *value)
{
	rpmPushMacroFlags(NULL, name, NULL, value, RMIL_CMDLINE, RPMMACRO_LITERAL);
}

/* What librpm says of the macro files. */
struct macros_reader {
	const char *dir;
	struct hull_strv *errors;
};

static int on_macros_log(rpmlogRec record, rpmlogCallbackData data)
{
	const struct macros_reader *r = data;
	const char *msg = rpmlogRecMessage(record);
	hull_autobuf struct hull_buf text = {0};
	size_t n = strlen(r->dir);

	if (rpmlogRecPriority(record) >= RPMLOG_WARNING)
		return 0;
	add_words(&text, hull_starts(msg, r->dir) && msg[n] == '/' ? msg + n + 1 : msg);
	hull_strv_take(r->errors, hull_buf_steal(&text));
	return 0;
}

void hull_spec_configure(const char *macros, const char *arch, struct hull_strv *errors)
{
	hull_autofree char *rc = hull_asprintf("%s/rpmrc", macros);
	hull_autofree char *files = hull_macro_files(macros, arch);
	struct macros_reader r = {macros, errors};

	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	setenv("HOME", "/", 1);
	setenv("RPM_CONFIGDIR", macros, 1);
	setlocale(LC_ALL, "C.UTF-8");
	umask(022);
	rpmlogSetCallback(on_macros_log, &r);
	macrofiles = files;
	if (rpmReadConfigFiles(rc, arch) != 0 && !errors->n)
		hull_strv_add(errors, "librpm refuses these macros and does not say why");
	macrofiles = NULL;
	rpmlogSetCallback(NULL, NULL);
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
	hull_autobuf struct hull_buf rule = {0};
	struct hull_arena arena = {0};
	struct hull_spec s;
	struct hull_err err;

	hull_lint_macros(ps->file, raw, parsed ? parsed : "", &ps->unknown, NULL);
	/* To find lines, some are expanded once more: what there is to say was said the first time.
	 */
	ps->muted = true;
	if (hull_spec_excludes(spec, ps->p->arch, &rule)) {
		json_object_set_new(out, "excluded", json_true());
		json_object_set_new(out, "excluded_by", json_string(rule.p));
		json_object_set_new(out, "packages", hull_spec_package_names(spec));
	} else if (hull_spec_declare(spec, ps->file, raw, dirfd, &arena, &s, &err) < 0) {
		hull_strv_add(&ps->errors, err.msg);
	} else {
		hull_signatures_read(dirfd, signatures, &s, &arena, &ps->errors, &ps->warnings);
		s.defines = (const char **)ps->defines.v;
		s.ndefines = ps->defines.n;
		json_object_set_new(out, "spec", hull_spec_to_json(&s));
	}
	hull_arena_fini(&arena);
}

static bool define(struct spec_parser *ps, const char *definition)
{
	hull_strv_add(&ps->defines, definition);
	return rpmDefineMacro(NULL, definition, RMIL_CMDLINE) == 0;
}

static void define_all(struct spec_parser *ps, const char *raw)
{
	struct hull_autospec used[HULL_AUTOSPEC_MACROS];
	size_t n = hull_autospec_used(raw, used);

	for (size_t i = 0; i < ps->p->ndefines; i++)
		if (!define(ps, ps->p->defines[i]) && !ps->errors.n)
			hull_strv_addf(&ps->errors, "%s: librpm refuses the definition '%s'",
				       ps->file, ps->p->defines[i]);
	for (size_t i = 0; i < n; i++) {
		if (rpmMacroIsDefined(NULL, used[i].name) || !define(ps, used[i].definition))
			continue;
		if (strcmp(used[i].name, "autorelease") != 0)
			hull_strv_addf(&ps->warnings,
				       "%s:%d: %%%s: hull reads no git history, the changelog has "
				       "no entries of it",
				       ps->file, used[i].line, used[i].name);
		else if (!rpmMacroIsDefined(NULL, "_rpmautospec_release_number"))
			hull_strv_addf(&ps->warnings,
				       "%s:%d: %%%s: hull reads no git history, so the number is "
				       "that of -b or 1; -D '_rpmautospec_release_number N' gives "
				       "another",
				       ps->file, used[i].line, used[i].name);
	}
}

/* --- librpm, ready for one spec --- */

static int on_own_log(rpmlogRec record, rpmlogCallbackData data)
{
	struct spec_parser *ps = data;
	const char *msg = rpmlogRecMessage(record);
	size_t n = strlen(ps->p->tree_macros);
	hull_autobuf struct hull_buf text = {0};

	if (rpmlogRecPriority(record) >= RPMLOG_WARNING)
		return 0;
	add_words(&text, hull_starts(msg, ps->p->tree_macros) && msg[n] == '/' ? msg + n + 1 : msg);
	hull_strv_take(&ps->own, hull_buf_steal(&text));
	return 0;
}

/* The macros of its tree, in the order that rpmbuild reads them in. */
static void load_own(struct spec_parser *ps)
{
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;

	if (!ps->p->tree_macros)
		return;
	if (hull_dir_list(AT_FDCWD, ps->p->tree_macros, &names, &e) < 0) {
		hull_strv_add(&ps->own, e.msg);
		return;
	}
	rpmlogSetCallback(on_own_log, ps);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", ps->p->tree_macros, names.v[i]);

		if (hull_macros_is_file(names.v[i]) && rpmLoadMacroFile(NULL, path) != 0 &&
		    !ps->own.n)
			hull_strv_addf(&ps->own, "%s: librpm refuses it and does not say why",
				       names.v[i]);
	}
}

/* Those of rpm 4.20, which builds, that librpm 4.18 does not have. */
static void define_newer(void)
{
	static const struct {
		const char *name, *body;
	} newer[] = {
		{"lower", "%{lua:print((rpm.expand('%{**}'):lower()))}"},
		{"upper", "%{lua:print((rpm.expand('%{**}'):upper()))}"},
		{"reverse", "%{lua:print((rpm.expand('%{**}'):reverse()))}"},
		{"len", "%{lua:print(#rpm.expand('%{**}'))}"},
		{"rep", "%{lua:print((arg[1]:rep(tonumber(arg[2]))))}"},
		{"sub",
		 "%{lua:print((arg[1]:sub(tonumber(arg[2]) or 1, tonumber(arg[3] or -1))))}"},
		{"gsub", "%{lua:print((arg[1]:gsub(arg[2], arg[3], tonumber(arg[4]))))}"},
		{"span", "%{**}"},
	};

	for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
		hull_autofree char *text = hull_asprintf("%s(-) %s", newer[i].name, newer[i].body);

		if (!rpmMacroIsDefined(NULL, newer[i].name))
			hull_ignore(rpmDefineMacro(NULL, text, RMIL_MACROFILES));
	}
}

/* Where its sources are for %{SOURCE1} and the like while it is parsed. */
static void define_places(const struct spec_parser *ps)
{
	hull_autofree char *below = hull_asprintf("%s/" HULL_SPEC_SOURCES, ps->p->dir);
	struct stat st;

	below[strlen(below) - 1] = '\0';
	define_literally("hull_macrodir", ps->p->macros);
	define_literally("_sourcedir",
			 stat(below, &st) == 0 && S_ISDIR(st.st_mode) ? below : ps->p->dir);
	define_literally("_specdir", ps->p->dir);
	define_newer();
}

static rpmSpec parse_once(struct spec_parser *ps)
{
	rpmSpec spec;

	rpmlogSetCallback(on_log, ps);
	spec = rpmSpecParse(ps->path, RPMSPEC_ANYARCH | RPMSPEC_FORCE, NULL);
	if (!spec && !ps->errors.n)
		hull_strv_addf(&ps->errors, "%s: librpm refuses it and does not say why", ps->file);
	return spec;
}

/* --- macros that nothing defines --- */

/*
 * Something to stand in for it, that remembers its use: nothing where a line begins with it, or it would
 * be a tag, and 0 elsewhere, which is a version, a word, and a number in a condition. It takes what is
 * behind it on the line for its arguments.
 */
static void stand_in(const char *name)
{
	hull_autofree char *text = hull_asprintf("%s(-) %%{lua:rpm.define('hull_unknown_%s 1')}%s",
						 name + 1, name + 1, *name == '+' ? "" : "0");

	hull_ignore(rpmDefineMacro(NULL, text, RMIL_CMDLINE));
}

static bool was_used(const char *name)
{
	hull_autofree char *mark = hull_asprintf("hull_unknown_%s", name + 1);

	return rpmMacroIsDefined(NULL, mark);
}

/*
 * A spec that rpm refuses may be one that would do with a macro more. Parses it again from the start,
 * with something in place of each that nothing defines; NULL if there is none, or that does not help.
 */
static rpmSpec parse_again(struct spec_parser *ps, const char *raw)
{
	hull_autostrv struct hull_strv lines = {0}, names = {0}, none = {0}, errors = {0};
	struct hull_strv first = ps->errors;
	rpmSpec spec;

	rpmlogSetCallback(NULL, NULL);
	rpmFreeMacros(NULL);
	rpmFreeRpmrc();
	hull_spec_configure(ps->p->macros, ps->p->arch, &none);
	load_own(ps);
	define_places(ps);
	for (size_t i = 0; i < ps->defines.n; i++)
		hull_ignore(rpmDefineMacro(NULL, ps->defines.v[i], RMIL_CMDLINE));
	hull_lint_macros(ps->file, raw, NULL, &lines, &names);
	if (!names.n)
		return NULL;
	for (size_t i = 0; i < names.n; i++)
		stand_in(names.v[i]);
	ps->errors = errors;
	spec = parse_once(ps);
	for (size_t i = 0; i < names.n; i++)
		if (was_used(names.v[i]))
			hull_strv_add(&ps->unknown, lines.v[i]);
	if (spec) {
		hull_strv_fini(&first);
		return spec;
	}
	/* what is wrong beside them, or because of them */
	hull_strv_fini(&ps->errors);
	ps->errors = first;
	for (size_t i = 0; i < ps->unknown.n; i++)
		hull_strv_add(&ps->errors, ps->unknown.v[i]);
	ps->unknown.n = 0;
	return NULL;
}

/* The text as it is to be parsed, in a file for librpm; false with an error noted. */
static bool read_text(struct spec_parser *ps, struct hull_buf *raw)
{
	struct hull_buf repaired = {0};
	struct hull_err err;

	if (hull_file_read_most(AT_FDCWD, ps->path, HULL_WRITTEN_BYTES, raw, &err) < 0) {
		hull_strv_addf(&ps->errors, "%s: %s", ps->file, err.msg);
		return false;
	}
	if (strlen(raw->p) != raw->n) {
		hull_strv_addf(&ps->errors, "%s: not a text file", ps->file);
		return false;
	}
	if (!hull_spec_repair(ps->file, raw->p, &repaired, &ps->warnings)) {
		hull_buf_fini(&repaired);
		return true;
	}
	hull_buf_fini(raw);
	*raw = repaired;
	free(ps->path);
	ps->path = hull_asprintf("%s/%s", ps->p->scratch, ps->file);
	if (hull_file_write(AT_FDCWD, ps->path, raw->p, raw->n, 0644, &err) < 0) {
		hull_strv_addf(&ps->errors, "%s: %s", ps->file, err.msg);
		return false;
	}
	return true;
}

static void parse(struct spec_parser *ps, json_t *out)
{
	hull_autobuf struct hull_buf raw = {0};
	rpmSpec spec;

	load_own(ps);
	define_places(ps);
	if (ps->own.n || !read_text(ps, &raw))
		return;
	define_all(ps, raw.p);
	spec = parse_once(ps);
	if (!spec)
		spec = parse_again(ps, raw.p);
	if (spec)
		check_spec(ps, spec, raw.p, out);
	rpmSpecFree(spec);
}

/* As JSON; bytes that are not UTF-8 are replaced. */
static json_t *lines(const struct hull_strv *v)
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
	return list;
}

json_t *hull_spec_parse(const struct hull_parse *p, const struct hull_strv *macros)
{
	struct spec_parser ps = {.p = p};
	int errors = memfd_create("stderr", MFD_CLOEXEC);
	json_t *out = json_object();

	ps.file = hull_asprintf("%s.spec", p->name);
	ps.path = hull_asprintf("%s/%s", p->dir, ps.file);
	if (errors >= 0)
		dup2(errors, STDERR_FILENO);
	if (!macros->n)
		parse(&ps, out);
	rpmlogSetCallback(NULL, NULL);
	add_stderr(&ps, errors);
	if (ps.errors.n || ps.own.n || macros->n)
		json_object_del(out, "spec");
	json_object_set_new(out, "errors", lines(&ps.errors));
	json_object_set_new(out, "warnings", lines(&ps.warnings));
	json_object_set_new(out, "macros", lines(macros));
	hull_strv_fini(&ps.defines);
	json_object_set_new(out, "own", lines(&ps.own));
	json_object_set_new(out, "unknown", lines(&ps.unknown));
	hull_strv_fini(&ps.errors);
	hull_strv_fini(&ps.warnings);
	hull_strv_fini(&ps.own);
	hull_strv_fini(&ps.unknown);
	free(ps.file);
	free(ps.path);
	return out;
}
