#!/usr/bin/env bats
# What others wrote, on the way to a terminal: no attempt colours it, sets its title, or looks like a line of hull's. Each call of
# `shown` is an attempt; what it shows begins with OWNED.
bats_require_minimum_version 1.5.0
load helper
load image

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# shellcheck disable=SC2034 # of the helper
	mark="$BATS_TEST_NAME-$$-$RANDOM$RANDOM"
	shared=$HULL_STORE
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	mkdir -p SPECS
	# colours, title, screen, cursor, controls of 8 bits, direction of text
	line=$'OWNED\e[31m\e]0;title\a\e[2J\r\b\x7f\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6'
	hostile=$line$'\nFAKED: line\xff' # a name: with a line, and a byte that is no UTF-8
	# the same as JSON without that byte
	json='OWNED\u001b[31m\u001b]0;title\u0007\u001b[2J\r\b\u007f\u009b1m\u202e\u2066\nFAKED: line'
}

# shown COMMAND...: it says OWNED (or not: ANY=1), in text without control characters, and no line is faked; tabs are those of
# logs (TABS=1)
shown() {
	"$@" >said 2>&1 || true
	perl -MEncode -0777 -ne '
		my $text = eval { decode("UTF-8", $_, Encode::FB_CROAK) } // do { print "no UTF-8\n"; exit 1 };
		$text =~ s/\t//g if $ENV{TABS};
		$text =~ /[\x00-\x09\x0b-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]/ and do {
			printf "U+%04x at %d\n", ord $&, $-[0]; exit 1 };
		$text =~ /^FAKED/m and do { print "a faked line\n"; exit 1 };
		$text =~ /OWNED/ && $text =~ /\\(x1b|u001b|u009b)|control character 0x1b/ or $ENV{ANY} or do { print "it is not shown\n"; exit 1 };
	' said || {
		echo "$*:"
		cat -v said
		return 1
	}
}

@test "arguments: commands, options, their values, files" {
	simple a text
	shown hull "$hostile"
	shown hull fetch "--$hostile"
	shown hull fetch "$hostile"
	shown hull fetch "SPECS/$hostile/"
	shown hull fetch --specs "$hostile"
	shown hull build --jobs "$hostile"
	shown hull build --timeout "$hostile"
	shown hull build --log-size "$hostile"
	shown hull help "$hostile"
	shown hull help --completion "$hostile"
	shown hull audit "$hostile.raw"
	shown hull audit --fail-on "$hostile" x.raw
	shown hull boot --kvm "$hostile" x.raw
	shown hull resolve "$hostile.json"
	shown hull diff "$hostile" "$hostile"
	shown hull why zlib "$hostile"
	shown hull verify "$hostile"
	shown hull sbom "$hostile"
	shown hull cache stat --store "$PWD/$hostile"
	shown env SOURCE_DATE_EPOCH="$hostile" "$HULL" sbom x.raw
}

@test "specs: what librpm says, messages of the spec, standard error, tags, sources" {
	local tree attempt
	local -A attempts=(
		[error]="%{error:$line}"
		[warn]="%{warn:$line}"
		[stderr]="%(printf '%s' '$line' >&2)"
		[lua]="%{lua:error(\"$line\")}"
		[lines]='%{lua:error("OWNED\27[31m\nFAKED: line")}'
		[fake]='%{lua:io.stderr:write("OWNED\27[31m\nFAKED: line\rFAKED: line\n")}'
		[macro]="URL: %{OWNED$line}"
		[tag]="OWNED$line: 1"
		[version]="Epoch: $line"
		[requires]="BuildRequires: $line >= )"
		[source]="Source0: ../$line"
		[patch]="Patch0: /$line"
		[arch]="ExclusiveArch: %{error:$line}"
		[include]="%include $line"
		[name]="%{load:$line}"
		[condition]="%if $line"
	)
	for attempt in "${!attempts[@]}"; do
		tree=tree-$attempt
		mkdir -p "$tree/a"
		printf '%s\n' 'Name: a' 'Version: 1' 'Release: 1' 'Summary: s' 'License: MIT' "${attempts[$attempt]}" \
			%description text %files >"$tree/a/a.spec"
		echo '{"Signatures": {}}' >"$tree/a/a.signatures.json"
		shown hull fetch --specs "$tree"
	done
}

@test "specs: names of directories, pins, requirements, packages" {
	simple a text
	mkdir -p "SPECS/$hostile"
	shown hull fetch
	touch "SPECS/$hostile/$hostile.spec"
	shown hull fetch
	rm -r "SPECS/$hostile"
	echo "{\"Signatures\": {\"$json\": \"0\"}}" >SPECS/a/a.signatures.json
	shown hull fetch
	echo "{\"Signatures\": {}, \"$json\": 1}" >SPECS/a/a.signatures.json
	shown hull fetch
	printf '{"Signatures": {"%s' "$line" >SPECS/a/a.signatures.json
	shown hull fetch
}

