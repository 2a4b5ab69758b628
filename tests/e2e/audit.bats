#!/usr/bin/env bats
# hull audit: in a clean image nothing is found; of every kind of finding one is planted, and found.
# shellcheck disable=SC2154,SC2016 # hardened is set in audit.bash, stderr by bats; the dollars are of assembler and jq
bats_require_minimum_version 1.5.0
load helper
load image
load audit

@test "nothing is found in a clean image" {
	audit_image
	osv CVE-2026-0001 Hull other '[{ "introduced": "0" }]'
	run -0 hull audit --all --vulndb db out/disk.raw
	expect 0 "0 findings"
	audit --vulndb db
	exactly </dev/null
	jq -e '.format == 1' audit.json
	[ "$(jq -r '.errors | length' audit.json)" = 0 ]
}

@test "files that no package has, and files that are not the package's" {
	audit_image
	echo other >text
	echo 'key=other' >init.conf
	cp /bin/true program
	plant <<-'EOF'
		write text /usr/share/foreign
		write program /usr/bin/foreign
		set_inode_field /usr/bin/foreign mode 0100755
		mkdir /usr/lib/foreign
		write text /usr/lib/foreign/text
		rm /usr/share/text
		write text /usr/share/text
		rm /etc/init.conf
		write init.conf /etc/init.conf
		set_inode_field /etc/init.conf mode 0100640
		rm /usr/share/man/man1/init.1
		rm /usr/bin/other
		rm /usr/bin/alias
		symlink /usr/bin/alias /usr/share/text
		set_inode_field /usr/bin/tool mode 0100700
		set_inode_field /usr/sbin/init uid 12345
		ea_set /usr/bin/tool security.capability "\001\000\000\002\000\040\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		rm /usr/share/locale/de/init.mo
	EOF
	run -3 hull audit out/disk.raw
	expect 3 "fix: " "the package has 0755" "findings: "
	run audit
	exactly 'select(.id | startswith("HULL-FILE"))' <<-'EOF'
		high HULL-FILE-CAPABILITIES /usr/bin/tool
		high HULL-FILE-CHANGED /usr/bin/alias
		high HULL-FILE-CHANGED /usr/share/text
		low HULL-FILE-CONFIG-CHANGED /etc/init.conf
		low HULL-FILE-MISSING /usr/share/locale/de/init.mo
		low HULL-FILE-MISSING /usr/share/man/man1/init.1
		low HULL-FILE-UNOWNED /usr/lib/foreign
		low HULL-FILE-UNOWNED /usr/share/foreign
		medium HULL-FILE-MISSING /usr/bin/other
		medium HULL-FILE-MODE /usr/bin/tool
		medium HULL-FILE-OWNER /etc/init.conf
		medium HULL-FILE-OWNER /usr/sbin/init
		medium HULL-FILE-OWNER /usr/sbin/init-again
		medium HULL-FILE-UNOWNED-CODE /usr/bin/foreign
	EOF
}

@test "set-uid, set-gid, capabilities, what everybody may write to, devices, unknown owners" {
	audit_image
	echo text >text
	plant <<-'EOF'
		set_inode_field /usr/bin/tool mode 0104755
		set_inode_field /usr/bin/other mode 0102755
		ea_set /usr/sbin/init security.capability "\001\000\000\002\000\040\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
		set_inode_field /usr/share/text mode 0100666
		mkdir /var/open
		set_inode_field /var/open mode 040777
		cd /usr/share
		mknod disk b 8 0
		cd /
		set_inode_field /usr/lib/sysusers.d/init.conf uid 4242
		write text /usr/bin/planted
		set_inode_field /usr/bin/planted mode 0104755
	EOF
	run -3 audit
	exactly 'select(.id | startswith("HULL-MODE"))' <<-'EOF'
		high HULL-MODE-DEVICE /usr/share/disk
		high HULL-MODE-SETUID /usr/bin/planted
		high HULL-MODE-STICKY /var/open
		high HULL-MODE-WORLD-WRITABLE /usr/share/text
		low HULL-MODE-CAPABILITIES /usr/sbin/init
		low HULL-MODE-CAPABILITIES /usr/sbin/init-again
		low HULL-MODE-SETGID /usr/bin/other
		low HULL-MODE-SETUID /usr/bin/tool
		medium HULL-MODE-OWNER /usr/lib/sysusers.d/init.conf
	EOF
	[ "$(jq -r '.findings[] | select(.object == "/usr/bin/tool" and .id == "HULL-FILE-MODE") | .severity' audit.json)" = high ]
}

