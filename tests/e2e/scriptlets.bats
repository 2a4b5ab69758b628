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

# shell_package: the host's bash and what scriptlets call, as a package that provides /bin/sh
shell_package() {
	local program
	{
		printf '%s\n' 'AutoReqProv: no' 'Provides: /bin/sh' '%description' 'A shell.' '%install'
		printf '%s\n' 'mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64' 'ln -s usr/lib64 %{buildroot}/lib64'
		for program in bash mkdir cat chown chmod rm ln date touch cp mv sed mknod; do
			echo "cp -L $(command -v $program) %{buildroot}/usr/bin/$program"
			ldd "$(command -v $program)" | grep -oE '/[^ ]+' | while read -r library; do
				case $library in /lib64/*) at=/usr$library ;; /usr/*) at=$library ;; *) at=/usr$library ;; esac
				echo "mkdir -p %{buildroot}${at%/*}; cp -L $library %{buildroot}$at"
			done
		done
		printf '%s\n' 'ln -s bash %{buildroot}/usr/bin/sh' '%files' '/lib64' '/usr/bin/*' '/usr/lib/*' '/usr/lib64/*'
	} | package shell
}

sandboxed_repo() {
	system_repo
	[ -e "$BATS_RUN_TMPDIR/shell.rpm" ] || { shell_package && cp repo/shell-*.rpm "$BATS_RUN_TMPDIR/shell.rpm"; }
	cp "$BATS_RUN_TMPDIR/shell.rpm" repo/
}

# needy NAME [PREAMBLE LINE]...: as foreign, without a /bin/sh of its own
needy() {
	{
		printf '%s\n' 'BuildArch: noarch' 'AutoReq: no' 'Requires: filesystem init' "${@:2}" '%description' 'Of somebody else.'
		printf '%s\n' '%install' "mkdir -p %{buildroot}/usr/share/$1" "echo $1 >%{buildroot}/usr/share/$1/text"
		cat
		printf '%s\n' '%files' "/usr/share/$1"
	} | package "$1"
}

changes() { jq -r '.scriptlets.changes[] | "\(.path) \(.kind) \(.type // "-") \(.mode // "-") \(.scriptlet)"' config.lock.json; }

@test "--scriptlets=sandbox runs them in order and records what they change, file by file" {
	sandboxed_repo
	needy alone <<-'EOF'
		%pretrans -p <lua>
		posix.mkdir("/etc/made by lua")
		local f = io.open("/etc/lua", "w") f:write(arg[2], " ", os.time(), " }\n") f:close()
		%pre
		echo "pre $1 $SOURCE_DATE_EPOCH $PWD" >>/etc/order
		%post
		echo "post $1" >>/etc/order
		rm /usr/share/text
		mkdir -m 0700 /var/lib/alone
		ln -s order /etc/link
		chmod 0600 /etc/init.conf
		cat /usr/share/alone/text >/var/lib/alone/copy
		echo forgotten >/tmp/x; echo forgotten >/run/x
		echo more >>/proc/self/mounts || :
		%posttrans
		echo "posttrans $1" >>/etc/order
		%transfiletriggerin -- /usr/share/second
		{ echo "files $1 $2"; cat; } >>/etc/order
	EOF
	needy second 'Requires(pre): alone' <<-'EOF'
		%triggerin -- alone
		echo "trigger $1 $2" >>/etc/order
		%preun
		rm -rf /etc
	EOF
	index
	config '.SystemConfigs[0].Packages += ["alone", "second", "shell"]'
	run image --scriptlets=sandbox config.json
	expect 0 "6 scriptlets ran"
	partition 2
	epoch=1700000000
	diff <(inside cat /etc/order) - <<-EOF
		pre 1 $epoch /
		post 1
		trigger 1 1
		posttrans 1
		files 1 0
		/usr/share/second
		/usr/share/second/text
	EOF
	diff <(inside cat /etc/lua) <(echo "1 $epoch }")
	[ "$(inside cat /var/lib/alone/copy)" = alone ]
	diff <(changes) - <<-EOF
		/etc/init.conf changed file 0600 %post
		/etc/link added symlink - %post
		/etc/lua added file 0644 %pretrans
		/etc/made by lua added directory 0755 %pretrans
		/etc/order added file 0644 %transfiletriggerin
		/usr/share/text removed - - %post
		/var/lib/alone added directory 0700 %post
		/var/lib/alone/copy added file 0644 %post
	EOF
	[ "$(jq -r '.scriptlets.changes[] | select(.path == "/etc/order") | .package' config.lock.json)" = alone-1.0-1.noarch ]
	[ "$(jq -r '.scriptlets.changes[] | select(.path == "/etc/order") | .sha256' config.lock.json)" = "$(inside cat /etc/order | sha256sum | cut -d' ' -f1)" ]
	inside stat /etc/order | grep -F "mtime: 0x$(printf %x $epoch)"
	inside stat /etc/init.conf | grep -F 'Mode:  0600'
	run inside ls /usr/share
	[[ $output == *hull* && $output != *text* ]]
	[ "$(inside cat /usr/share/hull/lock.json | jq '.scriptlets.runs | length')" = 6 ]
	# and again, and by somebody else
	mv out/disk.raw first.raw
	image --force --scriptlets=sandbox config.json
	cmp first.raw out/disk.raw
	# without the option it is refused as before
	run image --force config.json
	expect 1 "(%pretrans %pre %post %posttrans %transfiletriggerin)"
}

@test "to give files away is right, and what a sandbox of one user cannot do is refused" {
	sandboxed_repo
	needy giver <<-'EOF'
		%post
		chown keeper:77 /usr/share/giver/text
		mkdir /var/lib/giver /var/lib/giver/below
		touch "/var/lib/giver/a file"
		chown -R 12:13 /var/lib/giver
		ln -s nowhere /var/lib/link
		chown -h 14 /var/lib/link
		sed -i s/key/KEY/ /etc/init.conf
	EOF
	index
	config '.SystemConfigs[0].Packages += ["giver", "shell"]'
	image --scriptlets=sandbox config.json
	partition 2
	keeper=$(inside cat /etc/passwd | sed -n 's/^keeper:x:\([0-9]*\):.*/\1/p')
	inside stat /usr/share/giver/text | grep -E "User: +$keeper +Group: +77 "
	inside stat '"/var/lib/giver/a file"' | grep -E "User: +12 +Group: +13 "
	inside stat /var/lib/giver/below | grep -E "User: +12 +Group: +13 "
	inside stat /var/lib/link | grep -E "User: +14 +Group: +0 "
	# sed gives the new file to whom it saw as the owner; it stays the package's
	inside stat /etc/init.conf | grep -E "User: +0 +Group: +$keeper "
	inside cat /etc/init.conf | grep -x KEY=value
	[ "$(jq -r '.scriptlets.changes[] | select(.path == "/var/lib/link") | "\(.uid) \(.gid)"' config.lock.json)" = "14 null" ]
	rm -f config.lock.json
	needy giver <<-'EOF'
		%post
		mknod /dev/x c 1 3 || mknod /etc/x c 1 3 || :
	EOF
	index
	run image --scriptlets=sandbox config.json
	expect 1 "giver-1.0-1.noarch: %post: it was refused to make a device"
}

@test "what is not the same twice is refused with the first path" {
	sandboxed_repo
	needy dice <<-'EOF'
		%post
		echo the same >/etc/a
		echo $RANDOM$RANDOM$RANDOM >/etc/b
		echo $RANDOM$RANDOM$RANDOM >/etc/c
	EOF
	index
	config '.SystemConfigs[0].Packages += ["dice", "shell"]'
	run image --scriptlets=sandbox config.json
	expect 1 "scriptlets do not the same when they run twice: /etc/b (%post of dice-1.0-1.noarch): another content"
	[ ! -e out/disk.raw ]
	[ -z "$(find "$HULL_STORE/tmp" -mindepth 2 -maxdepth 2 -name root)" ]
}

@test "a scriptlet that fails stops an image where rpm would stop, and is told where it would not" {
	sandboxed_repo
	needy weak <<-'EOF'
		%post
		echo it broke >&2; exit 3
	EOF
	index
	config '.SystemConfigs[0].Packages += ["weak", "shell"]'
	run image --scriptlets=sandbox config.json
	expect 0 "weak-1.0-1.noarch: %post failed with exit status 3: it broke"
	[ "$(jq -c '.scriptlets.runs[] | [.scriptlet, .status]' config.lock.json)" = '["%post",3]' ]
	# shellcheck disable=SC2016 # the scriptlet expands it
	for body in 'exit 3' 'kill -9 $$' 'cat /etc/shadow; echo no network: $(cat </dev/tcp/127.0.0.1/22 2>&1); exit 1'; do
		rm -f config.lock.json
		printf '%%pre\n%s\n' "$body" | needy weak
		index
		run image --scriptlets=sandbox config.json
		expect 1 "weak-1.0-1.noarch: %pre: it failed with exit status"
	done
	printf '%%pre -p <lua>\nerror("lua broke")\n' | needy weak
	index
	run image --update --scriptlets=sandbox config.json
	expect 1 "weak-1.0-1.noarch: %pre: it failed with exit status 1" "lua broke"
	printf '%%pre -p /usr/bin/missing\nx\n' | needy weak
	index
	config '.SystemConfigs[0].Packages += ["weak", "shell"]'
	run image --update --scriptlets=sandbox config.json
	expect 1 "missing"
	run image --scriptlets=box config.json
	expect 2 "--scriptlets: 'box' is neither refuse nor sandbox"
}

@test "a lock file that says something else about scriptlets does not fit" {
	sandboxed_repo
	needy steady <<-'EOF'
		%post
		echo steady >/etc/steady
	EOF
	index
	config '.SystemConfigs[0].Packages += ["steady", "shell"]'
	image --scriptlets=sandbox config.json
	cp config.lock.json kept.json
	jq '.scriptlets.changes[0].mode = "0640"' kept.json >config.lock.json
	run image --force --scriptlets=sandbox config.json
	expect 1 "scriptlets do not do what the lock file says (--update accepts the difference): /etc/steady (%post of steady-1.0-1.noarch): another mode"
	image --update --force --scriptlets=sandbox config.json
	cmp kept.json config.lock.json
	run hull why /etc/steady out/disk.raw
	expect 0 "/etc/steady" "%post of steady-1.0-1.noarch"
	hull audit --json out/disk.raw >audit.json || :
	[ "$(jq -r '.findings[] | select(.id == "HULL-FILE-SCRIPTLET") | .object' audit.json)" = /etc/steady ]
	jq '.scriptlets.changes[0].path = "x"' kept.json >config.lock.json
	run image --scriptlets=sandbox config.json
	expect 1 "config.lock.json: a change by a scriptlet without a path"
}

@test "an image for another machine that needs a scriptlet says so, one that needs none is made" {
	system_repo
	rm -f repo/init-* repo/kernel-*
	foreign elsewhere <<-'EOF'
		%post
		echo x >/etc/x
	EOF
	config 'del(.Disks[0].Partitions) | .Disks[0].Artifacts = [{ Name: "tree", Type: "tar" }] | .SystemConfigs[0] |= { Name, Packages: ["filesystem", "elsewhere"] }'
	other=aarch64
	[ "$(uname -m)" != aarch64 ] || other=x86_64
	run image --arch "$other" --scriptlets=sandbox config.json
	expect 1 "an image for $other with scriptlets to run, such as %post of elsewhere-1.0-1.noarch, is made on $other only: this machine is $(uname -m)"
	config 'del(.Disks[0].Partitions) | .Disks[0].Artifacts = [{ Name: "tree", Type: "tar" }] | .SystemConfigs[0] |= { Name, Packages: ["filesystem", "text"] }'
	image --update --arch "$other" --scriptlets=sandbox config.json
}
