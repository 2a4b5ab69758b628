// SPDX-License-Identifier: MIT
#include "scriptrun/runone.h"

#include <fcntl.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "sandbox/runner.h"
#include "scriptlet/scriptlets.h"
#include "scriptrun/ownerwatch.h"

#define BODY "/tmp/scriptlet"

enum { CANNOT_START = 127, WATCH_FAILED = 255 };

/* What the function in the sandbox knows. */
struct inside {
	const struct hull_run_script *script;
	char *const *envp;
	int64_t time;
	int sockets[2];
};

/* --- in the sandbox: the process that runs the script --- */

static void say(const char *text)
{
	hull_ignore(hull_fd_write(STDERR_FILENO, text, strlen(text), NULL));
}

static void say_errno(const char *what)
{
	hull_autofree char *text = hull_asprintf("%s: %s\n", what, strerror(errno));

	say(text);
}

/*
 * The text is read from its file, so that no brace of it is one of the macro's. rpm gives a script the table
 * `arg`, a file trigger its files by rpm.next_file(); the clock is not the image's.
 */
static void run_lua(const struct inside *in)
{
	static const char form[] =
		"%%{lua:"
		"local f = assert(io.open('" BODY "')) "
		"local text = f:read('a') f:close() "
		"local epoch, date = %lld, os.date "
		"os.time = function(t) return epoch end "
		"os.date = function(form, t) return date(form, t or epoch) end "
		"rpm.next_file = function() return io.read('l') end "
		"local run, why = load('local opt, arg = ...; ' .. text, '=scriptlet') "
		"if not run then error(why, 0) end "
		"run({}, {'<lua>', %s, %s}) "
		"io.stdout:flush() }";
	const char *first = in->script->arguments[0], *second = in->script->arguments[1];
	hull_autofree char *text = hull_asprintf(form, (long long)in->time, first ? first : "nil",
						 second ? second : "nil");
	char *result = NULL;
	int r;

	rpmInitMacros(NULL, ""); /* no file of them: only what librpm has built in */
	r = rpmExpandMacros(NULL, text, &result, 0);
	if (result)
		say(result);
	_exit(r < 0);
}

static void run_program(const struct inside *in)
{
	const struct hull_run_script *s = in->script;
	hull_autostrv struct hull_strv argv = {0};

	for (size_t i = 0; s->program[i]; i++)
		hull_strv_add(&argv, s->program[i]);
	if (*s->body) {
		hull_strv_add(&argv, BODY);
		for (size_t i = 0; i < 2 && s->arguments[i]; i++)
			hull_strv_add(&argv, s->arguments[i]);
	}
	hull_assert(s->program[0]);
	execve(s->program[0], argv.v, in->envp);
	say_errno(s->program[0]);
	_exit(CANNOT_START);
}

static int log_to_stderr(rpmlogRec record, rpmlogCallbackData data)
{
	(void)data;
	say(rpmlogRecMessage(record));
	return 0;
}

static void live_script(void *ctx)
{
	struct inside *in = ctx;
	bool lua = hull_program_is_lua(in->script->program[0]);
	int listener;

	/* what it says goes to the log; who watches has the other descriptor */
	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(CANNOT_START);
	listener = hull_owners_attach();
	if (listener < 0 || hull_owners_send(in->sockets[1], listener) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0 || hull_sandbox_as_command() < 0 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) {
		say_errno("to watch owners");
		_exit(CANNOT_START);
	}
	if (!lua)
		run_program(in);
	clearenv();
	for (size_t i = 0; in->envp[i]; i++)
		putenv(in->envp[i]);
	rpmlogSetCallback(log_to_stderr, NULL);
	run_lua(in);
}

/* --- in the sandbox: the process that watches --- */

static int write_body(const char *body)
{
	return hull_file_write(AT_FDCWD, BODY, body, strlen(body), 0700, NULL);
}

/* Each file that is given away takes one. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Nothing of this process is for the script. */
static int live(void *ctx)
{
	struct inside *in = ctx;
	int listener, status;
	pid_t pid;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in->sockets) < 0 ||
	    (*in->script->body && write_body(in->script->body) < 0))
		return WATCH_FAILED;
	pid = hull_fork(live_script, in, NULL);
	if (pid < 0)
		return WATCH_FAILED;
	close(in->sockets[1]);
	allow_descriptors();
	listener = hull_owners_receive(in->sockets[0]);
	/* what is started in the background ends with the script */
	if (listener >= 0 && hull_owners_watch_child(listener, STDOUT_FILENO, pid) < 0)
		return WATCH_FAILED;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return WATCH_FAILED;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- outside --- */