@test "programs and libraries without hardening" {
	audit_repo
	without() { printf '%s\n' "${hardened[@]}" | grep -vE -e "$1"; }
	mapfile -t flags < <(without 'pie|PIE')
	program_in_c weak-pie "${flags[@]}" -fno-pie -no-pie
	mapfile -t flags < <(without relro)
	program_in_c weak-relro "${flags[@]}" -Wl,-z,norelro,-z,now,-z,noexecstack
	program_in_c weak-now "${flags[@]}" -Wl,-z,relro,-z,lazy,-z,noexecstack
	program_in_c weak-stack "${hardened[@]}" -Wl,-z,execstack
	program_in_c weak-protector "${hardened[@]}" -fno-stack-protector
	program_in_c weak-fortify "${hardened[@]}" -U_FORTIFY_SOURCE
	mapfile -t flags < <(without ibt)
	program_in_c weak-cet "${flags[@]}" -fcf-protection=none
	program_in_c weak-rpath "${hardened[@]}" -Wl,-rpath,lib
	program_in_c weak-rpath-home "${hardened[@]}" -Wl,-rpath,/home/me/lib
	program_in_c fine-rpath "${hardened[@]}" -Wl,-rpath,/usr/lib/weak
	# an address in code, which has to be written there when the library is loaded
	printf '.globl f\n.text\nf: movabs $g, %%rax\nret\n.section .note.GNU-stack,"",@progbits\n' >text.s
	gcc -shared -nostdlib -Wl,-z,notext,-z,relro,-z,now,-z,ibt,-z,shstk -o weak-text.so text.s
	program_in_c weak-static "${flags[@]}" -static-pie
	program_in_c tool "${hardened[@]}"
	head -c 1000 tool >weak-cut
	{ head -c 4 tool; printf '\001'; tail -c +6 tool; } >weak-32
	package weak <<-EOF
		%global _build_id_links none
		AutoReq: no
		%description
		Weak.
		%install
		mkdir -p %{buildroot}/usr/libexec/weak
		cp $PWD/weak-* $PWD/fine-* %{buildroot}/usr/libexec/weak
		chmod 755 %{buildroot}/usr/libexec/weak/*
		%files
		/usr/libexec/weak
	EOF
	index
	audit_config '.SystemConfigs[0].Packages += ["weak"]'
	image config.json
	run -3 audit
	exactly <<-'EOF'
		high HULL-ELF-EXECSTACK /usr/libexec/weak/weak-stack
		high HULL-ELF-RPATH /usr/libexec/weak/weak-rpath
		low HULL-ELF-CET /usr/libexec/weak/weak-cet
		low HULL-ELF-CET /usr/libexec/weak/weak-static
		low HULL-ELF-FOREIGN /usr/libexec/weak/weak-32
		low HULL-ELF-FORTIFY /usr/libexec/weak/weak-fortify
		low HULL-ELF-RELRO /usr/libexec/weak/weak-now
		low HULL-ELF-STACK-PROTECTOR /usr/libexec/weak/weak-protector
		medium HULL-ELF-DAMAGED /usr/libexec/weak/weak-cut
		medium HULL-ELF-PIE /usr/libexec/weak/weak-pie
		medium HULL-ELF-RELRO /usr/libexec/weak/weak-relro
		medium HULL-ELF-RPATH /usr/libexec/weak/weak-rpath-home
		medium HULL-ELF-TEXTREL /usr/libexec/weak/weak-text.so
	EOF
	[ "$(jq -r '.findings[] | select(.id == "HULL-ELF-EXEMPT") | .object' audit.json)" = /usr/libexec/weak/weak-static ]
}

@test "accounts, passwords, keys, permissions of their files" {
	audit_image
	cat >passwd <<-'EOF'
		root:x:0:0::/root:/bin/sh
		keeper:x:500:500::/var/lib/keeper:/bin/sh
		toor:x:0:0::/root2:/usr/sbin/nologin
		open:x:1000:1000::/home/open:/bin/sh
		hash:x:1001:1001::/home/hash:/bin/sh
		weak:x:1002:1002::/home/weak:/bin/sh
		twin:x:1002:1002::/home/twin:/bin/sh
	EOF
	cat >group <<-'EOF'
		root:x:0:
		keeper:x:500:
		open:x:1000:
		hash:x:1001:
		weak:x:1002:
	EOF
	cat >shadow <<-'EOF'
		root:*:19000::::::
		keeper:!*:19000::::::
		toor:*:19000::::::
		open::19000::::::
		hash:$6$salt$0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567:19000::::::
		weak:$1$salt$0123456789012345678901:19000::::::
		twin:!:19000::::::
	EOF
	echo 'ssh-ed25519 AAAA me' >keys
	plant <<-'EOF'
		rm /etc/passwd
		write passwd /etc/passwd
		rm /etc/group
		write group /etc/group
		rm /etc/shadow
		write shadow /etc/shadow
		set_inode_field /etc/passwd mode 0100644
		set_inode_field /etc/group mode 0100644
		set_inode_field /etc/shadow mode 0100644
		mkdir /root/.ssh
		write keys /root/.ssh/authorized_keys
	EOF
	run -3 audit
	exactly 'select(.id | startswith("HULL-ACCOUNT"))' <<-'EOF'
		critical HULL-ACCOUNT-PASSWORD-EMPTY open
		high HULL-ACCOUNT-FILE-MODE /etc/shadow
		high HULL-ACCOUNT-PASSWORD-WEAK weak
		high HULL-ACCOUNT-UID0 toor
		low HULL-ACCOUNT-KEY root
		low HULL-ACCOUNT-SHELL keeper
		medium HULL-ACCOUNT-DUPLICATE twin
		medium HULL-ACCOUNT-PASSWORD-SET hash
	EOF
}

@test "account files that are malformed: the rest is told, and that files were not checked" {
	audit_image
	echo 'root:x:zero' >passwd
	echo text >text
	plant <<-'EOF'
		rm /etc/passwd
		write passwd /etc/passwd
		set_inode_field /usr/share/text mode 0100666
	EOF
	run -1 audit
	found | grep -F 'medium HULL-ACCOUNT-MALFORMED /etc/passwd'
	found | grep -F 'high HULL-MODE-WORLD-WRITABLE /usr/share/text'
	jq -r '.errors[]' audit.json | grep -F '/etc/passwd'
}

@test "services, ports, units that are not there" {
	audit_repo
	package daemons <<-'EOF'
		%description
		Daemons.
		%install
		mkdir -p %{buildroot}/usr/lib/systemd/{system,system-preset}
		cd %{buildroot}/usr/lib/systemd/system
		printf '[Unit]\nRequires=multi-user.target\n' >graphical.target
		touch multi-user.target basic.target sysinit.target
		printf '[Unit]\nWants=pulled.service\n' >multi-user.target
		printf '[Unit]\nDescription=x\n' >basic.target
		printf '[Unit]\nDescription=x\n' >sysinit.target
		ln -s graphical.target default.target
		printf '[Service]\nExecStart=-/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n' >ssh.service
		printf '[Service]\nExecStart=/usr/bin/safe\nUser=keeper\n' >pulled.service
		printf '[Socket]\nListenStream=\\\n  8080\nListenDatagram=127.0.0.1:99\nListenStream=/run/x\n[Install]\nWantedBy=multi-user.target\n' >web.socket
		printf '[Service]\nExecStart=/usr/bin/web\nProtectSystem=strict\n' >web.service
		printf '[Service]\nExecStart=/usr/bin/off\n[Install]\nWantedBy=multi-user.target\n' >off.service
		printf 'enable ssh.service\nenable web.socket\ndisable *\n' >../system-preset/10.preset
		%files
		/usr/lib/systemd/system
		/usr/lib/systemd/system-preset/10.preset
	EOF
	index
	audit_config '.SystemConfigs[0].Packages += ["daemons"]'
	image config.json
	plant <<-'EOF'
		cd /etc/systemd/system/multi-user.target.wants
		symlink gone.service /usr/lib/systemd/system/gone.service
	EOF
	run -3 audit
	exactly <<-'EOF'
		low HULL-SERVICE-BROKEN gone.service
		low HULL-SERVICE-PORT ssh.service 22/tcp
		low HULL-SERVICE-PORT web.socket 8080/tcp
	EOF
	diff - <(jq -r '.findings[] | select(.severity == "info") | "\(.id) \(.object)"' audit.json | LC_ALL=C sort) <<-'EOF'
		HULL-SERVICE-PORT web.socket 99/udp
		HULL-SERVICE-SANDBOX ssh.service
		HULL-SERVICE-STARTS pulled.service
		HULL-SERVICE-STARTS ssh.service
		HULL-SERVICE-STARTS web.service
	EOF
}

@test "kernel options, kernel parameters, the command line" {
	audit_image
	sed '/^kernel.kptr_restrict/d; s/^net.ipv4.tcp_syncookies = .*/net.ipv4.tcp_syncookies = 0/' "$BATS_RUN_TMPDIR/audit/sysctl.conf" >sysctl.conf
	sed 's/^CONFIG_RANDOMIZE_BASE=y/# CONFIG_RANDOMIZE_BASE is not set/' "$BATS_RUN_TMPDIR/audit/kernel.config" >mine.config
	echo CONFIG_MODULES=y >>mine.config
	plant <<-'EOF'
		cd /etc
		mkdir sysctl.d
		cd sysctl.d
		write sysctl.conf 50-good.conf
	EOF
	run -3 audit --kernel-config mine.config
	exactly 'select(.kind == "option")' <<-'EOF'
		low HULL-SYSCTL kernel.kptr_restrict
		low HULL-SYSCTL net.ipv4.tcp_syncookies
		medium HULL-KERNEL-CONFIG CONFIG_RANDOMIZE_BASE
	EOF
	# what kernel/exceptions gives a reason for is accepted
	jq -e '.accepted[] | select(.object == "CONFIG_MODULES" and .accepted_by == "kernel/exceptions") | .accepted | length > 20' audit.json
	audit_config '.SystemConfigs[0].KernelCommandLine.ExtraCommandLine = "console=ttyS0 mitigations=off systemd.debug_shell -- mds=off"'
	image config.json
	run -3 audit
	exactly <<-'EOF'
		critical HULL-COMMAND-LINE systemd.debug_shell
		high HULL-COMMAND-LINE mitigations=off
	EOF
	printf 'no configuration\n' >no.config
	run -1 hull audit --kernel-config no.config out/disk.raw
	expect 1 "no.config: not a kernel configuration" "mitigations=off"
}

