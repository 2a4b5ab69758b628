#!/usr/bin/env bats
# Images of others: what publishers publish, and names that nobody would give.
bats_require_minimum_version 1.5.0
load helper
load image

# root/: a system of the usual packages as rpm makes it, with one more whose changelog and one of whose files are in Latin-1
foreign_root() {
	local p made="$BATS_RUN_TMPDIR/foreign" latin1=$'\344'
	if [ ! -e "$made/complete" ]; then
		mkdir -p "$made/root/usr/lib/sysimage/rpm" "$made/specs"
		(
			cd "$made" || exit
			system_repo
			cat >specs/names.spec <<-EOF
				Name: names
				Version: 1
				Release: 1
				Summary: B${latin1}r
				License: MIT
				BuildArch: noarch
				%description
				Names that are odd,
				one in Latin-1: l${latin1}t.
				%install
				mkdir -p %{buildroot}/usr/share/n
				cd %{buildroot}/usr/share/n
				touch "with space" 日本語.txt 'quo"te' 'back\\\\slash' 'semi;colon' '100%%' 'a:b' "lat\$(printf '\\344')in1"
				ln -s "lat\$(printf '\\344')in1" link
				%files
				/usr/share/n
				%changelog
				* Mon Nov 02 2020 J${latin1}rg <j@localhost> - 1-1
				- Erg${latin1}nzt.
			EOF
			rpmbuild -bb --quiet --define "_topdir $PWD/top" --define '_invalid_encoding_terminates_build 0' --define '__brp_mangle_shebangs %{nil}' specs/names.spec >&2
			for p in filesystem init text kernel; do
				rpm2cpio repo/$p-*.rpm | cpio -idm --quiet -D root
			done
			rpm2cpio top/RPMS/noarch/names-*.rpm | cpio -idm --quiet -D root
			# each alone, as on a system that grew
			for p in repo/{filesystem,init,text,kernel}-*.rpm top/RPMS/noarch/names-*.rpm; do
				rpm --dbpath "$PWD/root/usr/lib/sysimage/rpm" --justdb --nodeps --noscripts --nosignature -i "$p" 2>/dev/null
			done
			printf 'ID=other\nVERSION_ID=7\n' >root/etc/os-release
			touch complete
		) || return
	fi
	cp -a "$made/root" root
}

# all_there IMAGE: each command that looks into images finds the five packages and their files
all_there() {
	run --separate-stderr "$HULL" sbom "$1"
	# shellcheck disable=SC2154 # run sets it
	[ "$status" = 0 ] || echo "$stderr" >&2
	expect 0
	[ "$(jq -r '.packages[] | select(.SPDXID | startswith("SPDXRef-Package")) | .name' <<<"$output" | sort | tr '\n' ' ')" = 'filesystem init kernel names text ' ] || {
		jq -r '.packages[] | "\(.SPDXID) \(.name)"' <<<"$output"
		return 1
	}
	run --separate-stderr "$HULL" audit --json --checks files "$1"
	[ "$status" = 0 ] || [ "$status" = 3 ] || expect 0
	# what rpm leaves beside its database, what cpio does not carry, and files that only root can give away
	jq -e --arg own "belongs to $(id -u):$(id -g) " '[.findings[] | select(.id != "HULL-FILE-OWNER" or (.reason | startswith($own) | not)) | select(.id | startswith("HULL-FILE-")) | select(((.id | startswith("HULL-FILE-UNOWNED") | not) or (.object | test("^/usr/lib/sysimage|^/(odd|opaque|late|turned|one-name|other-name)$") | not)) and .id != "HULL-FILE-CAPABILITIES")] == [] and (.errors // []) == []' <<<"$output" || {
		jq -c '.errors, .findings[]' <<<"$output"
		return 1
	}
	run "$HULL" why /usr/share/n/100% "$1"
	expect 0 'of names'
}

