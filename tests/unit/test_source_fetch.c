// SPDX-License-Identifier: MIT
#include "source_fixture.h"

#include "source/fetch.h"

/* One file from one URL: the cases of tests/data/source/fetch. */

enum { SIZE = 206000 }; /* of "source" */

struct fetch_case {
	char *name, *url, *debian, *origin;
	struct hull_strv mirrors, errors;
	bool partial_altered, offline, beside, beside_altered, left_any, ok;
	long stall, partial, left, max;
	long requests, sent; /* -1: any */
};

static void case_fini(struct fetch_case *c)
{
	free(c->name);
	free(c->url);
	free(c->debian);
	free(c->origin);
	hull_strv_fini(&c->mirrors);
	hull_strv_fini(&c->errors);
}

static void set_text(char **out, const char *text)
{
	free(*out);
	*out = expand(text);
}

static bool read_flag(struct fetch_case *c, const char *key)
{
	static const struct {
		const char *key;
		size_t offset;
	} flags[] = {
		{"partial-altered", offsetof(struct fetch_case, partial_altered)},
		{"offline", offsetof(struct fetch_case, offline)},
		{"beside", offsetof(struct fetch_case, beside)},
		{"beside-altered", offsetof(struct fetch_case, beside_altered)},
		{"left-any", offsetof(struct fetch_case, left_any)},
		{"ok", offsetof(struct fetch_case, ok)},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!strcmp(flags[i].key, key))
			return *(bool *)((char *)c + flags[i].offset) = true;
	return false;
}

static bool read_number(struct fetch_case *c, const char *key, const char *value)
{
	static const struct {
		const char *key;
		size_t offset;
	} numbers[] = {
		{"stall", offsetof(struct fetch_case, stall)},
		{"partial", offsetof(struct fetch_case, partial)},
		{"left", offsetof(struct fetch_case, left)},
		{"max", offsetof(struct fetch_case, max)},
		{"requests", offsetof(struct fetch_case, requests)},
		{"sent", offsetof(struct fetch_case, sent)},
	};
	uint64_t n;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (!strcmp(numbers[i].key, key)) {
			assert_true(hull_parse_u64(value, 0, INT32_MAX, &n));
			*(long *)((char *)c + numbers[i].offset) = (long)n;
			return true;
		}
	return false;
}

static void read_line(struct fetch_case *c, const char *key, const char *value)
{
	bool flag = read_flag(c, key);

	if (!strcmp(key, "case")) {
		c->name = hull_strdup(value);
	} else if (!strcmp(key, "url")) {
		set_text(&c->url, value);
		set_text(&c->origin, value);
	} else if (!strcmp(key, "mirror")) {
		hull_strv_take(&c->mirrors, expand(value));
	} else if (!strcmp(key, "debian")) {
		set_text(&c->debian, value);
	} else if (!strcmp(key, "error")) {
		hull_strv_add(&c->errors, value);
	} else if (flag && *value) {
		set_text(&c->origin, value); /* of "ok" */
	} else if (!flag && !read_number(c, key, value)) {
		fail_msg("tests/data/source/fetch: unknown word '%s'", key);
	}
}

static void put_partial(const struct fetch_case *c, const char *sha256)
{
	hull_autofree char *path = hull_asprintf("store/partial/%s", sha256);
	hull_autofree unsigned char *bytes =
		hull_alloc((size_t)(c->partial > SIZE ? c->partial : SIZE));

	file_bytes("source", bytes);
	if (c->partial_altered)
		bytes[c->partial / 2] ^= 1;
	put_file(path, bytes, (size_t)c->partial);
}

static void check_outcome(const struct fetch_case *c, const struct hull_source_want *w,
			  const struct hull_err *e)
{
	long left = partial_size(w->sha256);

	assert_int_equal(check_sources(), c->ok ? 1 : 0);
	if (!c->left_any)
		assert_int_equal(left, c->left ? c->left : -1);
	for (size_t i = 0; i < c->errors.n; i++)
		assert_contains(e->msg, c->errors.v[i]);
	if (c->ok) {
		hull_autofree char *noted = hull_source_origin(&store, w->sha256);

		assert_string_equal(w->origin, c->origin);
		assert_string_equal(noted, c->origin);
		assert_string_equal(w->digest, w->sha256);
	} else {
		assert_true(c->errors.n > 0);
		assert_string_equal(w->error, e->msg);
	}
	if (c->requests >= 0)
		assert_int_equal(server->requests, c->requests);
	if (c->sent >= 0)
		assert_int_equal(server->body_bytes, c->sent);
}

static void run_case(const struct fetch_case *c)
{
	struct hull_source_options o = {.mirrors = (const char *const *)c->mirrors.v,
					.nmirrors = c->mirrors.n,
					.debian_mirror = c->debian,
					.offline = c->offline,
					.stall_seconds = (int)c->stall,
					.pause_ms = 10};
	hull_autofree char *dir = expand("~/spec");
	char sha256[HULL_HEX];
	struct hull_source_want w = {.url = c->url,
				     .file = "source",
				     .sha256 = sha256,
				     .where = "x.spec:7",
				     .dir = dir,
				     .max_bytes = (uint64_t)c->max};
	struct hull_err e = {0};
	int r;

	print_message("  %s\n", c->name);
	digest_of("source", sha256);
	put_served("files/source", "source", SIZE, false);
	put_file("spec/x.spec", "", 0);
	if (c->beside || c->beside_altered)
		put_served("spec/source", "source", SIZE, c->beside_altered);
	if (c->partial)
		put_partial(c, sha256);
	r = hull_source_fetch(&store, &o, &w, 1, NULL, &e);
	if ((r == 0) != c->ok || w.ok != c->ok)
		fail_msg("%s: returned %d: %s", c->name, r, r ? e.msg : "");
	check_outcome(c, &w, &e);
	hull_source_want_fini(&w);
}

static void test_cases(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct fetch_case c = {0};
	struct hull_err e;
	char *next;
	size_t n = 0;

	if (hull_file_read(AT_FDCWD, "tests/data/source/fetch", &text, &e) < 0)
		fail_msg("%s", e.msg);
	hull_buf_addc(&text, '\n'); /* a blank line ends the last case */
	for (char *line = text.p; *line; line = next) {
		char *end = strchr(line, '\n'), *value;

		next = end + 1;
		*end = '\0';
		if (*line == '#')
			continue;
		if (*line) {
			if (!c.name) {
				setup(state);
				c = (struct fetch_case){.requests = -1, .sent = -1};
			}
			value = strchrnul(line, ' ');
			if (*value)
				*value++ = '\0';
			read_line(&c, line, value);
		} else if (c.name) {
			run_case(&c);
			case_fini(&c);
			c = (struct fetch_case){0};
			teardown(state);
			n++;
		}
	}
	assert_true(n > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