@test "an image with a kernel and without its configuration" {
	audit_image
	plant <<-'EOF'
		rm /usr/lib/modules/6.0-test/config
	EOF
	run -3 audit
	[ "$(jq -r '.findings[] | select(.id == "HULL-KERNEL-UNKNOWN") | .severity' audit.json)" = info ]
}

@test "licenses and forbidden packages" {
	audit_repo
	empty_package copyleft 'GPL-2.0-only AND (Zlib OR Apache-2.0)'
	empty_package nolicense 'Copyleft Something'
	empty_package strange MIT
	index
	audit_config '.SystemConfigs[0].Packages += ["copyleft", "nolicense", "strange"]'
	image config.json
	printf '# ours\nMIT\nApache-2.0\n' >allowed
	printf 'tele*\nnolic*\n' >forbidden
	run -3 audit --licenses allowed --forbid 'str?nge' --forbid-list forbidden
	exactly <<-'EOF'
		high HULL-PACKAGE-FORBIDDEN nolicense
		high HULL-PACKAGE-FORBIDDEN strange
		low HULL-LICENSE-INVALID nolicense
		medium HULL-LICENSE-NOT-ALLOWED copyleft
	EOF
	jq -r '.findings[] | select(.object == "copyleft") | .reason' audit.json | grep -F 'does not allow GPL-2.0-only'
	echo GPL-2.0-only >>allowed
	audit --licenses allowed || [ "$(found | grep -c copyleft)" = 0 ]
	run -1 hull audit --licenses missing out/disk.raw
	expect 1 "missing"
}

