#!/usr/bin/env bats
# hull why asked about images: those that Hull made, those that others made, and what is no image.
bats_require_minimum_version 1.5.0
load helper
load image

# disk.raw of the usual packages, in out/
made() {
	system_repo
	config "${1:-.}"
	image config.json >&2
}

# A system of the usual packages as rpm and mke2fs make it: root/
foreign_root() {
	local p
	system_repo
	mkdir -p root/usr/lib/sysimage/rpm
	for p in filesystem init text kernel; do
		rpm2cpio repo/$p-*.rpm | cpio -idm --quiet -D root
		rpm --dbpath "$PWD/root/usr/lib/sysimage/rpm" --justdb --nodeps --noscripts --nosignature -i repo/$p-*.rpm 2>/dev/null
	done
	printf 'ID=other\nVERSION_ID=7\n' >root/etc/os-release
}

# partitioned FILE...: foreign.raw, a GPT disk with each file as a Linux partition
partitioned() {
	local f n=0 at=2048 sectors
	rm -f foreign.raw
	truncate -s 100M foreign.raw
	sgdisk -o foreign.raw >/dev/null
	for f; do
		n=$((n + 1))
		sectors=$(($(stat -c %s "$f") / 512))
		sgdisk -n "$n:$at:$((at + sectors - 1))" foreign.raw >/dev/null
		dd if="$f" of=foreign.raw bs=512 seek=$at conv=notrunc,sparse status=none
		at=$((at + sectors))
	done
}

foreign() {
	foreign_root
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned root.ext4
}

@test "the shortest chain, from the lock file in the image" {
	made
	run "$HULL" why text out/disk.raw
	expect 0 'text-1.0-1.noarch' 'init is asked for in config.json' 'init requires text'
	run --separate-stderr "$HULL" why text out/disk.raw --json
	[ "$(jq -r '.chain | map(.package) | join(" ")' <<<"$output")" = "init text" ]
	[ "$(jq -r .chain[1].dep <<<"$output")" = text ]
	jq -e '.format == 1' <<<"$output"
}

@test "a path leads to the package that has it" {
	made
	run "$HULL" why /usr/sbin/init out/disk.raw
	expect 0 '/usr/sbin/init: file, mode 0755, owner 0:0, 0.0 kB, of init' 'init is asked for in config.json'
	run "$HULL" why /sbin/init-again out/disk.raw
	expect 0 '/usr/sbin/init-again: file' 'of init'
	run "$HULL" why /bin out/disk.raw
	expect 0 '/bin: symlink, mode 0777, owner 0:0, to usr/bin, of filesystem' 'init requires filesystem'
	run "$HULL" why /usr/share out/disk.raw
	expect 0 '/usr/share: directory, mode 0755' 'of filesystem'
	run --separate-stderr "$HULL" why --json /usr/share/text out/disk.raw
	[ "$(jq -r '[.file.package, .file.bytes, .package] | join(" ")' <<<"$output")" = "text 1288895 text" ]
	run "$HULL" why /etc/fstab out/disk.raw
	expect 0 '/etc/fstab: file' 'of no package' 'hull image makes it'
	run "$HULL" why /usr/share/texd out/disk.raw
	expect 1 "out/disk.raw: '/usr/share/texd' is not in the image; did you mean '/usr/share/text'?"
}

@test "a path, asked of the lock file" {
	made
	run "$HULL" why /usr/share/text config.json
	expect 0 'text-1.0-1.noarch' 'init requires text'
	run "$HULL" why /sbin/init config.lock.json
	expect 0 'init is asked for in config.json'
	run "$HULL" why /sbin/halt config.json
	expect 1 "config.lock.json: no package of the image has '/sbin/halt'"
}

