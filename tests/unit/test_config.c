// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_document.h"
#include "text/json.h"
#include "text/jsonpos.h"

#define DATA "tests/data/imageconfig/"

enum { MIB_PER_GIB = 1024 };

/* The directories of edited ones have links to what they name. */
enum { OUTSIDE = true };

static struct hull_image_config read_config(const char *path)
{
	struct hull_image_config c;
	struct hull_err e = {0};

	if (hull_config_read(path, "x86_64", !hull_starts(path, DATA), &c, &e) < 0)
		fail_msg("%s", e.msg);
	return c;
}

static void expect_want(const struct hull_image_config *c, size_t i, const char *package,
			const char *origin, enum hull_want_kind kind)
{
	assert_true(i < c->nwants);
	assert_string_equal(c->wants[i].package, package);
	assert_string_equal(c->wants[i].origin, origin);
	assert_int_equal(c->wants[i].kind, kind);
}

/* The shape that Azure Linux's own configurations have. */
static void a_configuration_of_azure_linux_is_read(void **state)
{
	struct hull_image_config c = read_config(DATA "core-efi.json");

	(void)state;
	assert_string_equal(c.name, "core-efi");
	assert_string_equal(c.directory, "tests/data/imageconfig");
	assert_true(c.has_disk && c.efi);
	assert_int_equal(c.max_size_mib, 4 * MIB_PER_GIB);
	assert_int_equal(c.nartifacts, 1);
	assert_string_equal(c.artifacts[0].name, "core");
	assert_int_equal(c.artifacts[0].type, HULL_ARTIFACT_VHDX);
	assert_int_equal(c.npartitions, 2);
	assert_true(c.partitions[0].esp);
	assert_int_equal(c.partitions[0].fs, HULL_FS_FAT32);
	assert_int_equal(c.partitions[0].start_mib, 1);
	assert_int_equal(c.partitions[0].size_mib, 64);
	assert_string_equal(c.partitions[0].mount_point, "/boot/efi");
	assert_string_equal(c.partitions[0].mount_options, "umask=0077");
	assert_string_equal(c.partitions[0].where, DATA "core-efi.json:13:17");
	assert_false(c.partitions[0].rest);
	assert_int_equal(c.partitions[1].start_mib, 65);
	assert_int_equal(c.partitions[1].size_mib, 0);
	assert_true(c.partitions[1].rest);
	assert_string_equal(c.command_line, "console=ttyS0");
	assert_string_equal(c.hostname, "azure-linux");
	assert_null(c.locales);
	hull_config_fini(&c);
}

static void packages_know_who_asks_for_them(void **state)
{
	static const char *const core[] = {
		"filesystem",  "systemd >= 257",  "openssl = 3.5.7-1.hull1", "zlib = 1.3",
		"/usr/bin/ls", "pkgconfig(zlib)", "(iptables or nftables)",
	};
	struct hull_image_config c = read_config(DATA "core-efi.json");

	(void)state;
	expect_want(&c, 0, "hyperv-daemons", "packagelists/hyperv-packages.json:3", HULL_WANT_LIST);
	expect_want(&c, 1, "bash", "packagelists/hyperv-packages.json:4", HULL_WANT_LIST);
	for (size_t i = 0; i < sizeof core / sizeof *core; i++) {
		hull_autofree char *origin =
			hull_asprintf("packagelists/core-packages-image.json:%zu", 5 + i);

		expect_want(&c, 2 + i, core[i], origin, HULL_WANT_LIST);
	}
	expect_want(&c, 9, "kernel", "core-efi.json:56", HULL_WANT_KERNEL);
	expect_want(&c, 10, "/usr/lib/systemd/boot/efi/linuxx64.efi.stub",
		    "core-efi.json: BootType efi", HULL_WANT_IMPLIED);
	assert_int_equal(c.nwants, 11);
	hull_config_fini(&c);
}

static void all_kinds_of_artifacts_are_read(void **state)
{
	static const struct {
		const char *name;
		enum hull_artifact_type type;
		enum hull_compression compression;
	} want[] = {
		{"node", HULL_ARTIFACT_VHDX, HULL_COMPRESS_ZSTD},
		{"node", HULL_ARTIFACT_VHD, HULL_COMPRESS_NONE},
		{"dynamic", HULL_ARTIFACT_VHD_DYNAMIC, HULL_COMPRESS_GZIP},
		{"node", HULL_ARTIFACT_QCOW2, HULL_COMPRESS_NONE},
		{"node", HULL_ARTIFACT_OCI, HULL_COMPRESS_NONE},
		{"node", HULL_ARTIFACT_TAR, HULL_COMPRESS_GZIP},
		{"full", HULL_ARTIFACT_RAW, HULL_COMPRESS_NONE},
	};
	struct hull_image_config c = read_config(DATA "full.json");

	(void)state;
	assert_int_equal(c.nartifacts, sizeof want / sizeof *want);
	for (size_t i = 0; i < c.nartifacts; i++) {
		assert_string_equal(c.artifacts[i].name, want[i].name);
		assert_int_equal(c.artifacts[i].type, want[i].type);
		assert_int_equal(c.artifacts[i].compression, want[i].compression);
	}
	hull_config_fini(&c);
}

