# What programs say of themselves: ELF and its hardening, PE, unified and Linux kernel images, Go build information
binary_SRCS := $(wildcard toolkit/binary/*.c)
binary_DEPS := base tree
binary_PKGS := libzstd
binary_TESTS := $(call tests,binary)
