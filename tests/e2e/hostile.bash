# Helpers of hostile.bats: what a stranger gives to hull, tried as the caller and, as root, as an ordinary user too.

# shellcheck shell=bash disable=SC2154 # status and output are set by bats' run

ORDINARY=54321

setup() {
	top=$(mktemp -d /tmp/hull-hostile-XXXXXX)
	chmod 755 "$top"
	mark=$$$RANDOM$RANDOM
	# the ordinary user may not be able to read the tree
	mkdir -p "$top/out/x" "$top/toolkit"
	cp "$HULL" "$top/out/x/hull"
	cp -r "$HULL_TOP/toolkit/macros" "$top/toolkit/macros"
	ids=(caller)
	[ "$(id -u)" != 0 ] || ids=(caller ordinary)
	background=()
}

teardown() {
	local pid
	for pid in "${background[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
	rm -rf "$top"
}

# as_id COMMAND...: as the one whose turn it is
as_id() {
	if [ "$id" = ordinary ]; then
		setpriv --reuid $ORDINARY --regid $ORDINARY --clear-groups -- "$@"
	else
		"$@"
	fi
}

# A process of the host that nobody may end: $bystander
bystander() {
	as_id sleep 1000 3>&- &
	bystander=$!
	background+=("$bystander")
}

# A home with a key, a store and a tree of specs: what must not be seen or changed from inside.
world() {
	box="$top/$id"
	mkdir -p "$box/home/.ssh" "$box/SPECS/a" "$box/store" "$box/elsewhere"
	echo CANARY-KEY >"$box/home/.ssh/id_rsa"
	echo '%canary CANARY-FILE' >"$box/elsewhere/secret"
	[ "$id" = caller ] || chown -R $ORDINARY "$box"
}

# write_spec NAME: a spec with the text on standard input in its preamble; @BOX@ and @MARK@ are filled in
write_spec() {
	local file="$box/SPECS/$1/$1.spec"
	mkdir -p "${file%/*}"
	{
		printf '%s\n' "Name: $1" 'Version: 1' 'Release: 1' 'Summary: s' 'License: MIT'
		sed "s,@BOX@,$box,g;s,@MARK@,$mark,g"
		printf '%s\n' '%description' text '%files'
	} >"$file"
	[ "$id" = caller ] || chown -R $ORDINARY "$box/SPECS"
}

# What the parser may not change.
checksums() { find "$box/SPECS" "$box/home" "$box/elsewhere" "$top/toolkit" -type f -exec sha256sum {} + | sort; }

# Loads all specs of the world, as most commands do first.
look() {
	local before
	before=$(checksums)
	cd "$box" || return
	run as_id env HOME="$box/home" HULL_STORE="$box/store" HULL_TEST_TOKEN=CANARY-ENV \
		SSH_AUTH_SOCK="$box/home/agent" timeout -k 5 "${LIMIT:-100}" "$top/out/x/hull" fetch --strict
	[ "$before" = "$(checksums)" ] || fail "the parser has changed files"
	[ -z "$(find "$top" /tmp/owned /var/tmp/owned /etc/owned /usr/owned /dev/shm/owned -name 'owned*' 2>/dev/null)" ] ||
		fail "the parser has made files"
	[[ $output != *CANARY* ]] || fail "something was seen"
	[[ $output != *GOT-IT* ]] || fail "an attempt went through"
	[ -z "$(grep -rls 'CANARY\|GOT-IT' "$box/store")" ] || fail "something is in the store"
	[[ $status != 124 && $status != 137 ]] || fail "hull did not end"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(survivors)" ] || return 0
		sleep 0.2
	done
	fail "processes are left: $(survivors)"
}

survivors() { pgrep -f "[@]$mark" || true; }

fail() {
	echo "as $id: $*; status $status, output:"
	echo "$output"
	return 1
}

# attempt STATUS TEXT...: a spec with what is on standard input; hull ends so and says these texts
attempt() {
	local body want=$1 text
	shift
	body=$(cat)
	for id in "${ids[@]}"; do
		world
		write_spec a <<<"$body"
		look
		[ "$want" = any ] || [ "$status" = "$want" ] || fail "expected status $want"
		for text; do
			[[ $output == *"${text//@BOX@/$box}"* ]] || fail "no '$text'"
		done
	done
}

# with_source STATUS LINES TEXT...: a spec with these Source and Patch; prepare() fills its directory
with_source() {
	local want=$1 body=$2 text
	shift 2
	for id in "${ids[@]}"; do
		world
		prepare "$box/SPECS/a"
		write_spec a <<<"$body"
		look
		[ "$status" = "$want" ] || fail "expected status $want"
		for text; do
			[[ $output == *"${text//@BOX@/$box}"* ]] || fail "no '$text'"
		done
	done
}

prepare() { :; }
