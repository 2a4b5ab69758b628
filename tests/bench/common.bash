# What the groups of the benchmark share. run sets HULL, BENCH, top and user_store; a group works in a directory of its own.
# shellcheck shell=bash

ms() { # COMMAND...: wall time in ms of the fastest of three
	local best=999999999 i start end
	for i in 1 2 3; do
		start=$(date +%s%N)
		"$@" >/dev/null 2>&1 || { echo "bench: failed: $*" >&2 && exit 1; }
		end=$(date +%s%N)
		[ $(((end - start) / 1000000)) -ge "$best" ] || best=$(((end - start) / 1000000))
	done
	echo "$best"
}

# shellcheck disable=SC2034 # for who calls it
# measured TIMES COMMAND...: sets took (ms, of the fastest run), memory (MB, the largest process) and written (bytes).
# code is its exit status.
measured() {
	local times=$1 i t m w
	shift
	took=999999999 memory=0 written=0 code=0
	for ((i = 0; i < times; i++)); do
		code=0
		"$BENCH" run "$@" 2>log >figures || code=$?
		read -r t m w <figures
		[ "$t" -ge "$took" ] || took=$t
		[ $((m * 1024 / 1000000)) -le "$memory" ] || memory=$((m * 1024 / 1000000))
		written=$w
	done
	if [ "$code" != 0 ] && [ "${accepted:-0}" != "$code" ]; then
		echo "bench: failed ($code): $*" >&2
		tail -n 5 log >&2
		return 1
	fi
}

row() { printf '%-56s %9s %10s %s\n' "$1" "$2" "$3" "$4"; }
absent() { row "$1" "-" "" "not measured: $2"; }
bar() { # value limit
	[ "$1" -lt "$2" ] && echo "bar $2: met" || echo "bar $2: MISSED"
}
most() { # value limit, which it may reach
	[ "$1" -le "$2" ] && echo "bar $2: met" || echo "bar $2: MISSED"
}
ratio() { # ours peer [least]: how many times as fast
	local times
	times=$(awk "BEGIN { printf \"%.1f\", $2 / ($1 ? $1 : 1) }")
	if [ -z "${3-}" ]; then
		echo "$times times as fast"
	elif awk "BEGIN { exit $times < $3 }"; then
		echo "$times times as fast, bar $3: met"
	else
		echo "$times times as fast, bar $3: MISSED"
	fi
}
megabytes() { echo $((($1 + 500000) / 1000000)); } # of bytes
apparent() { du -cb "$@" | tail -n 1 | cut -f1; }  # bytes of files

has() { "$HULL" help "$1" >/dev/null 2>&1; } # is there this command?
room() { [ "$(df --output=avail -BG . | tail -n 1 | tr -dc 0-9)" -ge "$1" ]; } # GB free here

# bench_packages N FILES MEAN [PAYLOAD]: RPMs bench00001..N into repo/, of FILES files of MEAN bytes on average. Each requires
# two others, so that the first brings in all.
bench_packages() {
	rm -rf content
	"$BENCH" content content "$1" "$2" "$3" /usr/bin/true
	{
		cat <<-'EOS'
			Name: bench
			Version: 1.0
			Release: 1
			Summary: The packages of the benchmark
			License: MIT
			AutoReqProv: no
			%description
			Text.
			%install
			mkdir -p %{buildroot}
			cp -al %{content}/usr %{buildroot}/
		EOS
		awk -v n="$1" 'BEGIN {
			for (i = 1; i <= n; i++) {
				printf "%%package -n bench%05d\nSummary: A package of the benchmark\nAutoReqProv: no\n", i
				for (k = 2 * i; k <= 2 * i + 1 && k <= n; k++)
					printf "Requires: bench%05d = 1.0-1\n", k
				printf "%%description -n bench%05d\nText.\n%%files -n bench%05d\n/usr/lib/bench%05d\n", i, i, i
			}
		}'
	} >bench.spec
	SOURCE_DATE_EPOCH=1700000000 rpmbuild -bb --quiet --define "_topdir $PWD/rpmbuild" --define "_rpmdir $PWD/repo" \
		--define "content $PWD/content" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost bench' --define 'debug_package %{nil}' \
		--define '__os_install_post %{nil}' --define '_build_id_links none' --define "_binary_payload ${4:-w3.zstdio}" bench.spec
	rm -rf rpmbuild
}

# questions NAME IMAGE OTHER PACKAGE [bars of why, sbom, diff, audit in ms, of memory in MB]: what hull says of an image
questions() {
	local name=$1 image=$2 other=$3 package=$4
	question "$name: why" "${5-}" "${9-}" why "$package" "$image"
	question "$name: sbom" "${6-}" "${9-}" sbom "$image"
	question "$name: sbom, CycloneDX" "${6-}" "${9-}" sbom --format cyclonedx "$image"
	question "$name: diff" "${7-}" "${9-}" diff "$image" "$other"
	question "$name: audit" "${8-}" "${9-}" audit "$image"
	times=1 question "$name: verify" "" "" verify "$image"
}
question() { # WHAT BAR-MS BAR-MB COMMAND ARGUMENTS...
	local what=$1 time=$2 mb=$3 accepted=3 # findings
	shift 3
	if ! has "$1"; then
		absent "$what" "this hull has no command '$1'"
	elif measured "${times:-3}" "$HULL" "$@" 2>why; then
		row "$what, ms" "$took" "" "${time:+$(bar "$took" "$time"), }$memory MB${mb:+, $(bar "$memory" "$mb")}"
	else
		absent "$what" "$(tail -n 1 why)"
	fi
}
