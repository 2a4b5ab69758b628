// SPDX-License-Identifier: MIT
#include "repo/xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>
#include <stdint.h>

#include "base/utf8.h"

/* XML 1.0, production 2. */
static bool is_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c != 0xfffe && c != 0xffff);
}

/* What stands for a character that has a meaning in markup, or NULL. */
static const char *entity(uint32_t c, bool attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return attr ? "&quot;" : NULL;
	case '\r':
		return "&#13;";
	case '\n':
		return attr ? "&#10;" : NULL;
	case '\t':
		return attr ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void escape(struct hull_buf *out, const char *text, bool attr)
{
	const char *s = text, *plain = s;

	while (s && *s) {
		uint32_t c = 0;
		size_t n = hull_utf8_get(s, &c);
		const char *with = entity(c, attr);
		char latin1[HULL_UTF8_MAX] = {0};

		if (!n) {
			hull_utf8_put(latin1, (unsigned char)*s);
			with = latin1;
			n = 1;
		} else if (!is_char(c)) {
			with = HULL_UTF8_REPLACEMENT;
		}
		if (with) {
			hull_buf_add(out, plain, (size_t)(s - plain));
			hull_buf_adds(out, with);
			plain = s + n;
		}
		s += n;
	}
	if (s)
		hull_buf_add(out, plain, (size_t)(s - plain));
}

void hull_xml_text(struct hull_buf *out, const char *s)
{
	escape(out, s, false);
}

void hull_xml_attr(struct hull_buf *out, const char *s)
{
	escape(out, s, true);
}

/* --- reading --- */

enum { MAX_XML_DEPTH = 32 };

struct xml_run {
	const struct hull_xml_reader *reader;
	XML_Parser xml;
	int depth;
	struct hull_buf text[MAX_XML_DEPTH + 1];
	const char *wrong;
};

static const char *without_prefix(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

const char *hull_xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(without_prefix(*attributes), name))
			return attributes[1];
	return NULL;
}

static void stop(struct xml_run *r, const char *wrong)
{
	r->wrong = wrong;
	XML_StopParser(r->xml, XML_FALSE);
}

static void XMLCALL start_xml(void *ctx, const char *name, const char **attributes)
{
	struct xml_run *r = ctx;

	if (r->depth == MAX_XML_DEPTH) {
		stop(r, "elements are nested too deeply");
		return;
	}
	r->depth++;
	r->text[r->depth].n = 0;
	r->reader->start(r->reader->ctx, r->depth, without_prefix(name), attributes);
}

static void XMLCALL end_xml(void *ctx, const char *name)
{
	struct xml_run *r = ctx;
	struct hull_buf *b = &r->text[r->depth];
	char *text;

	hull_buf_addc(b, '\0');
	text = b->p + strspn(b->p, " \t\r\n");
	for (size_t n = strlen(text); n && strchr(" \t\r\n", text[n - 1]);)
		text[--n] = '\0';
	r->reader->end(r->reader->ctx, r->depth, without_prefix(name), text);
	r->depth--;
}

static void XMLCALL add_xml_text(void *ctx, const char *s, int n)
{
	struct xml_run *r = ctx;

	if (r->depth > 0)
		hull_buf_add(&r->text[r->depth], s, (size_t)n);
}

static void XMLCALL refuse_doctype(void *ctx, const char *name, const char *system, const char *id,
				   int internal)
{
	(void)name, (void)system, (void)id, (void)internal;
	stop(ctx, "it has a document type (DOCTYPE), which hull does not read");
}

int hull_xml_read(const struct hull_xml_reader *reader, const struct hull_buf *text,
		  const char *what, struct hull_err *e)
{
	struct xml_run r = {.reader = reader, .xml = XML_ParserCreate(NULL)};
	int rc = 0;

	hull_assert(r.xml);
	XML_SetUserData(r.xml, &r);
	XML_SetElementHandler(r.xml, start_xml, end_xml);
	XML_SetCharacterDataHandler(r.xml, add_xml_text);
	XML_SetStartDoctypeDeclHandler(r.xml, refuse_doctype);
	if (text->n > INT_MAX || XML_Parse(r.xml, text->p, (int)text->n, 1) != XML_STATUS_OK)
		rc = hull_fail(e, HULL_FAILED, "%s:%lu:%lu: %s", what,
			       (unsigned long)XML_GetCurrentLineNumber(r.xml),
			       (unsigned long)XML_GetCurrentColumnNumber(r.xml) + 1,
			       r.wrong ? r.wrong : XML_ErrorString(XML_GetErrorCode(r.xml)));
	XML_ParserFree(r.xml);
	for (int i = 0; i <= MAX_XML_DEPTH; i++)
		hull_buf_fini(&r.text[i]);
	return rc;
}
