// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "check/ports.h"
#include "system/confdir.h"
#include "system/unitsettings.h"

enum { MAX_UNITS = 20000 };

/* A unit that the boot starts, or that something started waits to start. */
struct started {
	const char *name;
	const char *by;	     /* the unit that pulls it in */
	const char *trigger; /* a socket, timer or path that starts it later, or NULL */
	bool linked;	     /* by a link in a directory, which somebody made */
	struct hull_unit unit;
	struct hull_unit_settings settings; /* of a unit that was found */
};

struct services_check {
	struct hull_check *c;
	const struct hull_tree *t;
	struct started *v; /* every name once, in the order of discovery */
	size_t n, cap;
};

static void pull(struct services_check *w, const char *name, const char *by, const char *trigger,
		 bool linked)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i].name, name) != 0)
			continue;
		if (!trigger)
			w->v[i].trigger = NULL;
		return;
	}
	if (w->n >= MAX_UNITS || hull_unit_kind(name) == HULL_UNIT_INVALID ||
	    hull_unit_kind(name) == HULL_UNIT_TEMPLATE)
		return;
	w->v = hull_grow(w->v, &w->cap, w->n, sizeof *w->v);
	w->v[w->n++] = (struct started){.name = hull_arena_strdup(&w->c->arena, name),
					.by = hull_arena_strdup(&w->c->arena, by),
					.trigger = trigger,
					.linked = linked};
}

/* --- what a unit pulls in --- */

static void pull_words(struct services_check *w, const struct hull_unit *u, const char *text,
		       const char *trigger)
{
	hull_autobuf struct hull_buf word = {0}, name = {0};
	struct hull_err e;

	while (hull_line_word(&text, false, &word) > 0)
		if (hull_unit_expand(w->t, u, word.p, &name, &e) == 0)
			pull(w, name.p, u->name, trigger, false);
}

static void pull_settings(struct services_check *w, const struct hull_unit *u,
			  const struct hull_unit_settings *s)
{
	static const char *const keys[] = {"Wants", "Requires", "BindsTo", "Upholds"};

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
			if (!strcmp(s->v[i].section, "Unit") && !strcmp(s->v[i].key, keys[k]))
				pull_words(w, u, s->v[i].value, NULL);
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].section, "Service") && !strcmp(s->v[i].key, "Sockets"))
			pull_words(w, u, s->v[i].value, NULL);
}

/* Directories "x.wants" of a name, of what it is an alias of, and of its template. */
static void pull_links(struct services_check *w, const char *name, const char *by)
{
	static const char *const kinds[] = {"wants", "requires", "upholds"};
	const char *const *directories = hull_unit_scopes[0].directories;

	for (size_t k = 0; k < 3; k++)
		for (size_t f = 0; directories[f]; f++) {
			int dir = hull_tree_follow(w->t, hull_arena_printf(&w->c->arena, "%s/%s.%s",
									   directories[f], name,
									   kinds[k]));

			if (dir < 0 || !S_ISDIR(w->t->v[dir].mode))
				continue;
			for (int i = w->t->v[dir].first_child; i >= 0; i = w->t->v[i].next_sibling)
				pull(w, w->t->v[i].name, by, NULL, true);
		}
}

/* What a socket, timer or path unit starts when its time has come. */
static void pull_triggered(struct services_check *w, const struct hull_unit *u,
			   const struct hull_unit_settings *s)
{
	const char *dot = strrchr(u->name, '.');
	const char *section = !strcmp(dot, ".socket")  ? "Socket"
			      : !strcmp(dot, ".timer") ? "Timer"
			      : !strcmp(dot, ".path")  ? "Path"
						       : NULL;
	const char *key = section && !strcmp(section, "Socket") ? "Service" : "Unit", *value;

	if (!section)
		return;
	value = hull_unit_setting(s, section, key);
	pull_words(w, u,
		   value ? value
			 : hull_arena_printf(&w->c->arena, "%.*s.service", (int)(dot - u->name),
					     u->name),
		   section);
}

/* --- what is said of one --- */

static const char *unit_package(const struct services_check *w, const struct hull_unit *u)
{
	int node = u->path ? hull_tree_follow(w->t, u->path) : HULL_NO_NODE;

	return node >= 0 ? hull_check_owner(w->c, node) : NULL;
}

/* The program of an ExecStart= line: without prefixes such as "-" or "!!" and without its words. */
static const char *program_of(const char *line, struct hull_arena *a)
{
	line += strspn(line, "-@:+!|");
	return hull_arena_strndup(a, line, strcspn(line, " \t"));
}

