# What a command writes, taken from it by pipes, and a pseudo-terminal before the caller's terminal
streams_SRCS := $(wildcard toolkit/streams/*.c)
streams_DEPS := base text
streams_PKGS :=
streams_TESTS := $(call tests,streams)
