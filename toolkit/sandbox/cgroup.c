// SPDX-License-Identifier: MIT
#include "sandbox/cgroup.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum {
	TRIES = 1000,	  /* names of a group that somebody else may have at the same time */
	REMOVE_MS = 1000, /* so long it may take until the last process is gone */
	PAUSE_MS = 5,
};

/* --- files of groups --- */

static bool has_word(const char *text, const char *word)
{
	const char *at;
	size_t n;

	while (hull_word(&text, &at, &n))
		if (n == strlen(word) && !memcmp(at, word, n))
			return true;
	return false;
}

/* False if there is none, or it cannot be read. */
static bool read_text(int dir, const char *name, struct hull_buf *out)
{
	out->n = 0;
	return hull_file_read(dir, name, out, NULL) == 0 && out->p;
}

/* What is written counts at once or fails; a file of another kernel may not be there. */
static int write_text(int dir, const char *name, const char *text)
{
	hull_autofd int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

/* The number behind "NAME " at the start of a line; 0 if there is none. */
static uint64_t number(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, n) && text[n] == ' ')
			return strtoull(text + n + 1, NULL, 10);
	}
	return 0;
}

static bool is_ours(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid() &&
	       faccessat(dir, ".", W_OK, AT_EACCESS) == 0 &&
	       faccessat(dir, "cgroup.procs", W_OK, AT_EACCESS) == 0;
}

/* Not one of threads, or below one. */
static bool is_domain(int dir)
{
	hull_autobuf struct hull_buf text = {0};

	return !hull_exists(dir, "cgroup.type") ||
	       (read_text(dir, "cgroup.type", &text) && !strcmp(text.p, "domain\n"));
}

static bool has_limits(int dir, const char *file)
{
	hull_autobuf struct hull_buf text = {0};

	return read_text(dir, file, &text) && has_word(text.p, "memory") &&
	       has_word(text.p, "pids");
}

/* --- making and removing --- */

#define SANDBOX "hull"
#define MAIN	"hull-main"

/* KIND-PID-NUMBER: nobody else calls one so. */
static bool is_name(const char *name, const char *kind)
{
	unsigned int pid, number;
	int n = 0;

	return hull_starts(name, kind) &&
	       sscanf(name + strlen(kind), "-%u-%u%n", &pid, &number, &n) == 2 && n > 0 &&
	       !name[strlen(kind) + (size_t)n];
}