# osv ID ECOSYSTEM NAME EVENTS: a record
osv() {
	mkdir -p db
	jq -n --arg id "$1" --arg ecosystem "$2" --arg name "$3" --argjson events "$4" '{ schema_version: "1.6.0", id: $id, modified: "2026-01-01T00:00:00Z",
		summary: "A fault", database_specific: { severity: "HIGH" },
		affected: [{ package: { ecosystem: $ecosystem, name: $name }, ranges: [{ type: "ECOSYSTEM", events: $events }] }] }' >"db/$1.json"
}

@test "known vulnerabilities from OSV records and OVAL definitions" {
	audit_image
	osv CVE-2026-0001 Hull init '[{ "introduced": "0" }, { "fixed": "1.0-2" }]'
	osv CVE-2026-0002 Hull init '[{ "introduced": "0" }, { "fixed": "1.0-1" }]'
	osv CVE-2026-0003 Debian:13 text '[{ "introduced": "0" }, { "fixed": "1:1.1-1" }]'
	osv CVE-2026-0004 Debian:13 text '[{ "introduced": "0" }, { "fixed": "1.0-3+deb13u1" }]'
	osv CVE-2026-0005 Debian:13 text '[{ "introduced": "0" }, { "fixed": "1.0-1" }]'
	osv CVE-2026-0006 Linux Kernel '[{ "introduced": "0.9" }, { "fixed": "1.2" }]'
	osv CVE-2026-0007 npm text '[{ "introduced": "0" }]'
	osv CVE-2026-0008 Hull:2 init '[{ "introduced": "0" }]'
	osv CVE-2026-0009 "Azure Linux:3" init '[{ "introduced": "0" }]'
	# the distribution itself knows better than the comparison with another one
	osv CVE-2026-0010 Debian:13 init '[{ "introduced": "0" }]'
	jq '.affected += [{ package: { ecosystem: "Hull", name: "init" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.0-1" }] }] }]' \
		db/CVE-2026-0010.json >t
	mv t db/CVE-2026-0010.json
	jq '. + { withdrawn: "2026-02-01T00:00:00Z", id: "CVE-2026-0011" }' db/CVE-2026-0001.json >db/withdrawn.json
	mkdir db/deeper
	cat >db/deeper/oval.xml <<-'EOF'
		<?xml version="1.0" encoding="UTF-8"?>
		<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5">
		  <definitions>
		    <definition id="oval:t:def:1" class="vulnerability" version="1"><metadata><title>CVE-2026-0020: text</title>
		      <affected family="unix"><platform>Hull 1</platform></affected><reference source="CVE" ref_id="CVE-2026-0020"/><severity>Critical</severity></metadata>
		      <criteria operator="AND"><criterion test_ref="oval:t:tst:1"/><criterion test_ref="oval:t:tst:9"/></criteria></definition>
		    <definition id="oval:t:def:2" class="patch" version="1"><metadata><title>x</title>
		      <affected family="unix"><platform>Hull 1</platform></affected><reference source="CVE" ref_id="CVE-2026-0021"/></metadata>
		      <criteria operator="OR"><criterion test_ref="oval:t:tst:2"/></criteria></definition>
		  </definitions>
		  <tests>
		    <lin:rpminfo_test xmlns:lin="l" id="oval:t:tst:1" check="at least one"><lin:object object_ref="oval:t:obj:1"/><lin:state state_ref="oval:t:ste:1"/></lin:rpminfo_test>
		    <lin:rpminfo_test xmlns:lin="l" id="oval:t:tst:2" check="at least one"><lin:object object_ref="oval:t:obj:1"/><lin:state state_ref="oval:t:ste:2"/></lin:rpminfo_test>
		  </tests>
		  <objects><lin:rpminfo_object xmlns:lin="l" id="oval:t:obj:1"><lin:name>text</lin:name></lin:rpminfo_object></objects>
		  <states>
		    <lin:rpminfo_state xmlns:lin="l" id="oval:t:ste:1"><lin:evr datatype="evr_string" operation="less than">0:1.0-9</lin:evr></lin:rpminfo_state>
		    <lin:rpminfo_state xmlns:lin="l" id="oval:t:ste:2"><lin:evr datatype="evr_string" operation="less than">0:0.9-1</lin:evr></lin:rpminfo_state>
		  </states>
		</oval_definitions>
	EOF
	run -3 audit --vulndb db
	exactly <<-'EOF'
		critical HULL-VULNERABILITY text CVE-2026-0020
		high HULL-VULNERABILITY init CVE-2026-0001
		high HULL-VULNERABILITY init CVE-2026-0009
		high HULL-VULNERABILITY kernel CVE-2026-0006
		high HULL-VULNERABILITY text CVE-2026-0003
		low HULL-VULNERABILITY text CVE-2026-0004
	EOF
	jq -r '.findings[] | select(.object | endswith("0003")) | .reason' audit.json | grep -F 'upstream version'
	jq -r '.findings[] | select(.object | endswith("0001")) | .remediation' audit.json | grep -F 'update init to 1.0-2'
	# a file in the wrong format: named with the place, the rest is told
	echo '{ "id": "X", ' >db/broken.json
	echo '{ "name": "no record" }' >db/foreign.json
	echo '<html/>' >db/page.xml
	run -1 --separate-stderr hull audit --vulndb db out/disk.raw
	expect 1 "init CVE-2026-0001"
	for what in 'db/broken.json:' 'db/foreign.json: no OSV record' 'db/page.xml:1:1: no OVAL definitions'; do
		grep -F "$what" <<<"$stderr"
	done
	mkdir empty
	run -1 hull audit --vulndb empty out/disk.raw
	expect 1 "empty: no OSV (*.json) or OVAL (*.xml) file in it"
}

