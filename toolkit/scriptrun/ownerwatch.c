// SPDX-License-Identifier: MIT
#include "scriptrun/ownerwatch.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* Which arguments of a call are what; -1: it has none. */
static const struct watched {
	int number;
	enum { CHOWN, IDENTITY, DEVICE } what;
	int dirfd, path, uid, gid, flags;
	int implied; /* AT_* of a call without an argument for that */
} calls[] = {
#ifdef SYS_chown
	{SYS_chown, CHOWN, -1, 0, 1, 2, -1, 0},
	{SYS_lchown, CHOWN, -1, 0, 1, 2, -1, AT_SYMLINK_NOFOLLOW},
	{SYS_mknod, DEVICE, -1, 0, 1, -1, -1, 0},
#endif
	{SYS_fchown, CHOWN, 0, -1, 1, 2, -1, AT_EMPTY_PATH},
	{SYS_fchownat, CHOWN, 0, 1, 2, 3, 4, 0},
	{SYS_mknodat, DEVICE, 0, 1, 2, -1, -1, 0},
	{SYS_setuid, IDENTITY, -1, -1, 0, -1, -1, 0},
	{SYS_setgid, IDENTITY, -1, -1, -1, 0, -1, 0},
	{SYS_setreuid, IDENTITY, -1, -1, 0, 1, -1, 0},
	{SYS_setregid, IDENTITY, -1, -1, 0, 1, -1, 0},
	{SYS_setresuid, IDENTITY, -1, -1, 0, 1, 2, 0},
	{SYS_setresgid, IDENTITY, -1, -1, 0, 1, 2, 0},
	{SYS_setfsuid, IDENTITY, -1, -1, 0, -1, -1, 0},
	{SYS_setfsgid, IDENTITY, -1, -1, 0, -1, -1, 0},
};

enum {
	CALLS = sizeof calls / sizeof *calls,
	PATH_BYTES = 4096, /* the kernel takes no longer one */
};

