# Packages, repositories and configurations for the tests of images. The packages are made by the host's rpmbuild.
# shellcheck shell=bash disable=SC2154 # status and output are set by bats' run

stub=/usr/lib/systemd/boot/efi/linuxx64.efi.stub

# package NAME: sections of a spec on stdin; lines before "%description" belong to the preamble. The RPM goes to repo/.
package() {
	local name=$1
	mkdir -p specs repo
	{
		printf '%s\n' "Name: $name" 'Version: 1.0' 'Release: 1' "Summary: The $name of a test" "License: ${license:-MIT}"
		cat
	} >"specs/$name.spec"
	SOURCE_DATE_EPOCH=1700000000 rpmbuild -bb --quiet --define "_topdir $PWD/rpmbuild" --define "_rpmdir $PWD/repo" \
		--define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' --define 'debug_package %{nil}' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost test' --define "stub $stub" \
		--define '__os_install_post %{nil}' --define '_buildshell /bin/bash' --define '_binary_payload w3.zstdio' --nodeps "specs/$name.spec" >&2
}

# the packages that most tests use: a system that looks bootable
system_packages() {
	package filesystem <<-'EOF'
		BuildArch: noarch
		%description
		Directories.
		%install
		mkdir -p %{buildroot}/{boot,dev,etc,home,proc,root,run,sys,tmp,var/{lib,log,tmp},usr/{bin,sbin,lib,share/{doc,locale/de,man/man1}}}
		for d in bin sbin lib; do ln -s usr/$d %{buildroot}/$d; done
		%files
		%dir /
		/bin
		/sbin
		/lib
		%dir /boot
		%dir /dev
		%dir /etc
		%dir /home
		%dir %attr(0555,root,root) /proc
		%dir %attr(0700,root,root) /root
		%dir /run
		%dir %attr(0555,root,root) /sys
		%dir %attr(1777,root,root) /tmp
		/usr
		/var
	EOF
	package init <<-'EOF'
		Requires: filesystem
		Requires: text
		%description
		Something to start.
		%install
		mkdir -p %{buildroot}/usr/{sbin,lib/sysusers.d,lib/tmpfiles.d,share/{doc/init,man/man1,locale/de}} %{buildroot}/etc
		printf '#!/bin/sh\n' >%{buildroot}/usr/sbin/init
		ln %{buildroot}/usr/sbin/init %{buildroot}/usr/sbin/init-again
		echo 'u keeper - "Keeper of things" /var/lib/keeper' >%{buildroot}/usr/lib/sysusers.d/init.conf
		echo 'd /var/lib/keeper 0750 keeper keeper -' >%{buildroot}/usr/lib/tmpfiles.d/init.conf
		echo 'NAME=Test' >%{buildroot}/usr/lib/os-release
		echo 'key=value' >%{buildroot}/etc/init.conf
		echo 'read me' >%{buildroot}/usr/share/doc/init/README
		echo manual >%{buildroot}/usr/share/man/man1/init.1
		echo catalogue >%{buildroot}/usr/share/locale/de/init.mo
		%files
		%attr(0755,root,root) %caps(cap_net_raw=ep) /usr/sbin/init
		%attr(0755,root,root) %caps(cap_net_raw=ep) /usr/sbin/init-again
		/usr/lib/sysusers.d/init.conf
		/usr/lib/tmpfiles.d/init.conf
		/usr/lib/os-release
		%config(noreplace) %attr(0640,root,keeper) /etc/init.conf
		%doc /usr/share/doc/init
		/usr/share/man/man1/init.1
		%lang(de) /usr/share/locale/de/init.mo
		%ghost /var/log/init.log
	EOF
	package text <<-'EOF'
		BuildArch: noarch
		%description
		A text.
		%install
		mkdir -p %{buildroot}/usr/share
		seq 200000 >%{buildroot}/usr/share/text
		%files
		/usr/share/text
	EOF
	package kernel <<-'EOF'
		%description
		No kernel, but an EFI program as large as one.
		%install
		mkdir -p %{buildroot}/usr/lib/modules/6.0-test %{buildroot}%(dirname %{stub})
		{ cat %{stub}; head -c 3000000 /dev/zero | tr '\0' k; } >%{buildroot}/usr/lib/modules/6.0-test/vmlinuz
		cp %{stub} %{buildroot}%{stub}
		%files
		/usr/lib/modules/6.0-test
		/usr/lib/systemd
	EOF
}

index() { createrepo_c -q repo; }

# config [jq FILTER]: config.json, the usual one changed by a filter
config() {
	jq "${1:-.}" >config.json <<-'EOF'
		{
		    "Disks": [{
		        "PartitionTableType": "gpt",
		        "Artifacts": [{ "Name": "disk", "Type": "raw" }],
		        "Partitions": [
		            { "ID": "esp", "Flags": ["esp", "boot"], "FsType": "fat32" },
		            { "ID": "root", "FsType": "ext4", "HeadRoom": 16 }
		        ]
		    }],
		    "SystemConfigs": [{
		        "Name": "test",
		        "BootType": "efi",
		        "Hostname": "tester",
		        "Packages": ["init"],
		        "KernelOptions": { "default": "kernel" },
		        "KernelCommandLine": { "ExtraCommandLine": "console=ttyS0" },
		        "PartitionSettings": [
		            { "ID": "esp", "MountPoint": "/boot/efi", "MountOptions": "umask=0077" },
		            { "ID": "root", "MountPoint": "/" }
		        ]
		    }]
		}
	EOF
}

# the repository of system_packages, made once a run
system_repo() {
	local made="$BATS_RUN_TMPDIR/system"
	if [ ! -e "$made/repo/repodata/repomd.xml" ]; then
		mkdir -p "$made"
		(
			cd "$made" || exit
			system_packages
			index
		)
	fi
	cp -r "$made/repo" repo
}

image() { hull image --repo hull=repo -o out "$@"; }

# partition N of disk.raw as a file
partition() {
	local start size
	read -r start size < <(sgdisk -i "$1" out/disk.raw | awk '/First sector/ { f = $3 } /Partition size/ { s = $3 } END { print f, s }')
	dd if=out/disk.raw of="part$1" bs=512 skip="$start" count="$size" conv=sparse status=none
}

inside() { debugfs -R "$*" part2 2>/dev/null; } # a debugfs command on the root partition

# Node brings its own list of authorities; those that this machine trusts besides (a proxy's) are added, as for every other program here.
npm_trust() {
	local trusted=/etc/ssl/certs/ca-certificates.crt
	[ ! -e "$trusted" ] || export NODE_EXTRA_CA_CERTS=$trusted
}

# npm_packages NAME [OPTION...]: a copy of tests/e2e/NAME with the packages of its lock file
npm_packages() {
	local name=$1
	shift
	npm_trust
	cp -r "$HULL_TOP/tests/e2e/$name" "$BATS_FILE_TMPDIR/$name"
	npm --prefix "$BATS_FILE_TMPDIR/$name" ci --no-audit --no-fund "$@" >&2
}
