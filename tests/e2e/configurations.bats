#!/usr/bin/env bats
# Configurations of others: all errors of one, what is named for what it is, scripts, ESPs that grow, xz.
bats_require_minimum_version 1.5.0
load helper
load image

# shell_package: the host's bash and two programs, as a package that provides /bin/sh
shell_package() {
	local program
	{
		printf '%s\n' 'AutoReqProv: no' 'Provides: /bin/sh' '%description' 'A shell.' '%install'
		printf '%s\n' 'mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64' 'ln -s usr/lib64 %{buildroot}/lib64'
		for program in bash cat rm; do
			echo "cp -L $(command -v $program) %{buildroot}/usr/bin/$program"
			ldd "$(command -v $program)" | grep -oE '/[^ ]+' | while read -r library; do
				case $library in /lib64/*) at=/usr$library ;; /usr/*) at=$library ;; *) at=/usr$library ;; esac
				echo "mkdir -p %{buildroot}${at%/*}; cp -L $library %{buildroot}$at"
			done
		done
		printf '%s\n' 'ln -s bash %{buildroot}/usr/bin/sh' '%files' '/lib64' '/usr/bin/*' '/usr/lib/*' '/usr/lib64/*'
	} | package shell
}

@test "--validate tells all errors of all configurations, as text and as JSON" {
	config '.Disks[0].Artifacts[0].Type = "vmdk" | .SystemConfigs[0].Hostnane = "x" | .SystemConfigs[0].KernelCommandLine.SELinux = "enforcing"'
	mv config.json bad.json
	config '.SystemConfigs[0].isDefault = true'
	run hull image --validate bad.json config.json
	expect 1 "bad.json:" "Type: vmdk: VMDK (VMware) is not written" "Hostnane: unknown field; did you mean Hostname?" \
		"SELinux: 'enforcing' is not supported" "bad.json: 3 errors" "config.json: valid" \
		"warning: config.json:" "isDefault: taken for IsDefault" "1 of 2 configurations are not valid"
	run --separate-stderr hull image --json --validate bad.json
	[ "$status" = 1 ]
	jq -e '.valid == false and (.errors | length == 3) and .configuration == "bad.json"' <<<"$output"
	run --separate-stderr hull image --json --validate config.json
	[ "$status" = 0 ]
	jq -e '.valid and .errors == [] and (.warnings | length == 1)' <<<"$output"
	# without --validate the first, and how many there are
	run hull image --repo hull=repo bad.json
	expect 1 "Type: vmdk" "2 more: 'hull image --validate' lists all"
	printf 'storage:\n  bootType: efi\n' >config.yaml
	run hull image --validate config.yaml
	expect 1 "config.yaml: a configuration in YAML, as Azure Linux' Image Customizer has them, is not read"
}

@test "scripts of a configuration run in the sandbox after scriptlets, see its files, and are recorded" {
	system_repo
	shell_package
	index
	mkdir scripts
	cat >scripts/post.sh <<-'EOF'
		#!/bin/bash -e
		echo "post $1 $2 $(cat /etc/hostname) $SOURCE_DATE_EPOCH" >>/etc/ran
		cat /etc/added >>/etc/ran
		echo changed >/etc/added
		rm /usr/share/text
	EOF
	echo 'echo "last $#" >>/etc/ran' >scripts/last.sh
	config '.SystemConfigs[0] += {FinalizeImageScripts: [{Path: "scripts/last.sh"}], PostInstallScripts: [{Path: "scripts/post.sh", Args: "one two"}],
		AdditionalFiles: {"-": {Path: "/etc/added", Content: "of the configuration\n"}}} | .SystemConfigs[0].Packages += ["shell"]'
	for command in "image --validate" "image --repo hull=repo"; do
		# shellcheck disable=SC2086 # words
		run hull $command config.json
		expect 1 "PostInstallScripts: scripts/post.sh: scripts run with --scriptlets=sandbox only"
	done
	run hull image --validate --scriptlets=sandbox config.json
	expect 0 "config.json: valid"
	image --scriptlets=sandbox config.json
	partition 2
	diff <(inside cat /etc/ran) - <<-EOF
		post one two tester 1700000000
		of the configuration
		last 0
	EOF
	[ "$(inside cat /etc/added)" = changed ]
	run inside ls /usr/share
	[[ " $output " != *" text "* ]]
	[ "$(jq -c '[.scriptlets.runs[] | [.package, .scriptlet]]' config.lock.json)" = \
		'[["config.json","PostInstallScripts scripts/post.sh"],["config.json","FinalizeImageScripts scripts/last.sh"]]' ]
	[ "$(jq -r '.scriptlets.changes[] | select(.path == "/etc/ran") | .scriptlet' config.lock.json)" = "FinalizeImageScripts scripts/last.sh" ]
	mv out/disk.raw first.raw
	image --force --scriptlets=sandbox config.json
	cmp first.raw out/disk.raw
	# a script that fails, and one that is not the same twice
	echo 'exit 3' >scripts/last.sh
	run image --update --scriptlets=sandbox config.json
	expect 1 "config.json: FinalizeImageScripts scripts/last.sh" "exit status 3"
	# shellcheck disable=SC2016 # the script expands it
	echo 'echo $RANDOM$RANDOM >/etc/dice' >scripts/last.sh
	run image --update --scriptlets=sandbox config.json
	expect 1 "/etc/dice (FinalizeImageScripts scripts/last.sh of config.json): another content"
}

@test "an ESP that is too small grows, and what is behind it moves" {
	system_repo
	index
	config '.Disks[0] += {MaxSize: 200, Partitions: [
		{ID: "esp", Flags: ["esp"], Start: 1, End: 9, FsType: "fat32"},
		{ID: "boot", Start: 9, End: 29, FsType: "ext4"}, {ID: "root", Start: 29, End: 0, FsType: "ext4"}]} |
		.SystemConfigs[0].PartitionSettings += [{ID: "boot", MountPoint: "/boot"}]'
	run image config.json
	expect 0 "warning: config.json:" "partition esp: an ESP of 8 MiB holds no FAT32 (33 MiB) and no kernel" \
		"partition esp: an ESP of 8 MiB is too small for its files: it has grown to"
	sgdisk -v out/disk.raw | grep -F "No problems found"
	[ "$(stat -c %s out/disk.raw)" = $((200 << 20)) ]
	size() { sgdisk -i "$1" out/disk.raw | awk '/Partition size/ { print $3 / 2048 }'; }
	[ "$(size 1)" -ge 33 ]
	[ "$(size 2)" = 20 ]
	[ "$(size 3)" = $((200 - 2 - 20 - $(size 1))) ]
	partition 1
	fsck.fat -n part1
	partition 2
	e2fsck -fn part2
	# one that holds them keeps its place
	config '.Disks[0] += {MaxSize: 200, Partitions: [
		{ID: "esp", Flags: ["esp"], Start: 1, End: 65, FsType: "fat32"}, {ID: "root", Start: 65, End: 0, FsType: "ext4"}]}'
	run image config.json
	expect 0 "out/disk.raw"
	[[ $output != *"has grown"* ]]
	[ "$(size 1)" = 64 ]
}

@test "xz packs every artifact, with the same bytes whatever the cores" {
	system_repo
	index
	config '.Disks[0].Artifacts = [{Name: "disk", Type: "raw"}, {Name: "disk", Type: "raw", Compression: "xz"},
		{Name: "disk", Type: "vhd-fixed", Compression: "xz"}, {Name: "root", Compression: "tar.xz"}, {Name: "root", Type: "tar"}]'
	image config.json
	xz -t out/*.xz
	xz -dc out/disk.raw.xz | cmp - out/disk.raw
	xz -dc out/root.tar.xz | cmp - out/root.tar
	xz -dc out/disk.vhd.xz >disk.vhd
	qemu-img compare -f raw -F vpc out/disk.raw disk.vhd
	sha256sum out/*.xz >sums
	rm -r out
	taskset -c 0 "$HULL" image --repo hull=repo -o out --jobs 1 config.json
	sha256sum -c sums
	run hull audit out/disk.raw.xz
	[[ $output != *"is not read"* ]]
}

@test "a directory, with all that is in it, and texts of the configuration are files of the image" {
	system_repo
	index
	mkdir -p tree/etc/a.d
	echo one >tree/etc/a.d/one.conf
	printf '#!/bin/sh\n' >tree/run.sh
	chmod 0775 tree/run.sh
	config '.SystemConfigs[0].AdditionalFiles = {tree: "/opt/tree", "hello": {Path: "/etc/motd", Content: "hello\n", Permissions: "600"}}'
	image config.json
	partition 2
	[ "$(inside cat /opt/tree/etc/a.d/one.conf)" = one ]
	inside stat /opt/tree/run.sh | grep -F 'Mode:  0755'
	[ "$(inside cat /etc/motd)" = hello ]
	inside stat /etc/motd | grep -F 'Mode:  0600'
	ln -s run.sh tree/link
	run image config.json
	expect 1 "AdditionalFiles: tree/link: a link"
}

@test "disks of others that are not read are named for what they are" {
	qemu-img create -q -f raw a.raw 1M
	qemu-img convert -O vmdk a.raw a.vmdk
	qemu-img convert -O vdi a.raw a.vdi
	bzip2 -k a.raw
	(cd / && echo etc/passwd | cpio -o -H newc 2>/dev/null) >initramfs
	run hull audit a.vmdk
	expect 1 "a.vmdk: VMDK (VMware) is not read; 'qemu-img convert -O qcow2' makes a disk that is"
	run hull audit a.vdi
	expect 1 "a.vdi: VDI (VirtualBox) is not read"
	run hull audit a.raw.bz2
	expect 1 "a.raw.bz2: what bzip2 has packed is not read: unpack it"
}
