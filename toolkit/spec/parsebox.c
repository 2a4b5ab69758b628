// SPDX-License-Identifier: MIT
#include "spec/parsebox.h"

#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "sandbox/runner.h"
#include "sandbox/support.h"
#include "spec/specsource.h"
#include "text/json.h"

/*
 * Three processes: the sandbox's first; the worker, which has librpm read the macros (a third of
 * the work) and forks one for each spec; and that one, in which librpm parses. It has mounts and
 * System V objects of its own, so that nothing of one spec is there for the next.
 */

#define TREES "/hull/trees"
#define EMPTY "/hull/empty"

enum {
	RESULT = 3, /* its descriptor in the process of a spec */
	NOBODY = 65534,
	NOT_BEGUN = 125,       /* exit status: the result is what failed */
	FILE_BYTES = 64 << 20, /* of a result, and of what a spec says on standard error */
};

/* In front of a result. */
struct parse_end {
	int status; /* as wait gives it */
};

/* --- the worker --- */

struct worker {
	hull_children_work *work;
	void *arg;
};

/* Not only forgotten: the process of a spec is a copy of this one. */
static void wipe_environment(void)
{
	for (char **v = environ; v && *v; v++)
		explicit_bzero(*v, strlen(*v));
	clearenv();
}

/* The caller's keys are not those of a spec. A kernel may have none. */
static int leave_keyring(void)
{
	long r = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);

	return r < 0 && errno != ENOSYS ? -1 : 0;
}

/*
 * The process of a spec has the same user id: it must not trace this one. What it leaves is ours to
 * reap. The macros run something too, when they are read.
 */
static int live(void *ctx)
{
	const struct worker *w = ctx;

	wipe_environment();
	if (dup2(STDIN_FILENO, STDERR_FILENO) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || leave_keyring() < 0 ||
	    hull_sandbox_rest() < 0)
		return HULL_PARSEBOX_KILLED;
	w->work(w->arg, STDOUT_FILENO);
	return 0;
}

static void bind(struct hull_mount *m, size_t *n, const char *target, const char *source)
{
	m[(*n)++] = (struct hull_mount){.kind = HULL_MOUNT_RO, .target = target, .source = source};
}

/* popen has %(...) run by this one; where specs are written it is bash. */
#define SHELL "/bin/sh"
#define BASH  "/usr/bin/bash"

/* Bash takes the place of another shell, which is seen in two places if /bin is a link to /usr/bin. */
static void bind_shell(struct hull_mount *m, size_t *n, struct hull_arena *a)
{
	hull_autofree char *sh = hull_realpath(SHELL, NULL), *bash = hull_realpath(BASH, NULL);
	const char *below;

	if (!sh || !bash || !strcmp(sh, bash))
		return;
	below = hull_arena_printf(a, "/bin/%s", hull_basename(sh));
	bind(m, n, hull_arena_strdup(a, sh), BASH);
	if (strcmp(below, sh) != 0 && hull_exists(AT_FDCWD, below))
		bind(m, n, below, BASH);
}

int hull_parsebox_enter(const struct hull_parsebox *b, hull_children_work *work, void *arg, int out,
			struct hull_err *e)
{
	static const char *const host[] = {"/usr",
					   "/bin",
					   "/sbin",
					   "/lib",
					   "/lib64",
					   "/lib32",
					   "/etc/ld.so.cache",
					   "/etc/alternatives"};
	size_t nhost = sizeof host / sizeof *host, n = 0;
	hull_autofree struct hull_mount *mounts =
		hull_alloc_array(nhost + b->dirs.n + 7, sizeof *mounts);
	struct worker w = {work, arg};
	struct hull_arena a = {0};
	struct hull_sandbox s = {
		.mounts = mounts,
		.call = live,
		.ctx = &w,
		.all_ids = true,
		.hostname = "parse",
		.out = out,
		.limits = {.memory_bytes = HULL_PARSEBOX_BYTES, .processes = HULL_PARSEBOX_TASKS},
	};
	struct hull_sandbox_result r;
	int result;

