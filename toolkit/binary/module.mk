binary_SRCS := $(wildcard toolkit/binary/*.c)
binary_DEPS := base tree
binary_PKGS :=
binary_TESTS := $(call tests,binary)
