#!/usr/bin/env bats
# Sources that last: look-asides, archives of old versions, other places of a pin.
# shellcheck disable=SC2154 # stderr is set by bats
bats_require_minimum_version 1.5.0
load helper

# of NAME FILE...: a spec with these files of the archive main/, which are made and pinned
of() {
	local name=$1 file n=0 pins=
	shift
	mkdir -p "SPECS/$name" main/pool/main/x
	for file; do
		echo "the content of $file" >"main/pool/main/x/$file"
		pins+="${pins:+, }\"$file\": \"$(sha256sum <"main/pool/main/x/$file" | cut -d' ' -f1)\""
	done
	echo "{\"Date\": \"2026-11-30\", \"Signatures\": {$pins}}" >"SPECS/$name/$name.signatures.json"
	{
		for file; do
			echo "Source$n: debian:pool/main/x/$file"
			n=$((n + 1))
		done
		echo "Source$n: own.conf"
		printf '%s\n' '%description' 'A test.' '%files'
	} | spec "$name"
	echo own >"SPECS/$name/own.conf"
	hull source update "$name"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_STORE=$PWD/store HULL_DEBIAN_MIRROR=$PWD/main HULL_DEBIAN_ARCHIVE=
}

@test "a look-aside has all sources, is filled only once, and serves who has nothing" {
	of a a_1.orig.tar.gz b_1.orig.tar.gz
	of c c_1.orig.tar.gz
	hull source mirror aside a c
	[ "$(ls aside)" = $'a_1.orig.tar.gz\nb_1.orig.tar.gz\nc_1.orig.tar.gz' ]
	run -0 --separate-stderr hull source mirror aside --json a c
	[ "$(jq -c '[.format, .copied, .present, .bytes]' <<<"$output")" = '[1,0,3,0]' ]
	echo damaged >aside/b_1.orig.tar.gz
	run -0 --separate-stderr hull source mirror aside --json a c
	[ "$(jq -c '[.copied, .present]' <<<"$output")" = '[1,2]' ]
	cmp aside/b_1.orig.tar.gz main/pool/main/x/b_1.orig.tar.gz
	rm -r store main/pool
	run -1 hull fetch a c
	expect 1 "a_1.orig.tar.gz" "c_1.orig.tar.gz"
	run -0 hull fetch --source-url "$PWD/aside" a c
	# two files of one name cannot be in one
	of d a_1.orig.tar.gz
	echo another >main/pool/main/x/a_1.orig.tar.gz
	hull source update --all d
	run -1 hull source mirror aside a d
	expect 1 "a_1.orig.tar.gz of SPECS/a/a.spec:" "and of SPECS/d/d.spec:" "two files of one name"
}

@test "what the archive has dropped comes from an archive of old versions, as it was on the day of the pin" {
	of a a_1.orig.tar.gz
	mkdir -p old/20261130T235959Z old/20261201T235959Z/pool/main/x
	mv main/pool old/20261130T235959Z/
	echo later >old/20261201T235959Z/pool/main/x/a_1.orig.tar.gz
	rm -r store
	run -1 hull fetch a
	HULL_DEBIAN_ARCHIVE="$PWD/old/@SNAPSHOTID@" run -0 hull fetch a
	expect 0 "$PWD/old/20261130T235959Z/pool/main/x/a_1.orig.tar.gz"
	# what is there is not asked for; what has no date cannot be asked for
	rm -r store
	jq 'del(.Date)' SPECS/a/a.signatures.json >x
	mv x SPECS/a/a.signatures.json
	HULL_DEBIAN_ARCHIVE="$PWD/old/@SNAPSHOTID@" run -1 hull fetch a
}

