#!/usr/bin/env bats
# What names in a configuration mean, which repository goes before another, and which version is taken.
bats_require_minimum_version 1.5.0
load helper

# rpm NAME VERSION [preamble lines...]: builds NAME-VERSION.rpm into $BATS_FILE_TMPDIR/rpms; $BYTES of data
rpm_of() {
	local name=$1 version=$2
	shift 2
	{
		printf '%s\n' "Name: $name" "Version: $version" 'Release: 1' "Summary: $name" 'License: MIT' 'BuildArch: noarch' "$@"
		cat <<-EOF2
			%description
			$name.
			%install
			mkdir -p %{buildroot}/usr/share/$name
			head -c ${BYTES:-1000} /dev/zero >%{buildroot}/usr/share/$name/data
			%files
			/usr/share/$name
		EOF2
	} >"$BATS_FILE_TMPDIR/$name.spec"
	rpmbuild --define "_topdir $BATS_FILE_TMPDIR/top" --define "_rpmdir $BATS_FILE_TMPDIR/rpms" --define '_rpmfilename %{NAME}-%{VERSION}.rpm' \
		--define '_build_id_links none' -bb "$BATS_FILE_TMPDIR/$name.spec" >"$BATS_FILE_TMPDIR/log" 2>&1
}

setup_file() {
	BYTES=9000 rpm_of fwtables 1.6.0
	BYTES=900 rpm_of fwtables-services 1.6.0 'Provides: fwtables = 1.4.16.1'
	BYTES=9000 rpm_of kernel 6.1
	BYTES=15 rpm_of kernel-lite 1 'Provides: kernel = 9'
	rpm_of kernel 7
	rpm_of multi 1
	rpm_of multi 2 'Requires: broken-thing'
	rpm_of multi 3 'Requires: broken-thing'
	rpm_of user 1 'Requires: multi' 'Requires: kernel'
	rpm_of held 1 'Requires: multi < 2'
	rpm_of broken-thing 1
	rpm_of seven 1 'Requires: kernel >= 7'
}

# repo DIRECTORY NAME-VERSION...
repo() {
	local directory=$1 p
	shift
	rm -rf "$directory"
	mkdir "$directory"
	for p; do cp "$BATS_FILE_TMPDIR/rpms/$p.rpm" "$directory/"; done
	createrepo_c -q "$directory"
}

# image.json with these packages; $KERNEL: the kernel
config() {
	local list
	list=$(printf '"%s", ' "$@")
	cat >image.json <<-EOF
		{
		  "Disks": [{"Artifacts": [{"Name": "x", "Type": "tar"}]}],
		  "SystemConfigs": [{
		    "Name": "x",
		    "BootType": "none",
		    ${KERNEL:+"\"KernelOptions\": {\"default\": \"$KERNEL\"},"}
		    "Packages": [${list%, }]
		  }]
		}
	EOF
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	mkdir SPECS
}

resolve() { "$HULL" resolve image.json --update --repo hull=repo "$@"; }

# taken: "name-version(repository) ..."
taken() { jq -r '[.packages[] | "\(.name)-\(.evr | sub("-1$"; ""))(\(.repository))"] | join(" ")' image.lock.json; }

@test "a name means the package of that name, not a smaller one that provides it" {
	repo repo fwtables-1.6.0 fwtables-services-1.6.0
	for order in "fwtables-services fwtables" "fwtables fwtables-services"; do
		# shellcheck disable=SC2086
		config $order
		run resolve
		[ "$status" = 0 ]
		[[ $output != *warning* ]]
		[ "$(taken)" = "fwtables-1.6.0(hull) fwtables-services-1.6.0(hull)" ]
		jq -e '.providers == null' image.lock.json
	done
	config fwtables
	resolve
	[ "$(taken)" = "fwtables-1.6.0(hull)" ]
	config 'fwtables >= 1.4'
	resolve
	[ "$(taken)" = "fwtables-1.6.0(hull)" ]
	# of a package list, too
	echo '{"packages": ["fwtables-services", "fwtables"]}' >list.json
	config fwtables-services
	sed -i 's/"Packages": .*/"PackageLists": ["list.json"]/' image.json
	resolve
	[ "$(taken)" = "fwtables-1.6.0(hull) fwtables-services-1.6.0(hull)" ]
	# --all and the like take it in the same way
	run "$HULL" why fwtables-services image.json --all
	expect 0 "fwtables-services is asked for in list.json:1"
	[[ $output != *"  fwtables is asked"* ]]
}

@test "a kernel is the package of that name, wherever it is" {
	repo repo user-1 multi-1
	repo one kernel-6.1
	repo two kernel-lite-1
	KERNEL=kernel config multi
	for order in "one two" "two one"; do
		# shellcheck disable=SC2086
		set -- $order
		resolve --repo "$1" --repo "$2"
		[ "$(taken)" = "kernel-6.1(one) multi-1(hull)" ]
	done
	KERNEL=kernel resolve --repo one --repo two
	jq -e '.packages[] | select(.name == "kernel") | .want == "kernel"' image.lock.json
}