static void environment(const struct hull_run_place *p, struct hull_strv *env)
{
	hull_strv_add(env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	hull_strv_add(env, "HOME=/");
	hull_strv_add(env, "LC_ALL=C");
	hull_strv_add(env, "TZ=UTC");
	hull_strv_add(env, "TERM=dumb");
	hull_strv_add(env, "USER=root");
	hull_strv_add(env, "LOGNAME=root");
	hull_strv_add(env, "SYSTEMD_OFFLINE=1");
	hull_strv_addf(env, "SOURCE_DATE_EPOCH=%lld", (long long)p->time);
}

static int end_error(const struct hull_limits *max, const struct hull_sandbox_result *r,
		     struct hull_err *e)
{
	switch (r->end) {
	case HULL_END_EXIT:
	case HULL_END_SIGNAL:
		return 0;
	case HULL_END_MEMORY:
		return hull_fail(e, HULL_FAILED, "it needs more than %llu MiB of memory",
				 (unsigned long long)(max->memory_bytes >> 20));
	case HULL_END_PROCESSES:
		return hull_fail(e, HULL_FAILED, "it runs more than %llu processes",
				 (unsigned long long)max->processes);
	case HULL_END_DISK:
		return hull_fail(e, HULL_FAILED, "it writes more than %llu MiB",
				 (unsigned long long)(max->disk_bytes >> 20));
	case HULL_END_INODES:
		return hull_fail(e, HULL_FAILED, "it makes more than %llu files",
				 (unsigned long long)max->inodes);
	case HULL_END_TIME:
		return hull_fail(e, HULL_FAILED, "it did not end within %llu s",
				 (unsigned long long)max->seconds);
	case HULL_END_OUTPUT:
		return hull_fail(e, HULL_FAILED, "it says more than %llu MiB",
				 (unsigned long long)(max->output_bytes >> 20));
	case HULL_END_STOPPED:
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	case HULL_END_SETUP:
		break;
	}
	return -1;
}

static int read_back(int fd, struct hull_buf *out, struct hull_err *e)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return hull_fail_errno(e, "what a script has written");
	return hull_fd_read(fd, out, e);
}

/* Standard input: a file without a name that has the text. */
static int open_input(int dir, const char *text, struct hull_err *e)
{
	int fd = hull_open_unnamed(dir, e);

	if (fd >= 0 &&
	    (hull_fd_write(fd, text, strlen(text), e) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int run(struct hull_sandbox *s, const struct hull_run_script *script, int dir,
	       struct hull_run_result *out, struct hull_err *e)
{
	hull_autofd int log = hull_open_unnamed(dir, e), notes = hull_open_unnamed(dir, e),
			in = script->input ? open_input(dir, script->input, e) : -1;
	struct hull_sandbox_result r;

	if (log < 0 || notes < 0 || (script->input && in < 0))
		return -1;
	s->log = log;
	s->data = notes;
	s->in = in > 0 ? in : 0;
	if (hull_sandbox_run(s, &r, e) < 0 || end_error(&s->limits, &r, e) < 0 ||
	    read_back(log, &out->log, e) < 0 || read_back(notes, &out->notes, e) < 0)
		return -1;
	out->status = r.end == HULL_END_SIGNAL ? 128 + r.status : r.status;
	if (out->status == WATCH_FAILED)
		return hull_fail(e, HULL_FAILED, "who it gives files to could not be watched");
	return 0;
}

int hull_run_one(const struct hull_run_script *s, const struct hull_run_place *p,
		 struct hull_run_result *out, struct hull_err *e)
{
	static const struct hull_mount mounts[] = {{.kind = HULL_MOUNT_TMPFS, .target = "/run"}};
	hull_autofd int dir = open(p->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hull_autostrv struct hull_strv env = {0};
	struct inside in = {.script = s, .time = p->time};
	struct hull_sandbox sandbox = {.root = p->root,
				       .writable = true,
				       .mounts = mounts,
				       .nmounts = 1,
				       .call = live,
				       .ctx = &in,
				       .hostname = p->name,
				       .cores = p->elsewhere ? 1 : 0,
				       .elsewhere = p->elsewhere,
				       .limits = p->limits};

	*out = (struct hull_run_result){0};
	if (dir < 0)
		return hull_fail_errno(e, "%s", p->scratch);
	environment(p, &env);
	in.envp = env.v;
	if (run(&sandbox, s, dir, out, e) < 0) {
		hull_run_result_fini(out);
		return -1;
	}
	return 0;
}

void hull_run_result_fini(struct hull_run_result *r)
{
	hull_buf_fini(&r->log);
	hull_buf_fini(&r->notes);
}
