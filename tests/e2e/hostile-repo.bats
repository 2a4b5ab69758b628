#!/usr/bin/env bats
# Repositories that lie: about their packages, their age, their sizes, or without a signature that counts.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
	cat >"$BATS_FILE_TMPDIR/agent.spec" <<-'EOF2'
		Name: agent
		Version: 1
		Release: 1
		Summary: A test
		License: MIT
		BuildArch: noarch
		Requires: words >= 1
		# createrepo leaves these out: what the package has itself, and all but the highest of libc
		Requires: helper >= 2
		Requires: /etc/agent
		Requires: libc.so.6()(64bit)
		Requires: libc.so.6(GLIBC_2.4)(64bit)
		Requires: libc.so.6(GLIBC_2.34)(64bit)
		Provides: helper = 3
		Conflicts: rival
		Obsoletes: oldagent < 1
		%description
		A test.
		%package -n words
		Summary: Words
		Provides: libc.so.6()(64bit)
		Provides: libc.so.6(GLIBC_2.4)(64bit)
		Provides: libc.so.6(GLIBC_2.34)(64bit)
		%description -n words
		Words.
		%install
		mkdir -p %{buildroot}/etc %{buildroot}/usr/share/agent %{buildroot}/usr/share/words
		echo a >%{buildroot}/usr/share/agent/data
		echo c >%{buildroot}/etc/agent
		echo w >%{buildroot}/usr/share/words/data
		%files
		/etc/agent
		/usr/share/agent
		%files -n words
		/usr/share/words
	EOF2
	rpmbuild --define "_topdir $BATS_FILE_TMPDIR/top" --define "_rpmdir $BATS_FILE_TMPDIR/rpms" --define '_rpmfilename %%{NAME}.rpm' \
		--define '_build_id_links none' -bb "$BATS_FILE_TMPDIR/agent.spec" >"$BATS_FILE_TMPDIR/log" 2>&1
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	cat >image.json <<-EOF
		{
		  "Disks": [{"Artifacts": [{"Name": "x", "Type": "tar"}]}],
		  "SystemConfigs": [{"Name": "x", "BootType": "none", "Packages": ["agent"]}]
		}
	EOF
	make_repo
}

teardown() {
	[ -z "${server:-}" ] || kill "$server"
	[ ! -d gpg ] || GNUPGHOME=$PWD/gpg gpgconf --kill all
}

make_repo() { # a fresh one; $1: its revision
	rm -rf repo
	mkdir repo
	cp "$BATS_FILE_TMPDIR"/rpms/*.rpm repo/
	createrepo_c -q --no-database --simple-md-filenames --revision "${1:-1000}" repo
}

edit() { python3 "$HULL_TOP/tests/data/repo/edit.py" repo "$@"; }

image() { "$HULL" image image.json --update --force -o out --repo hull=repo; }

resolve() { "$HULL" resolve image.json --update "$@"; }

serve() { # $url
	python3 "$HULL_TOP/tests/data/http/range_server.py" "$PWD/repo" requests >port 3>&- &
	server=$!
	while [ ! -s port ]; do sleep 0.05; done
	url=http://127.0.0.1:$(cat port)
}

signed() { # signs it with the key of the test
	export GNUPGHOME=$PWD/gpg
	if [ ! -d gpg ]; then
		mkdir -m 700 gpg
		gpg -q --batch --passphrase '' --quick-gen-key one@localhost ed25519 sign never
		gpg -q --armor --export >keys.asc
	fi
	gpg -q --batch --yes --armor --detach-sign repo/repodata/repomd.xml
}

# lie FIELD PATTERN TEXT PART...: an edit of primary (or filelists, for files) that is an error about agent
lie() {
	local field=$1 document=primary
	[ "$1" != files ] || document=filelists
	edit "$document" "$2" "$3"
	run image
	expect 1 "agent: $field: " "${@:4}"
	[ ! -e out/x.tar ]
	make_repo
}

@test "what a repository says of a package has to be what the package says" {
	image
	rm -rf out
	# also of packages that the store has by now
	lie Requires '<rpm:entry name="words"[^>]*/>' '' "'words >= 1' is only in the package"
	lie Requires 'name="words" flags="GE" epoch="0" ver="1"' 'name="words"' "'words"
	lie Requires '<rpm:entry name="libc.so.6\(GLIBC_2.34[^>]*/>' '' "'libc.so.6"
	lie Requires 'GLIBC_2.34' 'GLIBC_2.5' "'libc.so.6(GLIBC_2.5)(64bit)' is only in what"
	lie Provides '(<rpm:provides>)' '\1<rpm:entry name="more"/>' "'more' is only in what its repository says"
	lie Provides '<rpm:entry name="helper"[^>]*/>' '' "'helper = 3' is only in the package"
	lie Conflicts '<rpm:conflicts>.*?</rpm:conflicts>' '' "'rival' is only in the package"
	lie Obsoletes '<rpm:obsoletes>.*?</rpm:obsoletes>' '' "'oldagent < 1' is only in the package"
	lie 'installed size' '(<name>agent</name>.*?)installed="[0-9]+"' '\1installed="1"' "the package has 4 bytes, its repository says 1"
	lie files '<file>/usr/share/agent/data</file>' '' "'/usr/share/agent/data' is only in the package"
	lie files '<file>/usr/share/agent/data</file>' '<file>/usr/share/agent/data</file><file>/usr/bin/sh</file>' "'/usr/bin/sh' is only in what"
	edit primary '(<name>agent</name>.*?)ver="1"' '\1ver="2"'
	run image
	expect 1 "agent: version: the package has '1-1', its repository says '2-1'"
	# and in a store that has nothing: it is not unpacked
	rm -rf store out
	make_repo
	edit primary '<rpm:entry name="words"[^>]*/>' ''
	run image
	expect 1 "agent: Requires: 'words >= 1' is only in the package"
	[ -z "$(find store/unpacked -path '*/etc/agent')" ]
	# without a list of files there is less to compare
	make_repo
	edit repomd '<data type="filelists">.*?</data>' ''
	image
	[ -e out/x.tar ]
}

