// SPDX-License-Identifier: MIT
#include "sandbox/facts.h"

#include "base/str.h"

/* What all processors of the architecture have, and a little more elsewhere. */
static const struct fact_source {
	const char *release, *build, *boot_id, *processor;
} machines[HULL_FACTS_MACHINES] = {
	[HULL_FACTS_HERE] =
		{
			.release = "6.12.0",
			.build = "#1 SMP Thu Jan  1 00:00:00 UTC 1970",
			.boot_id = "00000000-0000-4000-8000-000000000000",
#ifdef __x86_64__
			.processor = "vendor_id\t: GenuineIntel\n"
				     "cpu family\t: 15\n"
				     "model\t\t: 6\n"
				     "model name\t: x86-64\n"
				     "stepping\t: 1\n"
				     "cpu MHz\t\t: 2000.000\n"
				     "cache size\t: 1024 KB\n"
				     "flags\t\t: fpu de tsc msr pae cx8 apic cmov pat clflush mmx "
				     "fxsr sse sse2 syscall nx lm\n"
				     "clflush size\t: 64\n"
				     "cache_alignment\t: 64\n",
#else
			.processor = "BogoMIPS\t: 50.00\n"
				     "Features\t: fp asimd\n"
				     "CPU implementer\t: 0x41\n"
				     "CPU architecture: 8\n"
				     "CPU variant\t: 0x0\n"
				     "CPU part\t: 0xd03\n"
				     "CPU revision\t: 4\n",
#endif
		},
	[HULL_FACTS_ELSEWHERE] =
		{
			.release = "6.18.9",
			.build = "#2 SMP Fri Feb  2 12:34:56 UTC 2001",
			.boot_id = "11111111-1111-4111-9111-111111111111",
#ifdef __x86_64__
			.processor =
				"vendor_id\t: AuthenticAMD\n"
				"cpu family\t: 16\n"
				"model\t\t: 4\n"
				"model name\t: another x86-64\n"
				"stepping\t: 2\n"
				"cpu MHz\t\t: 3000.000\n"
				"cache size\t: 512 KB\n"
				"flags\t\t: fpu de tsc msr pae cx8 apic cmov pat clflush mmx fxsr "
				"sse sse2 ht syscall nx lm pni cx16 popcnt lahf_lm\n"
				"clflush size\t: 64\n"
				"cache_alignment\t: 64\n",
#else
			.processor = "BogoMIPS\t: 100.00\n"
				     "Features\t: fp asimd crc32\n"
				     "CPU implementer\t: 0x41\n"
				     "CPU architecture: 8\n"
				     "CPU variant\t: 0x1\n"
				     "CPU part\t: 0xd07\n"
				     "CPU revision\t: 2\n",
#endif
		},
};

static const char *cpuinfo(const struct fact_source *m, int processors, struct hull_arena *a)
{
	hull_autobuf struct hull_buf text = {0};

	for (int i = 0; i < processors; i++)
		hull_buf_addf(&text, "processor\t: %d\n%s\n", i, m->processor);
	return hull_arena_strdup(a, text.p);
}

void hull_facts_make(enum hull_facts_of which, int processors, const char *hostname,
		     struct hull_arena *a, struct hull_fact out[HULL_FACTS])
{
	const struct fact_source *m = &machines[which];
	const struct hull_fact facts[HULL_FACTS] = {
		{"/proc/cpuinfo", cpuinfo(m, processors, a)},
		{"/proc/version",
		 hull_arena_printf(a, "Linux version %s (build@build) %s\n", m->release, m->build)},
		{"/proc/sys/kernel/ostype", "Linux\n"},
		{"/proc/sys/kernel/osrelease", hull_arena_printf(a, "%s\n", m->release)},
		{"/proc/sys/kernel/version", hull_arena_printf(a, "%s\n", m->build)},
		{"/proc/sys/kernel/hostname", hull_arena_printf(a, "%s\n", hostname)},
		{"/proc/sys/kernel/domainname", "(none)\n"},
		{"/proc/sys/kernel/pid_max", "4194304\n"},
		{"/proc/sys/kernel/ngroups_max", "65536\n"},
		{"/proc/sys/kernel/random/boot_id", hull_arena_printf(a, "%s\n", m->boot_id)},
		{"/proc/sys/user/max_user_namespaces", "0\n"}, /* it is so in here */
	};

	for (size_t i = 0; i < HULL_FACTS; i++)
		out[i] = facts[i];
}
