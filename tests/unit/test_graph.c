// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "graph/graph.h"

/* "3: 0>1 1>2 2>0": nodes, then edges "node>what it requires"; a cost after '=' ("0=50"), before
 * the edges. */
static struct hull_graph *parse(const char *text)
{
	struct hull_graph *g = hull_graph_new();
	int costs[16], n, used, a, b;

	assert_int_equal(sscanf(text, "%d: %n", &n, &used), 1);
	assert_in_range(n, 0, 16);
	for (int i = 0; i < n; i++)
		costs[i] = 1;
	for (text += used; sscanf(text, "%d=%d %n", &a, &b, &used) == 2; text += used) {
		assert_in_range(a, 0, n - 1);
		costs[a] = b;
	}
	for (int i = 0; i < n; i++)
		assert_int_equal(hull_graph_add(g, costs[i]), i);
	for (; *text; text += used) {
		if (sscanf(text, "%d>%d %n", &a, &b, &used) != 2)
			fail_msg("malformed: %s", text);
		hull_graph_require(g, a, b);
	}
	return g;
}

static const char *show(const struct hull_nodes *s)
{
	static char text[256];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < s->n; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, i ? " %d" : "%d", s->v[i]);
	return text;
}

static void test_cycle(void **state)
{
	static const struct {
		const char *graph, *cycle;
	} cases[] = {
		{"0:", ""},
		{"1:", ""},
		{"1: 0>0", "0"},
		{"2: 0>1 1>0", "0 1"},
		{"3: 0>1 1>2", ""},
		{"3: 2>1 1>0 0>2", "0 2 1"},
		{"5: 0>1 1>2 2>0 3>4 4>3", "3 4"}, /* the shorter one */
		{"4: 0>1 1>2 2>3 3>0 3>1", "1 2 3"},
		{"4: 0>1 1>0 2>3 3>2", "0 1"},	       /* of equal ones the first */
		{"6: 5>0 0>1 1>2 2>1 2>3 4>5", "1 2"}, /* what hangs on it is no part of it */
		{"4: 0>1 0>2 1>3 2>3 3>0", "0 1 3"},
		{"3: 0>1 1>0 2>2", "2"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_graph *g = parse(cases[i].graph);
		hull_autonodes struct hull_nodes out = {0};

		assert_int_equal(hull_graph_cycle(g, &out), cases[i].cycle[0] != '\0');
		assert_string_equal(show(&out), cases[i].cycle);
		hull_graph_free(g);
	}
}

static void test_order(void **state)
{
	static const struct {
		const char *graph, *order;
	} cases[] = {
		{"0:", ""},
		{"3:", "0 1 2"},
		{"3: 0>1 1>2", "2 1 0"},
		{"3: 1>2 0>1", "2 1 0"},
		{"3: 0>1 1>2 0>1 0>1", "2 1 0"},       /* an edge counts once */
		{"4: 2=9 0>1 0>2 1>3 2>3", "3 2 1 0"}, /* the longer path first */
		{"4: 0=3 1=1 2=5 3=1 1>3", "2 0 3 1"},
		{"3: 0=0 1=0 2=0 0>2", "1 2 0"}, /* without costs by number */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_graph *g = parse(cases[i].graph);
		hull_autonodes struct hull_nodes out = {0};

		hull_graph_order(g, &out);
		assert_string_equal(show(&out), cases[i].order);
		hull_graph_free(g);
	}
}

/* With a job for every node the time left is the longest path of those that are left. */
static void test_paths(void **state)
{
	struct hull_graph *g = parse("5: 0=10 1=20 2=30 3=5 4=1 0>1 0>2 1>3 2>3 4>3");
	static const int next[] = {3, 2, 1, 0, 4};
	static const int64_t path_ms[] = {45, 40, 30, 10, 1};
	hull_autonodes struct hull_nodes out = {0};

	(void)state;
	assert_string_equal(show(hull_graph_requirements(g, 0)), "1 2");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(hull_graph_left_ms(g, 1000), path_ms[i]);
		assert_int_equal(hull_graph_start(g), next[i]);
		hull_graph_done(g, next[i]);
	}
	hull_graph_free(g);
	g = parse("5: 0=10 1=20 2=30 3=5 4=100 0>1 0>2 1>3 2>3 4>3");
	assert_int_equal(hull_graph_left_ms(g, 1000), 105);
	hull_graph_drop(g, 2, &out);
	assert_string_equal(show(&out), "0");
	hull_graph_drop(g, 3, &out);
	assert_string_equal(show(&out), "1 4");
	hull_graph_free(g);
}

static void test_run(void **state)
{
	struct hull_graph *g = parse("5: 0=10 1=50 2=20 3=1 4=7 0>1 0>2 2>3");
	hull_autonodes struct hull_nodes out = {0};

	(void)state;
	assert_int_equal(hull_graph_left_ms(g, 1), 88);
	assert_int_equal(hull_graph_left_ms(g, 8), 60);
	assert_int_equal(hull_graph_start(g), 1);
	assert_int_equal(hull_graph_start(g), 3);
	assert_int_equal(hull_graph_start(g), 4);
	assert_int_equal(hull_graph_start(g), -1);
	hull_graph_done(g, 3);
	assert_int_equal(hull_graph_start(g), 2);
	hull_graph_done(g, 1);

	/* 2 turns out to require 4, which runs: it waits again. */
	assert_int_equal(hull_graph_left_ms(g, 8), 30);
	hull_graph_requeue(g, 2);
	assert_true(hull_graph_require(g, 2, 4));
	assert_false(hull_graph_require(g, 2, 3));
	assert_int_equal(hull_graph_start(g), -1);
	assert_false(hull_graph_cycle(g, &out));
	assert_int_equal(hull_graph_left_ms(g, 8), 37);
	hull_graph_done(g, 4);
	assert_int_equal(hull_graph_start(g), 2);
	hull_graph_done(g, 2);
	assert_int_equal(hull_graph_left_ms(g, 2), 10);
	assert_int_equal(hull_graph_start(g), 0);

	/* A node that is added late. */
	assert_int_equal(hull_graph_add(g, 3), 5);
	hull_graph_require(g, 5, 1);
	assert_int_equal(hull_graph_start(g), 5);
	hull_graph_done(g, 5);
	hull_graph_done(g, 0);
	assert_int_equal(hull_graph_left_ms(g, 2), 0);
	assert_int_equal(hull_graph_start(g), -1);
	hull_graph_free(g);
}