static void sizes_may_be_left_out(void **state)
{
	struct hull_image_config c = read_config(DATA "full.json");
	char type[HULL_GUID_TEXT];

	(void)state;
	assert_int_equal(c.max_size_mib, 0);
	assert_true(c.partitions[0].esp); /* boot on fat32 */
	assert_int_equal(c.partitions[0].size_mib, 0);
	assert_int_equal(c.partitions[0].head_room_mib, 40);
	assert_string_equal(c.partitions[0].mount_identifier, "uuid");
	assert_int_equal(c.partitions[1].start_mib, 0);
	assert_int_equal(c.partitions[1].head_room_mib, 256);
	assert_false(c.partitions[1].rest);
	hull_guid_text(&c.partitions[1].type, type);
	assert_string_equal(type, "4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
	hull_guid_text(&c.partitions[2].type, type);
	assert_string_equal(type, "4d21b016-b534-45c2-a9fb-5c16e091fd2d");
	assert_false(c.partitions[3].has_type);
	assert_int_equal(c.partitions[3].start_mib, 2000);
	assert_int_equal(c.partitions[3].size_mib, 100);
	assert_null(c.partitions[3].mount_point);
	hull_config_fini(&c);
}

static void the_default_system_is_read(void **state)
{
	struct hull_image_config c = read_config(DATA "full.json");

	(void)state;
	assert_true(c.efi); /* the other one is legacy */
	assert_string_equal(c.hostname, "node-1.example");
	assert_string_equal(c.command_line, "ima_policy=tcb quiet x=\"a b\"");
	assert_true(c.verity.enable);
	assert_string_equal(c.verity.behavior, "panic");
	assert_true(c.no_docs && c.remove_rpm_db);
	assert_string_equal(c.locales, "");
	assert_int_equal(c.forbidden.n, 2);
	assert_string_equal(c.forbidden.v[0], "perl*");
	assert_int_equal(c.nservices, 2);
	assert_string_equal(c.services[0].unit, "containerd.service");
	assert_string_equal(c.services[0].reason, "runs the containers");
	assert_true(c.services[0].enable);
	assert_false(c.services[1].enable);
	assert_string_equal(c.identity.id, "node");
	assert_string_equal(c.identity.version_id, "1.2");
	assert_null(c.identity.variant_id);
	assert_string_equal(c.entrypoint.v[0], "/usr/bin/sh");
	assert_int_equal(c.command.n, 2);
	assert_string_equal(c.environment.v[1], "EMPTY=");
	assert_string_equal(c.working_dir, "/root");
	assert_string_equal(c.user, "1001");
	hull_config_fini(&c);
}

static void files_users_and_networks_are_read(void **state)
{
	static const struct {
		const char *source, *destination;
		int permissions;
	} files[] = {
		{DATA "files/motd", "/etc/motd", -1},
		{DATA "files/other.conf", "/etc/a.conf", -1},
		{DATA "files/other.conf", "/etc/b.conf", 0600},
		{DATA "files/keys.pub", "/usr/share/keys", -1},
	};
	struct hull_image_config c = read_config(DATA "full.json");

	(void)state;
	assert_int_equal(c.nfiles, 4);
	for (size_t i = 0; i < c.nfiles; i++) {
		assert_string_equal(c.files[i].source->path, files[i].source);
		assert_string_equal(c.files[i].destination, files[i].destination);
		assert_int_equal(c.files[i].permissions, files[i].permissions);
	}
	assert_int_equal(c.nusers, 2);
	assert_null(c.users[0].password);
	assert_int_equal(c.users[0].uid, -1);
	assert_int_equal(c.users[0].password_expires_days, -1);
	assert_string_equal(c.users[1].password, "$6$salt$hash0123456789");
	assert_int_equal(c.users[1].uid, 1001);
	assert_int_equal(c.users[1].password_expires_days, 90);
	assert_int_equal(c.users[1].groups.n, 2);
	assert_int_equal(c.users[1].ssh_keys.n, 3);
	assert_true(hull_starts(c.users[1].ssh_keys.v[1], "from=\"10.0.0.1\",no-pty ssh-rsa"));
	assert_true(hull_ends(c.users[1].ssh_keys.v[0], " one@test"));
	assert_string_equal(c.users[1].primary_group, "ops");
	assert_string_equal(c.users[1].home, "/home/admin");
	assert_string_equal(c.users[1].shell, "/bin/bash");
	assert_int_equal(c.groups[0].gid, 2000);
	assert_int_equal(c.nnetworks, 2);
	assert_true(c.networks[0].dhcp && c.networks[0].on_boot);
	assert_false(c.networks[1].dhcp || c.networks[1].on_boot);
	assert_string_equal(c.networks[1].mask, "255.255.254.0");
	assert_int_equal(c.networks[1].name_servers.n, 2);
	hull_config_fini(&c);
}

static void an_image_without_a_disk_is_read(void **state)
{
	struct hull_image_config c = read_config(DATA "container.json");

	(void)state;
	assert_false(c.has_disk || c.efi);
	assert_int_equal(c.nartifacts, 2);
	assert_int_equal(c.artifacts[0].type, HULL_ARTIFACT_TAR);
	assert_int_equal(c.artifacts[1].type, HULL_ARTIFACT_OCI);
	assert_string_equal(c.artifacts[1].name, "container");
	assert_string_equal(c.locales, "en:fr");
	assert_string_equal(c.command_line, "");
	assert_int_equal(c.nwants, 1);
	hull_config_fini(&c);
}

/* A directory with a configuration that was made from another by replacing a text. */
struct edited {
	char dir[32];
	char *path;
};

static void edit(struct edited *out, const char *original, const char *from, const char *to)
{
	hull_autofree char *path = hull_asprintf(DATA "%s", original);
	hull_autobuf struct hull_buf text = {0}, changed = {0};
	const char *links[] = {"packagelists", "files"};
	struct hull_err e;
	char *at;

	memcpy(out->dir, "/tmp/hull-test-XXXXXX", 22);
	assert_non_null(mkdtemp(out->dir));
	for (size_t i = 0; i < 2; i++) {
		hull_autofree char *target = hull_asprintf(DATA "%s", links[i]);
		hull_autofree char *real = hull_realpath(target, &e);
		hull_autofree char *link = hull_asprintf("%s/%s", out->dir, links[i]);

		assert_int_equal(symlink(real, link), 0);
	}
	assert_int_equal(hull_file_read(AT_FDCWD, path, &text, &e), 0);
	at = *from ? strstr(text.p, from) : text.p + text.n;
	if (!at)
		fail_msg("%s has no '%s'", original, from);
	hull_buf_add(&changed, text.p, (size_t)(at - text.p));
	hull_buf_adds(&changed, to);
	hull_buf_adds(&changed, at + strlen(from));
	out->path = hull_asprintf("%s/%s", out->dir, original);
	assert_int_equal(hull_file_write(AT_FDCWD, out->path, changed.p, changed.n, 0644, &e), 0);
}

static void drop(struct edited *d)
{
	struct hull_err e;

	assert_int_equal(hull_remove_tree(AT_FDCWD, d->dir, &e), 0);
	free(d->path);
}

struct bad {
	const char *from, *to; /* a change */
	const char *message;   /* what follows the name of the file, or the start of that */
};

static void expect_refusals(const char *original, const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hull_image_config c;
		struct edited d;
		struct hull_err e = {0};
		const char *got;

		edit(&d, original, cases[i].from, cases[i].to);
		if (hull_config_read(d.path, "x86_64", OUTSIDE, &c, &e) == 0)
			fail_msg("'%s' is accepted", cases[i].to);
		got = e.msg;
		if (hull_starts(got, d.path))
			got += strlen(d.path);
		if (!hull_starts(got, cases[i].message))
			fail_msg("'%s' gives\n  %s instead of\n  %s", cases[i].to, got,
				 cases[i].message);
		drop(&d);
	}
}