	for (size_t i = 0; i < nhost; i++)
		if (hull_exists(AT_FDCWD, host[i]))
			bind(mounts, &n, host[i], host[i]);
	bind_shell(mounts, &n, &a);
	bind(mounts, &n, HULL_PARSEBOX_MACROS, b->macros);
	bind(mounts, &n, HULL_PARSEBOX_OWN, "@/nothing");
	bind(mounts, &n, HULL_PARSEBOX_SPEC, "@/nothing");
	bind(mounts, &n, EMPTY, "@/nothing");
	mounts[n++] = (struct hull_mount){.kind = HULL_MOUNT_TMPFS, .target = TREES};
	for (size_t i = 0; i < b->dirs.n; i++)
		bind(mounts, &n, hull_arena_printf(&a, TREES "/%zu", i), b->dirs.v[i]);
	s.nmounts = n;
	result = hull_sandbox_run(&s, &r, e);
	hull_arena_fini(&a);
	if (result < 0) {
		hull_sandbox_explain("/", e);
		return -1;
	}
	if (r.end == HULL_END_MEMORY)
		return HULL_PARSEBOX_MEMORY;
	if (r.end == HULL_END_PROCESSES)
		return HULL_PARSEBOX_PROCESSES;
	return r.end == HULL_END_EXIT ? r.status : HULL_PARSEBOX_KILLED;
}

/* --- the process of a spec --- */

static int hide(const char *path)
{
	return mount(EMPTY, path, NULL, MS_BIND, NULL);
}

static int limit_files(void)
{
	struct rlimit r = {FILE_BYTES, FILE_BYTES};

	return setrlimit(RLIMIT_FSIZE, &r);
}

/* 0, 1 and 2 are nothing, RESULT is what it says, and there is no other. */
static int connect_result(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return -1;
	if (fd != RESULT && dup3(fd, RESULT, O_CLOEXEC) < 0)
		return -1;
	return close_range(RESULT + 1, ~0U, 0);
}

/*
 * The kernel limits the processes of all users but root. 1: done, and files may be unreadable now; 0:
 * there is no other id, so the caller is an ordinary user, or root of a container that is one.
 */
static int become_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0)
		return errno == EINVAL ? 0 : -1;
	if (setgroups(0, NULL) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return -1;
	return 1;
}

