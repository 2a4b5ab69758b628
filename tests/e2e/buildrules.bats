#!/usr/bin/env bats
# Builds in another way than usual: without a %check, with a macro, again, from and to source packages.
bats_require_minimum_version 1.5.0
load helper

# a package whose %check is stdin
checked() { # NAME
	{
		cat <<-EOF
			BuildArch: noarch
			%description
			t
			%install
			mkdir -p %{buildroot}/usr/share/$1
			echo x >%{buildroot}/usr/share/$1/x
			%check
		EOF
		cat
		printf '%%files\n/usr/share/%s\n' "$1"
	} | spec "$1"
}

record() { # NAME MEMBER: of the latest build of a spec
	jq -r "$2" "$HULL_STORE/builds/$(cat "$HULL_STORE/latest/x86_64/$1").json"
}

@test "a %check is left out, of all specs or of one, and never taken for one that was passed" {
	checked bad <<<'exit 3'
	run hull build bad
	expect 1 "bad.spec: rpmbuild failed" "hint: --retry-check N runs a %check that fails again, --check-not-fatal goes on, --no-check=SPEC leaves it out"
	run hull build --no-check=bad bad
	expect 0 "built bad" "warning: built without their %check: bad"
	[ "$(record bad .check)" = none ]
	[ "$(record bad .inputs.check)" = none ]
	run hull build --no-check
	expect 0 "nothing to build"
	# without the option it has to pass
	run hull plan
	expect 0 "build   bad" "its %check was not run, or could fail"
	run hull build bad
	expect 1 "bad.spec: rpmbuild failed"
	run hull build --no-check=nothing bad
	expect 2 "--no-check: no spec is named 'nothing'"

	# what has passed serves, and a spec without %check has nothing to leave out
	checked good <<<true
	simple none text
	run hull build good none
	expect 0 "built good" "built none"
	[ "$(record good .check)" = passed ]
	[ "$(record none .check)" = null ]
	run hull build --no-check good none
	expect 0 "nothing to build"
	[ "$(built)" = "" ]
}

@test "a %check may fail: one that passes is a build as any other" {
	checked shaky <<<'[ -e /hull/build/shaky ] || { touch /hull/build/shaky; exit 3; }'
	checked good <<<true
	run hull build --check-not-fatal
	expect 0 "built shaky" "built good" "warning: built although their %check failed: shaky"
	[ "$(record shaky .check)" = failed ]
	[ "$(record shaky .inputs.check)" = may-fail ]
	[ "$(record good .check)" = passed ]
	[ "$(record good .inputs.check)" = null ]
	[ -e "$HULL_STORE/logs/$(cat "$HULL_STORE/latest/x86_64/good").log" ]
	[ "$(hull build --check-not-fatal --json | jq -c '.specs | map({(.name): .check}) | add')" = '{"good":"passed","shaky":"failed"}' ]
	# good is built, shaky is not
	run hull build
	expect 1 "shaky.spec: rpmbuild failed"
	# the second run of this %check passes
	run hull build --retry-check 2
	expect 0 "built shaky"
	[ "$(built)" = "shaky " ]
	[ "$(record shaky '[.check, .check_tries] | tostring')" = '["passed",2]' ]
	[ "$(record shaky .inputs.check)" = null ]
	run hull build
	expect 0 "nothing to build"
	grep -F 'hull: %check: exit status 3, run 1 of 3' "$HULL_STORE/logs/$(cat "$HULL_STORE/latest/x86_64/shaky").log"
	# one that never passes fails after the last run
	checked bad <<<'exit 5'
	run hull build --retry-check 1 bad
	expect 1 "run 2 of 2" "bad.spec: rpmbuild failed"
}

@test "a macro is given to the specs that are named, and is part of their key" {
	simple other text
	spec told <<-'EOF'
		BuildArch: noarch
		BuildRequires: other
		%description
		t
		%install
		mkdir -p %{buildroot}/usr/share/told
		echo '%{?what}%{!?what:nothing}' >%{buildroot}/usr/share/told/x
		%files
		/usr/share/told
	EOF
	said() { rpm2cpio out/repo/x86_64/noarch/told-1.0-1.hull1.noarch.rpm | cpio -i --quiet --to-stdout ./usr/share/told/x; }
	run hull build told
	expect 0 "built told" "built other"
	[ "$(said)" = nothing ]
	run hull plan -D "what it's %{name} \"so\"" told
	expect 0 "build   told" "macro what is new"
	run hull build -D "what it is %{name}" told
	expect 0 "built told"
	[ "$(built)" = "told " ]
	[ "$(said)" = "it is told" ]
	[ "$(record told .inputs.defines.what)" = "it is %{name}" ]
	# both are in the store now
	run hull build told
	expect 0
	[ "$(built)" = "" ]
	[ "$(said)" = nothing ]
	run hull build --define "what it is %{name}"
	expect 0
	# without names it is for all
	[ "$(built)" = "other " ]
	run hull build -D what told
	expect 2 "-D 'what': a macro's name of three letters or more, a blank and its value are expected"
	# the shell builds the same
	run hull shell -D "what it's" told -- sh -c 'bash -c ". ~/.bashrc; build -bi >/dev/null 2>&1; cat BUILD*/*/BUILDROOT/usr/share/told/x"'
	[ "$status" = 0 ] || [ "$status" = 1 ]
}

@test "a spec that the store has is built again by force" {
	simple again text
	run hull build again
	expect 0 "built again"
	run hull build --force again
	expect 0 "built again"
	[ "$(built)" = "again " ]
	run hull build again
	expect 0 "nothing to build"
	run hull build --force
	expect 2 "--force: name the specs to build again"
}

