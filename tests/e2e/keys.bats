#!/usr/bin/env bats
# The key that kernel modules are signed with: made by hull, seen by no build, and what is signed with it.
bats_require_minimum_version 1.5.0
load helper

setup_file() { export TOP="$BATS_TEST_DIRNAME/../.."; }

# kernel: a spec of that name with two "modules", and the tree's own kernel-modules
kernel() {
	export HULL_KEYS=$PWD/keys
	spec kernel <<-'EOF'
		Source1: key:module/certificate.pem
		%description
		A kernel.
		%package modules-unsigned
		Summary: Modules
		%description modules-unsigned
		Modules.
		%install
		mkdir -p %{buildroot}/usr/share/kernel-modules-unsigned/kernel/net %{buildroot}/usr/lib/modules
		cp %{SOURCE1} %{buildroot}/usr/lib/modules/certificate.pem
		cd %{buildroot}/usr/share/kernel-modules-unsigned
		echo 'int a;' | gcc -x c -c -o kernel/a.ko -
		echo 'int b;' | gcc -x c -c -o kernel/net/b.ko -
		printf 'kernel/a.ko\nkernel/net/b.ko\n' >modules.order
		%files
		/usr/lib/modules/certificate.pem
		%files modules-unsigned
		/usr/share/kernel-modules-unsigned/
	EOF
	sed -i 's/^Version:.*/Version: 6.12.107/' SPECS/kernel/kernel.spec
	cp -r "$TOP/SPECS/kernel-modules" SPECS/
	echo "# $mark" >>SPECS/kernel-modules/kernel-modules.spec
	sed -i "s/^# version and release.*/# $mark/" SPECS/kernel-modules/kernel-modules.spec
}

# unpack PACKAGE: its files below ./PACKAGE
unpack() {
	mkdir -p "$1"
	rpm2cpio out/repo/x86_64/x86_64/"$1"-6*.rpm | (cd "$1" && cpio -id --quiet)
}

@test "the first build makes a key, and modules carry signatures that openssl verifies" {
	kernel
	run hull plan
	expect 0 "build   kernel" "wait    kernel-modules"
	[ ! -e keys ]
	run hull build
	expect 0 "made the key of this builder for kernel modules: $PWD/keys/module; keep a copy" "built kernel-modules"
	[ "$(stat -c %a keys keys/module keys/module/key.pem keys/module/certificate.pem | tr '\n' ' ')" = "700 700 600 644 " ]
	unpack kernel
	cmp kernel/usr/lib/modules/certificate.pem keys/module/certificate.pem
	unpack kernel-modules
	unpack kernel-modules-unsigned
	local signed
	signed=$(echo kernel-modules/usr/lib/modules/6.12.107-1.*/kernel/net/b.ko.zst)
	[ -e "${signed%net/b.ko.zst}a.ko.zst" ]
	[ -e "${signed%kernel/net/b.ko.zst}modules.order" ]
	zstd -q -d "$signed" -o b.ko
	tail -c 28 b.ko | cmp - <(printf '~Module signature appended~\n')
	python3 - <<-'EOF'
		import struct
		whole = open("b.ko", "rb").read()
		size = struct.unpack(">I", whole[-32:-28])[0]
		assert whole[-40:-32] == bytes((0, 0, 2, 0, 0, 0, 0, 0)), whole[-40:-32]
		open("b.p7s", "wb").write(whole[-40 - size : -40])
		open("b.unsigned", "wb").write(whole[: -40 - size])
	EOF
	cmp b.unsigned kernel-modules-unsigned/usr/share/kernel-modules-unsigned/kernel/net/b.ko
	openssl cms -verify -binary -inform DER -in b.p7s -content b.unsigned -certfile keys/module/certificate.pem \
		-nointern -noverify -out /dev/null
	# the bytes are those of another program that has the key
	openssl cms -sign -binary -noattr -nocerts -nosmimecap -md sha512 -outform DER -in b.unsigned \
		-signer keys/module/certificate.pem -inkey keys/module/key.pem -out other.p7s
	cmp b.p7s other.p7s
}

@test "the key stays, is in no job, record or store, and another one builds again what carries it" {
	kernel
	hull build
	cp -r keys first
	run hull build
	expect 0 "nothing to build"
	run hull plan
	expect 0 "nothing to build"
	# neither its text nor what is in it
	secret=$(sed -n 5p keys/module/key.pem)
	[ "$(grep -rlF "$secret" "$HULL_STORE"/sources "$HULL_STORE"/builds "$HULL_STORE"/logs "$HULL_STORE"/tmp out | wc -l)" = 0 ]
	diff -r first keys
	key=$(jq -r .builds.kernel out/repo/x86_64/builds.json)
	jq -e '.sources[] | select(.file == "certificate.pem") | .url == "key:module/certificate.pem"' "$HULL_STORE/builds/$key.json"
	[ "$(jq -r '.inputs.sources."certificate.pem"' "$HULL_STORE/builds/$key.json")" = "$(sha256sum <keys/module/certificate.pem | cut -d' ' -f1)" ]
	rm -r keys
	run hull plan
	expect 0 "build   kernel" "source certificate.pem"
	run hull build
	expect 0 "made the key" "built kernel " "built kernel-modules"
	run -1 cmp keys/module/certificate.pem first/module/certificate.pem
	# the first one again: what was built with it serves
	rm -r keys
	mv first keys
	run hull build
	expect 0 "nothing to build"
}

