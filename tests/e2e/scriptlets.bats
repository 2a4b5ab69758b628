#!/usr/bin/env bats
# Scriptlets: what is left of them in packages that hull builds, and what an image does with those of others.
bats_require_minimum_version 1.5.0
load helper
load image

# scripts RPM: what rpm says of its scriptlets and requirements, but those on rpm itself
scripts() { rpm -qp --scripts --triggers --filetriggers --requires "$1" 2>/dev/null | grep -v '^rpmlib(' || true; }

# foreign NAME: a package with the scriptlets on stdin and a file, wanted by the configuration
foreign() {
	{
		printf '%s\n' 'BuildArch: noarch' 'AutoReq: no' 'Provides: /bin/sh /sbin/ldconfig /usr/bin/never' '%description' 'Of somebody else.'
		printf '%s\n' '%install' "mkdir -p %{buildroot}/usr/share/$1" "echo $1 >%{buildroot}/usr/share/$1/text"
		cat
		printf '%s\n' '%files' "/usr/share/$1"
	} | package "$1"
	index
	config ".SystemConfigs[0].Packages += [\"$1\"]"
}

@test "sections whose macros expand to nothing leave no scriptlet and no shell" {
	mkdir -p SPECS/hollow
	echo 'u hollow - "A"' >SPECS/hollow/hollow.sysusers
	pin hollow hollow.sysusers
	spec hollow <<-'EOF'
		Source1: hollow.sysusers
		BuildArch: noarch
		%{?systemd_requires}
		%description
		A test.
		%package more
		Summary: More
		%description more
		More.
		%pre
		%sysusers_create_compat %{SOURCE1}
		%post
		# enabled by presets
		%systemd_post hollow.service
		%preun
		%systemd_preun hollow.service
		%postun
		%systemd_postun_with_restart hollow.service
		%post -n hollow-more -p <lua>
		-- nothing
		%install
		mkdir -p %{buildroot}%{_unitdir}
		printf '[Service]\nExecStart=/bin/true\n' >%{buildroot}%{_unitdir}/hollow.service
		%files
		%{_unitdir}/hollow.service
		%files more
	EOF
	run hull build
	expect 0 "built hollow"
	[[ $output != *"would refuse"* ]]
	rpms=(out/repo/x86_64/*/hollow*.rpm)
	[ "${#rpms[@]}" = 2 ]
	for rpm in "${rpms[@]}"; do
		[ -z "$(scripts "$rpm")" ]
		run rpm -K --nosignature "$rpm"
		expect 0 "digests OK"
	done
	[ "$(rpm -qp --qf '%{postinprog}' out/repo/x86_64/*/hollow-1*.rpm)" = "(none)" ]
	run rpm -qp --requires out/repo/x86_64/*/hollow-more*.rpm
	[[ $output != *Lua* ]]
	run hull build --check hollow
	expect 0 "the same RPMs twice"
}

@test "a section with a command stays, and a build says that an image would refuse it" {
	spec busy <<-'EOF'
		BuildArch: noarch
		%description
		A test.
		%package tools
		Summary: Tools
		%description tools
		Tools.
		%pre
		%sysusers_create x.conf
		%post
		echo hello >/etc/hello
		%preun
		rm -f /etc/hello
		%post tools -p /usr/bin/perl
		%posttrans tools
		/sbin/ldconfig
		%files
		%files tools
	EOF
	run hull build
	line=$(grep -n '^%post$' SPECS/busy/busy.spec | cut -d: -f1)
	tools=$(grep -n '^%post tools' SPECS/busy/busy.spec | cut -d: -f1)
	expect 0 "built busy" "SPECS/busy/busy.spec:$line: of package busy, %post does what an image" "SPECS/busy/busy.spec:$tools: of package busy-tools, %post does"
	[ "$(grep -c 'would refuse' <<<"$output")" = 2 ]
	[ "$(scripts out/repo/x86_64/*/busy-1*.rpm | grep -c '^/bin/sh')" = 2 ] # of %post and %preun, not of %pre
	run hull build --json
	expect 0 "would refuse"
}

@test "what never runs when an image is made, and what hull does itself, is no reason to refuse" {
	system_repo
	foreign unneeded <<-'EOF'
		%preun
		rm -rf /etc
		%postun -p /usr/bin/never
		%verifyscript
		exit 1
		%triggerun -- init
		rm -rf /usr
		%triggerin -- nobody-has-this
		rm -rf /usr
		%filetriggerin -- /no/such/directory
		rm -rf /usr
		%transfiletriggerpostun -- /usr
		rm -rf /usr
		%posttrans
		:
		%post -p /sbin/ldconfig
	EOF
	image config.json
	foreign macros <<-'EOF'
		%pre
		# generated
		getent group 'keeper' >/dev/null || groupadd -r 'keeper' || :
		getent passwd 'keeper' >/dev/null || \
		    useradd -r -g 'keeper' -d '/var/lib/keeper' -s '/sbin/nologin' -c 'Keeper of things' 'keeper' || :
		%post
		if [ $1 -eq 1 ] && [ -x "/usr/lib/systemd/systemd-update-helper" ]; then
		    # Initial installation
		    /usr/lib/systemd/systemd-update-helper install-system-units a.service b.socket || :
		fi
		systemctl --no-reload preset c.service &>/dev/null || :
		systemd-tmpfiles --create init.conf || :
		%posttrans
		systemd-sysusers --replace=/usr/lib/sysusers.d/init.conf - <<SYSTEMD_INLINE_EOF || :
		u keeper - "Keeper of things" /var/lib/keeper
		SYSTEMD_INLINE_EOF
		/sbin/ldconfig
		%transfiletriggerin -p <lua> -- /usr/share
		-- as systemd has it
		assert(rpm.execute("systemd-sysusers"))
	EOF
	image --update config.json
}

@test "a scriptlet for an account that the image does not declare is refused" {
	system_repo
	foreign stranger <<-'EOF'
		%pre
		getent passwd stranger >/dev/null || useradd -r -u 77 -s /sbin/nologin stranger
	EOF
	run image config.json
	expect 1 "stranger-1.0-1.noarch: %pre makes the user 'stranger', which no sysusers.d file of the image declares with that number"
}

@test "whatever else a scriptlet says is refused, with its package and name" {
	system_repo
	foreign nosy <<-'EOF'
		%pre
		systemctl daemon-reload; curl https://example.invalid/
		%post
		systemctl preset $(cat /etc/units)
		%posttrans -p <lua>
		posix.mkdir("/x")
		%filetriggerin -- /usr/share/text
		cat
	EOF
	run image config.json
	expect 1 "a package has scriptlets, which an image is made without: nosy-1.0-1.noarch (%pre %post %posttrans %filetriggerin)" "--scriptlets=sandbox"
	[ ! -e out/disk.raw ]
}
