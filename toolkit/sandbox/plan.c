// SPDX-License-Identifier: MIT
#include "sandbox/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/facts.h"
#include "sandbox/support.h"

enum { RESERVED_PIDS = 300 }; /* of the kernel's: it does not use these again */

static const uint64_t PLAIN = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
static const uint64_t SEALED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/* More than a small build has. */
enum { PIDS = 1000 };

enum { LEAST_PRIORITY = 19 }; /* setpriority(2): who works at this machine comes first */

static struct hull_step *add(struct hull_plan *p, enum hull_step_kind kind, const char *source,
			     const char *target, const char *data)
{
	struct hull_step *st;

	p->steps = hull_grow(p->steps, &p->cap, p->n, sizeof *p->steps);
	st = &p->steps[p->n++];
	*st = (struct hull_step){
		.kind = kind,
		.source = hull_arena_strdup(&p->arena, source),
		.target = hull_arena_strdup(&p->arena, target),
		.data = hull_arena_strdup(&p->arena, data),
	};
	return st;
}

/*
 * A path of the caller's root, seen from the stage. Its symlinks would be followed in the wrong
 * root: they are resolved now. What does not exist fails when it is mounted, with the name that was
 * given.
 */
static const char *outside(struct hull_plan *p, const char *path)
{
	hull_autofree char *real = realpath(path, NULL);

	return hull_arena_printf(&p->arena, HULL_OLD "%s", real ? real : path);
}

/* A path of the stage as the user knows it. */
static const char *shown(const char *path)
{
	if (hull_starts(path, HULL_OLD "/"))
		return path + strlen(HULL_OLD);
	return hull_starts(path, HULL_NEW "/") ? path + strlen(HULL_NEW) : path;
}

static struct hull_step *add_bind(struct hull_plan *p, const char *source, const char *target,
				  uint64_t attr)
{
	struct hull_step *st = add(p, HULL_STEP_BIND, NULL, target, NULL);

	st->source = *source == '@' ? hull_arena_strdup(&p->arena, source) : outside(p, source);
	st->attr = attr;
	return st;
}

/* Files that have owners: their ids are those of the sandbox. */
static void add_files(struct hull_plan *p, const char *source, const char *target, uint64_t attr)
{
	struct hull_step *st = add_bind(p, source, target, attr);

	if (!p->other_id || *source == '@')
		return;
	st->trees = hull_arena_array(&p->arena, 1, sizeof *st->trees);
	st->trees[st->ntrees++] =
		(struct hull_handed){.path = st->source + strlen(HULL_OLD), .fd = -1};
}

/* An id that is mapped by itself is mapped from inside, all others by who may do that. */
static void add_ids(struct hull_plan *p)
{
	char map[64];

	if (hull_plan_waits_for_ids(p)) {
		add(p, HULL_STEP_IDS, NULL, NULL, NULL)->number = p->other_id;
		return;
	}
	add(p, HULL_STEP_WRITE, NULL, "/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", (unsigned int)geteuid());
	add(p, HULL_STEP_WRITE, NULL, "/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1", (unsigned int)getegid());
	add(p, HULL_STEP_WRITE, NULL, "/proc/self/gid_map", map);
}

static const char *hostname(const struct hull_sandbox *s)
{
	return s->hostname ? s->hostname : "localhost";
}

/* What tools ask for. All else tells of the machine: its command line, devices, symbols, ... */
static const char shown_of_proc[] = " cpuinfo filesystems loadavg meminfo mounts net self stat sys "
				    "sysvipc thread-self uptime version vmstat ";

/*
 * A process that may have no more than so many tasks needs few numbers for them. The kernel counts
 * tasks of all users but root (add_command), and these numbers for root, too; but before Linux 6.14
 * they are the whole machine's.
 */
static void add_pids(struct hull_plan *p)
{
	char max[32];

	if (!hull_kernel_since(6, 14))
		return;
	snprintf(max, sizeof max, "%llu",
		 RESERVED_PIDS + 2 * (unsigned long long)p->sandbox.limits.processes);
	add(p, HULL_STEP_TUNE, NULL, HULL_NEW "/proc/sys/kernel/pid_max", max);
}

/*
 * Memory of the kernel's that no process shows: System V objects, and what sockets may have waiting.
 * Ordinary users may set the first since Linux 6.9.
 */
