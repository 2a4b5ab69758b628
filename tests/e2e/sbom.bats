#!/usr/bin/env bats
# SBOMs and provenance of images, checked by validators from the npm registry.
# shellcheck disable=SC2154 # status, output and stderr are set by bats' run
bats_require_minimum_version 1.5.0
load helper
load image

setup_file() { npm_packages validate --omit=optional --omit=peer; }

validate() { node "$BATS_FILE_TMPDIR/validate/validate.js" "$@"; }

# once FUNCTION: what it makes in an empty directory is made once a run, and copied here
once() {
	local made="$BATS_FILE_TMPDIR/$1"
	if [ ! -e "$made/complete" ]; then
		mkdir -p "$made"
		(
			cd "$made" || exit
			"$1"
			touch complete
		)
	fi
	cp -r --preserve=timestamps "$made"/. .
}

# an image with a Go program, a license that is no expression, and a name that has to be escaped
go_image() {
	system_repo
	mkdir -p repo
	package go-tool <<-EOF
		Vendor: The test
		Requires: c++lib
		%description
		A Go program.
		%install
		mkdir -p %{buildroot}/usr/bin
		cp $HULL_TOP/tests/fuzz/corpus/gobuild/inline-section %{buildroot}/usr/bin/go-tool
		chmod 755 %{buildroot}/usr/bin/go-tool
		%files
		/usr/bin/go-tool
	EOF
	license='GPLv2+ or similar' package c++lib <<-'EOF'
		Epoch: 3
		%description
		A library.
		%install
		mkdir -p %{buildroot}/usr/lib
		echo >%{buildroot}/usr/lib/libc++.so
		%files
		/usr/lib/libc++.so
	EOF
	index
	config '.SystemConfigs[0].Packages += ["go-tool"]'
	image config.json
}

@test "SPDX is valid, says who needs what and why, and is the same twice" {
	once go_image
	hull sbom out/disk.raw >one.json
	validate spdx one.json
	hull sbom -o two.json out/disk.raw
	cmp one.json two.json
	[ "$(jq -r '.packages[0].checksums[0].checksumValue' one.json)" = "$(sha256sum out/disk.raw | cut -d' ' -f1)" ]
	[ "$(jq -r '.creationInfo.created' one.json)" = 2023-11-14T22:13:20Z ]
	jq -e '.packages[] | select(.name == "go-tool") | .checksums[0].checksumValue == "'"$(sha256sum repo/go-tool-*.rpm | cut -d' ' -f1)"'"' one.json
	jq -e '.relationships[] | select(.relationshipType == "CONTAINS" and .relatedSpdxElement == "SPDXRef-Package-c-x2B-x2Blib-3-x3A1.0-1.x86-x5F64")
		| .comment == "required by go-tool: c++lib"' one.json
	jq -e '[.relationships[] | select(.relationshipType == "DEPENDS_ON" and (.spdxElementId | startswith("SPDXRef-Package-go-tool")))] | length == 1' one.json
	jq -e '.packages[] | select(.name == "c++lib") | (.licenseComments | startswith("column 1:")) and
		.externalRefs[0].referenceLocator == "pkg:rpm/c%2B%2Blib@1.0-1?arch=x86_64&epoch=3&upstream=c%2B%2Blib-1.0-1.src.rpm"' one.json
	jq -e '[.packages[] | select(.SPDXID | startswith("SPDXRef-Go-")) | .externalRefs[0].referenceLocator] | sort == ["pkg:golang/.%2Fsys", "pkg:golang/./sys", "pkg:golang/example.org", "pkg:golang/github.com/a/b@v1.2.3", "pkg:golang/stdlib@1.24.4"] - ["pkg:golang/.%2Fsys"]' one.json
	[ "$(SOURCE_DATE_EPOCH=86400 hull sbom out/disk.raw | jq -r .creationInfo.created)" = 1970-01-02T00:00:00Z ]
}

@test "every file with its digests on request" {
	once go_image
	hull sbom --files out/disk.raw >one.json
	validate spdx one.json
	partition 2
	inside cat /usr/share/text >text
	jq -e '.files[] | select(.fileName == "./usr/share/text") | [.checksums[].checksumValue] == ["'"$(sha1sum text | cut -d' ' -f1)"'", "'"$(sha256sum text | cut -d' ' -f1)"'"]' one.json
	jq -e '[.files[].fileName] | index("./etc/hostname") and index("./usr/sbin/init-again")' one.json
	hull sbom --files -f cyclonedx out/disk.raw >two.json
	validate cyclonedx two.json
	[ "$(jq '.files | length' one.json)" = "$(jq '[.. | objects | select(.type? == "file")] | length' two.json)" ]
}

