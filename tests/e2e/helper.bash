# Helpers of the end-to-end tests. Every test works in a directory of its own; the store is shared, so each spec
# carries a mark of the run that makes its key new.

# shellcheck shell=bash disable=SC2154 # status and output are set by bats' run

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mark="$BATS_TEST_NAME-$$-$RANDOM$RANDOM"
	mkdir -p SPECS
}

hull() { "$HULL" "$@"; }

# seeded_store DIR: a store that has the shared one's seeds, as hard links if the directory for temporary files is on the same disk
seeded_store() {
	local how=-a
	mkdir "$1"
	[ "$(stat -c %d "$HULL_STORE/seeds")" != "$(stat -c %d "$1")" ] || how=-al
	cp "$how" "$HULL_STORE/seeds" "$1/seeds"
}

# spec NAME [extra preamble lines on stdin up to a line "--", then the sections]; without stdin text: a package with one file
spec() {
	local name=$1 body
	mkdir -p "SPECS/$name"
	body=$(cat)
	{
		echo "# $mark"
		echo '%global hull_toolchain %{nil}'
		echo "Name: $name"
		echo 'Version: 1.0'
		echo 'Release: 1%{?dist}'
		echo "Summary: The $name of a test"
		echo 'License: MIT'
		echo "$body"
		printf '%s\n' '%changelog' '* Mon Nov 02 2026 Test <test@localhost> - 1.0-1' '- First.'
	} >"SPECS/$name/$name.spec"
	[ -e "SPECS/$name/$name.signatures.json" ] || echo '{"Signatures": {}}' >"SPECS/$name/$name.signatures.json"
}

# a package with one text file whose content is $2 and that BuildRequires the rest of the arguments
simple() {
	local name=$1 content=$2 r
	shift 2
	{
		for r; do echo "BuildRequires: $r"; done
		cat <<-EOF
			%description
			A test.
			%install
			mkdir -p %{buildroot}/usr/share/$name
			echo '$content' >%{buildroot}/usr/share/$name/text
			%files
			/usr/share/$name
		EOF
	} | spec "$name"
}

# a C library (soname libNAME.so.1) and its -devel package
library() { # NAME RETURN-VALUE
	local name=$1 value=$2
	mkdir -p "SPECS/$name"
	cat >"SPECS/$name/$name.c" <<-EOF
		int ${name}_value(void) { return $value; }
	EOF
	pin "$name" "$name.c"
	spec "$name" <<-EOF
		Source0: $name.c
		%description
		A library.
		%package devel
		Summary: Headers
		Requires: %{name} = %{version}-%{release}
		%description devel
		Headers.
		%build
		gcc -shared -nostdlib -fPIC -O1 -Wl,-soname,lib$name.so.1 -Wl,--hash-style=sysv -Wl,--build-id=none -o lib$name.so.1 %{SOURCE0}
		%install
		mkdir -p %{buildroot}/usr/lib/pkgconfig %{buildroot}/usr/include
		cp lib$name.so.1 %{buildroot}/usr/lib/lib$name.so.1
		ln -s lib$name.so.1 %{buildroot}/usr/lib/lib$name.so
		echo 'int ${name}_value(void);' >%{buildroot}/usr/include/$name.h
		printf 'Name: $name\nDescription: x\nVersion: 1.0\nLibs: -l$name\n' >%{buildroot}/usr/lib/pkgconfig/$name.pc
		%files
		/usr/lib/lib$name.so.1
		%files devel
		/usr/lib/lib$name.so
		/usr/include/$name.h
		/usr/lib/pkgconfig/$name.pc
	EOF
}

# a program linked with a library of the sysroot
program() { # NAME LIBRARY
	local name=$1 lib=$2
	mkdir -p "SPECS/$name"
	cat >"SPECS/$name/$name.c" <<-EOF
		#include <stdio.h>
		#include <$lib.h>
		int main(void) { return printf("%d\n", ${lib}_value()) < 0; }
	EOF
	pin "$name" "$name.c"
	spec "$name" <<-EOF
		Source0: $name.c
		BuildRequires: pkgconfig($lib) >= 1.0
		%description
		A program.
		%build
		gcc -O1 -I/hull/sysroot/usr/include -L/hull/sysroot/usr/lib -Wl,--build-id=none -o $name %{SOURCE0} -l$lib
		%install
		mkdir -p %{buildroot}/usr/bin
		cp $name %{buildroot}/usr/bin/$name
		%files
		/usr/bin/$name
	EOF
}

pin() { # SPEC FILE...: writes signatures.json for files of the directory
	local name=$1 f sep=
	shift
	{
		echo '{"Signatures": {'
		for f; do
			printf '%s"%s": "%s"' "$sep" "$f" "$(sha256sum "SPECS/$name/$f" | cut -d' ' -f1)"
			sep=', '
		done
		echo '}}'
	} >"SPECS/$name/$name.signatures.json"
}

# expect_failure STATUS TEXT... : the last `run` ended so and its output has all the texts
expect() {
	local want=$1 text
	shift
	if [ "$status" != "$want" ]; then
		echo "status $status, expected $want; output:"
		echo "$output"
		return 1
	fi
	for text; do
		if [[ $output != *"$text"* ]]; then
			echo "no '$text' in the output:"
			echo "$output"
			return 1
		fi
	done
}

built() { # names that the last `run hull build` built, sorted
	sed -n 's/^built \([^ ]*\) .*/\1/p' <<<"$output" | sort | tr '\n' ' '
}
