#!/usr/bin/env bats
# What a spec finds in its build root, and what may leave it: compilers, make, cmake, Go, notes. Hull's own toolchain
# takes half an hour to build; here it is a few scripts around the seed's, with the same names and the same marks.
bats_require_minimum_version 1.5.0
load helper

# the toolchain: a compiler that leaves the package's note and no comment, which tells when it runs
toolchain() {
	mkdir -p SPECS/toolchain
	cat >SPECS/toolchain/compiler <<-'EOF'
		#!/bin/bash
		name=${0##*/}
		name=${name##*-}
		note=()
		[ ! -s /hull/build/package-note ] || note=(-Xlinker "--package-metadata=$(cat /hull/build/package-note)")
		"/usr/bin/$name" -fno-ident -DMADE_BY_HULL -I/hull/sysroot/usr/include -L/hull/sysroot/usr/lib "$@" "${note[@]}" || exit
		out=a.out
		while [ $# != 0 ]; do
			[ "$1" != -o ] || out=$2
			shift
		done
		case $(od -An -tx1 -N4 "$out" 2>/dev/null) in " 7f 45 4c 46") objcopy --remove-section .comment "$out" ;; esac
	EOF
	pin toolchain compiler
	spec toolchain <<-'EOF'
		Source0: compiler
		%description
		x
		%install
		mkdir -p %{buildroot}/hull/tools/bin %{buildroot}/usr/lib
		cd %{buildroot}/hull/tools/bin
		for name in gcc g++; do
		    install -m 755 %{SOURCE0} %{_target_platform}-$name
		    ln -s %{_target_platform}-$name $name
		done
		ln -s gcc cc
		for name in ld as objcopy strip readelf gcc-ar gcc-nm gcc-ranlib; do
		    ln -s /usr/bin/$name %{_target_platform}-$name
		    ln -s /usr/bin/$name $name
		done
		cp -L /lib64/ld-linux-*.so.? /usr/lib/*-linux-gnu/libc.so.6 %{buildroot}/usr/lib/
		%files
		/hull/tools/bin/*
		/usr/lib/*
	EOF
}

# a spec that is built with it; the sources of its name are pinned before
target() {
	spec "$1"
	sed -i '/hull_toolchain\|hull_foreign_elf/d' "SPECS/$1/$1.spec"
	[ -e SPECS/toolchain ] || toolchain
}

unpack() { # NAME: the files of the built package, here
	rpm2cpio "out/repo/x86_64/x86_64/$1-1.0-1.hull1.x86_64.rpm" | cpio -idmu --quiet
}

# the note of a file, as binutils' readelf shows it
note() { readelf -nW "$1" 2>/dev/null | sed -n 's/^.*Packaging Metadata: //p'; }

@test "gcc, cc and the make that says CC = gcc are the target's; a program for the build is the seed's" {
	mkdir -p SPECS/plain
	printf '%s\n' '#ifndef MADE_BY_HULL' '#error the compiler of the seed' '#endif' 'int main(void) { return 0; }' >SPECS/plain/x.c
	printf '%s\n' 'CC = gcc' 'x: x.c' '	$(CC) -o $@ $<' '	cc -c -o y.o $<' '	$(AR) rc y.a y.o' >SPECS/plain/Makefile
	pin plain x.c Makefile
	target plain <<-'EOF'
		Source0: x.c
		Source1: Makefile
		%description
		x
		%build
		cp %{sources} .
		make x
		for name in "$CC_FOR_BUILD" "$BUILD_CC" "$HOSTCC"; do
		    echo 'int main(void) { return MADE_BY; }' | $name -DMADE_BY=3 -x c -o for-build -
		    r=0; ./for-build || r=$?; [ $r = 3 ]
		    r=0; $name -c -o wrong x.c 2>wrong.log || r=$?; [ $r = 1 ]
		    grep "the compiler of the seed" wrong.log
		done
		# which finds its own assembler and linker
		[ "$(realpath $($CC_FOR_BUILD -print-prog-name=ld))" = "$(realpath /usr/bin/ld)" ]
		%install
		install -D x %{buildroot}/usr/bin/x
		install -D y.a %{buildroot}/usr/lib/y.a
		%files
		/usr/bin/x
		/usr/lib/y.a
	EOF
	run hull build plain
	expect 0 "built plain"
	unpack plain
	[ "$(note usr/bin/x)" = '{"type":"rpm","name":"plain","version":"1.0-1.hull1","architecture":"x86_64","os":"hull"}' ]
}

@test "what another compiler or linker made is refused by its name and the package's" {
	target alpha <<-'EOF'
		%description
		x
		%build
		echo 'int main(void) { return 0; }' >x.c
		$CC_FOR_BUILD -o compiled x.c
		$CC_FOR_BUILD -fno-ident -o linked x.c
		objcopy --remove-section .comment linked
		$CC_FOR_BUILD -fno-ident -Xlinker '--package-metadata={"type":"rpm","name":"beta"}' -o other x.c
		objcopy --remove-section .comment other
		$CC_FOR_BUILD -c x.c
		ar rc x.a x.o
		$CC -o good x.c
		printf '\177ELF' >short
		%install
		mkdir -p %{buildroot}/usr/{bin,lib/firmware}
		cp compiled linked other short good %{buildroot}/usr/bin/
		cp x.a x.o %{buildroot}/usr/lib/
		cp compiled %{buildroot}/usr/lib/firmware/blob
		%files
		/usr/*
	EOF
	run hull build alpha
	expect 1 'alpha: /usr/bin/compiled: was compiled by another compiler than Hull'"'"'s: "GCC: (Debian ' \
		"alpha: /usr/bin/linked: was linked by another linker than Hull's (it has no .note.package)" \
		'alpha: /usr/bin/other: its .note.package is that of another package: {"type":"rpm","name":"beta"}' \
		"alpha: /usr/lib/x.o: was compiled by another" "alpha: /usr/lib/x.a(x.o): was compiled by another" \
		"alpha: /usr/bin/short: cannot be read as an ELF file or an archive: it is cut short"
	[[ $output != */usr/bin/good* ]]
	[[ $output != */usr/lib/firmware* ]]
	# unless the spec says which may be anybody's
	sed -i '1i %global hull_foreign_elf ^/usr/(bin/(compiled|linked|other|short)|lib/x[.])' SPECS/alpha/alpha.spec
	run hull build alpha
	expect 0 "built alpha"
	# and one without notes has none
	sed -i '1i %global hull_package_note %{nil}' SPECS/alpha/alpha.spec
	run hull build alpha
	expect 0 "built alpha"
	unpack alpha
	[ "$(note usr/bin/good)" = '' ]
}