@test "names that are not UTF-8 are shown escaped and hide nothing" {
	foreign_root
	tar -C root -cf foreign.tar .
	all_there foreign.tar
	# the file is found to be its package's; JSON stays UTF-8
	run --separate-stderr "$HULL" sbom --files foreign.tar
	expect 0
	jq -e '[.files[].fileName] | contains(["./usr/share/n/lat%E4in1", "./usr/share/n/日本語.txt"])' <<<"$output"
	jq -e '.packages[] | select(.name == "names") | .summary == "B\\xe4r" and (.description | contains("l\\xe4t."))' <<<"$output"
	run --separate-stderr "$HULL" sbom --format cyclonedx --files foreign.tar
	expect 0
	jq -e '[.components[].name] | contains(["names"])' <<<"$output"
	run --separate-stderr "$HULL" verify foreign.tar --json
	jq -e '[.links[] | select(.object | contains("/n/")) | .reason | select(contains("missing") or contains("belongs to no package"))] == []' <<<"$output"
	# what is changed of it is found, and named escaped
	echo more >root/usr/share/n/lat$'\344'in1
	ln -sf elsewhere root/usr/share/n/link
	tar -C root -cf changed.tar .
	run "$HULL" audit --checks files changed.tar
	expect 3 '/usr/share/n/lat\xe4in1' "points to 'elsewhere', the package has 'lat\\xe4in1'"
	run --separate-stderr "$HULL" diff --json --files foreign.tar changed.tar
	expect 0
	jq -e '[.files[].path] == ["/usr/share/n/lat\\xe4in1", "/usr/share/n/link"]' <<<"$output"
	# and taken away
	rm root/usr/share/n/lat$'\344'in1
	tar -C root -cf less.tar .
	run --separate-stderr "$HULL" audit --json --checks files less.tar
	jq -e '[.findings[] | select(.id == "HULL-FILE-MISSING") | .object] == ["/usr/share/n/lat\\xe4in1"]' <<<"$output"
}

@test "files that are larger than the disk are read like all others" {
	foreign_root
	truncate -s 300M root/usr/share/n/100%
	mke2fs -qt ext4 -d root disk.raw 64M
	run "$HULL" audit --checks files disk.raw
	expect 3 '/usr/share/n/100%' 'has 314572800 bytes, the package has 0'
	run "$HULL" verify disk.raw
	expect 3 '/usr/share/n/100%: content has SHA-256 '
	[[ $output != *'SHA-256 ...'* ]]
	cp disk.raw other.raw
	run "$HULL" diff disk.raw other.raw
	expect 0 'no differences'
	run --separate-stderr "$HULL" sbom --files disk.raw
	expect 0
	jq -e '[.files[] | .checksums[].checksumValue] | all(length > 0)' <<<"$output"
}

@test "words that would take the place of what finds the root are refused" {
	local words
	for words in 'console=ttyS0 root=/dev/sda9 ro' 'rootfstype=xfs' '"root=/dev/sda9"' 'quiet dm-mod.create=x' 'dm_mod.create=x'; do
		config ".SystemConfigs[0].KernelCommandLine.ExtraCommandLine = $(jq -n --arg w "$words" '$w')"
		run "$HULL" image --validate config.json
		expect 1 'config.json:' 'ExtraCommandLine' 'would not find its root'
	done
	config '.SystemConfigs[0].KernelCommandLine.ExtraCommandLine = "systemd.root=x xroot=1 a=\"x root=y\" -- root=z"'
	run "$HULL" image --validate config.json
	expect 0 valid
}

@test "an OCI image has no file whose name means that one is gone" {
	system_repo
	config '.Disks[0] |= ({Artifacts: [{Name: "tree", Type: "oci"}]}) | .SystemConfigs[0] |= (del(.KernelOptions, .KernelCommandLine, .PartitionSettings) |
		.BootType = "none" | .AdditionalFiles = {"config.json": "/etc/.wh.passwd"})'
	run image config.json
	expect 1 'tree.oci.tar: layer: /etc/.wh.passwd: a name that begins with .wh.'
	[ ! -e out/tree.oci.tar ]
	jq '.Disks[0].Artifacts[0].Type = "tar"' config.json >tar.json
	run image tar.json
	expect 0
}

@test "a VHD that Azure does not take is written with a warning" {
	system_repo
	config '.Disks[0] |= (.Artifacts = [{Name: "small", Type: "vhd"}, {Name: "dynamic", Type: "vhd-dynamic"}] | .Partitions |= [.[1] | .HeadRoom = 1]) |
		.SystemConfigs[0] |= (del(.KernelOptions, .KernelCommandLine) | .BootType = "none" | .PartitionSettings |= [.[1]])'
	run image config.json
	expect 0 'small.vhd: its disk has ' 'Azure takes none below 20 MiB'
	[[ $output != *'dynamic.vhd: its disk'* ]]
}

@test "a changelog in the future is warned of" {
	simple later x
	sed -i 's/^\* Mon Nov 02 2026/* Thu Jan 01 2099/' SPECS/later/later.spec
	run "$HULL" plan --specs SPECS later
	expect 0 'later.spec: its changelog begins in the future (2099-01-01)'
}

