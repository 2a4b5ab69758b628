// SPDX-License-Identifier: MIT
#include "sandbox/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* A switch of the kernel or distribution that forbids sandboxes when it has this value. */
static const struct {
	const char *path, *bad, *advice;
} switches[] = {
	{"proc/sys/user/max_user_namespaces", "0",
	 "user namespaces are switched off (user.max_user_namespaces = 0); to switch them on, as "
	 "root: "
	 "sysctl -w user.max_user_namespaces=15000, and the same line in /etc/sysctl.d/ to keep "
	 "it"},
	{"proc/sys/kernel/unprivileged_userns_clone", "0",
	 "ordinary users may not make user namespaces (kernel.unprivileged_userns_clone = 0); to "
	 "allow it, "
	 "as root: sysctl -w kernel.unprivileged_userns_clone=1, and the same line in "
	 "/etc/sysctl.d/ to "
	 "keep it"},
	{"proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	 "AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1, "
	 "the default "
	 "of Ubuntu since 24.04); to allow it, as root: sysctl -w "
	 "kernel.apparmor_restrict_unprivileged_userns=0, or give hull an AppArmor profile with "
	 "'userns,'"},
};

static const char *const container_marks[] = {".dockerenv", "run/.containerenv",
					      "var/run/secrets/kubernetes.io"};

static bool is_switched(const char *root, const char *path, const char *bad)
{
	hull_autofree char *full = hull_asprintf("%s/%s", root, path);
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read(AT_FDCWD, full, &text, NULL) < 0 || !text.n)
		return false;
	text.p[strcspn(text.p, "\n")] = '\0';
	return !strcmp(text.p, bad);
}

static bool is_container(const char *root)
{
	for (size_t i = 0; i < sizeof container_marks / sizeof *container_marks; i++) {
		hull_autofree char *mark = hull_asprintf("%s/%s", root, container_marks[i]);

		if (hull_exists(AT_FDCWD, mark))
			return true;
	}
	return false;
}

static const char *advice(const char *root, int sys)
{
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		if (is_switched(root, switches[i].path, switches[i].bad))
			return switches[i].advice;
	if ((sys == EPERM || sys == EACCES || sys == ENOSYS) && is_container(root))
		return "this is a container that may not make namespaces; start it with "
		       "--security-opt "
		       "seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
		       "systempaths=unconfined (Kubernetes: seccompProfile and appArmorProfile "
		       "Unconfined, procMount Unmasked)";
	switch (sys) {
	case EINVAL:
	case ENOSYS:
		return "the kernel is too old or lacks an option: Linux 5.12 or newer with "
		       "CONFIG_USER_NS, "
		       "CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_OVERLAY_FS and CONFIG_SECCOMP_FILTER is needed";
	case ENODEV:
		return "the kernel has no overlayfs: as root, modprobe overlay";
	case EPERM:
	case EACCES:
		return "a chroot or a security module (SELinux, seccomp) forbids it; see dmesg and "
		       "journalctl -k";
	default:
		return NULL;
	}
}

void hull_sandbox_explain(const char *root, struct hull_err *e)
{
	const char *text = e ? advice(root, e->sys) : NULL;
	struct hull_err cause;

	if (!text)
		return;
	cause = *e;
	hull_fail(e, HULL_FAILED, "%-s\n%s", cause.msg, text);
	e->sys = cause.sys;
}

bool hull_kernel_since(unsigned int major, unsigned int minor)
{
	struct utsname kernel;
	unsigned int is_major, is_minor;

	if (uname(&kernel) < 0 || sscanf(kernel.release, "%u.%u", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

const struct hull_cgroups *hull_cgroups_here(struct hull_err *e)
{
	static struct hull_cgroups here = {.fd = -1, .own = -1};
	static uid_t of;

	if ((here.path || here.reason) && of == geteuid())
		return &here;
	hull_cgroups_fini(&here);
	of = geteuid();
	if (hull_cgroups_find("", &here, e) < 0)
		return NULL;
	return &here;
}

int hull_cgroup_start(struct hull_cgroup *g, const struct hull_limits *max, struct hull_err *e)
{
	const struct hull_cgroups *in = hull_cgroups_here(e);

	*g = HULL_CGROUP_NONE;
	if (!in)
		return -1;
	if (in->fd < 0)
		return 0;
	if (hull_cgroup_init(g, in, e) < 0)
		return -1;
	if (hull_cgroup_limit(g, max, e) < 0) {
		hull_cgroup_fini(g);
		return -1;
	}
	return 0;
}