@test "/bin/sh is bash" {
	target alpha <<-'EOF'
		%description
		x
		%build
		printf '%s\n' '#!/bin/sh' 'x=abcdef; a=(1 2); echo ${x:2:3} ${a[1]}' >x
		chmod 755 x
		[ "$(./x) $(make -s -f - <<<'all: ; @x=abcdef; echo $${x:2:3}')" = "cde 2 cde" ]
		%files
	EOF
	run hull build alpha
	expect 0 "built alpha"
}

@test "a plain make is serial; %make_build, %_smp_mflags and any -j share the job server" {
	mkdir -p SPECS/alpha
	# each of the two waits a while for the other
	cat >SPECS/alpha/Makefile <<-'EOF'
		both = mkdir $@.on; for i in 1 2 3 4 5 6 7 8 9; do [ -e $1.on ] && break; sleep 0.1; done; [ -e $1.on ] && echo $@ has $1
		all: a b ; @rmdir *.on
		a: ; @$(call both,b) || echo alone
		b: ; @$(call both,a)
		sub: ; @$(MAKE) --no-print-directory all
		literal: ; @make -j9 --no-print-directory all
	EOF
	pin alpha Makefile
	target alpha <<-'EOF'
		Source0: Makefile
		%description
		x
		%build
		cp %{SOURCE0} .
		serial() { "$@" 2>&1 | tee log; [ "$(grep -cx alone log) $(grep -c warning log)" = "1 0" ]; }
		parallel() { "$@" 2>&1 | tee log; [ "$(grep -c has log) $(grep -c warning log)" = "2 0" ]; }
		serial make all
		serial make sub
		serial make -j1 all
		serial make -j 1 all
		parallel %make_build all
		parallel make %{?_smp_mflags} all
		parallel %{__make} %{?_smp_mflags} sub
		parallel make -j 8 all
		parallel make -j all
		parallel make --jobs=2 literal
		[ "$RPM_BUILD_NCPUS %{_smp_build_ncpus}" = "2 2" ]
		%files
	EOF
	run hull build -j 2 alpha
	expect 0 "built alpha"
}

