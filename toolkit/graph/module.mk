# What has to be built before what: cycles, order, critical path
graph_SRCS := $(wildcard toolkit/graph/*.c)
graph_DEPS := base
graph_PKGS :=
graph_TESTS := $(call tests,graph)
