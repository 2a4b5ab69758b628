#!/usr/bin/env bats
# hull boot: what Hull writes as a disk is started by UEFI firmware in QEMU. The kernel is Debian's, the disks are
# made by tests/boot-image.c out of Hull's own writers.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
	export DISKS="$BATS_FILE_TMPDIR"
	local cache=$HULL_STORE/test-kernel make=("${HULL%/*}/boot-image" /usr/lib/systemd/boot/efi/linuxx64.efi.stub)
	"$HULL_TOP/tests/e2e/test-kernel" "$cache" >&2
	make+=("$cache/vmlinuz" "$cache/initrd")
	# The kernel's test of the timer fails now and then on an emulated machine when the host is busy.
	"${make[@]}" "console=ttyS0 quiet no_timer_check" "$DISKS/off.raw" "$DISKS/off.vhdx"
	"${make[@]}" "console=ttyS0 quiet no_timer_check hull.wait" "$DISKS/wait.raw"
	export TMPDIR="$DISKS/tmp"
	mkdir "$TMPDIR"
}

teardown() { # nothing is left behind, whatever the test did
	[ -z "$(ls -A "$TMPDIR")" ]
}

boot() { hull boot --kvm off --memory 256M --cpus 1 --timeout 5m "$@"; }

@test "a raw disk boots, and is not changed" {
	sha256sum "$DISKS/off.raw" >before
	run boot "$DISKS/off.raw"
	expect 0 "hull test: up" "hull test: command line console=ttyS0 quiet no_timer_check" "hull test: end"
	sha256sum -c before
}

@test "a VHDX boots as a SCSI disk, with credentials and more words for the kernel" {
	printf 'line\nof a file\n' >file
	run boot --disk scsi --credential a.b=text --credential file=@file --kernel-command-line "x=1,2 y" \
		--log log --expect "hull test: up" --expect "hull test: end" --size 1G "$DISKS/off.vhdx"
	expect 0 "smbios io.systemd.credential.binary:a.b=dGV4dA==" \
		"smbios io.systemd.credential.binary:file=bGluZQpvZiBhIGZpbGUK" \
		"smbios io.systemd.stub.kernel-cmdline-extra=x=1,2 y"
	grep -q "hull test: up" log
}

@test "a compressed disk boots, as NVMe and as AHCI" {
	zstd -q "$DISKS/off.vhdx" -o off.vhdx.zst
	gzip -c "$DISKS/off.raw" >off.raw.gz
	run boot --disk nvme --expect "hull test: up" off.vhdx.zst
	expect 0 "hull test: up"
	run boot --disk ahci --expect "hull test: up" off.raw.gz
	expect 0 "hull test: up"
}

@test "a text that does not appear, or not in this order, is a failure with the last lines" {
	run boot --quiet --expect "hull test: end" --expect "hull test: up" "$DISKS/off.raw"
	expect 1 "the machine ended before 'hull test: up' appeared" "hull test: command line"
	run boot --timeout 1s --expect "hull test: up" "$DISKS/wait.raw"
	expect 1 "the time was over before 'hull test: up' appeared"
}

@test "SIGTERM ends the machine, and nothing of it stays" {
	"$HULL" boot --kvm off --memory 256M --cpus 1 --log log "$DISKS/wait.raw" >out 2>&1 3>&- &
	local job=$! qemu status=0
	timeout 300 sh -c 'until grep -q "hull test: end" log; do sleep 0.2; done'
	qemu=$(cat "/proc/$job/task/$job/children")
	qemu=${qemu% }
	[ -e "/proc/$qemu" ]
	kill -TERM "$job"
	wait "$job" || status=$?
	[ "$status" = 130 ]
	[ ! -e "/proc/$qemu" ]
}

@test "a killed hull takes its machine with it" {
	"$HULL" boot --kvm off --memory 256M --cpus 1 --log log "$DISKS/wait.raw" >out 2>&1 3>&- &
	local job=$! qemu
	timeout 300 sh -c 'until grep -q BdsDxe log; do sleep 0.2; done'
	qemu=$(cat "/proc/$job/task/$job/children")
	qemu=${qemu% }
	kill -KILL "$job"
	wait "$job" || true
	timeout 10 sh -c "while [ -e /proc/$qemu ]; do sleep 0.1; done"
}

@test "what cannot be booted is said" {
	run boot nothing.raw
	expect 1 "nothing.raw: No such file or directory"
	run boot --disk floppy "$DISKS/off.raw"
	expect 2 "virtio, scsi, nvme or ahci, not 'floppy'"
	run boot --size 1M "$DISKS/off.raw"
	expect 1 "off.raw has 36700160 bytes, which is more than --size"
	run boot --credential novalue "$DISKS/off.raw"
	expect 2 "credential 'novalue' is not NAME=VALUE or NAME=@FILE"
	run boot --credential a=@missing "$DISKS/off.raw"
	expect 1 "credential a: missing: No such file"
	run boot
	expect 2 "name one image"
	run boot --kvm perhaps "$DISKS/off.raw"
	expect 2 "--kvm is auto, on or off"
}

@test "missing programs are named with their packages" {
	mkdir bin
	run env PATH="$PWD/bin" "$HULL" boot "$DISKS/off.raw"
	expect 1 "qemu-img is missing; the Debian package qemu-utils has it"
	ln -s "$(command -v qemu-img)" bin/
	run env PATH="$PWD/bin" "$HULL" boot "$DISKS/off.raw"
	expect 1 "qemu-system-x86_64 is missing; the Debian package qemu-system-x86 has it"
}