#define EXPECT_REFUSALS(file, cases) expect_refusals(file, cases, sizeof(cases) / sizeof *(cases))

static void disks_that_cannot_be_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"gpt\"", "\"mbr\"", ":4:35: PartitionTableType: 'mbr' is not supported; gpt is"},
		{"4096", "\"4096\"", ":5:24: MaxSize: a whole number was expected"},
		{"4096", "-1", ":5:24: MaxSize: -1 is not between 0 and"},
		{"4096", "64.5", ":5:24: MaxSize: a whole number was expected"},
		{"\"End\": 65", "\"End\": 66",
		 ":23:17: partition rootfs starts at 65 MiB, but boot ends at 66 MiB: they overlap"},
		{"\"End\": 65", "\"End\": 1",
		 ":13:17: partition boot ends at 1 MiB, but starts at 1 MiB"},
		{"\"End\": 0", "\"End\": 4096",
		 ":23:17: partition rootfs ends at 4096 MiB; on a disk of 4096 MiB (MaxSize) the last MiB has the backup"},
		{"\"Start\": 65,", "\"Start\": 4095,", ":23:17: partition rootfs ends at 4096 MiB"},
		{"\"End\": 65", "\"End\": 65, \"HeadRoom\": 4",
		 ":13:17: partition boot: HeadRoom has no meaning beside End"},
		{"\"ext4\"", "\"xfs\"",
		 ":27:31: FsType: 'xfs' is not supported; ext4, fat32, vfat"},
		{"\"ID\": \"rootfs\"", "\"ID\": \"boot\"",
		 ":23:17: the ID boot comes twice: also "},
		{"\"ID\": \"rootfs\",", "", ":23:17: a partition without an ID"},
		{"\"Start\": 65", "\"Name\": \"0123456789012345678901234567890123456\"",
		 ":25:29: Name: longer than 36"},
		{"\"esp\",", "\"bios_grub\",", ":16:25: Flags: 'bios_grub': there is no GRUB"},
		{"\"esp\",", "\"swap\",", ":16:25: Flags: 'swap' is not supported; esp, boot"},
		{"\"esp\",\n", "\"dmroot\"], \"Flags2\": [\n",
		 ":16:36: Flags2: unknown field; did you mean Flags?"},
		{"\"End\": 0", "\"Type\": \"lvm\"", ":26:29: Type: 'lvm' is no partition type"},
		{"\"End\": 0", "\"TypeUUID\": \"4f68\"", ":26:33: TypeUUID: '4f68' is no UUID"},
		{"\"End\": 0", "\"Grow\": true", ":26:21: Grow: for installers only"},
		{"\"End\": 0", "\"Artifacts\": [{\"Name\": \"x\"}]",
		 ":26:21: Artifacts: a partition is not written as a file of its own"},
		{"\"MaxSize\"", "\"RawBinaries\": [{\"Seek\": 1}], \"MaxSize\"",
		 ":5:13: RawBinaries: bytes at a place"},
		{"\"MaxSize\"", "\"TargetDisk\": {\"Type\": \"path\"}, \"MaxSize\"",
		 ":5:13: TargetDisk: for installers only"},
		{"    ],\n    \"SystemConfigs\"", ",{} ], \"SystemConfigs\"",
		 ":31:2: Disks: a second disk; an image has one"},
	};

	(void)state;
	EXPECT_REFUSALS("core-efi.json", cases);
}