@test "CycloneDX is valid against its official schema, nested modules and all" {
	once go_image
	hull sbom --format cyclonedx out/disk.raw >one.json
	validate cyclonedx one.json
	hull sbom --format cyclonedx out/disk.raw | cmp - one.json
	jq -e '.components[] | select(.name == "go-tool") | .components[0] | .name == "/usr/bin/go-tool" and
		([.components[].name] == ["stdlib", "example.org", "github.com/a/b", "./sys"])' one.json
	jq -e '.components[] | select(.name == "go-tool") | .supplier.name == "The test"' one.json
	jq -e '.components[] | select(.name == "c++lib") | .licenses[0].license.name == "GPLv2+ or similar"' one.json
	jq -e '.dependencies[] | select(.ref == "rpm:go-tool-1.0-1.x86_64") | .dependsOn | index("rpm:c++lib-3:1.0-1.x86_64")' one.json
}

@test "CycloneDX says all that BSI TR-03183-2 asks for" {
	once go_image
	hull sbom --format cyclonedx --creator https://images.example out/disk.raw >one.json
	validate cyclonedx one.json
	run -1 validate bsi one.json
	# packages of the test have no vendor, its image no version; nothing else is missing
	[ "$(grep -v "no creator\| faults$" <<<"$output")" = "one.json: image: no version" ]
	jq '.metadata.component.version = "1" | .components |= map(.supplier = (.supplier // { name: "x" }) + { contact: [{ email: "x@example" }] })' one.json >two.json
	validate bsi two.json
	[ "$(jq -r '.metadata.component.hashes[] | select(.alg == "SHA-512") | .content' one.json)" = "$(sha512sum out/disk.raw | cut -d' ' -f1)" ]
	[ "$(jq -r '.components[] | select(.name == "go-tool") | .hashes[] | select(.alg == "SHA-512") | .content' one.json)" = "$(sha512sum repo/go-tool-*.rpm | cut -d' ' -f1)" ]
	jq -e '[.components[] | select(.name == "go-tool" or .name == "c++lib") | .properties[] | select(.name == "bsi:component:executable") | .value] == ["non-executable", "executable"]' one.json
	[ "$(hull sbom --format cyclonedx --creator root@images.example out/disk.raw | jq -r '.metadata.manufacturer.contact[0].email')" = root@images.example ]
	# without the store nobody knows the files that packages came in
	[ "$(hull sbom --format cyclonedx --no-records out/disk.raw | jq -c '[.components[].hashes // [] | .[] | select(.alg == "SHA-512")]')" = "[]" ]
}

# requires NAME REQUIREMENT [PROVIDES [MORE...]]: a package without files
requires() {
	package "$1" <<-EOF
		BuildArch: noarch
		${2:+Requires: $2}
		${3:+Provides: $3}
		${4:+$4}
		%description
		A test.
		%files
	EOF
}

# edges: "requirer required" of every package, as hull why has it
edges() {
	local p
	for p in $(hull sbom "$1" | jq -r '.packages[1:][].name'); do
		hull why --tree --json "$p" "$1" | jq -r --arg p "$p" '.tree.required_by[] | "\(.package) \($p)"'
	done | sort
}

@test "why, SPDX and CycloneDX agree on who requires whom" {
	system_repo
	requires app 'virt >= 2' 'app(self)' 'Requires: (text if gui), (kernel if init), app(self), (nobody or helper), /usr/lib/file'
	requires new '' 'virt = 2'
	requires old 'helper' 'virt = 1' 'Recommends: app'
	requires helper ''
	package linked <<-'EOF'
		BuildArch: noarch
		%description
		A library.
		%install
		mkdir -p %{buildroot}/usr/lib
		touch %{buildroot}/usr/lib/file
		%files
		/usr/lib/file
	EOF
	index
	config '.SystemConfigs[0].Packages += ["app", "new", "old", "linked"]'
	image config.json
	edges out/disk.raw >why
	grep '^app ' why >app
	printf 'app %s\n' helper kernel linked new | cmp - app
	grep -x 'old helper' why
	run -1 grep -E ' (app|old)$' why
	hull sbom out/disk.raw | jq -r '(.packages | map({(.SPDXID): .name}) | add) as $name | .relationships[] |
		select(.relationshipType == "DEPENDS_ON") | "\($name[.spdxElementId]) \($name[.relatedSpdxElement])"' | sort | cmp - why
	hull sbom -f cyclonedx out/disk.raw | jq -r '(.components | map({(.["bom-ref"]): .name}) | add) as $name | .dependencies[] |
		select(.ref != "image") | .ref as $by | .dependsOn[]? | "\($name[$by]) \($name[.])"' | sort | cmp - why
	[ "$(hull sbom out/disk.raw | jq '[.relationships[] | select(.relationshipType == "DEPENDS_ON" and .comment == "virt >= 2")] | length')" = 1 ]
}

