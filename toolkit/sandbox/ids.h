// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/plan.h"

/*
 * Which ids a sandbox has outside.
 *
 * An ordinary user's has his own one, as 0: the kernel lets him map no other, and what newuidmap would add
 * owns none of his files. Root's has an id of its own that nobody else has, so what gets out of it
 * is nobody: not root, and not the one in another sandbox. It is 0x7a000000 and the number of the
 * first process: a number that no other process has meanwhile, added to one above all ranges that
 * are known to be given to users, containers and subordinate ids (/etc/subuid up to 600,100,000;
 * systemd up to 0x6fffffff; SSSD up to 2,000,200,000) and below those that systemd has for foreign images
 * (0x7ffe0000) and that no signed number of 32 bits can hold. Files keep their owner: mounts map root
 * on the disk to that id and back, so nothing is chowned.
 */

/* Whether the caller is root, and not only of a user namespace (of a container). */
bool hull_ids_are_root(void);

/* Whether such a caller's sandboxes can have another id, as far as that does not depend on file systems:
 * overlayfs takes such mounts since Linux 5.19. */
bool hull_ids_can_differ(void);

/* For a plan with other_id, before its first process is made: mounts of all that the caller hands over.
 * -1 with errno set, and the step that is not possible. */
HULL_CHECKED int hull_ids_open(struct hull_plan *p, size_t *out_step);

/*
 * The first process waits for it: writes its maps and lets it go on. In a plan with other_id the mounts get
 * them as well, and *out_id is id 0 outside; -1 with e set also if a file system cannot do that.
 */
HULL_CHECKED int hull_ids_map(const struct hull_plan *p, pid_t first, uid_t *out_id,
			      struct hull_err *e);

/* What hull_ids_open has opened, if anything: the first process has it. */
void hull_ids_close(struct hull_plan *p);
