# SPDX-License-Identifier: MIT
# hull source go-deps: the libraries of a Go program, with an archive of Debian packages made here and an apt that is a script.

load helper

setup_file() {
	# The seed is made with the host's real apt, if there is none yet.
	cd "$BATS_FILE_TMPDIR" || return
	mkdir SPECS
	export mark="godeps-$$-$RANDOM$RANDOM"
	simple seed text
	"$HULL" build seed
}

# go_file PATH TEXT
go_file() {
	mkdir -p "${1%/*}"
	printf '%b\n' "$2" >"$1"
}

# lib NAME VERSION FIELDS [PATH TEXT]...: a golang-NAME-dev package of the archive with these Go files
lib() {
	local name=golang-$1-dev version=$2 fields=$3 deb
	deb=pool/${name}_${version}_all.deb
	shift 3
	rm -rf tree
	while [ $# -gt 0 ]; do
		go_file "tree/usr/share/gocode/src/example.com/$1" "$2"
		shift 2
	done
	mkdir -p tree/DEBIAN mirror/pool
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x\nDescription: x\n' "$name" "$version" >tree/DEBIAN/control
	dpkg-deb -Zgzip --root-owner-group -b tree "mirror/$deb" >/dev/null
	{
		printf 'Package: %s\nVersion: %s\nArchitecture: all\n' "$name" "$version"
		[ -z "$fields" ] || echo "$fields"
		printf 'Filename: %s\nSHA256: %s\n\n' "$deb" "$(sha256sum "mirror/$deb" | cut -d' ' -f1)"
	} >>bin/Packages
}

archive() {
	mkdir -p bin
	lib main 1.0-1 'Depends: golang-sub-dev, golang-two-a-dev, golang-own-dev' \
		main/m.go 'package m\nimport _ "example.com/sub"' \
		main/m_arm64.go 'package m\nimport _ "example.com/arm"' \
		main/m_test.go 'package m\nimport _ "example.com/missing"' \
		main/sub/s.go 'package s'
	lib sub 2 'Depends: golang-arm-dev' \
		sub/s.go 'package s\nimport _ "example.com/vendored"' \
		vendor/example.com/vendored/v.go 'package v'
	lib arm 1 '' arm/a.go 'package a'
	lib tests 1 '' tests/a.go 'package a'
	lib cgo 1 '' cgo/a.go 'package a'
	lib tag 1 '' tag/a.go 'package a'
	lib unused 1 '' unused/a.go 'package a'
	lib two-a 1.9 '' two/go.mod 'module example.com/two/v3' two/v.go 'package two'
	lib two-b 1.10 'Breaks: golang-two-a-dev' two/go.mod 'module example.com/two/v3' two/v.go 'package two'
	lib clash-a 1 '' clash/v.go 'package c'
	lib clash-b 1 '' clash/v.go 'package c'
	lib broken 1 '' broken/b.go 'pakage b'
	# what a library has of the program's own path does not count
	lib own 1 '' own/lib/wrong.go 'package lib\nimport _ "example.com/no"' ownlib/o.go 'package ownlib'
	cat >bin/Sources <<-EOF
		Package: own
		Build-Depends: golang-main-dev, golang-tests-dev, golang-cgo-dev,
		 golang-tag-dev, golang-unused-dev, golang-two-b-dev, golang-clash-a-dev,
		 golang-clash-b-dev, golang-broken-dev
	EOF
	# what says that the suite is there
	mkdir -p mirror/dists/trixie
	touch mirror/dists/trixie/InRelease
	cat >bin/apt-get <<-'EOF'
		#!/bin/sh
		[ "$1" = update ] || exit 1
		lists=$(dirname "$APT_CONFIG")/lists here=$(dirname "$0")
		grep -q '^deb .*trixie main' "$(dirname "$APT_CONFIG")/sources.list" || { echo no index >&2; exit 100; }
		cp "$here/Packages" "$lists/x_dists_trixie_main_binary-amd64_Packages"
		cp "$here/Sources" "$lists/x_dists_trixie_main_source_Sources"
	EOF
	printf '#!/bin/sh\n' >bin/apt-config
	chmod 755 bin/apt-get bin/apt-config
}

# own: the source of the program
own() {
	go_file own-1/go.mod 'module example.com/own'
	go_file own-1/own.go 'package main\nimport (\n\t"fmt"\n\t"example.com/old"\n)'
	go_file own-1/lib/l.go 'package lib\nimport _ "example.com/two/v3"'
	go_file own-1/lib/l_test.go 'package lib\nimport _ "example.com/tests"'
	go_file own-1/lib/c.go 'package lib\nimport "C"\nimport _ "example.com/cgo"'
	go_file own-1/lib/t.go '//go:build extra\n\npackage lib\nimport _ "example.com/tag"'
	go_file own-1/lib/w_windows.go 'package lib\nimport _ "example.com/windows"'
	go_file own-1/bad/b.go 'package bad\nimport _ "example.com/none"\nimport _ "example.com/own/none"'
	go_file own-1/broken/b.go 'package broken\nimport _ "example.com/broken"'
	go_file own-1/clash/c.go 'package clash\nimport _ "example.com/clash"'
	go_file own-1/ownlib/o.go 'package ownlib\nimport _ "example.com/ownlib"\nimport _ "example.com/own/lib"'
	mkdir -p mirror/pool/main/o/own SPECS/own
	tar -czf mirror/pool/main/o/own/own_1.tar.gz own-1
	cat >SPECS/own/own.patch <<-'EOF'
		--- a/own.go
		+++ b/own.go
		@@ -1,5 +1,6 @@
		 package main
		 import (
		 	"fmt"
		-	"example.com/old"
		+	"example.com/main"
		+	"example.com/own/lib"
		 )
	EOF
}

# go_spec WORDS [PREP]
go_spec() {
	printf '{"Signatures": {"own_1.tar.gz": "%s", "stale_1_all.deb": "%064d"}}' \
		"$(sha256sum mirror/pool/main/o/own/own_1.tar.gz | cut -d' ' -f1)" 0 >SPECS/own/own.signatures.json
	spec own <<-EOF
		%global goipath example.com/own
		Source0: debian:pool/main/o/own/own_1.tar.gz
		# go-deps begin $1
		Source100: debian:pool/stale_1_all.deb
		# go-deps end
		Patch0: own.patch
		BuildRequires: nothing-of-this-is-there
		%description
		A program.
		%prep
		%autosetup -p1 -n own-1
		${2:-%goprep}
		%files
	EOF
}

go_deps() {
	PATH=$PWD/bin:$PATH HULL_DEBIAN_MIRROR=$PWD/mirror hull source go-deps own "$@"
}

# found WORDS LIBRARY...: the libraries that go-deps finds for the words of the block
found() {
	local words=$1 want='' name
	shift
	for name; do want+="golang-$name-dev "; done
	go_spec "$words"
	run go_deps --json
	echo "$words: $output"
	[ "$status" -eq 0 ]
	[ "$(grep -o 'golang-.*-dev_' <<<"$output" | tr '_\n' ' ' | tr -s ' ')" = "$want" ]
}

@test "the libraries are those that the Go tool asks for" {
	archive
	own
	found 'packages=. cgo=0' arm main sub two-b
	found 'packages=.' arm cgo main sub two-b
	found 'packages=./lib cgo=0 tags=x,extra' tag two-b
	found 'packages=example.com/own/lib cgo=0 tests=./lib/...' tests two-b
	found 'packages=./lib cgo=0 roots=golang-two-a-dev' two-a
	found 'packages=./ownlib cgo=0' own two-b
}

@test "the list is written to the spec and its hashes to signatures.json" {
	archive
	own
	go_spec 'packages=./lib cgo=0 first=7'
	run go_deps
	expect 0 'own: debian:pool/golang-two-b-dev_1.10_all.deb' 'preparing the source of own'
	[ "$(sed -n '/go-deps begin/,/go-deps end/p' SPECS/own/own.spec)" = '# go-deps begin packages=./lib cgo=0 first=7
Source7:        debian:pool/golang-two-b-dev_1.10_all.deb
# go-deps end' ]
	grep -q "\"golang-two-b-dev_1.10_all.deb\": \"$(sha256sum mirror/pool/golang-two-b-dev_1.10_all.deb | cut -d' ' -f1)\"" SPECS/own/own.signatures.json
	grep -q own_1.tar.gz SPECS/own/own.signatures.json
	run grep stale SPECS/own/own.signatures.json
	[ "$status" -eq 1 ]
	# again: the same, and nothing is written
	touch -d @1000 SPECS/own/own.spec SPECS/own/own.signatures.json
	run go_deps
	expect 0 golang-two-b-dev_1.10_all.deb
	[ "$(stat -c %Y SPECS/own/own.spec SPECS/own/own.signatures.json | sort -u)" = 1000 ]
}

@test "what cannot be found is named as the Go tool names it" {
	archive
	own
	before=$(go_spec '' && cat SPECS/own/own.spec)
	run go_deps
	expect 1 'both golang-clash-a-dev and golang-clash-b-dev have example.com/clash'
	[ "$(cat SPECS/own/own.spec)" = "$before" ]
	go_spec packages=./bad
	run go_deps
	expect 1 'own.spec: go list (GOARCH=amd64), with all libraries at hand:' \
		'bad/b.go:2:8: cannot find package "example.com/none"' 'bad/b.go:3:8: cannot find package "example.com/own/none"'
	go_spec packages=./broken
	run go_deps
	expect 1 "broken/b.go:1:1: example.com/broken: expected 'package', found pakage"
	go_spec packages=./gone
	run go_deps
	expect 1 'cannot find package "example.com/own/gone"'
	go_spec packages=./gone/...
	run go_deps
	expect 1 'pattern ./gone/...: '
	go_spec packages=./testdata/...
	mkdir -p own-1/testdata
	own
	go_spec packages=./testdata/...
	run go_deps
	expect 1 'packages= names no package of example.com/own'
	go_spec packages=fmt
	run go_deps
	expect 1 "own.spec: 'fmt' names no package of example.com/own"
	go_spec source=gone
	run go_deps
	expect 1 "Debian trixie has no source package 'gone'"
	go_spec packages=.
	run go_deps --suite sid
	expect 1 'no Debian archive with sid can be reached'
}

@test "a %prep that fails is quoted" {
	archive
	own
	go_spec 'packages=./lib cgo=0' 'echo the words of prep; exit 7'
	run go_deps
	expect 1 'own.spec: its %prep failed:' '  | the words of prep'
	go_spec 'packages=./lib cgo=0' true
	run go_deps
	expect 1 'own.spec: its %prep does not end with %goprep'
}
