// SPDX-License-Identifier: MIT
#include <fnmatch.h>
#include <string.h>

#include "check/check.h"

struct weakness {
	const char *pattern; /* of one option */
	enum hull_severity severity;
	const char *reason;
};

static const struct weakness weaknesses[] = {
	{"mitigations=off", HULL_HIGH, "switches off every defence against faults of processors"},
	{"nopti", HULL_HIGH, "user programs may read kernel memory (Meltdown)"},
	{"pti=off", HULL_HIGH, "user programs may read kernel memory (Meltdown)"},
	{"nospectre_v[12]", HULL_HIGH, "no defence against Spectre"},
	{"spectre_v2=off", HULL_HIGH, "no defence against Spectre"},
	{"spectre_v2_user=off", HULL_MEDIUM, "no defence against Spectre between programs"},
	{"spectre_bhi=off", HULL_MEDIUM, "no defence against branch history injection"},
	{"nospec_store_bypass_disable", HULL_MEDIUM, "no defence against speculative store bypass"},
	{"spec_store_bypass_disable=off", HULL_MEDIUM,
	 "no defence against speculative store bypass"},
	{"l1tf=off", HULL_HIGH, "no defence against L1 terminal fault"},
	{"mds=off", HULL_HIGH, "no defence against microarchitectural data sampling"},
	{"tsx_async_abort=off", HULL_HIGH, "no defence against TSX asynchronous abort"},
	{"mmio_stale_data=off", HULL_MEDIUM, "no defence against MMIO stale data"},
	{"retbleed=off", HULL_HIGH, "no defence against Retbleed"},
	{"srbds=off", HULL_MEDIUM, "no defence against special register data sampling"},
	{"gather_data_sampling=off", HULL_MEDIUM, "no defence against gather data sampling"},
	{"reg_file_data_sampling=off", HULL_MEDIUM, "no defence against register file sampling"},
	{"spec_rstack_overflow=off", HULL_MEDIUM, "no defence against speculative return overflow"},
	{"indirect_target_selection=off", HULL_MEDIUM, "no defence against target selection"},
	{"tsa=off", HULL_MEDIUM, "no defence against transient scheduler attacks"},
	{"kvm.nx_huge_pages=off", HULL_MEDIUM, "a guest can stop the host (iTLB multihit)"},
	{"nokaslr", HULL_MEDIUM, "the kernel lies at addresses that everybody knows"},
	{"norandmaps", HULL_MEDIUM, "programs lie at addresses that everybody knows"},
	{"randomize_kstack_offset=off", HULL_LOW, "kernel stacks lie at fixed offsets"},
	{"randomize_kstack_offset=0", HULL_LOW, "kernel stacks lie at fixed offsets"},
	{"nosmap", HULL_HIGH, "the kernel may be made to read memory of user programs"},
	{"nosmep", HULL_HIGH, "the kernel may be made to run code of user programs"},
	{"noexec=off", HULL_HIGH, "data of programs can be executed"},
	{"ibt=off", HULL_MEDIUM, "no tracking of indirect branches in the kernel"},
	{"nousershstk", HULL_LOW, "no shadow stacks for programs"},
	{"rodata=off", HULL_HIGH, "kernel code and constants stay writable"},
	{"init_on_alloc=0", HULL_LOW, "memory that is given out keeps old content"},
	{"init_on_free=0", HULL_LOW, "freed memory keeps its content"},
	{"hardened_usercopy=off", HULL_MEDIUM, "copies from and to programs are not checked"},
	{"slab_merge", HULL_LOW, "kernel objects of different kinds share memory"},
	{"vsyscall=emulate", HULL_LOW, "a page at a fixed address can be read"},
	{"vsyscall=xonly", HULL_LOW, "a page at a fixed address can be executed"},
	{"vdso32=1", HULL_LOW, "code for 32-bit programs at a fixed address"},
	{"iommu=off", HULL_MEDIUM, "devices may read and write all memory"},
	{"iommu=pt", HULL_LOW, "devices of the host may read and write all memory"},
	{"iommu.passthrough=1", HULL_LOW, "devices of the host may read and write all memory"},
	{"intel_iommu=off", HULL_MEDIUM, "devices may read and write all memory"},
	{"amd_iommu=off", HULL_MEDIUM, "devices may read and write all memory"},
	{"module.sig_enforce=0", HULL_HIGH, "modules without a signature can be loaded"},
	{"loadpin.enforce=0", HULL_MEDIUM, "modules and firmware may come from anywhere"},
	{"lockdown=none", HULL_MEDIUM, "root may change the running kernel"},
	{"apparmor=0", HULL_MEDIUM, "AppArmor is off"},
	{"selinux=0", HULL_MEDIUM, "SELinux is off"},
	{"enforcing=0", HULL_MEDIUM, "SELinux only reports"},
	{"audit=0", HULL_LOW, "nothing is audited"},
	{"ima_appraise=off", HULL_MEDIUM, "signatures of files are not checked"},
	{"debugfs=on", HULL_LOW, "debugging files of the kernel are there"},
	{"kgdb*", HULL_HIGH, "a debugger may stop and change the kernel"},
	{"efi=debug", HULL_LOW, "addresses of the kernel are logged"},
	{"no_hash_pointers", HULL_MEDIUM, "addresses of the kernel are logged"},
	{"hash_pointers=never", HULL_MEDIUM, "addresses of the kernel are logged"},
	{"sysrq_always_enabled*", HULL_MEDIUM, "whoever reaches the console commands the kernel"},
	{"init=*", HULL_HIGH, "another program than /sbin/init starts first"},
	{"rdinit=*", HULL_MEDIUM, "another program starts first"},
	{"single", HULL_HIGH, "starts into a shell"},
	{"emergency", HULL_HIGH, "starts into a shell"},
	{"rescue", HULL_HIGH, "starts into a shell"},
	{"rd.break*", HULL_HIGH, "starts into a shell"},
	{"systemd.unit=rescue.target", HULL_HIGH, "starts into a shell"},
	{"systemd.unit=emergency.target", HULL_HIGH, "starts into a shell"},
	{"systemd.debug[-_]shell*", HULL_CRITICAL, "a root shell without a password on tty9"},
	{"SYSTEMD_SULOGIN_FORCE=1", HULL_HIGH, "the emergency shell asks for no password"},
	{"systemd.set_credential*=passwd.*", HULL_HIGH, "sets a password"},
	{"dm_verity.error_behavior=0", HULL_HIGH, "damaged blocks of the root are let pass"},
};

static void check_option(struct hull_check *c, const char *option)
{
	for (size_t i = 0; i < sizeof weaknesses / sizeof *weaknesses; i++)
		if (fnmatch(weaknesses[i].pattern, option, 0) == 0) {
			hull_findings_add(c->out, "HULL-COMMAND-LINE", HULL_OBJECT_OPTION, option,
					  NULL, "%s", weaknesses[i].reason)
				->severity = weaknesses[i].severity;
			return;
		}
}

int hull_check_command_line(struct hull_check *c, struct hull_err *e)
{
	const char *at = c->s->command_line ? c->s->command_line : "", *word;
	size_t n;

	(void)e;
	while (hull_word(&at, &word, &n)) {
		/* what follows is for init */
		if (n == 2 && !strncmp(word, "--", 2))
			break;
		check_option(c, hull_arena_strndup(&c->arena, word, n));
	}
	return 0;
}
