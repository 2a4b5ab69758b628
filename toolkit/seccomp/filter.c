// SPDX-License-Identifier: MIT
#include "seccomp/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"

/* By what they are about. Names that an architecture does not have are skipped. */
static const char allowed[] =
	/* files */
	"access chdir chmod chown chroot close close_range copy_file_range creat dup dup2 dup3 "
	"faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchown fchownat fcntl "
	"fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync "
	"ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init "
	"inotify_init1 inotify_rm_watch ioctl lchown lgetxattr link linkat listxattr llistxattr "
	"lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat name_to_handle_at "
	"newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev "
	"pwritev2 read readahead readlink readlinkat readv removexattr rename renameat "
	"renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync "
	"sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes "
	"vmsplice write writev "
	/* waiting */
	"epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd "
	"eventfd2 io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit poll ppoll "
	"pselect6 select signalfd signalfd4 "
	/* sockets and System V and POSIX messages, semaphores, shared memory */
	"accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr "
	"mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd "
	"recvfrom recvmmsg recvmsg semctl semget semop semtimedop sendmmsg sendmsg sendto "
	"setsockopt shmat shmctl shmdt shmget shutdown socket socketpair "
	/* memory */
	"brk get_mempolicy madvise mbind membarrier memfd_create mincore mlock mlock2 mlockall "
	"mmap mprotect mremap msync munlock munlockall munmap pkey_alloc pkey_free "
	"pkey_mprotect process_madvise process_vm_readv process_vm_writev remap_file_pages "
	"set_mempolicy "
	/* processes and threads */
	"arch_prctl clone execve execveat exit exit_group fork futex get_robust_list "
	"get_thread_area getcpu getpgid getpgrp getpid getppid getpriority getrlimit getrusage "
	"getsid gettid ioprio_get ioprio_set personality pidfd_getfd pidfd_open "
	"pidfd_send_signal prctl prlimit64 ptrace restart_syscall rseq sched_get_priority_max "
	"sched_get_priority_min sched_getaffinity sched_getattr sched_getparam "
	"sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr "
	"sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_thread_area "
	"set_tid_address setpgid setpriority setrlimit setsid unshare vfork wait4 waitid "
	/* signals */
	"kill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn "
	"rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack tgkill tkill "
	/* ids and capabilities */
	"capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid "
	"setfsuid setgid setregid setresgid setresuid setreuid setuid "
	/* time */
	"adjtimex alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday "
	"nanosleep setitimer time timer_create timer_delete timer_getoverrun timer_gettime "
	"timer_settime timerfd_create timerfd_gettime timerfd_settime times "
	/* the machine */
	"getrandom sysinfo uname ";

static const char refused[] =
	/* keys, which may be the user's */
	"add_key keyctl request_key "
	/* much of the kernel that builds have no use for */
	"bpf fanotify_init fanotify_mark io_uring_enter io_uring_register io_uring_setup kcmp "
	"migrate_pages modify_ldt move_pages perf_event_open userfaultfd "
	/* mounts and namespaces */
	"fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_by_handle_at "
	"open_tree pivot_root setns umount2 "
	/* groups: an ordinary user's sandbox cannot change them, so root's cannot either */
	"setgroups "
	/* the machine */
	"acct clock_adjtime clock_settime delete_module finit_module init_module ioperm iopl "
	"kexec_file_load kexec_load lookup_dcookie nfsservctl quotactl reboot setdomainname "
	"sethostname settimeofday swapoff swapon syslog vhangup ";

/* The kernel looks at 32 bits of these arguments; what is above may be anything. */
static const uint64_t LOW = 0xffffffff;

/* All of a list of words. */
static int add(scmp_filter_ctx ctx, uint32_t action, const char *names)
{
	int r = 0;

	for (const char *at = names; *at && r == 0;) {
		size_t n = strcspn(at, " ");
		hull_autofree char *name = hull_strndup(at, n);
		int call = seccomp_syscall_resolve_name(name);

		r = call == __NR_SCMP_ERROR ? -ENOSYS : seccomp_rule_add(ctx, action, call, 0);
		at += n + (at[n] == ' ');
	}
	return r;
}

/* Refuses a call of the argument `which` of which the bits in `mask` are `value`. */
static int refuse(scmp_filter_ctx ctx, int error, int call, unsigned int which, uint64_t mask,
		  uint64_t value)
{
	struct scmp_arg_cmp cmp = SCMP_CMP64(which, SCMP_CMP_MASKED_EQ, mask, value);

	return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((unsigned int)error), call, 1, &cmp);
}

static int filter_calls(scmp_filter_ctx ctx)
{
	int r = add(ctx, SCMP_ACT_ALLOW, allowed);

	return r == 0 ? add(ctx, SCMP_ACT_ERRNO(EPERM), refused) : r;
}

