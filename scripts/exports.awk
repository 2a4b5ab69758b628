# exports.awk FILES: "header name" of what a header declares and no .c file but the one that defines it uses.
# Macros and inline functions of headers pass on who uses them. What an entry point for fuzzing uses is left out: it
# needs parsers that take bytes.

# A word of a .c file, or of a macro or inline function.
function use(word) {
	if (!header)
		key = FILENAME
	else if (inside != "" && inside != word)
		key = inside
	else
		return
	if (!((word, key) in known)) {
		known[word, key] = 1
		users[word] = users[word] " " key
	}
}

# Adds the .c files that use a word to `seen`.
function collect(word, level,    part, n) {
	for (n = split(users[word], part, " "); n; n--)
		if (part[n] ~ /\.[ch]$/)
			seen[part[n]] = 1
		else if (level)
			collect(part[n], level - 1)
}

FNR == 1 {
	comment = depth = macro = type = 0
	inside = ""
	header = FILENAME ~ /^toolkit\/.*\.h$/
}

{
	line = $0
	if (comment) {
		if (!sub(/^.*\*\//, "", line))
			next
		comment = 0
	}
	gsub(/"([^"\\]|\\.)*"|\/\*([^*]|\*+[^*\/])*\*+\/|\/\/.*/, " ", line)
	if (sub(/\/\*.*/, "", line))
		comment = 1
	gsub(/(struct|enum|union) +[a-z0-9_]+/, "type", line)
	if (line ~ /^#define/) {
		macro = 1
		inside = ""
		sub(/^#define +/, "", line)
	} else if (!macro && !depth && line ~ /^[a-zA-Z]/) {
		type = line ~ /^typedef/
		object = line ~ /^extern/
		inside = ""
		inline = line ~ /^static/
	}
	rest = line
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
		word = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (header && inside == "" && (macro || (inline && rest ~ /^\(/)))
			inside = word
		else if (header && !macro && !depth && !type && word ~ /^hull_/ && (object ? rest ~ /^(\[[^\]]*\])?;/ : rest ~ /^\(/))
			declared[word] = FILENAME
		if (word ~ /^(hull|HULL)_/)
			use(word)
		if (!header && line ~ /^[a-z]/ && line !~ /^(static|extern|typedef)/ && word ~ /^hull_/)
			defined[word] = FILENAME
	}
	if (macro && $0 !~ /\\$/) {
		macro = 0
		inside = ""
	} else if (!macro) {
		depth += gsub(/\{/, "", line) - gsub(/\}/, "", line)
	}
}

END {
	for (word in declared) {
		split("", seen)
		collect(word, 4)
		delete seen[defined[word]]
		n = 0
		for (file in seen)
			n++
		if (!n)
			print declared[word], word
	}
}
