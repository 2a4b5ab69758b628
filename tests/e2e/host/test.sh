#!/bin/bash
# Runs as a unit inside the container host under test. Prints "host: ok NAME" or "host: FAILED NAME: why" for each check
# and at the end "host: N failed, boot B"; then the machine restarts (first boot) or goes off (second).
set -u
PATH=/usr/bin:/usr/sbin
failed=0
state=/var/lib/hull-test
net=/etc/cni/net.d/10-hull-test.conflist

check() { # NAME COMMAND...: the command has to succeed; what it prints is the reason if it does not
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "host: ok $name"
	else
		echo "host: FAILED $name: $out"
		failed=$((failed + 1))
	fi
}

no_output() { # COMMAND...: succeeds if it prints nothing
	local out
	out=$("$@" 2>&1)
	[ -z "$out" ] || { echo "$out" && return 1; }
}

running() { # all units have started, none has failed
	local i
	for ((i = 0; i < 60; i++)); do
		[ "$(systemctl is-system-running)" = starting ] || break
		sleep 1
	done
	systemctl is-system-running && no_output systemctl --failed --no-legend --plain
}

kernel_says() { # PATTERN...: lines of the kernel's log that match one
	local line pattern
	while IFS= read -r line; do
		for pattern; do
			# shellcheck disable=SC2053 # it is a pattern
			[[ $line != $pattern ]] || echo "$line"
		done
	done < <(journalctl -q -k -b --no-hostname -o cat)
}

kernel_log() { # no errors, and no warnings with a call trace
	no_output journalctl -q -k -b -p err --no-hostname -o cat &&
		no_output kernel_says '*Call Trace*' '*WARNING: CPU*' '*cut here*' '*BUG:*' '*Oops*'
}

read_only_usr() {
	! touch /usr/bin/x 2>/dev/null && ! touch /usr/lib/x 2>/dev/null
}

grown() { # the root file system takes the disk of 4 GiB
	local blocks
	blocks=$(stat -f -c '%b*%S' /)
	[ "$((blocks))" -gt 3500000000 ] || { echo "$blocks" && return 1; }
}

setuid_files() {
	local f
	for f in /usr/bin/* /usr/sbin/* /usr/libexec/* /usr/lib/systemd/*; do
		[ ! -u "$f" ] && [ ! -g "$f" ] || [ -d "$f" ] || echo "$f"
	done
}

address() { # DHCP gave one
	local i
	for ((i = 0; i < 20; i++)); do
		[ -z "$(ip -4 -o addr show scope global)" ] || return 0
		sleep 1
	done
	ip addr
	return 1
}

flags=()
run() { # ID COMMAND...: in a new container, with flags
	local id=$1
	shift
	ctr run --rm "${flags[@]}" hull/test:latest "$id" "$@"
}

namespaces() { # a container has a process tree, a host name and mounts of its own
	local out flags=(--hostname inside)
	# shellcheck disable=SC2016 # it expands inside
	out=$(run ns /bin/bash -c 'echo $$ $HOSTNAME; ls /usr/sbin/init 2>/dev/null')
	[ "$out" = "1 inside" ] || { echo "$out" && return 1; }
}

memory_limit() { # 32 MiB are not enough for a string of 100 MB: the kernel kills
	local out flags=(--memory-limit 33554432)
	if out=$(run mem /usr/bin/gawk 'BEGIN { s = sprintf("%100000000s", ""); print length(s) }' 2>&1); then
		echo "not killed: $out"
		return 1
	fi
	[ -n "$(kernel_says '*Memory cgroup out of memory*')" ]
}

pids_limit() { # with 48 processes at most, a shell cannot start 100
	local spec out
	spec=$(ctr oci spec)
	spec=${spec/'"resources": {'/'"resources": { "pids": { "limit": 48 },'}
	spec=${spec/'"path": "rootfs"'/'"path": "/run/hull-test-root"'}
	spec=${spec/'"cwd"'/'"args": ["/bin/bash", "-c", "for ((i = 0; i < 100; i++)); do sleep 5 & done; wait"], "cwd"'}
	[[ $spec =~ \"cgroupsPath\":\ \"[^\"]*\" ]] # of its own: that of the namespace has groups below it
	spec=${spec/"${BASH_REMATCH[0]}"/'"cgroupsPath": "/hull-test-pids"'}
	echo "$spec" >/run/hull-test.json
	mkdir -p /run/hull-test-root
	ctr images mount hull/test:latest /run/hull-test-root >/dev/null
	out=$(ctr run --rm --config /run/hull-test.json pids 2>&1)
	ctr images unmount /run/hull-test-root >/dev/null
	[[ $out == *"Resource temporarily unavailable"* ]] || { echo "$out" && return 1; }
}

bridge() { # one container listens, another reaches it over the bridge
	local out i addresses flags=(--cni)
	echo '{ "cniVersion": "1.0.0", "name": "hull-test", "plugins": [
		{ "type": "bridge", "bridge": "hull0", "isGateway": true, "ipMasq": true,
		  "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.88.0.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
		{ "type": "portmap", "capabilities": { "portMappings": true } }] }' >$net
	ctr run -d --cni hull/test:latest server /usr/bin/gawk \
		'BEGIN { while (1) { s = "/inet/tcp/8080/0/0"; print "hello from the bridge" |& s; close(s) } }' || return 1
	addresses=(/var/lib/cni/networks/hull-test/10.88.0.*) # host-local keeps a file an address
	for ((i = 0; i < 10; i++)); do
		out=$(run "client$i" /bin/bash -c "read -r line </dev/tcp/${addresses[0]##*/}/8080 && echo \"\$line\"" 2>&1)
		[[ $out != *"hello from the bridge"* ]] || break
		sleep 1
	done
	ctr tasks kill -s 9 server
	for ((i = 0; i < 10; i++)); do
		ctr tasks rm server >/dev/null 2>&1 && break
		sleep 0.5
	done
	ctr containers rm server >/dev/null 2>&1
	rm $net
	[[ $out == *"hello from the bridge"* ]] || { echo "$out" && return 1; }
}

import() {
	ctr images import /dev/disk/by-id/virtio-test.oci.tar >/dev/null
}

boot=1
[ ! -e $state ] || boot=2
echo "host: kernel $(uname -r), boot $boot"
systemd-analyze time 2>/dev/null
check running running
check 'kernel log' kernel_log
check 'cgroup v2' test -e /sys/fs/cgroup/cgroup.controllers
check 'read-only /usr' read_only_usr
check 'no set-uid files' no_output setuid_files
check address address
check 'containerd answers' ctr version
check 'root has grown' grown
check import import
check namespaces namespaces
check 'memory limit' memory_limit
check 'pids limit' pids_limit
check bridge bridge
mapfile -t memory </proc/meminfo
echo "host: ${memory[0]}; ${memory[2]}"
echo "host: $failed failed, boot $boot"
if [ $boot = 1 ]; then
	: >$state
	sync
	systemctl reboot
else
	systemctl poweroff
fi