static void artifacts_that_cannot_be_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"vhdx\"", "\"ext4\"",
		 ":9:29: Type: ext4: a file system by itself is not written; raw, with one"},
		{"\"vhdx\"", "\"vhdz\"",
		 ":9:29: Type: 'vhdz' is not supported; raw, vhd, vhd-dynamic, vhdx, qcow2, tar, oci are"},
		{"\"vhdx\"", "\"vhdx\", \"Compression\": \"q\"",
		 ":9:52: Compression: 'q' is not supported; zst, gz, xz, tar.gz, tar.xz are"},
		{"\"vhdx\"", "\"vhdx\", \"Compression\": \"bz2\"",
		 ":9:52: Compression: bz2: bzip2 is not written; zst, gz and xz are"},
		{"\"vhdx\"", "\"vhdx\", \"Compression\": \"tar.xz\"",
		 ":7:17: artifact core: Compression tar.xz is for Type tar"},
		{"\"vhdx\"", "\"vhdx\", \"Compression\": \"tar.gz\"",
		 ":7:17: artifact core: Compression tar.gz is for Type tar"},
		{"\"core\"", "\"../core\"", ":8:29: Name: '../core' is no name for a file"},
		{"\"vhdx\"\n                }",
		 "\"vhd\"}, {\"Name\": \"core\", \"Type\": \"vhd-dynamic\"}",
		 ":9:37: two artifacts would be the same file: core"},
		{"4096,\n            \"Artifacts\"", "4096, \"Artifakts\"",
		 ":5:30: Artifakts: unknown field; did you mean Artifacts?"},
		{"\"Disks\"", "\"IsContainerImage\": true, \"Disks\"",
		 ":7:17: artifact core: vhdx is a disk, but IsContainerImage is true"},
		{"\"Disks\": [", "\"_Disks\": [", ":1:1: Disks: there is none"},
		{"4096,", "3000000, \"Artifacts\": [],", ":6:23: duplicate object key"},
	};

	(void)state;
	EXPECT_REFUSALS("core-efi.json", cases);
}

