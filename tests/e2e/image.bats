#!/usr/bin/env bats
# From RPMs to disk images: what is in them, that outside tools agree, and what is refused.
bats_require_minimum_version 1.5.0
load helper
load image

@test "a raw disk that sgdisk, fsck.fat and e2fsck find clean" {
	system_repo
	config
	run image config.json
	expect 0 "packages" "out/disk.raw"
	run sgdisk -v out/disk.raw
	expect 0 "No problems found"
	partition 1
	partition 2
	fsck.fat -n part1
	e2fsck -fn part2
	mdir -i part1 ::/EFI/BOOT | grep -F BOOTX64
	[ ! -e out/disk.raw.tmp ]
}

@test "the files of packages have their owners, modes, links and capabilities" {
	system_repo
	config
	image config.json
	partition 2
	inside stat /usr/sbin/init | grep -F 'Links: 2'
	inside ea_list /usr/sbin/init | grep -F security.capability
	inside stat /etc/init.conf | grep -E 'Mode: +0640'
	keeper=$(inside cat /etc/passwd | awk -F: '$1 == "keeper" { print $3 }')
	[ -n "$keeper" ]
	inside stat /var/lib/keeper | grep -E "Mode: +0750"
	inside stat /var/lib/keeper | grep -E "User: +$keeper +"
	inside stat /bin | grep -F 'Fast link dest: "usr/bin"'
	[ "$(inside cat /etc/hostname)" = tester ]
	[ "$(inside cat /usr/share/text | sha256sum)" = "$(seq 200000 | sha256sum)" ]
	inside cat /etc/fstab | grep -E '^PARTUUID=[-0-9a-f]+ / ext4'
	inside stat /etc/machine-id | grep -F 'Size: 0'
	inside cat /usr/share/man/man1/init.1 | grep -F manual
	run inside stat /var/log/init.log
	[[ $output != *Inode:* ]]
}

@test "manuals, documentation and translations are left out on request" {
	system_repo
	config '.SystemConfigs[0] += { DisableRpmDocs: true, OverrideRpmLocales: "NONE" }'
	image config.json
	partition 2
	for f in /usr/share/man/man1/init.1 /usr/share/doc/init/README /usr/share/locale/de/init.mo; do
		run inside stat "$f"
		[[ $output != *Inode:* ]] || { echo "$f is there" && false; }
	done
	inside stat /usr/lib/os-release | grep -F Inode:
}

@test "rpm reads the database of an image, scanners its manifest" {
	system_repo
	config
	image config.json
	partition 2
	mkdir db
	inside dump /usr/lib/sysimage/rpm/rpmdb.sqlite db/rpmdb.sqlite
	[ "$(rpm --dbpath "$PWD/db" -qa --qf '%{name}\n' | sort | tr '\n' ' ')" = "filesystem init kernel text " ]
	[ "$(rpm --dbpath "$PWD/db" -qf /usr/share/text)" = text-1.0-1.noarch ]
	rpm --dbpath "$PWD/db" -ql init | grep -Fx /usr/sbin/init
	[ "$(inside cat /var/lib/rpmmanifest/container-manifest-2 | cut -f1,2 | grep '^text')" = "$(printf 'text\t1.0-1')" ]
}

@test "every format holds the same disk" {
	system_repo
	config '.Disks[0].Artifacts = ([("raw", "vhd", "vhdx", "qcow2") | { Name: "disk", Type: . }] + [
		{ Name: "dynamic", Type: "vhd-dynamic" }, { Name: "disk", Type: "vhdx", Compression: "zst" }, { Name: "disk", Type: "raw", Compression: "gz" }])'
	image config.json
	qemu-img check -f vhdx out/disk.vhdx
	qemu-img check -f qcow2 out/disk.qcow2
	for f in vpc:disk.vhd vhdx:disk.vhdx qcow2:disk.qcow2 vpc:dynamic.vhd; do
		qemu-img compare -f raw -F "${f%%:*}" out/disk.raw "out/${f#*:}"
	done
	for f in disk.vhd dynamic.vhd; do
		vhdiinfo "out/$f" | grep -F 'Virtual Hard Disk'
	done
	[ $((($(stat -c %s out/disk.vhd) - 512) % 1048576)) = 0 ]
	zstd -dqc out/disk.vhdx.zst | cmp - out/disk.vhdx
	gzip -dc out/disk.raw.gz | cmp - out/disk.raw
}