@test "an audit that looks for no known vulnerabilities says so" {
	audit_image
	run -3 hull audit out/disk.raw
	expect 3 HULL-VULNDB-MISSING "1 finding"
	run -3 audit
	[ "$(jq -r '.findings[] | select(.id == "HULL-VULNDB-MISSING") | "\(.severity) \(.object)"' audit.json)" = "low --vulndb" ]
	cat >baseline.json <<-'EOF'
		{ "accepted": [ { "id": "HULL-VULNDB-MISSING", "object": "*", "justification": "the registry looks every night", "expires": "2999-12-31" } ] }
	EOF
	run -0 hull audit --baseline baseline.json out/disk.raw
	expect 0 "0 findings" "1 accepted"
	# the same baseline where somebody looks: the entry is not too much
	osv CVE-2026-0001 Hull other '[{ "introduced": "0" }]'
	run -0 hull audit --baseline baseline.json --vulndb db out/disk.raw
	expect 0 "0 findings"
	jq '.accepted[0].expires = "2020-02-29"' baseline.json >old.json
	run -3 audit --baseline old.json
	[ "$(jq -r '[.findings[] | select(.severity != "info") | .id] | sort | join(" ")' audit.json)" = "HULL-BASELINE-EXPIRED HULL-VULNDB-MISSING" ]
}

