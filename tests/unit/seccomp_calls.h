// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What a command of a sandbox has to be told of every system call. */

/* Numbers of calls that are tried; the last one that is known; the "error" of one that is allowed. */
enum { CALLS = 1024, LAST = 442, TRAPPED = EXFULL };

/* Not allowed, of what there was up to epoll_pwait2 (441); and nothing that is newer. */
static const char refused[] =
	" acct add_key bpf clock_adjtime clock_settime delete_module fanotify_init fanotify_mark "
	"finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register "
	"io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie "
	"migrate_pages modify_ldt mount mount_setattr move_mount move_pages nfsservctl "
	"open_by_handle_at open_tree perf_event_open pivot_root quotactl reboot request_key "
	"setdomainname setgroups sethostname setns settimeofday swapoff swapon syslog umount2 userfaultfd "
	"vhangup ";
static const char absent[] =
	" _sysctl afs_syscall clone3 create_module epoll_ctl_old epoll_wait_old get_kernel_syms "
	"getpmsg putpmsg query_module security sysfs tuxcall uselib ustat vserver ";

static inline bool is_listed(const char *words, const char *name)
{
	hull_autofree char *word = hull_asprintf(" %s ", name);

	return strstr(words, word) != NULL;
}

/* The error of a call, TRAPPED if it is allowed. */
static inline int expected(uint32_t arch, int call)
{
	char *name = seccomp_syscall_resolve_num_arch(arch, call);
	int error = TRAPPED;

	if (!name || call > LAST || is_listed(absent, name))
		error = ENOSYS;
	else if (is_listed(refused, name))
		error = EPERM;
	free(name);
	return error;
}
