// SPDX-License-Identifier: MIT
#include "machine/qemu.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "machine/console.h"
#include "machine/kvm.h"
#include "machine/qemu_disk.h"

/* What differs between architectures. */
struct machine {
	const char *arch, *program, *package, *type, *firmware_package;
	const char *firmware[3][2]; /* pairs of code and variables, the first that is there */
};

static const struct machine machines[] = {
	{"x86_64",
	 "qemu-system-x86_64",
	 "qemu-system-x86",
	 "q35,smbios-entry-point-type=64",
	 "ovmf",
	 {{"/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
	  {"/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
	  {"/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"}}},
	{"aarch64",
	 "qemu-system-aarch64",
	 "qemu-system-arm",
	 "virt",
	 "qemu-efi-aarch64",
	 {{"/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
	  {"/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
	   "/usr/share/edk2/aarch64/vars-template-pflash.raw"}}},
};

/* Files that the machine opens through /proc, so that they need no names. */
struct machine_files {
	int v[64];
	size_t n;
};

struct machine_run {
	const struct hull_qemu *q;
	const struct machine *machine;
	const char *const *firmware;
	struct hull_strv argv;
	struct machine_files files;
	struct hull_qemu_disk disk;
};

static void arg(struct machine_run *r, const char *option, const char *value)
{
	hull_strv_add(&r->argv, option);
	if (value)
		hull_strv_add(&r->argv, value);
}

/* A file in memory that the machine may read, as a path. */
static char *memory_file(struct machine_run *r, const void *p, size_t n, struct hull_err *e)
{
	int fd = memfd_create("hull", MFD_CLOEXEC);

	if (fd < 0 || r->files.n == sizeof r->files.v / sizeof *r->files.v) {
		hull_fail(e, HULL_FAILED, "too many open files");
		hull_closep(&fd);
		return NULL;
	}
	r->files.v[r->files.n++] = fd;
	if (hull_fd_write(fd, p, n, e) < 0)
		return NULL;
	return hull_asprintf("/proc/%d/fd/%d", (int)getpid(), fd);
}

static const struct machine *find_machine(const char *arch, struct hull_err *e)
{
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (!strcmp(machines[i].arch, arch))
			return &machines[i];
	hull_fail(e, HULL_FAILED, "no machine of architecture %s", arch);
	return NULL;
}

static const char *const *find_firmware(const struct machine *m, struct hull_err *e)
{
	for (size_t i = 0; i < 3; i++) {
		const char *const *pair = m->firmware[i];

		if (pair[0] && hull_exists(AT_FDCWD, pair[0]) && hull_exists(AT_FDCWD, pair[1]))
			return pair;
	}
	hull_fail(e, HULL_FAILED, "UEFI firmware is missing: %s; the Debian package %s has it",
		  m->firmware[0][0], m->firmware_package);
	return NULL;
}

static int add_machine(struct machine_run *r, struct hull_err *e)
{
	const struct hull_qemu *q = r->q;
	struct utsname host;
	bool native = uname(&host) == 0 && !strcmp(host.machine, q->arch);
	bool kvm = q->kvm != HULL_KVM_OFF && native && hull_kvm_works();
	hull_autofree char *machine =
		hull_asprintf("%s,accel=%s", r->machine->type, kvm ? "kvm" : "tcg");

	if (q->kvm == HULL_KVM_ON && !kvm)
		return hull_fail(e, HULL_FAILED, "no hardware acceleration: %s",
				 native ? "/dev/kvm cannot be opened, or does not work"
					: "the machine is of another architecture");
	arg(r, r->machine->program, NULL);
	arg(r, "-nodefaults", NULL);
	arg(r, "-no-user-config", NULL);
	arg(r, "-machine", machine);
	arg(r, "-cpu", "max");
	arg(r, "-m", NULL);
	hull_strv_addf(&r->argv, "%lluM", (unsigned long long)(q->memory_bytes >> 20));
	arg(r, "-smp", NULL);
	hull_strv_addf(&r->argv, "%llu", (unsigned long long)q->cpus);
	arg(r, "-display", "none");
	arg(r, "-chardev", "stdio,id=console,signal=on");
	arg(r, "-serial", "chardev:console");
	arg(r, "-device", "virtio-rng-pci");
	return 0;
}

/* The firmware, with variables of its own. */
static int add_firmware(struct machine_run *r, struct hull_err *e)
{
	hull_autobuf struct hull_buf variables = {0};
	hull_autofree char *path = NULL;

	if (hull_file_read(AT_FDCWD, r->firmware[1], &variables, e) < 0)
		return -1;
	path = memory_file(r, variables.p, variables.n, e);
	if (!path)
		return -1;
	arg(r, "-drive", NULL);
	hull_strv_addf(&r->argv, "if=pflash,unit=0,format=raw,readonly=on,file=%s", r->firmware[0]);
	arg(r, "-drive", NULL);
	hull_strv_addf(&r->argv, "if=pflash,unit=1,format=raw,file=%s", path);
	return 0;
}

static void add_network(struct machine_run *r)
{
	arg(r, "-netdev", NULL);
	if (r->q->ssh_port)
		hull_strv_addf(&r->argv, "user,id=net,hostfwd=tcp:127.0.0.1:%llu-:22",
			       (unsigned long long)r->q->ssh_port);
	else
		hull_strv_add(&r->argv, "user,id=net");
	arg(r, "-device", "virtio-net-pci,netdev=net,romfile=");
}

/* In options of QEMU a comma stands for the end of a value, two for one. */
static char *escape(const char *value)
{
	struct hull_buf s = {0};

	for (; *value; value++) {
		if (*value == ',')
			hull_buf_addc(&s, ',');
		hull_buf_addc(&s, *value);
	}
	return hull_buf_steal(&s);
}

static int add_extra_disks(struct machine_run *r, struct hull_err *e)
{
	for (size_t i = 0; i < r->q->extra_disks.n; i++) {
		const char *path = r->q->extra_disks.v[i];
		hull_autofree char *file = escape(path);
		hull_autofree char *serial = escape(hull_basename(path));

		if (access(path, R_OK) < 0)
			return hull_fail_errno(e, "%s", path);
		arg(r, "-drive", NULL);
		hull_strv_addf(&r->argv, "if=none,id=extra%zu,format=raw,readonly=on,file=%s", i,
			       file);
		arg(r, "-device", NULL);
		hull_strv_addf(&r->argv, "virtio-blk-pci,drive=extra%zu,serial=%.20s", i, serial);
	}
	return 0;
}

/* A string of SMBIOS type 11, in a file: its length and its commas do not matter so. */
static int add_smbios(struct machine_run *r, const struct hull_buf *text, struct hull_err *e)
{
	hull_autofree char *path = memory_file(r, text->p, text->n, e);

	if (!path)
		return -1;
	arg(r, "-smbios", NULL);
	hull_strv_addf(&r->argv, "type=11,path=%s", path);
	return 0;
}

static void add_base64(struct hull_buf *out, const void *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)b[i] << 16 | (i + 1 < n ? (unsigned)b[i + 1] << 8 : 0) |
			     (i + 2 < n ? b[i + 2] : 0);

		hull_buf_addc(out, digits[v >> 18]);
		hull_buf_addc(out, digits[v >> 12 & 63]);
		hull_buf_addc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		hull_buf_addc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

static int add_credential(struct machine_run *r, const char *credential, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0}, content = {0};
	const char *equals = strchr(credential, '=');
	size_t name = equals ? (size_t)(equals - credential) : 0;

	if (!name || strcspn(credential, "/: \t\n") < name)
		return hull_fail(e, HULL_USAGE, "credential '%s' is not NAME=VALUE or NAME=@FILE",
				 credential);
	if (equals[1] != '@')
		hull_buf_adds(&content, equals + 1);
	else if (hull_file_read(AT_FDCWD, equals + 2, &content, e) < 0)
		return hull_wrap(e, "credential %.*s: ", (int)name, credential);
	hull_buf_addf(&text, "io.systemd.credential.binary:%.*s=", (int)name, credential);
	add_base64(&text, content.p, content.n);
	return add_smbios(r, &text, e);
}

static int add_strings(struct machine_run *r, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < r->q->credentials.n; i++)
		if (add_credential(r, r->q->credentials.v[i], e) < 0)
			return -1;
	if (!r->q->kernel_command_line || !*r->q->kernel_command_line)
		return 0;
	hull_buf_addf(&text, "io.systemd.stub.kernel-cmdline-extra=%s", r->q->kernel_command_line);
	return add_smbios(r, &text, e);
}

/* Asks the machine to end, then makes it. */
static int stop(pid_t pid, struct hull_err *e)
{
	static const struct timespec tick = {.tv_nsec = 20 * 1000 * 1000};
	siginfo_t info = {0};

	kill(pid, SIGTERM);
	for (int i = 0; i < 250; i++) {
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid)
			return hull_wait(pid, e);
		nanosleep(&tick, NULL);
	}
	kill(pid, SIGKILL);
	return hull_wait(pid, e);
}

