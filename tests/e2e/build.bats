#!/usr/bin/env bats
# From specs to a repository: what is built, in which order, and what is not built again.
bats_require_minimum_version 1.5.0
load helper

@test "a library, its devel package and a program become a repository" {
	library alpha 1
	program beta alpha
	run hull build
	expect 0 "built alpha 1.0-1.hull1" "built beta 1.0-1.hull1"
	[ "$(rpm -qp --qf '%{name} ' out/repo/x86_64/x86_64/*.rpm)" = "alpha alpha-devel beta " ]
	rpm -qp --provides out/repo/x86_64/x86_64/alpha-1.0-1.hull1.x86_64.rpm | grep -F 'libalpha.so.1()(64bit)'
	rpm -qp --requires out/repo/x86_64/x86_64/beta-1.0-1.hull1.x86_64.rpm | grep -F 'libalpha.so.1()(64bit)'
	[ -e out/repo/x86_64/repodata/repomd.xml ]
}

@test "a second run builds nothing and a plan is empty" {
	library alpha 1
	program beta alpha
	hull build
	run hull build
	expect 0 "nothing to build"
	[ "$(built)" = "" ]
	run hull plan
	expect 0 "nothing to build"
}

@test "a rebuilt package with the same files does not rebuild its dependents" {
	library alpha 1
	program beta alpha
	hull build
	echo "# a comment" >>SPECS/alpha/alpha.spec
	run hull plan
	expect 0 "build   alpha" "file alpha.spec changed" "wait    beta" "after alpha"
	run hull build
	expect 0 "built alpha"
	[ "$(built)" = "alpha " ]
}

@test "a changed file rebuilds the dependents and the plan says which" {
	library alpha 1
	program beta alpha
	hull build
	library alpha 2
	run hull plan --json
	expect 0 '"file alpha.c changed"'
	jq -e '.format == 1 and (.specs[] | select(.name == "beta") | .after == ["alpha"])' <<<"$output"
	run hull build alpha
	[ "$(built)" = "alpha " ]
	run hull plan
	expect 0 "build   beta" "BuildRequires alpha changed: /usr/lib/libalpha.so.1 differs"
	run hull build
	[ "$(built)" = "beta " ]
}

@test "only what is named and what it needs is built" {
	library alpha 1
	program beta alpha
	simple gamma text
	run hull build beta
	expect 0
	[ "$(built)" = "alpha beta " ]
	run hull build SPECS/gamma/gamma.spec
	expect 0
	[ "$(built)" = "gamma " ]
	# the repository keeps what it had
	[ "$(rpm -qp --qf '%{name}\n' out/repo/x86_64/*/*.rpm | sort | tr '\n' ' ')" = "alpha alpha-devel beta gamma " ]
}

@test "the build root holds exactly the declared packages" {
	library alpha 1
	library other 1
	spec sees <<-'EOF'
		BuildRequires: alpha-devel
		BuildArch: noarch
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share/sees
		find /hull/sysroot -type f -o -type l | sort >%{buildroot}/usr/share/sees/list
		{ id -u; hostname; pwd; umask; echo $TZ $LC_ALL $SOURCE_DATE_EPOCH; } >%{buildroot}/usr/share/sees/where
		ip -o link 2>/dev/null || cat /proc/net/dev | tail -n +3 | cut -d: -f1 >%{buildroot}/usr/share/sees/net
		%files
		/usr/share/sees
	EOF
	hull build other sees
	rpm2cpio out/repo/x86_64/*/sees-*.rpm | cpio -idm --quiet
	[ "$(cat usr/share/sees/list)" = "$(printf '/hull/sysroot/usr/%s\n' include/alpha.h lib/libalpha.so lib/libalpha.so.1 lib/pkgconfig/alpha.pc)" ]
	grep -qx build usr/share/sees/where
	grep -qx 'UTC C.UTF-8 1793577600' usr/share/sees/where
	[ "$(tr -d ' ' <usr/share/sees/net)" = lo ]
}

@test "what is built on the day of its changelog entry has the time of that day's beginning" {
	simple gamma text
	midnight=$(date -u -d "$(date -u +%F)" +%s)
	sed -i "s/Mon Nov 02 2026/$(LC_ALL=C date -u -d "@$midnight" +'%a %b %d %Y')/" SPECS/gamma/gamma.spec
	hull build gamma
	[ "$(rpm -qp --qf '%{buildtime}[ %{filemtimes}]' out/repo/x86_64/*/gamma-*.rpm | tr ' ' '\n' | sort -u)" = "$midnight" ]
}