@test "%cmake with %make_build and %make_install, with ninja, and in a directory of its own" {
	mkdir -p SPECS/alpha
	cat >SPECS/alpha/CMakeLists.txt <<-'EOF'
		cmake_minimum_required(VERSION 3.10)
		project(alpha C)
		include(CheckCSourceRuns)
		check_c_source_runs("int main(void) { return 0; }" RUNS)
		if(NOT RUNS)
		  message(FATAL_ERROR "a test program does not run")
		endif()
		file(WRITE ${CMAKE_BINARY_DIR}/x.c "int main(void) { return 0; }")
		add_executable(x ${CMAKE_BINARY_DIR}/x.c)
		install(TARGETS x DESTINATION ${CMAKE_INSTALL_BINDIR})
		enable_testing()
		add_test(NAME x COMMAND x)
	EOF
	pin alpha CMakeLists.txt
	for how in make old ninja own; do
		case $how in
		make) steps='%cmake|%make_build|make test|%make_install' ;;
		old) steps='mkdir build; cd build; %cmake ..|cd build; %make_build|cd build; %ctest|cd build; %make_install' ;;
		ninja) steps='%cmake -G Ninja|%ninja_build|%ninja_build test|%ninja_install' ;;
		own) steps='%cmake|[ -e %{_vpath_builddir}/Makefile ]; %cmake_build|%ctest|%cmake_install' ;;
		esac
		IFS='|' read -r configure build check install <<<"$steps"
		target alpha <<-EOF
			# $how
			Source0: CMakeLists.txt
			BuildRequires: cmake
			%description
			x
			%build
			cp %{SOURCE0} .
			( $configure )
			( $build )
			%check
			( $check )
			%install
			( $install )
			%files
			/usr/bin/x
		EOF
		[ $how != own ] || sed -i '1i %undefine __cmake_in_source_build' SPECS/alpha/alpha.spec
		run hull build alpha
		expect 0 "built alpha"
	done
}

