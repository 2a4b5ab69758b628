#!/usr/bin/env bats
# hull source outdated, with a made-up archive whose indexes apt fetches from a directory.
# shellcheck disable=SC2154 # stderr is set by bats
bats_require_minimum_version 1.5.0
load helper

archive() { "$HULL_TOP/tests/data/debian/archive" "$@"; }

# of SPEC FILE...: a spec with these files of the archive, pinned
of() {
	local name=$1 file n=0 pins=
	shift
	mkdir -p "SPECS/$name"
	for file; do pins+="${pins:+, }\"$file\": \"$(printf %s "$file" | sha256sum | cut -d' ' -f1)\""; done
	echo "{\"Signatures\": {$pins}}" >"SPECS/$name/$name.signatures.json"
	{
		for file; do
			echo "Source$n: debian:pool/main/x/$file"
			n=$((n + 1))
		done
		printf '%s\n' '%description' 'A test.' '%files'
	} | spec "$name"
}

outdated() {
	HULL_STORE=$PWD/store HULL_DEBIAN_MIRROR="$PWD/main $PWD/security" HULL_DEBIAN_KEYRING=$PWD/key.gpg hull source outdated "$@"
}

make_archive() {
	export GNUPGHOME=$PWD/gpg
	archive source main trixie same 1.0-1 same_1.0.orig.tar.gz same_1.0-1.debian.tar.xz
	archive source main trixie lib 1:1.0-1 lib_1.0.orig.tar.gz lib_1.0-1.debian.tar.xz
	archive source security trixie-security lib 1:1.0-1+deb13u1 lib_1.0.orig.tar.gz lib_1.0-1+deb13u1.debian.tar.xz
	archive source main unstable next 2.0-1 next_2.0.orig.tar.gz
	archive key key.gpg
	archive sign main trixie
	archive sign main unstable
	archive sign security trixie-security
}

teardown() { [ ! -d gpg ] || GNUPGHOME=$PWD/gpg gpgconf --kill all; }

@test "what is newer in the archive is told, and where" {
	make_archive
	of same same_1.0.orig.tar.gz same_1.0-1.debian.tar.xz
	run -0 outdated same
	expect 0 "compared with trixie, trixie-security, unstable" "specs: 1 packages, 0 with something newer"
	of lib lib_1.0.orig.tar.gz lib_1.0-1.debian.tar.xz
	of upstream lib_1.0.orig.tar.gz
	of next next_1.0.orig.tar.gz
	echo x >SPECS/next/own.conf
	sed -i 's,^Source0.*,&\nSource1: own.conf\nSource2: https://localhost/other.tar.gz,' SPECS/next/next.spec
	all=(lib next same upstream) # without the seed, of which this archive has nothing
	run -3 --separate-stderr outdated --json "${all[@]}"
	jq -r '.packages[] | "\(.package) \(.pinned) \(.kind) \(.state) \(.security) \(.in_archive) \(.newest) \(.suite) \(.specs | join(" "))"' <<<"$output" >found
	diff found - <<-'EOF'
		lib 1.0 upstream patched true true 1:1.0-1+deb13u1 trixie-security upstream
		lib 1.0-1 source newer true true 1:1.0-1+deb13u1 trixie-security lib
		next 1.0 upstream newer false false 2.0-1 unstable next
		same 1.0-1 source current false true 1.0-1 trixie same
	EOF
	[ "$(jq -c '[.format, .not_compared, .counts.newer, .counts.patched, .counts.security, .missing_suites]' <<<"$output")" = \
		'[1,["next: https://localhost/other.tar.gz"],2,1,2,["trixie-updates, which no archive has","testing, which no archive has"]]' ]
	run -3 outdated "${all[@]}"
	expect 3 "security lib" "as patches of Debian (upstream)" "the pinned version is in none of the suites" \
		"1 sources that are not of the Debian archive, 1 files of specs" "specs: 4 packages, 3 with something newer, 2 of them for security"
	[[ $output != *"same"* ]]
	run -3 outdated --all "${all[@]}"
	expect 3 "current  same"
	# of specs that are named
	run -0 outdated same
	run -3 outdated same lib
	expect 3 "specs: 2 packages"
	# the packages that the seed is locked to are compared whether or not a seed was made
	run -3 --separate-stderr outdated --json
	[ "$(jq '.seed.packages | length' <<<"$output")" = "$(jq '.packages | length' "$HULL_TOP/toolkit/seed/lock.json")" ]
	run -2 hull source newer
	expect 2 "outdated [SPEC...]"
}

@test "indexes that nobody signed, or too long ago, count for nothing" {
	make_archive
	of lib lib_1.0.orig.tar.gz lib_1.0-1.debian.tar.xz
	archive sign security trixie-security -1
	run -1 outdated lib
	expect 1 "trixie-security/InRelease is expired"
	run -3 outdated --allow-expired lib
	archive sign security trixie-security
	sed -i 's/deb13u1/deb13u0/' security/dists/trixie-security/main/source/Sources
	run -1 outdated
	expect 1 "the indexes of the Debian archive"
	[ "$(ls store/tmp)" = "" ]
	run -1 env HULL_STORE="$PWD/store" HULL_DEBIAN_MIRROR="$PWD/main" HULL_DEBIAN_KEYRING="$PWD/no.gpg" "$HULL" source outdated
	expect 1 "HULL_DEBIAN_KEYRING"
	# an archive that cannot be asked is not one without fixes
	run -1 env HULL_STORE="$PWD/store" HULL_DEBIAN_MIRROR="$PWD/main http://127.0.0.1:9/" HULL_DEBIAN_KEYRING="$PWD/key.gpg" "$HULL" source outdated
	expect 1 "whether there are fixes for Debian trixie"
}
