#!/usr/bin/env bats
# What a build tries to reach beyond its files: each attempt that gets through is a line in the package that it makes.
bats_require_minimum_version 1.5.0
load helper

# the program that tries: `reach` prints what got through and, at the end, how many attempts there were
reach_source() {
	mkdir -p SPECS/hostile
	cat >SPECS/hostile/reach.c <<-'EOF'
		#include <errno.h>
		#include <fcntl.h>
		#include <sched.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/ioctl.h>
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		static int tried;

		static void got(const char *what, long result)
		{
			tried++;
			if (result >= 0)
				printf("%s\n", what);
		}

		#define CALL(name, ...) got(#name, syscall(SYS_##name, __VA_ARGS__))

		static void calls(void)
		{
			char room[4096] = {0};
			int version = 0x20080522, count = 1;

			CALL(keyctl, 0, -3, 1, 0, 0);
			CALL(keyctl, 1, NULL, 0, 0, 0);
			CALL(add_key, "user", "x", "x", 1, -3);
			CALL(request_key, "user", "x", NULL, 0);
			CALL(io_uring_setup, 1, room);
			CALL(io_uring_register, -1, 0, room, 0);
			CALL(userfaultfd, 1);
			CALL(bpf, 0, room, 64);
			CALL(perf_event_open, room, 0, -1, -1, 0);
			CALL(mount, "x", "/tmp", "tmpfs", 0, NULL);
			CALL(mount, NULL, "/", NULL, 4096 | 32, NULL);
			CALL(umount2, "/tmp", 2);
			CALL(pivot_root, "/tmp", "/tmp");
			CALL(fsopen, "tmpfs", 0);
			CALL(open_tree, AT_FDCWD, "/", 1);
			CALL(move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/usr", 0);
			CALL(setns, open("/proc/1/ns/mnt", O_RDONLY), 0);
			CALL(init_module, room, 16, "");
			CALL(finit_module, 0, "", 0);
			CALL(delete_module, "x", 0);
			CALL(kexec_load, 0, 0, NULL, 0);
			CALL(swapon, "/tmp/x", 0);
			CALL(swapoff, "/tmp/x");
			CALL(syslog, 3, room, sizeof room);
			CALL(syslog, 10, NULL, 0);
			CALL(settimeofday, room, NULL);
			CALL(clock_settime, 0, room);
			CALL(sethostname, "x", 1);
			CALL(setdomainname, "x", 1);
			CALL(acct, NULL);
			CALL(quotactl, 0, "/", 0, NULL);
			CALL(open_by_handle_at, AT_FDCWD, room, O_RDONLY);
			CALL(fanotify_init, 0, 0);
			CALL(kcmp, getpid(), 1, 0, 0, 0);
			CALL(lookup_dcookie, 0L, room, 10);
			CALL(vhangup, 0);
			CALL(reboot, 0xfee1dead, 672274793, 0, NULL);
			CALL(clone3, room, 64);
			got("statmount", syscall(457, room, room, 512, 0));
			got("listmount", syscall(458, room, room, 1, 0));
			got("unknown", syscall(1000, 0));
			got("capset", syscall(SYS_capset, &version, &count));
		}

		static void arguments(void)
		{
			static const int families[] = {3, 4, 5, 6, 9, 15, 17, 21, 29, 30, 31, 38, 39, 40, 41, 44, 45};
			static const int kinds[] = {0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000};
			char c = '\n', what[32];
			int n;

			for (n = 0; n < (int)(sizeof families / sizeof *families); n++) {
				snprintf(what, sizeof what, "socket %d", families[n]);
				got(what, socket(families[n], SOCK_STREAM, 0));
				got(what, socket(families[n], SOCK_DGRAM, 0));
				got(what, socket(families[n], SOCK_RAW, 0));
				got(what, socket(families[n], SOCK_SEQPACKET, 0));
			}
			got("raw socket", socket(AF_INET, SOCK_RAW, 1));
			for (n = 0; n < (int)(sizeof kinds / sizeof *kinds); n++) {
				snprintf(what, sizeof what, "unshare %x", kinds[n]);
				got(what, unshare(kinds[n]));
			}
			for (n = 0; n < 3; n++) {
				got("TIOCSTI", ioctl(n, TIOCSTI, &c));
				got("TIOCLINUX", ioctl(n, TIOCLINUX, &c));
			}
			got("terminal", open("/dev/tty", O_RDWR));
		#ifdef __x86_64__
			long r = 20;

			__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
			got("calls of 32 bits", r);
			got("calls of x32", syscall(0x40000000L | SYS_getpid));
		#endif
		}

		static void files(void)
		{
			static const char *const read_of[] = {
				"cmdline", "config.gz", "kallsyms", "partitions", "diskstats", "iomem", "ioports", "interrupts",
				"keys", "key-users", "kcore", "kmsg", "timer_list", "slabinfo", "modules", "swaps", "locks",
				"devices", "crypto", "bus/pci/devices", "fs/ext4", "vmallocinfo", "zoneinfo", "sched_debug",
				"1/mem", "1/environ", "1/maps", "1/root/etc/passwd", "1/cwd/etc/passwd",
				/* which mounts there are, and so where the store is */
				"mounts", "self/mounts", "self/mountinfo", "self/mountstats", "1/mountinfo", "thread-self/mountinfo",
			};
			static const char *const written[] = {
				"sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/vm/drop_caches",
				"sys/user/max_user_namespaces", "self/uid_map", "self/oom_score_adj", "1/oom_score_adj",
			};
			char path[64], byte;
			size_t i;

			for (i = 0; i < sizeof read_of / sizeof *read_of; i++) {
				snprintf(path, sizeof path, "/proc/%s", read_of[i]);
				got(path, read(open(path, O_RDONLY), &byte, 1) > 0 ? 0 : -1);
			}
			for (i = 0; i < sizeof written / sizeof *written; i++) {
				snprintf(path, sizeof path, "/proc/%s", written[i]);
				got(path, open(path, O_WRONLY));
			}
		}

		int main(void)
		{
			calls();
			arguments();
			files();
			fprintf(stderr, "%d attempts\n", tried);
			return 0;
		}
	EOF
	pin hostile reach.c
}

hostile() { # BUILD-COMMANDS: a package with the file that they write
	spec hostile <<-EOF
		Source0: reach.c
		%description
		x
		%build
		gcc -O1 -D_GNU_SOURCE -o reach %{SOURCE0}
		$1
		%install
		mkdir -p %{buildroot}/usr/share/hostile
		cp reached %{buildroot}/usr/share/hostile/reached
		%files
		/usr/share/hostile
	EOF
}

reached() { # prints that file
	rpm2cpio out/repo/x86_64/x86_64/hostile-1.0-1.hull1.x86_64.rpm | cpio -i --quiet --to-stdout ./usr/share/hostile/reached
}

@test "a build reaches nothing of the kernel and the machine but what it needs" {
	reach_source
	hostile "./reach >reached 2>tried; cat tried; grep -E '^[0-9]{3} attempts' tried"
	run hull build
	expect 0 "built hostile"
	[ "$(reached)" = "" ]
}

@test "what a build starts in the background is under the same filter" {
	reach_source
	hostile 'setsid ./reach >reached & wait; sh -c "./reach" >>reached; env -i ./reach >>reached'
	run hull build
	expect 0 "built hostile"
	[ "$(reached)" = "" ]
}

@test "nothing with a set-id bit stays in the store, and its log is not a build's" {
	reach_source
	hostile 'cp reach setid; chmod 6755 setid; id -u >reached
		chmod 6755 /proc/self/fd/1 /proc/self/fd/2 || true
		: >/proc/self/fd/1; echo the log goes on'
	sed -i -e '/^%files/i install -m 6755 reach %{buildroot}/usr/share/hostile/setid\nchmod 2755 /hull/build/RPMS' \
		-e '/^%files/i %clean\nchmod 6755 /hull/build/RPMS/*.rpm\nsleep 2' SPECS/hostile/hostile.spec
	"$HULL" build >out.txt 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		# what others than this user can come to
		find "$HULL_STORE" -path "$HULL_STORE/seeds" -prune -o -type d ! -perm -0001 -prune -o -type f -perm /6000 -print >>seen 2>/dev/null || true
		sleep 0.1
	done
	wait $pid || { cat out.txt; false; }
	[ ! -s seen ]
	[ "$(find "$HULL_STORE" -path "$HULL_STORE/seeds" -prune -o -perm /6000 -print)" = "" ]
	key=$(jq -r .builds.hostile out/repo/x86_64/builds.json)
	[ "$(stat -c %a "$HULL_STORE/logs/$key.log")" = 644 ]
	grep -q '^Executing(%build)' "$HULL_STORE/logs/$key.log"
	grep -q '^the log goes on' "$HULL_STORE/logs/$key.log"
	# the package says what it has
	rpm -qlvp out/repo/x86_64/x86_64/hostile-1.0-1.hull1.x86_64.rpm | grep -- '-rwsr-sr-x.* /usr/share/hostile/setid'
}

@test "a build's id is nobody's outside as root, and its files are the builder's" {
	reach_source
	hostile 'stat -c "%u %g %n" / /hull/build /hull/build/SPECS/hostile.spec /usr/bin/gcc reach >reached
		touch made; stat -c "%u %g %n" made >>reached; sleep 5.4321'
	"$HULL" build >out.txt 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		inside=$(pgrep -f '^sleep 5[.]4321$') && break
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	ids=$(grep -E '^(Uid|Gid):' "/proc/$inside/status" | cut -f 2-)
	wait $pid || { cat out.txt; false; }
	if [ "$(id -u)" != 0 ]; then # the sandbox has the user's id
		[ "$(head -n 1 <<<"$ids" | cut -f 1)" = "$(id -u)" ]
	elif grep -q "warning: builds run with root's id" out.txt; then
		skip "the file system of the store cannot map ids"
	else
		[ "$(tr '\t' '\n' <<<"$ids" | sort -u | wc -l)" = 1 ]
		[ "$(tr '\t' '\n' <<<"$ids" | sort -u)" -ge $((0x7a000000)) ]
	fi
	[ "$(reached | cut -d ' ' -f 1,2 | sort -u)" = "0 0" ]
	[ "$(reached | wc -l)" = 6 ]
	# nothing in the store is anybody else's
	[ "$(find "$HULL_STORE" -path "$HULL_STORE/seeds" -prune -o \( -not -uid "$(id -u)" -o -not -gid "$(id -g)" \) -print)" = "" ]
}

@test "hull shell: a command cannot type into the terminal, and has another one" {
	reach_source
	hostile 'touch reached'
	hull build
	cat >SPECS/hostile/type.py <<-'EOF'
		import fcntl, os, sys, termios
		for fd in 0, 1, 2, os.open("/dev/tty", os.O_RDWR):
		    for c in "touch typed\n":
		        try:
		            fcntl.ioctl(fd, termios.TIOCSTI, c.encode())
		            print("typed")
		        except OSError as e:
		            pass
		print("terminal", os.fstat(0).st_rdev, os.get_terminal_size().columns)
	EOF
	cat >terminal.sh <<-EOF
		stty cols 123
		stty -a >before
		python3 -c 'import os; print("outside", os.fstat(0).st_rdev)'
		"$HULL" shell hostile -- python3 -c '$(cat SPECS/hostile/type.py)'
		stty -a >after
	EOF
	# a shell that reads what is typed into its terminal
	run timeout 100 script -qec 'sh terminal.sh' /dev/null
	expect 0 "terminal"
	[[ $output != *typed* ]]
	[[ $output =~ outside\ ([0-9]+) ]]
	outside=${BASH_REMATCH[1]}
	[[ $output =~ terminal\ ([0-9]+)\ 123 ]]
	[ "$outside" != "${BASH_REMATCH[1]}" ]
	cmp before after
}

@test "hull shell has the limits of a build" {
	reach_source
	hostile 'touch reached'
	hull build
	run hull shell --timeout 2 hostile -- sleep 1000
	expect 1 "--timeout"
	run hull shell --memory 100M hostile -- python3 -c 'x = bytearray(300 << 20); import time; time.sleep(10)'
	expect 1 "--memory"
	run hull shell --memory 1G hostile -- sh -c 'exit 7'
	expect 7
}
