# A clean image for the tests of hull audit, and what is planted in copies of it.
# shellcheck shell=bash disable=SC2154,SC2119,SC2120 # status and output are set by bats' run; arguments are given in audit.bats

# flags of a program in which nothing is found; the C library of the host may lack marks for CET
hardened=(-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fcf-protection -fPIE -pie '-Wl,-z,relro,-z,now,-z,noexecstack' '-Wl,-z,ibt,-z,shstk')

# program OUTPUT FLAGS...: a program with enough code, arrays and output for every check to speak of it
program_in_c() {
	local out=$1 i
	shift
	if [ ! -e "$BATS_RUN_TMPDIR/program.c" ]; then
		{
			echo '#include <stdio.h>'
			echo '#include <string.h>'
			for i in $(seq 100); do
				echo "int f$i(const char *s) { char b[64]; strncpy(b, s, 60); b[60] = 0; return snprintf(b, sizeof b, \"%s$i%zu\", s, strlen(s)) + b[3]; }"
			done
			echo 'int main(int argc, char **argv) { int n = argc; for (int k = 0; k < argc; k++) {'
			for i in $(seq 100); do echo "n += f$i(argv[k]);"; done
			printf '%s\n' '} return printf("%d\n", n) < 0; }'
		} >"$BATS_RUN_TMPDIR/program.c.$$"
		mv "$BATS_RUN_TMPDIR/program.c.$$" "$BATS_RUN_TMPDIR/program.c"
	fi
	gcc -w -o "$out" "$BATS_RUN_TMPDIR/program.c" "$@"
}

# a .config with which every check of kernel/hardening.checks holds
good_kernel_config() {
	echo '# Linux/x86 6.12.0 Kernel Configuration'
	awk '!/^#/ && NF { sub(/^[a-z]+ /, ""); sub(/ *\|.*/, ""); n = split($0, term, / *& */)
		for (i = 1; i <= n; i++) if (term[i] !~ /^LINUX=|=n$/) print "CONFIG_" term[i] }' \
		"$BATS_TEST_DIRNAME/../../kernel/hardening.checks" | sort -u
}

# the recommended kernel parameters
good_sysctl() {
	awk '!/^#/ && NF { sub(/\|.*|^>=/, "", $2); sub(/>=/, "", $2); print $1 " = " $2 }' "$BATS_TEST_DIRNAME/../../kernel/sysctl.checks"
}

audit_packages() {
	program_in_c tool "${hardened[@]}"
	good_kernel_config >kernel.config
	good_sysctl >sysctl.conf
	package tools <<-EOF
		%global _build_id_links none
		AutoReq: no
		Requires: filesystem
		%description
		Tools.
		%install
		mkdir -p %{buildroot}/usr/{bin,lib/sysctl.d,lib/modules/6.0-test}
		cp $PWD/tool %{buildroot}/usr/bin/tool
		cp $PWD/tool %{buildroot}/usr/bin/other
		ln -s tool %{buildroot}/usr/bin/alias
		cp $PWD/sysctl.conf %{buildroot}/usr/lib/sysctl.d/50-good.conf
		cp $PWD/kernel.config %{buildroot}/usr/lib/modules/6.0-test/config
		%files
		/usr/bin/*
		/usr/lib/sysctl.d/50-good.conf
		/usr/lib/modules/6.0-test/config
	EOF
}

# the repository of both, made once a run
audit_repo() {
	local made="$BATS_RUN_TMPDIR/audit"
	if [ ! -e "$made/repo/repodata/repomd.xml" ]; then
		rm -rf "$made"
		mkdir -p "$made"
		(
			cd "$made" || exit
			system_packages
			sed 's/ %caps(cap_net_raw=ep)//; 1,/^License/d' specs/init.spec >init.body
			package init <init.body
			audit_packages
			index
		)
	fi
	rm -rf repo
	cp -r "$made/repo" repo
}

audit_config() { # a filter, as config has it
	config ".SystemConfigs[0] += { Packages: [\"init\", \"tools\"], Identity: { ID: \"hull\", VersionID: \"1\", Name: \"Test\" } } | (${1:-.})"
}

# out/disk.raw, made once a run when nothing is different
audit_image() {
	local made="$BATS_RUN_TMPDIR/audit/disk.raw"
	audit_repo
	audit_config
	mkdir -p out
	if [ ! -e "$made" ]; then
		image config.json
		cp --sparse=always out/disk.raw "$made"
	fi
	cp --sparse=always "$made" out/disk.raw
}

# plant: commands of debugfs on stdin, carried out in the root partition of out/disk.raw
plant() {
	local start size
	read -r start size < <(sgdisk -i 2 out/disk.raw | awk '/First sector/ { f = $3 } /Partition size/ { s = $3 } END { print f, s }')
	dd if=out/disk.raw of=part2 bs=512 skip="$start" count="$size" conv=sparse status=none
	debugfs -w -f /dev/stdin part2 >plant.log 2>&1
	dd if=part2 of=out/disk.raw bs=512 seek="$start" conv=notrunc status=none
}

# audit OPTIONS...: the findings of out/disk.raw in audit.json
audit() { hull audit --json out/disk.raw "$@" >audit.json; }

# found [jq FILTER]: lines "severity id object" of what was not accepted, without what is for information and what every audit without --vulndb says
found() { jq -r ".findings[] | select(.severity != \"info\" and .id != \"HULL-VULNDB-MISSING\") | ${1:-.} | \"\\(.severity) \\(.id) \\(.object)\"" audit.json; }

# exactly: what was found is the lines on stdin, in any order
exactly() {
	diff <(LC_ALL=C sort) <(found "$@" | LC_ALL=C sort)
}

# empty_package NAME LICENSE
empty_package() {
	mkdir -p specs
	printf '%s\n' "Name: $1" 'Version: 1.0' 'Release: 1' 'Summary: x' "License: $2" 'BuildArch: noarch' '%description' 'x' '%files' >"specs/$1.spec"
	SOURCE_DATE_EPOCH=1700000000 rpmbuild -bb --quiet --define "_topdir $PWD/rpmbuild" --define "_rpmdir $PWD/repo" --define '_rpmfilename %{NAME}.rpm' "specs/$1.spec" >&2
}
