# SPDX-License-Identifier: MIT
# A man page from one of the documents in toolkit/docs:
#
#     awk -f scripts/manual.awk -v page=hull-store -v section=5 -v version=0.1.0 -v also="hull-lock" toolkit/docs/store.md
#
# Knows what those documents use: headings, paragraphs, lists, code, tables of two columns, `code`, **bold** and links. A
# table becomes a list of terms, as manuals have it. What it does not know is an error, so that no text is lost.

function fail(what) {
	print FILENAME ":" FNR ": " what > "/dev/stderr"
	failed = 1
	exit 1
}

# what roff would take for itself
function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/"/, "\\(dq", s)
	return s
}

# text between spans
function plain(s) {
	if (s ~ /[*<>]/)
		fail("'" s "' has emphasis or HTML that is not known")
	return roff(s)
}

# text with spans
function inline(s,    out, end, mark) {
	out = ""
	while (match(s, /`|\*\*|\[[^]]*\]\([^)]*\)/)) {
		out = out plain(substr(s, 1, RSTART - 1))
		mark = substr(s, RSTART, RLENGTH)
		s = substr(s, RSTART + RLENGTH)
		if (mark ~ /^\[/) {
			out = out link(mark)
			continue
		}
		end = index(s, mark)
		if (!end)
			fail("'" mark "' is not closed")
		out = out "\\fB" (mark == "`" ? roff(substr(s, 1, end - 1)) : inline(substr(s, 1, end - 1))) "\\fR"
		s = substr(s, end + length(mark))
	}
	return out plain(s)
}

# the text of a link, and its address if that is not a document beside this one
function link(s,    text, url) {
	text = url = s
	sub(/^\[/, "", text)
	sub(/\]\(.*$/, "", text)
	sub(/^.*\]\(/, "", url)
	sub(/\)$/, "", url)
	return inline(text) (url ~ /:/ ? " (" roff(url) ")" : "")
}

# lines of text: none may begin with what is a request to roff
function emit(s,    lines, n, i) {
	n = split(s, lines, "\n")
	for (i = 1; i <= n; i++)
		print (lines[i] ~ /^[.']/ ? "\\&" : "") lines[i]
}

function flush() {
	if (kind == "item")
		print ".IP \\(bu 2"
	else if (kind == "text" && started)
		print ".PP"
	if (kind != "") {
		emit(inline(text))
		started = 1
	}
	text = kind = ""
}

function begin_code() {
	flush()
	print ".PP\n.RS 4\n.nf"
	code = 1
}

function end_code() {
	print ".fi\n.RE"
	code = fenced = 0
	started = 1
}

function heading(macro, s) {
	flush()
	print macro " \"" inline(s) "\""
	started = 0
}

function row(line,    cells, n) {
	sub(/^\| */, "", line)
	sub(/ *\|$/, "", line)
	n = split(line, cells, / *\| */)
	if (n != 2)
		fail("a table has two columns here")
	if (++rows == 1 || line ~ /^-+ *\| *-+$/)
		return
	print ".TP"
	emit(inline(cells[1]))
	emit(inline(cells[2]))
}

/[^\t -~]/ { fail("only ASCII is the same on every terminal") }

fenced && /^```/ { end_code(); next }
!fenced && /^```/ { begin_code(); fenced = 1; next }
code && !fenced && /^$/ { blank++; next }
code && !fenced && !/^    / { end_code(); blank = 0 }
code {
	for (; blank > 0; blank--)
		print ""
	if (!fenced)
		sub(/^    /, "")
	emit(roff($0))
	next
}
/^    / && text == "" { begin_code(); blank = 0; sub(/^    /, ""); emit(roff($0)); next }

/^\|/ { flush(); row($0); next }
rows { rows = 0; started = 1 }

/^# / {
	if (titled++)
		fail("a second title")
	title = substr($0, 3)
	print ".TH \"" toupper(roff(page)) "\" " section " \"\" \"hull " version "\" \"Hull\""
	print ".SH NAME\n" roff(page) " \\- " inline(tolower(substr(title, 1, 1)) substr(title, 2))
	print ".SH DESCRIPTION"
	next
}
/^## / { heading(".SH", substr($0, 4)); next }
/^### / { heading(".SS", substr($0, 5)); next }
/^#/ { fail("a heading of this kind is not known") }
/^[<>!]|^[*+] |^[0-9]+\. |^ +[-*+] / { fail("this is not known") }

/^$/ { flush(); next }
/^- / { flush(); kind = "item"; text = substr($0, 3); next }
kind == "item" { if (!sub(/^  /, "")) fail("the text of an item is indented") }
text == "" { kind = "text" }
{ text = text (text == "" ? "" : "\n") $0 }

END {
	if (failed)
		exit 1
	if (!titled)
		fail("no title")
	if (code)
		end_code()
	flush()
	print ".SH SEE ALSO"
	n = split(also, others, " ")
	for (i = 1; i <= n; i++)
		print "\\fB" roff(others[i]) "\\fR(" section "),"
	print "\\fBhull\\fR(1)"
}
