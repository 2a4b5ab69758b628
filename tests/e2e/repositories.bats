#!/usr/bin/env bats
# rpm-md repositories as they are in the wild: xml:base, other checksums, lists of mirrors, bad entries, what is not read.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
	local name
	for name in app lib; do
		cat >"$BATS_FILE_TMPDIR/$name.spec" <<-EOF2
			Name: $name
			Version: 1.0
			Release: 1
			Summary: A test
			License: MIT
			BuildArch: noarch
			$([ "$name" != app ] || echo 'Requires: lib')
			%description
			A test.
			%install
			mkdir -p %{buildroot}/usr/share/$name
			echo $name >%{buildroot}/usr/share/$name/data
			%files
			/usr/share/$name
		EOF2
		rpmbuild --define "_topdir $BATS_FILE_TMPDIR/top" --define "_rpmdir $BATS_FILE_TMPDIR/rpms" --define '_rpmfilename %{NAME}.rpm' \
			--define '_build_id_links none' -bb "$BATS_FILE_TMPDIR/$name.spec" >"$BATS_FILE_TMPDIR/log" 2>&1
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_STORE=$BATS_TEST_TMPDIR/store
	cat >image.json <<-EOF
		{
		  "Disks": [{"Artifacts": [{"Name": "x", "Type": "tar"}]}],
		  "SystemConfigs": [{"Name": "x", "BootType": "none", "Packages": ["app"]}]
		}
	EOF
}

teardown() {
	[ ! -e pids ] || xargs kill <pids
	[ ! -d gpg ] || GNUPGHOME=$PWD/gpg gpgconf --kill all
}

make_repo() { # DIRECTORY [options of createrepo_c...]
	rm -rf "$1"
	mkdir -p "$1"
	cp "$BATS_FILE_TMPDIR"/rpms/*.rpm "$1/"
	createrepo_c -q --no-database --simple-md-filenames "${@:2}" "$1"
}

edit() { python3 "$HULL_TOP/tests/data/repo/edit.py" "$@"; }

image() { "$HULL" image image.json --update --force -o out "$@"; }

resolve() { "$HULL" resolve image.json --update "$@"; }

# serve DIRECTORY: $url; requests in DIRECTORY.requests
serve() {
	rm -f port
	python3 "$HULL_TOP/tests/data/http/range_server.py" "$1" "$1.requests" >port 3>&- &
	echo $! >>pids
	while [ ! -s port ]; do sleep 0.05; done
	url=http://127.0.0.1:$(cat port)
}

made() { [ "$(tar -xOf out/x.tar usr/share/app/data usr/share/lib/data)" = $'app\nlib' ]; }

@test "xml:base: packages that are not where the metadata is" {
	make_repo repo --baseurl "file://$PWD/pool"
	mkdir pool
	mv repo/*.rpm pool/
	image --repo m=repo
	made
	jq -e --arg b "file://$PWD/pool" '.packages[0] | .base == $b and .location == "app.rpm"' image.lock.json
	tar -xOf out/x.tar usr/share/hull/lock.json >in-image.json
	jq -e '.packages[0] | .base == null and .location == "app.rpm"' in-image.json
	# relative to the repository, of a directory and a server
	rm -rf store out
	edit repo primary 'xml:base="[^"]*"' 'xml:base="../pool/"'
	image --repo m=repo
	made
	serve "$PWD"
	rm -rf store out
	image --repo "m=$url/repo" --allow-unsigned-http
	made
	grep -q '^/pool/app.rpm - 200' "$PWD.requests"
	# another server
	rm -rf store out
	edit repo primary 'xml:base="[^"]*"' "xml:base=\"$url/pool\""
	image --repo m=repo
	made
	# of one package only, and of the metadata themselves
	rm -rf store out
	edit repo primary '(<name>app</name>.*?) xml:base="[^"]*"' '\1'
	cp pool/app.rpm repo/
	mkdir -p meta/repodata
	mv repo/repodata/primary.xml.gz meta/repodata/
	edit repo repomd '(<data type="primary">.*?<location )' '\1xml:base="../meta" '
	image --repo m=repo
	made
	jq -e '(.packages[0].base == null) and .packages[1].base != null' image.lock.json
	# what hull does not follow has its name, and those of the package and the repository
	make_repo repo --baseurl ftp://mirror.example/x
	run resolve --repo m=repo
	expect 1 "repository m: package app: xml:base ftp://mirror.example/x: a repository is a directory, file:, http: or https:"
	make_repo repo --baseurl file:///etc
	run resolve --repo "m=$url/repo" --allow-unsigned-http
	expect 1 "repository m: package app: xml:base file:///etc: a repository on another machine can name http: and https: only"
}

@test "packages from xml:base are compared with what was said of them" {
	make_repo repo --baseurl "file://$PWD/pool"
	mkdir pool
	mv repo/*.rpm pool/
	resolve --repo m=repo
	cp pool/lib.rpm pool/app.rpm
	run image --repo m=repo
	expect 1 "pool/app.rpm: has " "bytes, expected"
	cp "$BATS_FILE_TMPDIR/rpms/app.rpm" pool/
	printf x | dd of=pool/app.rpm bs=1 seek=2000 conv=notrunc 2>/dev/null
	run image --repo m=repo
	expect 1 "pool/app.rpm: expected sha256 "
	cp "$BATS_FILE_TMPDIR/rpms/app.rpm" pool/
	edit repo primary '<rpm:entry name="lib"[^>]*/>' ''
	run image --repo m=repo
	expect 1 "app: Requires: 'lib' is only in the package"
}

