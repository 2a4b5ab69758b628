// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/command.h"
#include "machine/qemu.h"

struct boot_options {
	const char *disk, *kvm, *log, *kernel_command_line;
	uint64_t size_bytes, memory_bytes, cpus, ssh_port, timeout_seconds;
	struct hull_strv expect, credentials, extra_disks;
};

#define AT(member) offsetof(struct boot_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_STRING, "disk", 0, AT(disk), "KIND",
	 "what the disk is attached as: virtio, scsi, nvme or ahci (default: virtio)"},
	{HULL_OPT_SIZE, "size", 0, AT(size_bytes), "SIZE",
	 "size of the disk that the machine sees (default: that of the image)"},
	{HULL_OPT_LIST, "extra-disk", 0, AT(extra_disks), "FILE",
	 "another disk, read-only, raw; its serial number is the file's name (repeatable)"},
	{HULL_OPT_SIZE, "memory", 'm', AT(memory_bytes), "SIZE",
	 "memory of the machine (default: 1G)"},
	{HULL_OPT_COUNT, "cpus", 'c', AT(cpus), "N", "processors of the machine (default: 2)"},
	{HULL_OPT_COUNT, "ssh-port", 0, AT(ssh_port), "PORT",
	 "port of this host that leads to port 22 of the machine"},
	{HULL_OPT_SECONDS, "timeout", 0, AT(timeout_seconds), "TIME",
	 "end the machine after this time, and fail (default: never)"},
	{HULL_OPT_LIST, "expect", 'e', AT(expect), "TEXT",
	 "end the machine when this text appears on the console (repeatable: in this order)"},
	{HULL_OPT_LIST, "credential", 0, AT(credentials), "NAME=VALUE",
	 "a credential for systemd; a VALUE @FILE is read from that file (repeatable)"},
	{HULL_OPT_STRING, "kernel-command-line", 0, AT(kernel_command_line), "WORDS",
	 "words to add to the kernel command line (with the EFI stub of systemd 254 or later)"},
	{HULL_OPT_FILE, "log", 0, AT(log), "FILE", "also write the console to a file"},
	{HULL_OPT_STRING, "kvm", 0, AT(kvm), "WHEN",
	 "hardware acceleration: auto, on or off (default: auto)"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	*(struct boot_options *)o = (struct boot_options){
		.disk = "virtio", .kvm = "auto", .memory_bytes = 1ull << 30, .cpus = 2};
}

static void finish(void *o)
{
	struct boot_options *options_ = o;

	hull_strv_fini(&options_->expect);
	hull_strv_fini(&options_->credentials);
	hull_strv_fini(&options_->extra_disks);
}

static int check_options(const struct boot_options *o, enum hull_qemu_kvm *kvm, struct hull_err *e)
{
	static const char *const when[] = {"auto", "on", "off"};
	size_t i = 0;

	while (i < 3 && strcmp(when[i], o->kvm) != 0)
		i++;
	if (i == 3)
		return hull_fail(e, HULL_USAGE, "--kvm is auto, on or off, not '%s'", o->kvm);
	*kvm = (enum hull_qemu_kvm)i;
	if (o->cpus < 1 || o->cpus > 255)
		return hull_fail(e, HULL_USAGE, "--cpus is from 1 to 255");
	if (o->memory_bytes < 64 << 20)
		return hull_fail(e, HULL_USAGE, "--memory is at least 64M");
	if (o->ssh_port > 65535)
		return hull_fail(e, HULL_USAGE, "--ssh-port is at most 65535");
	for (i = 0; i < o->expect.n; i++)
		if (!*o->expect.v[i])
			return hull_fail(e, HULL_USAGE, "--expect needs a text");
	return 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct boot_options *o = opts;
	const char *temp = hull_env("TMPDIR");
	hull_autofd int log = -1;
	struct hull_qemu q = {
		.arch = ctx->arch,
		.disk = o->disk,
		.size_bytes = o->size_bytes,
		.memory_bytes = o->memory_bytes,
		.cpus = o->cpus,
		.ssh_port = o->ssh_port,
		.credentials = o->credentials,
		.extra_disks = o->extra_disks,
		.kernel_command_line = o->kernel_command_line,
		.temp = temp ? temp : "/var/tmp",
		.input = isatty(STDIN_FILENO),
		.echo = ctx->quiet ? -1 : STDOUT_FILENO,
		.timeout_ms = (int64_t)o->timeout_seconds * 1000,
		.expect = o->expect,
	};

	if (args->n != 1)
		return hull_fail(e, HULL_USAGE, "name one image: hull boot IMAGE");
	if (check_options(o, &q.kvm, e) < 0)
		return -1;
	q.image = args->v[0];
	if (o->log) {
		log = open(o->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (log < 0)
			return hull_fail_errno(e, "%s", o->log);
	}
	q.log = log;
	return hull_qemu_run(&q, e);
}

const struct hull_command hull_cmd_boot = {
	.name = "boot",
	.args = "IMAGE",
	.summary = "a disk image in QEMU, with its serial console in the terminal",
	.description =
		"Starts a machine with UEFI firmware and the image as its disk: raw, vhd, vhdx or "
		"qcow2, also compressed by zstd or gzip. The image is not changed: what the machine "
		"writes goes into a file that disappears with it, as do the variables of the firmware. "
		"It has a network card behind the network of this host. Ctrl-C ends it.\n\n"
		"Without --expect it runs until it switches itself off. With --expect, hull ends it "
		"when all texts have appeared on the serial console, in the order given; if it switches "
		"itself off before, or --timeout is over, that is a failure, exit code 1.\n\n"
		"Without /dev/kvm all of the machine is emulated, some 10 times slower. On a busy host "
		"the kernel's test of its timer may fail then (\"IO-APIC + timer doesn't work\"); "
		"--kernel-command-line no_timer_check leaves it out.\n\n"
		"--credential passes credentials to systemd by SMBIOS strings: systemd.exec(5), "
		"systemd.system-credentials(7). With them, units and accounts can be added to a machine "
		"whose image has none of them.",
	.examples =
		"$ hull boot out/image/container-host.vhdx\n"
		"$ hull boot --expect 'login:' --timeout 90 --disk nvme out/image/container-host.vhdx\n"
		"$ hull boot --credential systemd.extra-unit.test.service=@test.service --size 8G "
		"container-host.vhdx.zst",
	.options = options,
	.options_size = sizeof(struct boot_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
