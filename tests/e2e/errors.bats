#!/usr/bin/env bats
# Bad input: a clear error with file, line, object and cause; exit code 1; nothing lost.
load helper

@test "a spec that does not parse" {
	simple alpha one
	sed -i '4a Frobnicate: yes' SPECS/alpha/alpha.spec
	run hull plan --strict
	expect 1 "SPECS/alpha/alpha.spec:5:" "Frobnicate"
}

@test "an unknown macro" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		%{frobnicate_it}
		%files
	EOF
	run hull plan --strict
	expect 1 "SPECS/alpha/alpha.spec:11: unknown macro %{frobnicate_it}"
}

@test "an unknown BuildRequires names file and line and near names" {
	library alpha 1
	simple beta x make alpha-devle
	run hull plan --strict
	expect 1 "SPECS/beta/beta.spec:9:" "alpha-devle" "alpha-devel"
}

@test "a version that no spec offers" {
	library alpha 1
	simple beta x 'alpha-devel >= 9'
	run hull plan --strict
	expect 1 "SPECS/beta/beta.spec:8:" "alpha-devel >= 9" "1.0-1.hull1"
}

@test "a cycle is shown whole, with what is needed at run time, and stops only what needs it" {
	simple alpha x gamma
	simple beta x alpha
	library gamma 1
	sed -i 's/^License/Requires: beta\nLicense/' SPECS/gamma/gamma.spec
	simple behind x beta
	simple apart x
	run hull plan --strict
	expect 1 "SPECS/alpha/alpha.spec: needs beta-1.0-1.hull1.x86_64 of beta: BuildRequires: gamma in line 8; gamma-1.0-1.hull1.x86_64 requires beta" \
		"SPECS/beta/beta.spec: needs alpha"
	for command in plan build; do
		run hull $command --keep-going
		expect 0 "SPECS/alpha/alpha.spec: needs beta" "SPECS/behind/behind.spec: needs SPECS/beta/beta.spec, which is left out"
	done
	[ "$(built)" = "apart gamma " ]
	run hull build behind
	expect 1 "SPECS/alpha/alpha.spec: needs beta" "SPECS/behind/behind.spec"
}

@test "a spec in its own build root is said to be that" {
	simple alpha x alpha
	run hull plan alpha
	expect 1 "this spec needs a package of its own" "SPECS/alpha/alpha.spec: needs alpha-1.0-1.hull1.x86_64 of its own: BuildRequires: alpha in line 8"
}

@test "a mistake in one spec stops only what needs it" {
	simple good x
	simple broken x
	sed -i '4a Frobnicate: yes' SPECS/broken/broken.spec
	simple unsigned x
	echo '{"Signatures": {"x": "short"}}' >SPECS/unsigned/unsigned.signatures.json
	simple other x
	sed -i 's/^License/ExclusiveArch: aarch64\nLicense/' SPECS/other/other.spec
	simple needy x broken-devel
	simple elsewhere x other
	for command in "plan" "fetch" "source update" "build"; do
		run hull $command
		expect 0 "specs are left out:" "SPECS/broken/broken.spec:5:" "SPECS/unsigned/unsigned.signatures.json:1:"
		run hull $command good
		expect 0 "2 specs are left out"
		run hull $command --strict good
		expect 1 "SPECS/broken/broken.spec:5:" "SPECS/unsigned/unsigned.signatures.json:1:"
		run hull $command good broken
		expect 1 "SPECS/broken/broken.spec:5:"
	done
	run hull plan
	expect 0 "SPECS/needy/needy.spec:8: BuildRequires: broken-devel" "SPECS/broken/broken.spec is left out of the trees" \
		"SPECS/elsewhere/elsewhere.spec:8: BuildRequires: other" "it is not for x86_64: ExclusiveArch: aarch64"
	run hull plan other
	expect 1 "ExclusiveArch: aarch64"
	run hull build needy good
	expect 1 "SPECS/needy/needy.spec:8: BuildRequires: broken-devel"
	# what is left out is not built anyway
	run hull plan --no-check=broken good
	expect 0 "2 specs are left out"
	run hull plan --no-check=brokn good
	expect 2 "hull: --no-check: no spec is named 'brokn'"
	hull plan --json --left-out list 2>/dev/null |
		jq -e '[.left_out[] | .spec + " " + .why] == ["broken mistake", "unsigned mistake", "elsewhere requirement", "needy requirement"]'
	[ "$(wc -l <list)" = 4 ]
	grep -q '^SPECS/broken/broken.spec:5: Unknown tag: Frobnicate' list
}

@test "two specs that build the same package" {
	simple alpha x
	library beta 1
	sed -i 's/^%package devel/%package -n alpha/; s/^%description devel/%description -n alpha/; s/^%files devel/%files -n alpha/' SPECS/beta/beta.spec
	run hull plan --strict
	expect 1 "SPECS/beta/beta.spec: package alpha is declared by SPECS/alpha/alpha.spec, too"
	run hull plan
	expect 0 "SPECS/beta/beta.spec: package alpha is declared by SPECS/alpha/alpha.spec, too" "1 to build"
}

