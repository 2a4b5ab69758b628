// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config_document.h"

/* What configurations of others have: all errors of one, warnings, scripts, directories, contents. */

static char top[] = "/tmp/hull-test-XXXXXX";

static void put(const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("%s/%s", top, name);
	hull_autofree char *directory =
		hull_strndup(path, (size_t)(hull_basename(path) - path) - 1);
	struct hull_err e;

	assert_int_equal(hull_mkdirs(AT_FDCWD, directory, 0755, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, path, text, strlen(text), 0644, &e), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	put("post.sh", "#!/bin/bash -e\necho \"$1\"\n");
	put("plain.sh", "echo\n");
	put("env.sh", "#! /usr/bin/env  bash  \r\n");
	put("relative.sh", "#!bash\n");
	put("empty.sh", "");
	put("tree/b/c", "two");
	put("tree/a", "one");
	put("blank/a b", "one");
	return 0;
}

static int tear_down(void **state)
{
	struct hull_err e;

	(void)state;
	return hull_remove_tree(AT_FDCWD, top, &e);
}

/* A disk that boots, of which tests change a part: what is in front of each part, and more of the system. */
struct parts {
	const char *artifact, *partitions, *disk, *system, *after;
};

#define ESP(end)                                                                                   \
	"{\"ID\": \"e\", \"Flags\": [\"esp\"], \"Start\": 1, \"End\": " #end                       \
	", \"FsType\": \"fat32\"}"
#define ROOT(start) "{\"ID\": \"r\", \"Start\": " #start ", \"End\": 0, \"FsType\": \"ext4\"}"

static char *write_config(const char *name, struct parts p)
{
	hull_autofree char *text = hull_asprintf(
		"{\"Disks\": [{\"MaxSize\": 500, %s\n"
		" \"Artifacts\": [{\"Name\": \"x\", %s}],\n"
		" \"Partitions\": [%s]}],\n"
		" \"SystemConfigs\": [{\"BootType\": \"efi\", \"KernelOptions\": {\"default\": \"kernel\"},\n"
		" \"PartitionSettings\": [{\"ID\": \"e\", \"MountPoint\": \"/efi\"}, {\"ID\": \"r\", \"MountPoint\": \"/\"}],\n"
		" %s\n"
		" \"Hostname\": \"h\"}%s]}\n",
		p.disk ? p.disk : "", p.artifact ? p.artifact : "\"Type\": \"raw\"",
		p.partitions ? p.partitions : ESP(65) ", " ROOT(65), p.system ? p.system : "",
		p.after ? p.after : "");

	put(name, text);
	return hull_asprintf("%s/%s", top, name);
}

static struct hull_image_config read_config(struct parts p)
{
	hull_autofree char *path = write_config("c.json", p);
	struct hull_image_config c;
	struct hull_err e = {0};

	if (hull_config_read(path, "x86_64", false, &c, &e) < 0)
		fail_msg("%s", e.msg);
	return c;
}

/* The errors of a configuration, without its path. */
static void expect_errors(struct parts p, const char *const *want)
{
	hull_autofree char *path = write_config("c.json", p);
	struct hull_image_config c;
	struct hull_strv errors = {0};
	size_t n = 0;

	assert_int_equal(hull_config_read_all(path, "x86_64", false, &c, &errors), -1);
	for (; want[n]; n++) {
		const char *got = n < errors.n ? errors.v[n] : "nothing";

		if (hull_starts(got, path))
			got += strlen(path);
		if (!hull_starts(got, want[n]))
			fail_msg("'%s' instead of '%s'", got, want[n]);
	}
	if (n != errors.n)
		fail_msg("one more: %s", errors.v[n]);
	hull_strv_fini(&errors);
}

static void all_errors_are_told(void **state)
{
	static const char *const want[] = {
		":1:43: SectorSize: disks with sectors of 4096 bytes are read, not written; 512",
		":3:39: Flags: 'grub': there is no GRUB",
		":3:58: FsType: 'xfs' is not supported",
		":2:38: Type: ova: OVA ",
		":2:60: Compression: lz4: LZ4 is not written; zst, gz and xz are",
		":6:16: BootTyp: unknown field; did you mean BootType?",
		":6:43: Packages: '=' is no package",
		":6:48: Packages: a string was expected",
		":6:70: UID: 'x' is not a number",
		NULL,
	};

	(void)state;
	expect_errors(
		(struct parts){
			.artifact = "\"Type\": \"ova\", \"Compression\": \"lz4\"",
			.disk = "\"SectorSize\": 4096,",
			.partitions =
				"{\"ID\": \"e\", \"Flags\": [\"grub\"], \"FsType\": \"xfs\"}, " ROOT(
					65),
			.system =
				"\"Groups\": [], \"BootTyp\": 1, \"Packages\": [\"=\", 1], \"Users\": [{\"UID\": \"x\"}],"},
		want);
}

static void what_follows_from_an_error_is_not_one(void **state)
{
	static const char *const second[] = {":3:92: Disks: a second disk", NULL};

	(void)state;
	expect_errors((struct parts){.partitions = ESP(65) "]}, {\"Partitions\": [{\"ID\": \"z\"}"},
		      second);
	expect_errors((struct parts){.disk = "\"Grow\": 1, ", .partitions = ESP(65) ", " ROOT(9)},
		      (const char *const[]){":1:29: Grow: unknown field", NULL});
}

static void read_names_the_first_and_counts_the_others(void **state)
{
	hull_autofree char *path = write_config(
		"c.json", (struct parts){.artifact = "\"Type\": \"vmdk\"", .system = "\"A\": 1,"});
	struct hull_image_config c;
	struct hull_err e = {0};

	(void)state;
	assert_int_equal(hull_config_read(path, "x86_64", false, &c, &e), -1);
	assert_non_null(strstr(e.msg, ":2:38: Type: vmdk: VMDK (VMware) is not written"));
	assert_true(hull_ends(e.msg, "\n1 more: 'hull image --validate' lists all"));
}

static void many_errors_are_counted(void **state)
{
	hull_autobuf struct hull_buf groups = {0};
	hull_autofree char *path = NULL, *last = NULL;
	struct hull_strv errors = {0};
	struct hull_image_config c;

	(void)state;
	hull_buf_adds(&groups, "\"Groups\": [");
	for (size_t i = 0; i < HULL_CONFIG_ERRORS + 7; i++)
		hull_buf_addf(&groups, "%s{}", i ? ", " : "");
	hull_buf_adds(&groups, "],");
	path = write_config("c.json", (struct parts){.system = groups.p});
	assert_int_equal(hull_config_read_all(path, "x86_64", false, &c, &errors), -1);
	assert_int_equal(errors.n, HULL_CONFIG_ERRORS + 1);
	last = hull_asprintf("%s: 7 more errors", path);
	assert_string_equal(errors.v[HULL_CONFIG_ERRORS], last);
	hull_strv_fini(&errors);
}

static void what_others_write_has_a_name(void **state)
{
	static const char *const cases[][2] = {
		{"\"Type\": \"vmdk\"", ":2:38: Type: vmdk: VMDK (VMware) is not written; qcow2"},
		{"\"Type\": \"VDI\"", ":2:38: Type: VDI: VDI (VirtualBox) is not written"},
		{"\"Type\": \"iso\"", ":2:38: Type: iso: ISO (a medium of an installer)"},
		{"\"Type\": \"docker-archive\"",
		 ":2:38: Type: docker-archive: a docker archive is not"},
		{"\"Type\": \"oci-dir\"",
		 ":2:38: Type: oci-dir: an OCI directory is not written; oci is"},
		{"\"Type\": \"initrd\"", ":2:38: Type: initrd: an initramfs is not written"},
		{"\"Type\": \"squashfs\"", ":2:38: Type: squashfs: a file system by itself"},
		{"\"Compression\": \"zstd\"", ":2:45: Compression: zstd: it is spelled zst"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_errors((struct parts){.artifact = cases[i][0]},
			      (const char *const[]){cases[i][1], NULL});
	expect_errors((struct parts){.disk = "\"PartitionTableType\": \"mbr\","},
		      (const char *const[]){":1:51: PartitionTableType: 'mbr'", NULL});
}

static void yaml_is_called_yaml(void **state)
{
	static const struct {
		const char *name, *text;
		bool yaml;
	} cases[] = {
		{"a.yaml", "", true},
		{"a.yml", "{x: 1}", true},
		{"a", "# one\nstorage:\n  disks: []\n", true},
		{"a.json", "---\n", true},
		{"b.json", "{\"a\":\n", false},
		{"c.json", "nothing\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", top, cases[i].name);
		struct hull_image_config c;
		struct hull_err e = {0};

		put(cases[i].name, cases[i].text);
		assert_int_equal(hull_config_read(path, "x86_64", false, &c, &e), -1);
		if (!strstr(e.msg, "a configuration in YAML") != !cases[i].yaml)
			fail_msg("%s: %s", cases[i].name, e.msg);
	}
}

static void expect_warnings(struct parts p, const char *const *want)
{
	struct hull_image_config c = read_config(p);
	size_t n = 0, prefix = strlen(top) + strlen("/c.json");

	for (; want[n]; n++) {
		const char *got = n < c.warnings.n ? c.warnings.v[n] : "nothing";

		if (strlen(got) < prefix || !hull_starts(got + prefix, want[n]))
			fail_msg("'%s' instead of '%s'", got, want[n]);
	}
	assert_int_equal(n, c.warnings.n);
	hull_config_fini(&c);
}

static void names_are_read_in_any_case(void **state)
{
	struct parts p = {
		.artifact = "\"TYPE\": \"vhd-fixed\"",
		.disk = "\"id\": \"boot\",",
		.system = "\"isDefault\": true, \"services\": {\"enable\": []},",
	};
	static const char *const want[] = {
		":1:29: id: taken for ID, as it is spelled", ":2:30: TYPE: taken for Type",
		":6:2: isDefault: taken for IsDefault",	     ":6:21: services: taken for Services",
		":6:34: enable: taken for Enable",	     NULL};
	struct hull_image_config c = read_config(p);

	(void)state;
	assert_int_equal(c.artifacts[0].type, HULL_ARTIFACT_VHD);
	hull_config_fini(&c);
	expect_warnings(p, want);
	p.after = ", {}"; /* which is the default is seen also then */
	c = read_config(p);
	assert_string_equal(c.hostname, "h");
	hull_config_fini(&c);
	expect_errors(
		(struct parts){.system = "\"hostname\": \"a\","},
		(const char *const[]){":7:2: Hostname: comes twice, in different cases", NULL});
}

static void what_asks_for_nothing_is_accepted(void **state)
{
	static const char *const cases[] = {
		"\"IsDefault\": true,",
		"\"PreserveTdnfCache\": false,",
		"\"PrimaryDisk\": \"boot\",",
		"\"PostInstallScripts\": [],",
		"\"Encryption\": {\"Enable\": false, \"Password\": \"x\", \"Algorithm\": \"y\"},",
		"\"ReadOnlyVerityRoot\": {\"Enable\": false, \"TmpfsOverlays\": [\"/var\"], \"ErrorCorrectionEnable\": true},",
		"\"ReadOnlyVerityRoot\": {\"Enable\": true, \"ErrorCorrectionEncodingRoots\": 2},",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		expect_warnings((struct parts){.system = cases[i]}, (const char *const[]){NULL});
	}
	expect_errors(
		(struct parts){
			.system =
				"\"ReadOnlyVerityRoot\": {\"Enable\": true, \"TmpfsOverlays\": [\"/var\"]},"},
		(const char *const[]){":6:41: TmpfsOverlays: not supported", NULL});
}

static void fips_and_the_name_of_the_root_are_taken(void **state)
{
	struct parts p = {
		.system =
			"\"KernelCommandLine\": {\"EnableFIPS\": true, \"ExtraCommandLine\": \"quiet\"},"
			" \"ReadOnlyVerityRoot\": {\"Enable\": true, \"Name\": \"verity_root\"},"};
	struct hull_image_config c = read_config(p);

	(void)state;
	assert_string_equal(c.command_line, "fips=1 quiet");
	assert_string_equal(c.verity.name, "verity_root");
	hull_config_fini(&c);
	expect_warnings(p, (const char *const[]){":6:24: EnableFIPS: puts fips=1", NULL});
	expect_errors(
		(struct parts){
			.system = "\"ReadOnlyVerityRoot\": {\"Enable\": true, \"Name\": \"a,b\"},"},
		(const char *const[]){":6:49: Name: 'a,b' has more than", NULL});
}

static void an_esp_may_grow(void **state)
{
	struct parts p = {.partitions = ESP(9) ", " ROOT(9)};
	struct hull_image_config c = read_config(p);

	(void)state;
	assert_true(c.partitions[0].grows);
	assert_int_equal(c.partitions[0].size_mib, 8);
	assert_false(c.partitions[1].grows);
	hull_config_fini(&c);
	expect_warnings(p, (const char *const[]){
				   ":3:17: partition e: an ESP of 8 MiB holds no FAT32", NULL});
	expect_warnings((struct parts){0}, (const char *const[]){NULL});
}

static void scripts_are_read_in_their_order(void **state)
{
	struct hull_image_config c = read_config((struct parts){
		.system =
			"\"FinalizeImageScripts\": [{\"Path\": \"plain.sh\"}],"
			" \"PostInstallScripts\": [{\"Path\": \"post.sh\", \"Args\": \" a  b \"}, {\"Path\": \"env.sh\"}],"});
	struct hull_strv errors = {0};
	struct hull_err e = {0};

	(void)state;
	assert_int_equal(c.nscripts, 3);
	assert_string_equal(c.scripts[0].member, "PostInstallScripts");
	assert_string_equal(c.scripts[0].path, "post.sh");
	assert_string_equal(c.scripts[0].program[0], "/bin/bash");
	assert_string_equal(c.scripts[0].program[1], "-e");
	assert_null(c.scripts[0].program[2]);
	assert_string_equal(c.scripts[0].arguments[0], "a");
	assert_string_equal(c.scripts[0].arguments[1], "b");
	assert_string_equal(c.scripts[0].body, "#!/bin/bash -e\necho \"$1\"\n");
	assert_string_equal(c.scripts[1].program[0], "/usr/bin/env");
	assert_string_equal(c.scripts[1].program[1], "bash");
	assert_string_equal(c.scripts[2].path, "plain.sh");
	assert_string_equal(c.scripts[2].program[0], "/bin/sh");
	assert_int_equal(hull_config_refuse_scripts(&c, &errors, &e), -1);
	assert_int_equal(errors.n, 3);
	assert_non_null(strstr(
		e.msg,
		"/c.json:6:73: PostInstallScripts: post.sh: scripts run with --scriptlets=sandbox only"));
	assert_string_equal(errors.v[0], e.msg);
	hull_strv_fini(&errors);
	hull_config_fini(&c);
}

static void scripts_that_cannot_be_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"{\"Path\": \"missing\"}", ":6:34: "},
		{"{\"Path\": \"empty.sh\"}", ":6:34: Path: "},
		{"{\"Path\": \"/etc/passwd\"}", ":6:34: Path: '/etc/passwd' is outside of the"},
		{"{\"Path\": \"relative.sh\"}", ":6:34: Path: "},
		{"{\"Args\": \"a\"}", ":6:25: PostInstallScripts: a script without a Path"},
		{"{\"Path\": \"post.sh\", \"Args\": \"a b c\"}", ":6:53: Args: more than 2 words"},
		{"{\"Path\": \"post.sh\", \"Args\": \"$HOME\"}", ":6:53: Args: words are"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *text =
			hull_asprintf("\"PostInstallScripts\": [%s],", cases[i][0]);

		expect_errors((struct parts){.system = text},
			      (const char *const[]){cases[i][1], NULL});
	}
}

static void expect_file(const struct hull_added_file *f, const char *destination, const char *text,
			int permissions)
{
	assert_string_equal(f->destination, destination);
	assert_int_equal(f->source->fd, -1);
	assert_int_equal(f->source->text_bytes, strlen(text));
	assert_memory_equal(f->source->text, text, strlen(text));
	assert_int_equal(f->permissions, permissions);
}

static void directories_and_contents_are_files(void **state)
{
	struct parts p = {
		.system =
			"\"AdditionalFiles\": {\"tree\": [\"/opt\", {\"Path\": \"/srv\", \"Permissions\": \"600\"}],"
			" \"a label\": {\"Path\": \"/etc/motd\", \"Content\": \"hello\\n\"},"
			" \"none\": {\"Path\": \"/etc/none\", \"Content\": \"\"}},"};
	struct hull_image_config c = read_config(p), d;

	(void)state;
	assert_int_equal(c.nfiles, 6);
	expect_file(&c.files[0], "/opt/a", "one", -1);
	expect_file(&c.files[1], "/opt/b/c", "two", -1);
	expect_file(&c.files[2], "/srv/a", "one", 0600);
	expect_file(&c.files[3], "/srv/b/c", "two", 0600);
	expect_file(&c.files[4], "/etc/motd", "hello\n", -1);
	expect_file(&c.files[5], "/etc/none", "", -1);
	put("tree/b/c", "TWO");
	d = read_config(p);
	assert_string_not_equal(c.digest, d.digest);
	put("tree/b/c", "two");
	hull_config_fini(&c);
	hull_config_fini(&d);
	expect_errors(
		(struct parts){
			.system = "\"AdditionalFiles\": {\"blank\": \"/opt\", \"gone\": \"/x\"},"},
		(const char *const[]){":6:22: AdditionalFiles: ", ":6:39: ", NULL});
	expect_errors(
		(struct parts){.system = "\"AdditionalFiles\": {\"tree\": [\"/opt\", \"/opt\"]},"},
		(const char *const[]){":6:39: AdditionalFiles: two files for /opt/a", NULL});
}

static void menus_of_installers_are_called_so(void **state)
{
	static const char *const cases[][2] = {
		{"{\"SystemConfigs\": [{}, {}]}",
		 ":1:20: SystemConfigs: 2 systems and no Disks: the menu of an ISO's installer"},
		{"{\"SystemConfigs\": [{}]}",
		 ":1:1: Disks: there is none, so no artifact: an ISO's"},
		{"[]", ":1:1: the file: an object was expected"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *path = hull_asprintf("%s/menu.json", top);
		struct hull_image_config c;
		struct hull_err e = {0};

		put("menu.json", cases[i][0]);
		assert_int_equal(hull_config_read(path, "x86_64", false, &c, &e), -1);
		if (!hull_starts(e.msg + strlen(path), cases[i][1]))
			fail_msg("%s", e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_errors_are_told),
		cmocka_unit_test(what_follows_from_an_error_is_not_one),
		cmocka_unit_test(read_names_the_first_and_counts_the_others),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(what_others_write_has_a_name),
		cmocka_unit_test(yaml_is_called_yaml),
		cmocka_unit_test(names_are_read_in_any_case),
		cmocka_unit_test(what_asks_for_nothing_is_accepted),
		cmocka_unit_test(fips_and_the_name_of_the_root_are_taken),
		cmocka_unit_test(an_esp_may_grow),
		cmocka_unit_test(scripts_are_read_in_their_order),
		cmocka_unit_test(scripts_that_cannot_be_are_refused),
		cmocka_unit_test(directories_and_contents_are_files),
		cmocka_unit_test(menus_of_installers_are_called_so),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
