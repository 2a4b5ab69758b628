// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <string.h>

/* Text as roff: backslashes, dashes and control characters at the start of a line are protected. */
static void roff(struct hull_buf *out, const char *s)
{
	bool start = true;

	for (; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			hull_buf_adds(out, "\\&");
		if (*s == '\\')
			hull_buf_adds(out, "\\e");
		else if (*s == '-')
			hull_buf_adds(out, "\\-");
		else
			hull_buf_addc(out, *s);
		start = *s == '\n';
	}
}

static void paragraphs(struct hull_buf *out, const char *s)
{
	const char *gap;

	while ((gap = strstr(s, "\n\n"))) {
		hull_autobuf struct hull_buf one = {0};

		hull_buf_add(&one, s, (size_t)(gap - s));
		roff(out, one.p);
		hull_buf_adds(out, "\n.PP\n");
		s = gap + 2;
	}
	roff(out, s);
	hull_buf_addc(out, '\n');
}

static void option_list(struct hull_buf *out, const struct hull_option *t)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		hull_buf_adds(out, ".TP\n");
		if (t->letter)
			hull_buf_addf(out, "\\fB\\-%c\\fR, ", t->letter);
		hull_buf_adds(out, "\\fB\\-\\-");
		roff(out, t->name);
		hull_buf_adds(out, "\\fR");
		if (t->arg)
			hull_buf_addf(out, "%s\\fI%s\\fR", t->type == HULL_OPT_CHOICE ? "" : " ",
				      t->arg);
		hull_buf_addc(out, '\n');
		roff(out, t->help);
		hull_buf_addc(out, '\n');
	}
}

static void title(struct hull_buf *out, const char *name)
{
	hull_buf_addf(out, ".TH \"HULL%s%s\" 1 \"\" \"hull " HULL_VERSION "\" \"Hull\"\n",
		      *name ? "\\-" : "", name);
}

void hull_manual_overview(struct hull_buf *out)
{
	title(out, "");
	hull_buf_adds(out,
		      ".SH NAME\nhull \\- build the operating system image of a container host\n"
		      ".SH SYNOPSIS\n\\fBhull\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] "
		      "[\\fIARGUMENTS\\fR]\n.SH COMMANDS\n");
	for (size_t i = 0; hull_commands[i]; i++) {
		hull_buf_addf(out, ".TP\n\\fBhull\\-%s\\fR(1)\n", hull_commands[i]->name);
		roff(out, hull_commands[i]->summary);
		hull_buf_addc(out, '\n');
	}
	hull_buf_adds(out, ".SH COMMON OPTIONS\n");
	option_list(out, hull_common_options);
	hull_buf_adds(
		out,
		".SH ENVIRONMENT\n.TP\n\\fBHULL_STORE\\fR\ndirectory of the store\n"
		".TP\n\\fBHULL_DEBIAN_MIRROR\\fR\nDebian archive to take the seed and "
		"\\fIdebian:\\fR sources from, instead of the one of the host's apt\n"
		".TP\n\\fBHULL_DEBIAN_ARCHIVE\\fR\narchives of Debian's old versions, with "
		"\\fI@SNAPSHOTID@\\fR where the date belongs, instead of those of the host's apt\n"
		".TP\n\\fBHULL_DEBIAN_KEYRING\\fR\nfile with the keys that the archive's "
		"signatures are checked against, instead of Debian's on this host\n"
		".TP\n\\fBHULL_KEYS\\fR\ndirectory of the keys of this builder (default: "
		"hull/keys in \\fB$XDG_CONFIG_HOME\\fR or \\fI~/.config\\fR)\n"
		".TP\n\\fBHULL_CONFIG\\fR\na \\fIhull.conf\\fR instead of the one in /etc\n"
		".SH EXIT STATUS\n0 done, 1 failed, 2 usage, 3 findings, 130 interrupted.\n"
		".SH SEE ALSO\n\\fBhull\\-conf\\fR(5), \\fBhull\\-image\\fR(5), "
		"\\fBhull\\-lock\\fR(5), "
		"\\fBhull\\-store\\fR(5), \\fBhull\\-baseline\\fR(5)\n");
}

void hull_manual_command(const struct hull_command *cmd, struct hull_buf *out)
{
	title(out, cmd->name);
	hull_buf_addf(out, ".SH NAME\nhull\\-%s \\- ", cmd->name);
	roff(out, cmd->summary);
	hull_buf_addf(out, "\n.SH SYNOPSIS\n\\fBhull %s\\fR [\\fIOPTIONS\\fR] ", cmd->name);
	roff(out, cmd->args);
	hull_buf_adds(out, "\n.SH DESCRIPTION\n");
	paragraphs(out, cmd->description);
	if (cmd->options) {
		hull_buf_adds(out, ".SH OPTIONS\n");
		option_list(out, cmd->options);
	}
	hull_buf_adds(out, ".SH COMMON OPTIONS\n");
	option_list(out, hull_common_options);
	if (cmd->examples) {
		hull_buf_adds(out, ".SH EXAMPLES\n.nf\n");
		roff(out, cmd->examples);
		hull_buf_adds(out, "\n.fi\n");
	}
	hull_buf_adds(out, ".SH SEE ALSO\n\\fBhull\\fR(1)\n");
}