@test "configure runs the programs without which it cannot go on; tests find libraries of the sysroot" {
	library beta 5
	mkdir -p SPECS/alpha
	cat >SPECS/alpha/configure <<-'EOF'
		#!/bin/sh
		as_fn_error() { echo "configure: error: $2" >&2; exit $1; }
		cross_compiling=yes
		ac_exeext=
		ac_fn_c_try_run() {
		  $CC -o conftest conftest.c -lbeta || return 1
		  { ac_try='./conftest$ac_exeext'
		  (eval "$ac_try") 2>&5; }
		}
		exec 5>config.log
		if test "$cross_compiling" = yes
		then :
		  { { printf "%s\n" "$as_me: error: in x" >&5
		printf "%s\n" "$as_me: error: in x" >&2;}
		as_fn_error $? "cannot run test program while cross compiling
		See config.log" "$LINENO" 5; }
		else
		  echo '#include <beta.h>
		int main(void) { return beta_value() != 5; }' >conftest.c
		  if ac_fn_c_try_run "$LINENO"; then :
		    echo five=yes
		  else
		    echo five=no
		  fi
		fi
		if test "$cross_compiling" = yes; then :
		  echo guess=yes
		else
		  echo guess=no
		  if ac_fn_c_try_run "$LINENO"; then :; fi
		fi
		echo "library path: $LD_LIBRARY_PATH"
	EOF
	pin alpha configure
	target alpha <<-'EOF'
		Source0: configure
		BuildRequires: beta-devel
		%description
		x
		%build
		install -m 755 %{SOURCE0} configure
		touch -d 2020-01-01 configure
		%configure | tee said
		grep -x 'five=yes' said
		grep -x 'guess=yes' said
		# nothing of the sysroot is in the environment
		grep -x 'library path: ' said
		[ "$(date -r configure +%Y)" = 2020 ]
		%check
		# which is no wrapper of a build system, and needs a library of the sysroot
		./conftest
		$HULL_RUN /usr/bin/env >environment
		[ "$(grep -c '^LD_LIBRARY_PATH=.*/hull/sysroot' environment)" = 0 ]
		%install
		install -D conftest %{buildroot}/usr/bin/conftest
		%files
		/usr/bin/conftest
	EOF
	run hull build alpha
	expect 0 "built alpha"
	unpack alpha
	readelf -dlW usr/bin/conftest >headers
	run -1 grep -E '/hull/|R(UN)?PATH' headers
}

@test "Go: a module with vendor/, and a GOPATH; both get the note" {
	mkdir -p SPECS/alpha
	printf '%s\n' 'package main' 'import "example.org/lib"' 'func main() { println(lib.Five()) }' >SPECS/alpha/main.go
	printf '%s\n' 'package lib' 'func Five() int { return 5 }' >SPECS/alpha/lib.go
	pin alpha main.go lib.go
	for how in module gopath; do
		target alpha <<-EOF
			# $how
			Source0: main.go
			Source1: lib.go
			BuildRequires: golang
			%global goipath example.org/alpha
			%description
			x
			%prep
			%setup -q -c -T
			cp %{SOURCE0} .
			mkdir -p vendor/example.org/lib
			cp %{SOURCE1} vendor/example.org/lib/
			$(if [ $how = gopath ]; then echo '%goprep'; else
				echo "printf '%%s\n' 'module example.org/alpha' 'go 1.20' 'require example.org/lib v1.0.0' >go.mod"
				echo "printf '%%s\n' '# example.org/lib v1.0.0' '## explicit; go 1.20' example.org/lib >vendor/modules.txt"
			fi)
			%build
			export CGO_ENABLED=0
			%gobuild -ldflags '-s -w' -o alpha .
			$([ $how = gopath ] || echo "go build -mod=vendor -ldflags '-s -w' -o again .; cmp alpha again")
			%install
			install -D alpha %{buildroot}/usr/bin/alpha
			%check
			[ "\$(./alpha 2>&1)" = 5 ]
			%files
			/usr/bin/alpha
		EOF
		run hull build alpha
		expect 0 "built alpha"
		unpack alpha
		[[ $(note usr/bin/alpha) == '{"type":"rpm","name":"alpha",'* ]]
		[ "$(usr/bin/alpha 2>&1)" = 5 ]
	done
}

@test "Rust: cargo with a vendored crate and a build script, linked by the target's compiler" {
	mkdir -p SPECS/alpha
	printf '%s\n' 'fn main() { println!("{} {}", five::five(), env!("FROM_BUILD")); }' >SPECS/alpha/main.rs
	printf '%s\n' 'pub fn five() -> u32 { 5 }' >SPECS/alpha/lib.rs
	printf '%s\n' 'fn main() { println!("cargo:rustc-env=FROM_BUILD=built"); }' >SPECS/alpha/build.rs
	printf '%s\n' '[package]' 'name = "alpha"' 'version = "1.0.0"' 'edition = "2021"' '[dependencies]' 'five = "1.0"' >SPECS/alpha/Cargo.toml
	printf '%s\n' '[package]' 'name = "five"' 'version = "1.0.0"' >SPECS/alpha/five.toml
	pin alpha main.rs lib.rs build.rs Cargo.toml five.toml
	target alpha <<-'EOF'
		Source0: main.rs
		Source1: lib.rs
		Source2: build.rs
		Source3: Cargo.toml
		Source4: five.toml
		BuildRequires: cargo
		BuildRequires: rust
		%description
		x
		%prep
		%setup -q -c -T
		mkdir -p src vendor/five/src
		cp %{SOURCE0} src/
		cp %{SOURCE2} %{SOURCE3} .
		cp %{SOURCE1} vendor/five/src/
		cp %{SOURCE4} vendor/five/Cargo.toml
		echo '{"files":{}}' >vendor/five/.cargo-checksum.json
		%cargo_prep -v vendor
		%build
		%cargo_build
		%check
		[ "$(target/release/alpha)" = "5 built" ]
		%install
		%cargo_install
		%files
		/usr/bin/alpha
	EOF
	run hull build alpha
	expect 0 "built alpha"
	unpack alpha
	[[ $(note usr/bin/alpha) == '{"type":"rpm","name":"alpha",'* ]]
	[ "$(usr/bin/alpha)" = "5 built" ]
	run -1 grep -q /hull/build usr/bin/alpha
}