@test "VEX documents say what does not apply" {
	audit_image
	for n in 1 2 3 4; do osv CVE-2026-000$n Hull init '[{ "introduced": "0" }]'; done
	cat >open.vex.json <<-'EOF'
		{ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
		  { "vulnerability": { "name": "CVE-2026-0001" }, "products": [{ "@id": "pkg:rpm/hull/init@1.0-1" }], "status": "not_affected", "justification": "vulnerable_code_not_present" },
		  { "vulnerability": { "name": "CVE-2026-0002" }, "products": [{ "@id": "pkg:rpm/hull/init@0.9-1" }], "status": "not_affected", "justification": "component_not_present" },
		  { "vulnerability": { "name": "CVE-2026-0003" }, "products": [{ "@id": "pkg:rpm/hull/init" }], "status": "affected", "action_statement": "wait" } ] }
	EOF
	cat >csaf.json <<-'EOF'
		{ "document": { "category": "csaf_vex", "csaf_version": "2.0" },
		  "product_tree": { "branches": [{ "category": "vendor", "name": "Hull", "branches": [{ "category": "product_version", "name": "init",
		    "product": { "product_id": "P1", "name": "init 1.0", "product_identification_helper": { "purl": "pkg:rpm/hull/init@1.0" } } }] }] },
		  "vulnerabilities": [{ "cve": "CVE-2026-0004", "product_status": { "known_not_affected": ["P1"] },
		    "flags": [{ "label": "vulnerable_code_not_in_execute_path", "product_ids": ["P1"] }] }] }
	EOF
	run -3 audit --vulndb db --vex open.vex.json --vex csaf.json
	exactly <<-'EOF'
		high HULL-VULNERABILITY init CVE-2026-0002
		high HULL-VULNERABILITY init CVE-2026-0003
	EOF
	diff - <(jq -r '.accepted[] | "\(.object): \(.accepted) (\(.accepted_by))"' audit.json | sort) <<-'EOF'
		init CVE-2026-0001: not_affected: vulnerable_code_not_present (open.vex.json)
		init CVE-2026-0004: not affected: vulnerable_code_not_in_execute_path (csaf.json)
	EOF
	echo '{}' >bad.json
	run -1 hull audit --vulndb db --vex bad.json out/disk.raw
	expect 1 "bad.json: neither OpenVEX" "CVE-2026-0001"
}

