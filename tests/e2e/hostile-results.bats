#!/usr/bin/env bats
# What a build leaves behind, and what it writes, is a stranger's: it cannot lead hull to anything else, nor make it wait.
# shellcheck disable=SC2030,SC2031,SC2154 # bats runs each test in a process of its own; mark, status and output are set elsewhere
bats_require_minimum_version 1.5.0
load helper

# attack NAME: commands on stdin that run once the package is written; $rpm is its name in the directory of packages
attack() {
	local name=$1
	attacks+=("$name")
	{
		cat <<-EOF2
			%description
			x
			%install
			mkdir -p %{buildroot}/usr/share/$name
			echo $name $mark >%{buildroot}/usr/share/$name/text
			%files
			/usr/share/$name
			%clean
			cd /hull/build/RPMS
			rpm=\$(ls)
		EOF2
		cat
	} | spec "$name"
}

# refused NAME TEXT: the last `run hull build` says that of that spec
refused() {
	if ! grep -qF -- "SPECS/$1/$1.spec: $2" <<<"$output"; then
		echo "$1 is not refused with '$2':"
		grep -F "$1" <<<"$output" || true
		return 1
	fi
}

# all that a link could lead to: a package of the host's and one of the store's
victims() {
	simple victim text
	hull build victim
	mkdir host
	cp out/repo/x86_64/x86_64/victim-1.0-1.hull1.x86_64.rpm host/victim.rpm
	object=$HULL_STORE/rpms/$(sha256sum <host/victim.rpm | cut -d' ' -f1).rpm
	chmod 600 host/victim.rpm
	touch -d 2001-01-01 host/victim.rpm
	state >before
}