@test "checksums of SHA-384 and SHA-512, for metadata and packages, and SHA-1 with a warning" {
	local kind
	serve "$PWD"
	for kind in sha384 sha512; do
		make_repo repo --checksum $kind
		grep -q "checksum type=\"$kind\"" repo/repodata/repomd.xml
		for place in "$PWD/repo" "$url/repo"; do
			rm -rf store out image.lock.json
			run image --repo "m=$place" --allow-unsigned-http
			[ "$status" = 0 ]
			[[ $output != *SHA-1* ]]
			made
			jq -e --arg k $kind '.packages | all(.checksum | startswith($k + ":"))' image.lock.json
			jq -r '.packages[] | .sha256 + "  repo/" + .location' image.lock.json | sha256sum -c --quiet
			# once more: the lock file knows them
			: >"$PWD.requests"
			run "$HULL" resolve image.json --check --repo "m=$place" --allow-unsigned-http
			[ "$status" = 0 ]
		done
	done
	# with those of repomd.xml alone (as some publishers have it)
	make_repo repo --checksum sha256 --repomd-checksum sha512
	rm -rf store out image.lock.json
	image --repo m=repo
	jq -e '.packages | all(.checksum == null)' image.lock.json
	# damaged: a document, a package
	printf x | dd of=repo/repodata/primary.xml.gz bs=1 seek=40 conv=notrunc 2>/dev/null
	rm -rf store
	for place in "$PWD/repo" "$url/repo"; do
		run resolve --repo "m=$place" --allow-unsigned-http
		expect 1 "primary.xml.gz: " "expected sha512 " ", got "
		[ -z "$(ls store/indexes)" ]
		[ ! -e "store/sources/$(sha256sum <repo/repodata/primary.xml.gz | cut -c-64)" ]
	done
	make_repo repo --checksum sha512
	rm image.lock.json
	printf x | dd of=repo/app.rpm bs=1 seek=2000 conv=notrunc 2>/dev/null
	for place in "$PWD/repo" "$url/repo"; do
		run resolve --repo "m=$place" --allow-unsigned-http
		expect 1 "app.rpm" "expected sha512 " ", got "
		[ ! -e image.lock.json ]
	done
	# createrepo_c writes no SHA-1 any more
	make_repo repo
	python3 - <<-'EOF'
		import gzip, hashlib, re
		path = "repo/repodata/primary.xml.gz"
		text = gzip.open(path).read().decode()
		for name in "app", "lib":
		    digest = hashlib.sha1(open("repo/%s.rpm" % name, "rb").read()).hexdigest()
		    text = re.sub(r'(<name>%s</name>.*?<checksum type=")sha256(" pkgid="YES">)[0-9a-f]+' % name, r"\g<1>sha\g<2>" + digest, text, flags=re.S)
		packed = gzip.compress(text.encode(), mtime=0)
		open(path, "wb").write(packed)
		md = open("repo/repodata/repomd.xml").read()
		md = re.sub(r'(<data type="primary">\s*<checksum type=")sha256(">)[0-9a-f]+', r"\g<1>sha\g<2>" + hashlib.sha1(packed).hexdigest(), md)
		md = re.sub(r"<(open-)?size>\d+</(open-)?size>", "", md)
		md = re.sub(r'<data type="(filelists|other)">.*?</data>', "", md, flags=re.S)
		open("repo/repodata/repomd.xml", "w").write(md)
	EOF
	rm -rf store out
	run image --repo m=repo
	expect 0 "warning: repository m: repomd.xml has SHA-1 checksums, which are weak" "warning: repository m: has SHA-1 checksums for 2 of the packages"
	made
	# MD5 is refused by name
	edit repo repomd 'checksum type="sha">.{40}' 'checksum type="md5">0123456789abcdef0123456789abcdef'
	run resolve --repo m=repo
	expect 1 "repository m: repomd.xml: primary: its checksum '0123456789abcdef0123456789abcdef' of type md5 does not count"
}

