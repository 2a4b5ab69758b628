#!/usr/bin/env bats
# The container host, unmodified: it boots, every unit is well, containers run and are confined, a second boot is the
# same. The test comes from outside as systemd credentials. Runs on what the user's own store has (see tests/run-e2e).
bats_require_minimum_version 1.5.0
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	unset HULL_STORE
	"$HULL" build --quiet --specs "$HULL_TOP/SPECS" --repo repo >&2
	cp -r "$HULL_TOP/imageconfigs" "$HULL_TOP/tests/e2e/host/container.json" .
	for config in imageconfigs/container-host{,-dev}.json container.json; do
		"$HULL" image --update --repo hull=repo -o images "$config" >&2
	done
}

# The kernel tests its timer against emulated ones now and then in vain when the host is busy.
host() { # hull boot options
	hull boot --kvm off --cpus 2 --memory 1G --timeout 10m --kernel-command-line no_timer_check "$@" "$BATS_FILE_TMPDIR/images/container-host.vhdx"
}

@test "the container host runs containers, confined and connected, in two boots" {
	run host --disk virtio --size 4G --log "$BATS_TEST_TMPDIR/console" --extra-disk "$BATS_FILE_TMPDIR/images/test.oci.tar" \
		--credential "systemd.extra-unit.hull-test.service=@$HULL_TOP/tests/e2e/host/test.service" \
		--credential "systemd.unit-dropin.multi-user.target=[Unit]
Wants=hull-test.service" \
		--credential "hull.test=@$HULL_TOP/tests/e2e/host/test.sh" \
		--expect "host: 0 failed, boot 1" --expect "host: 0 failed, boot 2"
	expect 0 "host: ok"
	[[ $output != *"host: FAILED"* ]]
}

ready() { # DISK: up to containerd on that kind of disk
	run host --disk "$1" --credential "systemd.extra-unit.hull-ready.service=@$HULL_TOP/tests/e2e/host/ready.service" \
		--credential "systemd.unit-dropin.multi-user.target=[Unit]
Wants=hull-ready.service" --expect "host: containerd is ready"
	expect 0 "host: containerd is ready"
}

@test "it boots from a SCSI disk" {
	ready scsi
}

@test "it boots from an NVMe disk" {
	ready nvme
}

@test "it boots from an AHCI disk" {
	ready ahci
}

@test "an audit of it finds nothing but what the baseline accepts" {
	(mkdir config && cd config && rpm2cpio "$BATS_FILE_TMPDIR"/repo/*/kernel-config-*.rpm | cpio -id --quiet)
	run hull audit --baseline "$HULL_TOP/imageconfigs/container-host.baseline.json" \
		--kernel-config config/usr/lib/modules/*/config "$BATS_FILE_TMPDIR/images/container-host.vhdx"
	expect 0 "0 findings"
}

@test "the image for developers lets in who has the key, and shows a login on the serial console" {
	ssh-keygen -q -t ed25519 -N '' -f key
	"$HULL" boot --kvm off --cpus 2 --memory 1G --timeout 8m --kernel-command-line no_timer_check --log console --ssh-port 2422 \
		--credential "ssh.authorized_keys.root=$(cat key.pub)" --expect 'hull login:' --expect 'Power down' \
		"$BATS_FILE_TMPDIR/images/container-host-dev.vhdx" </dev/null >boot.log 2>&1 3>&- &
	local machine=$!
	inside() { ssh -q -p 2422 -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 root@127.0.0.1 "$@"; }
	until run inside true && [ "$status" = 0 ]; do
		kill -0 "$machine" || { cat boot.log console && return 1; }
		sleep 2
	done
	run inside 'systemctl is-system-running --wait; systemctl --failed --no-legend --plain; sudo -n id -u; ps -C containerd -o comm='
	expect 0 "running" "containerd"
	[[ $output == $'running\n0\ncontainerd' ]]
	inside 'systemctl poweroff --no-wall' || true
	wait "$machine"
}
