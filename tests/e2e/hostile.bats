#!/usr/bin/env bats
# What a stranger's spec can do to the machine that looks at it: nothing. Each test is an attempt.
bats_require_minimum_version 1.5.0
load hostile

# --- writing ---

@test "%( ) cannot write to the home directory" {
	attempt 0 <<-'EOT'
		%(touch $HOME/owned ~/owned @BOX@/home/owned @BOX@/owned; echo >>@BOX@/home/.ssh/authorized_keys)
	EOT
}

@test "%( ) cannot write to the store" {
	attempt 0 <<-'EOT'
		%(touch @BOX@/store/owned @BOX@/store/specs/owned; mkdir -p @BOX@/store/owned-directory)
	EOT
}

@test "Lua cannot write to the home directory" {
	attempt 0 <<-'EOT'
		%{lua: local f = io.open("@BOX@/home/owned", "w"); if f then f:write("GOT-IT") f:close() end}
	EOT
}

@test "Lua cannot write to /etc, /usr, /var/tmp" {
	attempt 0 <<-'EOT'
		%{lua: for _, d in ipairs({"/etc", "/usr", "/var/tmp", "/etc/..", "/"}) do
		  if io.open(d .. "/owned", "w") then rpm.define("x GOT-IT") io.stderr:write("GOT-IT") end end}
	EOT
}

@test "Lua's os.execute and posix.exec see no more than %( )" {
	attempt 0 <<-'EOT'
		%{lua: os.execute("touch @BOX@/owned; cat @BOX@/home/.ssh/id_rsa >&2")
		  local pid = posix.fork(); if pid == 0 then posix.exec("/bin/cp", "@BOX@/home/.ssh/id_rsa", "@BOX@/owned") end}
	EOT
}

@test "what is written to /tmp is not the host's" {
	attempt 0 <<-'EOT'
		%(touch /tmp/owned /dev/shm/owned)
	EOT
}

@test "a spec cannot change its directory" {
	attempt 0 <<-'EOT'
		%(touch %{_sourcedir}/owned; echo >>%{_sourcedir}/a.spec; rm -f %{_specdir}/a.spec; chmod 777 %{_sourcedir}/a.spec)
	EOT
}

@test "a spec cannot change the macros" {
	attempt 0 <<-'EOT'
		%(touch %{hull_macrodir}/owned @BOX@/../toolkit/macros/owned; echo >>%{hull_macrodir}/macros)
	EOT
}

@test "mounts cannot be changed" {
	attempt 0 <<-'EOT'
		%(mount -o remount,bind,rw /hull/spec && echo GOT-IT >&2; mount -t tmpfs x /hull/macros && echo GOT-IT >&2
		  umount /hull/spec && echo GOT-IT >&2; umount /proc && echo GOT-IT >&2)
	EOT
}

@test "there are no new namespaces and no chroot" {
	attempt 0 <<-'EOT'
		%(unshare -r echo GOT-IT >&2; unshare -m echo GOT-IT >&2; unshare -n echo GOT-IT >&2; chroot /usr /bin/echo GOT-IT >&2
		  perl -e 'print STDERR "GOT-IT" if chroot("/tmp")' >/dev/null)
	EOT
}

@test "devices cannot be made or opened" {
	attempt 0 <<-'EOT'
		%(mknod /tmp/disk b 8 0 && echo GOT-IT >&2; for d in mem kmsg kvm sda vda fuse net/tun loop0; do
		  test -e /dev/$d && echo GOT-IT >&2; done; true)
	EOT
}

