#!/usr/bin/env bats
# The HTML report of hull audit, driven in a browser.
# shellcheck disable=SC2154 # status and output are set by bats' run
bats_require_minimum_version 1.5.0
load helper
load image

# The images and reports of all tests: of a system, of the same with one package more, and of one whose names are hostile.
setup_file() {
	export reports=$BATS_FILE_TMPDIR/reports
	npm_packages browser --ignore-scripts
	mkdir "$reports"
	cd "$reports" || return
	system_repo
	package weak <<-'EOF'
		Requires: text
		%description
		Programs in which an audit finds something.
		%install
		mkdir -p %{buildroot}/usr/bin
		for n in $(seq 12); do
			printf '#!/bin/sh\n# %%s\n' $n >%{buildroot}/usr/bin/weak-$n
		done
		%files
		%attr(4755,root,root) /usr/bin/weak-*
	EOF
	hostile_package
	index
	config '.SystemConfigs[0].Packages += ["weak"]'
	image config.json
	mv out/disk.raw weak.raw
	config
	image config.json --update
	mv out/disk.raw plain.raw
	config '.SystemConfigs[0].Packages += ["hostile"]'
	image config.json --update
	mv out/disk.raw hostile.raw
	report weak
	report weak compared --against plain.raw
	report hostile
}

# Names of files and texts that would be markup, and would run.
hostile_package() {
	# shellcheck disable=SC2016 # for rpmbuild
	license='<img src=x onerror=owned=1>' package hostile <<-'EOF'
		URL: javascript:window.owned=1
		Vendor: </td></tr></table><script>window.owned=1</script>
		%description
		</script><script>window.owned=1</script>
		%install
		mkdir -p %{buildroot}/usr/hostile
		cd %{buildroot}/usr/hostile
		printf x >'<img src=x onerror=window.owned=1>'
		printf xx >'" onfocus="window.owned=1" autofocus="'
		printf xxx >"'-window.owned=1-'"
		mkdir '<' && printf xxxx >'</script><script>window.owned=1<'
		mkdir '<img src=y onerror=window.owned=2>' && seq 9000 >'<img src=y onerror=window.owned=2>/a' && seq 8000 >'<img src=y onerror=window.owned=2>/b'
		printf x >'${window.owned=1}'
		printf x >'&lt;img src=x onerror=window.owned=1&gt;'
		printf x >"$(printf '\342\200\256gpj.exe')"
		chmod 4755 *owned*
		chmod 0777 *exe
		%files
		/usr/hostile
	EOF
}

# report IMAGE [NAME [option...]]: NAME.html of IMAGE.raw
report() {
	local image=$1 name=${2:-$1}
	shift "$(($# < 2 ? $# : 2))"
	run hull audit --html "$name.html" "$@" "$image.raw"
	expect 3
}

browser() { # CASE REPORT...
	local name=$1 page=$2
	shift 2
	run node "$BATS_FILE_TMPDIR/browser/check.js" "$name" "$reports/$page.html" "$@"
	expect 0
}

@test "a report is one file that is the same every time, dated by its packages or SOURCE_DATE_EPOCH" {
	cp "$reports/weak.raw" .
	report weak
	cmp weak.html "$reports/weak.html"
	grep -F '2023-11-14 22:13 UTC' weak.html
	SOURCE_DATE_EPOCH=86400 report weak
	grep -F '1970-01-02 00:00 UTC' weak.html
	[ "$(stat -c %s weak.html)" -lt 300000 ]
	run grep -cE '(src|href)="?(https?:)?//' weak.html
	expect 1 0
	run hull audit --html no/such/directory/x.html weak.raw
	expect 1 "no/such/directory/x.html"
	run hull audit --html x.html --against no.raw weak.raw
	expect 1 "no.raw"
}

@test "the table of packages is sorted" { browser sort weak; }
@test "the table of packages is filtered" { browser filter weak; }
@test "findings are filtered and shown in full" { browser findings weak; }
@test "a package is opened from the table, from a link and by address" { browser open weak; }
@test "the map of sizes is worked by keyboard and mouse" { browser map weak; }
@test "the graph of a package has what it requires and what requires it" { browser graph weak; }
@test "a telephone needs no horizontal scrolling" {
	browser phone weak
	browser phone compared
}
@test "axe finds no serious violation, in light and dark" {
	browser accessible weak
	browser accessible compared
}
@test "without JavaScript there are tables" { browser plain weak; }
@test "paper has all tables and the map" { browser printed weak; }
@test "the difference to a second image" {
	browser difference compared - "plain.raw" "of the packages 1 added, 0 removed, 0 changed" weak added "/usr/bin/weak-7" privilege
	run node "$BATS_FILE_TMPDIR/browser/check.js" difference "$reports/compared.html" - "no such text"
	expect 1 "no such text"
}
@test "names that are markup stay text" {
	browser hostile hostile
	for case in sort filter map graph phone accessible; do browser $case hostile; done
}