# layered IMAGE...: what is in an image whose root/ came in three layers is what is in root/
layered() {
	local image
	foreign_root
	umask 022
	python3 "$HULL_TOP/tests/data/layers.py" root "$@"
	tar --owner=0 --group=0 -C root -cf flat.tar .
	for image; do
		all_there "$image"
		run --separate-stderr "$HULL" diff --json --thorough flat.tar "$image"
		expect 0
		jq -e '.files == [] and .packages == []' <<<"$output" || return 1
	done
}

@test "layers of containers: OCI images, directories and what docker save writes" {
	layered oci.tar oci docker.tar docker-old.tar
	# several images: the first is read, and that is said
	python3 "$HULL_TOP/tests/data/layers.py" root/etc many.tar
	run "$HULL" audit --checks files many.tar
	[[ $output == *'of 2 images in it the first is read, linux/amd64'* ]]
	# what is missing is named
	rm oci/blobs/sha256/"$(jq -r '.layers[1].digest | ltrimstr("sha256:")' oci/blobs/sha256/"$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' oci/index.json)")"
	run "$HULL" audit oci
	expect 1 'oci: container image: layer sha256:' 'is missing'
}

# the GPT disk of sectors that sgdisk makes, 4096 bytes each: large.raw with a file system as its second partition
large_sectors() {
	truncate -s 160M large.raw
	python3 "$HULL_TOP/tests/data/gpt4096.py" large.raw "$1"
}

@test "disks as publishers have them: compressed clusters, xz, large sectors" {
	local file
	foreign_root
	mke2fs -qt ext4 -d root plain.raw 64M
	qemu-img convert -c -O qcow2 plain.raw zlib.qcow2
	qemu-img convert -c -O qcow2 -o compression_type=zstd,cluster_size=2M plain.raw zstd.qcow2
	qemu-img convert -c -O qcow2 -o compat=0.10,cluster_size=512 plain.raw old.qcow2
	qemu-img convert -O vpc -o subformat=fixed,force_size plain.raw fixed.vhd
	xz -0k plain.raw fixed.vhd zlib.qcow2
	gzip -1k fixed.vhd
	zstd -q1k fixed.vhd
	large_sectors plain.raw
	for file in zlib.qcow2 zstd.qcow2 old.qcow2 plain.raw.xz fixed.vhd.xz fixed.vhd.gz fixed.vhd.zst zlib.qcow2.xz large.raw; do
		echo "$file" >&2
		all_there "$file"
		run --separate-stderr "$HULL" diff --json --thorough plain.raw "$file"
		expect 0
		jq -e '.files == [] and .packages == []' <<<"$output"
	done
	# both ends of the table
	dd if=/dev/zero of=large.raw bs=4096 seek=1 count=1 conv=notrunc status=none
	run "$HULL" audit --checks files large.raw
	[[ $output == *'large.raw: GPT header at byte 4096: there is none'* ]]
	all_there large.raw
	# damage in what is compressed
	head -c "$(($(stat -c %s plain.raw.xz) / 2))" plain.raw.xz >cut.raw.xz
	run "$HULL" audit cut.raw.xz
	expect 1 'cut.raw.xz: truncated: the compressed data end early'
}

# what links, holes, devices, xattrs and many names there may be, beside the system in root/
odd_files() {
	mkdir -p root/odd/many
	printf hello >root/odd/hello
	ln root/odd/hello root/odd/hard
	ln -s "$(printf 'x%.0s' {1..200})" root/odd/long
	mkfifo root/odd/fifo
	seq 100000 >root/odd/large
	head -c 4096 root/odd/large >root/odd/block
	: >root/odd/empty
	truncate -s 3000000 root/odd/sparse
	printf end >>root/odd/sparse
	(cd root/odd/many && seq -f 'a-name-of-a-file-%g' 3000 | xargs touch)
	chmod 4750 root/odd/hello
	setfattr -n user.small -v value root/odd/hello
	setfattr -n user.large -v "$(printf 'v%.0s' {1..3000})" root/odd/large
}

# same_files IMAGE...: as in root/, by content
same_files() {
	local image
	for image; do
		echo "$image" >&2
		all_there "$image"
		run --separate-stderr "$HULL" diff --json --thorough flat.tar "$image"
		expect 0
		jq -e '[.files[] | select(.path != "/lost+found")] == [] and .packages == []' <<<"$output" || {
			jq -c '.files[]' <<<"$output" | head
			return 1
		}
	done
}

