// SPDX-License-Identifier: MIT
/* What a sandbox tells of the machine. */
#include <sys/utsname.h>

#include "sandbox_fixture.h"

/* The machine is one that hull makes up, or another one. */
static void test_facts(void **state)
{
	static const char script[] =
		"cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/osrelease /proc/sys/kernel/hostname; "
		"cut -d' ' -f1-3 /proc/version; grep -c ^processor /proc/cpuinfo; ls /proc/sys; "
		"cd /proc/sys/kernel/random; [ $(cat uuid) != $(cat uuid) ]; echo $?; "
		"a=$(uname -r); b=$$; case $a in 2.6.*) a=old;; esac; "
		"[ $b -lt 1000 ] || b=great; echo $a $b";
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	hull_autofree char *here = NULL;
	struct utsname u;
	struct run r;

	(void)state;
	assert_int_equal(uname(&u), 0);
	here = hull_asprintf("00000000-0000-4000-8000-000000000000\n6.12.0\nbuild\n"
			     "Linux version 6.12.0\n1\nkernel\nuser\n0\n%s 2\n",
			     u.release);
	run_sandbox((struct hull_sandbox){.argv = ARGV(argv), .cores = 1}, &r);
	expect("here", &r, HULL_END_EXIT, 0, here);
	run_sandbox((struct hull_sandbox){.argv = ARGV(argv), .cores = 1, .elsewhere = true}, &r);
	expect("elsewhere", &r, HULL_END_EXIT, 0,
	       "11111111-1111-4111-9111-111111111111\n6.18.9\nbuild\n"
	       "Linux version 6.18.9\n1\nkernel\nuser\n0\nold great\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
