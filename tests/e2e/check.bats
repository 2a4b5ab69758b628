#!/usr/bin/env bats
# Builds twice: what hull build --check finds, and what is said when such a build fails.
load helper

# says NAME COMMAND...: a package with a file that has what a command says, in its %install
says() {
	local name=$1
	shift
	spec "$name" <<-EOF
		BuildArch: noarch
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share/$name
		f=%{buildroot}/usr/share/$name/text
		$*
		%files
		/usr/share/$name
	EOF
}

# differs NAME [FILE]: the last run said that a package is not the same twice, and which file
differs() {
	local lines
	lines=$(grep -A 1 "^$1: not reproducible" <<<"$output")
	[[ $lines == *"$1-1.0-1.hull1.noarch.rpm: ${2:-/usr/share/$1/text} differs"* ]] || {
		echo "nothing of $1: $lines"
		return 1
	}
}

@test "--check finds the clock, the machine, processes and the order of directories in a package" {
	says day 'date +%F >$f'
	says year 'env -i /usr/bin/python3 -c "import time; print(time.gmtime().tm_year)" >$f'
	says hour 'perl -e "print((gmtime)[2] < 12)" >$f'
	says kernel 'uname -r >$f'
	says boot 'cat /proc/sys/kernel/random/boot_id >$f'
	says release 'cat /proc/sys/kernel/osrelease /proc/version >$f'
	says processor 'grep -m 1 ^flags /proc/cpuinfo >$f'
	says model 'grep -m 1 "^model name" /proc/cpuinfo >$f'
	says order 'mkdir d; touch d/1 d/2; ls -U d >$f'
	says found 'mkdir d; touch d/1 d/2; find d >$f'
	says process 'echo $$ >$f'
	run hull build --check day year hour kernel boot release processor model order found process
	expect 3
	for name in day year hour kernel boot release processor model order found process; do
		differs $name
	done
	[ "$(grep -c 'the day of the build' <<<"$output")" = 0 ]
}

@test "--check passes what asks for all of that and has none of it" {
	spec clean <<-'EOF'
		%description
		x
		%build
		cat >clean.c <<'END'
		#include <pthread.h>
		#include <stdio.h>
		#include <time.h>
		int main(void)
		{
			pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
			pthread_cond_t c = PTHREAD_COND_INITIALIZER;
			struct timespec t;

			timespec_get(&t, TIME_UTC);
			t.tv_sec++;
			pthread_mutex_lock(&m);
			while (pthread_cond_timedwait(&c, &m, &t) == 0)
				;
			printf("waited\n");
			return 0;
		}
		END
		gcc -O2 -pthread -Wl,--build-id=none -o clean clean.c
		date; uname -a; cat /proc/cpuinfo /proc/sys/kernel/random/*; echo $$
		mkdir d; touch d/1 d/2 d/3; ls -U d
		%install
		mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share
		cp clean %{buildroot}/usr/bin/
		timeout 60 ./clean >%{buildroot}/usr/share/clean
		ls d >>%{buildroot}/usr/share/clean
		python3 -c 'import queue
		try: queue.Queue().get(timeout=0.1)
		except queue.Empty: print("empty")' >>%{buildroot}/usr/share/clean
		cp -r d e; rm -r d; [ "$(echo e/*)" = "e/1 e/2 e/3" ]
		sed -i 's/x/y/' e/1
		%files
		/usr/bin/clean
		/usr/share/clean
	EOF
	run hull build --check clean
	expect 0 "clean: the same RPMs twice"
}

@test "--check finds the day of the build as a static program has it" {
	spec fixed <<-'EOF'
		BuildArch: noarch
		%description
		x
		%install
		cat >day.c <<'END'
		#include <stdio.h>
		#include <time.h>
		int main(void)
		{
			char text[64];
			time_t t = time(NULL);

			strftime(text, sizeof text, "built on %d.%m.%Y", gmtime(&t));
			puts(text);
			strftime(text, sizeof text, "%a %b %e 12:34:56 %Y", gmtime(&t));
			fputs(text, stderr);
			return 0;
		}
		END
		gcc -static -o day day.c
		mkdir -p %{buildroot}/usr/share/fixed
		./day >%{buildroot}/usr/share/fixed/day 2>%{buildroot}/usr/share/fixed/moment
		%files
		/usr/share/fixed
	EOF
	run hull build --check fixed
	expect 3 "fixed-1.0-1.hull1.noarch.rpm: /usr/share/fixed/day has $(date -u +%F) in it, the day of the build"
	# the newest entry of the changelog is of today: then the day is what goes in
	sed -i "s/Mon Nov 02 2026/$(LC_ALL=C date -u +'%a %b %d %Y')/" SPECS/fixed/fixed.spec
	run hull build --check fixed
	expect 0 "fixed: the same RPMs twice"
}

@test "--check finds code for the processor that builds" {
	[ "$(uname -m)" = x86_64 ]
	for name in native plain; do
		spec $name <<-EOF
			%description
			x
			%install
			mkdir -p %{buildroot}/usr/share/$name
			echo 'int f(const int *a) { int s = 0; for (int i = 0; i < 64; i++) s += a[i]; return s; }' >f.c
			gcc -O3 -march=$([ $name = native ] && echo native || echo x86-64-v3) -c -o %{buildroot}/usr/share/$name/f.o f.c
			%files
			/usr/share/$name
		EOF
	done
	# the same code everywhere, so far
	says tuned 'echo "int x;" >t.c; gcc -mtune=native -S -o t.s t.c; echo x >$f'
	run hull build --check native plain tuned
	expect 3 "plain: the same RPMs twice" "native: not reproducible" "native: a compiler gets -march=native" \
		"tuned: a compiler gets -mtune=native: code for the processor that builds"
	if ! gcc -march=native -Q --help=target | grep -q 'march= *x86-64$'; then
		expect 3 "native-1.0-1.hull1.x86_64.rpm: /usr/share/native/f.o differs"
	fi
}

@test "--check shows the end of the log of a build that fails, and where the whole is" {
	says alpha 'case "$MAKEFLAGS" in *-j1) echo not with one processor; exit 1 ;; esac; echo x >$f'
	run hull build --check alpha
	expect 1 "SPECS/alpha/alpha.spec: rpmbuild failed with exit status 1" "  | not with one processor" \
		"the second build, under other conditions: rpmbuild failed"
	log=$(sed -n 's/^ *log: //p' <<<"$output")
	[[ $log == "$HULL_STORE"/logs/*-check.log ]]
	grep -qx 'not with one processor' "$log"
	# the first one
	says alpha '[ ! -e /hull/jobserver ] || case "$MAKEFLAGS" in *-j7\ *) ;; *) echo not with so many; exit 1 ;; esac; echo x >$f'
	run hull build --jobs 7 --check alpha
	expect 1 "  | not with so many" "alpha: the first build: rpmbuild failed"
	grep -qx 'not with so many' "$(sed -n 's/^ *log: //p' <<<"$output")"
}
