#!/usr/bin/env bats
# A build that takes too much of one thing fails with the limit named, and the others go on. Each bomb here has an end of
# its own: 400 processes, 400 MB, 100,000 files.
# shellcheck disable=SC2016,SC2154 # programs in quotes; mark, status and output are set elsewhere
bats_require_minimum_version 1.5.0
load helper

# bomb NAME: the lines of a program in Python on stdin, which the build runs
bomb() {
	mkdir -p "SPECS/$1"
	{
		printf '%s\n' 'import fcntl, mmap, os, socket, sys, time'
		cat
		echo 'time.sleep(60)'
	} >"SPECS/$1/bomb.py"
	pin "$1" bomb.py
	spec "$1" <<-EOF2
		Source0: bomb.py
		%description
		x
		%build
		python3 %{SOURCE0}
		%files
	EOF2
}

# refused NAME TEXT: the last `run hull build` says that of that spec
refused() {
	if ! grep -qF -- "SPECS/$1/$1.spec: the build $2" <<<"$output"; then
		echo "$1 is not refused with '$2':"
		grep -F "$1" <<<"$output" || true
		return 1
	fi
}

# honest: a build that takes a while beside the others, and needs processes, memory and disk of its own
honest() {
	spec honest <<-'EOF2'
		%description
		x
		%build
		for i in $(seq 5); do
			python3 -c 'x = bytearray(20 << 20); open("file", "wb").write(x)'
			sleep 0.2
		done
		%install
		mkdir -p %{buildroot}/usr/share/honest
		touch %{buildroot}/usr/share/honest/text
		%files
		/usr/share/honest
	EOF2
}

# outcome: what is left of a run in which only the honest build may succeed
outcome() {
	[ "$status" = 1 ] || { echo "$output"; return 1; }
	[ "$(built)" = "honest " ] || { echo "$output"; return 1; }
	[ -z "$(pgrep -f "[b]omb.py" || true)" ]
	[ -z "$(ls "$HULL_STORE/tmp")" ]
}

@test "processes and threads" {
	bomb forks <<-'EOF2'
		for i in range(400):
		    try:
		        if os.fork() == 0: time.sleep(60)
		    except OSError: time.sleep(0.01)
	EOF2
	bomb threads <<-'EOF2'
		import threading
		for i in range(400):
		    try: threading.Thread(target=lambda: time.sleep(60), daemon=True).start()
		    except RuntimeError: time.sleep(0.01)
	EOF2
	bomb daemons <<-'EOF2'
		# each in a session of its own, and nobody's child
		for i in range(200):
		    try:
		        pid = os.fork()
		        if pid == 0:
		            os.setsid()
		            if os.fork() == 0: time.sleep(60)
		            os._exit(0)
		        os.waitpid(pid, 0)
		    except OSError: time.sleep(0.01)
	EOF2
	honest
	run hull build -k -j 4 --processes 100
	outcome
	for name in forks threads daemons; do
		refused $name "runs more than 100 processes (--processes)"
	done
}

@test "a program that gives up when it gets no process" {
	# a limit of the kernel's may have come first
	spec gives-up <<-'EOF2'
		%description
		x
		%build
		sh -c 'for i in $(seq 400); do sleep 30 & done; sleep 30'
		%files
	EOF2
	run hull build --processes 100
	expect 1 "--processes"
}

@test "memory of every kind" {
	bomb plain <<<'x = bytearray(400 << 20)'
	bomb tmp <<-'EOF2'
		for f in open("/tmp/x", "wb"), open("/dev/shm/x", "wb"):
		    for i in range(100): f.write(bytes(1 << 20))
		    f.flush()
	EOF2
	bomb memfd <<-'EOF2'
		for i in range(4):
		    fd = os.memfd_create("x")
		    for k in range(100): os.write(fd, bytes(1 << 20))
	EOF2
	bomb shared <<-'EOF2'
		m = mmap.mmap(-1, 400 << 20)
		for i in range(0, len(m), 4096): m[i] = 1
	EOF2
	bomb sockets <<-'EOF2'
		keep = []
		for i in range(400):
		    a, b = socket.socketpair()
		    keep += [a, b]
		    for s in a, b:
		        s.setblocking(False)
		        try:
		            while s.send(bytes(65536)): pass
		        except OSError: pass
	EOF2
	honest
	run hull build -k -j 4 --memory 150M
	outcome
	for name in plain tmp memfd shared sockets; do
		refused $name "needs more memory than the 150 MiB it may use (--memory)"
	done
}

@test "disk, also of files without a name and in directories that are closed" {
	bomb file <<-'EOF2'
		with open("/hull/build/x", "wb") as f:
		    for i in range(500): f.write(bytes(1 << 20))
	EOF2
	bomb unlinked <<-'EOF2'
		f = open("x", "wb")
		os.unlink("x")
		for i in range(500): f.write(bytes(1 << 20))
		f.flush()
	EOF2
	bomb closed <<-'EOF2'
		os.mkdir("d")
		f = open("d/x", "wb")
		os.chmod("d", 0)
		for i in range(500): f.write(bytes(1 << 20))
		f.flush()
	EOF2
	bomb many <<-'EOF2'
		for i in range(5000):
		    with open(f"x{i}", "wb") as f: f.write(bytes(100 << 10))
	EOF2
	honest
	run hull build -k -j 2 --disk 200M
	outcome
	for name in file unlinked closed many; do
		refused $name "writes more than the 200 MiB that it may have on the disk (--disk)"
	done
}

