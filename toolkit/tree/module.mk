tree_SRCS := $(wildcard toolkit/tree/*.c)
tree_DEPS := base
tree_PKGS := libcap
tree_TESTS := $(call tests,tree)
