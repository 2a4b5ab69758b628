# The store: what lies where, locks, temporary directories, garbage
store_SRCS := $(wildcard toolkit/store/*.c)
store_DEPS := base text
store_PKGS :=
store_TESTS := $(call tests,store)
