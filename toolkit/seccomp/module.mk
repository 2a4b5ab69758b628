# Which system calls a command of a sandbox may make
seccomp_SRCS := $(wildcard toolkit/seccomp/*.c)
seccomp_DEPS := base
seccomp_PKGS := libseccomp
seccomp_TESTS := $(call tests,seccomp)
