# Compares a .config with what was asked for, and with the hardening checks.
#
#   awk -f check.awk role=kconfig Kconfig... role=config .config role=fragment *.config \
#       role=checks hardening.checks role=exceptions exceptions
#
# Every fault is named with file, line, symbol and what became of it; exit status 1 if there is one.

function fault(where, what) {
	print where ": " what > "/dev/stderr"
	faults++
}

function here() {
	return FILENAME ":" FNR
}

# A symbol's value in .config: "n" when it is off or unknown.
function value(symbol) {
	return symbol in config ? config[symbol] : "n"
}

# ---- Kconfig: which symbols there are, and what they depend on

FNR == 1 { depth = 0; symbol = ""; in_help = 0; begun = "" }

role == "kconfig" && /\\$/ { begun = begun substr($0, 1, length($0) - 1); next }
role == "kconfig" && begun { gsub(/^[ \t]+/, ""); $0 = begun $0; begun = "" }
# a help text ends where a line is indented less than its first
role == "kconfig" && in_help {
	if (!NF)
		next
	if (in_help < 0)
		in_help = indentation()
	if (indentation() >= in_help && in_help > 1)
		next
	in_help = 0
}
role == "kconfig" && ($1 == "config" || $1 == "menuconfig") && NF == 2 {
	symbol = $2
	known[symbol] = 1
	for (i = 1; i <= depth; i++)
		depends(symbol, around[i])
	next
}
role == "kconfig" && $1 == "if" { sub(/^[ \t]*if[ \t]+/, ""); around[++depth] = $0; symbol = ""; next }
role == "kconfig" && $1 == "endif" { depth--; symbol = ""; next }
role == "kconfig" && /^[ \t]*(menu|endmenu|choice|endchoice|comment|source|mainmenu)/ { symbol = ""; next }
role == "kconfig" && $1 == "depends" && symbol { sub(/^[ \t]*depends on[ \t]+/, ""); depends(symbol, $0) }
role == "kconfig" && $1 == "help" { in_help = -1 }
role == "kconfig" { next }

function indentation(    line) {
	line = $0
	gsub(/\t/, "        ", line)
	match(line, /^ */)
	return RLENGTH + 1
}