static void systems_that_would_not_boot_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"BootType\": \"efi\"", "\"BootType\": \"legacy\"",
		 ":35:25: BootType: legacy: starting by BIOS is not supported"},
		{"\"BootType\": \"efi\",", "", ":33:9: BootType is missing"},
		{"\"BootType\": \"efi\"", "\"BootType\": \"none\"",
		 ":51:34: KernelCommandLine, ReadOnlyVerityRoot: nothing boots without BootType efi"},
		{"\"default\": \"kernel\",", "",
		 ":55:30: KernelOptions: BootType is efi, but there is no kernel"},
		{"\"default\": \"kernel\"", "\"default\": \"\"",
		 ":56:28: KernelOptions: the default kernel has no name"},
		{"\"default\"", "\"hyperv\"",
		 ":56:17: KernelOptions: hyperv: an image has one kernel"},
		{"\"esp\",\n                        \"boot\"", "",
		 ":12:27: Partitions: BootType is efi, but no partition is an ESP"},
		{"\"fat32\"", "\"ext4\"",
		 ":13:17: partition boot has the flag esp; its FsType has"},
		{"\"Start\": 65", "\"Flags\": [\"esp\"], \"Start\": 65",
		 ":23:17: partition rootfs has the flag esp"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"/data\"",
		 ":36:34: PartitionSettings: no partition has the mount point /"},
		{"\"FsType\": \"ext4\"", "\"FsType\": \"fat32\"",
		 ":23:17: partition rootfs is mounted on /; its FsType has to be ext4"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"/boot/efi\"",
		 ":42:17: PartitionSettings: boot and rootfs are both mounted on /boot/efi"},
		{"\"ID\": \"rootfs\",\n                    \"MountPoint\"",
		 "\"ID\": \"rootfz\", \"MountPoint\"",
		 ":42:17: PartitionSettings: no partition of the disk has the ID rootfz; did you mean rootfs?"},
		{"\"ID\": \"rootfs\",\n                    \"MountPoint\"",
		 "\"ID\": \"boot\", \"MountPoint\"",
		 ":42:17: PartitionSettings: partition boot comes twice"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"boot\"",
		 ":44:35: MountPoint: 'boot' is not an absolute path"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"/a/../b\"",
		 ":44:35: MountPoint: '/a/../b' has an empty, '.' or '..' part"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"/a/\"",
		 ":44:35: MountPoint: '/a/' has an empty"},
		{"\"MountPoint\": \"/\"",
		 "\"MountPoint\": \"/\", \"MountIdentifier\": \"partlabel\"",
		 ":42:17: PartitionSettings: partition rootfs is to be found by its label, but has no Name"},
		{"\"MountPoint\": \"/\"", "\"MountPoint\": \"/\", \"RdiffBaseImage\": \"x\"",
		 ":44:40: RdiffBaseImage: differences to another image"},
		{"umask=0077", "umask=0077, ro", ":40:37: MountOptions: has white space"},
	};

	(void)state;
	EXPECT_REFUSALS("core-efi.json", cases);
}

static void systems_that_ask_for_what_is_not_done_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"PostInstallScripts\": []", "\"PreInstallScripts\": [{\"Path\": \"a.sh\"}]",
		 ":60:13: PreInstallScripts: runs on the machine of an installer"},
		{"\"PostInstallScripts\": []", "\"PreserveTdnfCache\": true",
		 ":60:13: PreserveTdnfCache: tdnf does not make the image"},
		{"\"EnableHidepid\": false", "\"EnableHidepid\": true",
		 ":59:13: EnableHidepid: not supported"},
		{"\"EnableHidepid\": false", "\"EnableHidpid\": false",
		 ":59:13: EnableHidpid: unknown field; did you mean EnableHidepid?"},
		{"\"EnableHidepid\": false", "\"Frobnicate\": false",
		 ":59:13: Frobnicate: unknown field; here may be Name, IsDefault"},
		{"\"Enable\": false", "\"Enable\": true", ":61:13: Encryption: not supported"},
		{"version_two", "version_one",
		 ":52:27: CGroup: 'version_one' is not supported; version_two is"},
		{"\"CGroup\"", "\"SELinux\": \"enforcing\", \"CGroup\"",
		 ":52:28: SELinux: 'enforcing' is not supported: files get no labels"},
		{"\"CGroup\"", "\"EnableFIPS\": 1, \"CGroup\"",
		 ":52:31: EnableFIPS: true or false"},
		{"\"CGroup\"", "\"ImaPolicy\": [\"appraise_tcb\"], \"CGroup\"",
		 ":52:31: ImaPolicy: appraise_tcb: files carry no IMA signatures"},
		{"console=ttyS0", "console=\\ttyS0",
		 ":53:37: ExtraCommandLine: has a character that is not printable"},
		{"\"azure-linux\"", "\"azure_linux\"",
		 ":65:25: Hostname: 'azure_linux' is no host name"},
		{"\"azure-linux\"", "\"a.-b\"", ":65:25: Hostname: 'a.-b' is no host name"},
		{"\"Hostname\"", "\"EnableGrubMkconfig\": true, \"Hostname\"",
		 ":65:13: EnableGrubMkconfig: there is no GRUB"},
		{"\"Hostname\"", "\"PackageRepos\": [{\"Name\": \"x\"}], \"Hostname\"",
		 ":65:13: PackageRepos: repositories are given to the command"},
		{"\"Hostname\"", "\"Container\": {\"User\": \"x\"}, \"Hostname\"",
		 ":65:13: Container: there is no artifact of Type oci"},
		{"\"Hostname\": \"azure-linux\"\n        }", "\"Hostname\": \"a\"}, {}",
		 ":33:9: SystemConfigs: 2 systems, none with IsDefault"},
		{"\"SystemConfigs\"", "\"Systems\"",
		 ":32:5: Systems: unknown field; here may be $schema, Disks, SystemConfigs"},
	};

	(void)state;
	EXPECT_REFUSALS("core-efi.json", cases);
}