static int lock_group(int dir, const char *name)
{
	hull_autofd int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st, now;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -1;
	/* while it was not locked somebody may have taken it for a dead owner's */
	if (fstat(fd, &st) < 0 || fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (st.st_ino != now.st_ino || st.st_uid != geteuid()) {
		errno = ESTALE;
		return -1;
	}
	return hull_steal_fd(&fd);
}

static int make_group(int dir, const char *path, const char *kind, char out_name[HULL_CGROUP_NAME],
		      struct hull_err *e)
{
	static unsigned int number;
	int fd;

	for (int i = 0; i < TRIES; i++) {
		snprintf(out_name, HULL_CGROUP_NAME, "%s-%u-%u", kind, (unsigned int)getpid(),
			 number++);
		if (mkdirat(dir, out_name, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			break;
		}
		fd = lock_group(dir, out_name);
		if (fd >= 0)
			return fd;
	}
	return hull_fail_errno(e, "control groups: %s/%s", path, out_name);
}

/* The last process may have to be waited for. */
static void remove_group(int dir, const char *name)
{
	for (int ms = 0; unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno == EBUSY && ms < REMOVE_MS;
	     ms += PAUSE_MS)
		poll(NULL, 0, PAUSE_MS);
}

/* Since Linux 5.14; what is in a sandbox dies with its first process anyway, and that with hull. */
static void kill_group(int fd)
{
	hull_ignore(write_text(fd, "cgroup.kill", "1"));
}

static void remove_stale(int dir)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(dir, ".", &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		bool is_sandbox = is_name(names.v[i], SANDBOX);
		hull_autofd int fd = -1;

		if (!is_sandbox && !is_name(names.v[i], MAIN))
			continue;
		fd = lock_group(dir, names.v[i]);
		if (fd < 0)
			continue;
		if (is_sandbox)
			kill_group(fd);
		remove_group(dir, names.v[i]);
	}
}

/* --- where --- */

/* NULL if there is no such hierarchy, or this process is in none of its groups. */
static char *own_path(const char *root)
{
	hull_autofree char *file = hull_asprintf("%s/proc/self/cgroup", root);
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;

	if (!read_text(AT_FDCWD, file, &text))
		return NULL;
	rest = text.p;
	while ((line = strsep(&rest, "\n")))
		if (hull_starts(line, "0::/"))
			return hull_strdup(line + strlen("0::"));
	return NULL;
}

/* A line of mountinfo, proc(5). A part of the hierarchy may be mounted: NULL if it is not that with `own`. */
static char *below_mount(const char *line, const char *own, bool *out_top)
{
	hull_autofree char *part = NULL, *at = NULL;
	size_t n;

	if (!strstr(line, " - cgroup2 ") || sscanf(line, "%*u %*u %*s %ms %ms", &part, &at) != 2 ||
	    strchr(at, '\\'))
		return NULL;
	n = strcmp(part, "/") != 0 ? strlen(part) : 0;
	if (strncmp(own, part, n) != 0 || (own[n] && own[n] != '/'))
		return NULL;
	own += n;
	*out_top = !*own || !strcmp(own, "/");
	return hull_asprintf("%s%s", at, *out_top ? "" : own);
}

/* The directory of this process' group; *out_top: what is above is not mounted. */
static char *own_directory(const char *root, bool *out_top)
{
	hull_autofree char *file = hull_asprintf("%s/proc/self/mountinfo", root);
	hull_autofree char *own = own_path(root);
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;

	if (!own || !read_text(AT_FDCWD, file, &text))
		return NULL;
	rest = text.p;
	while ((line = strsep(&rest, "\n"))) {
		hull_autofree char *path = below_mount(line, own, out_top);

		if (path)
			return hull_asprintf("%s%s", root, path);
	}
	return NULL;
}

/* It and nobody else: others are not ours to move. */
static bool is_alone(int dir)
{
	hull_autofree char *self = hull_asprintf("%d\n", (int)getpid());
	hull_autobuf struct hull_buf text = {0};

	return read_text(dir, "cgroup.procs", &text) && !strcmp(text.p, self);
}

static int enable(int dir, const char *path, struct hull_err *e)
{
	static const char *const names[] = {"memory", "pids", "cpu", "io"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		hull_autofree char *word = hull_asprintf("+%s", names[i]);

		/* the last two are for the convenience of others */
		if (write_text(dir, "cgroup.subtree_control", word) < 0 && i < 2)
			return hull_fail_errno(e, "control groups: %s to %s/cgroup.subtree_control",
					       word, path);
	}
	return 0;
}

/* Into a group below, for groups beside it to be limited. */
static int move_down(struct hull_cgroups *c, struct hull_err *e)
{
	c->own = make_group(c->fd, c->path, MAIN, c->own_name, e);
	if (c->own < 0)
		return -1;
	if (write_text(c->own, "cgroup.procs", "0") < 0) {
		hull_fail_errno(e, "control groups: %s/%s/cgroup.procs", c->path, c->own_name);
		goto undo_make;
	}
	if (enable(c->fd, c->path, e) < 0)
		goto undo_move;
	return 0;
undo_move:
	hull_ignore(write_text(c->fd, "cgroup.subtree_control", "-memory -pids"));
	hull_ignore(write_text(c->fd, "cgroup.procs", "0"));
undo_make:
	unlinkat(c->fd, c->own_name, AT_REMOVEDIR);
	return -1;
}

static int none(struct hull_cgroups *c, const char *reason)
{
	hull_cgroups_fini(c);
	c->reason = hull_strdup(reason);
	return 0;
}

/* The group is somebody else's, with us in it. */
static int take_parent(struct hull_cgroups *c, bool top)
{
	hull_autofd int parent = -1;

	if (top)
		return none(c, "other processes are in hull's control group");
	parent = openat(c->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || !is_ours(parent) || !has_limits(parent, "cgroup.subtree_control") ||
	    !is_domain(parent))
		return none(c, "hull's control group is not its own, nor the one above");
	close(c->fd);
	c->fd = hull_steal_fd(&parent);
	*strrchr(c->path, '/') = '\0';
	return 0;
}

static int choose(struct hull_cgroups *c, bool top, struct hull_err *e)
{
	if (!has_limits(c->fd, "cgroup.controllers"))
		return none(c, "the control groups (version 2) count no memory or no processes");
	if (!hull_exists(c->fd, "cgroup.type")) /* the root has none */
		return is_ours(c->fd) ? enable(c->fd, c->path, e)
				      : none(c, "the control groups (version 2) are root's");
	if (!is_name(hull_basename(c->path), MAIN) && is_ours(c->fd) && is_domain(c->fd) &&
	    is_alone(c->fd))
		return move_down(c, e);
	return take_parent(c, top);
}

int hull_cgroups_find(const char *root, struct hull_cgroups *out, struct hull_err *e)
{
	bool top = false;

	*out = HULL_CGROUPS_NONE;
	out->path = own_directory(root, &top);
	if (!out->path)
		return none(out, "there are no control groups (version 2)");
	out->fd = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->fd < 0)
		return none(out, "the control groups (version 2) cannot be read");
	if (choose(out, top, e) < 0) {
		hull_cgroups_fini(out);
		return -1;
	}
	if (out->fd >= 0)
		remove_stale(out->fd);
	return 0;
}