/* The directory of the spec, its tree's macros, and nothing of others; nothing of the spec before. */
static int isolate(const char *dir, const char *macros, struct hull_err *e)
{
	int read_all;

	if (hull_sandbox_wake() < 0 || unshare(CLONE_NEWNS | CLONE_NEWIPC) < 0)
		return hull_fail_errno(e, "make namespaces");
	if (mount(dir, HULL_PARSEBOX_SPEC, NULL, MS_BIND | MS_REC, NULL) < 0)
		return hull_fail_errno(e, "bind its directory");
	if (macros && mount(macros, HULL_PARSEBOX_OWN, NULL, MS_BIND | MS_REC, NULL) < 0)
		return hull_fail_errno(e, "bind the macros of its tree");
	if (umount2(TREES, MNT_DETACH) < 0 || hide("/proc") < 0 || hide("/dev/shm") < 0)
		return hull_fail_errno(e, "hide what is not its own");
	if (mount("tmpfs", HULL_PARSEBOX_TMP, "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=1777,size=64m,nr_inodes=4096") < 0)
		return hull_fail_errno(e, "mount " HULL_PARSEBOX_TMP);
	read_all = become_nobody();
	/* What it uses can be looked at from outside then. */
	if (read_all < 0 || limit_files() < 0 || hull_sandbox_give_up(read_all) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return hull_fail_errno(e, "give up privileges");
	return 0;
}

/* One spec. */
struct alone {
	const struct hull_parsebox *b;
	const struct hull_parse *spec;
	const char *dir, *macros;
	int result;
};

static void parse_alone(void *ctx)
{
	const struct alone *one = ctx;
	const struct hull_parse p = {
		.dir = HULL_PARSEBOX_SPEC,
		.scratch = HULL_PARSEBOX_TMP,
		.name = one->spec->name,
		.macros = HULL_PARSEBOX_MACROS,
		.tree_macros = one->macros ? HULL_PARSEBOX_OWN : NULL,
		.arch = one->b->arch,
		.defines = one->spec->defines,
		.ndefines = one->spec->ndefines,
	};
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *result = NULL;
	struct hull_err e;

	if (connect_result(one->result) < 0)
		_exit(1);
	if (isolate(one->dir, one->macros, &e) < 0) {
		hull_ignore(hull_fd_write(RESULT, e.msg, strlen(e.msg), NULL));
		_exit(NOT_BEGUN);
	}
	result = hull_spec_parse(&p, &one->b->errors);
	hull_json_text(result, false, &text);
	_exit(hull_fd_write(RESULT, text.p, text.n, NULL) < 0);
}

/* Waits for the process and ends all that it has started. */
static int end_all(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return status;
}

/* Where a directory is inside; NULL with e set if it is below none of the trees. The caller frees. */
static char *inside(const struct hull_parsebox *b, const char *dir, struct hull_err *e)
{
	for (size_t i = 0; i < b->dirs.n; i++) {
		const char *rest = hull_spec_below(dir, b->dirs.v[i]);

		if (rest)
			return hull_asprintf(TREES "/%zu%s", i, rest);
	}
	hull_fail(e, HULL_FAILED, "%s: below none of the trees", dir);
	return NULL;
}

int hull_parsebox_parse(struct hull_parsebox *b, const struct hull_parse *spec, int out,
			struct hull_err *e)
{
	hull_autofd int result = memfd_create("result", MFD_CLOEXEC);
	hull_autofree char *dir = inside(b, spec->dir, e), *macros = NULL;
	struct alone one = {b, spec, dir, NULL, result};
	struct parse_end end;
	off_t size;
	pid_t pid;

	if (!dir)
		return -1;
	if (result < 0)
		return hull_fail_errno(e, "memfd");
	if (spec->tree_macros && !(macros = inside(b, spec->tree_macros, e)))
		return -1;
	one.macros = macros;
	if (!b->configured) {
		hull_spec_configure(HULL_PARSEBOX_MACROS, b->arch, &b->errors);
		b->configured = true;
	}
	pid = hull_fork(parse_alone, &one, e);
	if (pid < 0)
		return hull_wrap(e, "a process to parse %s: ", spec->dir);
	end.status = end_all(pid);
	size = lseek(result, 0, SEEK_END);
	if (size < 0)
		return hull_fail_errno(e, "the result of %s", spec->dir);
	if (hull_fd_write(out, &end, sizeof end, e) < 0 ||
	    hull_fd_send(result, (uint64_t)size, out, e) < 0)
		return hull_wrap(e, "the result of %s: ", spec->dir);
	return 0;
}

int hull_parsebox_result(const struct hull_buf *written, const char **out_json, size_t *out_bytes,
			 struct hull_err *e)
{
	struct parse_end end;

	if (written->n < sizeof end)
		return hull_fail(e, HULL_FAILED, "the parser ended without a result");
	memcpy(&end, written->p, sizeof end);
	*out_json = written->p + sizeof end;
	*out_bytes = written->n - sizeof end;
	if (WIFSIGNALED(end.status))
		return 128 + WTERMSIG(end.status);
	if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == NOT_BEGUN)
		return hull_fail(e, HULL_FAILED, "%.*s", (int)*out_bytes, *out_json);
	if (end.status)
		return hull_fail(e, HULL_FAILED, "the parser ended without a result");
	return 0;
}
