#!/usr/bin/env bats
# What a disk forgets and a power cut cuts off: found before it gets into an image or a build, set aside, made again.
bats_require_minimum_version 1.5.0
load helper
load image

ways="flipped truncated emptied zeroed appended replaced"

# damage WAY FILE: the file is a new one, so that other names of the old one keep it
damage() {
	local way=$1 file=$2 mode half byte other
	mode=$(stat -c %a "$file")
	cp "$file" "$file.new"
	chmod u+w "$file.new"
	half=$(($(stat -c %s "$file") / 2))
	case $way in
	flipped)
		byte=$(od -An -tu1 -j "$half" -N 1 "$file")
		printf %b "\\$(printf '%04o' $((byte ^ 1)))" | dd of="$file.new" bs=1 seek="$half" conv=notrunc status=none
		;;
	truncated) truncate -s "$half" "$file.new" ;;
	emptied) : >"$file.new" ;;
	zeroed) head -c "$(stat -c %s "$file")" /dev/zero >"$file.new" ;; # what a power cut leaves
	appended) echo more >>"$file.new" ;;
	replaced)
		other=$(find "$(dirname "$file")" "$HULL_STORE/headers" -type f -size +0 ! -samefile "$file" ! -name '*.new' | head -n 1)
		if [ -n "$other" ]; then cat "$other"; else echo another; fi >"$file.new"
		;;
	esac
	chmod "$mode" "$file.new"
	mv -f "$file.new" "$file"
}

reboot() { sed -i '/^seeds/!d' "$HULL_STORE"/checked/*; } # the store remembers what was compared since then; the seed is large

# said N TEXT: N lines of the last `run` have it
said() {
	[ "$(grep -cF -- "$2" <<<"$output")" = "$1" ] || {
		echo "not $1 lines with '$2':"
		echo "$output"
		return 1
	}
}

# found PATH: the store's verification finds that it is damaged, and only that, and takes it away
found() {
	run hull cache verify
	expect 3 "store: $1 is damaged and set aside in $HULL_STORE/damaged: " " 1 damaged"
}

sound() {
	run hull cache verify
	expect 0 " 0 damaged"
}

# digest of a package of repo/
digest() { sha256sum "repo/$1"-1.0-1.*.rpm | cut -d' ' -f1; }

@test "a damaged file of an unpacked package gets into no image" {
	system_repo
	config
	export HULL_STORE=$PWD/store
	image config.json
	mv out/disk.raw good.raw
	tree=$HULL_STORE/unpacked/$(digest text)
	for way in $ways removed mode extra; do
		for finder in image verify; do
			case $way in
			removed) rm "$tree/usr/share/text" ;;
			mode) chmod 0400 "$tree/usr/share/text" ;;
			extra) touch "$tree/usr/share/more" ;;
			*) damage "$way" "$tree/usr/share/text" ;;
			esac
			# the header says what mode a file has in an image, and which files it has
			case $finder:$way in
			image:mode | image:extra) continue ;;
			image:*)
				run image --force config.json
				expect 0 "out/disk.raw"
				said 1 "unpacked/$(digest text) is damaged and set aside in $HULL_STORE/damaged: /usr/share/text "
				;;
			verify:*)
				found "unpacked/$(digest text)"
				image --force config.json
				;;
			esac
			cmp out/disk.raw good.raw
			sound
		done
	done
}

@test "a damaged file of a package is told of when its RPM is damaged, too" {
	system_repo
	config
	export HULL_STORE=$PWD/store
	image config.json
	rm out/disk.raw
	rpm=$HULL_STORE/rpms/$(digest text).rpm
	damage flipped "$rpm"
	damage flipped "$HULL_STORE/unpacked/$(digest text)/usr/share/text"
	run image --force config.json
	expect 1 "'hull build'" "rpms/$(digest text).rpm"
	[ ! -e out/disk.raw ]
	[ ! -e "$rpm" ]
	# the repository still has it
	run image --force config.json
	expect 0 "out/disk.raw"
	sound
}

@test "a damaged header is made again from its RPM" {
	system_repo
	config
	export HULL_STORE=$PWD/store
	image config.json
	mv out/disk.raw good.raw
	header=$HULL_STORE/headers/$(digest init).json
	cp "$header" good.json
	for way in $ways; do
		damage "$way" "$header"
		run image --force config.json
		expect 0 "out/disk.raw"
		said 1 "headers/$(digest init).json is damaged and set aside"
		cmp out/disk.raw good.raw
		cmp "$header" good.json
	done
	sound
}

@test "a damaged index of a repository is made again" {
	system_repo
	config
	export HULL_STORE=$PWD/store
	hull resolve --repo hull=repo config.json
	cp config.lock.json good.json
	for way in $ways; do
		damage "$way" "$HULL_STORE"/indexes/*.solv
		reboot
		run hull resolve --repo hull=repo config.json
		expect 0
		said 1 ".solv is damaged and set aside"
		cmp config.lock.json good.json
		sound
	done
}

# a store of its own with the seed, in which liba and proga were built, and SPECS changed so that proga is built again
built_store() {
	seeded_store store
	export HULL_STORE=$PWD/store
	library liba 1
	program proga liba
	hull build proga
	reboot
}

again() { echo "# again $RANDOM$RANDOM" >>SPECS/proga/proga.spec; }

@test "a damaged package never gets into a build root" {
	built_store
	header=$(echo "$HULL_STORE"/unpacked/*/usr/include/liba.h)
	damage flipped "$header"
	again
	run hull build proga
	expect 0 "/usr/include/liba.h has other bytes than the header says"
	[ "$(built)" = "proga " ]
	chmod 0000 "$header"
	reboot
	again
	run hull build proga
	expect 0 "/usr/include/liba.h has another mode than the header says"
	rm "$header"
	reboot
	again
	run hull build proga
	expect 0 "/usr/include/liba.h is missing"
	again
	# once after each start of the machine
	damage flipped "$header"
	run hull build proga
	said 0 "is damaged"
}

