#!/usr/bin/env bats
# hull.conf and hull config.
# shellcheck disable=SC2154 # stderr is set by bats
bats_require_minimum_version 1.5.0
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HULL_CONFIG=$PWD/machine.conf XDG_CONFIG_HOME=$PWD/config
	mkdir -p config/hull
	: >machine.conf
}

@test "later files count, and the command line before all" {
	simple a text
	printf '%s\n' '# of all' 'format = dot' 'timeout = 3h' '' '[plan]' 'json = no' >machine.conf
	printf '%s\n' '[plan]' '  json=yes  ' '[build]' 'jobs = 3' 'jobs = 5' >config/hull/hull.conf
	printf '%s\n' 'timeout = 90' >hull.conf
	run -0 --separate-stderr hull plan
	jq -e '.specs | length == 1' <<<"$output"
	run -0 --separate-stderr hull config
	diff - <(echo "$output") <<-EOF
		format = dot	$PWD/machine.conf:2
		[plan] json = yes	$PWD/config/hull/hull.conf:2
		[build] jobs = 5	$PWD/config/hull/hull.conf:5
		timeout = 90	hull.conf:1
	EOF
	run -0 --separate-stderr hull config --all --json
	[ "$(jq -c '[.format, (.files | length), (.settings[] | select(.in_force | not) | [.option, .value, .line])]' <<<"$output")" = \
		'[1,3,["timeout","3h",3],["json","no",6],["jobs","3",4]]' ]
	run -2 hull build --jobs 0 a
	expect 2 "--jobs: a number from 1"
	sed -i 's/5/0/' config/hull/hull.conf
	run -2 hull build a
	expect 2 "--jobs: a number from 1"
	rm machine.conf
	run -2 hull plan
	expect 2 "HULL_CONFIG: no file"
}

@test "lists of one file add up, those of a later one replace them" {
	mkdir -p one two three
	printf '%s\n' 'specs = one' 'specs = two' >machine.conf
	simple a text
	run -0 hull plan
	printf '%s\n' 'specs = missing' >hull.conf
	run -1 hull plan
	expect 1 "missing"
	run -0 hull plan --specs three
	printf '%s\n' 'store = ~/here' >machine.conf
	rm hull.conf
	HOME=$PWD run -0 hull config
	expect 0 "store = $PWD/here"
	printf '%s\n' 'store = there' >config/hull/hull.conf
	run -0 hull config
	expect 0 "store = $PWD/config/hull/there"
}

@test "what is wrong is named with file and line, by every command" {
	local line what
	while IFS='|' read -r line what; do
		printf '# first\n%b\n' "$line" >config/hull/hull.conf
		run -2 hull cache stat
		expect 2 "$PWD/config/hull/hull.conf:${what%%|*}"
	done <<-'EOF'
		jobz = 3|2: no command has no option
		jobs = many|2: --jobs: 'many' is not a number
		[build]\njson = maybe|3: --json: 'maybe' is not yes or no
		[biuld]|2: hull has no command 'biuld'
		[build|2: no section: '[build'
		[plan]\nlog-size = 3|3: hull plan has no option 'log-size'
		help = yes|2: no command has no option 'help'
		jobs|2: neither '[COMMAND]' nor 'OPTION = VALUE': 'jobs'
	EOF
	run hull help
	printf 'jobs = 3\0\n' >config/hull/hull.conf
	run -2 hull plan
	expect 2 "has a NUL in it"
	head -c 2000000 /dev/zero | tr '\0' '#' >config/hull/hull.conf
	run -1 hull plan
	expect 1 "hull.conf"
}

@test "a tree cannot set what weakens something" {
	local option
	for option in "allow-outside = yes" "repo = x" "store = x" "repo-keys = x" "sign = x"; do
		echo "$option" >hull.conf
		run -2 hull cache stat
		expect 2 "hull.conf:1: '${option%% *}'"
	done
	echo 'jobs = 1' >hull.conf
	run -0 hull cache stat
}
