#!/usr/bin/env bats
# Specs that were written for another distribution, and the trees that have them.
bats_require_minimum_version 1.5.0
load helper

# shellcheck disable=SC2154 # mark is set by setup
# foreign NAME: a spec without Hull's ways, the rest from stdin
foreign() {
	mkdir -p "theirs/$1"
	{
		printf '# %s\nName: %s\nVersion: 1\nRelease: 1%%{?dist}\nSummary: x\nLicense: MIT\nBuildArch: noarch\n' "$mark" "$1"
		cat
	} >"theirs/$1/$1.spec"
}

@test "a spec with CR LF, odd dates, several specs beside it and a tree's own macros is built" {
	simple own text
	foreign odd <<-'EOF'
		Source0: x.txt
		%global early %{buildroot}
		%description
		x
		%prep
		%build
		%install
		mkdir -p %{early}%{their_dir}
		cp %{SOURCE0} %{early}%{their_dir}/text
		%files
		%{their_dir}
		%changelog
		* Thu Jan 04 2024 A <a@b> - 1-1
		- Older.
		* Tue July 30 2024 A <a@b> - 1-2
		- Newer.
	EOF
	sed 's/^Name: odd/Name: odd-bootstrap/; s/^Source0:.*//; s/^cp .*/touch %{early}%{their_dir}\/text/' theirs/odd/odd.spec >theirs/odd/first.spec
	sed -i 's/$/\r/' theirs/odd/odd.spec
	mkdir theirs/odd/SOURCES theirs/macros.d
	echo text >theirs/odd/SOURCES/x.txt
	echo '%their_dir /usr/share/theirs' >theirs/macros.d/macros.them
	digest=$(sha256sum theirs/odd/SOURCES/x.txt | cut -d' ' -f1 | tr a-f A-F)
	echo "{\"signatures\": {\"x.txt\": \"$digest\"}}" >theirs/odd/odd.signatures.json
	run hull build -S theirs odd odd-bootstrap own
	expect 0 "odd.spec:1: ends in CR LF" "'* Tue July 30 2024' is read as '* Tue Jul 30 2024'" "sorted by date" "built odd 1-1.hull1"
	[ "$(rpm -qlp out/repo/x86_64/noarch/odd-1-1.hull1.noarch.rpm | paste -sd' ')" = "/usr/share/theirs /usr/share/theirs/text" ]
	rpm -qp --changelog out/repo/x86_64/noarch/odd-1-1.hull1.noarch.rpm | head -n 1 | grep -F 'Jul 30 2024'
	# what the tree says is a part of the key, and of no other's
	echo '%their_dir /usr/share/others' >theirs/macros.d/macros.them
	run hull plan -S theirs odd own
	expect 0 "build   odd" "the macros changed"
	[[ $output != *"build   own"* ]]
}

@test "a macro that nothing defines is an error of the spec that has it, once that is to be built" {
	foreign good <<-'EOF'
		%description
		x
		%files
	EOF
	foreign bad <<-'EOF'
		BuildRequires: x >= %{azl}.0
		%description
		x
		%files
	EOF
	run hull plan -S theirs good
	expect 0 "warning: theirs/bad/bad.spec:8: unknown macro %{azl}" "build   good"
	run hull plan -S theirs bad
	expect 1 "theirs/bad/bad.spec:8: unknown macro %{azl}" "1 spec that was named"
}

@test "a spec is named by its Name, its file or its directory" {
	foreign Capital <<-'EOF'
		%description
		x
		%files
	EOF
	sed -i 's/^Name: .*/Name: capital/' theirs/Capital/Capital.spec
	for name in capital Capital theirs/Capital theirs/Capital/Capital.spec; do
		run hull plan -S theirs "$name"
		expect 0 "build   capital 1-1.hull1"
	done
}