@test "a tar archive and an OCI image" {
	system_repo
	config 'del(.Disks[0].Partitions, .Disks[0].PartitionTableType, .SystemConfigs[0].PartitionSettings, .SystemConfigs[0].KernelOptions,
			.SystemConfigs[0].KernelCommandLine) | .SystemConfigs[0].BootType = "none" |
		.Disks[0].Artifacts = [{ Name: "tree", Type: "tar", Compression: "zst" }, { Name: "tree", Type: "oci" }] |
		.SystemConfigs[0].Container = { Entrypoint: ["/usr/sbin/init"], Environment: ["A=b"] }'
	image config.json
	zstd -dqc out/tree.tar.zst >tree.tar
	tar --numeric-owner -tvf tree.tar | grep -E 'usr/share/text$'
	tar --xattrs --xattrs-include='*' -tvvf tree.tar | grep -F security.capability
	mkdir oci
	tar -C oci -xf out/tree.oci.tar
	manifest=oci/blobs/sha256/$(jq -r '.manifests[0].digest' oci/index.json | cut -d: -f2)
	[ "$(sha256sum <"$manifest" | cut -d' ' -f1)" = "$(basename "$manifest")" ]
	configuration=oci/blobs/sha256/$(jq -r .config.digest "$manifest" | cut -d: -f2)
	[ "$(jq -r '.config.Entrypoint[0], .config.Env[0], .os' "$configuration" | tr '\n' ' ')" = "/usr/sbin/init A=b linux " ]
	layer=oci/blobs/sha256/$(jq -r '.layers[0].digest' "$manifest" | cut -d: -f2)
	[ "$(gzip -dc "$layer" | sha256sum | cut -d' ' -f1)" = "$(jq -r '.rootfs.diff_ids[0]' "$configuration" | cut -d: -f2)" ]
}

@test "dm-verity protects the root; the command line has its hash" {
	system_repo
	config '.SystemConfigs[0].ReadOnlyVerityRoot = { Enable: true }'
	image config.json
	sgdisk -v out/disk.raw | grep -F 'No problems found'
	partition 2
	partition 3
	hash=$(jq -r .root_hash out/config.image.json)
	jq -e '.format == 1' out/config.image.json
	veritysetup verify part2 part3 "$hash"
	e2fsck -fn part2
	jq -r .command_line out/config.image.json | grep -F "sha256 $hash"
	partition 1
	mcopy -n -i part1 ::/EFI/BOOT/BOOTX64.EFI kernel.efi
	objcopy -O binary --only-section=.cmdline kernel.efi cmdline
	grep -F "$hash" cmdline
	printf x | dd of=part2 bs=1 seek=5000000 conv=notrunc status=none
	run veritysetup verify part2 part3 "$hash"
	[ "$status" != 0 ]
}

@test "same bytes in another directory, with other cores, at another time, and in another store" {
	system_repo
	config '.Disks[0].Artifacts = [{ Name: "disk", Type: "vhdx", Compression: "zst" }, { Name: "disk", Type: "vhd" }]'
	image -j 1 config.json
	mkdir -p elsewhere/deeper
	cp -r repo config.json config.lock.json elsewhere/deeper
	cd elsewhere/deeper
	sleep 1
	HULL_STORE=$PWD/store TZ=Asia/Tokyo LC_ALL=C image -j 7 config.json
	cmp out/disk.vhd ../../out/disk.vhd
	cmp out/disk.vhdx.zst ../../out/disk.vhdx.zst
}