@test "all chains, the tree, and what leaves with it" {
	made '.SystemConfigs[0].Packages += ["text"]'
	run "$HULL" why --all text out/disk.raw
	expect 0 'text is asked for in config.json' 'init requires text'
	run "$HULL" why --tree text out/disk.raw
	expect 0 '  asked for in config.json' '  init (text)' '    asked for in config.json'
	run "$HULL" why --without filesystem out/disk.raw
	expect 0 'require it and would have to go too:' 'init ' 'smaller by 2 packages'
	run --separate-stderr "$HULL" why --without init --json out/disk.raw
	[ "$(jq -r '.unused | map(.package) | join(" ")' <<<"$output")" = filesystem ]
	[ "$(jq -r .saved_bytes <<<"$output")" -gt 0 ]
}

@test "an unknown package, with the nearest name" {
	made
	run "$HULL" why texd out/disk.raw
	expect 1 "out/disk.raw: 'texd' is not in the image; did you mean 'text'?"
	run "$HULL" why text missing.raw
	expect 1 'there is neither an image missing.raw nor a lock file missing.raw.lock.json'
}

@test "every format, compressed or not" {
	made '.Disks[0].Artifacts = [{Name: "a", Type: "raw"}, {Name: "b", Type: "vhd"}, {Name: "c", Type: "vhdx"},
		{Name: "d", Type: "qcow2"}, {Name: "e", Type: "vhdx", Compression: "zst"}, {Name: "f", Type: "vhd-dynamic"},
		{Name: "g", Type: "raw", Compression: "gz"}, {Name: "h", Type: "tar"}, {Name: "i", Type: "oci"},
		{Name: "j", Type: "tar", Compression: "tar.gz"}]'
	rm -f out/*.image.json
	[ "$(find out -type f | wc -l)" = 10 ]
	for f in out/*; do
		run "$HULL" why /usr/share/text "$f"
		expect 0 '/usr/share/text: file, mode 0644, owner 0:0, 1288.9 kB, of text' 'init requires text' ||
			{ echo "$f" && false; }
	done
}

@test "an image that others made: what nothing requires counts as asked for" {
	foreign
	run "$HULL" why text foreign.raw
	expect 0 'no reasons are recorded in the image: what no other package requires counts as asked for' \
		'init is required by no other package' 'init requires text'
	run "$HULL" why /usr/share/text foreign.raw
	expect 0 '/usr/share/text: file' 'of text'
	run "$HULL" why --without init foreign.raw
	expect 0 'would not be needed any more:' 'filesystem' 'text' 'smaller by 3 packages'
	run "$HULL" why --all filesystem foreign.raw
	expect 0 'init requires filesystem'
	run --separate-stderr "$HULL" why kernel foreign.raw --json
	[ "$(jq -c '.chain[0].origin' <<<"$output")" = null ]
	qemu-img convert -O qcow2 foreign.raw foreign.qcow2
	run "$HULL" why text foreign.qcow2
	expect 0 'init requires text'
	qemu-img convert -O vhdx foreign.raw foreign.vhdx
	run "$HULL" why text foreign.vhdx
	expect 0 'init requires text'
}

@test "a file that no package has, and nobody knows" {
	foreign_root
	echo x >root/etc/strange
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned root.ext4
	run "$HULL" why /etc/strange foreign.raw
	expect 1 "foreign.raw: '/etc/strange' is of no package"
}

@test "a file system on the bare disk, and others below it by fstab" {
	foreign_root
	mkdir var
	mv root/usr/share/text var/text
	echo 'LABEL=texts /usr/share ext4 defaults 0 2' >root/etc/fstab
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	run "$HULL" why text root.ext4
	expect 0 'init requires text'
	mke2fs -qt ext4 -L texts -d "$PWD/var" texts.ext4 20M
	partitioned texts.ext4 root.ext4
	run "$HULL" why /usr/share/text foreign.raw
	expect 0 '/usr/share/text: file' 'of text'
	sed -i s/LABEL=texts/LABEL=other/ root/etc/fstab
	rm root.ext4
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned texts.ext4 root.ext4
	run "$HULL" why /usr/share/text foreign.raw
	expect 1 "'/usr/share/text' is not in the image"
}

@test "images without a root or an rpm database" {
	foreign
	mv root/usr/lib/sysimage/rpm rpm
	rm root.ext4
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned root.ext4
	run "$HULL" why text foreign.raw
	expect 1 'foreign.raw: no rpm database: there is no rpmdb.sqlite, Packages.db or Packages in /usr/lib/sysimage/rpm, /var/lib/rpm or /usr/share/rpm'
	mkdir -p root/var/lib/rpm
	echo x >root/var/lib/rpm/Packages
	rm root.ext4
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned root.ext4
	run "$HULL" why text foreign.raw
	expect 1 "foreign.raw: /var/lib/rpm/Packages: no rpm database: neither sqlite's, nor ndb's, nor a hash of Berkeley DB"
	mkdir -p root/usr/lib/sysimage/rpm
	head -c 20000 rpm/rpmdb.sqlite >root/usr/lib/sysimage/rpm/rpmdb.sqlite
	rm root.ext4
	mke2fs -qt ext4 -d "$PWD/root" root.ext4 40M
	partitioned root.ext4
	run "$HULL" why text foreign.raw
	expect 1 'foreign.raw: /usr/lib/sysimage/rpm/rpmdb.sqlite: '
	truncate -s 10M other
	printf XFSB | dd of=other conv=notrunc status=none
	partitioned other
	run "$HULL" why text foreign.raw
	expect 1 'foreign.raw: XFS at byte 1048576: version 0 is not known'
	truncate -s 0 other
	truncate -s 10M other
	printf _BHRfS_M | dd of=other bs=1 seek=65600 conv=notrunc status=none
	partitioned other
	run "$HULL" why text foreign.raw
	expect 1 'foreign.raw: no file system with a root that can be read: partition 1 at byte 1048576 is btrfs'
	truncate -s 0 other
	truncate -s 10M other
	printf 'LABELONE................LVM2 001' | dd of=other bs=512 seek=1 conv=notrunc status=none
	partitioned other
	run "$HULL" why text foreign.raw
	expect 1 'partition 1 at byte 1048576 is LVM2 physical volume'
}

@test "images that are cut off or damaged" {
	foreign
	head -c 30M foreign.raw >cut.raw
	run "$HULL" why text cut.raw
	expect 1 'cut.raw: '
	head -c 30000001 foreign.raw >cut.raw
	run "$HULL" why text cut.raw
	expect 1 'cut.raw: no disk image that is known'
	cp foreign.raw bad.raw
	dd if=/dev/zero of=bad.raw bs=1 seek=520 count=8 conv=notrunc status=none
	run "$HULL" why text bad.raw
	expect 0 'init requires text' 'GPT header at byte 512'
	dd if=/dev/zero of=bad.raw bs=512 seek=204799 count=1 conv=notrunc status=none
	run "$HULL" why text bad.raw
	expect 1 'bad.raw: GPT header at byte '
	cp foreign.raw bad.raw
	printf '\377\377' | dd of=bad.raw bs=1 seek=$((1048576 + 1024 + 4)) conv=notrunc status=none
	run "$HULL" why text bad.raw
	expect 1 'bad.raw: ext4 at byte 1048576: superblock'
	qemu-img convert -O vhdx foreign.raw foreign.vhdx
	head -c 20M foreign.vhdx >cut.vhdx
	run "$HULL" why /usr/share/text cut.vhdx
	expect 1 'cut.vhdx: ' truncated
	echo no image >text
	run "$HULL" why text text
	expect 1 'text: no disk image that is known'
	run "$HULL" why text .
	expect 1 'not a regular file'
}

@test "an archive that is cut off, or leads out of the image" {
	made '.Disks[0].Artifacts += [{Name: "a", Type: "tar"}]'
	head -c 500000 out/a.tar >cut.tar
	run "$HULL" why text cut.tar
	expect 1 'cut.tar: '
	mkdir -p up/x
	echo x >up/f
	tar -cf up.tar -C up/x --absolute-names ../f
	run "$HULL" why text up.tar
	expect 1 'up.tar: ../f: ".." in the path'
}
