sandbox_SRCS := $(wildcard toolkit/sandbox/*.c)
sandbox_DEPS := base
sandbox_PKGS :=
sandbox_TESTS := $(call tests,sandbox)
