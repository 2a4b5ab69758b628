#!/usr/bin/env bats
# From the bytes of an image to sources: the clean image verifies, each planted fault is exactly one line.
bats_require_minimum_version 1.5.0
load helper
load image

# An image of packages that hull builds: base, alpha (a library whose source is downloaded), beta (a program).
built_image() {
	mkdir -p mirror SPECS/alpha
	echo "int alpha_value(void) { return 1; } /* $mark */" >mirror/alpha-src.c
	spec alpha <<-EOS
		Source0: https://localhost:1/alpha-src.c
		%description
		A library.
		%package devel
		Summary: Headers
		Requires: %{name} = %{version}-%{release}
		%description devel
		Headers.
		%build
		gcc -shared -nostdlib -fPIC -O1 -Wl,-soname,libalpha.so.1 -Wl,--hash-style=sysv -Wl,--build-id=none -o libalpha.so.1 %{SOURCE0}
		%install
		mkdir -p %{buildroot}/usr/lib/pkgconfig %{buildroot}/usr/include
		cp libalpha.so.1 %{buildroot}/usr/lib/libalpha.so.1
		ln -s libalpha.so.1 %{buildroot}/usr/lib/libalpha.so
		echo 'int alpha_value(void);' >%{buildroot}/usr/include/alpha.h
		printf 'Name: alpha\nDescription: x\nVersion: 1.0\nLibs: -lalpha\n' >%{buildroot}/usr/lib/pkgconfig/alpha.pc
		%files
		/usr/lib/libalpha.so.1
		%files devel
		/usr/lib/libalpha.so
		/usr/include/alpha.h
		/usr/lib/pkgconfig/alpha.pc
	EOS
	printf '{"Signatures": {"alpha-src.c": "%s"}}\n' "$(sha256sum mirror/alpha-src.c | cut -d' ' -f1)" >SPECS/alpha/alpha.signatures.json
	mkdir -p SPECS/beta
	cat >SPECS/beta/beta.c <<-EOS
		int alpha_value(void);
		const char text[] = "it is $mark";
		void _start(void) { while (alpha_value()) continue; }
	EOS
	pin beta beta.c
	spec beta <<-'EOS'
		Source0: beta.c
		BuildRequires: pkgconfig(alpha) >= 1.0
		%description
		A program without the C library.
		%build
		gcc -O1 -nostdlib -nostartfiles -L/hull/sysroot/usr/lib -Wl,--build-id=none -Wl,--hash-style=sysv -o beta %{SOURCE0} -lalpha
		%install
		mkdir -p %{buildroot}/usr/bin
		cp beta %{buildroot}/usr/bin/beta
		%files
		/usr/bin/beta
	EOS
	spec base <<-'EOS'
		BuildArch: noarch
		%description
		Directories.
		%install
		mkdir -p %{buildroot}/{dev,etc,proc,root,run,sys,tmp,var/{lib,log,tmp},usr/{bin,sbin,lib,share}}
		for d in bin sbin lib; do ln -s usr/$d %{buildroot}/$d; done
		echo 'NAME=Test' >%{buildroot}/usr/lib/os-release
		echo text >%{buildroot}/etc/base.conf
		%files
		/bin
		/sbin
		/lib
		%dir /dev
		%dir /etc
		%config(noreplace) %attr(0600,root,root) /etc/base.conf
		%dir /proc
		%dir %attr(0700,root,root) /root
		%dir /run
		%dir /sys
		%dir %attr(1777,root,root) /tmp
		/var
		%dir /usr/bin
		%dir /usr/sbin
		%dir /usr/share
		/usr/lib/os-release
	EOS
	hull build --source-url "$PWD/mirror"
	plain_config
	hull image --repo hull=out/repo/x86_64 -o out config.json
	small_store
	HULL_STORE=$PWD/store
}

# a disk that does not boot, of base and beta
plain_config() {
	config '.Disks[0].Partitions = [{ ID: "root", FsType: "ext4", HeadRoom: 16 }] | .SystemConfigs[0] |= (.BootType = "none" | .Packages = ["base", "beta"] |
		del(.KernelOptions, .KernelCommandLine) | .PartitionSettings = [{ ID: "root", MountPoint: "/" }])'
}