@test "at last the places that the pin lists, and nothing but the pinned bytes" {
	of a a_1.orig.tar.gz
	mkdir -p main/other
	mv main/pool/main/x/a_1.orig.tar.gz main/other/a-1
	rm -r store
	jq '.Places = { "a_1.orig.tar.gz": ["http://127.0.0.1:9/x", "debian:other/a-1"] }' SPECS/a/a.signatures.json >x
	mv x SPECS/a/a.signatures.json
	run -0 hull fetch a
	expect 0 "$PWD/main/other/a-1"
	rm -r store
	echo changed >main/other/a-1
	run -1 hull fetch a
	expect 1 "a_1.orig.tar.gz"
	jq '.Places["a_1.orig.tar.gz"] = ["/etc/passwd"]' SPECS/a/a.signatures.json >x
	mv x SPECS/a/a.signatures.json
	run -1 hull fetch a
	expect 1 "'/etc/passwd' is neither http(s): nor debian:"
	# places and date stay when hashes are written, unless the file goes
	jq '.Places["a_1.orig.tar.gz"] = ["debian:other/a-1"]' SPECS/a/a.signatures.json >x
	mv x SPECS/a/a.signatures.json
	hull source update --all a
	[ "$(jq -c '.Places' SPECS/a/a.signatures.json)" = '{"a_1.orig.tar.gz":["debian:other/a-1"]}' ]
	[ "$(jq -r .Date SPECS/a/a.signatures.json)" = "$(date -u +%F)" ]
	sed -i 's/a_1/b_1/' SPECS/a/a.spec
	mkdir -p main/pool/main/x
	echo b >main/pool/main/x/b_1.orig.tar.gz
	hull source update a
	[ "$(jq -c 'has("Places")' SPECS/a/a.signatures.json)" = false ]
	printf '{"Date": "yesterday", "Places": {"b_1.orig.tar.gz": "x"}, "Signatures": {}}' >SPECS/a/a.signatures.json
	run -1 hull fetch a
	expect 1 "\"Date\" is no date of the form YYYY-MM-DD" "\"b_1.orig.tar.gz\" is no list of URLs"
}

@test "what may not be had much longer is told" {
	archive() { "$HULL_TOP/tests/data/debian/archive" "$@"; }
	export GNUPGHOME=$PWD/gpg HULL_DEBIAN_KEYRING=$PWD/key.gpg HULL_DEBIAN_MIRROR="$PWD/main $PWD/security"
	of same same_1.0.orig.tar.gz same_1.0-1.debian.tar.xz
	of lib lib_1.0.orig.tar.gz lib_1.0-1.debian.tar.xz
	of next next_1.0-1.debian.tar.xz
	of fresh fresh_1.0-1.debian.tar.xz
	archive source main trixie same 1.0-1 same_1.0.orig.tar.gz same_1.0-1.debian.tar.xz
	archive source main trixie lib 1.0-1 lib_1.0.orig.tar.gz lib_1.0-1.debian.tar.xz
	archive source security trixie-security lib 1.0-1+deb13u1 lib_1.0.orig.tar.gz lib_1.0-1+deb13u1.debian.tar.xz
	archive source main unstable next 2.0-1 next_2.0-1.debian.tar.xz
	archive source main unstable fresh 1.0-1 fresh_1.0-1.debian.tar.xz
	archive key key.gpg
	archive sign main trixie
	archive sign main unstable
	archive sign security trixie-security
	# its digests are those of names
	for name in same lib fresh; do
		sed -i "s/Signatures.*/&/" "SPECS/$name/$name.signatures.json"
		for file in $(jq -r '.Signatures | keys[]' "SPECS/$name/$name.signatures.json"); do
			[ "$file" = own.conf ] || { jq --arg f "$file" --arg s "$(printf %s "$file" | sha256sum | cut -d' ' -f1)" '.Signatures[$f] = $s' "SPECS/$name/$name.signatures.json" >x && mv x "SPECS/$name/$name.signatures.json"; }
		done
	done
	run -3 --separate-stderr hull source mirror --check same lib next fresh
	diff - <(echo "$output") <<-'EOF'
		source fresh 1.0-1: only in unstable
		source lib 1.0-1: superseded by 1.0-1+deb13u1 of trixie-security
		source next 1.0-1: gone; there is 2.0-1 of unstable
		3 of 4 may not be had much longer
	EOF
	run -0 hull source mirror --check same
	run -3 --separate-stderr hull source mirror --check --json lib
	[ "$(jq -r '.at_risk[0].reason' <<<"$output")" = "superseded by 1.0-1+deb13u1 of trixie-security" ]
	run -2 hull source mirror
	gpgconf --kill all
}
