cli_SRCS := $(wildcard toolkit/cli/*.c)
cli_DEPS := base store spec
cli_PKGS :=
cli_TESTS := $(call tests,cli)