@test "an old state that is signed, too, is refused; --allow-older takes it" {
	signed
	resolve --repo hull=repo --repo-keys keys.asc
	cp -a repo old
	make_repo 2000
	signed
	resolve --repo hull=repo --repo-keys keys.asc
	cp -a repo new
	rm -rf repo
	cp -a old repo
	run resolve --repo hull=repo --repo-keys keys.asc
	expect 1 "repository hull: repomd.xml is older than what was here before: revision 1000 after 2000" "--allow-older takes it"
	run resolve --repo "hull=file://$PWD/repo/" --repo-keys keys.asc
	expect 1 "is older than what was here before"
	# not with another file of keys either
	cat keys.asc keys.asc >more.asc
	run resolve --repo hull=repo --repo-keys more.asc
	expect 1 "is older than what was here before"
	# without a signature nothing is promised
	resolve --repo hull=repo
	resolve --repo hull=repo --repo-keys keys.asc --allow-older
	resolve --repo hull=repo --repo-keys keys.asc
	# many at once: the newest stays
	local pids=()
	for _ in 1 2 3 4; do
		HULL_STORE=$PWD/store "$HULL" resolve image.json --check --repo hull=repo --repo-keys keys.asc >/dev/null 2>&1 &
		pids+=($!)
	done
	rm -rf repo
	cp -a new repo
	wait "${pids[@]}" || true
	resolve --repo hull=repo --repo-keys keys.asc
	jq -e '.revision == 2000' store/repositories/*.json
}

@test "http: without keys takes an option, and a warning tells of it" {
	serve
	run resolve --repo "hull=$url"
	expect 2 "repository hull: $url: anybody on the way can change what http: brings" "--allow-unsigned-http"
	[ ! -s requests ]
	run resolve --repo "hull=$url" --allow-unsigned-http
	expect 0 "warning: repository hull: without --repo-keys"
	run resolve --repo hull=repo
	expect 0
	[[ $output != *warning* ]]
	signed
	run resolve --repo "hull=$url" --repo-keys keys.asc
	expect 0
	[[ $output != *warning* ]]
}

@test "sizes: what is longer than it was said to be ends" {
	serve
	edit primary '<metadata' '<metadata' # the sizes fit
	edit repomd '(<data type="primary">.*?<open-size>)[0-9]+' '\g<1>300'
	run resolve --repo "hull=$url" --allow-unsigned-http
	expect 1 "primary.xml.gz: has more than the 300 bytes that it may have when it is unpacked"
	[ -z "$(ls store/indexes)" ]
	make_repo
	edit repomd '(<data type="primary">.*?<size>)[0-9]+' '\g<1>100'
	run resolve --repo "hull=$url" --allow-unsigned-http
	expect 1 "primary.xml.gz: has more than the 100 bytes that it may have"
	make_repo
	edit repomd '(<data type="primary">.*?<open-size>)[0-9]+' '\g<1>99999999999'
	run resolve --repo "hull=$url" --allow-unsigned-http
	expect 1 "repomd.xml: primary is too large: more than 4 GiB when it is unpacked"
	make_repo
	head -c 5M /dev/zero >>repo/repodata/repomd.xml
	run resolve --repo "hull=$url" --allow-unsigned-http
	expect 1 "repomd.xml: has more than the 4194304 bytes that it may have"
	make_repo
	edit primary '(<name>agent</name>.*?)<size package="[0-9]+"' '\1<size package="50"'
	run "$HULL" image image.json --update -o out --repo "hull=$url" --allow-unsigned-http
	expect 1 "agent.rpm: has more than the 50 bytes that it may have"
}
