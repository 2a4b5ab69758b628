#!/usr/bin/env bats
# Two images side by side: what differs is told, what does not is not.
bats_require_minimum_version 1.5.0
load helper
load image

# package with a version, a release and a changelog of its own
versioned() { # NAME VERSION RELEASE CHANGELOG, sections on stdin
	local name=$1 version=$2 release=$3 log=$4
	mkdir -p specs repo
	{
		printf '%s\n' "Name: $name" "Version: $version" "Release: $release" 'Summary: A test' 'License: MIT' 'BuildArch: noarch'
		cat
		printf '%%changelog\n%b' "$log"
	} >"specs/$name.spec"
	rm -f "repo/$name-"[0-9]*.rpm
	SOURCE_DATE_EPOCH=${epoch:-1700000000} rpmbuild -bb --quiet --define "_topdir $PWD/rpmbuild" --define "_rpmdir $PWD/repo" \
		--define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' --define 'debug_package %{nil}' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost test' --define '__os_install_post %{nil}' \
		--define '_buildshell /bin/bash' --define '_binary_payload w3.zstdio' --nodeps "specs/$name.spec" >&2
}

old_log='* Mon Nov 02 2026 Test <test@localhost> - 1.0-1\n- First, with CVE-2020-0001.\n'
new_log="* Tue Nov 03 2026 Test <test@localhost> - 1.1-1\n- Fixes CVE-2026-12345 and cve-2026-9999.\n- A second line.\n$old_log"

# tool: a file that changes, a mode, a set-uid bit, capabilities, a link, a unit, the kernel's configuration
tool() { # old|new
	if [ "$1" = old ]; then
		versioned tool 1.0 1 "$old_log"
	else
		versioned tool 1.1 1 "$new_log"
	fi <<-EOF
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/{bin,share,lib/systemd/system,lib/systemd/system-preset,lib/modules/6.0-test}
		echo same >%{buildroot}/usr/share/same
		echo $1 >%{buildroot}/usr/share/changed
		echo privileged >%{buildroot}/usr/bin/become
		echo ping >%{buildroot}/usr/bin/ping
		ln -s $1 %{buildroot}/usr/bin/link
		echo $1 >%{buildroot}/usr/share/only-$1
		printf '[Unit]\nDescription=x\n[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\n' >%{buildroot}/usr/lib/systemd/system/tool.service
		echo '$([ "$1" = old ] && echo disable || echo enable) tool.service' >%{buildroot}/usr/lib/systemd/system-preset/50-tool.preset
		printf '%s\n' CONFIG_A=y 'CONFIG_B=$([ "$1" = old ] && echo 1 || echo 2)' $([ "$1" = old ] && echo CONFIG_GONE=m || echo '"# CONFIG_GONE is not set"') >%{buildroot}/usr/lib/modules/6.0-test/config
		%files
		/usr/share/same
		/usr/share/changed
		%attr($([ "$1" = old ] && echo 0755 || echo 4755),root,root) /usr/bin/become
		%attr(0755,root,$([ "$1" = old ] && echo root || echo keeper)) $([ "$1" = old ] || echo '%caps(cap_net_raw=ep)') /usr/bin/ping
		/usr/bin/link
		/usr/share/only-$1
		/usr/lib/systemd
		/usr/lib/modules/6.0-test/config
	EOF
}

other() { # BUILD: the same version, other bytes
	versioned other 1.0 1 "$old_log" <<-EOF
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share
		echo $1 >%{buildroot}/usr/share/other
		%files
		/usr/share/other
	EOF
}

two_images() {
	system_repo
	tool old
	other first
	rm -rf repo/repodata
	index
	config '.SystemConfigs[0].Packages += ["tool", "other"]'
	image config.json
	mv out/disk.raw old.raw
	cp config.lock.json old.lock.json
	tool new
	other second
	versioned newcomer 1.0 1 "$old_log" <<-'EOF'
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share
		echo x >%{buildroot}/usr/share/newcomer
		%files
		/usr/share/newcomer
	EOF
	rm -rf repo/repodata
	index
	config '.SystemConfigs[0] |= (.Packages += ["tool", "other", "newcomer"] | .Hostname = "other" | .KernelCommandLine.ExtraCommandLine = "console=ttyS1 quiet" | .Identity = { VersionID: "2" })'
	image -u config.json
	mv out/disk.raw new.raw
	cp config.lock.json new.lock.json
}

@test "everything that differs between two images" {
	two_images
	cp new.raw out/disk.raw
	partition 2
	keeper=$(inside cat /etc/group | awk -F: '$1 == "keeper" { print $3 }')
	run hull diff old.raw new.raw
	expect 0 "packages: 1 added, 1 changed, 1 rebuilt" "  + newcomer 1.0-1" "  ~ tool 1.0-1 -> 1.1-1" "  = other 1.0-1, another build" \
		"2026-11-03 Test <test@localhost> - 1.1-1" "        - Fixes CVE-2026-12345 and cve-2026-9999." "        - A second line." \
		"CVE ids in these changelogs: 2" "  CVE-2026-9999 (tool)
  CVE-2026-12345 (tool)" \
		"set-uid, set-gid and capabilities:
  ~ /usr/bin/become: mode 0755 -> 4755 (tool)
  ~ /usr/bin/ping: owner 0:0 -> 0:$keeper, capabilities none -> cap_net_raw=ep (tool)
units: 1 differ
  ~ tool.service: disabled -> enabled
presets: 1 differ
  ~ tool.service: disable -> enable
kernel options: 2 differ
  ~ CONFIG_B: 1 -> 2
  ~ CONFIG_GONE: m -> n
kernel command line: 3 differ" "  ~ console: ttyS0 -> ttyS1" "  + quiet" "  ~ root: PARTUUID=" "os-release: 1 differ
  + VERSION_ID: 2" "(--files lists them)"
	[[ $output != *CVE-2020-0001* ]]
	[[ $output != *usr/share/same* ]]
	run hull diff --files old.raw new.raw
	expect 0 "  ~ /usr/share/changed: content (tool)" "  ~ /usr/bin/link: target old -> new (tool)" "  + /usr/share/only-new: file 0644 0:0 4 B (tool)" \
		"  - /usr/share/only-old: file 0644 0:0 4 B (tool)" "  ~ /etc/hostname: content 7 B -> 6 B" "  ~ /usr/share/other: content 6 B -> 7 B (other)" \
		"  + /etc/systemd/system/multi-user.target.wants/tool.service: symlink 0777 0:0 -> /usr/lib/systemd/system/tool.service"
	[[ $output != */usr/share/same* ]]
	[[ $output != */usr/share/text* ]]
}

