#!/usr/bin/env bats
# Archives and patches of a stranger's, as a build unpacks and applies them: each changes nothing but its own build, which
# fails with what is wrong, or has nothing of it; the others go on.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a process of its own; mark, status and output are set elsewhere
bats_require_minimum_version 1.5.0
load helper

make() { python3 "$HULL_TOP/tests/data/hostile/make.py" "$@"; }

# archive NAME WAY [SUFFIX]: a package that unpacks such an archive and has what came of it: kind, rights, name and target
archive() {
	local name=$1 file=$1.${3:-tar}
	mkdir -p "SPECS/$name"
	make source "SPECS/$name/$file" "$2"
	pin "$name" "$file"
	spec "$name" <<-EOF
		Source0: $file
		%description
		x
		%prep
		%setup -q -n a-1
		%install
		mkdir -p %{buildroot}/usr/share/$name
		find / -path /proc -prune -o -path /hull/build/BUILD -prune -o -name 'owned*' -print >%{buildroot}/usr/share/$name/made
		find . -mindepth 1 -printf '%%y %%m %%s %%p %%l\n' | sort >%{buildroot}/usr/share/$name/list
		%files
		/usr/share/$name
	EOF
}

# patched NAME: a package that applies this patch to the plain source
patched() {
	local name=$1
	mkdir -p "SPECS/$name"
	make source "SPECS/$name/plain.tar" plain
	make patch "SPECS/$name/$name.patch" "${name#p-}"
	pin "$name" plain.tar
	spec "$name" <<-EOF
		Source0: plain.tar
		Patch0: $name.patch
		%description
		x
		%prep
		%autosetup -p1 -n a-1
		%install
		mkdir -p %{buildroot}/usr/share/$name
		find / -path /proc -prune -o -path /hull/build/BUILD -prune -o -name 'owned*' -print >%{buildroot}/usr/share/$name/made
		find . -mindepth 1 -printf '%%y %%m %%s %%p %%l\n' | sort >%{buildroot}/usr/share/$name/list
		%files
		/usr/share/$name
	EOF
}

state() { # of what is not a build's own
	find SPECS /etc/passwd "$HULL_STORE/sources" -type f -exec sha256sum {} + | sort
	find / /tmp /var/tmp /etc /usr /root /home /dev /dev/shm "$PWD" .. "$HULL_STORE" "$HULL_STORE"/tmp -maxdepth 1 -name 'owned*' 2>/dev/null || true
	find "$HULL_STORE" \( -path "$HULL_STORE/seeds" -o -path "$HULL_STORE/tmp" \) -prune -o \( -name 'owned*' -o -perm /6000 -o -not -type f -not -type d -not -type l \) -print
}

# builds ARGUMENT...: all that is in SPECS, beside one that is honest
builds() {
	simple honest "$mark"
	hull fetch
	state >before
	run hull build -k "$@"
	state | diff before -
	[[ $output != *$'\e'* && $output != *$'\r'* ]] || fail "controls in the output"
	[[ " $(built)" == *" honest "* ]] || fail "the honest build has not gone on"
	[ -z "$(ls "$HULL_STORE/tmp")" ] || fail "something is left behind"
	# a line of hull's is no name's
	[ "$(grep -c '^built honest' <<<"$output")" = 1 ] || fail "there are two honest builds"
}

fail() {
	echo "$*; status $status, output:"
	cat -v <<<"$output"
	return 1
}

# refused NAME TEXT: that build has failed, and the end of its log, which is shown, says so
refused() {
	grep -qF -- "SPECS/$1/$1.spec: " <<<"$output" || fail "no error names $1"
	[[ " $(built)" != *" $1 "* ]] || fail "$1 was built"
	[[ $output == *"$2"* ]] || fail "$1 does not fail with '$2'"
}

# harmless NAME [LINE...]: it was built; nothing was made that was meant to be, and what came of it has these lines
harmless() {
	local name=$1 line list
	shift
	[[ " $(built)" == *" $name "* ]] || fail "$name was not built"
	[ "$(content "$name" made)" = "" ] || fail "$name has made $(content "$name" made)"
	list=$(content "$name" list)
	for line; do
		grep -qF -- "$line" <<<"$list" || fail "no '$line' in what came of $name: $list"
	done
}