static void add_port(struct services_check *w, const struct hull_unit *u, const char *port,
		     bool loopback, const char *reason)
{
	const char *object = hull_arena_printf(&w->c->arena, "%s %s", u->name, port);

	hull_findings_add(w->c->out, "HULL-SERVICE-PORT", HULL_OBJECT_UNIT, object,
			  unit_package(w, u), "%s", reason)
		->severity = loopback ? HULL_INFO : HULL_LOW;
}

static bool is_loopback(const char *address)
{
	return hull_starts(address, "127.") || hull_starts(address, "[::1]") ||
	       hull_starts(address, "localhost:");
}

/* "22", "0.0.0.0:22", "[::]:22", "vsock::22"; paths and abstract names are no ports. */
static void check_address(struct services_check *w, const struct hull_unit *u, const char *key,
			  const char *address)
{
	const char *protocol = strstr(key, "Datagram") ? "udp" : "tcp", *colon;
	struct hull_arena *a = &w->c->arena;
	hull_autobuf struct hull_buf expanded = {0};
	struct hull_err e;

	if (hull_unit_expand(w->t, u, address, &expanded, &e) == 0)
		address = hull_arena_strdup(a, expanded.p);
	if (*address == '/' || *address == '@' || *address == '%')
		return;
	if (hull_starts(address, "vsock:"))
		protocol = "vsock";
	colon = strrchr(address, ':');
	add_port(w, u, hull_arena_printf(a, "%s/%s", colon ? colon + 1 : address, protocol),
		 is_loopback(address),
		 hull_arena_printf(a, "%s=%s is open before the service starts", key, address));
}

static void check_socket(struct services_check *w, const struct hull_unit *u,
			 const struct hull_unit_settings *s)
{
	static const char *const keys[] = {"ListenStream", "ListenDatagram"};

	for (size_t k = 0; k < 2; k++) {
		hull_autostrv struct hull_strv addresses = {0};

		hull_unit_setting_list(s, "Socket", keys[k], &addresses);
		for (size_t i = 0; i < addresses.n; i++)
			check_address(w, u, keys[k], addresses.v[i]);
	}
}

/* Ports of sshd_config and the files beside it: "Port 2222"; 0 if none says anything. */
static size_t sshd_ports(struct services_check *w, const struct hull_unit *u)
{
	struct hull_confdir files = {0};
	size_t found = 0;

	hull_confdir_add(w->t, "/etc/ssh/sshd_config.d", ".conf", &files);
	hull_confdir_add(w->t, "/etc/ssh", "sshd_config", &files);
	hull_confdir_sort(&files);
	for (size_t i = 0; i < files.n; i++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_lines lines;
		const char *line;
		struct hull_err e;

		if (hull_tree_read(w->t, files.v[i].node, &text, &e) < 0)
			continue;
		hull_lines_init(&lines, text.p, text.n);
		while ((line = hull_lines_next(&lines))) {
			const char *at = line, *word;
			size_t n;

			if (!hull_word(&at, &word, &n) || n != 4 ||
			    strncasecmp(word, "Port", 4) != 0 || !hull_word(&at, &word, &n))
				continue;
			add_port(w, u, hull_arena_printf(&w->c->arena, "%.*s/tcp", (int)n, word),
				 false,
				 hull_arena_printf(&w->c->arena, "sshd listens on it, as %s says",
						   files.v[i].path));
			found++;
		}
		hull_lines_fini(&lines);
	}
	hull_confdir_fini(&files);
	return found;
}

static void check_daemon(struct services_check *w, const struct hull_unit *u, const char *program)
{
	const char *name = hull_basename(program);

	if (!strcmp(name, "sshd") && sshd_ports(w, u))
		return;
	for (size_t i = 0; i < hull_ndaemon_ports; i++) {
		const struct hull_daemon_port *p = &hull_daemon_ports[i];

		if (strcmp(p->program, name) != 0)
			continue;
		add_port(w, u, p->port, p->loopback,
			 hull_arena_printf(&w->c->arena, "%s listens on it%s%s%s%s", name,
					   p->loopback ? ", on the machine itself only" : "",
					   p->note ? " (" : "", p->note ? p->note : "",
					   p->note ? ")" : ""));
	}
}