@test "a package may own the root and links into it" {
	spec tree <<-'EOF'
		BuildArch: noarch
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/lib
		ln -s usr/lib %{buildroot}/lib
		%files
		%dir /
		/lib
		/usr
	EOF
	simple user x tree
	run hull build
	expect 0
	run hull shell user -- ls -ld /hull/sysroot/lib
	expect 0 "-> usr/lib"
}

@test "hull shell opens the build root of a spec" {
	library alpha 1
	program beta alpha
	run hull shell beta -- sh -c 'ls /hull/sysroot/usr/include SOURCES; touch /usr/x'
	expect 1 alpha.h beta.c "Read-only file system"
	run hull shell beta -- sh -c 'exit 7'
	expect 7
}

@test "another tree of specs overrides by name, with a warning" {
	simple alpha one
	mkdir mine
	mv SPECS mine/
	simple alpha two
	mv mine/SPECS/alpha mine/alpha
	run hull build --specs mine
	expect 0 "mine/alpha/alpha.spec overrides SPECS/alpha/alpha.spec"
	rpm2cpio out/repo/x86_64/*/alpha-*.rpm | cpio -idm --quiet
	[ "$(cat usr/share/alpha/text)" = one ]
}

@test "a tree outside of SPECS can be built with dependencies in SPECS" {
	library alpha 1
	mkdir extra
	program beta alpha
	mv SPECS/beta extra/
	run hull build --specs extra beta
	expect 0
	[ "$(built)" = "alpha beta " ]
}

@test "rich, versioned, file and pkgconfig BuildRequires are matched" {
	library alpha 1
	simple delta x '(alpha-devel or nothing-at-all)' 'alpha >= 0.9' '/usr/include/alpha.h' 'pkgconfig(alpha)' 'make'
	run hull build delta
	expect 0
	[ "$(built)" = "alpha delta " ]
}

@test "plan --dot draws the graph" {
	library alpha 1
	program beta alpha
	run hull plan --dot
	expect 0 digraph alpha beta
}

@test "every record says what went in" {
	library alpha 1
	program beta alpha
	run --separate-stderr hull build --json
	[ "$status" = 0 ]
	key=$(jq -r '.specs[] | select(.name == "beta").key' <<<"$output")
	jq -e '.format == 1' <<<"$output"
	record=$HULL_STORE/builds/$key.json
	[ "$(jq -r '.build_root.packages | map(.name) | join(" ")' "$record")" = "alpha alpha-devel" ]
	[ "$(jq -r '.inputs.files["beta.c"]' "$record")" = "$(sha256sum SPECS/beta/beta.c | cut -d' ' -f1)" ]
	[ "$(jq -r '.packages[0].sha256' "$record")" = "$(sha256sum out/repo/x86_64/*/beta-1.0*.rpm | cut -d' ' -f1)" ]
	[ "$(jq -r '.log.sha256' "$record")" = "$(sha256sum "$HULL_STORE/logs/$key.log" | cut -d' ' -f1)" ]
	jq -e '.build_root.seed | length == 64' "$record"
	jq -e '.finished >= .started and .wall_ms > 0 and .cpu_ms > 0 and (.peak_memory_bytes | type == "number")' "$record"
}

@test "a noarch package builds for another architecture" {
	simple alpha one
	sed -i '/^License/a BuildArch: noarch' SPECS/alpha/alpha.spec
	run hull build --arch aarch64
	expect 0 "built alpha"
	[ -e out/repo/aarch64/repodata/repomd.xml ]
}

@test "what a build leaves in place of its packages leads nowhere" {
	simple alpha one
	hull build
	mkdir outside
	cp out/repo/x86_64/x86_64/alpha-*.rpm out/repo/x86_64/noarch/alpha-*.rpm outside/ 2>/dev/null || true
	[ "$(ls outside)" != "" ]
	for trick in "rmdir /hull/build/RPMS && ln -s '$PWD/outside' /hull/build/RPMS" \
		"ln -s '$PWD'/outside/* /hull/build/RPMS/alpha.rpm" "mkfifo /hull/build/RPMS/alpha.rpm"; do
		{
			echo '%global _rpmdir /tmp'
			printf '%s\n' '%description' 'x' '%install' 'mkdir -p %{buildroot}/usr/share' 'echo x >%{buildroot}/usr/share/x' "$trick"
			printf '%s\n' '%files' '/usr/share/x'
		} | spec alpha
		run timeout 100 "$HULL" build
		expect 1 "the build has"
		[ "$(find outside -type f -name 'alpha-*' | wc -l)" = 1 ]
	done
}
