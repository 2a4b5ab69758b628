// SPDX-License-Identifier: MIT
#include "machine/kvm.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#if defined(__x86_64__)
enum { GUEST = 0x1000, BYTES = 0x1000 };

/* Real mode at GUEST, until `hlt`. */
static bool run_code(int cpu, struct kvm_run *run)
{
	struct kvm_regs regs = {.rip = GUEST, .rflags = 2};
	struct kvm_sregs sregs;

	if (ioctl(cpu, KVM_GET_SREGS, &sregs) < 0)
		return false;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	return ioctl(cpu, KVM_SET_SREGS, &sregs) == 0 && ioctl(cpu, KVM_SET_REGS, &regs) == 0 &&
	       ioctl(cpu, KVM_RUN, 0) == 0 && run->exit_reason == KVM_EXIT_HLT;
}

static bool try_machine(int kvm, int vm, uint8_t *memory)
{
	static const uint8_t code[] = {0x9b, 0xdb, 0xe3,  /* fwait; fninit, as firmware begins */
				       0x31, 0xc0, 0xf4}; /* xor ax, ax; hlt */
	struct kvm_userspace_memory_region region = {.guest_phys_addr = GUEST,
						     .memory_size = BYTES,
						     .userspace_addr = (uintptr_t)memory};
	int bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	hull_autofd int cpu = -1;
	struct kvm_run *run;
	bool ok;

	memcpy(memory, code, sizeof code);
	if (bytes < (int)sizeof *run || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return false;
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu < 0)
		return false;
	run = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED)
		return false;
	ok = run_code(cpu, run);
	munmap(run, (size_t)bytes);
	return ok;
}

bool hull_kvm_works(void)
{
	hull_autofd int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm = -1;
	uint8_t *memory;
	bool ok;

	if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return false;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return false;
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	ok = try_machine(kvm, vm, memory);
	munmap(memory, BYTES);
	return ok;
}
#else
bool hull_kvm_works(void)
{
	hull_autofd int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	return kvm >= 0;
}
#endif