void hull_cgroups_fini(struct hull_cgroups *c)
{
	hull_closep(&c->fd);
	hull_closep(&c->own);
	free(c->path);
	free(c->reason);
	*c = HULL_CGROUPS_NONE;
}

void hull_cgroups_describe(const struct hull_cgroups *c, struct hull_buf *out)
{
	if (c->path)
		hull_buf_addf(out, "the kernel counts, in control groups below %s", c->path);
	else
		hull_buf_addf(out, "hull looks at processes, since %s", c->reason);
}

/* --- the group of a sandbox --- */

int hull_cgroup_init(struct hull_cgroup *g, const struct hull_cgroups *in, struct hull_err *e)
{
	*g = (struct hull_cgroup){.in = in};
	g->fd = make_group(in->fd, in->path, SANDBOX, g->name, e);
	return g->fd < 0 ? -1 : 0;
}

void hull_cgroup_fini(struct hull_cgroup *g)
{
	if (g->fd < 0)
		return;
	kill_group(g->fd);
	remove_group(g->in->fd, g->name);
	close(g->fd);
	*g = HULL_CGROUP_NONE;
}

static int set(const struct hull_cgroup *g, const char *name, uint64_t value, struct hull_err *e)
{
	hull_autofree char *text = hull_asprintf("%llu", (unsigned long long)value);

	if (write_text(g->fd, name, text) < 0)
		return hull_fail_errno(e, "control groups: %s to %s/%s/%s", text, g->in->path,
				       g->name, name);
	return 0;
}

/* If there is such a file. */
static int set_if(const struct hull_cgroup *g, const char *name, uint64_t value, struct hull_err *e)
{
	return hull_exists(g->fd, name) ? set(g, name, value, e) : 0;
}

int hull_cgroup_limit(const struct hull_cgroup *g, const struct hull_limits *max,
		      struct hull_err *e)
{
	/* what is swapped counts as memory, but the kernel has no limit for both together */
	if (max->memory_bytes &&
	    (set(g, "memory.max", max->memory_bytes, e) < 0 ||
	     set_if(g, "memory.swap.max", 0, e) < 0 || set(g, "memory.oom.group", 1, e) < 0))
		return -1;
	if (max->processes && set(g, "pids.max", max->processes + 1, e) < 0)
		return -1;
	/* since Linux 5.15; it sets the weight, too */
	if (hull_exists(g->fd, "cpu.idle") ? set(g, "cpu.idle", 1, e) < 0
					   : set_if(g, "cpu.weight", 1, e) < 0)
		return -1;
	return set_if(g, "io.weight", 1, e);
}

pid_t hull_cgroup_clone(const struct hull_cgroup *g, unsigned long flags, int *out_procs)
{
	struct clone_args args = {
		.flags = flags | CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)g->fd,
	};
	pid_t pid;

	*out_procs = -1;
	if (g->fd >= 0) {
		pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
		if (pid >= 0)
			return pid;
		/* a container may have a filter without it */
		*out_procs = openat(g->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (*out_procs < 0)
			return -1;
	}
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Memory of processes, files in memory, the kernel's for them; not the files of disks that it has read. */
static uint64_t held_bytes(const char *stat)
{
	static const char *const kinds[] = {"anon",	    "shmem", "slab_unreclaimable",
					    "kernel_stack", "sock",  "pagetables",
					    "percpu"};
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		sum += number(stat, kinds[i]);
	return sum;
}

static int get(const struct hull_cgroup *g, const char *name, struct hull_buf *out,
	       struct hull_err *e)
{
	out->n = 0;
	if (hull_file_read(g->fd, name, out, e) < 0)
		return hull_wrap(e, "control groups: %s/%s/", g->in->path, g->name);
	return 0;
}

int hull_cgroup_look(const struct hull_cgroup *g, const struct hull_limits *max,
		     struct hull_cgroup_usage *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf held = {0}, events = {0}, tasks = {0};

	if (get(g, "memory.stat", &held, e) < 0 || get(g, "memory.events", &events, e) < 0 ||
	    get(g, "pids.events", &tasks, e) < 0)
		return -1;
	*out = (struct hull_cgroup_usage){
		.memory_bytes = held_bytes(held.p),
		/* a kill alone may be due to the whole machine's memory */
		.over_memory = number(events.p, "oom") && number(events.p, "oom_kill"),
		.over_processes = number(tasks.p, "max") > 0,
	};
	if (out->over_memory && out->memory_bytes < max->memory_bytes)
		out->memory_bytes = max->memory_bytes; /* that is what it had */
	return 0;
}