@test "the validators see what is wrong" {
	once go_image
	hull sbom out/disk.raw >one.json
	hull sbom -f cyclonedx out/disk.raw >two.json
	for change in 'del(.packages[1].downloadLocation)' '.packages[1].SPDXID = .packages[2].SPDXID' '.relationships[1].relatedSpdxElement = "SPDXRef-x"' \
		'.packages[1].licenseDeclared = "MIT and"' '.packages[1].other = 1' '.packages[1].filesAnalyzed = true'; do
		jq "$change" one.json >bad.json
		run validate spdx bad.json
		[ "$status" = 1 ] || { echo "not seen: $change" && false; }
	done
	for change in '.components[0].hashes[0].content = "x"' '.components[0].type = "rpm"' '.dependencies[0].dependsOn += ["x"]' 'del(.specVersion)'; do
		jq "$change" two.json >bad.json
		run validate cyclonedx bad.json
		[ "$status" = 1 ] || { echo "not seen: $change" && false; }
	done
}

@test "the same packages from VHDX, compressed disks and an archive" {
	system_repo
	config '.Disks[0].Artifacts += [{ Name: "disk", Type: "vhdx" }, { Name: "disk", Type: "tar" }]'
	image config.json
	zstd -q out/disk.raw
	hull sbom out/disk.raw | jq -c '[.packages[1:][] | [.name, .versionInfo, .checksums]]' >want
	grep -F '"kernel"' want
	for f in out/disk.vhdx out/disk.raw.zst out/disk.tar; do
		hull sbom "$f" | jq -c '[.packages[1:][] | [.name, .versionInfo, .checksums]]' | cmp - want
	done
}

# an image whose package was built by hull from a tarball, with two patches of its own and two out of Debian's archive
built_image() {
	mkdir -p SPECS/gadget src/gadget-1.0
	echo one >src/gadget-1.0/text
	tar -C src -cf SPECS/gadget/gadget-1.0.tar gadget-1.0
	printf -- '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-one\n+two\n' >SPECS/gadget/gadget-CVE-2024-12345.patch
	printf -- '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-two\n+three\n' >SPECS/gadget/more.patch
	mkdir -p src/debian/patches/up
	printf -- '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-three\n+four\n' >src/debian/patches/up/four-CVE-2025-0004.patch
	printf -- '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-four\n+five\n' >src/debian/patches/five.patch
	printf 'up/four-CVE-2025-0004.patch\nfive.patch\nsix.patch\n' >src/debian/patches/series
	tar -C src -cJf SPECS/gadget/gadget_1.0-1.debian.tar.xz debian
	pin gadget gadget-1.0.tar gadget_1.0-1.debian.tar.xz
	spec gadget <<-'EOF'
		Source0: gadget-1.0.tar
		Source1: gadget_1.0-1.debian.tar.xz
		Patch0: gadget-CVE-2024-12345.patch
		Patch1: more.patch
		BuildArch: noarch
		%description
		A test.
		%prep
		%autosetup -p1
		%debian_patches -s 1 up/four-CVE-2025-0004.patch
		%debian_patches -s 1 -c CVE-2025-0005,CVE-2025-0006 five.patch
		%install
		grep -qx five text
		mkdir -p %{buildroot}/usr/share/gadget
		cp text %{buildroot}/usr/share/gadget/text
		%files
		/usr/share/gadget
	EOF
	hull build
	system_repo
	config '.SystemConfigs[0].Packages += ["gadget"]'
	hull image --repo hull=repo --repo built=out/repo/x86_64 -o out config.json
}