@test "the kernel's calls for keys, io_uring, bpf, perf and mounts are not there, nor newer ones" {
	attempt 0 <<-'EOT'
		%(perl -e '
		  # keyctl add_key request_key io_uring_setup bpf perf_event_open userfaultfd open_by_handle_at fsopen open_tree
		  my @calls = ([250, -3], [248, 0], [249, 0], [425, 1], [321, 0], [298, 0], [323, 1], [304, 0], [430, 0], [428, -100]);
		  @calls = ([219, -3], [217, 0], [218, 0], [425, 1], [280, 0], [241, 0], [282, 1], [265, 0], [430, 0], [428, -100]) if `uname -m` !~ /x86/;
		  for (@calls) { $! = 0; syscall($_->[0], $_->[1], 0, 0, 0, 0); print STDERR "GOT-IT $_->[0]" if $! != 1 }
		  for (435, 457, 458, 1000) { $! = 0; syscall($_, 0, 0, 0, 0, 0); print STDERR "GOT-IT $_" if $! != 38 }
		  for (5, 15, 17, 38, 40) { print STDERR "GOT-IT family $_" if socket(my $s, $_, 2, 0) || $! != 97 }' >/dev/null)
	EOT
}

# --- reading ---

@test "%( ) cannot read keys" {
	attempt 0 <<-'EOT'
		%(cat @BOX@/home/.ssh/id_rsa ~/.ssh/id_rsa /root/.ssh/* /home/*/.ssh/* /etc/shadow /etc/ssh/* >&2)
	EOT
}

@test "%{load:} of a file elsewhere" {
	attempt 1 'SPECS/a/a.spec' '@BOX@/elsewhere/secret' <<-'EOT'
		%{load:@BOX@/elsewhere/secret}
		URL: %{canary}
	EOT
}

@test "%{load:} of a link that leads elsewhere" {
	for id in "${ids[@]}"; do
		world
		ln -s "$box/elsewhere/secret" "$box/SPECS/a/macros"
		write_spec a <<<'%{load:%{_sourcedir}/macros}'
		look
		[ "$status" = 1 ] || fail "expected status 1"
		[[ $output == *SPECS/a/macros* ]] || fail "the file is not named"
	done
}

@test "%include of a file elsewhere" {
	attempt 1 'SPECS/a/a.spec' '@BOX@/elsewhere/secret' <<-'EOT'
		%include @BOX@/elsewhere/secret
		URL: %{canary}
	EOT
}

@test "%include of /etc/passwd, by .. and of another spec" {
	attempt 1 <<<'%include /etc/passwd'
	attempt 1 <<<'%include %{_sourcedir}/../../home/.ssh/id_rsa'
	attempt 1 <<<'%include @BOX@/SPECS/a/a.spec'
}

@test "%include and %{load:} in the directory of the spec work" {
	for id in "${ids[@]}"; do
		world
		echo '%from_macros 1' >"$box/SPECS/a/macros"
		echo 'URL: %{from_macros}' >"$box/SPECS/a/lines"
		write_spec a <<<$'%{load:%{_sourcedir}/macros}\n%include %{_sourcedir}/lines'
		look
		[ "$status" = 0 ] || fail "expected status 0"
	done
}

@test "Lua cannot read /etc/passwd, and there are no other files of the host" {
	attempt 0 <<-'EOT'
		%{lua: for _, f in ipairs({"/etc/passwd", "/etc/hostname", "/sys/kernel/uevent_seqnum", "/var/lib/dpkg/status",
		  "/run/utmp", "/boot/vmlinuz", "@BOX@/elsewhere/secret", "/etc/machine-id"}) do
		  if io.open(f) then io.stderr:write("GOT-IT " .. f) end end}
	EOT
}

@test "a spec does not see the other specs" {
	for id in "${ids[@]}"; do
		world
		write_spec b <<<'# CANARY'
		write_spec a <<<'%(cat @BOX@/SPECS/b/b.spec %{_sourcedir}/../b/b.spec /hull/trees/*/b/b.spec /hull/*/b/b.spec >&2)'
		look
		[ "$status" = 0 ] || fail "expected status 0"
	done
}

@test "the caller's environment is not there" {
	attempt 0 <<-'EOT'
		URL: %{getenv:HULL_TEST_TOKEN}%(echo $HULL_TEST_TOKEN $SSH_AUTH_SOCK)%{lua: print(os.getenv("HULL_TEST_TOKEN") or "-")}
		%(env >&2; cat /proc/*/environ /proc/self/environ /proc/1/environ /proc/$PPID/environ >&2)
	EOT
}

@test "/proc of the host is not there, nor that of the sandbox" {
	attempt 0 <<-'EOT'
		%(for p in /proc/1 /proc/self /proc/$PPID /proc/cmdline /proc/kallsyms /proc/config.gz /proc/sys /sys/kernel; do
		  test -e $p && echo GOT-IT $p >&2; done; true)
	EOT
}

@test "no descriptor of hull's is open in programs" {
	attempt 0 <<-'EOT'
		%(perl -e 'my $own = (stat "/hull/spec/a.spec")[1]; # librpm reads that
		  for (3..1023) { open(my $f, "<&=", $_) or next; print STDERR "GOT-IT $_" if (stat $f)[1] != $own }' >/dev/null)
	EOT
}

@test "the caller's terminal is not there" {
	attempt 0 <<-'EOT'
		%(echo GOT-IT 2>/dev/null >/dev/tty && echo GOT-IT >&2; true)
	EOT
}

@test "the caller's keyring is not there" {
	case $(uname -m) in
	x86_64) add=248 request=249 ctl=250 ;;
	aarch64) add=217 request=218 ctl=219 ;;
	esac
	for id in "${ids[@]}"; do
		world
		write_spec a <<-EOT
			%(perl -e 'my (\$t, \$n) = ("user", "hull-canary"); my \$k = syscall($request, \$t, \$n, 0, 0); my \$b = " " x 64;
			  print STDERR \$b if \$k > 0 && syscall($ctl, 11, \$k, \$b, 64) > 0' >/dev/null)
		EOT
		# in a session of its own, with a key in it, as a login has
		cat >"$box/session" <<-EOT
			#!/usr/bin/perl
			my (\$type, \$name, \$text) = ("user", "hull-canary", "CANARY-SESSION");
			syscall($ctl, 1, 0) > 0 && syscall($add, \$type, \$name, \$text, 14, -3) > 0 or exit 9;
			exec @ARGV;
		EOT
		chmod 755 "$box/session"
		run as_id "$box/session" /bin/sh -c "perl -e 'my (\$t, \$n) = (\"user\", \"hull-canary\"); exit(syscall($request, \$t, \$n, 0, 0) < 1)'"
		[ "$status" = 0 ] || fail "the key is not even there outside"
		run as_id "$box/session" env HULL_STORE="$box/store" "$top/out/x/hull" fetch --specs "$box/SPECS"
		[[ $output != *CANARY* ]] || fail "the key was read"
	done
}

# --- reaching out ---

# listen DOMAIN ADDRESS: accepts one connection and says so in $box/contact
listen() {
	rm -f "$box/contact"
	perl -MSocket -e '
		my ($domain, $address, $out) = @ARGV;
		my $in = $domain eq "tcp";
		socket(my $s, $in ? AF_INET : AF_UNIX, SOCK_STREAM, 0) or die;
		$address =~ s/^@/\0/;
		bind($s, $in ? sockaddr_in(0, inet_aton("127.0.0.1")) : pack_sockaddr_un($address)) or die $!;
		chmod 0777, $address if !$in && $address =~ m,^/,;
		listen($s, 5) or die;
		open my $f, ">", "$out.port"; print $f $in ? (sockaddr_in(getsockname($s)))[0] : "ready"; close $f;
		accept(my $c, $s) or die; open $f, ">", $out; print $f "contact";
	' "$1" "$2" "$box/contact" 3>&- &
	background+=($!)
	for _ in $(seq 50); do [ ! -s "$box/contact.port" ] || return 0; sleep 0.1; done
	return 1
}

@test "TCP to the host's loopback" {
	for id in "${ids[@]}"; do
		world
		listen tcp -
		port=$(cat "$box/contact.port")
		write_spec a <<-EOT
			%(bash -c 'exec 5<>/dev/tcp/127.0.0.1/$port && echo GOT-IT >&2'
			  perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0); print STDERR "GOT-IT" if connect(S, sockaddr_in($port, inet_aton("127.0.0.1")))')
			%{lua: os.execute("curl -s http://127.0.0.1:$port/ && echo GOT-IT >&2")}
		EOT
		look
		[ ! -e "$box/contact" ] || fail "it was reached"
		# the listener does listen
		bash -c "exec 5<>/dev/tcp/127.0.0.1/$port"
	done
}

@test "an abstract socket of the host" {
	for id in "${ids[@]}"; do
		world
		listen unix "@hull-$mark-$id"
		write_spec a <<-EOT
			%(perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); print STDERR "GOT-IT" if connect(S, pack_sockaddr_un("\\0hull-$mark-$id"))')
		EOT
		look
		[ ! -e "$box/contact" ] || fail "it was reached"
	done
}

@test "a socket in the home directory: an agent" {
	for id in "${ids[@]}"; do
		world
		listen unix "$box/home/agent"
		write_spec a <<-'EOT'
			%(perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); print STDERR "GOT-IT" if connect(S, pack_sockaddr_un("@BOX@/home/agent"))')
		EOT
		look
		[ ! -e "$box/contact" ] || fail "it was reached"
	done
}

@test "there is no network but an empty loopback" {
	attempt 0 <<-'EOT'
		%(perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0); print STDERR "GOT-IT" if connect(S, sockaddr_in(53, inet_aton("192.0.2.1")))')
		%(perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) and print STDERR "GOT-IT"; socket(S, 17, SOCK_RAW, 0) and print STDERR "GOT-IT"')
	EOT
}

# --- other processes ---

@test "processes of the host cannot be killed" {
	for id in "${ids[@]}"; do
		world
		bystander
		write_spec a <<-EOT
			%(kill -9 $bystander; kill -STOP $bystander; kill -9 $$)
		EOT
		look
		kill -0 "$bystander"
	done
}

@test "kill -9 -1 ends the parser and no more" {
	for id in "${ids[@]}"; do
		world
		bystander
		write_spec a <<<'%(test -e /proc/1 || kill -9 1 -1)'
		write_spec b <<<''
		look
		kill -0 "$bystander"
		[ "$status" = 1 ] || fail "expected status 1"
		[[ $output == *SPECS/a/a.spec:* && $output != *SPECS/b/* ]] || fail "it is not named"
	done
}

@test "a child with a session of its own dies with the parser" {
	attempt 0 <<-'EOT'
		%(setsid sh -c 'sleep 1000; : @@MARK@' >/dev/null 2>&1 </dev/null & )
		%{lua: local pid = posix.fork(); if pid == 0 then posix.setsid(); posix.exec("/bin/sh", "-c", "sleep 1000; : @@MARK@") end}
	EOT
}

@test "a daemon that ignores signals dies, too" {
	attempt 0 <<-'EOT'
		%(perl -e 'use POSIX; exit if fork; POSIX::setsid(); exit if fork; $SIG{$_} = "IGNORE" for qw(TERM INT HUP QUIT PIPE);
		  close STDOUT; close STDERR; $0 = "daemon @@MARK@"; sleep 1 while 1')
	EOT
}

@test "what parses cannot be traced" {
	case $(uname -m) in x86_64) ptrace=101 ;; aarch64) ptrace=117 ;; esac
	attempt any <<-EOT
		%(perl -e 'for (1, 2) { print STDERR "GOT-IT \$_" if syscall($ptrace, 16, \$_, 0, 0) == 0 }' >/dev/null)
	EOT
}

@test "what a spec leaves is not there for the next one" {
	for id in "${ids[@]}"; do
		world
		for n in a b c d e f; do
			write_spec $n <<-'EOT'
				%(test -e /tmp/left && echo GOT-IT >&2; echo >/tmp/left
				  perl -e 'print STDERR "GOT-IT" if shmget(4242, 100, 0); shmget(4242, 100, 01666)'
				  setsid sh -c 'while :; do echo >/tmp/left; sleep 0.01; done; : @@MARK@' >/dev/null 2>&1 & )
			EOT
		done
		look
		[ "$status" = 0 ] || fail "expected status 0"
	done
}

# --- without end: what would bring the host down looks first whether it is there ---

@test "a fork bomb ends" {
	attempt any <<-'EOT'
		%(test -e /proc/1 && exit; f() { : @@MARK@; f | f & }; f; sleep 100)
	EOT
}

@test "very many processes end" {
	attempt 1 'SPECS/a/a.spec' <<-'EOT'
		%(test -e /proc/1 && exit; perl -e 'for (1..3000) { my $p = fork; last unless defined $p; if (!$p) { $0 = "@@MARK@"; sleep 100; exit } } sleep 100')
	EOT
}

@test "a memory bomb in Lua ends" {
	attempt 1 'SPECS/a/a.spec' <<-'EOT'
		%{lua: local t = {}; for i = 1, 1000 do t[i] = string.rep("x", 100000000) .. i end}
	EOT
}

@test "a memory bomb of several processes ends" {
	attempt 1 'SPECS/a/a.spec: not parsed w' <<-'EOT'
		%(test -e /proc/1 && exit; for i in 1 2 3 4 5 6; do perl -e 'my $x = "x" x (500 << 20); sleep 100; # @@MARK@' & done; sleep 100)
	EOT
}

@test "a file without end in /tmp, a message without end" {
	attempt 0 <<-'EOT'
		%(head -c 300000000 /dev/zero >/tmp/fill; test $(stat -c %s /tmp/fill) -gt 70000000 && echo GOT-IT >&2; true)
		%(yes message | head -c 300000000 >&2; true)
	EOT
}

@test "loops end after half a minute, and are named" {
	for id in "${ids[@]}"; do
		world
		write_spec a <<<'%{lua: while true do end}'
		write_spec b <<<'%(setsid sleep 1000; : @@MARK@)'
		look
		[ "$status" = 1 ] || fail "expected status 1"
		[[ $output == *"SPECS/a/a.spec: not parsed within 30 s"* ]] || fail "a is not named"
		[[ $output == *"SPECS/b/b.spec: not parsed within 30 s"* ]] || fail "b is not named"
	done
}

# --- sources and patches ---

@test "a source with an absolute path" {
	with_source 1 'Source0: /etc/passwd' "SPECS/a/a.spec:6: Source0 '/etc/passwd' is outside of the spec's directory, at /etc/passwd"
}

@test "a source with .." {
	prepare() { touch "$1/secret"; }
	with_source 1 'Source3: ../../elsewhere/secret' "SPECS/a/a.spec:6: Source3 " ", at @BOX@/elsewhere/secret"
	with_source 1 'Source0: x/../../../elsewhere/secret' "SPECS/a/a.spec:6: Source0 "
}

@test "a patch with an absolute path, one with .." {
	with_source 1 $'Patch0: /etc/passwd\nPatch7: ../../elsewhere/secret' "SPECS/a/a.spec:6: Patch0 " "SPECS/a/a.spec:7: Patch7 "
}

@test "a source that is a link to elsewhere" {
	prepare() { ln -s ../../elsewhere/secret "$1/s"; }
	with_source 1 'Source0: s' "SPECS/a/a.spec:6: Source0 's' " "at @BOX@/elsewhere/secret"
	prepare() { ln -sfn "$box/elsewhere/secret" "$1/s"; }
	with_source 1 'Source0: s' "SPECS/a/a.spec:6: Source0 's' " "at @BOX@/elsewhere/secret"
}

@test "a source that is a link to a link to elsewhere" {
	prepare() { ln -s t "$1/s" && ln -s u/secret "$1/t" && ln -s ../../elsewhere "$1/u"; }
	with_source 1 'Source0: s' "SPECS/a/a.spec:6: Source0 's' " "at @BOX@/elsewhere/secret"
}

@test "a source with a URL, and a link to elsewhere of its name" {
	prepare() { ln -s /etc/passwd "$1/s"; }
	with_source 1 'Source0: https://localhost/s' "SPECS/a/a.spec:6: Source0 " ", at /etc/passwd"
}

@test "a source with a file: URL" {
	with_source 1 'Source0: file:///etc/passwd' "SPECS/a/a.spec:6: Source0 "
}

@test "a source whose name is made while it is parsed" {
	with_source 1 'Source0: %(echo ../..)/elsewhere/%{lua:print("secret")}' "SPECS/a/a.spec:6: Source0 "
}

@test "a link that is put in place of a file that was good" {
	for id in "${ids[@]}"; do
		world
		echo the same >"$box/elsewhere/same"
		cp "$box/elsewhere/same" "$box/SPECS/a/s"
		echo "{\"Signatures\": {\"s\": \"$(sha256sum <"$box/SPECS/a/s" | cut -d' ' -f1)\"}}" >"$box/SPECS/a/a.signatures.json"
		write_spec a <<<'Source0: s'
		look
		[ "$status" = 0 ] || fail "expected status 0"
		# what is in the cache of specs is the same now
		ln -sf "$box/elsewhere/same" "$box/SPECS/a/s"
		look
		[ "$status" = 1 ] || fail "expected status 1"
	done
}

@test "links within the directory of the spec, and a directory that is a link, work" {
	for id in "${ids[@]}"; do
		world
		echo x >"$box/SPECS/a/real"
		ln -s real "$box/SPECS/a/s"
		echo "{\"Signatures\": {\"s\": \"$(sha256sum <"$box/SPECS/a/real" | cut -d' ' -f1)\"}}" >"$box/SPECS/a/a.signatures.json"
		write_spec a <<<'Source0: s'
		mv "$box/SPECS/a" "$box/elsewhere/a"
		ln -s ../elsewhere/a "$box/SPECS/a"
		look
		[ "$status" = 0 ] || fail "expected status 0"
	done
}

@test "a spec or its signatures that are links to elsewhere" {
	for id in "${ids[@]}"; do
		world
		write_spec a <<<''
		mv "$box/SPECS/a/a.spec" "$box/elsewhere"
		ln -s ../../elsewhere/a.spec "$box/SPECS/a/a.spec"
		look
		[ "$status" = 1 ] || fail "expected status 1"
		[[ $output == *SPECS/a/a.spec* ]] || fail "it is not named"
	done
}
