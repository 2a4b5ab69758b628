# What programs say of themselves: ELF and its hardening, PE and unified kernel images, Go build information
binary_SRCS := $(wildcard toolkit/binary/*.c)
binary_DEPS := base tree
binary_PKGS :=
binary_TESTS := $(call tests,binary)
