#!/usr/bin/env bats
# The kernel's configuration: what the checks of kernel/check.awk find, and that the build has it all.

load helper

# check WHAT: check.awk over a small Kconfig and .config; fragments, checks and exceptions are files beside it
check() {
	cat >Kconfig <<-'END'
		config NET
			bool "Networking"
			help
			  if unsure, say Y
		if NET
		config INET
			bool "TCP/IP"
		config IPSET
			tristate "Sets"
			depends on INET && \
				NETFILTER
		config VETH
			tristate "Pairs"
		endif
		config NETFILTER
			bool "Filters"
		config EXPERT
			bool "Experts"
		config LEVEL
			int "Level"
	END
	printf '%s\n' '# Linux/x86 6.12.107 Kernel Configuration' 'CONFIG_NET=y' 'CONFIG_INET=y' \
		'CONFIG_VETH=m' '# CONFIG_NETFILTER is not set' 'CONFIG_LEVEL=3' 'CONFIG_EXPERT=y' >.config
	touch a.config b.config checks exceptions
	run awk -f "$BATS_TEST_DIRNAME/../../kernel/check.awk" role=kconfig Kconfig role=config .config \
		role=fragment a.config b.config role=checks checks role=exceptions exceptions
}

@test "what was asked for and is there passes, with numbers" {
	printf '%s\n' '# a comment' 'CONFIG_NET=y' 'CONFIG_LEVEL=3' '# CONFIG_NETFILTER is not set' >a.config
	printf '%s\n' 'kspp NET=y' 'khc GONE=n' >checks
	check
	[ "$status" -eq 0 ]
	[ "$output" = "kernel configuration: 4 options on, 3 asked for; 2 of 2 hardening checks hold (1 of them because this kernel has no such option)" ]
}

@test "a symbol that does not exist is named with its line" {
	printf '%s\n' 'CONFIG_NET=y' 'CONFIG_NETT=y' >a.config
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "a.config:2: CONFIG_NETT=y: this kernel has no such symbol" ]
}

@test "switching off what does not exist is an error too" {
	echo '# CONFIG_NETT is not set' >a.config
	check
	[ "$status" -eq 1 ]
	[[ $output == *"a.config:1: CONFIG_NETT=n: this kernel has no such symbol"* ]]
}

@test "a fragment that another one overrules is named with both lines" {
	echo 'CONFIG_VETH=y' >a.config
	printf '\nCONFIG_VETH=m\n' >b.config
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "a.config:1: CONFIG_VETH=y is overruled by b.config:2, which asks for m" ]
}

@test "an unmet dependency is named, also over an if and two lines" {
	echo 'CONFIG_IPSET=m' >a.config
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "a.config:1: CONFIG_IPSET=m became n: it depends on INET && NETFILTER (INET=y NETFILTER=n)" ]
}

@test "a value that is another one, and one that cannot be switched off" {
	printf '%s\n' 'CONFIG_LEVEL=4' '# CONFIG_EXPERT is not set' >a.config
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "a.config:1: CONFIG_LEVEL=4 became 3" ]
	[ "${lines[1]}" = "a.config:2: CONFIG_EXPERT=n became y: something selects it, or it cannot be switched off" ]
}

@test "a line that is no configuration is an error" {
	echo 'CONFIG_NET = y' >a.config
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "a.config:1: not a line of a configuration: CONFIG_NET = y" ]
}

@test "a check that fails needs a reason, and a reason needs a check that fails" {
	printf '%s\n' 'kspp NETFILTER=y' 'kspp NET=y' >checks
	printf '%s\n' 'NET' '	because' 'GONE' '	because' >exceptions
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "hardening: NETFILTER=y (kspp) does not hold, NETFILTER is n, and has no reason in exceptions" ]
	[ "${lines[1]}" = "exceptions:1: NET is excepted, but its check holds: NET=y" ]
	[ "${lines[2]}" = "exceptions:3: GONE is excepted, but nothing checks it" ]
	echo 'NETFILTER' >exceptions
	check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "exceptions:1: NETFILTER is excepted without a reason" ]
	printf '%s\n' 'NETFILTER' '	No filters in a test.' >exceptions
	check
	[ "$status" -eq 0 ]
}

@test "and, or, versions in checks" {
	printf '%s\n' 'khc NETFILTER=y | NET=y & INET=y' 'khc OLD=y | LINUX=6.12.9' >checks
	check
	[ "$status" -eq 0 ]
	printf '%s\n' 'khc NETFILTER=y & NET=y | VETH=y' 'khc OLD=y | LINUX=6.13' >checks
	check
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *"NETFILTER is n"* ]]
	[[ ${lines[1]} == *"OLD is n"* ]]
}

@test "every file of kernel/ is a source of the kernel's spec" {
	cd "$BATS_TEST_DIRNAME/../.."
	for file in kernel/*; do
		name=${file#kernel/}
		[ "$name" != sysctl.checks ] || continue # hull audit's
		[ "$(readlink "$file")" = "../SPECS/kernel/$name" ]
		grep -q "^Source[0-9]*: *$name\$" SPECS/kernel/kernel.spec
	done
}
