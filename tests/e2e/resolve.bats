#!/usr/bin/env bats
# hull resolve and hull why as a person types them, on small repositories of RPMs that rpmbuild made.
bats_require_minimum_version 1.5.0
load helper

# rpm NAME VERSION [preamble lines...]: builds into $BATS_FILE_TMPDIR/rpms
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
	rpm_of agent 1 'Requires: libagent >= 1' 'Requires: /usr/share/words/data'
	rpm_of libagent 1
	rpm_of libagent 2
	rpm_of words 1
	rpm_of shell 1 'Requires: interpreter'
	BYTES=9000 rpm_of perl 5 'Provides: interpreter' 'Requires: perl-libs'
	BYTES=5000 rpm_of perl-libs 5
	rpm_of rival 1 'Conflicts: libagent'
	rpm_of extra 1 'Requires: words'
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

all() { repo repo agent-1 libagent-1 words-1 shell-1 perl-5 perl-libs-5 rival-1; }

# image.json with these packages; $FORBIDDEN: a JSON list
config() {
	local list
	list=$(printf '"%s", ' "$@")
	cat >image.json <<-EOF
		{
		  "Disks": [{"Artifacts": [{"Name": "x", "Type": "tar"}]}],
		  "SystemConfigs": [{
		    "Name": "x",
		    "BootType": "none",
		    "ForbiddenPackages": ${FORBIDDEN:-[]},
		    "Packages": [${list%, }]
		  }]
		}
	EOF
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	mkdir -p SPECS
}

teardown() {
	[ -z "${server:-}" ] || kill "$server"
}

resolve() { "$HULL" resolve image.json --repo hull=repo "$@"; }

serve() { # DIRECTORY: $url, and the log of requests in ./requests
	python3 "$HULL_TOP/tests/data/http/range_server.py" "$1" requests >port 3>&- &
	server=$!
	while [ ! -s port ]; do sleep 0.05; done
	url=http://127.0.0.1:$(cat port)
}