state() { # of the victims
	stat -c '%n %i %a %u %h %s %Y %b' host host/* "$object"
	sha256sum host/* "$object"
}

untouched() {
	state | diff before -
	# nothing of a hostile build has come into the store
	for name in "${attacks[@]}"; do
		if find "$HULL_STORE/headers" -newer before -type f -exec grep -lF "\"name\": \"$name" {} + | grep .; then
			echo "$name is in the store"
			return 1
		fi
		[ ! "$HULL_STORE/latest/$(uname -m)/$name" -nt before ]
	done
}

@test "in place of packages: links, devices of all kinds, other names, other files, other bytes" {
	victims
	attack a-symlink <<-EOF
		rm \$rpm; ln -s $PWD/host/victim.rpm \$rpm
	EOF
	attack a-symlink-passwd <<-'EOF'
		rm $rpm; ln -s /etc/passwd $rpm
	EOF
	attack a-symlink-store <<-EOF
		rm \$rpm; ln -s ../../../../../rpms/${object##*/} \$rpm
	EOF
	attack a-symlink-magic <<-'EOF'
		rm $rpm; ln -s /proc/self/fd/0 $rpm
	EOF
	attack a-hardlink <<-'EOF'
		ln $rpm /hull/build/kept
	EOF
	attack a-fifo <<-'EOF'
		rm $rpm; mkfifo $rpm
	EOF
	attack a-socket <<-'EOF'
		rm $rpm; python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $rpm
	EOF
	attack a-directory <<-'EOF'
		rm $rpm; mkdir $rpm
	EOF
	attack a-device <<-'EOF'
		rm $rpm; mknod $rpm c 1 5 || ln -s /dev/zero $rpm
	EOF
	attack a-huge <<-'EOF'
		truncate -s 4T $rpm
	EOF
	attack a-holes <<-'EOF'
		truncate -s 3G $rpm
	EOF
	attack a-renamed <<-'EOF'
		mv $rpm victim-1.0-1.hull1.x86_64.rpm
	EOF
	attack a-second <<-'EOF'
		cp $rpm other.rpm
	EOF
	attack a-garbage <<-'EOF'
		echo x >$rpm
	EOF
	attack a-cut <<-'EOF'
		truncate -s -1 $rpm
	EOF
	attack a-longer <<-'EOF'
		echo x >>$rpm
	EOF
	attack a-nothing <<-'EOF'
		rm $rpm
	EOF
	attack a-many <<-'EOF'
		seq -f file-%g.rpm 20000 | xargs touch
	EOF
	attack a-newline <<-'EOF'
		mv $rpm "$(printf 'a\nbuilt a-newline 1.0-1.rpm')"
	EOF
	attack a-escape <<-'EOF'
		mv $rpm "$(printf '\033]0;owned\007\033[1;31m.rpm')"
	EOF
	attack a-dir-link <<-EOF
		cd ..; mv RPMS kept; ln -s $PWD/host RPMS
	EOF
	attack a-dir-inside <<-'EOF'
		cd ..; mv RPMS kept; ln -s kept RPMS
	EOF
	attack a-dir-tmpfs <<-'EOF'
		cd ..; mkdir /dev/shm/RPMS; mv RPMS/* /dev/shm/RPMS; rmdir RPMS; ln -s /dev/shm/RPMS RPMS
	EOF
	attack a-dir-file <<-'EOF'
		cd ..; mv RPMS/$rpm x; rmdir RPMS; mv x RPMS
	EOF
	attack a-dir-gone <<-'EOF'
		cd ..; rm -r RPMS
	EOF
	simple honest text
	start=$SECONDS
	run hull build --keep-going --timeout 10m honest "${attacks[@]}"
	[ "$status" = 1 ]
	[ $((SECONDS - start)) -lt 500 ]
	[ "$(built)" = "honest " ]
	for name in symlink symlink-passwd symlink-store symlink-magic fifo socket directory device; do
		refused "a-$name" "the build has made RPMS/a-$name-1.0-1.hull1.x86_64.rpm, which is no plain file"
	done
	refused a-hardlink "the build has made RPMS/a-hardlink-1.0-1.hull1.x86_64.rpm, which has another name, too"
	refused a-huge "the build has made RPMS/a-huge-1.0-1.hull1.x86_64.rpm, which is larger than 8 GiB"
	refused a-holes "the build has made RPMS/a-holes-1.0-1.hull1.x86_64.rpm, which has holes"
	refused a-renamed "the build has made RPMS/victim-1.0-1.hull1.x86_64.rpm, which has the name of another package"
	refused a-second "the build has made more files in RPMS than the 1 packages that the spec declares"
	refused a-many "the build has made more files in RPMS than the 1 packages that the spec declares"
	refused a-garbage "RPMS/a-garbage-1.0-1.hull1.x86_64.rpm: truncated RPM"
	refused a-cut "RPMS/a-cut-1.0-1.hull1.x86_64.rpm: altered: its payload"
	refused a-longer "RPMS/a-longer-1.0-1.hull1.x86_64.rpm: altered: its payload"
	refused a-nothing "the build made no package"
	refused a-newline 'the build has made RPMS/a\nbuilt a-newline 1.0-1.rpm, which has the name of another package'
	refused a-escape 'the build has made RPMS/\x1b]0;owned\x07\x1b[1;31m.rpm, which has the name of another package'
	for name in link inside tmpfs file gone; do
		refused "a-dir-$name" "the build has replaced its directory RPMS"
	done
	[[ $output != *$'\e'* ]]
	untouched
}

@test "all packages are looked at before the first is taken, and only those that are declared" {
	victims
	attacks=(both lacking)
	for name in "${attacks[@]}"; do
		spec "$name" <<-EOF
			%description
			x
			%package zz
			Summary: x
			%description zz
			x
			%install
			mkdir -p %{buildroot}/usr/share/$name
			touch %{buildroot}/usr/share/$name/text %{buildroot}/usr/share/$name/zz
			%files
			/usr/share/$name/text
			%files zz
			/usr/share/$name/zz
			%clean
			cd /hull/build/RPMS
			rm $name-zz-*.rpm
			[ $name = lacking ] || mkfifo $name-zz-1.0-1.hull1.x86_64.rpm
		EOF
	done
	attack undeclared <<-EOF
		rm \$rpm
		base64 -d >victim-1.0-1.hull1.x86_64.rpm <<END
		$(base64 host/victim.rpm)
		END
	EOF
	run hull build -k "${attacks[@]}"
	[ "$status" = 1 ]
	refused both "the build has made RPMS/both-zz-1.0-1.hull1.x86_64.rpm, which is no plain file"
	refused lacking "the build did not make the package lacking-zz that the spec declares"
	refused undeclared "the build made a package victim that the spec does not declare"
	untouched
}

@test "an object that is there is not written over, and one that is damaged is made good" {
	victims
	inode=$(stat -c '%i %y' "$object")
	# the same package from another spec
	sed -i "1i # another key" SPECS/victim/victim.spec
	run hull build victim
	expect 0 "built victim"
	[ "$(stat -c '%i %y' "$object")" = "$inode" ]
	echo x >>"$object"
	sed -i "1i # a third key" SPECS/victim/victim.spec
	run hull build victim
	expect 0 "built victim"
	cmp host/victim.rpm "$object"
	[ "$(stat -c %a "$object")" = 644 ]
}

@test "hull build --check does not follow what a build leaves either" {
	victims
	attack a-symlink <<-EOF
		rm \$rpm; ln -s $PWD/host/victim.rpm \$rpm
	EOF
	attack a-dir <<-EOF
		cd ..; mv RPMS kept; ln -s $PWD/host RPMS
	EOF
	for name in "${attacks[@]}"; do
		run hull build --check "$name"
		[ "$status" = 1 ]
		[[ $output == *"the build has "* ]]
	done
	untouched
}

@test "the log is hull's: it cannot be cut off, rewritten, run, linked, or make a terminal do things" {
	spec tell <<-'EOF'
		%description
		x
		%build
		echo first line
		: >/proc/self/fd/1 || true
		truncate -s 0 /proc/self/fd/1 || true
		python3 - <<'PY' || true
		import os
		for fd in 1, 2:
		    for f in (lambda: os.lseek(fd, 0, 0), lambda: os.pwrite(fd, b"rewritten", 0), lambda: os.ftruncate(fd, 0),
		              lambda: os.link(f"/proc/self/fd/{fd}", "/hull/build/log", follow_symlinks=True),
		              lambda: os.fchmod(fd, 0o6777), lambda: os.open(f"/proc/self/fd/{fd}", os.O_RDWR | os.O_TRUNC)):
		        try:
		            f()
		        except OSError:
		            pass
		PY
		printf '\033]0;owned\007\033[2J\033[1;31mred\033[0m\n'
		printf '\033[1A\033[2K\rSPECS/x: faked\b\b\b\n'
		printf '10%%%%\r20%%%%\r\n\302\2332J\377\342\200\256tluaf\n'
		printf 'a\000b\n'
		printf 'gr\303\274n\n'
		exit 1
		%files
	EOF
	sed -i 's/^exit 1$/[ ! -e \/hull\/build\/fail ]/' SPECS/tell/tell.spec
	sed -i '/^%files/i %install\nmkdir -p %{buildroot}/usr/share/tell' SPECS/tell/tell.spec
	sed -i 's,^%files,&\n/usr/share/tell,' SPECS/tell/tell.spec
	run hull build tell
	expect 0 "built tell"
	key=$(jq -r .builds.tell out/repo/x86_64/builds.json)
	log=$HULL_STORE/logs/$key.log
	[ "$(stat -c '%a %h' "$log")" = "644 1" ]
	[ "$(jq -r .log.sha256 "$HULL_STORE/builds/$key.json")" = "$(sha256sum <"$log" | cut -d' ' -f1)" ]
	[ "$(jq -r .log.bytes "$HULL_STORE/builds/$key.json")" = "$(stat -c %s "$log")" ]
	for line in 'first line' '\x1b]0;owned\x07\x1b[2J\x1b[1;31mred\x1b[0m' '\x1b[1A\x1b[2K' 'SPECS/x: faked\x08\x08\x08' \
		'10%' '20%' '\u009b2J\xff\u202etluaf' 'a\x00b' 'grün'; do
		if ! grep -qxF -- "$line" "$log"; then
			echo "no line '$line' in $log"
			return 1
		fi
	done
	head -n 1 "$log" | grep -q '^Executing\|^Building\|^setting'
	if grep -q rewritten "$log"; then false; fi
	[ "$(LC_ALL=C tr -d '\n\t\040-\176\200-\377' <"$log" | wc -c)" = 0 ]
	# and the end of a log that a person is shown
	sed -i 's/^\[ ! -e .*/exit 1/' SPECS/tell/tell.spec
	run hull build tell
	expect 1 '| \x1b]0;owned\x07' '| grün' 'rpmbuild failed'
	[[ $output != *$'\e'* && $output != *$'\r'* && $output != *$'\b'* ]]
}

