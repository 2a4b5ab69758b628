#!/usr/bin/env bats
# What 'make install' puts where, and that 'make uninstall' takes all of it away.

load helper

# the variant that is tested, from its own directory below out/
install_make() {
	make --no-print-directory -C "$HULL_TOP" V="$(basename "$(dirname "$HULL")")" PREFIX=/usr DESTDIR="$PWD/root" "$@"
}

@test "what is installed works without the checkout, and uninstall leaves nothing of it" {
	install_make install
	[ -x root/usr/bin/hull ]
	[ -x root/usr/share/hull/macros/with-tokens ]
	[ ! -x root/usr/share/hull/macros/macros ]
	[ -z "$(find root -name '*.[ch]' -o -name module.mk)" ]
	simple alpha one
	mv SPECS mine
	[ "$(root/usr/bin/hull plan --json --specs mine | jq -r '.specs[0].name')" = alpha ]
	for f in audit.md image.md json.md architecture.md changelog.md imageconfig.schema.json LICENSE; do
		[ -s "root/usr/share/doc/hull/$f" ]
	done
	[ "$(root/usr/bin/hull help --completion bash)" = "$(cat root/usr/share/bash-completion/completions/hull)" ]

	touch root/usr/share/hull/macros/of-somebody-else
	install_make uninstall
	[ "$(find root ! -type d)" = root/usr/share/hull/macros/of-somebody-else ]
	rm root/usr/share/hull/macros/of-somebody-else
	install_make uninstall
	[ -z "$(find root -path '*hull*' -o ! -type d)" ]
}

@test "installing fetches nothing: a package of hull is built offline" {
	run install_make -n install
	[ "$status" = 0 ]
	[[ $output == *"install -D"* && $output != *setup* ]]
}

@test "the manual: every page is sound, and those that pages name are there" {
	install_make install
	cd root/usr/share/man
	[ "$(ls man5)" = $'hull-baseline.5\nhull-conf.5\nhull-image.5\nhull-lock.5\nhull-store.5' ]
	for page in man?/*; do
		[ -z "$(groff -man -ww -z "$page" 2>&1)" ]
		[ -z "$(mandoc -Tlint -W warning "$page" | grep -v 'missing date')" ]
	done
	sed -n 's/^\(\\fB.*\\fR(.*\)$/\1/p' man?/* | grep -o '\\fBhull[a-z\\-]*\\fR([15])' |
		sed 's/\\fB//; s/\\fR//; s/\\//g; s/\(.*\)(\(.\))/man\2\/\1.\2/' | sort -u >named
	[ "$(wc -l <named)" = 23 ]
	xargs -a named ls >/dev/null
	man5=$(groff -man -Tascii -P-cbou man5/hull-image.5)
	[[ $man5 == *"hull-image - image configurations"* && $man5 == *"KernelCommandLine"* && $man5 == *'"BootType": "efi",'* ]]
}

@test "a document that the manual cannot show is an error with its place" {
	man() { awk -f "$HULL_TOP/scripts/manual.awk" -v page=p -v section=5 -v version=1 -v also= doc.md; }
	reject() { # text of a document, message
		printf '%s\n' "$1" >doc.md
		run man
		[ "$status" = 1 ]
		[[ $output == *"doc.md:"*"$2"* ]]
	}
	reject $'# T\n\n1. one' "not known"
	reject $'# T\n\nsome *word*' "emphasis"
	reject $'# T\n\nsome `word' "not closed"
	reject $'# T\n\n| a | b | c |' "two columns"
	reject $'text' "no title"
	printf '# T\n\n.TH \\x "quoted" a-b\n\n    .code \\y\n' >doc.md
	man >page
	grep -qxF '\&.TH \ex \(dqquoted\(dq a\-b' page
	grep -qxF '\&.code \ey' page
}