static void packages_that_cannot_be_asked_for_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"core-packages-image.json", "missing.json", ":49:17: "},
		{"\"PackageLists\"", "\"Packages\": [\"a b\"], \"PackageLists\"",
		 ":47:26: Packages: 'a b' is no package"},
		{"\"PackageLists\"", "\"Packages\": [\"a >=\"], \"PackageLists\"",
		 ":47:26: Packages: 'a >=' is no package"},
		{"\"PackageLists\"", "\"Packages\": [\"\"], \"PackageLists\"",
		 ":47:26: Packages: '' is no package"},
		{"\"PackageLists\"", "\"ForbiddenPackages\": [\"b[a]sh\"], \"PackageLists\"",
		 ":47:34: ForbiddenPackages: 'b[a]sh' forbids bash, which packagelists/hyperv-packages.json:4 asks for"},
		{"\"packagelists/core-packages-image.json\"", "\"files\"", ":49:17: "},
	};

	(void)state;
	EXPECT_REFUSALS("core-efi.json", cases);
}

static void accounts_that_cannot_be_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"PasswordHashed\": true", "\"PasswordHashed\": false",
		 ":57:33: Password: user admin has a password in clear text; make a hash with 'openssl passwd -6' and set PasswordHashed"},
		{"$6$salt$hash0123456789", "secret",
		 ":57:33: Password: that of user admin is no hash of crypt(3)"},
		{"$6$salt$hash0123456789", "$6$salt$hash:0123456789",
		 ":57:33: Password: has a ':' or a line break"},
		{"\"Name\": \"admin\"", "\"Name\": \"root\"",
		 ":54:17: Users: root comes twice: also "},
		{"\"Name\": \"admin\"", "\"Name\": \"0admin\"",
		 ":55:29: Name: '0admin' is no name of a user or group"},
		{"\"Name\": \"root\"", "\"Name\": \"root\", \"UID\": 1001",
		 ":54:17: Users: root and admin have the same UID 1001"},
		{"\"1001\"", "\"60001\"",
		 ":56:28: UID: '60001' is not a number between 0 and 60000"},
		{"\"1001\"", "true", ":56:28: UID: a whole number was expected"},
		{": 90", ": 100000", ":59:44: PasswordExpiresDays: 100000 is not between"},
		{"[\"files/keys.pub\"]", "[\"files/motd\"]",
		 ":60:40: SSHPubKeyPaths: files/motd has a line that is no SSH public key: a file"},
		{"ssh-ed25519 AAAA", "-----BEGIN OPENSSH PRIVATE KEY",
		 ":61:36: SSHPubKeys: the text is a private key"},
		{"\"wheel\"", "\"wh eel\"", ":63:41: SecondaryGroups: 'wh eel' is no name"},
		{"\"/bin/bash\"", "\"bash\"", ":65:39: StartupCommand: 'bash' is not an absolute"},
		{"\"GID\": 2000 }", "\"GID\": 2000 }, {\"Name\": \"b\", \"GID\": \"2000\"}",
		 ":68:57: Groups: ops and b have the same GID 2000"},
	};

	(void)state;
	EXPECT_REFUSALS("full.json", cases);
}

static void files_networks_and_units_that_cannot_be_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"\"files/motd\":", "\"files/none\":", ":43:17: "},
		{"\"/etc/motd\"", "\"/etc/a.conf\"",
		 ":45:21: AdditionalFiles: two files for /etc/a.conf: also "},
		{"\"/etc/motd\"", "\"etc/motd\"",
		 ":43:31: files/motd: 'etc/motd' is not an absolute path"},
		{"\"/etc/motd\"", "[]", ":43:31: AdditionalFiles: no Path for files/motd"},
		{"\"0600\"", "\"0900\"", ":46:61: Permissions: an octal number"},
		{"\"0600\"", "600", ":46:61: Permissions: an octal number"},
		{"\"eth0\"", "\"a/b\"", ":70:29: Device: 'a/b' is neither"},
		{"\"eth0\"", "\"bootif\"", ":70:29: Device: bootif is for installers"},
		{"\"eth0\"", "\"eth1\"", ":71:17: Networks: eth1 comes twice"},
		{"\"dhcp\"", "\"ibft\"",
		 ":70:50: BootProto: 'ibft' is not supported; static, dhcp"},
		{"255.255.254.0", "255.0.255.0", ":75:32: NetMask: the ones of"},
		{"\"10.0.0.2\"", "\"10.0.0.256\"", ":74:27: Ip: '10.0.0.256' is no IP address"},
		{"\"10.0.0.2\"", "\"2001:db8::1\"", ":74:27: Ip: a fixed IPv6 address"},
		{"\"Ip\": \"10.0.0.2\",", "", ":71:17: Networks: eth1 has neither"},
		{"\"containerd.service\"", "\"containerd\"",
		 ":81:39: Name: 'containerd' is no name of a unit; containerd.service?"},
		{", \"Reason\": \"runs the containers\"", "",
		 ":81:29: Services: containerd.service without a Reason"},
		{"getty@tty1.service", "containerd.service",
		 ":82:30: Services: containerd.service comes twice"},
		{"\"ID\": \"node\"", "\"ID\": \"Node 1\"",
		 ":85:23: ID: 'Node 1' has more than a-z"},
		{"\"EMPTY=\"", "\"EMPTY\"", ":94:50: Environment: 'EMPTY' is not of the form"},
		{"\"Enable\": true, \"Ver",
		 "\"Enable\": true, \"ErrorCorrectionEnable\": true, \"Ver",
		 ":41:53: ErrorCorrectionEnable: forward error correction is not written"},
		{"\"panic\"", "\"explode\"",
		 ":41:76: VerityErrorBehavior: 'explode' is not supported"},
		{"\"NONE\"", "\"en, fr\"", ":99:35: OverrideRpmLocales: 'en, fr' is not NONE"},
		{"\"Name\": \"Other\",", "\"IsDefault\": true,",
		 ":29:26: IsDefault: a second system"},
		{"\"HeadRoom\": 40", "\"HeadRoom\": \"40\"",
		 ":15:96: HeadRoom: a whole number of MiB"},
		{"\"Name\": \"var\"", "\"Name\": \"efi\"", ":17:17: the Name efi comes twice"},
		{"\"ID\": \"scratch\", \"Start\": 2000, \"End\": 2100", "\"ID\": \"scratch\"",
		 ":18:17: partition scratch: without a mount point it needs a size"},
	};

	(void)state;
	EXPECT_REFUSALS("full.json", cases);
}