@test "sources and patches of packages come from the records of their builds" {
	once built_image
	rpm=$(echo out/repo/x86_64/noarch/gadget-*.rpm)
	hull sbom out/disk.raw >one.json
	validate spdx one.json
	source=$(jq -r '.relationships[] | select(.relationshipType == "GENERATED_FROM") | .relatedSpdxElement' one.json)
	[ "$source" = SPDXRef-Source-gadget-1.0-1.hull1 ]
	[ "$(jq '[.relationships[] | select(.relationshipType == "PATCH_APPLIED" and .relatedSpdxElement == "'"$source"'")] | length' one.json)" = 4 ]
	jq -e '.packages[] | select(.packageFileName == "five.patch") | .sourceInfo == "in gadget_1.0-1.debian.tar.xz"
		and .checksums[0].checksumValue == "'"$(sha256sum src/debian/patches/five.patch | cut -d' ' -f1)"'"' one.json
	jq -e '.packages[] | select(.packageFileName == "gadget-1.0.tar") | .checksums[0].checksumValue == "'"$(sha256sum SPECS/gadget/gadget-1.0.tar | cut -d' ' -f1)"'"' one.json
	hull sbom -f cyclonedx out/disk.raw >two.json
	validate cyclonedx two.json
	jq -e '[.components[] | select(.name == "gadget") | .pedigree.patches[] | [.type, .diff.url, (.resolves // [] | map(.id))]] == [
		["backport", "five.patch", ["CVE-2025-0005", "CVE-2025-0006"]], ["backport", "gadget-CVE-2024-12345.patch", ["CVE-2024-12345"]],
		["unofficial", "more.patch", []], ["backport", "up/four-CVE-2025-0004.patch", ["CVE-2025-0004"]]]' two.json
	jq -e '.components[] | select(.name == "gadget") | .pedigree.patches[1] | .type == "backport" and .resolves[0].id == "CVE-2024-12345" and .diff.url == "gadget-CVE-2024-12345.patch"' two.json
	# the audit knows what they fix
	mkdir -p db
	for id in CVE-2025-0004 CVE-2025-0006 CVE-2024-12345 CVE-2025-0999; do
		jq -n --arg id $id '{ schema_version: "1.6.0", id: $id, modified: "2026-01-01T00:00:00Z", summary: "A fault", database_specific: { severity: "HIGH" },
			affected: [{ package: { ecosystem: "Debian:13", name: "gadget" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.0-1" }] }] }] }' >db/$id.json
	done
	run -3 --separate-stderr hull audit --json --vulndb db out/disk.raw
	jq -e '[.findings[] | select(.id == "HULL-VULNERABILITY") | .object] == ["gadget CVE-2025-0999"]' <<<"$output"
	jq -e '[.accepted[] | select(.id == "HULL-VULNERABILITY") | [.object, .accepted]] | sort == [
		["gadget CVE-2024-12345", "fixed by the patch gadget-CVE-2024-12345.patch"], ["gadget CVE-2025-0004", "fixed by the patch up/four-CVE-2025-0004.patch"],
		["gadget CVE-2025-0006", "fixed by the patch five.patch"]]' <<<"$output"
	hull sbom --no-records out/disk.raw >three.json
	validate spdx three.json
	run grep GENERATED_FROM three.json
	[ "$status" = 1 ]
	run grep -F "$BATS_FILE_TMPDIR" one.json two.json # a path of this machine says nothing to others
	[ "$status" = 1 ]
}

@test "provenance of the image and of each package" {
	once built_image
	rpm=$(echo out/repo/x86_64/noarch/gadget-*.rpm)
	hull sbom -f provenance --config config.json out/disk.raw >image.json
	validate provenance image.json
	jq -e '.subject[0].digest.sha256 == "'"$(sha256sum out/disk.raw | cut -d' ' -f1)"'"' image.json
	jq -e '[.predicate.buildDefinition.resolvedDependencies[].digest.sha256] | index("'"$(sha256sum "$rpm" | cut -d' ' -f1)"'") and index("'"$(sha256sum config.json | cut -d' ' -f1)"'")' image.json
	jq -e '.predicate.runDetails.metadata.invocationId == "'"$(jq -r .stamp out/*.image.json)"'"' image.json
	hull sbom -f provenance --package gadget --builder https://farm.test/1 out/disk.raw >package.json
	validate provenance package.json
	jq -e '.subject == [{ name: "'"${rpm##*/}"'", uri: "pkg:rpm/gadget@1.0-1.hull1?arch=noarch&upstream=gadget-1.0-1.hull1.src.rpm",
		digest: { sha256: "'"$(sha256sum "$rpm" | cut -d' ' -f1)"'" } }]' package.json
	for f in gadget.spec gadget-1.0.tar more.patch; do
		jq -e '[.predicate.buildDefinition.resolvedDependencies[] | select(.name == "'$f'") | .digest.sha256] == ["'"$(sha256sum SPECS/gadget/$f | cut -d' ' -f1)"'"]' package.json
	done
	jq -e '.predicate.buildDefinition.resolvedDependencies[] | select(.name == "five.patch") | .annotations.archive == "gadget_1.0-1.debian.tar.xz"' package.json
	jq -e '.predicate.runDetails | .builder.id == "https://farm.test/1" and (.metadata.startedOn <= .metadata.finishedOn)' package.json
	jq -e '[.predicate.buildDefinition.resolvedDependencies[] | select(.uri // "" | startswith("pkg:deb/debian/"))] | length > 50' package.json
	run hull sbom -f provenance --package init out/disk.raw
	expect 1 "init-1.0-1.x86_64: the store has no record of its build"
}