@test "the way back: what is gone, and the changelog that is gone with it" {
	two_images
	run hull diff new.raw old.raw
	expect 0 "  - newcomer 1.0-1" "  ~ tool 1.1-1 -> 1.0-1" "      without:" "  ~ tool.service: enabled -> disabled" "  ~ /usr/bin/become: mode 4755 -> 0755 (tool)"
}

@test "JSON and Markdown say the same; the exit code on request" {
	two_images
	run hull diff --json --exit-code old.raw new.raw
	expect 3
	jq -e '.format == 1' <<<"$output"
	[ "$(jq -r '.packages[] | .change + " " + .name' <<<"$output")" = "$(printf 'added newcomer\nrebuilt other\nchanged tool')" ]
	[ "$(jq -r '.packages[] | select(.name == "tool").cves | join(" ")' <<<"$output")" = "CVE-2026-9999 CVE-2026-12345" ]
	[ "$(jq -r '.files[] | select(.path == "/usr/bin/ping") | .new.capabilities, .privilege, (.aspects | join(","))' <<<"$output" | tr '\n' ' ')" = "cap_net_raw=ep true owner,capabilities " ]
	[ "$(jq -c .units <<<"$output")" = '[{"name":"tool.service","new":"enabled","old":"disabled"}]' ]
	run hull diff --markdown old.raw new.raw
	expect 0 "## old.raw → new.raw" "| tool | 1.0-1 | 1.1-1 |" "| CONFIG\\_GONE | m | n |" "  - Fixes CVE-2026-12345"
	run hull diff --exit-code old.raw old.raw
	expect 0 "no differences"
}

@test "lock files, an image with a lock file, and a kernel configuration from outside" {
	two_images
	run hull diff old.lock.json new.lock.json
	expect 0 "packages: 1 added, 1 changed, 1 rebuilt" "  ~ tool 1.0-1 -> 1.1-1" "only packages were compared"
	run hull diff --exit-code old.raw old.lock.json
	expect 0 "no differences"
	run hull diff --exit-code old.raw config.json
	expect 3 "  + newcomer 1.0-1"
	printf 'CONFIG_X=y\n' >a.config
	printf 'CONFIG_X=m\n' >b.config
	run hull diff --kernel-config a.config --kernel-config b.config old.raw old.raw
	expect 0 "  ~ CONFIG_X: y -> m"
	run hull diff --kernel-config a.config old.raw old.raw
	expect 2 "give it twice"
	run hull diff --kernel-config SPECS/none --kernel-config b.config old.raw old.raw
	expect 1 "SPECS/none"
}

@test "a change behind the packages' back: by size at once, by content when thorough or when no package answers" {
	system_repo
	config
	image config.json
	cp out/disk.raw changed.raw
	partition 2
	# same size: the digest of the package is trusted unless told otherwise
	seq 200000 | tr 1 2 >text
	debugfs -w -R 'rm /usr/share/text' part2 2>/dev/null
	debugfs -w -R 'write text /usr/share/text' part2 2>/dev/null
	debugfs -w -R 'sif /usr/share/text mode 0100644' part2 2>/dev/null
	echo tesser >hostname
	debugfs -w -R 'rm /etc/hostname' part2 2>/dev/null
	debugfs -w -R 'write hostname /etc/hostname' part2 2>/dev/null
	debugfs -w -R 'sif /etc/hostname mode 0100644' part2 2>/dev/null
	start=$(sgdisk -i 2 changed.raw | awk '/First sector/ { print $3 }')
	dd if=part2 of=changed.raw bs=512 seek="$start" conv=notrunc status=none
	run hull diff --files out/disk.raw changed.raw
	expect 0 "files: 1 changed
  ~ /etc/hostname: content"
	run hull diff --files --thorough out/disk.raw changed.raw
	expect 0 "files: 2 changed" "  ~ /usr/share/text: content (text)"
}

@test "other formats are the same image; what is no image is an error" {
	system_repo
	config '.Disks[0].Artifacts = [{ Name: "disk", Type: "raw" }, { Name: "disk", Type: "vhdx" }, { Name: "disk", Type: "qcow2" }, { Name: "disk", Type: "raw", Compression: "zst" }]'
	image config.json
	for f in disk.vhdx disk.qcow2 disk.raw.zst; do
		run hull diff --json out/disk.raw "out/$f"
		expect 0
		[ "$(jq -c '[.packages, .files, .units, .command_line] | add' <<<"$output")" = '[]' ]
	done
	head -c 1000000 out/disk.raw >half.raw
	run hull diff out/disk.raw half.raw
	expect 1 "half.raw"
	run hull diff out/disk.raw
	expect 2 "name two"
	run hull diff none.json out/disk.raw
	expect 1 "none.lock.json"
}