static bool is_sandboxed(const struct hull_unit_settings *s)
{
	static const char *const keys[] = {
		"ProtectSystem",    "ProtectHome",	   "PrivateTmp",
		"PrivateDevices",   "NoNewPrivileges",	   "CapabilityBoundingSet",
		"SystemCallFilter", "RestrictNamespaces",  "RestrictAddressFamilies",
		"ReadOnlyPaths",    "ProtectKernelModules"};
	const char *user = hull_unit_setting(s, "Service", "User"),
		   *dynamic = hull_unit_setting(s, "Service", "DynamicUser");

	if ((user && strcmp(user, "root") != 0 && strcmp(user, "0") != 0) ||
	    (dynamic && (!strcmp(dynamic, "yes") || !strcmp(dynamic, "true"))))
		return true;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (hull_unit_setting(s, "Service", keys[i]))
			return true;
	return false;
}

static void check_service(struct services_check *w, const struct started *st)
{
	const struct hull_unit_settings *s = &st->settings;
	const struct hull_unit *u = &st->unit;
	const char *exec = hull_unit_setting(s, "Service", "ExecStart"),
		   *type = hull_unit_setting(s, "Service", "Type"),
		   *user = hull_unit_setting(s, "Service", "User"), *package = unit_package(w, u);
	const char *program = exec ? program_of(exec, &w->c->arena) : "nothing";

	hull_findings_add(w->c->out, "HULL-SERVICE-STARTS", HULL_OBJECT_UNIT, u->name, package,
			  "%s%s, %s %s, runs %s as %s",
			  st->trigger ? "is started when needed" : "starts at boot",
			  st->linked ? " (enabled)" : "", st->trigger ? "by" : "pulled in by",
			  st->by, program, user ? user : "root");
	if (!exec)
		return;
	check_daemon(w, u, program);
	/* what ends soon is no target that waits for an attacker */
	if (!is_sandboxed(s) && (!type || strcmp(type, "oneshot") != 0))
		hull_findings_add(w->c->out, "HULL-SERVICE-SANDBOX", HULL_OBJECT_UNIT, u->name,
				  package, "runs %s as root without a single sandboxing setting",
				  program);
}

static void add_broken(struct services_check *w, const char *name, const char *reason)
{
	hull_findings_add(w->c->out, "HULL-SERVICE-BROKEN", HULL_OBJECT_UNIT, name, NULL, "%s",
			  reason);
}

/* Reads a unit and what it pulls in. */
static void read_unit(struct services_check *w, size_t i)
{
	struct started *st = &w->v[i];
	const char *template_name, *name = st->name;
	struct hull_unit_settings s;
	struct hull_unit u;
	struct hull_err e;

	if (hull_unit_read(w->t, &hull_unit_scopes[0], name, &w->c->arena, &u, &e) < 0) {
		add_broken(w, name, e.msg);
		return;
	}
	if (u.state == HULL_UNIT_FOUND &&
	    hull_unit_settings_read(w->t, &u, &w->c->arena, &s, &e) < 0) {
		add_broken(w, name, e.msg);
		hull_unit_fini(&u);
		return;
	}
	if (u.state == HULL_UNIT_MISSING && st->linked)
		add_broken(w, name,
			   hull_arena_printf(&w->c->arena,
					     "%s has a link to it, but there is no such unit",
					     st->by));
	st->unit = u;
	if (u.state != HULL_UNIT_FOUND)
		return;
	st->settings = s;
	pull_settings(w, &u, &s);
	pull_links(w, name, u.name);
	if (strcmp(name, u.name) != 0)
		pull_links(w, u.name, u.name);
	template_name = hull_unit_template(u.name, &w->c->arena);
	if (template_name)
		pull_links(w, template_name, u.name);
	pull_triggered(w, &u, &s);
}

int hull_check_services(struct hull_check *c, struct hull_err *e)
{
	struct services_check w = {.c = c, .t = &c->s->tree};

	(void)e;
	pull(&w, "default.target", "the boot", NULL, false);
	/* default dependencies of every service */
	pull(&w, "basic.target", "the boot", NULL, false);
	pull(&w, "sysinit.target", "the boot", NULL, false);
	for (size_t i = 0; i < w.n; i++) /* grows */
		read_unit(&w, i);
	for (size_t i = 0; i < w.n; i++) {
		struct started *st = &w.v[i];

		if (st->unit.state == HULL_UNIT_FOUND && hull_ends(st->unit.name, ".service"))
			check_service(&w, st);
		if (st->unit.state == HULL_UNIT_FOUND && hull_ends(st->unit.name, ".socket"))
			check_socket(&w, &st->unit, &st->settings);
		hull_unit_settings_fini(&st->settings);
		hull_unit_fini(&st->unit);
	}
	free(w.v);
	return 0;
}