@test "provenance is signed by Ed25519, ECDSA and RSA keys" {
	once built_image
	rpm=$(echo out/repo/x86_64/noarch/gadget-*.rpm)
	openssl genpkey -algorithm ed25519 -out ed25519.pem
	openssl genpkey -algorithm rsa -out rsa.pem
	for curve in 256 384 521; do openssl genpkey -algorithm ec -pkeyopt "ec_paramgen_curve:P-$curve" -out "ec$curve.pem"; done
	for key in ed25519 rsa ec256 ec384 ec521; do
		openssl pkey -in $key.pem -pubout -out $key.pub
		hull sbom -f provenance --sign $key.pem out/disk.raw >$key.json
		validate dsse $key.json $key.pub
	done
	hull sbom -f provenance --sign ed25519.pem out/disk.raw | cmp - ed25519.json
	run validate dsse rsa.json ed25519.pub
	[ "$status" = 1 ]
	jq '.payload = ("{}" | @base64)' ed25519.json >bad.json
	run validate dsse bad.json ed25519.pub
	[ "$status" = 1 ]
	run hull sbom -f provenance --all directory --sign ed25519.pem out/disk.raw
	expect 0 "warning: init-1.0-1.x86_64: the store has no record of its build"
	validate dsse "directory/${rpm##*/}.provenance.json" ed25519.pub
	validate dsse directory/disk.raw.provenance.json ed25519.pub
	openssl genpkey -algorithm x25519 -out x25519.pem
	run hull sbom -f provenance --sign x25519.pem out/disk.raw
	expect 1 "x25519.pem: keys of this kind cannot sign"
}

@test "what makes no sense is refused, and a damaged Go program is told of" {
	system_repo
	package broken <<-EOF
		%description
		A Go program that is cut off.
		%install
		mkdir -p %{buildroot}/usr/bin
		head -c 4400 $HULL_TOP/tests/fuzz/corpus/gobuild/inline-section >%{buildroot}/usr/bin/broken
		chmod 755 %{buildroot}/usr/bin/broken
		%files
		/usr/bin/broken
	EOF
	index
	config '.SystemConfigs[0].Packages += ["broken"]'
	image config.json
	run --separate-stderr hull sbom out/disk.raw
	[ "$status" = 0 ]
	[[ $stderr == *"warning: out/disk.raw: /usr/bin/broken: is cut off at byte 4400"* ]]
	echo "$output" >one.json
	validate spdx one.json
	run hull sbom
	expect 2 "hull sbom IMAGE"
	run hull sbom --format xml out/disk.raw
	expect 2 "--format xml: there are spdx, spdx3, cyclonedx and provenance"
	run hull sbom --sign key.pem out/disk.raw
	expect 2 "are for --format provenance"
	run hull sbom -f provenance -p brokem out/disk.raw
	expect 1 "out/disk.raw: no package 'brokem' in the image; did you mean 'broken'?"
	run hull sbom nothing.vhdx
	expect 1 "nothing.vhdx: No such file or directory"
	SOURCE_DATE_EPOCH=now run hull sbom out/disk.raw
	expect 2 "SOURCE_DATE_EPOCH=now is no number of seconds"
}
