// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "base/err.h"

/*
 * To whom a scriptlet gives files. A sandbox has one id, so the kernel would refuse all others, and a scriptlet
 * that does not look would leave an image with wrong owners. So these calls come to who watches
 * (seccomp_unotify(2)): chown succeeds and is noted, by inode; what it means to become another
 * user or group, or to make a device, is refused and noted. What stat(2) says does not change.
 */

/* In the process to be watched, before it executes anything: the descriptor to give to who watches, or
 * -1 with errno. */
HULL_CHECKED int hull_owners_attach(void);

/* A descriptor over a socket; receiving is -1 with errno if none comes. */
HULL_CHECKED int hull_owners_send(int socket, int fd);
HULL_CHECKED int hull_owners_receive(int socket);

/*
 * Watches by that descriptor until the process `pid`, a child, has ended. Writes lines to `out`: "owner INODE
 * UID GID" for each change, -1 for an id that stays; "refused WORDS". -1 with errno if that is not possible.
 */
HULL_CHECKED int hull_owners_watch_child(int listener, int out, pid_t pid);
