#!/usr/bin/env bats
# BuildRequires that a spec prints while it is built, and a release that rpmautospec would count.
bats_require_minimum_version 1.5.0
load helper

# noarch packages with a spec of their own text
plain() { # NAME, sections on stdin
	mkdir -p "SPECS/$1"
	{
		printf '# %s\nName: %s\nVersion: 1\nRelease: %s\nSummary: t\nLicense: MIT\nBuildArch: noarch\n' \
			"$mark" "$1" "${release:-1%{?dist\}}"
		cat
	} >"SPECS/$1/$1.spec"
}

# a package with /usr/share/NAME/x
leaf() {
	plain "$1" <<-'EOF'
		%description
		t
		%install
		mkdir -p %{buildroot}/usr/share/%{name}
		echo x >%{buildroot}/usr/share/%{name}/x
		%files
		/usr/share/%{name}/x
	EOF
}

@test "what %generate_buildrequires prints is resolved and put into the build root" {
	leaf b1
	plain a1 <<-'EOF'
		%description
		t
		%generate_buildrequires
		echo b1
		echo "(nope or b1)"
		%build
		test -e /hull/sysroot/usr/share/b1/x
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	# b1 was not asked for, and nobody knew of it
	run hull plan a1
	expect 0 "build   a1" "its %generate_buildrequires has to run first"
	run hull build a1
	expect 0 "built b1" "built a1"
	record=$(hull build --json a1 | jq -r '.specs[] | select(.name == "a1").key')
	jq -e '.generated == ["b1", "(nope or b1)"]' "$HULL_STORE/builds/$record.json"
	jq -e '[.build_root.packages[].name] | index("b1")' "$HULL_STORE/builds/$record.json"
	# the root is part of the key
	jq -e '.inputs.requires.b1' "$HULL_STORE/builds/$record.json"
	run hull build a1
	expect 0 "nothing to build"
	# what it resolved to has changed
	sed -i 's/echo x/echo y/' SPECS/b1/b1.spec
	run hull build a1
	expect 0 "built b1" "built a1"
}

@test "rounds: what is found in a root that has more is added to it, until nothing is new" {
	leaf one
	leaf two
	leaf three
	plain rounds <<-'EOF'
		%description
		t
		%prep
		echo one >first
		%generate_buildrequires
		cat first
		[ ! -e /hull/sysroot/usr/share/one/x ] || echo two
		[ ! -e /hull/sysroot/usr/share/two/x ] || echo 'three >= 1'
		%install
		mkdir -p %{buildroot}/usr/share/rounds
		ls /hull/sysroot/usr/share >%{buildroot}/usr/share/rounds/list
		%files
		/usr/share/rounds/list
	EOF
	run hull build rounds
	expect 0 "built one" "built two" "built three" "built rounds"
	rpm2cpio out/repo/x86_64/noarch/rounds-1-1.hull1.noarch.rpm | cpio -i --quiet --to-stdout ./usr/share/rounds/list >list
	[ "$(tr '\n' ' ' <list)" = "one three two " ]
	run hull build --check rounds
	expect 0 "rounds: the same RPMs twice"
	# the shell has what the build has
	run hull shell rounds -- ls /hull/sysroot/usr/share
	expect 0 "three"
	# and so has that of a spec that was never built
	sed -i 's/^ls/ls -1/' SPECS/rounds/rounds.spec
	run hull shell rounds -- ls /hull/sysroot/usr/share
	expect 0 "three"
}

@test "a %generate_buildrequires that fails, or asks for what nobody has, is an error of its spec" {
	plain fails <<-'EOF'
		%description
		t
		%generate_buildrequires
		echo r1
		exit 7
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	run hull build fails
	expect 1 "fails.spec: rpmbuild failed" "(%generate_buildrequires)"

	plain nobody <<-'EOF'
		%description
		t
		%generate_buildrequires
		echo 'python3dist(nothing) >= 2'
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	run hull build nobody
	expect 1 "nobody.spec: %generate_buildrequires: " "python3dist(nothing)"

	plain words <<-'EOF'
		%description
		t
		%generate_buildrequires
		echo '(r1 and'
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	run hull build words
	expect 1 "SPECS/words/words.spec: %generate_buildrequires: '(r1 and': "
	# one that is not there when it comes to it: rpm's own conditions
	plain conditional <<-'EOF'
		%description
		t
		%prep
		%if 0
		%generate_buildrequires
		echo r1
		%endif
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	run hull build conditional
	expect 0 "built conditional"
}

@test "a spec that generates a need of itself is a cycle" {
	plain selfish <<-'EOF'
		%description
		t
		%generate_buildrequires
		echo other
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	plain other <<-'EOF'
		BuildRequires: selfish
		%description
		t
		%install
		mkdir -p %{buildroot}
		%files
	EOF
	run hull build
	expect 1 "these specs need each other to be built" "selfish.spec: needs other" "other.spec: needs selfish"
}

@test "%autorelease is what rpmautospec makes of it without a history, and is said" {
	release='%autorelease' leaf a1
	run hull build a1
	expect 0 "built a1 1-1.hull1" \
		"SPECS/a1/a1.spec:4: %autorelease: hull reads no git history, so the number is that of -b or 1; -D '_rpmautospec_release_number N' gives another"
	[ -e out/repo/x86_64/noarch/a1-1-1.hull1.noarch.rpm ]
	release='%autorelease -p -e rc1 -s git1 -b 3' leaf a1
	printf '%%changelog\n%%autochangelog\n' >>SPECS/a1/a1.spec
	run hull build a1
	expect 0 "built a1 1-0.3.rc1.git1.hull1" "a1.spec:16: %autochangelog: hull reads no git history, the changelog has no entries of it"
	run hull build -D '_rpmautospec_release_number 12' a1
	expect 0 "built a1 1-0.12.rc1.git1.hull1"
	[[ $output != *"%autorelease: hull reads"* ]]
	# one that brings its own is left alone
	release='%autorelease' leaf a1
	sed -i '1i %define autorelease 5%{?dist}' SPECS/a1/a1.spec
	run hull build a1
	expect 0 "built a1 1-5.hull1"
	[[ $output != *"%autorelease: hull reads"* ]]
}
