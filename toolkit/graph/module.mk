graph_SRCS := $(wildcard toolkit/graph/*.c)
graph_DEPS := base
graph_PKGS := 
graph_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_graph*.c))
