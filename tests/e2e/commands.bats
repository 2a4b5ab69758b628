#!/usr/bin/env bats
# The other commands as a person types them: help, man pages, completion, fetch, source, seed, cache.
bats_require_minimum_version 1.5.0
load helper

@test "help lists the commands and each has a help of its own" {
	run hull --help
	expect 0 "usage: hull COMMAND" "Exit codes"
	run hull
	expect 2 "usage: hull COMMAND"
	for command in fetch plan build shell resolve image boot why diff verify sbom audit source seed cache config help; do
		run hull "$command" --help
		expect 0 "usage: hull $command" "--store DIR"
		run hull help "$command"
		expect 0 "usage: hull $command"
	done
	run hull --version
	expect 0 "hull "
}

@test "man pages have no formatting errors" {
	hull help --man-all pages
	[ "$(ls pages | wc -l)" = 18 ]
	for page in pages/*.1; do
		[ -z "$(groff -man -ww -z "$page" 2>&1)" ]
	done
	groff -man -Tascii -P-cbou pages/hull-build.1 | grep -q -- "keep-going"
}

@test "completion is valid shell and knows commands, options and specs" {
	hull help --completion bash >c.bash
	bash -n c.bash
	simple alpha one
	run bash -c 'source ./c.bash; COMP_WORDS=(hull bu); COMP_CWORD=1; _hull; echo "${COMPREPLY[@]}"
		COMP_WORDS=(hull build --ke); COMP_CWORD=2; _hull; echo "${COMPREPLY[@]}"
		COMP_WORDS=(hull build al); COMP_CWORD=2; _hull; echo "${COMPREPLY[@]}"'
	[ "$output" = $'build\n--keep-going\nalpha' ]
	hull help --completion zsh | grep -q '#compdef hull'
	hull help --completion fish | grep -q '^complete -c hull'
	run hull help --completion tcsh
	expect 2 "bash, zsh or fish"
}

@test "source update pins a source and fetch says where it is from" {
	mkdir mirror
	echo "data $mark" >mirror/data-1.txt
	spec alpha <<-EOF
		Source0: https://localhost:1/data-1.txt
		%description
		x
		%files
	EOF
	run hull fetch
	expect 1 "data-1.txt" "SPECS/alpha/alpha.spec:8"
	run hull source update --source-url "$PWD/mirror" alpha
	expect 0 "data-1.txt"
	[ "$(jq -r '.Signatures["data-1.txt"]' SPECS/alpha/alpha.signatures.json)" = "$(sha256sum mirror/data-1.txt | cut -d' ' -f1)" ]
	run --separate-stderr hull fetch --json
	[ "$status" = 0 ]
	jq -e '.format == 1 and .sources[0].file == "data-1.txt"' <<<"$output"
	rm -r mirror
	run hull fetch --offline
	expect 0
}

@test "source update lists the patches of an archive that a spec does not take" {
	mkdir -p mirror debian/patches
	for p in one two three; do echo "$p" >debian/patches/$p.patch; done
	printf 'one.patch\n# a comment\ntwo.patch -p0\nthree.patch\n' >debian/patches/series
	tar -cJf mirror/alpha_1-1.debian.tar.xz debian
	alpha() {
		spec alpha <<-EOF
			Source1: https://localhost:1/alpha_1-1.debian.tar.xz
			%description
			x
			%prep
			%debian_patches -s 1 $*
			%files
		EOF
	}
	alpha two.patch
	run hull source update --source-url "$PWD/mirror" alpha
	expect 0 'added   alpha: alpha_1-1.debian.tar.xz' 'alpha does not take 2 of the 3 patches of alpha_1-1.debian.tar.xz:
        one.patch
        three.patch'
	run --separate-stderr hull source update --source-url "$PWD/mirror" --json alpha
	[ "$status" = 0 ]
	jq -e '. == {format: 1, changes: [], left_out: [], patches_left_out: [{spec: "alpha", archive: "alpha_1-1.debian.tar.xz", patches: ["one.patch", "three.patch"]}]}' <<<"$output"
	alpha two.patch three.patch one.patch
	run hull source update --source-url "$PWD/mirror" alpha
	expect 0 'no hash changed'
	[[ $output != *'does not take'* ]]
	# a name that is not there fails before anything is built
	alpha four.patch
	run hull build alpha
	expect 1 "alpha: no patch 'four.patch' in alpha_1-1.debian.tar.xz"
	# what cannot be had is no failure
	rm -r mirror
	HULL_STORE=$PWD/store run hull source update --source-url "$PWD/mirror" alpha
	expect 0 'alpha_1-1.debian.tar.xz: its patches are not known: '
}

@test "provenance names the place that a stored source was first taken from" {
	mkdir mirror
	echo "data $mark" >mirror/data-1.txt
	spec alpha <<-'EOF'
		Source0: https://localhost:1/data-1.txt
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share
		cp %{SOURCE0} %{buildroot}/usr/share/
		%files
		/usr/share/data-1.txt
	EOF
	echo '{"Signatures": {"data-1.txt": "'"$(sha256sum mirror/data-1.txt | cut -d' ' -f1)"'"}}' >SPECS/alpha/alpha.signatures.json
	hull fetch --source-url "$PWD/mirror"
	rm -r mirror
	run --separate-stderr hull build --json
	key=$(jq -r '.specs[0].key' <<<"$output")
	jq -e '.sources[0].origin | endswith("/mirror/data-1.txt")' "$HULL_STORE/builds/$key.json"
	jq -e '.sources[0].url == "https://localhost:1/data-1.txt"' "$HULL_STORE/builds/$key.json"
}

@test "seed show lists the packages of the seed" {
	run --separate-stderr hull seed show --json
	[ "$status" = 0 ]
	jq -e '.format == 1 and (.id | length == 64) and (.packages | length > 100) and ([.packages[] | select(.name == "make")] | length == 1)' <<<"$output"
	run hull seed show
	expect 0 make
}

@test "cache stat and verify, in text and JSON" {
	run --separate-stderr hull cache stat --json
	[ "$status" = 0 ]
	jq -e '.kinds.seeds.entries > 0 and .kinds.seeds.bytes > 0 and .format == 1' <<<"$output"
	run hull cache frobnicate
	expect 2 "stat, gc or verify"
	mkdir -p store/sources
	echo x >"store/sources/$(printf y | sha256sum | cut -d' ' -f1)"
	run hull cache verify --store store
	expect 3 "sources/"
}