static void add_kernel_limits(struct hull_plan *p)
{
	static const char *const tunes[][2] = {
		{HULL_NEW "/proc/sys/kernel/msgmni", "128"},
		{HULL_NEW "/proc/sys/kernel/sem", "250 32000 32 128"},
		{HULL_NEW "/proc/sys/net/ipv4/tcp_rmem", "4096 131072 212992"},
		{HULL_NEW "/proc/sys/net/ipv4/tcp_wmem", "4096 16384 212992"},
	};
	char pages[32];

	if (p->sandbox.limits.processes)
		add_pids(p);
	if (!p->sandbox.limits.memory_bytes)
		return;
	snprintf(pages, sizeof pages, "%llu",
		 (unsigned long long)(p->sandbox.limits.memory_bytes / (uint64_t)getpagesize()));
	add(p, HULL_STEP_TUNE, NULL, HULL_NEW "/proc/sys/kernel/shmall", pages);
	for (size_t i = 0; i < sizeof tunes / sizeof *tunes; i++)
		add(p, HULL_STEP_TUNE, NULL, tunes[i][0], tunes[i][1]);
}

/*
 * /proc is read-only: when the caller is root, the command's uid owns the files of /proc/sys. No
 * user namespace can be made inside, so the command never gets back what it is denied here.
 */
static void add_proc(struct hull_plan *p)
{
	add(p, HULL_STEP_FILESYSTEM, "proc", "/proc", NULL)->attr = PLAIN | MOUNT_ATTR_NOEXEC;
	add(p, HULL_STEP_WRITE, NULL, HULL_NEW "/proc/sys/user/max_user_namespaces", "0");
	add_kernel_limits(p);
	add(p, HULL_STEP_HIDE, NULL, "/proc", shown_of_proc);
	add(p, HULL_STEP_READONLY, NULL, "/proc", NULL);
}

/*
 * What the kernel says of itself and of the processor, and all of /proc/sys, give way to what is made
 * up; random/uuid is another one each time anyway.
 */
static void add_facts(struct hull_plan *p)
{
	static const char uuid[] = "/proc/sys/kernel/random/uuid";
	const struct hull_sandbox *s = &p->sandbox;
	int all = hull_cores(), processors = s->cores > 0 && s->cores < all ? s->cores : all;
	struct hull_fact facts[HULL_FACTS];

	hull_facts_make(s->elsewhere ? HULL_FACTS_ELSEWHERE : HULL_FACTS_HERE, processors,
			hostname(s), &p->arena, facts);
	add(p, HULL_STEP_FILESYSTEM, "tmpfs", "/proc/sys", "mode=755,size=64k")->attr =
		PLAIN | MOUNT_ATTR_NOEXEC;
	for (size_t i = 0; i < HULL_FACTS; i++) {
		char name[32];

		snprintf(name, sizeof name, "/fact-%zu", i);
		add(p, HULL_STEP_TEXT, name, facts[i].path, facts[i].text);
	}
	add_bind(p, uuid, uuid, SEALED);
	add(p, HULL_STEP_READONLY, NULL, "/proc/sys", NULL);
}