@test "resolve gives the set with sizes and reasons, and a lock file that stays" {
	all
	config agent shell
	run resolve
	expect 0 "agent-1-1.noarch " "wanted by image.json:7" "required by agent: libagent >= 1" "required by perl" \
		"6 packages, 0.0 MB installed" "image.lock.json"
	[[ $output != *rival* ]]
	jq -e '.packages | map(.name) == ["agent", "libagent", "perl", "perl-libs", "shell", "words"]' image.lock.json
	jq -e '.packages[5] | .by == "agent" and .dep == "/usr/share/words/data"' image.lock.json
	jq -e '.packages[2].installed_bytes == 9000 and .repositories[0].url == "repo"' image.lock.json
	jq -er '.packages[] | .sha256 + "  repo/" + .location' image.lock.json | sha256sum -c --quiet
	cp image.lock.json first
	touch -d @1 image.lock.json
	run resolve
	expect 0 "6 packages"
	[ "$(stat -c %Y image.lock.json)" = 1 ]
	rm image.lock.json
	rm -rf store
	resolve
	cmp image.lock.json first
	run --separate-stderr resolve --json
	[ "$status" = 0 ]
	jq -e '.packages | length == 6' <<<"$output"
	run resolve --check
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "the lock file stays while its packages are offered; then the difference is shown" {
	all
	config agent
	run resolve
	expect 0 "libagent-1-1"
	repo repo agent-1 libagent-1 libagent-2 words-1
	run resolve
	expect 0 "libagent-1-1"
	run resolve --check
	expect 3 "~ libagent 1-1.noarch -> 2-1.noarch"
	run resolve --update
	expect 0 "~ libagent 1-1.noarch -> 2-1.noarch" "libagent-2-1"
	run resolve --check
	[ "$status" = 0 ]
	repo repo agent-1 libagent-1 words-1
	cp image.lock.json before
	run resolve
	expect 1 "image.lock.json does not fit any more (--update accepts the difference)" "~ libagent 2-1.noarch -> 1-1.noarch"
	cmp before image.lock.json
	rm image.lock.json
	run resolve --check
	expect 3 "there is no image.lock.json"
	[ ! -e image.lock.json ]
}

@test "what cannot be is explained: unknown, forbidden, conflict" {
	all
	config agent shel perll
	run resolve
	expect 1 "image.json:7: no package is named or provides 'shel'; did you mean shell" "'perll'; did you mean perl" "image.json: no package set"
	FORBIDDEN='["p*l-lib?", "zzz*"]' config shell
	run resolve
	expect 1 "perl-libs-5-1.noarch is forbidden (ForbiddenPackages: p*l-lib?) but needed:" "  shell is asked for in image.json:7" \
		"  shell-1-1.noarch requires interpreter" "  perl-5-1.noarch requires perl-libs"
	config agent rival
	run resolve --dump solve.test
	expect 1 "rival-1-1.noarch conflicts with libagent-1-1.noarch" "to solve it, leave out rival (image.json:7) or agent (image.json:7)"
	grep -q '^problem rival-1-1.noarch conflicts' solve.test
	[ ! -e image.lock.json ]
	run "$HULL" resolve image.json --repo hull=nothing
	expect 1 "repository hull: nothing/repodata/repomd.xml: No such file"
	run "$HULL" resolve
	expect 2 "one image configuration"
	run resolve --check --update
	expect 2 "exclude each other"
}

@test "several repositories, in any order" {
	repo one agent-1 libagent-1
	repo two words-1 extra-1 libagent-2
	config agent extra
	"$HULL" resolve image.json --repo one=one --repo "two=file://$PWD/two"
	jq -e '.packages[] | select(.name == "libagent") | .repository == "one" and .evr == "1-1"' image.lock.json
	rm image.lock.json
	"$HULL" resolve image.json --no-repo-priority --repo one=one --repo "two=file://$PWD/two"
	jq -r '.packages[] | .name + " " + .repository' image.lock.json >a
	[ "$(cat a)" = $'agent one\nextra two\nlibagent two\nwords two' ]
	rm image.lock.json
	"$HULL" resolve image.json --repo "$PWD/two" --repo one/
	jq -r '.packages[] | .name + " " + .repository' image.lock.json | cmp - a
	run "$HULL" resolve image.json --repo one --repo a/one
	expect 2 "two repositories are named 'one'"
}

@test "why: the chain, all chains, the tree, and what leaves with it" {
	all
	repo more extra-1
	config agent extra shell
	resolve --repo more
	run "$HULL" why perl-libs image.json
	expect 0 "perl-libs-5-1.noarch, 5.0 kB, from perl-libs-5-1.src.rpm" "  shell is asked for in image.json:7" \
		"  shell requires interpreter, which is in perl" "  perl requires perl-libs"
	run "$HULL" why words image.lock.json --all
	expect 0 "agent requires /usr/share/words/data, which is in words" "extra requires words"
	run "$HULL" why words image.json --tree
	expect 0 "agent (/usr/share/words/data)" "extra (words)" "asked for in image.json:7"
	run "$HULL" why perl image.json --without
	expect 0 "require it and would have to go too:" "shell " "would not be needed any more:" "perl-libs " "smaller by 3 packages and 15.0 kB"
	run --separate-stderr "$HULL" why perl-libs image.json --json
	jq -e '.chain | map(.package) == ["shell", "perl", "perl-libs"]' <<<"$output"
	run --separate-stderr "$HULL" why words image.json --all --json
	jq -e '.chains | length == 2' <<<"$output"
	run --separate-stderr "$HULL" why perl image.json --without --json
	jq -e '.saved_bytes == 15000 and (.unused | map(.package) == ["perl-libs"])' <<<"$output"
	run "$HULL" why pearl image.json
	expect 1 "'pearl' is not in the image; did you mean 'perl'?"
	run "$HULL" why perl other.json
	expect 1 "there is no other.lock.json: run 'hull resolve' first"
	run "$HULL" why perl
	expect 2 "there is no lock file in imageconfigs/"
}

@test "a signed repository: good, bad, missing" {
	export GNUPGHOME=$PWD/gpg
	mkdir -m 700 gpg
	gpg -q --batch --passphrase '' --quick-gen-key one@localhost ed25519 sign never
	gpg -q --armor --export >keys.asc
	all
	config shell
	run resolve --repo-keys keys.asc
	expect 1 "repository hull: repo/repodata/repomd.xml.asc: No such file"
	gpg -q --batch --armor --detach-sign repo/repodata/repomd.xml
	run resolve --repo-keys keys.asc
	expect 0 "3 packages"
	serve "$PWD/repo"
	rm image.lock.json
	run "$HULL" resolve image.json --repo "hull=$url" --repo-keys keys.asc
	expect 0 "3 packages"
	rm repo/repodata/repomd.xml.asc
	run "$HULL" resolve image.json --repo "hull=$url" --repo-keys keys.asc
	expect 1 "repository hull: repomd.xml.asc: $url/repodata/repomd.xml.asc: HTTP 404"
	gpg -q --batch --armor --detach-sign repo/repodata/repomd.xml
	echo '<!-- -->' >>repo/repodata/repomd.xml
	run resolve --repo-keys keys.asc
	expect 1 "no good signature by a key in keys.asc" "BAD signature"
	gpgconf --kill all
}

@test "a repository by HTTP: parsed once, resumed, used offline" {
	all
	config shell
	serve "$PWD/repo"
	http() { "$HULL" resolve image.json --allow-unsigned-http --repo "hull=$url" "$@"; }
	run http --offline
	expect 1 "repository hull: $url: its index is not in the store, and offline"
	# what an interrupted hull left of primary
	primary=$(basename repo/repodata/*-primary.xml.*)
	mkdir -p store/partial
	head -c 200 "repo/repodata/$primary" >"store/partial/${primary%%-*}"
	run http
	expect 0 "3 packages"
	grep -q "/repodata/$primary bytes=200- 206" requests
	: >requests
	run http --update
	expect 0 "3 packages"
	[ "$(cat requests)" = "/repodata/repomd.xml - 200" ]
	: >requests
	run http --update --offline
	expect 0 "3 packages"
	[ ! -s requests ]
	# a document that is not what repomd.xml says
	rm -rf store
	printf x | dd of="repo/repodata/$primary" bs=1 seek=50 conv=notrunc 2>/dev/null
	run http
	expect 1 "repository hull: $primary: $url/repodata/$primary: expected sha256 ${primary%%-*}, got "
	[ -z "$(ls store/indexes)" ]
}
