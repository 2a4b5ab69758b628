// SPDX-License-Identifier: MIT
#include "scriptlet/fate.h"

#include <string.h>

#include "base/str.h"
#include "scriptlet/shellwords.h"

struct judge {
	struct hull_arena *a;
	struct hull_needs *needs;
};

static void need(struct judge *j, int kind, const char *what, int64_t id)
{
	struct hull_need *v = hull_arena_array(j->a, j->needs->n + 1, sizeof *v);

	if (j->needs->n)
		memcpy(v, j->needs->v, j->needs->n * sizeof *v);
	v[j->needs->n].kind = kind;
	v[j->needs->n].what = what;
	v[j->needs->n].id = id;
	j->needs->v = v;
	j->needs->n++;
}

/* The program that a word means, wherever it lies; the word itself if it lies elsewhere. */
static const char *program_name(const char *word)
{
	static const char *const places[] = {"/usr/bin/", "/usr/sbin/",	       "/bin/",
					     "/sbin/",	  "/usr/lib/systemd/", "/lib/systemd/"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (hull_starts(word, places[i]) && !strchr(word + strlen(places[i]), '/'))
			return word + strlen(places[i]);
	return word;
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/* Tells a running system something, and there is none. */
static bool is_for_running(const char *verb)
{
	static const char *const verbs[] = {
		"daemon-reload",	 "daemon-reexec",	  "try-restart", "condrestart",
		"reload-or-try-restart", "try-reload-or-restart", "is-active",	 NULL};

	return is_one_of(verb, verbs);
}

static enum hull_effect judge_systemctl(const char *const *words)
{
	static const char *const flags[] = {"--no-reload", "--quiet", "-q", "--system", NULL};

	while (*words && is_one_of(*words, flags))
		words++;
	if (!*words)
		return HULL_EFFECT_RUNS;
	if (is_for_running(*words))
		return HULL_EFFECT_NOTHING;
	if (strcmp(*words, "preset") != 0)
		return HULL_EFFECT_RUNS;
	while (*++words)
		if (**words == '-')
			return HULL_EFFECT_RUNS;
	return HULL_EFFECT_DONE;
}

static enum hull_effect judge_update_helper(const char *const *words)
{
	static const char *const running[] = {"mark-restart-system-units",
					      "mark-reload-system-units",
					      "mark-restart-user-units",
					      "mark-reload-user-units",
					      "system-reload-restart",
					      "system-reload",
					      "system-restart",
					      "user-reload-restart",
					      "user-reload",
					      "user-reexec",
					      "user-restart",
					      NULL};
	static const char *const presets[] = {"install-system-units", "mark-install-system-units",
					      NULL};

	if (!*words)
		return HULL_EFFECT_RUNS;
	if (is_one_of(*words, running))
		return HULL_EFFECT_NOTHING;
	return is_one_of(*words, presets) ? HULL_EFFECT_DONE : HULL_EFFECT_RUNS;
}

/* systemd-sysusers, systemd-tmpfiles: files of the image, or the text of one that it replaces. */
static enum hull_effect judge_conf(struct judge *j, const char *const *words, const char *input,
				   const char *const *flags)
{
	static const char replace[] = "--replace=";
	bool replaces = false, standard_input = false;

	for (; *words; words++) {
		if (hull_starts(*words, replace)) {
			need(j, HULL_NEED_FILE, *words + strlen(replace), -1);
			replaces = true;
		} else if (!strcmp(*words, "-")) {
			standard_input = true;
		} else if (**words == '-' && !is_one_of(*words, flags)) {
			return HULL_EFFECT_RUNS;
		}
	}
	/* elsewhere than in a file of the image: hull would not see it */
	if ((standard_input || input) && !replaces)
		return HULL_EFFECT_RUNS;
	return HULL_EFFECT_DONE;
}

static enum hull_effect judge_sysusers(struct judge *j, const char *const *words, const char *input)
{
	static const char *const flags[] = {NULL};

	return judge_conf(j, words, input, flags);
}

static enum hull_effect judge_tmpfiles(struct judge *j, const char *const *words, const char *input)
{
	static const char *const flags[] = {"--create", NULL};
	bool creates = false;

	for (size_t i = 0; words[i]; i++)
		creates = creates || !strcmp(words[i], "--create");
	return creates ? judge_conf(j, words, input, flags) : HULL_EFFECT_RUNS;
}

/* Options with a value and without; the last word is the name. */
static enum hull_effect judge_account(struct judge *j, int kind, const char *const *words,
				      const char *with_value, const char *plain, char id_option)
{
	int64_t id = -1;

	for (; *words && **words == '-'; words++) {
		char option = (*words)[1];

		if (!strcmp(*words, "--system"))
			continue;
		if (!option || (*words)[2])
			return HULL_EFFECT_RUNS;
		if (strchr(plain, option))
			continue;
		if (!strchr(with_value, option) || !words[1])
			return HULL_EFFECT_RUNS;
		words++;
		if (option == id_option) {
			uint64_t n;

			if (!hull_parse_u64(*words, 0, UINT32_MAX - 1, &n))
				return HULL_EFFECT_RUNS;
			id = (int64_t)n;
		}
	}
	if (!words[0] || words[1])
		return HULL_EFFECT_RUNS;
	need(j, kind, words[0], id);
	return HULL_EFFECT_DONE;
}

/* Commands whose words matter no further. */
static const struct {
	const char *words[4]; /* program and what has to follow it */
	bool alone;	      /* nothing else may */
	enum hull_effect fate;
} known[] = {
	{{"["}, false, HULL_EFFECT_NOTHING},
	{{"test"}, false, HULL_EFFECT_NOTHING},
	{{":"}, false, HULL_EFFECT_NOTHING},
	{{"true"}, true, HULL_EFFECT_NOTHING},
	{{"false"}, true, HULL_EFFECT_NOTHING},
	{{"exit", "0"}, true, HULL_EFFECT_NOTHING},
	{{"set", "-e"}, true, HULL_EFFECT_NOTHING},
	{{"set", "+e"}, true, HULL_EFFECT_NOTHING},
	{{"echo"}, false, HULL_EFFECT_NOTHING},
	{{"getent", "passwd"}, false, HULL_EFFECT_NOTHING},
	{{"getent", "group"}, false, HULL_EFFECT_NOTHING},
	{{"udevadm", "control", "--reload"}, true, HULL_EFFECT_NOTHING},
	{{"udevadm", "control", "--reload-rules"}, true, HULL_EFFECT_NOTHING},
	{{"systemd-sysctl"}, false, HULL_EFFECT_NOTHING},
	{{"systemd-binfmt"}, false, HULL_EFFECT_NOTHING},
	{{"ldconfig"}, true, HULL_EFFECT_DONE},
	{{"depmod", "-a"}, false, HULL_EFFECT_DONE},
	{{"systemd-hwdb", "update"}, true, HULL_EFFECT_DONE},
	{{"journalctl", "--update-catalog"}, true, HULL_EFFECT_DONE},
};

static bool is_known(const char *const *words, size_t i)
{
	size_t n = 0;

	if (strcmp(program_name(words[0]), known[i].words[0]) != 0)
		return false;
	for (n = 1; n < 4 && known[i].words[n]; n++)
		if (!words[n] || strcmp(words[n], known[i].words[n]) != 0)
			return false;
	return !known[i].alone || !words[n];
}

static enum hull_effect judge_command(struct judge *j, const char *const *words, const char *input)
{
	const char *program = program_name(words[0]);

	if (!strcmp(program, "systemd-sysusers"))
		return judge_sysusers(j, words + 1, input);
	if (!strcmp(program, "systemd-tmpfiles"))
		return judge_tmpfiles(j, words + 1, input);
	if (input)
		return HULL_EFFECT_RUNS;
	if (!strcmp(program, "systemctl"))
		return judge_systemctl(words + 1);
	if (!strcmp(program, "systemd-update-helper"))
		return judge_update_helper(words + 1);
	if (!strcmp(program, "groupadd"))
		return judge_account(j, HULL_NEED_GROUP, words + 1, "g", "rf", 'g');
	if (!strcmp(program, "useradd"))
		return judge_account(j, HULL_NEED_USER, words + 1, "ugdsc", "rMNl", 'u');
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (is_known(words, i))
			return known[i].fate;
	return HULL_EFFECT_RUNS;
}

static enum hull_effect worse(enum hull_effect a, enum hull_effect b)
{
	return a > b ? a : b;
}

static enum hull_effect judge_shell(struct judge *j, const char *body)
{
	struct hull_shell_commands commands;
	enum hull_effect fate = HULL_EFFECT_NOTHING;

	if (!hull_shell_commands(body, j->a, &commands))
		return HULL_EFFECT_RUNS;
	for (size_t i = 0; i < commands.n && fate < HULL_EFFECT_RUNS; i++)
		fate = worse(fate, judge_command(j, commands.v[i].words, commands.v[i].input));
	return fate;
}

/* rpm.execute("a", "b"), alone or in assert(); the words, or NULL. */
static const char **lua_call(const char *line, size_t n, struct hull_arena *a)
{
	static const char call[] = "rpm.execute(";
	const char **words = hull_arena_array(a, n + 1, sizeof *words);
	const char *at = line, *end = line + n;
	size_t found = 0;
	bool asserted;

	while (end > at && strchr(" \t\r;", end[-1]))
		end--;
	asserted = hull_starts(at, "assert(");
	at += asserted ? strlen("assert(") : 0;
	if (!hull_starts(at, call))
		return NULL;
	for (at += strlen(call); *at == '"';) {
		size_t length = strcspn(++at, "\"\\\n");

		if (at[length] != '"')
			return NULL;
		words[found++] = hull_arena_strndup(a, at, length);
		at += length + 1;
		if (*at == ',')
			at++;
		at += strspn(at, " ");
	}
	if (!found || strncmp(at, "))", (size_t)asserted + 1) != 0)
		return NULL;
	return at + asserted + 1 == end ? words : NULL;
}

static enum hull_effect judge_lua(struct judge *j, const char *body)
{
	enum hull_effect fate = HULL_EFFECT_NOTHING;

	for (; *body; body += *body == '\n') {
		size_t n;
		const char **words;

		body += strspn(body, " \t\r");
		n = strcspn(body, "\n");
		if (hull_starts(body, "--[") || (n && !hull_starts(body, "--"))) {
			words = lua_call(body, n, j->a);
			if (!words)
				return HULL_EFFECT_RUNS;
			fate = worse(fate, judge_command(j, words, NULL));
		}
		body += n;
	}
	return fate;
}

static bool is_for_removal(const struct hull_scriptlet *s)
{
	switch (s->kind) {
	case HULL_PREUN:
	case HULL_POSTUN:
	case HULL_PREUNTRANS:
	case HULL_POSTUNTRANS:
	case HULL_VERIFYSCRIPT:
		return true;
	case HULL_TRIGGER:
	case HULL_FILETRIGGER:
	case HULL_TRANSFILETRIGGER:
		return !(s->when & (HULL_TRIGGER_PREIN | HULL_TRIGGER_IN));
	case HULL_PRETRANS:
	case HULL_PRE:
	case HULL_POST:
	case HULL_POSTTRANS:
	case HULL_SCRIPTLET_KINDS:
		break;
	}
	return false;
}

enum hull_effect hull_scriptlet_fate(const struct hull_scriptlet *s, struct hull_arena *a,
				     struct hull_needs *out)
{
	struct judge j = {.a = a, .needs = out};

	*out = (struct hull_needs){0};
	if (is_for_removal(s))
		return HULL_EFFECT_NEVER;
	if (hull_scriptlet_is_empty(s))
		return HULL_EFFECT_NOTHING;
	if (s->expanded)
		return HULL_EFFECT_RUNS;
	if (hull_program_is_lua(s->program[0]))
		return judge_lua(&j, s->body);
	if (hull_program_is_shell(s->program[0]))
		return s->program[1] ? HULL_EFFECT_RUNS : judge_shell(&j, s->body);
	/* "-p /sbin/ldconfig": a body would be a file that it is given */
	return *s->body ? HULL_EFFECT_RUNS : judge_command(&j, s->program, NULL);
}
