// SPDX-License-Identifier: MIT
#include "sbom/cpe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Source packages whose entries are not found under "any vendor" and their own name, or would be
 * found together with those of others. In order of name. */
static const struct known_cpe {
	const char *source, *vendor, *product;
	char part; /* "o" for an operating system, or 0: application */
} known[] = {
	{"acl", "acl_project", "acl", 0},
	{"apparmor", "apparmor", "apparmor", 0},
	{"attr", "attr_project", "attr", 0},
	{"audit", "redhat", "audit", 0},
	{"bash", "gnu", "bash", 0},
	{"bind", "isc", "bind", 0},
	{"bzip2", "bzip", "bzip2", 0},
	{"chrony", "tuxfamily", "chrony", 0},
	{"cloud-init", "canonical", "cloud-init", 0},
	{"cni-plugins", "linuxfoundation", "cni_network_plugins", 0},
	{"containerd", "linuxfoundation", "containerd", 0},
	{"coreutils", "gnu", "coreutils", 0},
	{"cpio", "gnu", "cpio", 0},
	{"cross-binutils", "gnu", "binutils", 0},
	{"cross-gcc", "gnu", "gcc", 0},
	{"cryptsetup", "cryptsetup_project", "cryptsetup", 0},
	{"curl", "haxx", "curl", 0},
	{"dbus-broker", "dbus-broker_project", "dbus-broker", 0},
	{"diffutils", "gnu", "diffutils", 0},
	{"e2fsprogs", "e2fsprogs_project", "e2fsprogs", 0},
	{"ebtables", "netfilter", "ebtables", 0},
	{"elfutils", "elfutils_project", "elfutils", 0},
	{"ethtool", "kernel", "ethtool", 0},
	{"expat", "libexpat_project", "libexpat", 0},
	{"file", "file_project", "file", 0},
	{"findutils", "gnu", "findutils", 0},
	{"gawk", "gnu", "gawk", 0},
	{"gcc", "gnu", "gcc", 0},
	{"glibc", "gnu", "glibc", 0},
	{"grep", "gnu", "grep", 0},
	{"gzip", "gnu", "gzip", 0},
	{"iproute", "iproute2_project", "iproute2", 0},
	{"iptables", "netfilter", "iptables", 0},
	{"jq", "jqlang", "jq", 0},
	{"kernel", "linux", "linux_kernel", 'o'},
	{"kernel-headers", "linux", "linux_kernel", 'o'},
	{"kmod", "kernel", "kmod", 0},
	{"less", "gnu", "less", 0},
	{"libcap", "libcap_project", "libcap", 0},
	{"libcap-ng", "libcap-ng_project", "libcap-ng", 0},
	{"libseccomp", "libseccomp_project", "libseccomp", 0},
	{"libselinux", "selinuxproject", "selinux", 0},
	{"libsepol", "selinuxproject", "selinux", 0},
	{"libtirpc", "libtirpc_project", "libtirpc", 0},
	{"libxcrypt", "libxcrypt_project", "libxcrypt", 0},
	{"logrotate", "logrotate_project", "logrotate", 0},
	{"lvm2", "redhat", "lvm2", 0},
	{"lz4", "lz4_project", "lz4", 0},
	{"ncurses", "gnu", "ncurses", 0},
	{"net-tools", "net-tools_project", "net-tools", 0},
	{"nfs-utils", "linux-nfs", "nfs-utils", 0},
	{"openssh", "openbsd", "openssh", 0},
	{"openssl", "openssl", "openssl", 0},
	{"pam", "linux-pam", "linux-pam", 0},
	{"pcre2", "pcre", "pcre2", 0},
	{"procps-ng", "procps-ng_project", "procps-ng", 0},
	{"python3", "python", "python", 0},
	{"readline", "gnu", "readline", 0},
	{"rpm", "rpm", "rpm", 0},
	{"rsyslog", "rsyslog", "rsyslog", 0},
	{"runc", "linuxfoundation", "runc", 0},
	{"sed", "gnu", "sed", 0},
	{"shadow-utils", "debian", "shadow", 0},
	{"socat", "dest-unreach", "socat", 0},
	{"sudo", "sudo_project", "sudo", 0},
	{"systemd", "systemd_project", "systemd", 0},
	{"tar", "gnu", "tar", 0},
	{"tzdata", "iana", "tz_database", 0},
	{"util-linux", "kernel", "util-linux", 0},
	{"xz", "tukaani", "xz", 0},
	{"zlib", "zlib", "zlib", 0},
	{"zstd", "facebook", "zstandard", 0},
};

static int compare(const void *key, const void *item)
{
	return strcmp(key, ((const struct known_cpe *)item)->source);
}

/* A value: lower case, with a backslash before what has a meaning of its own. */
static void add(struct hull_buf *out, const char *s)
{
	hull_buf_addc(out, ':');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= ' ' || c >= 127)
			c = '_';
		if (!isalnum(c) && !strchr("-._", c))
			hull_buf_addc(out, '\\');
		hull_buf_addc(out, (char)tolower(c));
	}
}

const char *hull_cpe(struct hull_arena *a, const char *source, const char *version)
{
	const struct known_cpe *k =
		bsearch(source, known, sizeof known / sizeof *known, sizeof *known, compare);
	hull_autobuf struct hull_buf out = {0};

	hull_buf_addf(&out, "cpe:2.3:%c", k && k->part ? k->part : 'a');
	if (k)
		add(&out, k->vendor);
	else
		hull_buf_adds(&out, ":*");
	add(&out, k ? k->product : source);
	add(&out, *version ? version : "-");
	hull_buf_adds(&out, ":*:*:*:*:*:*:*");
	return hull_arena_strdup(a, out.p);
}
