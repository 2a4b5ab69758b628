#!/usr/bin/env bats
# Inputs that ask for more than they are worth: what is no file, what is endless, bombs, depths, names by the hundred thousand, and a
# store or a home that cannot be written. Each ends in seconds, with what was asked for or with an error that says why.
bats_require_minimum_version 1.5.0
load helper
load image

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export HULL_STORE=$BATS_FILE_TMPDIR/store
	system_repo
	config '.Disks[0].Artifacts += [{Name: "disk", Type: "tar"}]'
	image config.json
	touch repo/repodata/repomd.xml.asc
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p SPECS
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	tar=$BATS_FILE_TMPDIR/out/disk.tar raw=$BATS_FILE_TMPDIR/out/disk.raw
}

teardown() { chmod -R u+w "$BATS_TEST_TMPDIR" 2>/dev/null || true; }

make() { python3 "$HULL_TOP/tests/data/hostile/make.py" "$@"; }

# ends COMMAND...: hull, within a time that has room for a slow machine, without a signal
ends() {
	run timeout -k 5 "${SECONDS_AT_MOST:-60}" "$HULL" "$@"
	[[ $status != 124 && $status -lt 126 ]] || {
		echo "hull $*: status $status; $output"
		return 1
	}
}

# refused TEXT... -- COMMAND...: it ends with an error that has the texts
refused() {
	local texts=()
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	ends "$@"
	[ "$status" = 1 ] || [ "$status" = 2 ] || expect 1
	expect "$status" "${texts[@]}"
}