@test "a bad entry does not refuse its repository: it is left out, counted and named" {
	make_repo repo
	edit repo primary '(</metadata>)' '<package type="rpm"><name>bad</name><arch>noarch</arch><version epoch="0" ver="1" rel="1"/><checksum type="md5" pkgid="YES">0123456789abcdef0123456789abcdef</checksum><location href="bad.rpm"/><format/></package><package type="rpm"><name>worse</name><arch>noarch</arch><version epoch="0" ver="2" rel="1"/><checksum type="sha256" pkgid="YES">0123</checksum><location href="worse.rpm"/><format/></package>\1'
	run --separate-stderr resolve --repo m=repo --json
	[ "$status" = 0 ]
	[[ $stderr == *"warning: repository m: 2 packages are left out: bad-1-1.noarch: has only an MD5 checksum, which anybody can forge; worse-2-1.noarch: has no checksum of"* ]]
	jq -e '.repositories[0] | .left_out_count == 2 and (.left_out | map(.package) == ["bad-1-1.noarch", "worse-2-1.noarch"])' <<<"$output"
	cp image.lock.json before
	# the lock file that is kept says it, too; the image does not have it
	run --separate-stderr "$HULL" resolve image.json --repo m=repo --json
	[[ $stderr == *"2 packages are left out"* ]]
	jq -e '.repositories[0].left_out_count == 2' <<<"$output"
	cmp before image.lock.json
	image --repo m=repo
	made
	tar -xOf out/x.tar usr/share/hull/lock.json >in-image.json
	jq -e '.repositories[0].left_out == null' in-image.json
	# who asks for one is told
	sed -i 's/"app"/"app", "bad"/' image.json
	run resolve --repo m=repo
	expect 1 "no package is named or provides 'bad'" "repository m: bad-1-1.noarch is left out: has only an MD5 checksum"
	# hundreds are counted, and shown as far as people read
	make_repo repo
	edit repo primary '(</metadata>)' "$(for i in $(seq 300); do echo "<package type=\"rpm\"><name>p$i</name><arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/><location href=\"p$i.rpm\"/><format/></package>"; done)\\1"
	sed -i 's/, "bad"//' image.json
	run resolve --repo m=repo
	expect 0 "300 packages are left out: " "; and 290 more (--json names them)"
	jq -e '.repositories[0].left_out | length == 300' image.lock.json
}

metalink() { # DIGEST URL...
	local u n=100
	echo '<?xml version="1.0"?><metalink version="3.0" xmlns="http://www.metalinker.org/" xmlns:mm0="http://fedorahosted.org/mirrormanager"><files><file name="repomd.xml">'
	echo "<verification><hash type=\"md5\">x</hash><hash type=\"${KIND:-sha256}\">$1</hash></verification><resources>"
	shift
	for u; do echo "<url preference=\"$((n--))\">$u/repodata/repomd.xml</url>"; done
	echo '</resources></file></files></metalink>'
}