@test "a key that others can read, that is damaged or of another certificate is an error with its path" {
	kernel
	hull build kernel
	chmod 640 keys/module/key.pem
	echo >>SPECS/kernel/kernel.spec
	run hull build kernel
	expect 1 "SPECS/kernel/kernel.spec:" "key:module/certificate.pem: $PWD/keys/module/key.pem: has mode 0640: others can read it"
	chmod 600 keys/module/key.pem
	chmod 777 keys
	run hull build kernel
	expect 1 "$PWD/keys: others can put keys there"
	chmod 700 keys
	cp -r keys good
	echo nonsense >keys/module/key.pem
	run hull build kernel
	expect 1 "$PWD/keys/module/key.pem: no private key in it"
	openssl genrsa -out keys/module/key.pem 2048
	run hull build kernel
	expect 1 "$PWD/keys/module: certificate.pem is of another key than key.pem"
	rm keys/module/certificate.pem
	run hull build kernel
	expect 1 "$PWD/keys/module/certificate.pem: there is a key.pem beside it, but no certificate"
	[ "$(ls -A keys)" = module ]
}

@test "two hulls at once make one key" {
	kernel
	seeded_store "$PWD/one"
	seeded_store "$PWD/two"
	HULL_STORE=$PWD/one hull build --repo one-repo kernel &
	HULL_STORE=$PWD/two hull build --repo two-repo kernel
	wait $!
	[ "$(ls -A keys)" = module ]
	cmp one-repo/x86_64/kernel-6.*.rpm two-repo/x86_64/kernel-6.*.rpm
}

@test "a stranger's spec gets no signatures of what it made" {
	kernel
	spec evil <<-'EOF'
		%description
		x
		%install
		mkdir -p %{buildroot}/usr/share/evil
		echo evil >%{buildroot}/usr/share/evil/rootkit.ko
		%files
		/usr/share/evil
	EOF
	spec evil-modules <<-'EOF'
		Source0: signatures:module/evil.tar
		BuildRequires: evil
		%description
		x
		%files
	EOF
	run hull build evil-modules
	expect 1 "SPECS/evil-modules/evil-modules.spec:8: signatures:module/evil.tar: only packages of the spec 'kernel'" "'evil' is none"
	sed -i 's,signatures:module/evil.tar,key:db/certificate.pem,' SPECS/evil-modules/evil-modules.spec
	run hull build evil-modules
	expect 1 "key:db/certificate.pem: there is no key 'db', only 'module'"
	[ ! -e keys/db ]
}

@test "with a certificate alone the kernel is built, and signatures come from a file" {
	kernel
	hull build
	mkdir -p elsewhere
	mv keys/module/key.pem elsewhere/
	echo "# changed" >>SPECS/kernel/kernel.spec
	sed -i 's/int b;/int c;/' SPECS/kernel/kernel.spec
	run hull build kernel
	expect 0 "built kernel "
	run hull build kernel-modules
	expect 1 "$PWD/keys/module has a certificate, but no private key: whoever has that signs kernel-modules-unsigned"
	unpack kernel-modules-unsigned
	for f in kernel/a kernel/net/b; do
		openssl cms -sign -binary -noattr -nocerts -nosmimecap -md sha512 -outform DER \
			-in kernel-modules-unsigned/usr/share/kernel-modules-unsigned/$f.ko -signer keys/module/certificate.pem \
			-inkey elsewhere/key.pem -out kernel-modules-unsigned/usr/share/kernel-modules-unsigned/$f.ko.p7s
	done
	tar -C kernel-modules-unsigned -cf SPECS/kernel-modules/kernel-modules-unsigned.tar \
		usr/share/kernel-modules-unsigned/kernel/a.ko.p7s usr/share/kernel-modules-unsigned/kernel/net/b.ko.p7s
	hull source update kernel-modules
	run hull build
	expect 0 "built kernel-modules"
	# one is missing, one is of another module
	mv kernel-modules-unsigned/usr/share/kernel-modules-unsigned/kernel/{net/b.ko.p7s,a.ko.p7s}
	tar -C kernel-modules-unsigned -cf SPECS/kernel-modules/kernel-modules-unsigned.tar \
		usr/share/kernel-modules-unsigned/kernel/a.ko.p7s
	hull source update kernel-modules
	run hull build
	expect 1 "attach-signatures: kernel/net/b.ko: has no signature" \
		"attach-signatures: kernel/a.ko.p7s: is not by the key of the certificate, or of another module"
}

@test "the public key is used only when it is asked for, with a warning" {
	kernel
	run hull build --public-module-key
	expect 0 "warning: kernel modules are signed with the public key" "built kernel-modules"
	[ ! -e keys ]
	unpack kernel
	openssl x509 -in kernel/usr/lib/modules/certificate.pem -noout -modulus | grep -q '^Modulus=E4891723C912E67A2953A5835C151513'
	run hull build
	expect 0 "made the key" "built kernel "
}

@test "fetch and source update have nothing to do for what hull makes" {
	kernel
	run hull fetch --offline
	expect 0
	run hull source update
	expect 0
	[ ! -e keys ]
	run jq -r '.Signatures | keys[]' SPECS/kernel-modules/kernel-modules.signatures.json
	[ "$output" = attach-signatures.py ]
}