static void add_dev(struct hull_plan *p)
{
	static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
	static const char *const links[][2] = {
		{"/proc/self/fd", "/dev/fd"},	    {"/proc/self/fd/0", "/dev/stdin"},
		{"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
		{"pts/ptmx", "/dev/ptmx"},
	};

	add(p, HULL_STEP_FILESYSTEM, "tmpfs", "/dev", "mode=755,size=64k")->attr =
		MOUNT_ATTR_NOSUID;
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		char path[32];

		snprintf(path, sizeof path, "/dev/%s", devices[i]);
		add_bind(p, path, path, 0);
	}
	add(p, HULL_STEP_FILESYSTEM, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=620")
		->attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		add(p, HULL_STEP_SYMLINK, links[i][0], links[i][1], NULL);
}

static void add_tmpfs(struct hull_plan *p, const char *target, const char *mode)
{
	const struct hull_limits *max = &p->sandbox.limits;
	hull_autobuf struct hull_buf options = {0};

	hull_buf_addf(&options, "mode=%s", mode);
	if (max->memory_bytes)
		hull_buf_addf(&options, ",size=%llu", (unsigned long long)max->memory_bytes);
	if (max->inodes) /* so many that the limit is passed, and seen to be */
		hull_buf_addf(&options, ",nr_inodes=%llu", (unsigned long long)max->inodes + 2);
	add(p, HULL_STEP_FILESYSTEM, "tmpfs", target, options.p)->attr = PLAIN;
}

static size_t find_tree(const struct hull_step *st, const char *path, size_t n)
{
	size_t i = 0;

	while (i < st->ntrees && (strncmp(st->trees[i].path, path, n) != 0 || st->trees[i].path[n]))
		i++;
	return i;
}

/* The directories that the layers are in: packages are in one, and one mount is enough for them. */
static void add_trees(struct hull_plan *p, struct hull_step *st)
{
	st->trees = hull_arena_array(&p->arena, st->nlayers + 1, sizeof *st->trees);
	st->tree_of = hull_arena_array(&p->arena, st->nlayers + 1, sizeof *st->tree_of);
	for (size_t i = 0; i < st->nlayers; i++) {
		const char *path = st->layers[i] + strlen(HULL_OLD);
		size_t n = (size_t)(hull_basename(path) - path);

		st->tree_of[i] = find_tree(st, path, n);
		if (st->tree_of[i] == st->ntrees)
			st->trees[st->ntrees++] = (struct hull_handed){
				.path = hull_arena_strndup(&p->arena, path, n), .fd = -1};
	}
}

/*
 * All options of a mount have to fit a page, and 500 paths do not: so the layers are called 0 1 2
 * ..., links in a directory that is the working directory at that moment. Overlayfs wants two
 * layers at least: "e" and "f" are empty.
 */
static int add_union(struct hull_plan *p, const struct hull_mount *m, struct hull_err *e)
{
	hull_autobuf struct hull_buf options = {0};
	struct hull_step *st;
	char directory[32];

	if (m->nlayers > HULL_MAX_LAYERS)
		return hull_fail(e, HULL_FAILED,
				 "sandbox: %zu layers at %s, but no more than %d can be",
				 m->nlayers, m->target, HULL_MAX_LAYERS);
	hull_buf_adds(&options, "lowerdir=");
	for (size_t i = 0; i < m->nlayers; i++)
		hull_buf_addf(&options, i ? ":%zu" : "%zu", i);
	if (m->nlayers < 2)
		hull_buf_adds(&options, m->nlayers ? ":e" : "e:f");
	snprintf(directory, sizeof directory, "/layers-%zu", p->n);
	st = add(p, HULL_STEP_UNION, directory, m->target, options.p);
	st->attr = SEALED;
	st->nlayers = m->nlayers;
	st->layers = hull_arena_array(&p->arena, m->nlayers + 1, sizeof *st->layers);
	for (size_t i = 0; i < m->nlayers; i++)
		st->layers[i] = outside(p, m->layers[i]);
	if (p->other_id)
		add_trees(p, st);
	return 0;
}

static int add_mount(struct hull_plan *p, const struct hull_mount *m, struct hull_err *e)
{
	bool inside = m->source && hull_starts(m->source, "@/");

	if (!m->target || *m->target != '/')
		return hull_fail(e, HULL_FAILED, "sandbox: mount target '%s' is not absolute",
				 m->target ? m->target : "");
	switch (m->kind) {
	case HULL_MOUNT_TMPFS:
		add_tmpfs(p, m->target, "755");
		return 0;
	case HULL_MOUNT_UNION:
		return add_union(p, m, e);
	case HULL_MOUNT_RO:
	case HULL_MOUNT_RW:
		if (!m->source || (*m->source != '/' && !(inside && m->kind == HULL_MOUNT_RO)))
			return hull_fail(e, HULL_FAILED,
					 "sandbox: source '%s' of %s is not absolute",
					 m->source ? m->source : "", m->target);
		add_files(p, m->source, m->target, m->kind == HULL_MOUNT_RO ? SEALED : PLAIN);
		return 0;
	}
	hull_assert(!"kind of mount");
	return -1;
}

/*
 * The kernel counts threads as processes, and the first process. It counts since Linux 5.14 those of
 * this user namespace only, so its limit is as near to ours as it may be: so many that ours is passed,
 * and seen to be.
 */
static void add_command(struct hull_plan *p)
{
	const struct hull_sandbox *s = &p->sandbox;
	struct hull_step *st;

	if (s->elsewhere)
		add(p, HULL_STEP_PIDS, NULL, NULL, NULL)->number = PIDS;
	add(p, HULL_STEP_COMMAND, NULL, NULL, NULL);
	if (s->elsewhere)
		add(p, HULL_STEP_OLD_KERNEL, NULL, NULL, NULL);
	if (s->cores > 0)
		add(p, HULL_STEP_CORES, NULL, NULL, NULL)->number = (uint64_t)s->cores;
	add(p, HULL_STEP_NICE, NULL, NULL, NULL)->number = LEAST_PRIORITY;
	add(p, HULL_STEP_LIMIT, "nice", NULL, NULL)->attr = RLIMIT_NICE; /* users may have more */
	add(p, HULL_STEP_LIMIT, "rtprio", NULL, NULL)->attr = RLIMIT_RTPRIO;
	add(p, HULL_STEP_LIMIT, "core", NULL, NULL)->attr = RLIMIT_CORE;
	if (s->limits.processes) {
		st = add(p, HULL_STEP_LIMIT, "nproc", NULL, NULL);
		st->attr = RLIMIT_NPROC;
		st->number = s->limits.processes + 2;
	}
	add(p, HULL_STEP_SESSION, NULL, NULL, NULL);
	if (s->terminal)
		add(p, HULL_STEP_TERMINAL, NULL, NULL, NULL);
	if (s->call) {
		add(p, HULL_STEP_CALL, NULL, NULL, NULL);
		return;
	}
	add(p, HULL_STEP_KEYRING, NULL, NULL, NULL);
	add(p, HULL_STEP_CAPABILITIES, NULL, NULL, NULL);
	add(p, HULL_STEP_CHDIR, NULL, s->cwd ? s->cwd : "/", NULL);
	add(p, HULL_STEP_FILTER, NULL, NULL, "arguments")->number = HULL_FILTER_ARGUMENTS;
	add(p, HULL_STEP_FILTER, NULL, NULL, "calls")->number = HULL_FILTER_CALLS;
	if (s->argv)
		add(p, HULL_STEP_EXEC, NULL, s->argv[0], NULL);
}

const struct hull_filter *hull_plan_filters(struct hull_err *e)
{
	static struct hull_filter made[HULL_FILTERS];
	static struct hull_arena arena;

	if (!made[HULL_FILTERS - 1].n && hull_filters_make(HULL_FILTER_NATIVE, &arena, made, e) < 0)
		return NULL;
	return made;
}

/* Mounts that were handed over are closed with all the rest. Hull's own function may want to mount. */
static void add_end(struct hull_plan *p)
{
	add(p, HULL_STEP_DESCRIPTORS, NULL, NULL, NULL);
	if (p->sandbox.limits.memory_bytes)
		add(p, HULL_STEP_SYSV, NULL, HULL_NEW "/proc/sysvipc/shm", NULL);
	add(p, p->sandbox.call ? HULL_STEP_ENTER : HULL_STEP_ENTER_APART, NULL, NULL, NULL);
}

int hull_plan_init(struct hull_plan *p, const struct hull_sandbox *s, bool other_id,
		   struct hull_err *e)
{
	*p = (struct hull_plan){.sandbox = *s, .ids = {-1, -1}, .procs = -1, .other_id = other_id};
	if (s->root && *s->root != '/')
		return hull_fail(e, HULL_FAILED, "sandbox: root '%s' is not absolute", s->root);
	/* before there is anything to count, and with the id that owns the group */
	add(p, HULL_STEP_CGROUP, NULL, NULL, NULL);
	add_ids(p);
	/* If memory gets short, a build goes before anything else that runs here. */
	add(p, HULL_STEP_WRITE, NULL, "/proc/self/oom_score_adj", "1000");
	add(p, HULL_STEP_LOOPBACK, NULL, NULL, NULL);
	add(p, HULL_STEP_HOSTNAME, NULL, NULL, hostname(s));
	add(p, HULL_STEP_STAGE, NULL, NULL, NULL);
	if (s->root)
		add_files(p, s->root, "/", s->writable ? PLAIN : SEALED);
	else
		add(p, HULL_STEP_FILESYSTEM, "tmpfs", "/", "mode=755,size=64k")->attr = PLAIN;
	add_proc(p);
	add_facts(p);
	add_dev(p);
	add_tmpfs(p, "/dev/shm", "1777");
	add(p, HULL_STEP_READONLY, NULL, "/dev", NULL);
	add_tmpfs(p, "/tmp", "1777");
	for (size_t i = 0; i < s->nmounts; i++)
		if (add_mount(p, &s->mounts[i], e) < 0) {
			hull_plan_fini(p);
			return -1;
		}
	if (!s->root)
		add(p, HULL_STEP_READONLY, NULL, "/", NULL);
	add_end(p);
	add_command(p);
	p->filters = hull_plan_filters(e);
	if (!p->filters) {
		hull_plan_fini(p);
		return -1;
	}
	return 0;
}

bool hull_plan_waits_for_ids(const struct hull_plan *p)
{
	return p->other_id || (p->sandbox.all_ids && geteuid() == 0);
}

void hull_plan_fini(struct hull_plan *p)
{
	hull_arena_fini(&p->arena);
	free(p->steps);
	*p = (struct hull_plan){.ids = {-1, -1}, .procs = -1};
}

static void describe_bind(const struct hull_step *st, struct hull_buf *out)
{
	hull_buf_addf(out, "bind %s at %s", shown(st->source), st->target);
	if (st->attr & MOUNT_ATTR_RDONLY)
		hull_buf_adds(out, ", read-only");
}

/* Of steps that are the same in each plan that has them. */
static const char *const plain[] = {
	[HULL_STEP_DESCRIPTORS] = "connect standard input, output and error",
	[HULL_STEP_CGROUP] = "enter a control group, and see none above",
	[HULL_STEP_LOOPBACK] = "network interface lo up",
	[HULL_STEP_STAGE] = "enter a tmpfs to put the root together",
	[HULL_STEP_ENTER] = "enter the root",
	[HULL_STEP_ENTER_APART] = "enter the root, where no mounts are seen",
	[HULL_STEP_OLD_KERNEL] = "call the kernel an old one",
	[HULL_STEP_COMMAND] = "start the command's process",
	[HULL_STEP_SESSION] = "make a session",
	[HULL_STEP_TERMINAL] = "take the terminal",
	[HULL_STEP_KEYRING] = "make a session keyring",
	[HULL_STEP_CAPABILITIES] = "give up capabilities",
	[HULL_STEP_CALL] = "run a function of hull",
};

void hull_step_describe(const struct hull_step *st, struct hull_buf *out)
{
	switch (st->kind) {
	case HULL_STEP_DESCRIPTORS:
	case HULL_STEP_CGROUP:
	case HULL_STEP_LOOPBACK:
	case HULL_STEP_STAGE:
	case HULL_STEP_ENTER:
	case HULL_STEP_ENTER_APART:
	case HULL_STEP_OLD_KERNEL:
	case HULL_STEP_COMMAND:
	case HULL_STEP_SESSION:
	case HULL_STEP_TERMINAL:
	case HULL_STEP_KEYRING:
	case HULL_STEP_CAPABILITIES:
	case HULL_STEP_CALL:
		hull_buf_adds(out, plain[st->kind]);
		return;
	case HULL_STEP_IDS:
		hull_buf_addf(out, "wait for the ids, which are mapped from outside%s",
			      st->number ? ", and take id 0" : "");
		return;
	case HULL_STEP_WRITE:
		hull_buf_addf(out, "write \"%s\" to %s", st->data, shown(st->target));
		return;
	case HULL_STEP_TUNE:
		hull_buf_addf(out, "write \"%s\" to %s if that is possible", st->data,
			      shown(st->target));
		return;
	case HULL_STEP_SYSV:
		hull_buf_addf(out, "open %s", shown(st->target));
		return;
	case HULL_STEP_HOSTNAME:
		hull_buf_addf(out, "host name %s", st->data);
		return;
	case HULL_STEP_BIND:
		describe_bind(st, out);
		return;
	case HULL_STEP_FILESYSTEM:
		hull_buf_addf(out, "mount %s at %s%s%s", st->source, st->target,
			      st->data ? ", " : "", st->data ? st->data : "");
		return;
	case HULL_STEP_UNION:
		hull_buf_addf(out, "mount overlay at %s, %zu layers", st->target, st->nlayers);
		return;
	case HULL_STEP_SYMLINK:
		hull_buf_addf(out, "link %s -> %s", st->target, st->source);
		return;
	case HULL_STEP_TEXT:
		hull_buf_addf(out, "text at %s", st->target);
		return;
	case HULL_STEP_HIDE:
		hull_buf_addf(out, "show of %s but processes only%.*s", st->target,
			      (int)strlen(st->data) - 1, st->data);
		return;
	case HULL_STEP_READONLY:
		hull_buf_addf(out, "make %s read-only", st->target);
		return;
	case HULL_STEP_PIDS:
		hull_buf_addf(out, "use up %llu process ids", (unsigned long long)st->number);
		return;
	case HULL_STEP_CORES:
		hull_buf_addf(out, "use %llu processors", (unsigned long long)st->number);
		return;
	case HULL_STEP_NICE:
		hull_buf_addf(out, "be nice by %llu", (unsigned long long)st->number);
		return;
	case HULL_STEP_LIMIT:
		hull_buf_addf(out, "limit %s to %llu", st->source, (unsigned long long)st->number);
		return;
	case HULL_STEP_CHDIR:
		hull_buf_addf(out, "change to %s", st->target);
		return;
	case HULL_STEP_FILTER:
		hull_buf_addf(out, "filter %s of system calls", st->data);
		return;
	case HULL_STEP_EXEC:
		hull_buf_addf(out, "run %s", st->target);
		return;
	}
}