# store/: what the image's chain needs of the common store, and nothing else, so that it can be damaged
small_store() {
	local name key record
	mkdir -p store/{builds,logs,sources,rpms,seeds,macros}
	for name in base alpha beta; do
		key=$(cat "$HULL_STORE/latest/x86_64/$name")
		record=$HULL_STORE/builds/$key.json
		cp "$record" store/builds/
		cp "$HULL_STORE/logs/$key.log" store/logs/
		jq -r '(.packages + .build_root.packages)[].sha256' "$record" | while read -r d; do cp "$HULL_STORE/rpms/$d.rpm" store/rpms/; done
		jq -r '.sources[].sha256' "$record" | while read -r d; do cp "$HULL_STORE/sources/$d" store/sources/; done
		cp "$HULL_STORE/seeds/$(jq -r .build_root.seed "$record").json" store/seeds/
		cp -r "$HULL_STORE/macros/$(jq -r .inputs.macros "$record")" store/macros/
	done
}

record_of() { grep -l "\"name\": \"$1\"," store/builds/*.json | while read -r f; do if [ "$(jq -r .spec.name "$f")" = "$1" ]; then echo "$f"; fi; done; }
digest_of() { jq -r --arg n "$1" '.packages[] | select(.name == $n) | .sha256' config.lock.json; }

# change FILE [jq arguments] FILTER: edits a JSON file as hull writes it
change() {
	local file=$1
	shift
	jq -S "$@" "$file" >changed.json
	cp changed.json "$file"
}

# the whole disk with one partition changed by debugfs
debug() { # PARTITION COMMAND...
	local n=$1 start
	shift
	partition "$n"
	for c; do debugfs -w -R "$c" "part$n" 2>/dev/null; done
	start=$(sgdisk -i "$n" out/disk.raw | awk '/First sector/ { print $3 }')
	dd if="part$n" of=out/disk.raw bs=512 seek="$start" conv=notrunc,sparse status=none
}

# exactly these lines are broken or not checked
lines() {
	local got want
	got=$(grep -E '^(broken|not checked): ' <<<"$output" || true)
	want=$(printf '%s\n' "$@")
	[ "$got" = "$want" ] || {
		printf 'wanted:\n%s\ngot:\n%s\n' "$want" "$output"
		return 1
	}
}

@test "a clean image holds from disk to source, also strictly" {
	built_image
	run hull verify --strict out/disk.raw
	expect 0 "every link from disk to source holds"
	lines ""
	[[ $output =~ packages\ +[1-9][0-9]*\ hold,\ 0\ broken ]]
	run hull verify --json out/disk.raw
	expect 0
	jq -e '.format == 1' <<<"$output"
	[ "$(jq -r '.links | length' <<<"$output")" = 0 ]
	[ "$(jq -r .counts.sources.hold <<<"$output")" -ge 5 ]
	# twice the same, with another number of threads
	[ "$(hull verify -j 1 out/disk.raw)" = "$(hull verify -j 5 out/disk.raw)" ]
}

@test "a changed, a foreign and a missing file, modes, owners, capabilities" {
	built_image
	printf 'other\n' >other
	debug 1 'rm /etc/base.conf' "write other /etc/base.conf" 'sif /etc/base.conf mode 0100600'
	run hull verify out/disk.raw
	expect 3 "1 broken, 0 not checked"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]
	[[ $output == *"broken: file /etc/base.conf: content has SHA-256 $(sha256sum other | cut -c1-16)..., package base has $(echo text | sha256sum | cut -c1-16)..."* ]]
	debug 1 'rm /etc/base.conf'
	run hull verify out/disk.raw
	lines "broken: file /etc/base.conf: missing, package base has it"
	printf 'text\n' >text
	debug 1 "write text /etc/base.conf" 'sif /etc/base.conf mode 0104755' 'sif /etc/base.conf uid 7'
	run hull verify out/disk.raw
	expect 3
	lines "broken: file /etc/base.conf: mode 4755 instead of 0600; belongs to user 7 instead of root"
	debug 1 'sif /etc/base.conf mode 0100600' 'sif /etc/base.conf uid 0' 'write text /usr/bin/stranger'
	run hull verify out/disk.raw
	lines "broken: file /usr/bin/stranger: belongs to no package, and the image writer does not make it"
	debug 1 'rm /usr/bin/stranger' 'rm /usr/bin/beta' 'symlink /usr/bin/beta /tmp/x'
	run hull verify out/disk.raw
	lines "broken: file /usr/bin/beta: is of another type than its package says"
}

@test "a capability that the package does not give" {
	built_image
	printf '\001\000\000\002\000\040\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >caps
	debug 1 'ea_set -f caps /usr/bin/beta security.capability'
	run hull verify out/disk.raw
	lines "broken: file /usr/bin/beta: capabilities cap_net_raw=ep instead of none"
}

@test "an altered RPM, log, source, macro in the store" {
	built_image
	beta=$(digest_of beta)
	printf x >>"store/rpms/$beta.rpm"
	is=$(sha256sum "store/rpms/$beta.rpm" | cut -d' ' -f1)
	run hull verify out/disk.raw
	expect 3
	lines "broken: package beta-1.0-1.hull1.x86_64: rpms/$beta.rpm in the store has SHA-256 $is instead of $beta"
	truncate -s -1 "store/rpms/$beta.rpm"

	log=$(basename "$(record_of beta)" .json)
	echo more >>"store/logs/$log.log"
	run hull verify out/disk.raw
	expect 3 "broken: record beta-1.0-1.hull1: logs/$log.log in the store has SHA-256"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]
	head -c -5 "store/logs/$log.log" >log
	cp log "store/logs/$log.log"

	source=$(jq -r '.sources[0].sha256' "$(record_of alpha)")
	chmod u+w "store/sources/$source" # an ordinary user has to
	echo more >>"store/sources/$source"
	run hull verify out/disk.raw
	expect 3 "broken: source alpha-src.c of alpha-1.0-1.hull1: sources/$source in the store has SHA-256"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]
	rm "store/sources/$source"
	run hull verify out/disk.raw
	expect 0 "nothing is broken, but 1 not checked"
	lines "not checked: source alpha-src.c of alpha-1.0-1.hull1: sources/$source is not in the store"
	run hull verify --strict out/disk.raw
	expect 3 "which --strict does not accept"
	cp mirror/alpha-src.c "store/sources/$source"

	macros=$(jq -r .inputs.macros "$(record_of alpha)")
	echo more >"store/macros/$macros/planted"
	run hull verify out/disk.raw
	expect 3 "broken: record alpha-1.0-1.hull1: macros/$macros in the store has the digest"
}

@test "a missing and an altered record, also of a build root" {
	built_image
	record=$(record_of beta)
	mv "$record" kept.json
	run hull verify out/disk.raw
	expect 0
	lines "not checked: record beta-1.0-1.hull1.x86_64: no build record in the store lists it (SHA-256 $(digest_of beta))"
	run hull verify --strict out/disk.raw
	expect 3

	# other inputs under the same key
	jq -S '.inputs.epoch += 1' kept.json >"$record"
	run hull verify out/disk.raw
	expect 3 "broken: record beta-1.0-1.hull1: builds/$(basename "$record"): its inputs have the key"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]

	# a build root that is not the one in the inputs: alpha-devel is the other package
	jq -S --arg d "$(digest_of beta)" '(.build_root.packages[] | select(.name == "alpha-devel") | .sha256) = $d' kept.json >"$record"
	run hull verify out/disk.raw
	expect 3 "broken: record beta-1.0-1.hull1: builds/$(basename "$record"): alpha-devel has not the content that its inputs say"
	cp kept.json "$record"

	# the record that made the build root's package
	rm "$(record_of alpha)"
	run hull verify out/disk.raw
	expect 0
	lines "not checked: record alpha-1.0-1.hull1.x86_64: no build record in the store lists it (SHA-256 $(digest_of alpha))" \
		"not checked: record alpha-devel-1.0-1.hull1.x86_64: no build record in the store lists it (SHA-256 $(jq -r '.build_root.packages[] | select(.name == "alpha-devel").sha256' "$record"))"
}

@test "a source that the inputs do not pin, a spec that changed since" {
	built_image
	record=$(record_of alpha)
	other=$(echo other | sha256sum | cut -d' ' -f1)
	change "$record" --arg d "$other" '.sources[0].sha256 = $d'
	run hull verify out/disk.raw
	expect 3 "broken: record alpha-1.0-1.hull1: builds/$(basename "$record"): source alpha-src.c is not the one in its inputs"
	change "$record" --arg d "$(sha256sum mirror/alpha-src.c | cut -d' ' -f1)" '.sources[0].sha256 = $d'
	echo '# a comment' >>SPECS/alpha/alpha.spec
	run hull verify out/disk.raw
	expect 0
	lines "not checked: source alpha-1.0-1.hull1: not in the spec trees as it was built: alpha.spec"
}

@test "another machine's store has nothing: said, and strictly refused" {
	built_image
	rm -r store
	run hull verify out/disk.raw
	expect 0 "rpms/$(digest_of beta).rpm is not in the store"
	[ "$(grep -c '^not checked:' <<<"$output")" = 6 ]
	[[ $output != *broken:* ]]
	run hull verify --strict out/disk.raw
	expect 3
}

@test "the kernel on the ESP: another section, another stub, a second program" {
	system_repo
	config
	image config.json
	run hull verify out/disk.raw
	expect 0 "boot      1 hold, 0 broken"
	partition 1
	mcopy -n -i part1 ::/EFI/BOOT/BOOTX64.EFI uki
	cp uki changed
	at=$(grep -abo kkkkkkkk uki | head -n 1 | cut -d: -f1)
	printf j | dd of=changed bs=1 seek="$at" conv=notrunc status=none
	put_uki changed
	run hull verify out/disk.raw
	expect 3 "broken: boot EFI/BOOT/BOOTX64.EFI: section .linux is not the kernel of the packages"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]
	cp uki changed
	at=$(grep -abo 'NAME=Test' uki | head -n 1 | cut -d: -f1)
	printf M | dd of=changed bs=1 seek="$at" conv=notrunc status=none
	put_uki changed
	run hull verify out/disk.raw
	expect 3 "broken: boot EFI/BOOT/BOOTX64.EFI: section .osrel is not os-release"
	cp uki changed
	printf X | dd of=changed bs=1 seek=4100 conv=notrunc status=none
	put_uki changed
	run hull verify out/disk.raw
	expect 3 "broken: boot EFI/BOOT/BOOTX64.EFI: the EFI stub in it is not that of the packages"
	put_uki uki
	mcopy -i part1 uki ::/EFI/BOOT/EVIL.EFI
	put_part 1
	run hull verify out/disk.raw
	expect 3 "broken: boot /EFI/BOOT/EVIL.EFI: a file on the ESP that Hull does not put there"
}

put_part() {
	local start
	start=$(sgdisk -i "$1" out/disk.raw | awk '/First sector/ { print $3 }')
	dd if="part$1" of=out/disk.raw bs=512 seek="$start" conv=notrunc status=none
}

put_uki() {
	mcopy -o -n -i part1 "$1" ::/EFI/BOOT/BOOTX64.EFI
	put_part 1
}

@test "dm-verity: the data, the tree and the root hash" {
	system_repo
	config '.SystemConfigs[0].ReadOnlyVerityRoot = { Enable: true }'
	image config.json
	cp out/disk.raw clean.raw
	run hull verify out/disk.raw
	expect 0 "verity    2 hold, 0 broken"
	root=$(jq -r .root_hash out/config.image.json)
	partition 2
	partition 3
	# a byte of the data, in what no file has
	end=$(stat -c %s part2)
	printf x | dd of=part2 bs=1 seek=$((end - 100)) conv=notrunc status=none
	put_part 2
	run hull verify out/disk.raw
	expect 3 "has the root hash" "the command line $root" "the hash tree in it is not that of partition"
	[ "$(grep -c '^broken: verity' <<<"$output")" = 2 ]
	cp clean.raw out/disk.raw
	printf x | dd of=part3 bs=1 seek=5000 conv=notrunc status=none
	put_part 3
	run hull verify out/disk.raw
	expect 3 "the hash tree in it is not that of partition"
	[ "$(grep -c '^broken:' <<<"$output")" = 1 ]
	# another hash on the command line: the boot file is as the packages make it, with that line
	cp clean.raw out/disk.raw
	partition 1
	mcopy -n -i part1 ::/EFI/BOOT/BOOTX64.EFI uki
	at=$(grep -abo "$root" uki | head -n 1 | cut -d: -f1)
	printf '%s' "$(tr '0-9a-f' '1-9a-f0' <<<"$root")" | dd of=uki bs=1 seek="$at" conv=notrunc status=none
	put_uki uki
	run hull verify out/disk.raw
	expect 3 "has the root hash $root, the command line $(tr '0-9a-f' '1-9a-f0' <<<"$root")"
}

@test "with its configuration, what no package has is checked as well" {
	system_repo
	echo added >added
	config '.SystemConfigs[0].AdditionalFiles = { "added": "/etc/added" }'
	image config.json
	run hull verify out/disk.raw
	expect 3
	[ "$(grep '^broken:' <<<"$output")" = "broken: file /etc/added: belongs to no package, and the image writer does not make it" ]
	run hull verify --config config.json out/disk.raw
	expect 0 "0 broken; 1 made by the image writer"
	# accounts are the image writer's: only the configuration knows what they are to be
	debug 2 'dump /etc/passwd passwd'
	sed -i 's/^keeper:x:/keeper::/' passwd
	debug 2 'rm /etc/passwd' 'write passwd /etc/passwd' 'sif /etc/passwd mode 0100644' 'rm /etc/machine-id' 'write added /etc/hostname.new'
	run hull verify out/disk.raw
	[[ $output != *etc/passwd* ]]
	run hull verify --config config.json out/disk.raw
	expect 3
	[ "$(grep '^broken:' <<<"$output")" = "broken: file /etc/hostname.new: belongs to no package, and the configuration does not make it
broken: file /etc/machine-id: missing, the configuration makes it
broken: file /etc/passwd: content is not what the configuration makes" ]
	# another configuration than the one of the image
	echo changed >added
	run hull verify --config config.json out/disk.raw
	expect 3 "broken: file /etc/added: content is not what the configuration makes"
	HULL_STORE=$PWD/empty run hull verify --config config.json out/disk.raw
	expect 3 "not checked: file config.json: what it makes of the packages is not known:"
}

@test "a package built again is the RPM of the image, or the first file that differs is named" {
	unset_store=$HULL_STORE
	built_image
	HULL_STORE=$unset_store
	run hull verify --rebuild beta --rebuild base out/disk.raw
	expect 0 "building beta again" "rebuilds  2 hold, 0 broken" "every link from disk to source holds"
	# the image has another beta than the spec makes
	sed -i 's/it is/it was/' SPECS/beta/beta.c
	pin beta beta.c
	run hull verify --rebuild beta out/disk.raw
	expect 3 "broken: rebuild beta: beta: /usr/bin/beta differs" "file beta.c changed"
	run hull verify --rebuild gamma out/disk.raw
	expect 2 "there is no package 'gamma' in the image"
	[[ $output != *hold* ]] # said before anything was read
	rm -r SPECS/beta
	run hull verify --rebuild beta out/disk.raw
	expect 0 "not checked: rebuild beta-1.0-1.hull1.x86_64: the spec trees have no spec of beta-1.0-1.hull1.src.rpm"
}

@test "a package that does not build again: the end of the log of just that build, and where it is" {
	unset_store=$HULL_STORE
	built_image
	HULL_STORE=$unset_store
	# a build that is in the store, and fails under other conditions
	sed -i '/^%build/a case "$MAKEFLAGS" in *-j7\\ *) echo seven ;; *) echo not seven; exit 1 ;; esac' SPECS/beta/beta.spec
	hull build --jobs 7 beta
	run hull verify --rebuild beta out/disk.raw
	expect 1 "beta does not build again: rpmbuild failed with exit status 1" "SPECS/beta/beta.spec: rpmbuild failed" "  | not seven"
	log=$(sed -n 's/^ *log: //p' <<<"$output")
	[[ $log == *-check.log ]]
	grep -qx 'not seven' "$log"
	grep -qx seven "${log%-check.log}.log"
	# and one that is not there
	sed -i 's/-j7/-j8/; s/not seven/not eight/' SPECS/beta/beta.spec
	run hull verify --rebuild beta out/disk.raw
	expect 1 "SPECS/beta/beta.spec: rpmbuild failed" "  | not eight"
	grep -qx 'not eight' "$(sed -n 's/^ *log: //p' <<<"$output")"
}

@test "what is no image is an error that says so" {
	echo nothing >disk.raw
	run hull verify disk.raw
	expect 1 "disk.raw"
	run hull verify
	expect 2 "name one image"
}