/* What is not one of these families is as if the kernel did not have it. */
static int filter_sockets(scmp_filter_ctx ctx)
{
	static const uint64_t families =
		1ull << AF_UNIX | 1ull << AF_INET | 1ull << AF_INET6 | 1ull << AF_NETLINK;
	static const int calls[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
	int r = 0;

	for (unsigned int family = 0; family < 64; family++)
		for (size_t i = 0; !(families >> family & 1) && i < 2 && r == 0; i++)
			r = refuse(ctx, EAFNOSUPPORT, calls[i], 0, LOW, family);
	return r;
}

static int filter_namespaces(scmp_filter_ctx ctx)
{
	static const uint64_t kinds[] = {CLONE_NEWCGROUP, CLONE_NEWIPC,	 CLONE_NEWNET, CLONE_NEWNS,
					 CLONE_NEWPID,	  CLONE_NEWUSER, CLONE_NEWUTS};
	int r = refuse(ctx, EPERM, SCMP_SYS(unshare), 0, CLONE_NEWTIME, CLONE_NEWTIME);

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && r == 0; i++) {
		r = refuse(ctx, EPERM, SCMP_SYS(unshare), 0, kinds[i], kinds[i]);
		if (r == 0)
			r = refuse(ctx, EPERM, SCMP_SYS(clone), 0, kinds[i], kinds[i]);
	}
	return r;
}

/* Typing into a terminal, and loading the kernel's code for serial lines. */
static int filter_terminals(scmp_filter_ctx ctx)
{
	static const uint64_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD};
	int r = 0;

	for (size_t i = 0; i < sizeof requests / sizeof *requests && r == 0; i++)
		r = refuse(ctx, EPERM, SCMP_SYS(ioctl), 1, LOW, requests[i]);
	return r;
}

/*
 * A socket has the buffers that it was made with, which is what hull counts (watch.c). To ask for other
 * ones succeeds and changes nothing, as it does above the kernel's limit.
 */
static int filter_buffers(scmp_filter_ctx ctx)
{
	static const uint64_t options[] = {SO_SNDBUF, SO_RCVBUF};
	int r = 0;

	for (size_t i = 0; i < sizeof options / sizeof *options && r == 0; i++) {
		struct scmp_arg_cmp cmp[] = {
			SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, LOW, SOL_SOCKET),
			SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, LOW, options[i]),
		};

		r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(setsockopt), 2, cmp);
	}
	return r;
}

static int filter_arguments(scmp_filter_ctx ctx)
{
	int r = filter_sockets(ctx);

	if (r == 0)
		r = filter_buffers(ctx);
	if (r == 0)
		r = filter_namespaces(ctx);
	return r == 0 ? filter_terminals(ctx) : r;
}

static int set_up(scmp_filter_ctx ctx, uint32_t arch)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
	if (r == 0 && arch != HULL_FILTER_NATIVE && arch != seccomp_arch_native()) {
		r = seccomp_arch_add(ctx, arch);
		if (r == 0)
			r = seccomp_arch_remove(ctx, seccomp_arch_native());
	}
	return r;
}

/* libseccomp writes to files only. */
static int take_code(scmp_filter_ctx ctx, struct hull_arena *a, struct hull_filter *out)
{
	hull_autofd int fd = memfd_create("filter", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);
	struct stat st;

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	out->n = (size_t)st.st_size / sizeof *out->code;
	out->code = hull_arena_array(a, out->n, sizeof *out->code);
	r = (int)hull_fd_read_at(fd, 0, out->code, (size_t)st.st_size);
	return r < 0 ? -errno : 0;
}

int hull_filters_make(uint32_t arch, struct hull_arena *a, struct hull_filter out[HULL_FILTERS],
		      struct hull_err *e)
{
	static const struct {
		uint32_t otherwise;
		int (*add)(scmp_filter_ctx ctx);
	} filters[HULL_FILTERS] = {
		[HULL_FILTER_CALLS] = {SCMP_ACT_ERRNO(ENOSYS), filter_calls},
		[HULL_FILTER_ARGUMENTS] = {SCMP_ACT_ALLOW, filter_arguments},
	};

	for (int i = 0; i < HULL_FILTERS; i++) {
		scmp_filter_ctx ctx = seccomp_init(filters[i].otherwise);
		int r = ctx ? set_up(ctx, arch) : -ENOMEM;

		if (r == 0)
			r = filters[i].add(ctx);
		if (r == 0)
			r = take_code(ctx, a, &out[i]);
		if (ctx)
			seccomp_release(ctx);
		if (r < 0) {
			errno = -r;
			return hull_fail_errno(e, "sandbox: filter of system calls");
		}
	}
	return 0;
}

int hull_filter_apply(const struct hull_filter *f)
{
	struct sock_fprog program = {.len = (unsigned short)f->n, .filter = f->code};

	/* Before Linux 5.16 a filter slowed every branch of the process down, but for this flag. */
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			    &program);
}