@test "a baseline accepts findings, with a justification and until a date" {
	audit_image
	plant <<-'EOF'
		set_inode_field /usr/bin/tool mode 0104755
	EOF
	cat >baseline.json <<-'EOF'
		{ "accepted": [
		  { "id": "HULL-MODE-SETUID", "object": "/usr/bin/*", "justification": "it has to be", "expires": "2999-12-31" },
		  { "id": "HULL-FILE-MODE", "object": "/usr/bin/tool", "justification": "until the update", "expires": "2020-02-29" },
		  { "id": "HULL-ELF-PIE", "object": "/usr/bin/gone", "justification": "was so", "expires": "2999-12-31" } ] }
	EOF
	run -3 audit --baseline baseline.json
	exactly <<-'EOF'
		high HULL-FILE-MODE /usr/bin/tool
		low HULL-BASELINE-UNUSED baseline.json:4: HULL-ELF-PIE /usr/bin/gone
		medium HULL-BASELINE-EXPIRED baseline.json:3: HULL-FILE-MODE /usr/bin/tool
	EOF
	[ "$(jq -r '.accepted[0] | "\(.object) \(.accepted) \(.expires)"' audit.json)" = "/usr/bin/tool it has to be 2999-12-31" ]
	jq '.accepted |= [.[0], (.[1] | .expires = "2999-01-01")]' baseline.json >good.json
	osv CVE-2026-0001 Hull other '[{ "introduced": "0" }]'
	run -0 hull audit --baseline good.json --vulndb db out/disk.raw
	expect 0 "0 findings" "2 accepted"
	for change in '.accepted[0] |= del(.justification)|no '\''justification'\''' '.accepted[0] |= del(.expires)|no '\''expires'\''' \
		'.accepted[0].expires = "2026-02-30"|no date' '.accepted[0].id = "HULL-NO"|no findings with the id' '.accepted[0].justification = " "|not empty' \
		'.accepted[0].extra = 1|unknown field'; do
		jq "${change%|*}" good.json >bad.json
		run -1 hull audit --baseline bad.json out/disk.raw
		expect 1 "bad.json:" "${change##*|}" "HULL-MODE-SETUID"
	done
}

@test "severities, SARIF, usage" {
	audit_image
	plant <<-'EOF'
		set_inode_field /usr/lib/sysusers.d/init.conf uid 4242
		ea_set /usr/bin/tool security.capability "\001\000\000\002\000\040\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
	EOF
	run -3 hull audit --fail-on high out/disk.raw
	run -0 hull audit --fail-on critical out/disk.raw
	run -2 hull audit --fail-on terrible out/disk.raw
	expect 2 "none of info, low"
	run -2 hull audit
	run -3 hull audit --sarif out/disk.raw
	echo "$output" >audit.sarif
	jq -e '.version == "2.1.0" and (.runs | length == 1) and .runs[0].tool.driver.name == "hull"' audit.sarif
	jq -e '.runs[0] as $r | $r.results | length >= 3 and all(.[]; . as $x | $r.tool.driver.rules[$x.ruleIndex].id == $x.ruleId and
		(.level | IN("note", "warning", "error")) and (.message.text | length > 5) and (.locations | length == 1))' audit.sarif
	jq -e '.runs[0].results[] | select(.ruleId == "HULL-FILE-CAPABILITIES") | .locations[0].physicalLocation.artifactLocation == { uri: "usr/bin/tool", uriBaseId: "IMAGE" }' audit.sarif
	run -3 hull audit --sarif out/disk.raw
	diff audit.sarif <(echo "$output")
	run -2 hull audit --sarif --json out/disk.raw
}

@test "an image without a database of packages, or with a damaged one" {
	audit_repo
	audit_config '.SystemConfigs[0].RemoveRpmDb = true'
	image config.json
	plant <<-'EOF'
		set_inode_field /usr/share/text mode 0100666
	EOF
	run -1 audit
	found | grep -Fx 'medium HULL-PACKAGE-UNKNOWN disk.raw'
	found | grep -Fx 'high HULL-MODE-WORLD-WRITABLE /usr/share/text'
	jq -r '.errors[]' audit.json | grep -F 'rpmdb'
	audit_image
	head -c 20000 /dev/zero >rpmdb.sqlite
	plant <<-'EOF'
		cd /usr/lib/sysimage/rpm
		rm rpmdb.sqlite
		write rpmdb.sqlite rpmdb.sqlite
	EOF
	run -1 audit
	found | grep -Fx 'medium HULL-PACKAGE-UNKNOWN disk.raw'
	jq -r '.errors[]' audit.json | grep -F 'rpmdb.sqlite'
}
