// SPDX-License-Identifier: MIT
/* The filters of system calls, run here. That the kernel does the same, test_sandbox_reach shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "seccomp/filter.h"
#include "seccomp_calls.h"

/* What the kernel would do with a program of these, which libseccomp makes: loads, jumps, ands. */
static uint32_t interpret(const struct hull_filter *f, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < f->n; at++) {
		const struct sock_filter *i = &f->code[at];
		bool taken = false;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)data + i->k, sizeof a);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			at += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			taken = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			taken = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			taken = a >= i->k;
			break;
		default:
			fail_msg("instruction %x", i->code);
		}
		at += taken ? i->jt : i->jf;
	}
	fail_msg("no end");
	return 0;
}

static int answer(const struct hull_filter filters[HULL_FILTERS], const struct seccomp_data *data)
{
	int error = TRAPPED;

	for (int i = 0; i < HULL_FILTERS; i++) {
		uint32_t r = interpret(&filters[i], data);

		if (r == SECCOMP_RET_ALLOW)
			continue;
		assert_int_equal(r & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
		error = (int)(r & SECCOMP_RET_DATA);
	}
	return error;
}

static void test_lists(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct hull_filter filters[HULL_FILTERS];
		struct hull_arena a = {0};
		struct hull_err e;
		int wrong = 0;

		assert_int_equal(hull_filters_make(archs[i], &a, filters, &e), 0);
		for (int call = 0; call < CALLS; call++) {
			struct seccomp_data data = {.nr = call, .arch = archs[i], .args = {1}};

			if (answer(filters, &data) == expected(archs[i], call))
				continue;
			print_error("%x: call %d: %s\n", archs[i], call,
				    strerror(answer(filters, &data)));
			wrong++;
		}
		assert_int_equal(wrong, 0);
		for (int call = 0; call < CALLS; call++) {
			struct seccomp_data data = {
				.nr = call, .arch = AUDIT_ARCH_I386, .args = {1}};

			assert_int_equal(answer(filters, &data), ENOSYS);
		}
		hull_arena_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