/* The names that an error about an unknown field lists are those of the schema. */
static void expect_names(const json_t *schema, const char *definition, const char *error)
{
	const json_t *object = json_object_get(json_object_get(schema, "$defs"), definition);
	const json_t *properties = json_object_get(object ? object : schema, "properties");
	const char *list = strstr(error, "here may be "), *name;
	hull_autostrv struct hull_strv got = {0}, want = {0};
	json_t *p;

	assert_non_null(list);
	for (list += strlen("here may be "); *list; list += strspn(list, ", ")) {
		size_t n = strcspn(list, ",");

		hull_strv_take(&got, hull_strndup(list, n));
		list += n;
	}
	json_object_foreach ((json_t *)properties, name, p) {
		const char *ref = hull_json_optional(p, "$ref");

		if (!ref || strcmp(ref, "#/$defs/nothing") != 0)
			hull_strv_add(&want, name);
	}
	hull_strv_sort(&got);
	hull_strv_sort(&want);
	for (size_t i = 0; i < got.n || i < want.n; i++)
		if (i >= got.n || i >= want.n || strcmp(got.v[i], want.v[i]) != 0)
			fail_msg("%s: the schema has %s where hull has %s", definition,
				 i < want.n ? want.v[i] : "nothing",
				 i < got.n ? got.v[i] : "nothing");
}

static void the_schema_has_the_fields_that_are_read(void **state)
{
#define UNKNOWN "\"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\": 1"
	static const struct {
		const char *definition, *before; /* the unknown field is put behind that */
	} cases[] = {
		{"", "{\n    \"$schema\""},
		{"disk", "\"Disks\": [\n        {"},
		{"artifact", "\"Artifacts\": [\n                {"},
		{"partition", "\"Partitions\": [\n                {"},
		{"system",
		 "\"Name\": \"Other\",\n            \"BootType\": \"legacy\"\n        },\n        {"},
		{"mount", "\"PartitionSettings\": [\n                {"},
		{"commandLine", "\"KernelCommandLine\": {"},
		{"verity", "\"ReadOnlyVerityRoot\": {"},
		{"user", "\"Users\": [\n                {"},
		{"group", "\"Groups\": [ {"},
		{"network", "\"Networks\": [\n                {"},
		{"services", "\"Services\": {"},
		{"service", "\"Enable\": [ {"},
		{"identity", "\"Identity\": {"},
		{"container", "\"Container\": {"},
	};
	struct hull_err e = {0};
	hull_autojson json_t *schema =
		hull_json_read(AT_FDCWD, "toolkit/docs/imageconfig.schema.json", &e);

	(void)state;
	if (!schema)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *rest = *cases[i].definition ? "" : "\"$schema\"";
		hull_autofree char *to = hull_asprintf(
			"%.*s" UNKNOWN ", %s", (int)(strlen(cases[i].before) - strlen(rest)),
			cases[i].before, rest);
		struct hull_image_config c;
		struct edited d;

		edit(&d, "full.json", cases[i].before, to);
		assert_int_equal(hull_config_read(d.path, "x86_64", OUTSIDE, &c, &e), -1);
		expect_names(schema, cases[i].definition, e.msg);
		drop(&d);
	}
}

static void texts_that_are_no_json_are_refused(void **state)
{
	static const struct bad cases[] = {
		{"", "x", ":6:1: end of file expected near 'x'"},
		{"\"bash\"]", "\"bash\"", ":4:83: ']' expected near ':'"},
		{"\"bash\"", "\"\xff\"", ":4:55: unable to decode byte 0xff"},
		{"\"Packages\": [\"bash\"]", "\"_\": []", ":4:24: no package is asked for"},
	};

	(void)state;
	EXPECT_REFUSALS("container.json", cases);
}

