system_SRCS := $(wildcard toolkit/system/*.c)
system_DEPS := base tree
system_PKGS :=
system_TESTS := $(call tests,system)
