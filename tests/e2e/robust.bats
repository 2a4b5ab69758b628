#!/usr/bin/env bats
# Interruption, kill -9, two hulls at once, garbage collection, reproducibility.
bats_require_minimum_version 1.5.0
load helper

slow() { # NAME SECONDS
	spec "$1" <<-EOF
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share/$1
		sleep $2
		echo x >%{buildroot}/usr/share/$1/text
		%files
		/usr/share/$1
	EOF
}

@test "Ctrl-C stops cleanly and the next run resumes" {
	simple alpha one
	slow beta 30
	sed -i '/^%description/i BuildRequires: alpha' SPECS/beta/beta.spec
	"$HULL" build >out.txt 2>&1 &
	pid=$!
	for _ in $(seq 100); do grep -q "built alpha" out.txt && break; sleep 0.1; done
	sleep 0.5
	kill -INT $pid
	status=0; wait $pid || status=$?
	[ "$status" = 130 ]
	grep -q interrupted out.txt
	[ -z "$(grep -la 'SPECS/[b]eta.spec' /proc/[0-9]*/cmdline 2>/dev/null)" ]
	sed -i 's/sleep 30/sleep 0/' SPECS/beta/beta.spec
	run hull build
	expect 0
	[ "$(built)" = "beta " ]
}

@test "the store survives kill -9 at any moment" {
	for i in 1 2 3 4 5 6; do
		library "lib$i" "$i"
	done
	for delay in 0.05 0.2 0.5 0.9 1.4 2.0; do
		timeout -s KILL "$delay" "$HULL" build >/dev/null 2>&1 || true
		run hull cache verify
		expect 0
	done
	run hull build
	expect 0
	run hull build
	expect 0 "nothing to build"
	run hull cache verify
	expect 0
	# whatever the killed ones were doing in tmp/ is swept
	[ -z "$(ls "$HULL_STORE/tmp")" ]
}

@test "two hulls at once build each package once" {
	slow alpha 2
	slow beta 2
	"$HULL" build --repo one >one.txt 2>&1 &
	a=$!
	"$HULL" build --repo two >two.txt 2>&1 &
	b=$!
	wait $a
	wait $b
	cmp one/x86_64/alpha-1.0-1.hull1.x86_64.rpm two/x86_64/alpha-1.0-1.hull1.x86_64.rpm
	for name in alpha beta; do
		key=$(jq -r ".builds.$name" one/builds.json)
		[ "$key" = "$(jq -r ".builds.$name" two/builds.json)" ]
		[ "$(cat one.txt two.txt | grep -c "^built $name ")" = 1 ]
		[ "$(cat one.txt two.txt | grep -c "^$name was built by another hull")" = 1 ]
	done
}

@test "--check passes a reproducible spec and names what differs in another" {
	library alpha 1
	run hull build --check alpha
	expect 0 "alpha: the same RPMs twice"
	spec beta <<-'EOF'
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share/beta
		echo same >%{buildroot}/usr/share/beta/a
		date +%%N >%{buildroot}/usr/share/beta/b
		%files
		/usr/share/beta
	EOF
	run hull build --check beta
	expect 3 "beta: not reproducible" "/usr/share/beta/b differs"
}

@test "another store, directory, host name, time and core count give the same bytes" {
	library alpha 1
	program beta alpha
	hull build
	mkdir -p elsewhere/deep/er
	cp -r SPECS elsewhere/deep/er/
	seeded_store elsewhere/store
	cat >other.sh <<-'EOF'
		hostname something-else
		cd elsewhere/deep/er
		umask 077
		HOME=/nonexistent LC_ALL=C TZ=Asia/Tokyo HULL_STORE=$PWD/../../store taskset -c 0 "$HULL" build --jobs 1 --repo here
	EOF
	sleep 1
	unshare -ru bash other.sh
	for f in out/repo/x86_64/x86_64/*.rpm; do
		cmp "$f" "elsewhere/deep/er/here/x86_64/$(basename "$f")"
	done
	cmp out/repo/x86_64/repodata/repomd.xml elsewhere/deep/er/here/repodata/repomd.xml
}

@test "gc keeps what the latest builds need and removes the rest" {
	seeded_store store
	export HULL_STORE=$PWD/store
	library alpha 1
	program beta alpha
	hull build
	library alpha 2
	hull build
	find store -exec touch -h -d '-2 days' {} +
	run hull cache gc --keep-days 0 --dry-run
	expect 0 "would remove"
	# ctime cannot be set back: entries younger than an hour stay
	run hull cache gc --keep-days 0
	expect 0 "removed 0 entries"
	run hull cache verify
	expect 0
	run hull build
	expect 0 "nothing to build"
	run hull cache stat
	expect 0 sources rpms builds
}

@test "all builds share one job server: never more jobs than cores, and never idle ones" {
	for name in alpha beta; do
		spec $name <<-EOF
			%description
			x
			%build
			cat >Makefile <<'END'
			all: 1 2 3 4 5 6
			1 2 3 4 5 6: ; @date +"%%s%%N start" >>times; sleep 0.4; date +"%%s%%N end" >>times
			END
			make
			%install
			install -D times %{buildroot}/usr/share/$name/times
			%files
			/usr/share/$name
		EOF
	done
	hull build --jobs 3
	for rpm in out/repo/x86_64/x86_64/*.rpm; do rpm2cpio "$rpm" | cpio -idm --quiet; done
	# how many jobs ran at once, over both packages, at most
	most=$(sort -n usr/share/*/times | awk '{ n += $2 == "start" ? 1 : -1; if (n > most) most = n } END { print most }')
	[ "$most" = 3 ]
	run -1 grep -q jobserver "$HULL_STORE"/logs/"$(jq -r .builds.alpha out/repo/x86_64/builds.json)".log
}