@test "squashfs: every compression, in a partition too" {
	local how
	foreign_root
	odd_files
	tar --xattrs --xattrs-include='*' -C root -cf flat.tar .
	for how in gzip xz zstd lz4; do
		mksquashfs root "$how.squashfs" -comp "$how" -quiet -no-progress
	done
	mksquashfs root plain.squashfs -noI -noD -noF -noX -no-fragments -b 4K -quiet -no-progress
	large_sectors zstd.squashfs
	same_files {gzip,xz,zstd,lz4,plain}.squashfs large.raw
	mksquashfs root/etc lzo.squashfs -comp lzo -quiet -no-progress
	run "$HULL" audit lzo.squashfs
	expect 1 'lzo.squashfs: squashfs at byte 0: its compression 3 (lzo) is not supported'
	head -c 30000 gzip.squashfs >cut.squashfs
	truncate -s 30208 cut.squashfs
	run "$HULL" audit cut.squashfs
	expect 1 'cut.squashfs: squashfs at byte 0: truncated'
}

@test "EROFS: plain, inline, chunks; what is compressed is named" {
	foreign_root
	odd_files
	tar --xattrs --xattrs-include='*' -C root -cf flat.tar .
	mkfs.erofs --quiet plain.erofs root
	mkfs.erofs --quiet -Enoinline_data -Eforce-inode-extended none.erofs root
	mkfs.erofs --quiet -Eforce-inode-compact -T0 compact.erofs root
	mkfs.erofs --quiet --chunksize=4096 chunks.erofs root
	same_files {plain,none,compact,chunks}.erofs
	mkfs.erofs --quiet -zlz4 packed.erofs root
	run "$HULL" audit packed.erofs
	expect 1 'packed.erofs: ' 'is compressed, which is not supported in EROFS'
}

# The database of root/, made again in another format.
rebuilt() { # ndb, or bdb PAGESIZE
	local db=root/usr/lib/sysimage/rpm pages=${2-}
	case $1 in
	ndb)
		python3 "$HULL_TOP/tests/data/ndb.py" "$db/rpmdb.sqlite" Packages.db
		rm "$db"/* -f
		cp Packages.db "$db/"
		;;
	bdb)
		{
			printf 'VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=%s\nHEADER=END\n 00000000\n 06000000\n' "$pages"
			sqlite3 "$db/rpmdb.sqlite" 'SELECT printf(" %02x000000", hnum), " " || lower(hex(blob)) FROM Packages' | tr '|' '\n'
			printf 'DATA=END\n'
		} >dump
		rm "$db"/* -f
		db5.3_load -f dump "$db/Packages"
		# rpm itself reads it
		[ "$(rpm --dbpath "$PWD/$db" --define '_db_backend bdb_ro' -qa 2>/dev/null | wc -l)" = 5 ]
		;;
	esac
	tar -C root -cf "$1$pages.tar" .
}

@test "rpm databases in ndb and Berkeley DB" {
	local pages
	foreign_root
	cp -a root other
	rebuilt ndb
	all_there ndb.tar
	for pages in 512 4096 65536; do
		rm -rf root
		cp -a other root
		rebuilt bdb "$pages"
		all_there "bdb$pages.tar"
	done
	# damage is named, and hides nothing silently
	truncate -s 20000 root/usr/lib/sysimage/rpm/Packages
	tar -C root -cf cut.tar .
	run "$HULL" sbom cut.tar
	expect 1 'cut.tar: /usr/lib/sysimage/rpm/Packages: Berkeley DB: page 0: truncated'
}

@test "XFS: versions 4 and 5, small and large blocks" {
	local how n=0
	foreign_root
	odd_files
	rm -rf root/usr/share/n root/odd/hard
	chmod 755 root/usr/sbin/init* root/odd/hello
	chmod -t root/tmp root/var/tmp 2>/dev/null || true
	tar -C root -cf flat.tar .
	python3 "$HULL_TOP/tests/data/xfsproto.py" root >proto
	for how in '-m crc=1' '-m crc=0' '-m crc=0 -n ftype=1 -i size=2048' '-b size=1024 -i size=512' '-m bigtime=1 -n size=65536'; do
		n=$((n + 1))
		truncate -s 300M "$n.xfs"
		# shellcheck disable=SC2086 # several options
		mkfs.xfs -q $how -p proto "$n.xfs"
		run --separate-stderr "$HULL" diff --json --thorough flat.tar "$n.xfs"
		expect 0
		jq -e '.files == [] and .packages == []' <<<"$output" || {
			jq -c '.files[]' <<<"$output" | head
			return 1
		}
	done
	run "$HULL" why /usr/sbin/init 1.xfs
	expect 0 'of init'
	dd if=/dev/zero of=1.xfs bs=1 seek=124 count=1 conv=notrunc status=none
	run "$HULL" audit 1.xfs
	expect 1 '1.xfs: XFS at byte 0: superblock: its allocation groups are out of range'
}