@test "sources: a URL and what a server says" {
	mkdir -p SPECS/a
	echo '{"Signatures": {"s": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}' >SPECS/a/a.signatures.json
	printf '%s\n' 'Name: a' 'Version: 1' 'Release: 1' 'Summary: s' 'License: MIT' "Source0: http://127.0.0.1:1/$line/s" \
		%description text %files >SPECS/a/a.spec
	shown hull fetch
	shown hull fetch --source-url "http://127.0.0.1:1/$hostile"
	shown hull fetch --source-url "$hostile"
	shown env HULL_DEBIAN_MIRROR="$hostile" "$HULL" fetch
}

@test "image configurations: members, values, texts, paths" {
	local filter
	config
	for filter in \
		".SystemConfigs[0].\"$json\" = 1" \
		".Disks[0].PartitionTableType = \"$json\"" \
		".Disks[0].Artifacts[0].Type = \"$json\"" \
		".Disks[0].Partitions[0].FsType = \"$json\"" \
		".SystemConfigs[0].BootType = \"$json\"" \
		".SystemConfigs[0].Hostname = \"$json\"" \
		".SystemConfigs[0].PackageLists = [\"$json\"]" \
		".SystemConfigs[0].AdditionalFiles = {\"$json\": \"/x\"}" \
		".SystemConfigs[0].AdditionalFiles = {\"config.json\": \"$json\"}" \
		".SystemConfigs[0].Users = [{\"Name\": \"$json\"}]" \
		".SystemConfigs[0].Groups = [{\"Name\": \"$json\"}]" \
		".SystemConfigs[0].Packages = [\"$json >= \"]"; do
		config "$filter"
		shown hull image --validate config.json
	done
	# these say no more than where
	config ".SystemConfigs[0].KernelCommandLine.ExtraCommandLine = \"$json\""
	ANY=1 shown hull image --validate config.json
	config ".Disks[0].Artifacts[0].Name = \"$json\""
	ANY=1 shown hull image --validate config.json
	printf '{"%s' "$line" >config.json
	shown hull image --validate config.json
	echo "$line" >config.json
	cp config.json "$hostile.json"
	shown hull image --validate "$hostile.json"
}