@test "inodes, on the disk and in memory" {
	bomb files <<-'EOF2'
		for i in range(100000): os.close(os.open(f"x{i}", os.O_CREAT | os.O_WRONLY))
	EOF2
	bomb directories <<-'EOF2'
		for i in range(300):
		    os.mkdir(f"d{i}")
		    for k in range(300): os.mkdir(f"d{i}/{k}")
	EOF2
	bomb links <<-'EOF2'
		for i in range(100000): os.symlink("x", f"x{i}")
	EOF2
	bomb tmp <<-'EOF2'
		try:
		    for i in range(100000): os.close(os.open(f"/tmp/x{i}", os.O_CREAT | os.O_WRONLY))
		except OSError: pass
	EOF2
	bomb deep <<-'EOF2'
		for i in range(1200):
		    os.mkdir("d")
		    os.chdir("d")
	EOF2
	honest
	run hull build -k -j 3 --inodes 20000
	outcome
	for name in files directories links tmp deep; do
		refused $name "makes more than 20000 files (--inodes)"
	done
}

@test "hull shell and hull build take the same limits, and refuse what is no number" {
	honest
	hull build
	run hull shell --processes 20 honest -- bash -c 'for i in $(seq 40); do sleep 30 & done; sleep 30'
	expect 1 "--processes"
	run hull shell --disk 50M honest -- sh -c 'head -c 200M /dev/zero >x; sleep 30'
	expect 1 "--disk"
	run hull shell --inodes 500 honest -- sh -c 'for i in $(seq 2000); do echo >x$i; done; sleep 30'
	expect 1 "--inodes"
	run hull build --processes many
	expect 2 "--processes"
	run hull build --disk lots
	expect 2 "--disk"
}

# Rounds of `sleep 0.1` while the file $1 is there; the longest, in ms, is in $2.
wait_in_rounds() {
	local start ms longest=0
	while [ -e "$1" ]; do
		start=${EPOCHREALTIME/[.,]/}
		sleep 0.1
		ms=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
		[ $ms -le $longest ] || longest=$ms
	done
	echo $longest >"$2"
}

# longest COMMAND...: the longest round while the command runs
longest() {
	local rounds
	touch waiting
	wait_in_rounds waiting longest-round 3>&- &
	rounds=$!
	"$@" >out.txt 2>&1 || true
	rm waiting
	wait $rounds
	cat longest-round
}

# beside_bomb NAME: who waits beside that build waits no longer than a second more than without it
beside_bomb() {
	local before beside after
	before=$(longest sleep 1)
	beside=$(longest "$HULL" build --timeout 6 --processes 200 --memory 300M --disk 400M --inodes 50000 "$1")
	cat out.txt
	grep -q "SPECS/$1/$1.spec: the build" out.txt || return 1
	after=$(longest sleep 1)
	echo "$1: $before ms before, $beside ms beside, $after ms after"
	[ "$beside" -lt $((1000 + (before > after ? before : after))) ]
}

@test "who waits beside a bomb waits no longer than a second" {
	local name
	bomb forks <<-'EOF2'
		for i in range(100):
		    if os.fork() == 0:
		        while True: pass
	EOF2
	bomb memory <<-'EOF2'
		x = []
		for i in range(400): x.append(bytearray(os.urandom(1 << 16) * 16))
	EOF2
	bomb disk <<-'EOF2'
		with open("x", "wb") as f:
		    for i in range(500): f.write(bytes(1 << 20))
	EOF2
	bomb inodes <<-'EOF2'
		for i in range(100000): os.close(os.open(f"x{i}", os.O_CREAT | os.O_WRONLY))
	EOF2
	for name in forks memory disk inodes; do
		# others may keep the machine busy, but not each time
		beside_bomb $name || beside_bomb $name || beside_bomb $name
	done
}

@test "where control groups are hull's, the kernel counts memory and processes" {
	run "$HULL_TOP/tests/e2e/cgroup-guest" "${HULL%/*}" "$HULL_STORE/test-kernel" 'test_kernel_*'
	expect 0 "as root: passed" "as user: passed"
}

@test "kill -9 of hull leaves no process behind" {
	bomb forks <<-'EOF2'
		for i in range(50):
		    if os.fork() == 0:
		        os.setsid()
		        time.sleep(60)
	EOF2
	bomb writer <<-'EOF2'
		while True:
		    with open("x", "wb") as f: f.write(bytes(20 << 20))
		    time.sleep(0.01)
	EOF2
	"$HULL" build -k -j 2 --disk 1G >out.txt 2>&1 &
	pid=$!
	for _ in $(seq 300); do
		[ "$(pgrep -cf "[b]omb.py" || true)" -lt 50 ] || break
		sleep 0.1
	done
	[ "$(pgrep -cf "[b]omb.py" || true)" -ge 50 ]
	sleep 3 # hull counts what is on the disk
	group=$(pgrep -P $pid | tr '\n' ' ')
	[ -n "$group" ]
	kill -9 $pid
	wait $pid || true
	for _ in $(seq 50); do
		[ -n "$(pgrep -f "[b]omb.py" || true)" ] || break
		sleep 0.1
	done
	[ -z "$(pgrep -f "[b]omb.py" || true)" ]
	for child in $group; do
		[ ! -e "/proc/$child" ] || grep -q '^State:.*Z' "/proc/$child/status"
	done
}
