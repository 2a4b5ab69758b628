// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/*
 * A root assembled in fresh user, mount, pid, network, ipc and uts namespaces, and a command run in
 * it under limits. Works alike for root and for ordinary users: the caller is uid 0 inside, the
 * only id mapped. The command holds no capability over the mounts and can make no user namespace:
 * read-only stays read-only. /proc is read-only, too. Only lo is there of the network. When the
 * command ends, everything it left running is killed; when hull dies, all of it dies.
 */

enum hull_mount_kind {
	HULL_MOUNT_RO,	  /* bind source read-only at target */
	HULL_MOUNT_RW,	  /* bind source writable at target */
	HULL_MOUNT_UNION, /* read-only overlay of layers at target */
	HULL_MOUNT_TMPFS, /* empty, writable */
};

struct hull_mount {
	enum hull_mount_kind kind;
	/* Absolute in the new root; made, with its parents, when it lies on a tmpfs or writable
	 * mount. */
	const char *target;
	/* Absolute outside. For RO also a path of the new root so far, "@/hull/sysroot/x", say a
	 * directory of a UNION; if it is not there the target is an empty directory. */
	const char *source;
	const char *const *layers; /* UNION: up to 499 absolute directories outside, first wins */
	size_t nlayers;
};

struct hull_limits {
	uint64_t
		memory_bytes; /* sum over all processes, and files in /tmp and the like; 0 = none */
	uint64_t processes;   /* and their threads; 0 = none */
	uint64_t seconds;     /* wall clock; 0 = none */
};

struct hull_sandbox {
	const char *root; /* directory that becomes "/", read-only; has /proc, /dev and /tmp */
	const struct hull_mount *mounts; /* in this order, after root and those three */
	size_t nmounts;
	char *const *argv; /* absolute program in the new root; NULL: only try the rest */
	char *const *envp; /* complete */
	const char *cwd;   /* in the new root; NULL: "/" */
	const char *hostname;
	/* Descriptors for 0, 1, 2; 0 means /dev/null (terminal: inherited) for in, inherited for
	 * the others. */
	int in, out, err;
	bool terminal; /* keep the caller's session and terminal (hull shell) */
	int cores;     /* CPU affinity: this many of the caller's; 0 = all */
	struct hull_limits limits;
};

enum hull_sandbox_end {
	HULL_END_EXIT,	    /* status is the exit status */
	HULL_END_SIGNAL,    /* status is the signal */
	HULL_END_MEMORY,    /* killed: over limits.memory_bytes */
	HULL_END_PROCESSES, /* killed: over limits.processes */
	HULL_END_TIME,	    /* killed: over limits.seconds */
	HULL_END_SETUP,	    /* the root could not be put together: e says what */
	HULL_END_STOPPED,   /* hull_sandbox_stop */
};

struct hull_sandbox_result {
	enum hull_sandbox_end end;
	int status;
	uint64_t peak_memory_bytes; /* largest sum seen */
	uint64_t cpu_ms;	    /* user + system of all processes */
	int64_t wall_ms;
};

struct hull_running; /* a started sandbox */

/* Starts it; NULL with e set when not even the first process could be made. */
struct hull_running *hull_sandbox_start(const struct hull_sandbox *s, struct hull_err *e);

/* The process to wait for (its end raises SIGCHLD). */
pid_t hull_sandbox_pid(const struct hull_running *r);

/*
 * Looks at limits and reaps: 1 when it has ended, else 0. To be called at least every 200 ms while
 * it runs; more often costs nothing.
 */
int hull_sandbox_poll(struct hull_running *r);

/* Kills everything in it. */
void hull_sandbox_stop(struct hull_running *r);

/* To be called after poll returned 1, always: result, -1 with e for HULL_END_SETUP; frees r. */
int hull_sandbox_finish(struct hull_running *r, struct hull_sandbox_result *out,
			struct hull_err *e);

/* Start, poll to the end, finish. */
int hull_sandbox_run(const struct hull_sandbox *s, struct hull_sandbox_result *out,
		     struct hull_err *e);

/* The operations as text, one a line, for --verbose and for tests. */
void hull_sandbox_describe(const struct hull_sandbox *s, struct hull_buf *out);

/* Whether this machine allows it: 0, or -1 with the reason and what to change in e. */
int hull_sandbox_check(struct hull_err *e);
