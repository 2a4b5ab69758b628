# The checks of an audit, a file each
check_SRCS := $(wildcard toolkit/check/*.c)
check_DEPS := base text tree rpm binary finding system keys inspect license vulnerability
check_PKGS :=
check_TESTS := $(call tests,check)