static void the_digest_is_of_all_files(void **state)
{
	struct hull_image_config c = read_config(DATA "full.json"), d;
	struct edited same, other;
	hull_autofree char *link = NULL, *motd = NULL;
	struct hull_err e;

	(void)state;
	edit(&same, "full.json", "", "");
	d = read_config(same.path);
	assert_string_equal(c.digest, d.digest); /* in another directory */
	assert_memory_equal(&c.disk_id, &d.disk_id, sizeof c.disk_id);
	hull_config_fini(&d);
	edit(&other, "full.json", "", "\n");
	d = read_config(other.path);
	assert_string_not_equal(c.digest, d.digest);
	hull_config_fini(&d);
	drop(&other);
	/* the same configuration with another file that it refers to */
	link = hull_asprintf("%s/files", same.dir);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(hull_mkdirs(AT_FDCWD, link, 0755, &e), 0);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"motd", "other.conf", "keys.pub"};
		hull_autofree char *from = hull_asprintf(DATA "files/%s", names[i]);
		hull_autofree char *to = hull_asprintf("%s/%s", link, names[i]);

		assert_int_equal(hull_file_copy(AT_FDCWD, from, AT_FDCWD, to, &e), 0);
	}
	d = read_config(same.path);
	assert_string_equal(c.digest, d.digest);
	hull_config_fini(&d);
	motd = hull_asprintf("%s/motd", link);
	assert_int_equal(hull_file_write(AT_FDCWD, motd, "b file\n", 7, 0644, &e), 0);
	d = read_config(same.path);
	assert_string_not_equal(c.digest, d.digest);
	hull_config_fini(&d);
	drop(&same);
	hull_config_fini(&c);
}

static void positions_are_those_of_the_text(void **state)
{
	static const char text[] = "\xef\xbb\xbf"; /* a byte order mark is no JSON */
	static const char json[] =
		"{ \"\\\"k\\u00e4\": [1,\n\t{\"\xc3\xa4\": \"\xc3\xa4\", \"b\" : "
		"true}, [], \"]\"],\n \"last\":null}";
	struct hull_jsonpos d;
	struct hull_jsonpos_value root, v, w;
	struct hull_err e;
	char path[] = "/tmp/hull-test-XXXXXX";
	unsigned line, column;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(hull_fd_write(fd, text, sizeof text - 1, &e), 0);
	assert_int_equal(hull_jsonpos_read(AT_FDCWD, path, "x", &d, &e), -1);
	assert_true(hull_starts(e.msg, "x:1:"));
	assert_int_equal(ftruncate(fd, 0), 0);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(hull_fd_write(fd, json, sizeof json - 1, &e), 0);
	close(fd);
	assert_int_equal(hull_jsonpos_read(AT_FDCWD, path, "x", &d, &e), 0);
	unlink(path);
	root = hull_jsonpos_root(&d);
	assert_true(hull_jsonpos_first(&root, &v));
	assert_string_equal(v.key, "\"k\xc3\xa4");
	assert_true(hull_jsonpos_first(&v, &w)); /* 1 */
	assert_null(w.key);
	assert_string_equal(w.name, v.key);
	hull_jsonpos_place(&w, false, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 17);
	assert_true(hull_jsonpos_next(&w)); /* the object */
	assert_true(hull_jsonpos_member(&w, "b", &w));
	hull_jsonpos_place(&w, true, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 13);
	hull_jsonpos_fail(&e, &w, "%s", "message");
	assert_string_equal(e.msg, "x:2:19: message");
	assert_true(json_is_true(w.json));
	assert_true(hull_jsonpos_next(&v));
	assert_string_equal(v.key, "last");
	hull_jsonpos_fail_key(&e, &v, "null");
	assert_string_equal(e.msg, "x:3:2: null");
	assert_false(hull_jsonpos_first(&v, &w));
	assert_false(hull_jsonpos_next(&v));
	hull_jsonpos_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_of_azure_linux_is_read),
		cmocka_unit_test(packages_know_who_asks_for_them),
		cmocka_unit_test(all_kinds_of_artifacts_are_read),
		cmocka_unit_test(sizes_may_be_left_out),
		cmocka_unit_test(the_default_system_is_read),
		cmocka_unit_test(files_users_and_networks_are_read),
		cmocka_unit_test(an_image_without_a_disk_is_read),
		cmocka_unit_test(disks_that_cannot_be_are_refused),
		cmocka_unit_test(artifacts_that_cannot_be_are_refused),
		cmocka_unit_test(systems_that_would_not_boot_are_refused),
		cmocka_unit_test(systems_that_ask_for_what_is_not_done_are_refused),
		cmocka_unit_test(packages_that_cannot_be_asked_for_are_refused),
		cmocka_unit_test(accounts_that_cannot_be_are_refused),
		cmocka_unit_test(files_networks_and_units_that_cannot_be_are_refused),
		cmocka_unit_test(the_schema_has_the_fields_that_are_read),
		cmocka_unit_test(texts_that_are_no_json_are_refused),
		cmocka_unit_test(the_digest_is_of_all_files),
		cmocka_unit_test(positions_are_those_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