# content NAME FILE: of the package in the store, as a run with errors publishes none
content() {
	local key
	key=$(cat "$HULL_STORE/latest/$(uname -m)/$1")
	rpm2cpio "$HULL_STORE/rpms/$(jq -r '.packages[0].sha256' "$HULL_STORE/builds/$key.json").rpm" | cpio -i --quiet --to-stdout "./usr/share/$1/$2"
}

@test "an archive with members above, absolute ones, and ones behind links and hard links that lead out" {
	for way in up absolute link swap hardlink; do archive s-$way $way; done
	builds -j 3
	refused s-up "a-1/../../../../owned: Member name contains '..'"
	harmless s-absolute 'f 644 6 ./file'
	refused s-link 'a-1/out0/owned: Cannot open: Not a directory'
	refused s-swap 'a-1/d: Cannot open: File exists'
	refused s-hardlink 'a-1/passwd0: Cannot hard link to'
}

@test "an archive with devices, with set-id bits, with a file that claims a terabyte" {
	for way in device setid claim; do archive s-$way $way; done
	builds -j 3
	refused s-device 'a-1/sda: Cannot mknod: Operation not permitted'
	# in its own tree, which is on a mount without set-id bits, below a directory that is nobody else's, and gone with the build
	harmless s-setid './setid'
	harmless s-claim './claim'
}

@test "an archive with a path that is 20,000 deep, with names that recolour, fake lines, have a NUL" {
	for way in deep control nul; do archive s-$way $way; done
	builds -j 3
	refused s-deep /deep/deep/deep/
	refused s-control '\033[31mred'
	harmless s-nul ./plain
}

@test "a zip with all of that" {
	archive s-zip zip zip
	builds
	refused s-zip 'stripped absolute path spec from /etc/owned'
}

@test "a bomb of 4 MB that is a gigabyte, one of 100,000 files" {
	archive s-bomb bomb tar.gz
	archive s-many many
	builds -j 3 --disk 100M --inodes 20000
	refused s-bomb 'the build writes more than the 100 MiB that it may have on the disk (--disk)'
	refused s-many 'the build makes more than 20000 files (--inodes)'
}

@test "a patch with names above, absolute ones, behind a link that it makes or the archive has, by renaming" {
	for way in up absolute link through rename; do patched p-$way; done
	builds -j 3
	refused p-up 'Ignoring potentially dangerous file name ../../../../owned'
	harmless p-absolute 'f 644 6 ./hull/build/SOURCES/owned'
	refused p-link 'Invalid file name out/owned -- skipping patch'
	refused p-through 'File outside is not a regular file -- refusing to patch'
	refused p-rename 'Ignoring potentially dangerous file name ../../../owned'
}

@test "a patch with commands for ed, for a FIFO, with a device, with names that recolour, with 2,000 files" {
	for way in ed fifo device control many; do patched p-$way; done
	builds -j 3
	harmless p-ed ./file
	refused p-fifo 'File pipe is not a regular file -- refusing to patch'
	harmless p-device 'f 644 6 ./sda'
	refused p-control '\x1b[31mred'
	harmless p-many './new/001999'
}

@test "a Debian archive whose patches are links to elsewhere or lie above" {
	for name in link hard up fine; do
		mkdir -p SPECS/d-$name
		make source SPECS/d-$name/plain.tar plain
		make source SPECS/d-$name/debian.tar patches
		pin d-$name plain.tar debian.tar
		spec d-$name <<-EOF
			Source0: plain.tar
			Source1: debian.tar
			%description
			x
			%prep
			%setup -q -n a-1
			%debian_patches -s1 $name
			%files
		EOF
	done
	builds -j 3
	for name in link hard up; do refused d-$name "no patch '$name' in debian.tar"; done
	refused d-fine 'no debian/patches in debian.tar'
}