@test "a missing source" {
	spec alpha <<-'EOF'
		Source0: https://127.0.0.1:1/nothing-1.0.tar.gz
		%description
		x
		%files
	EOF
	echo '{"Signatures": {"nothing-1.0.tar.gz": "'"$(printf x | sha256sum | cut -d' ' -f1)"'"}}' >SPECS/alpha/alpha.signatures.json
	run hull build
	expect 1 "SPECS/alpha/alpha.spec:8" "https://127.0.0.1:1/nothing-1.0.tar.gz"
	run hull build --offline
	expect 1 "nothing-1.0.tar.gz" "offline"
}

@test "a source without a hash" {
	library alpha 1
	echo '{"Signatures": {}}' >SPECS/alpha/alpha.signatures.json
	run hull build
	expect 1 "alpha.c" "SPECS/alpha/alpha.spec:8"
}

@test "a wrong hash names both hashes and never enters the store" {
	mkdir mirror
	echo wrong >mirror/data-1.0.txt
	wrong=$(sha256sum mirror/data-1.0.txt | cut -d' ' -f1)
	right=$(echo "right $mark" | sha256sum | cut -d' ' -f1)
	spec alpha <<-'EOF'
		Source0: https://127.0.0.1:1/data-1.0.txt
		%description
		x
		%files
	EOF
	echo '{"Signatures": {"data-1.0.txt": "'"$right"'"}}' >SPECS/alpha/alpha.signatures.json
	run hull build --source-url "file://$PWD/mirror"
	expect 1 "$right" "$wrong" "mirror/data-1.0.txt"
	[ ! -e "$HULL_STORE/sources/$wrong" ]
	[ ! -e "$HULL_STORE/sources/$right" ]
	echo "right $mark" >mirror/data-1.0.txt
	sed -i 's/^%files/%install\nmkdir -p %{buildroot}\/usr\/share\ncp %{SOURCE0} %{buildroot}\/usr\/share\/\n%files\n\/usr\/share\/data-1.0.txt/' SPECS/alpha/alpha.spec
	run hull build --source-url "file://$PWD/mirror"
	expect 0 "built alpha"
}

@test "a failing build shows the end of its log, its path and what it blocks" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		echo this is the last word
		exit 3
		%files
	EOF
	simple beta x alpha
	simple gamma x
	run hull build --keep-going
	expect 1 "SPECS/alpha/alpha.spec" "this is the last word" "log: $HULL_STORE/logs/" "this blocks: beta"
	[ "$(built)" = "gamma " ]
	run hull build
	expect 1 "this is the last word"
}

@test "a build that hangs is ended by --timeout" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		sleep 1000
		%files
	EOF
	run timeout 60 "$HULL" build --timeout 3
	expect 1 "did not end within 3 s"
}

@test "a build that writes outside its root" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		echo x >/usr/bin/make
		%files
	EOF
	run hull build
	expect 1 "Read-only file system" "hint:"
}

@test "a build that needs the network" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		python3 -c 'import socket; socket.create_connection(("192.0.2.1", 80), 5)'
		%files
	EOF
	run hull build
	expect 1 "Network is unreachable" "builds have no network"
}

@test "a build that uses too much memory" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		python3 -c 'import time; x = [bytearray(b"x" * (1 << 20)) for i in range(4000)]; time.sleep(5)'
		%files
	EOF
	run hull build --memory 300M
	expect 1 "memory"
}

@test "a listed file that is missing and an unlisted one" {
	simple alpha one
	sed -i 's#^/usr/share/alpha$#/usr/share/alpha\n/usr/share/gone#' SPECS/alpha/alpha.spec
	run hull build
	expect 1 "/usr/share/gone"
	simple beta two
	sed -i 's#^/usr/share/beta$##' SPECS/beta/beta.spec
	run hull build beta
	expect 1 "Installed (but unpackaged) file(s) found" "/usr/share/beta/text" "hint:"
}

@test "a shared library whose package does not provide its soname" {
	library alpha 1
	sed -i 's/^License/AutoReqProv: no\nLicense/' SPECS/alpha/alpha.spec
	run hull build
	expect 1 "/usr/lib/libalpha.so.1" "provides no soname"
}

@test "all mistakes of a tree are reported at once" {
	simple alpha x nothing-one
	simple beta x nothing-two
	run hull plan --strict
	expect 1 nothing-one nothing-two
}

@test "usage errors exit with 2" {
	run hull frobnicate
	expect 2 "unknown command 'frobnicate'"
	run hull build --ofline
	expect 2 "--offline"
	simple alpha x
	run hull build alhpa
	expect 2 "alpha"
	run hull build --jobs many
	expect 2 "--jobs"
}

@test "a full disk is named and the store stays valid" {
	spec alpha <<-'EOF'
		%description
		x
		%build
		head -c 200M /dev/zero | tr '\0' x >big
		%files
	EOF
	simple beta text
	mkdir small
	cat >full.sh <<-'EOF'
		mount -t tmpfs -o size=64M none small
		mkdir small/seeds && mount --bind "$HULL_STORE/seeds" small/seeds
		HULL_STORE=$PWD/small "$HULL" build alpha; echo "status $?"
		HULL_STORE=$PWD/small "$HULL" cache verify; echo "verify $?"
		HULL_STORE=$PWD/small "$HULL" build beta; echo "beta $?"
	EOF
	hull seed show >/dev/null
	run unshare -rm bash full.sh
	expect 0 "No space left on device" "full" "status 1" "verify 0" "beta 0"
}