static void test_drop(void **state)
{
	struct hull_graph *g = parse("6: 1=2 3=100 5>0 4>5 3>4 3>1 2>1");
	hull_autonodes struct hull_nodes out = {0};

	(void)state;
	assert_int_equal(hull_graph_start(g), 0); /* 0 5 4 3 is the longest path */
	hull_graph_drop(g, 0, &out);
	assert_string_equal(show(&out), "3 4 5");
	assert_int_equal(hull_graph_left_ms(g, 8), 3); /* 3 no longer counts */
	assert_int_equal(hull_graph_start(g), 1);
	assert_int_equal(hull_graph_start(g), -1);
	hull_graph_done(g, 1);
	assert_int_equal(hull_graph_start(g), 2);
	hull_graph_drop(g, 2, &out);
	assert_string_equal(show(&out), "");
	assert_int_equal(hull_graph_start(g), -1);
	hull_graph_free(g);
}

static const char *label(void *ctx, int node)
{
	const char *const *names = ctx;

	return names[node];
}

static void test_dot(void **state)
{
	static const char *names[] = {"zlib", "a\"b\\c", "two\nlines"};
	struct hull_graph *g = parse("3: 0>1 0>2 1>2");
	hull_autobuf struct hull_buf out = {0};

	(void)state;
	hull_graph_dot(g, "specs", label, names, &out);
	assert_string_equal(out.p, "digraph \"specs\" {\n"
				   "\tn0 [label=\"zlib\"];\n"
				   "\tn1 [label=\"a\\\"b\\\\c\"];\n"
				   "\tn2 [label=\"two lines\"];\n"
				   "\tn0 -> n1;\n\tn0 -> n2;\n\tn1 -> n2;\n}\n");
	out.n = 0;
	hull_graph_dot(g, "x", NULL, NULL, &out);
	assert_non_null(strstr(out.p, "\tn0;\n"));
	hull_graph_free(g);
}

/* The same graph with its edges added in another order gives the same results; the order is valid.
 */
static void test_random(void **state)
{
	enum { NODES = 60, EDGES = 200, ROUNDS = 50 };

	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		struct hull_graph *a = hull_graph_new(), *b = hull_graph_new();
		hull_autonodes struct hull_nodes x = {0}, y = {0};
		int edges[EDGES][2], place[NODES];

		for (int i = 0; i < NODES; i++) {
			int64_t cost = rand() % 100;

			hull_graph_add(a, cost);
			hull_graph_add(b, cost);
		}
		for (int i = 0; i < EDGES; i++) {
			int from = 1 + rand() % (NODES - 1);

			edges[i][0] = (from * 37) % NODES;
			edges[i][1] = ((rand() % from) * 37) % NODES;
		}
		for (int i = 0; i < EDGES; i++) {
			hull_graph_require(a, edges[i][0], edges[i][1]);
			hull_graph_require(b, edges[EDGES - 1 - i][0], edges[EDGES - 1 - i][1]);
		}
		assert_false(hull_graph_cycle(a, &x));
		hull_graph_order(a, &x);
		hull_graph_order(b, &y);
		assert_int_equal(x.n, NODES);
		assert_memory_equal(x.v, y.v, NODES * sizeof *x.v);
		for (int i = 0; i < NODES; i++)
			place[x.v[i]] = i;
		for (int i = 0; i < EDGES; i++)
			assert_true(place[edges[i][0]] > place[edges[i][1]]);
		hull_graph_free(a);
		hull_graph_free(b);
	}
}

static void test_large(void **state)
{
	enum { NODES = 5000 };
	struct hull_graph *g = hull_graph_new();
	hull_autonodes struct hull_nodes out = {0};
	int64_t start;

	(void)state;
	srand(1);
	for (int i = 0; i < NODES; i++) {
		hull_graph_add(g, 1 + rand() % 1000);
		for (int k = 0; i && k < 10; k++)
			hull_graph_require(g, i, rand() % i);
	}
	start = hull_monotonic_ms();
	assert_false(hull_graph_cycle(g, &out));
	hull_graph_order(g, &out);
	assert_int_equal(out.n, NODES);
	assert_true(hull_monotonic_ms() - start < 1000);
	hull_graph_require(g, 0, NODES - 1);
	assert_true(hull_graph_cycle(g, &out));
	assert_true(out.n >= 2 && out.v[0] == 0);
	hull_graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cycle),  cmocka_unit_test(test_order),
		cmocka_unit_test(test_paths),  cmocka_unit_test(test_run),
		cmocka_unit_test(test_drop),   cmocka_unit_test(test_dot),
		cmocka_unit_test(test_random), cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