@test "where the store keeps zeros as holes makes no difference" {
	system_repo
	package zeros <<-'EOF'
		%description
		A file with zeros in it.
		%install
		mkdir -p %{buildroot}/usr/share
		(seq 5000 && head -c 100000 /dev/zero && echo end) >%{buildroot}/usr/share/zeros
		%files
		/usr/share/zeros
	EOF
	index
	config '.SystemConfigs[0].Packages += ["zeros"]'
	export HULL_STORE=$PWD/store
	image config.json
	for how in never always; do
		zeros=$(echo store/unpacked/*/usr/share/zeros)
		cp --preserve=all --sparse=$how "$zeros" copy
		chmod u+w "$(dirname "$zeros")"
		mv -f copy "$zeros"
		mv out/disk.raw disk.raw
		image --force config.json
		cmp out/disk.raw disk.raw
	done
}

@test "an image that did not change is not made again" {
	system_repo
	config
	image config.json
	before=$(stat -c %y out/disk.raw)
	run image config.json
	expect 0 "nothing to do"
	[ "$(stat -c %y out/disk.raw)" = "$before" ]
	truncate -s -1 out/disk.raw
	run image config.json
	expect 0 "out/disk.raw"
	[[ $output != *"nothing to do"* ]]
	sgdisk -v out/disk.raw | grep -F 'No problems found'
}

@test "--validate checks without a store or packages" {
	config
	HULL_STORE=/nonexistent/store run hull image --validate config.json
	expect 0 "config.json: valid"
	config '.SystemConfigs[0].Hostnane = "x"'
	run hull image --validate config.json
	expect 1 "config.json:" "Hostnane" "Hostname"
}

@test "packages with scriptlets are refused, all of them named" {
	system_repo
	package nosy <<-'EOF'
		%description
		Runs things.
		%files
		%post -p <lua>
		print("hello")
	EOF
	index
	config '.SystemConfigs[0].Packages += ["nosy"]'
	run image config.json
	expect 1 "nosy" "%post"
	[ ! -e out/disk.raw ]
}

@test "two packages that differ about a path are both named" {
	system_repo
	package other <<-'EOF'
		%description
		Another text.
		%install
		mkdir -p %{buildroot}/usr/share
		echo other >%{buildroot}/usr/share/text
		%files
		/usr/share/text
	EOF
	index
	config '.SystemConfigs[0].Packages += ["other"]'
	run image config.json
	expect 1 "/usr/share/text" "other" "text-1.0"
}

@test "an unknown package offers near names and says who asks" {
	system_repo
	config '.SystemConfigs[0].Packages += ["txet"]'
	run image config.json
	expect 1 "txet" "text" "config.json:"
}

@test "a forbidden package fails with the chain to it" {
	system_repo
	config '.SystemConfigs[0].ForbiddenPackages = ["te*"]'
	run image config.json
	expect 1 "text" "init"
}

@test "content that does not fit says what is needed" {
	system_repo
	config '.Disks[0].Partitions[1] = { ID: "root", FsType: "ext4", Start: 40, End: 41 }'
	run image config.json
	expect 1 "root" "config.json:"
	config '.Disks[0].MaxSize = 20'
	run image config.json
	expect 1 "MaxSize"
}

@test "overlapping partitions, no ESP, no kernel are refused before anything is resolved" {
	config '.Disks[0].Partitions[0] += { Start: 1, End: 40 } | .Disks[0].Partitions[1] += { Start: 30, End: 80 }'
	run image config.json
	expect 1 "config.json:" "root"
	config 'del(.Disks[0].Partitions[0], .SystemConfigs[0].PartitionSettings[0])'
	run image config.json
	expect 1 "ESP"
	config 'del(.SystemConfigs[0].KernelOptions)'
	run image config.json
	expect 1 "KernelOptions"
}

@test "an image that nothing would start is refused" {
	system_repo
	config '.SystemConfigs[0].Packages = ["filesystem", "text"] | .SystemConfigs[0].Identity = { Name: "Test" }'
	run image config.json
	expect 1 "/sbin/init"
}

@test "a user in a group that nobody has is refused" {
	system_repo
	config '.SystemConfigs[0].Users = [{ Name: "ann", SecondaryGroups: ["wheel"] }]'
	run image config.json
	expect 1 "ann" "wheel"
}

@test "a truncated package and one with another digest never get in" {
	system_repo
	config
	hull resolve --repo hull=repo config.json
	truncate -s -100 repo/text-1.0-1.noarch.rpm
	HULL_STORE=$PWD/store run image config.json
	expect 1 "text-1.0-1.noarch.rpm"
	cp repo/init-1.0-1.x86_64.rpm repo/text-1.0-1.noarch.rpm
	HULL_STORE=$PWD/store run image config.json
	expect 1 "text-1.0-1.noarch.rpm"
	[ ! -e out/disk.raw ]
}

@test "a changed package set is shown and needs --update" {
	system_repo
	config
	image config.json
	sed -i 's/seq 200000/seq 200001/' specs/text.spec 2>/dev/null || true
	package text <<-'EOF'
		BuildArch: noarch
		%description
		Another text.
		%install
		mkdir -p %{buildroot}/usr/share
		seq 100 >%{buildroot}/usr/share/text
		%files
		/usr/share/text
	EOF
	index
	run image config.json
	expect 1 "text" "--update"
	run image --update config.json
	expect 0 "out/disk.raw" "before:"
}

@test "a full disk leaves nothing behind" {
	system_repo
	config
	hull resolve --repo hull=repo config.json
	cat >full.sh <<-'EOF'
		mkdir small
		mount -t tmpfs -o size=3m none small
		"$HULL" image --repo hull=repo -o small config.json
		echo "status $?, left: $(ls -A small)"
	EOF
	run unshare -rm bash full.sh
	expect 0 "disk.raw" "No space left on device" "status 1, left: "
	[[ $output == *"left: " ]]
}

@test "a killed hull leaves nothing behind" {
	system_repo
	config '.Disks[0].Artifacts = [{ Name: "disk", Type: "vhd", Compression: "gz" }]'
	hull resolve --repo hull=repo config.json
	for t in 0.05 0.1 0.2 0.3; do
		HULL_STORE=$PWD/store timeout -s KILL $t "$HULL" image --repo hull=repo -o out config.json || true
		[ -z "$(find out -type f ! -name disk.vhd.gz ! -name config.image.json 2>/dev/null)" ]
	done
	HULL_STORE=$PWD/store image config.json
	gzip -t out/disk.vhd.gz
}

@test "users, groups, keys and additional files of the configuration" {
	system_repo
	echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0 ann@example' >key.pub
	echo 'welcome' >motd
	hash=$(openssl passwd -6 -salt grain secret)
	config '.SystemConfigs[0] += { Groups: [{ Name: "wheel", GID: "10" }],
		Users: [{ Name: "ann", UID: "1234", PasswordHashed: true, Password: "'"$hash"'", SSHPubKeyPaths: ["key.pub"], SecondaryGroups: ["wheel"] }],
		AdditionalFiles: { "motd": "/etc/motd" } }'
	image config.json
	partition 2
	inside cat /etc/passwd | grep -E '^ann:x:1234:'
	inside cat /etc/shadow | grep -F "ann:$hash:"
	inside cat /etc/group | grep -E '^wheel:x:10:ann$'
	[ "$(inside cat /home/ann/.ssh/authorized_keys)" = "$(cat key.pub)" ]
	inside stat /home/ann/.ssh/authorized_keys | grep -E 'Mode: +0600'
	inside stat /home/ann/.ssh/authorized_keys | grep -E 'User: +1234'
	[ "$(inside cat /etc/motd)" = welcome ]
}

@test "files of a configuration lie in its directory, unless --allow-outside" {
	system_repo
	mkdir elsewhere configs
	echo secret >elsewhere/secret
	echo '{ "packages": ["init"] }' >elsewhere/list.json
	ln -s ../elsewhere/secret configs/link
	config '.SystemConfigs[0].AdditionalFiles = { "link": "/etc/a" }'
	mv config.json configs
	for command in "image --validate" "image --repo hull=repo -o out" "resolve --repo hull=repo" "verify x.raw --config"; do
		# shellcheck disable=SC2086 # words
		run hull $command configs/config.json
		expect 1 "configs/config.json:54:9: AdditionalFiles: 'link' is outside of the configuration's directory, at $PWD/elsewhere/secret: copy it there, or use --allow-outside"
	done
	[ ! -e out ]
	[ ! -e configs/config.lock.json ]
	config '.SystemConfigs[0].PackageLists = ["'"$PWD"'/elsewhere/list.json"]'
	run hull image --validate config.json
	expect 0
	cp config.json configs
	run hull image --validate configs/config.json
	expect 1 "PackageLists: '$PWD/elsewhere/list.json' is outside"
	run hull image --validate --allow-outside configs/config.json
	expect 0
	config '.SystemConfigs[0].AdditionalFiles = { "link": "/etc/a" }'
	mv config.json configs
	image --allow-outside configs/config.json
	partition 2
	[ "$(inside cat /etc/a)" = secret ]
	run hull verify --config configs/config.json --allow-outside out/disk.raw
	expect 0 "0 broken; 1 made by the image writer"
}