/* Why a machine that ended by itself did: its own words, if it says that it failed. */
static int check_end(const struct machine_run *r, int status, int messages, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0}, quoted = {0};

	if (status <= 0)
		return status;
	if (lseek(messages, 0, SEEK_SET) < 0 || hull_fd_read(messages, &text, e) < 0)
		return hull_fail(e, HULL_FAILED, "%s: status %d", r->machine->program, status);
	hull_buf_quote(&quoted, text.n ? text.p : "");
	return hull_fail(e, HULL_FAILED, "%s: status %d%-s", r->machine->program, status, quoted.p);
}

static int watch(const struct machine_run *r, pid_t pid, int console, int messages,
		 struct hull_err *e)
{
	struct hull_console c = {.from = console,
				 .echo = r->q->echo,
				 .log = r->q->log,
				 .expect = &r->q->expect,
				 .timeout_ms = r->q->timeout_ms};
	bool ended;
	int result = hull_console_watch(&c, &ended, e);

	if (!ended)
		stop(pid, NULL);
	else if (check_end(r, hull_wait(pid, e), messages, e) < 0)
		return -1;
	return result;
}

static int start(struct machine_run *r, struct hull_err *e)
{
	hull_autofd int messages = memfd_create("messages", MFD_CLOEXEC), input = -1;
	hull_autofd int console = -1, theirs = -1;
	struct hull_spawn s = {.argv = r->argv.v, .err = messages};
	struct hull_err why;
	int pair[2];
	pid_t pid;

	if (messages < 0 || pipe2(pair, O_CLOEXEC) < 0)
		return hull_fail_errno(e, "console");
	console = pair[0];
	theirs = pair[1];
	s.out = theirs;
	if (r->q->input) {
		input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		s.in = input > 0 ? input : 0;
	}
	pid = hull_spawn(&s, &why);
	if (pid < 0 && why.sys == ENOENT)
		return hull_fail(e, HULL_FAILED, "%s is missing; the Debian package %s has it",
				 r->machine->program, r->machine->package);
	if (pid < 0)
		return hull_fail_as(e, &why);
	close(hull_steal_fd(&theirs));
	return watch(r, pid, console, messages, e);
}

static int run(struct machine_run *r, struct hull_err *e)
{
	struct termios terminal;
	bool is_terminal = r->q->input && tcgetattr(STDIN_FILENO, &terminal) == 0;
	int result;

	r->machine = find_machine(r->q->arch, e);
	if (!r->machine)
		return -1;
	r->firmware = find_firmware(r->machine, e);
	if (!r->firmware)
		return -1;
	if (add_machine(r, e) < 0 || add_firmware(r, e) < 0 ||
	    hull_qemu_disk_open(r->q, &r->disk, &r->argv, e) < 0)
		return -1;
	add_network(r);
	if (add_extra_disks(r, e) < 0 || add_strings(r, e) < 0)
		return -1;
	result = start(r, e);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);
	return result;
}

int hull_qemu_run(const struct hull_qemu *q, struct hull_err *e)
{
	struct machine_run r = {.q = q, .disk = {-1, -1}};
	int result = run(&r, e);

	for (size_t i = 0; i < r.files.n; i++)
		close(r.files.v[i]);
	hull_qemu_disk_close(&r.disk);
	hull_strv_fini(&r.argv);
	return result;
}