@test "source packages are written on request, the same twice, and built from" {
	library alpha 1
	run hull build alpha
	expect 0
	before=$(sha256sum out/repo/x86_64/x86_64/alpha-1.0-1.hull1.x86_64.rpm)
	run hull build --srpm alpha
	expect 0 "wrote out/repo/x86_64/SRPMS/alpha-1.0-1.hull1.src.rpm"
	[ "$(rpm -qpl out/repo/x86_64/SRPMS/alpha-1.0-1.hull1.src.rpm | tr '\n' ' ')" = "alpha.c alpha.spec " ]
	cp out/repo/x86_64/SRPMS/alpha-1.0-1.hull1.src.rpm one.src.rpm
	touch out/repo/x86_64/SRPMS/alpha-0.9-1.src.rpm out/repo/x86_64/SRPMS/alpha-beta-0.9-1.src.rpm
	run hull build --srpm alpha
	expect 0
	cmp one.src.rpm out/repo/x86_64/SRPMS/alpha-1.0-1.hull1.src.rpm
	[ "$(ls out/repo/x86_64/SRPMS | tr '\n' ' ')" = "alpha-1.0-1.hull1.src.rpm alpha-beta-0.9-1.src.rpm " ]
	# the packages do not tell
	[ "$before" = "$(sha256sum out/repo/x86_64/x86_64/alpha-1.0-1.hull1.x86_64.rpm)" ]

	# without the tree, and before one in it
	rm -r SPECS/alpha
	run hull build --repo other one.src.rpm
	expect 0
	[ -e other/x86_64/alpha-1.0-1.hull1.x86_64.rpm ]
	library alpha 2
	run hull build --repo other one.src.rpm
	expect 0 "overrides SPECS/alpha/alpha.spec"
	[ "$(ls "$HULL_STORE/tmp")" = "" ]

	run hull build other/x86_64/alpha-1.0-1.hull1.x86_64.rpm.src.rpm
	expect 1 "alpha-1.0-1.hull1.x86_64.rpm.src.rpm"
	cp other/x86_64/alpha-1.0-1.hull1.x86_64.rpm binary.src.rpm
	run hull build binary.src.rpm
	expect 1 "binary.src.rpm: not a source package"
	head -c 2000 one.src.rpm >short.src.rpm
	run hull build short.src.rpm
	expect 1 "short.src.rpm"
	[ "$(ls "$HULL_STORE/tmp")" = "" ]
}

@test "debug information is a package on request, and debuggers find it" {
	mkdir -p SPECS/prog
	printf '#include <stdio.h>\nint a_function(int x) { return puts("x") + x; }\nint main(int argc, char **argv) { (void)argv; return a_function(argc) < 0; }\n' >SPECS/prog/prog.c
	pin prog prog.c
	spec prog <<-'EOF'
		Source0: prog.c
		%description
		A program.
		%build
		gcc %{optflags} -o prog %{SOURCE0}
		%install
		mkdir -p %{buildroot}/usr/bin
		cp prog %{buildroot}/usr/bin/prog
		%files
		/usr/bin/prog
	EOF
	spec text <<-'EOF'
		BuildArch: noarch
		%description
		A text.
		%install
		mkdir -p %{buildroot}/usr/share/text
		%files
		/usr/share/text
	EOF
	run hull build prog
	expect 0 "built prog"
	[ ! -e out/repo/x86_64/x86_64/prog-debuginfo-1.0-1.hull1.x86_64.rpm ]
	run hull build --debuginfo
	expect 0 "built prog" "built text"
	[ "$(rpm -qpl out/repo/x86_64/x86_64/prog-debuginfo-1.0-1.hull1.x86_64.rpm | tr '\n' ' ')" = \
		"/usr/lib/debug /usr/lib/debug/usr /usr/lib/debug/usr/bin /usr/lib/debug/usr/bin/prog.debug " ]
	[ "$(rpm -qp --requires out/repo/x86_64/x86_64/prog-debuginfo-1.0-1.hull1.x86_64.rpm | grep -v '^rpmlib')" = "" ]
	# nothing of a spec without architecture
	[ "$(ls out/repo/x86_64/noarch)" = text-1.0-1.hull1.noarch.rpm ]
	mkdir root && cd root
	rpm2cpio ../out/repo/x86_64/x86_64/prog-1.0-1.hull1.x86_64.rpm | cpio -id --quiet
	rpm2cpio ../out/repo/x86_64/x86_64/prog-debuginfo-1.0-1.hull1.x86_64.rpm | cpio -id --quiet
	run readelf -S -W usr/bin/prog
	expect 0 .gnu_debuglink
	[[ $output != *.debug_info* && $output != *.symtab* ]]
	run readelf -p .gnu_debuglink usr/bin/prog
	expect 0 prog.debug
	run readelf --debug-dump=info usr/lib/debug/usr/bin/prog.debug
	expect 0 a_function
	cd ..
	cat >config.json <<-'EOF'
		{"Disks": [{"Artifacts": [{"Name": "x", "Type": "tar"}]}],
		 "SystemConfigs": [{"Name": "x", "BootType": "none", "Packages": ["prog-debuginfo"]}]}
	EOF
	run hull resolve config.json --repo hull=out/repo/x86_64
	expect 1 "package prog-debuginfo is debug information, which no image gets"
	run hull build --debuginfo --check prog
	expect 0 "prog: the same RPMs twice"
	run hull build prog
	expect 0
	[ "$(built)" = "" ]
	[ ! -e out/repo/x86_64/x86_64/prog-debuginfo-1.0-1.hull1.x86_64.rpm ]
}