@test "without a package of the name a provider is taken, and lock and why say so" {
	repo repo fwtables-services-1.6.0
	config fwtables-services fwtables
	run resolve
	expect 0 "warning: fwtables (image.json:7): no package has that name; fwtables-services provides fwtables = 1.4.16.1"
	[ "$(taken)" = "fwtables-services-1.6.0(hull)" ]
	jq -e '.providers == [{"want": "fwtables", "origin": "image.json:7", "package": "fwtables-services", "provides": "fwtables = 1.4.16.1"}]' image.lock.json
	for name in fwtables fwtables-services; do
		run "$HULL" why "$name" image.json
		expect 0 "fwtables-services-1.6.0-1.noarch" "no package is named as fwtables (image.json:7): fwtables-services provides fwtables = 1.4.16.1"
	done
	run --separate-stderr "$HULL" why fwtables image.json --json
	jq -e '.package == "fwtables-services" and .chain[0].provides[0].want == "fwtables"' <<<"$output"
	# a lock that is kept says it again
	run "$HULL" resolve image.json --repo hull=repo
	expect 0 "warning: fwtables (image.json:7): no package has that name"
	"$HULL" image image.json --repo hull=repo -o out
	run "$HULL" why fwtables out/x.tar
	expect 0 "no package is named as fwtables (image.json:7): fwtables-services provides fwtables = 1.4.16.1"
	tar -xOf out/x.tar usr/share/hull/lock.json >in-image.json
	jq -e '.providers[0].want == "fwtables" and .repositories[0].digest == ""' in-image.json
	# with a version that the package of the name does not have
	repo repo kernel-6.1 kernel-lite-1
	config 'kernel >= 8'
	run resolve
	expect 0 "warning: kernel >= 8 (image.json:7): no package has that name; kernel-lite provides kernel = 9"
}

@test "a repository replaces no name that one before it has, unless asked" {
	repo repo user-1 multi-1 kernel-6.1
	repo extra kernel-7 kernel-lite-1
	config user kernel
	run resolve --repo extra
	[ "$status" = 0 ]
	[[ $output != *warning* ]]
	[ "$(taken)" = "kernel-6.1(hull) multi-1(hull) user-1(hull)" ]
	# the other order
	"$HULL" resolve image.json --update --repo extra --repo hull=repo
	[ "$(taken)" = "kernel-7(extra) multi-1(hull) user-1(hull)" ]
	resolve --repo extra --no-repo-priority
	[ "$(taken)" = "kernel-7(extra) multi-1(hull) user-1(hull)" ]
	# another request: the lock file does not fit without the option
	run "$HULL" resolve image.json --repo hull=repo --repo extra
	expect 1 "~ kernel 7-1.noarch -> 6.1-1.noarch"
	# what nobody asks for by name: the first repository that can satisfies it, not the smallest package
	config user
	resolve --repo extra
	[ "$(taken)" = "kernel-6.1(hull) multi-1(hull) user-1(hull)" ]
	# a name that only the second has, and one that is needed in a version of the second
	repo extra seven-1 kernel-7
	config seven
	run resolve --repo extra
	expect 1 "seven-1-1.noarch requires kernel >= 7, but there is only kernel 6.1-1" \
		"there would be a set with kernel-7-1.noarch of extra, of which repositories before theirs have the names: --no-repo-priority takes them"
	resolve --repo extra --no-repo-priority
	[ "$(taken)" = "kernel-7(extra) seven-1(extra)" ]
	"$HULL" image image.json --no-repo-priority --repo hull=repo --repo extra -o out
}

@test "an older version is not taken in silence" {
	repo repo multi-1 multi-2 multi-3 user-1 kernel-6.1 held-1
	config user
	run resolve
	expect 0 "warning: multi: 1-1 is taken, not the newest version, 3-1: multi-3-1.noarch requires broken-thing, but nothing provides it"
	jq -e '.passed_over == [{"package": "multi", "evr": "1-1", "newest": "3-1", "reason": "multi-3-1.noarch requires broken-thing, but nothing provides it"}]' image.lock.json
	# from the lock file, in the image, and in why
	run "$HULL" resolve image.json --repo hull=repo
	expect 0 "warning: multi: 1-1 is taken, not the newest version, 3-1"
	run "$HULL" image image.json --repo hull=repo -o out
	expect 0 "warning: multi: 1-1 is taken, not the newest version, 3-1"
	tar -xOf out/x.tar usr/share/hull/lock.json >in-image.json
	jq -e '.passed_over == null' in-image.json
	run "$HULL" why multi image.json
	expect 0 "not the newest version, 3-1: multi-3-1.noarch requires broken-thing"
	run --separate-stderr "$HULL" why multi image.json --json
	jq -e '.newest == "3-1"' <<<"$output"
	# as an error: exit code 1, and the lock file stays as it is
	cp image.lock.json before
	for command in "resolve image.json --update" "resolve image.json" "image image.json -o out"; do
		# shellcheck disable=SC2086
		run "$HULL" $command --strict-newest --repo hull=repo
		expect 1 "image.json: not the newest versions (--strict-newest):" "multi: 1-1 is taken, not the newest version, 3-1: multi-3-1.noarch requires broken-thing"
	done
	cmp before image.lock.json
	rm image.lock.json
	run "$HULL" resolve image.json --strict-newest --repo hull=repo
	expect 1 "not the newest versions"
	[ ! -e image.lock.json ]
	# who asks for an older one gets it
	config 'multi = 1'
	run resolve --strict-newest
	[ "$status" = 0 ]
	[[ $output != *warning* ]]
	# another package of the set stands in the way
	repo repo kernel-6.1 kernel-7 user-1 multi-1 multi-2 held-1 broken-thing-1
	config held user
	run resolve
	expect 0 "warning: multi: 1-1 is taken, not the newest version, 2-1: " "held-1-1.noarch"
	[[ $output != *"kernel: "* ]]
}
