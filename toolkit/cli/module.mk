# What commands have in common: their tables, help, man pages, completion, the context
cli_SRCS := $(wildcard toolkit/cli/*.c)
cli_DEPS := base store spec text
cli_PKGS :=
cli_TESTS := $(call tests,cli)