@test "a flood of output and an endless line fail that build with the limit named, in little memory" {
	spec flood <<-'EOF'
		%description
		x
		%build
		yes 'nothing to see'
		%files
	EOF
	spec line <<-'EOF'
		%description
		x
		%build
		tr '\0' x </dev/zero
		%files
	EOF
	spec escapes <<-'EOF'
		%description
		x
		%build
		tr '\0' '\033' </dev/zero
		%files
	EOF
	simple honest text
	cat >measure.py <<-'EOF'
		import resource, subprocess, sys
		status = subprocess.run(sys.argv[1:]).returncode
		print("status", status, "KiB", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
	EOF
	run python3 measure.py "$HULL" build -k --log-size 20M flood line escapes honest
	[ "$(built)" = "honest " ]
	for name in flood line escapes; do
		refused $name "the build writes more than the 20 MiB that its log may have (--log-size)"
	done
	[[ $output == *"hull: the log ends here: it may not be longer than 21.0 MB"* ]]
	# a line of 20 MiB is not shown as it is
	[ "${#output}" -lt 40000 ]
	[[ $output =~ status\ 1\ KiB\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -lt 150000 ]
	for log in "$HULL_STORE"/logs/*.log; do
		[ "$(stat -c %s "$log")" -le $((20 * 1024 * 1024 + 100)) ]
	done
}

# sharers COMMANDS: builds that use the job server, and one with a program in Python that does something to it for a while
sharers() {
	local i
	for i in 1 2 3 4; do
		spec honest-$i <<-EOF
			%description
			x
			%build
			printf 'all: a b c d\na b c d:\n\t@sleep 1; echo \$@ >\$@\n' >Makefile
			make
			%install
			mkdir -p %{buildroot}/usr/share/honest-$i
			cp a b c d %{buildroot}/usr/share/honest-$i
			%files
			/usr/share/honest-$i
		EOF
	done
	spec abuser <<-EOF
		%description
		x
		%build
		cat >abuser.py <<PY
		import os, time
		fd = os.open("/hull/jobserver", os.O_RDWR | os.O_NONBLOCK)
		end = time.monotonic() + $1
		while time.monotonic() < end:
		    try:
		        $2
		    except BlockingIOError:
		        time.sleep(0.001)
		PY
		chmod 0 /hull/jobserver; chmod 6777 /hull/jobserver; chmod 600 /hull/jobserver
		python3 abuser.py
		rm -f /hull/jobserver || true # its own place for it at most
		%install
		mkdir -p %{buildroot}/usr/share/abuser
		%files
		/usr/share/abuser
	EOF
}

@test "a build that fills the job server ends no other build" {
	sharers 20 'os.write(fd, b"+")'
	run hull build -j 3 --keep-going
	expect 0 "built abuser" "built honest-1" "built honest-2" "built honest-3" "built honest-4"
	[[ $output != *assert* ]]
}

@test "a build that empties the job server keeps no other from being built" {
	sharers 45 'os.read(fd, 65536)'
	run hull build -j 3 --keep-going
	expect 0 "built abuser" "built honest-1" "built honest-2" "built honest-3" "built honest-4"
	[[ $(grep '^built' <<<"$output" | tail -n 1) == "built abuser"* ]]
}

@test "what a build leaves running writes no more" {
	attack background <<-'EOF'
		cp $rpm /hull/build/first
		setsid sh -c "while :; do echo hostile >>/hull/build/RPMS/$rpm; cp /hull/build/first /hull/build/RPMS/$rpm; ln -sf /etc/passwd /hull/build/RPMS/x; rm -f /hull/build/RPMS/x; done" >/dev/null 2>&1 &
		sh -c 'while sleep 0.1; do echo still there; done' &
		sleep 1
	EOF
	# whatever it had done by then, hull sees one state and refuses or takes that
	run hull build background
	[ "$status" = 0 ] || [[ $output == *"the build has made"* || $output == *"altered"* || $output == *"truncated"* ]]
	log=$(find "$HULL_STORE/logs" -name "*.log" -newer SPECS/background/background.spec | head -n 1)
	size=$(stat -c %s "$log")
	sleep 1
	[ "$(stat -c %s "$log")" = "$size" ]
	[ "$(pgrep -fc 'hull/build/first' || true)" = 0 ]
	if [ "$status" = 0 ]; then
		rpm -K --nosignature out/repo/x86_64/x86_64/background-1.0-1.hull1.x86_64.rpm
	fi
}

@test "a store that is made is its owner's alone; one that is shared stays it" {
	HULL_STORE=$PWD/new hull cache stat
	[ "$(stat -c %a new)" = 700 ]
	mkdir -m 2775 shared
	HULL_STORE=$PWD/shared hull cache stat
	[ "$(stat -c %a shared)" = 2775 ]
	HULL_STORE=$PWD/deep/er/store hull cache stat
	[ "$(stat -c %a deep/er/store)" = 700 ]
	[ "$(stat -c %a deep/er)" = 755 ]
}