/* The other filters have refused calls of other architectures. */
int hull_owners_attach(void)
{
	struct sock_filter code[2 * CALLS + 2];
	struct sock_fprog program = {.filter = code};

	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							   offsetof(struct seccomp_data, nr));
	for (int i = 0; i < CALLS; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i].number, 0, 1);
		code[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

/* --- handing over --- */

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int hull_owners_send(int socket, int fd)
{
	char byte = 0;
	struct iovec data = {&byte, 1};
	union control control = {0};
	struct msghdr m = {.msg_iov = &data,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof control.bytes};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(socket, &m, 0) == 1 ? 0 : -1;
}

int hull_owners_receive(int socket)
{
	char byte;
	struct iovec data = {&byte, 1};
	union control control = {0};
	struct msghdr m = {.msg_iov = &data,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof control.bytes};
	const struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* --- watching --- */

static uint64_t argument(const struct seccomp_notif *n, int i)
{
	return i < 0 ? 0 : n->data.args[i];
}

/* An id in a 32 bit argument; -1: the call leaves it. */
static int64_t id_of(const struct seccomp_notif *n, int i)
{
	uint32_t id = (uint32_t)argument(n, i);

	return i < 0 || id == UINT32_MAX ? -1 : (int64_t)id;
}

static int read_path(const struct seccomp_notif *n, int i, char out[PATH_BYTES])
{
	char memory[32];
	hull_autofd int fd = -1;
	size_t got = 0;

	snprintf(memory, sizeof memory, "/proc/%u/mem", n->pid);
	fd = open(memory, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* to the end of a page at a time: what follows need not be there */
	while (got < PATH_BYTES - 1) {
		uint64_t at = argument(n, i) + got;
		size_t page = PATH_BYTES - at % PATH_BYTES, left = PATH_BYTES - 1 - got;
		ssize_t now = pread(fd, out + got, left < page ? left : page, (off_t)at);

		if (now <= 0)
			return -1;
		if (memchr(out + got, '\0', (size_t)now))
			return 0;
		got += (size_t)now;
	}
	errno = ENAMETOOLONG;
	return -1;
}

static int open_of(const struct seccomp_notif *n, const char *what, int64_t fd, int flags)
{
	char path[64];

	if (fd < 0)
		snprintf(path, sizeof path, "/proc/%u/%s", n->pid, what);
	else
		snprintf(path, sizeof path, "/proc/%u/fd/%lld", n->pid, (long long)fd);
	return open(path, O_PATH | O_CLOEXEC | flags);
}

/* The file that a call of that process is about, seen from its root and directory. */
static int open_file(const struct seccomp_notif *n, const struct watched *w)
{
	int flags = w->flags >= 0 ? (int)argument(n, w->flags) : w->implied;
	int64_t dirfd = w->dirfd >= 0 ? (int32_t)argument(n, w->dirfd) : AT_FDCWD;
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = 0};
	hull_autofree char *path = hull_alloc(PATH_BYTES);
	hull_autofd int dir = -1;

	if (w->path >= 0 && read_path(n, w->path, path) < 0)
		return -1;
	if (!*path && !(flags & AT_EMPTY_PATH)) {
		errno = ENOENT;
		return -1;
	}
	if (!*path)
		return open_of(n, "cwd", dirfd == AT_FDCWD ? -1 : dirfd, 0);
	how.flags |= flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
	if (*path == '/') {
		how.resolve = RESOLVE_IN_ROOT;
		dir = open_of(n, "root", -1, O_DIRECTORY);
	} else {
		dir = open_of(n, "cwd", dirfd == AT_FDCWD ? -1 : dirfd, O_DIRECTORY);
	}
	return dir < 0 ? -1 : (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static int note_refusal(const char *line, int out)
{
	return hull_fd_write(out, line, strlen(line), NULL) < 0 ? -EIO : -EPERM;
}

/* The inode stays open, or another file could get its number: not closed before the end. */
static int note_owner(const struct seccomp_notif *n, const struct watched *w, int out)
{
	int fd = open_file(n, w), length;
	char line[128];
	struct stat st;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return note_refusal("refused to give away more files than can be open\n", out);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	length =
		snprintf(line, sizeof line, "owner %llu %lld %lld\n", (unsigned long long)st.st_ino,
			 (long long)id_of(n, w->uid), (long long)id_of(n, w->gid));
	return hull_fd_write(out, line, (size_t)length, NULL) < 0 ? -EIO : 0;
}

static bool is_own(int64_t id)
{
	return id <= 0;
}

/* Ids of its own, and files that are no devices, are the kernel's business. */
static bool is_plain(const struct seccomp_notif *n, const struct watched *w)
{
	if (w->what == DEVICE) {
		mode_t mode = (mode_t)argument(n, w->uid);

		return !S_ISCHR(mode) && !S_ISBLK(mode);
	}
	return is_own(id_of(n, w->uid)) && is_own(id_of(n, w->gid)) && is_own(id_of(n, w->flags));
}

static int note_refused(const struct watched *w, const struct seccomp_notif *n, int out)
{
	int64_t id = id_of(n, w->uid), other = id_of(n, w->gid);
	char line[128];

	if (w->what == DEVICE)
		return note_refusal("refused to make a device\n", out);
	snprintf(line, sizeof line, "refused to become user or group %lld\n",
		 (long long)(id > 0 ? id : other));
	return note_refusal(line, out);
}

static const struct watched *find(int number)
{
	for (int i = 0; i < CALLS; i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

static int answer(int listener, int out)
{
	struct seccomp_notif n = {0};
	struct seccomp_notif_resp r = {0};
	const struct watched *w;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	w = find(n.data.nr);
	r.id = n.id;
	if (!w || (w->what != CHOWN && is_plain(&n, w)))
		r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		r.error = w->what == CHOWN ? note_owner(&n, w, out) : note_refused(w, &n, out);
	/* the caller may be gone meanwhile */
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r) < 0 && errno != ENOENT ? -1 : 0;
}

int hull_owners_watch_child(int listener, int out, pid_t pid)
{
	hull_autofd int child = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p[2] = {{.fd = listener, .events = POLLIN}, {.fd = child, .events = POLLIN}};

	if (child < 0)
		return -1;
	while (!p[1].revents) {
		if (poll(p, 2, -1) < 0) {
			if (errno != EINTR)
				return -1;
			p[1].revents = 0;
			continue;
		}
		if (p[0].revents & POLLIN && answer(listener, out) < 0)
			return -1;
		/* nobody is left who is watched: the child has ended, or will */
		if (p[0].revents & (POLLHUP | POLLERR))
			p[0].fd = -1;
	}
	return 0;
}
