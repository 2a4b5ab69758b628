// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The room sandbox/: commands that see nothing of the machine but what they are given. This header
 * says what a sandbox is; plan.h makes steps of it, facts.h says what it tells of the machine,
 * meter.h measures what it uses, by cgroup.h where the kernel counts that, else by watch.h, and by
 * footprint.h for what it leaves on the disk; ids.h gives it ids of its own, runner.h runs it, support.h
 * knows what this machine has, and why it does not allow it. Which system calls there are says the room
 * seccomp/, and streams/ has to do with what it writes and reads.
 */

/*
 * A root assembled in fresh user, mount, pid, network, ipc, uts and cgroup namespaces, and a command
 * run in it under limits. Works alike for root and for ordinary users: uid 0 is the only one inside, and
 * the owner of the caller's files. Outside it is the caller's, or, if that is root, nobody's (ids.h). The
 * lists of mounts are empty. The command holds no capability over the mounts and can make no user namespace:
 * read-only stays read-only. /proc is read-only, too, and shows little but processes; what it tells
 * of processor and kernel is made up (facts.h). Only lo is there of the network. Of the system calls those are there that builds need (seccomp/filter.h). When the
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
	/* 0: none */
	uint64_t
		memory_bytes; /* of all processes and in /tmp and the like, see cgroup.h, watch.h */
	uint64_t processes;   /* and their threads */
	uint64_t disk_bytes;  /* in directories that are mounted writable, see footprint.h */
	uint64_t inodes;      /* there, and in /tmp and the like */
	uint64_t seconds;     /* wall clock */
	uint64_t output_bytes; /* of `log`, and of `data` */
};

struct hull_sandbox {
	/* The directory that becomes "/", read-only; has /proc, /dev and /tmp. NULL: an empty one, in
	 * which all targets are made. */
	const char *root;
	bool writable; /* the root is: what lies there, and its first level, can be changed */
	const struct hull_mount *mounts; /* in this order, after root and those three */
	size_t nmounts;
	char *const *argv; /* absolute program in the new root; NULL: only try the rest */
	/*
	 * In place of argv: a function of this program, whose result is the exit status. It is trusted:
	 * it has all capabilities in here, and gives them up for what it starts (runner.h). No other
	 * thread may be there when the sandbox is started.
	 */
	int (*call)(void *ctx);
	void *ctx;
	/* If the caller is root: all its ids are mapped as they are, not only its own as 0. The function
	 * can give what it starts another one then, and files of all owners are files of somebody. */
	bool all_ids;
	char *const *envp; /* complete */
	const char *cwd;   /* in the new root; NULL: "/" */
	const char *hostname;
	/* Descriptors for 0, 1, 2; 0 means /dev/null for in, inherited for the others. */
	int in, out, err;
	/* If not 0, where it goes what is written to 1 and 2, as text without control characters
	 * (text/printable.h), and instead what is written to 1, byte for byte: through pipes, so that
	 * the command has no hold of these files. */
	int log, data;
	/* Instead of these: the caller's 0, 1, 2, and a pseudo-terminal in place of those that are a
	 * terminal (hull shell). */
	bool terminal;
	int cores; /* CPU affinity: this many of the caller's; 0 = all */
	/* What is told of the machine is that of another one: /proc (facts.h), the kernel's release, the
	 * numbers of processes. */
	bool elsewhere;
	struct hull_limits limits;
};

enum hull_sandbox_end {
	HULL_END_EXIT,	    /* status is the exit status */
	HULL_END_SIGNAL,    /* status is the signal */
	HULL_END_MEMORY,    /* killed: over limits.memory_bytes */
	HULL_END_PROCESSES, /* killed: over limits.processes */
	HULL_END_TIME,	    /* killed: over limits.seconds */
	HULL_END_OUTPUT,    /* killed: over limits.output_bytes */
	HULL_END_DISK,	    /* killed: over limits.disk_bytes */
	HULL_END_INODES,    /* killed: over limits.inodes */
	HULL_END_SETUP,	    /* the root could not be put together: e says what */
	HULL_END_STOPPED,   /* killed: hull was interrupted */
};

struct hull_sandbox_result {
	enum hull_sandbox_end end;
	int status;
	uint64_t peak_memory_bytes; /* largest amount seen */
	uint64_t cpu_ms;	    /* user + system of all processes */
	bool is_root; /* id 0 was that of the machine's root, since another was not possible */
	int64_t wall_ms;
};