@test "repositories: addresses, indexes, names of packages" {
	config ".SystemConfigs[0].Packages = [\"$json\"]"
	package a <<<$'BuildArch: noarch\n%description\nx\n%files'
	index
	shown hull resolve --repo x=repo config.json
	config '.SystemConfigs[0].Packages = ["a"]'
	shown hull resolve --repo "x=$hostile" config.json
	shown hull resolve --repo "$hostile" config.json
	shown hull resolve --repo "x=http://127.0.0.1:1/$hostile" config.json
	mkdir "$hostile"
	cp -r repo/. "$hostile"
	rm "$hostile/repodata"/*primary*
	shown hull resolve --repo "x=$hostile" config.json
	echo '<repomd><data type="primary"><location href="OWNED&#x9b;31m&#10;FAKED: line"/></data></repomd>' >repo/repodata/repomd.xml
	ANY=1 shown hull resolve --repo x=repo config.json
}

# lock NAME WANT ORIGIN BY DEP SOURCE: x.lock.json of two packages
lock() {
	local digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
	local rest="\"evr\": \"1-1\", \"file_bytes\": 1, \"installed_bytes\": 1, \"location\": \"x\", \"repository\": \"x\", \"sha256\": \"$digest\""
	echo "{\"arch\": \"x86_64\", \"format\": 1, \"request\": \"$digest\", \"repositories\": [{\"name\": \"x\", \"url\": \"x\", \"digest\": \"$digest\"}], \"packages\": [
		{\"name\": \"a\", \"arch\": \"noarch\", $rest, \"want\": \"$2\", \"origin\": \"$3\"},
		{\"name\": \"$1\", \"arch\": \"noarch\", $rest, \"by\": \"$4\", \"dep\": \"$5\", \"source\": \"$6\"}]}" >x.lock.json
}

@test "lock files: names, wishes, places, requirements, sources" {
	lock b "$json" x.json:1 a b s
	shown hull why b x.lock.json
	lock b a "$json" a b s
	shown hull why a x.lock.json
	lock b a x.json:1 a "$json" s
	shown hull why b x.lock.json
	lock b a x.json:1 a b "$json"
	shown hull why b x.lock.json
	lock "$json" a x.json:1 a b s
	shown hull why "$hostile" x.lock.json
	shown hull why $'OWNED\e[31m' x.lock.json
	cp x.lock.json y.lock.json
	lock b a x.json:1 a b s
	shown hull diff x.lock.json y.lock.json
	shown hull diff --markdown x.lock.json y.lock.json
	lock b a x.json:1 "$json" b s
	shown hull why b x.lock.json
	printf '{"%s' "$line" >x.lock.json
	shown hull why b x.lock.json
}

# A system that others made, as an archive: files, links, accounts, units, settings, os-release, a changelog.
strangers() { # OUTPUT [CHANGE]
	local rpm='%{lua:print("OWNED\27[31m\27]0;t\7\r\194\1551m\226\128\174")}' # rpmbuild takes no control characters as they are
	rm -rf root
	mkdir -p root/usr/lib/{systemd/system,modules/6.0,sysimage/rpm} root/etc/systemd/system/multi-user.target.wants root/usr/bin
	printf '%s\n' ID=x VERSION_ID=1 "PRETTY_NAME=\"$line$2\"" >root/usr/lib/os-release
	printf '%s\n' "$line$2:x:0:0::/:/bin/sh" root:x:0:0::/:/bin/sh >root/etc/passwd
	printf '%s\n' "$line$2::1::::::" 'root:*:1::::::' >root/etc/shadow
	echo privileged >"root/usr/bin/$hostile"
	chmod 4777 "root/usr/bin/$hostile"
	ln -s "$hostile$2" root/usr/bin/link
	printf '%s\n' '[Service]' "ExecStart=/$line$2" "$line=1" >"root/usr/lib/systemd/system/$line.service"
	ln -s "/usr/lib/systemd/system/$line.service" "root/etc/systemd/system/multi-user.target.wants/$line.service"
	mkdir -p root/etc/{ssh,sysctl.d,sudoers.d}
	printf '%s\n' "PermitRootLogin yes $line" >root/etc/ssh/sshd_config
	printf '%s\n' "kernel.$line = $line" >root/etc/sysctl.d/x.conf
	printf '%s\n' "$line ALL=(ALL) NOPASSWD: ALL" >"root/etc/sudoers.d/x"
	rm -f repo/*.rpm
	printf '%s\n' 'BuildArch: noarch' '%description' x '%files' '%changelog' "* ${3:-Mon Nov 02} 2026 Test $rpm <t@localhost> - 1.0-1" "- CVE-2026-1000 $rpm" "$rpm$2" |
		package a
	rpm --dbpath "$PWD/root/usr/lib/sysimage/rpm" --justdb --nodeps --noscripts --nosignature -i repo/*.rpm 2>/dev/null
	tar -cf "$1" -C root .
}

@test "images: what is in files, paths, links, accounts, units, changelogs" {
	strangers one.tar ""
	strangers two.tar x "Tue Nov 03"
	shown hull audit --all one.tar
	shown hull diff --files one.tar two.tar
	shown hull diff --markdown --files one.tar two.tar
	shown hull why "/usr/bin/$hostile" one.tar
	shown hull why /usr/bin/link one.tar
	shown hull why "/usr/bin/${hostile%?}" one.tar
	shown hull verify --config "$hostile.json" one.tar
	cp one.tar "$hostile.tar"
	shown hull verify "$hostile.tar"
	head -c 100000 /dev/urandom >"$hostile.raw"
	shown hull audit "$hostile.raw"
	# a GPT with a name, and an image that is cut off
	truncate -s 64M disk.raw
	sgdisk -n 1:2048:4095 -c "1:OWNED" disk.raw >/dev/null
	cp disk.raw "OWNED$line.raw"
	shown hull audit "OWNED$line.raw"
	# JSON is exact, and says the same
	"$HULL" diff --json one.tar two.tar >j.json
	jq -e '[.. | strings | select(contains("OWNED"))] | length > 0' j.json
	"$HULL" why --json /usr/bin/link one.tar >j.json || true
	jq -e . j.json
}

@test "audits: baselines, statements, lists" {
	strangers one.tar ""
	echo "{\"$json\": 1}" >x.json
	shown hull audit --baseline x.json one.tar
	shown hull audit --vex x.json one.tar
	mkdir -p "db/$hostile"
	echo "{\"id\": \"$json" >"db/$line.json"
	shown hull audit --vulndb db one.tar
	shown hull audit --licenses "$hostile" one.tar
	shown hull audit --kernel-config "$hostile" one.tar
	echo "{\"format\": 1, \"findings\": [{\"id\": \"$json\", \"object\": \"$json\", \"justification\": \"$json\"}]}" >x.json
	shown hull audit --baseline x.json one.tar
}

@test "builds: logs of builds that fail, also from a store that somebody filled; plans" {
	local log
	HULL_STORE=$shared seeded_store "$PWD/store"
	spec a <<-EOF
		%description
		text
		%build
		printf 'OWNED\033[31m\033]0;title\007\rFAKED: line\nFAKED: line\n\342\200\256\377\t.\n'
		exit 1
		%files
	EOF
	TABS=1 shown hull build
	# what was not cleaned when it was written
	log=$(find store/logs -type f | head -n 1)
	[ -n "$log" ]
	printf 'OWNED\033[31m\nFAKED: line\n' >"$log"
	TABS=1 ANY=1 shown hull plan
	spec a <<-EOF
		BuildRequires: OWNED%(printf '\\033')[31m
		%description
		text
		%files
	EOF
	shown hull plan
	shown hull build
}