@test "a damaged source is fetched again" {
	built_store
	mkdir mirror
	head -c 100000 /dev/urandom >mirror/data.bin
	want=$(sha256sum mirror/data.bin | cut -d' ' -f1)
	echo "{\"Signatures\": {\"proga.c\": \"$(sha256sum SPECS/proga/proga.c | cut -d' ' -f1)\", \"data.bin\": \"$want\"}}" >SPECS/proga/proga.signatures.json
	sed -i '/^Source0/a Source1: https://unreachable.invalid/data.bin' SPECS/proga/proga.spec
	hull fetch proga --source-url "file://$PWD/mirror"
	for way in $ways; do
		damage "$way" "$HULL_STORE/sources/$want"
		reboot
		run hull fetch proga --source-url "file://$PWD/mirror"
		expect 0
		said 1 "sources/$want is damaged and set aside"
		cmp "$HULL_STORE/sources/$want" mirror/data.bin
		sound
	done
	# nowhere to get it from
	damage flipped "$HULL_STORE/sources/$want"
	reboot
	run hull build --offline proga
	expect 1 "sources/$want is damaged and set aside" "data.bin: not in the store, and offline"
}

@test "damaged specs, stamps and macros are made again from the checkout" {
	built_store
	hull build proga
	for way in $ways; do
		for f in "$HULL_STORE"/specs/*.json "$HULL_STORE"/stamps/*.json "$HULL_STORE"/macros/*/macros; do
			damage "$way" "$f"
			reboot
			run hull build proga
			expect 0
			said 1 "is damaged and set aside"
			[ "$(built)" = "" ]
		done
	done
	sound
}

@test "a damaged package or record is built again" {
	built_store
	key=$(cat "$HULL_STORE"/latest/*/proga)
	for way in $ways; do
		# where nothing changed it is not even read
		rm "$HULL_STORE"/stamps/*
		damage "$way" "$HULL_STORE/builds/$key.json"
		run hull build proga
		expect 0 "builds/$key.json is damaged and set aside"
		[ "$(built)" = "proga " ]
	done
	rpm=rpms/$(jq -r '.packages[0].sha256' "$HULL_STORE/builds/$key.json").rpm
	for way in flipped truncated; do
		rm "$HULL_STORE"/stamps/*
		damage "$way" "$HULL_STORE/$rpm"
		reboot
		run hull build proga
		expect 0 "$rpm is damaged and set aside"
		[ "$(built)" = "proga " ]
	done
	damage flipped "$HULL_STORE/$rpm"
	run hull cache verify
	expect 3 "$rpm is damaged and set aside" " 1 damaged"
	run hull build proga
	[ "$(built)" = "proga " ]
	sound
}

@test "cache verify finds each kind of object damaged in each way" {
	seeded_store store
	export HULL_STORE=$PWD/store
	library liba 1
	hull build liba
	hull fetch liba
	system_repo
	config
	hull resolve --repo hull=repo config.json
	# the seed is large: a small one in its place
	mv store/seeds seeds
	id=$(printf %064d 1)
	mkdir -p "store/seeds/$id"
	echo tool >"store/seeds/$id/tool"
	echo '{"packages": []}' >"store/seeds/$id.json"
	sound
	key=$(cat store/latest/*/liba)
	objects=("builds/$key.json" "logs/$key.log" "$(cd store && echo latest/*/liba)" "$(cd store && echo stamps/*.json)")
	for d in sources rpms headers specs; do
		objects+=("$(cd store && find "$d" -type f ! -name '*.origin' -size +0 | sort | head -n 1)")
	done
	objects+=("$(cd store && find sources -name '*.origin')" "$(cd store && find unpacked -type f -size +0 | sort | head -n 1)"
		"$(cd store && find macros -name macros.build)" "$(cd store && echo indexes/*.solv)")
	[ "${#objects[@]}" = 12 ]
	n=0
	for f in "${objects[@]}"; do
		for way in $ways; do
			rm -rf broken && cp -al store broken
			rm -rf broken/tmp/*
			export HULL_STORE=$PWD/broken
			damage "$way" "broken/$f"
			echo "$f $way"
			run hull cache verify
			expect 3 "$(cut -d/ -f1-2 <<<"$f")"
			n=$((n + 1))
			run hull cache verify
			case $f in rpms/* | headers/*) ;; *) expect 0 ;; esac
		done
	done
	[ "$n" = 72 ]
	export HULL_STORE=$PWD/store
	sound
	run --separate-stderr hull cache verify --json
	jq -e '.format == 1 and .checked > 10 and .damaged == []' <<<"$output"
	damage flipped "store/logs/$key.log"
	run --separate-stderr hull cache verify --json
	[ "$status" = 3 ]
	jq -e --arg path "logs/$key.log" '.damaged | length == 1 and .[0].path == $path' <<<"$output"
}