function depends(symbol, expression) {
	sub(/[ \t]*#.*/, "", expression)
	needs[symbol] = needs[symbol] (needs[symbol] ? "\n" : "") expression
}

# ---- .config

role == "config" && /^CONFIG_/ {
	at = index($0, "=")
	config[substr($0, 8, at - 8)] = substr($0, at + 1)
	next
}
role == "config" && /^# Linux\// { version = $3 }
role == "config" { next }

# ---- fragments

role == "fragment" && /^CONFIG_[A-Za-z0-9_]+=/ {
	at = index($0, "=")
	ask(substr($0, 8, at - 8), substr($0, at + 1))
	next
}
role == "fragment" && /^# CONFIG_[A-Za-z0-9_]+ is not set$/ { ask(substr($2, 8), "n"); next }
role == "fragment" && /^(#|$)/ { next }
role == "fragment" { fault(here(), "not a line of a configuration: " $0); next }

function ask(symbol, wanted) {
	asked[++nasked] = symbol
	want[nasked] = wanted
	where[nasked] = here()
	last[symbol] = nasked
}

# ---- checks: SOURCE EXPRESSION, where | is "or" and & is "and" and binds closer

role == "checks" && (/^#/ || !NF) { next }
role == "checks" {
	from = $1
	sub(/^[^ \t]+[ \t]+/, "")
	name = $0
	sub(/=.*/, "", name)
	if (name in check)
		fault(here(), name " is checked twice")
	check[name] = $0
	origin[name] = from
	order[++nchecks] = name
	next
}

# ---- exceptions: a symbol in the first column, its reason after it and on the following lines

role == "exceptions" && (/^#/ || !NF) { next }
role == "exceptions" && /^[A-Z0-9]/ {
	current = $1
	if (current in excepted)
		fault(here(), current " has two reasons")
	excepted[current] = here()
	reason[current] = NF > 1
	next
}
role == "exceptions" { reason[current] = 1 }

function term_holds(term,    at, symbol, wanted) {
	gsub(/^[ \t]+|[ \t]+$/, "", term)
	at = index(term, "=")
	symbol = substr(term, 1, at - 1)
	wanted = substr(term, at + 1)
	if (symbol == "LINUX")
		return newer(version, wanted)
	if (wanted == "n" && !(symbol in known))
		absent = 1
	return value(symbol) == wanted
}

function newer(have, least,    a, b, i) {
	split(have, a, ".")
	split(least, b, ".")
	for (i = 1; i <= 3; i++)
		if (a[i] + 0 != b[i] + 0)
			return a[i] + 0 > b[i] + 0
	return 1
}

function holds(expression,    any, all, n, m, i, j) {
	n = split(expression, any, "|")
	for (i = 1; i <= n; i++) {
		m = split(any[i], all, "&")
		for (j = 1; j <= m; j++)
			if (!term_holds(all[j]))
				break
		if (j > m)
			return 1
	}
	return 0
}

# What a symbol depends on that is not plainly met, with the values: "NET && FOO (NET=y FOO=n)"
function unmet(symbol,    all, n, i, text) {
	n = split(needs[symbol], all, "\n")
	for (i = 1; i <= n; i++)
		if (all[i] ~ /!|=|\|\|/ || values(all[i]) ~ /=n( |$)/)
			text = text (text ? "; " : "") all[i] " (" values(all[i]) ")"
	return text
}

function values(expression,    text, symbol, seen) {
	gsub(/"[^"]*"|\$\([^)]*\)/, "", expression)
	while (match(expression, /[A-Za-z0-9_]+/)) {
		symbol = substr(expression, RSTART, RLENGTH)
		expression = substr(expression, RSTART + RLENGTH)
		if (symbol in known && !(symbol in seen))
			text = text (text ? " " : "") symbol "=" value(symbol)
		seen[symbol] = 1
	}
	return text
}

function explain(i,    symbol, text) {
	symbol = asked[i]
	text = "CONFIG_" symbol "=" want[i]
	if (last[symbol] != i && want[last[symbol]] != want[i])
		return text " is overruled by " where[last[symbol]] ", which asks for " want[last[symbol]]
	if (!(symbol in known))
		return text ": this kernel has no such symbol"
	text = text " became " value(symbol)
	if (value(symbol) == "n" || want[i] == "y" && value(symbol) == "m")
		return text ": " (unmet(symbol) ? "it depends on " unmet(symbol) : "nothing selects it")
	if (want[i] == "n" || want[i] == "m" && value(symbol) == "y")
		return text ": something selects it, or it cannot be switched off"
	return text
}

END {
	for (i = 1; i <= nasked; i++)
		if (last[asked[i]] != i && want[last[asked[i]]] != want[i] || value(asked[i]) != want[i] ||
		    !(asked[i] in known))
			fault(where[i], explain(i))
	for (i = 1; i <= nchecks; i++) {
		name = order[i]
		absent = 0
		if (holds(check[name])) {
			held++
			vacuous += absent
			if (name in excepted)
				fault(excepted[name], name " is excepted, but its check holds: " check[name])
		} else if (!(name in excepted)) {
			fault("hardening", check[name] " (" origin[name] ") does not hold, " name " is " \
				value(name) ", and has no reason in exceptions")
		} else if (!reason[name]) {
			fault(excepted[name], name " is excepted without a reason")
		}
	}
	for (name in excepted)
		if (!(name in check))
			fault(excepted[name], name " is excepted, but nothing checks it")
	for (name in config)
		options += config[name] == "y" || config[name] == "m"
	printf "kernel configuration: %d options on, %d asked for; %d of %d hardening checks hold " \
		"(%d of them because this kernel has no such option)\n", options, nasked, held, nchecks, vacuous
	exit faults > 0
}