@test "lists of mirrors: one after the other is tried" {
	make_repo "$PWD/one/r"
	cp -a one two
	serve "$PWD/one"
	first=$url
	serve "$PWD/two"
	second=$url
	printf '%s\n' '# mirrors' 'ftp://x/r' 'http://127.0.0.1:1/r' "$first/r" "$second/r/" >list
	run resolve --repo "m=mirrorlist=$PWD/list"
	expect 1 "repository m: mirrorlist:$PWD/list: it has mirrors by http: only" "--repo-keys, or --allow-unsigned-http"
	image --repo "m=mirrorlist=$PWD/list" --allow-unsigned-http
	made
	[ ! -e two.requests ] || [ ! -s two.requests ]
	jq -e --arg u "mirrorlist:$PWD/list" '.repositories[0].url == $u' image.lock.json
	# a mirror without the packages, and without primary
	rm -rf store out one/r/*.rpm one/r/repodata/primary*
	image --repo "m=mirrorlist:$PWD/list" --allow-unsigned-http
	made
	grep -q '^/r/app.rpm - 404' one.requests
	grep -q '^/r/app.rpm - 200' two.requests
	# from a server, with the name of its query
	cp list one/mirrors
	rm -rf store out
	run resolve --repo "mirrorlist=$first/mirrors"
	expect 2 "repository mirrors: mirrorlist:$first/mirrors: anybody on the way can change what http: brings"
	image --repo "mirrorlist=$first/mirrors" --allow-unsigned-http
	made
	jq -e '.repositories[0].name == "mirrors"' image.lock.json
	image --repo "mirrorlist=$first/mirrors" --allow-unsigned-http --offline
	echo '<html>gone</html>' >list
	run resolve --repo "m=mirrorlist:$PWD/list"
	expect 1 "repository m: $PWD/list: it has no http: or https: address on a line of its own"
}

@test "metalinks: what repomd.xml has to be is in them" {
	make_repo "$PWD/one/r"
	cp -a one two
	serve "$PWD/one"
	first=$url
	serve "$PWD/two"
	second=$url
	digest=$(sha256sum <two/r/repodata/repomd.xml | cut -c-64)
	metalink "$digest" "$first/r" "$second/r" >meta.xml
	# a local list with a digest: http: mirrors cannot lie
	image --repo "m=metalink:$PWD/meta.xml"
	made
	# a mirror that is behind, or lies
	echo '<!-- -->' >>one/r/repodata/repomd.xml
	rm -rf store out
	: >one.requests
	image --repo "m=metalink=$PWD/meta.xml"
	made
	[ "$(cat one.requests)" = "/r/repodata/repomd.xml - 200" ]
	echo '<!-- -->' >>two/r/repodata/repomd.xml
	rm -rf store
	run resolve --repo "m=metalink:$PWD/meta.xml"
	expect 1 "repository m: repomd.xml: $first/r/repodata/repomd.xml: expected sha256 $digest, got " "; $second/r/repodata/repomd.xml: expected sha256"
	KIND=sha512 metalink "$(sha512sum <one/r/repodata/repomd.xml | cut -c-128)" "$first/r" >meta.xml
	resolve --repo "m=metalink:$PWD/meta.xml"
	KIND=sha512 metalink "$(sha512sum <meta.xml | cut -c-128)" "$first/r" >meta.xml
	run resolve --repo "m=metalink:$PWD/meta.xml"
	expect 1 "expected sha512 " "as the metalink says"
	KIND=sha1 metalink "$(sha1sum <meta.xml | cut -c-40)" "$first/r" >meta.xml
	run resolve --repo "m=metalink:$PWD/meta.xml"
	expect 1 "repository m: $PWD/meta.xml: it has no SHA-256, SHA-384 or SHA-512 of repomd.xml"
	run resolve --repo "m=mirrorlist:$PWD/meta.xml"
	expect 1 "it is a metalink: name it 'metalink:URL'"
	run resolve --repo "metalink=$first/meta.xml"
	expect 2 "anybody on the way can change what http: brings"
}

@test "signed repositories of lists: signature, age and keys count as elsewhere" {
	export GNUPGHOME=$PWD/gpg
	mkdir -m 700 gpg
	gpg -q --batch --passphrase '' --quick-gen-key one@localhost ed25519 sign never
	gpg -q --armor --export >keys.asc
	make_repo "$PWD/one/r" --revision 1000
	gpg -q --batch --armor --detach-sign one/r/repodata/repomd.xml
	cp -a one two
	rm one/r/repodata/repomd.xml.asc
	serve "$PWD/one"
	first=$url
	serve "$PWD/two"
	printf '%s\n' "$first/r" "$url/r" >list
	signed() { resolve --repo "m=mirrorlist:$PWD/list" --repo-keys keys.asc; }
	run signed
	[ "$status" = 0 ]
	[[ $output != *warning* ]]
	rm -rf old
	cp -a two old
	make_repo "$PWD/two/r" --revision 2000
	gpg -q --batch --armor --detach-sign two/r/repodata/repomd.xml
	cp two/r/repodata/* one/r/repodata/
	signed
	cp old/r/repodata/* two/r/repodata/
	cp old/r/repodata/* one/r/repodata/
	run signed
	expect 1 "repomd.xml is older than what was here before: revision 1000 after 2000"
	echo '<!-- -->' | tee -a one/r/repodata/repomd.xml >>two/r/repodata/repomd.xml
	run signed
	expect 1 "BAD signature"
}

@test "what is not read is named by its own name" {
	make_repo repo
	edit repo repomd '<data type="primary">' '<data type="primary_zck">'
	run resolve --repo m=repo
	expect 1 "repository m: repomd.xml: it has packages packed with zchunk (primary_zck) only, which hull does not read"
	make_repo repo
	edit repo repomd '<data type="primary">' '<data type="primary_db">'
	run resolve --repo m=repo
	expect 1 "as an SQLite database (primary_db) only"
	# zchunk under the name of primary
	make_repo repo
	mv repo/repodata/primary.xml.gz repo/repodata/primary.xml.zck
	edit repo repomd 'primary.xml.gz' 'primary.xml.zck'
	run resolve --repo m=repo
	expect 1 "repository m: repodata/primary.xml.zck: cannot be unpacked" "not with zchunk (.zck)"
	make_repo repo
	edit repo repomd '(</repomd>)' '<data type="modules"><checksum type="sha256">x</checksum><location href="repodata/modules.yaml"/></data><data type="prestodelta"/>\1'
	run resolve --repo m=repo -v
	expect 0 "warning: repository m: it has modular streams (modules.yaml), which hull does not read" "repository m: not read: other, modules, prestodelta"
}