# everywhere FILE TEXT...: in each place where a command takes a file that is read
everywhere() {
	local file=$1 dir name
	shift
	name=${file##*/}
	for command in audit sbom verify "why init" "diff $raw"; do
		# shellcheck disable=SC2086 # words of a command
		refused "$name" "$@" -- $command "$file"
	done
	for option in --baseline --vex --kernel-config; do
		refused "$name" "$@" -- audit "$raw" "$option" "$file"
	done
	refused "$name" "$@" -- sbom --format provenance --sign "$file" "$raw"
	dir=$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")
	ln -s "$file" "$dir/in.json"
	refused in.json "$@" -- image --validate "$dir/in.json"
	refused in.json "$@" -- resolve "$dir/in.json"
	ln -s "$file" "$dir/x.lock.json"
	refused x.lock.json "$@" -- why init "$dir/x.json"
	refused x.lock.json "$@" -- diff "$dir/x.lock.json" "$raw"
	mkdir -p "$dir/repo/repodata"
	ln -s "$file" "$dir/repo/repodata/repomd.xml"
	refused repomd.xml "$@" -- resolve "$BATS_FILE_TMPDIR/config.json" --update --repo "r=$dir/repo"
	refused "$name" "$@" -- resolve "$BATS_FILE_TMPDIR/config.json" --update --repo "hull=$BATS_FILE_TMPDIR/repo" --repo-keys "$file"
}

@test "FIFOs, sockets, devices and directories are no files, wherever one is read" {
	mkfifo fifo
	make socket socket
	mkdir directory
	everywhere "$PWD/fifo" 'a FIFO, not a regular file'
	everywhere "$PWD/socket" 'a socket, not a regular file'
	everywhere "$PWD/directory" 'a directory, not a regular file'
	for device in zero full null; do
		everywhere "/dev/$device" 'a device, not a regular file'
	done
}

@test "texts have a size that they may have, and it is said" {
	truncate -s 1T huge
	for option in --baseline --vex --kernel-config; do
		refused 'huge: 1.1 TB, the limit for such a file is' -- audit "$raw" "$option" huge
	done
	ln -s huge in.json
	refused 'in.json: 1.1 TB, the limit' -- image --validate in.json
	ln -s huge in.lock.json
	refused 'in.lock.json: 1.1 TB, the limit' -- why init in.json
	mkdir -p repo/repodata SPECS/a
	truncate -s 1T repo/repodata/repomd.xml
	refused 'repomd.xml: 1.1 TB, the limit' -- resolve "$BATS_FILE_TMPDIR/config.json" --update --repo r=repo
	truncate -s 1T SPECS/a/a.spec
	refused 'SPECS/a/a.spec: 1.1 TB, the limit' -- fetch --strict
	echo >SPECS/a/a.spec
	truncate -s 1T SPECS/a/source
	refused 'SPECS/a/source: 1.1 TB, the limit' -- fetch --strict
	# what has no size is counted
	refused 'more than 16.8 MB, the limit' -- audit "$raw" --kernel-config <(yes)
}

@test "specs and pins that are no files" {
	mkdir -p SPECS/a SPECS/b
	mkfifo SPECS/a/a.spec SPECS/b/b.signatures.json
	printf '%s\n' 'Name: b' 'Version: 1' 'Release: 1' 'Summary: s' 'License: MIT' %description text %files >SPECS/b/b.spec
	refused 'b.signatures.json: a FIFO, not a regular file' -- fetch b
	ends fetch # of all: it is left out, and said to be
	expect 0 'b.signatures.json: a FIFO, not a regular file'
	rm -r SPECS/b
	ends fetch
	expect "$status" 'SPECS/a: skipped, it has no spec'
}

@test "what a command of the shell writes is read" {
	ends audit "$raw" --baseline <(echo '{"accepted": []}') --vex <(echo '{"@context": "https://openvex.dev/ns", "statements": []}') \
		--kernel-config <(echo CONFIG_X=y)
	expect 3 finding
	ends audit "$raw" --kernel-config /dev/stdin <<<'CONFIG_X=y'
	expect 3 finding
}

@test "a compressed disk that is unpacked to more than a disk has" {
	make zstd ones.zst 1 $((9 << 10))
	refused 'ones.zst: is unpacked to more than 1.' -- why init ones.zst
	# a frame that says its size
	{ printf '\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x10\x00\x00'; head -c 1000 /dev/zero; } >said.zst
	refused 'said.zst: is unpacked to more than 68.7 GB' -- why init said.zst
}

@test "an archive with more in it than its size lets expect" {
	tar -cf - --transform 's,.*,usr/share/x,' -H ustar "$raw" | zstd -q >/dev/null
	make claim claim.tar $((1 << 40))
	for command in audit sbom verify "why init" "diff $raw"; do
		# shellcheck disable=SC2086 # words of a command
		refused 'usr/share/claim: with it there are more than' -- $command claim.tar
	done
}

@test "a path that is 20,000 deep: its beginning is named" {
	make deep deep.tar 20000
	for command in audit sbom verify "why init" "diff $raw"; do
		# shellcheck disable=SC2086 # words of a command
		refused 'a path of more than 4095 bytes, which nothing can open' /usr/deep/deep/ -- $command deep.tar
	done
}

@test "an ext4 file system that is 1,100 deep" {
	cp --sparse=always "$raw" deep.raw
	read -r start size < <(sgdisk -i 2 deep.raw | awk '/First sector/ { f = $3 } /Partition size/ { s = $3 } END { print f, s }')
	dd if=deep.raw of=part bs=512 skip="$start" count="$size" conv=sparse status=none
	for _ in $(seq 1100); do printf 'mkdir d\ncd d\n'; done >commands
	debugfs -w -f commands part >log 2>&1
	dd if=part of=deep.raw bs=512 seek="$start" conv=notrunc status=none
	for command in audit sbom verify "why init" "diff $raw"; do
		# shellcheck disable=SC2086 # words of a command
		refused "more than 1024 directories deep: '/d/d/d/" -- $command deep.raw
	done
}

@test "200,000 files in a directory" {
	make names names.tar 200000
	ends why /usr/share/names/199999 names.tar
	ends audit names.tar
	ends diff names.tar "$raw"
}

@test "20,000 accounts and units" {
	make accounts accounts.tar 20000
	ends audit accounts.tar
	expect 1 HULL-ACCOUNT-UID0
}

@test "200,000 packages in a lock file, each there for the next" {
	make lock x.lock.json 200000
	ends why p000000 x.json
	expect 0 p199999 p000000
	ends diff x.lock.json x.lock.json
	expect 0
}

@test "50,000 packages in a repository, each of which requires the next" {
	make repository repo 50000
	jq '.SystemConfigs[0] |= (.Packages = ["p000000"] | .BootType = "none" | del(.KernelOptions, .KernelCommandLine)) |
		.Disks[0].Artifacts = [{Name: "x", Type: "tar"}] | del(.Disks[0].Partitions, .SystemConfigs[0].PartitionSettings)' \
		"$BATS_FILE_TMPDIR/config.json" >many.json
	ends resolve many.json --update --repo r=repo
	expect 0
	[ "$(jq '.packages | length' many.lock.json)" = 50000 ]
	# a chain to a package that is forbidden
	jq '.SystemConfigs[0].ForbiddenPackages = ["p040000"]' many.json >forbidden.json
	refused 'p040000-1-1.noarch is forbidden' -- resolve forbidden.json --update --repo r=repo
}

@test "thousands of forbidden packages in a repository, by a pattern, and 100,000 patterns" {
	make repository repo 20000
	jq '.SystemConfigs[0] |= (.Packages = ["p000000"] | .BootType = "none" | del(.KernelOptions, .KernelCommandLine)) |
		.Disks[0].Artifacts = [{Name: "x", Type: "tar"}] | del(.Disks[0].Partitions, .SystemConfigs[0].PartitionSettings)' \
		"$BATS_FILE_TMPDIR/config.json" >many.json
	jq '.SystemConfigs[0].ForbiddenPackages = ["p01*"]' many.json >forbidden.json
	refused 'p010004-1-1.noarch is forbidden' 'and 9995 more forbidden packages would come with them' \
		-- resolve forbidden.json --update --repo r=repo
	jq '.SystemConfigs[0].ForbiddenPackages = [range(100000) | "q\(.)"] + ["p019999"]' many.json >forbidden.json
	refused 'p019999-1-1.noarch is forbidden' -- resolve forbidden.json --update --repo r=repo
	jq '.SystemConfigs[0].ForbiddenPackages = [range(5000) | "q\(.)*"]' many.json >forbidden.json
	refused 'ForbiddenPackages: more than 4096 patterns with a wildcard' -- resolve forbidden.json --update --repo r=repo
}

@test "100,000 packages that are asked for and that nobody has" {
	make repository repo 20000
	jq '.SystemConfigs[0] |= (.Packages = ["p000000"] + [range(100000) | "q\(.)"] | .BootType = "none" | del(.KernelOptions, .KernelCommandLine)) |
		.Disks[0].Artifacts = [{Name: "x", Type: "tar"}] | del(.Disks[0].Partitions, .SystemConfigs[0].PartitionSettings)' \
		"$BATS_FILE_TMPDIR/config.json" >many.json
	refused "no package is named or provides 'q19'" 'and 99980 more that no package is named or provides' \
		-- resolve many.json --update --repo r=repo
}

@test "100,000 entries of a baseline" {
	jq -n '{accepted: [range(100000) | {id: "HULL-ELF-PIE", object: "/x/\(.)", justification: "j", expires: "2999-01-01"}]}' >many.json
	ends audit --baseline many.json "$raw"
	expect 3 'HULL-ELF-PIE /x/99999: no finding matches it'
	jq -n '{accepted: [range(5000) | {id: "HULL-ELF-PIE", object: "/x/\(.)*", justification: "j", expires: "2999-01-01"}]}' >many.json
	refused "more than 4096 entries with a wildcard in 'object'" -- audit --baseline many.json "$raw"
}

@test "a disk of 5 TB, most of which dm-verity says it covers" {
	cp -r "$BATS_FILE_TMPDIR"/{config.json,repo} .
	jq '.SystemConfigs[0] |= (.ReadOnlyVerityRoot = {Enable: true} | .KernelCommandLine.ExtraCommandLine = "padding=xxxxxxxxxxxxxxxx")' \
		"$BATS_FILE_TMPDIR/config.json" >config.json
	image config.json
	python3 - out/disk.raw $((1 << 30)) <<-'EOF2'
		import re, sys
		data = open(sys.argv[1], "rb").read()
		old = re.search(rb"4096 4096 (\d+) 1 sha256 [^\0]*", data).group(0)
		assert data.count(old) == 1
		new = re.sub(rb"^4096 4096 \d+", b"4096 4096 " + sys.argv[2].encode(), old)
		new = new.replace(b"padding=" + b"x" * (len(new) - len(old)), b"padding=", 1)
		if len(new) != len(old):  # it stands in front
		    pad = b"x" * (len(new) - len(old))
		    at = data.rindex(pad, 0, data.index(old))
		    data = data[:at] + data[at + len(pad):data.index(old)] + new + data[data.index(old) + len(old):]
		else:
		    data = data.replace(old, new)
		open(sys.argv[1], "wb").write(data)
	EOF2
	truncate -s 5T out/disk.raw
	sgdisk -e out/disk.raw >/dev/null
	read -r t2 u2 start <<<"$(sgdisk -i 2 out/disk.raw | awk '/code/ { t = $4 } /unique/ { u = $4 } /First/ { f = $3 } END { print t, u, f }')"
	read -r t3 u3 <<<"$(sgdisk -i 3 out/disk.raw | awk '/code/ { t = $4 } /unique/ { u = $4 } END { print t, u }')"
	sgdisk -d 2 -d 3 -n "2:$start:+4T" -t "2:$t2" -u "2:$u2" -n 3:0:+100G -t "3:$t3" -u "3:$u3" out/disk.raw >/dev/null
	ends verify out/disk.raw
	expect 3 'the partition has 4.4 TB of data: more than the file of the disk and 68.7 GB of holes, and not read'
}

@test "names in a repository that are not UTF-8 are an error, not the end" {
	make repository repo 2
	sed -i 's/<name>p000001/<name>p\xff00001/; s/name="p000001"/name="p\xff00001"/g' repo/repodata/primary.xml
	sum=$(sha256sum <repo/repodata/primary.xml | cut -d' ' -f1)
	sed -i "s/\">[0-9a-f]\{64\}</\">$sum</; s,<size>[0-9]*</size>,<size>$(stat -c %s repo/repodata/primary.xml)</size>," repo/repodata/repomd.xml
	jq '.SystemConfigs[0] |= (.Packages = ["p000000"] | .BootType = "none" | del(.KernelOptions, .KernelCommandLine)) |
		.Disks[0].Artifacts = [{Name: "x", Type: "tar"}] | del(.Disks[0].Partitions, .SystemConfigs[0].PartitionSettings)' \
		"$BATS_FILE_TMPDIR/config.json" >many.json
	refused repo -- resolve many.json --update --repo r=repo
	# nor is the name of a repository
	make repository $'re\xffpo' 2
	refused 'is not UTF-8' -- resolve many.json --update --repo r=$'re\xffpo'
}

@test "few descriptors are an error, and nothing is left behind" {
	for n in $(seq 12 24); do
		code=0
		(exec 3>&- && ulimit -n "$n" && exec timeout -k 5 60 "$HULL" why text "$raw") >said 2>&1 || code=$?
		[[ $code -le 1 ]] || {
			echo "$n descriptors: status $code"
			cat said
			return 1
		}
	done
	# one is claimed again after it was not to be had
	[ "$(find store/tmp -mindepth 1 | wc -l)" -le 1 ]
}

# answers: what can be said of an image is said, whatever the environment of `as` is
answers() {
	local image
	for image in "$@"; do
		run as why text "$image"
		expect 0 'init requires text'
		run as audit "$image"
		[ "$status" = 3 ] || expect 3
		run as sbom "$image"
		expect 0 SPDXRef
		run as diff "$image" "$image"
		expect 0
		run as verify "$image"
		[[ $status = 0 || $status = 3 ]] || expect 0
	done
}

@test "no place for a store: images are read all the same" {
	mkdir -p closed/store
	chmod 555 closed/store closed
	unset HULL_STORE
	as() { env -u HOME -u XDG_CACHE_HOME timeout -k 5 60 "$HULL" "$@"; }
	answers "$raw" "$tar"
	for home in /nonexistent /dev/null /proc "$PWD/closed"; do
		as() { HOME=$home timeout -k 5 60 "$HULL" "$@"; }
		answers "$raw" "$tar"
	done
	for store in /proc/self/store "$PWD/closed/store" "$raw"; do
		as() { HULL_STORE=$store timeout -k 5 60 "$HULL" "$@"; }
		answers "$raw"
	done
	run env HULL_STORE=/proc/x "$HULL" why text "$raw"
	expect 0 'warning: store: ' 'goes on without writing'
}

@test "a store that is full or read-only" {
	unshare -rm true 2>/dev/null || skip "this machine does not let its user mount"
	mkdir store
	as() {
		unshare -rm sh -c 'mount -t tmpfs -o "$1" x "$2" && shift 2 && exec timeout -k 5 60 "$@"' sh "$how" "$PWD/store" "$HULL" "$@"
	}
	for how in size=4k,nr_inodes=4 size=4k ro; do
		answers "$raw"
	done
}

@test "files that may not grow" {
	as() { (ulimit -f 0 && exec timeout -k 5 60 "$HULL" "$@"); }
	answers "$raw"
	run as why text "$tar"
	expect 1 'File too large'
	run as resolve "$BATS_FILE_TMPDIR/config.json" --update --repo "hull=$BATS_FILE_TMPDIR/repo"
	expect 1 'File too large'
}
