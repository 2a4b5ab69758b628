base_SRCS := $(wildcard toolkit/base/*.c)
base_DEPS :=
base_PKGS := libcrypto
base_TESTS := $(call tests,base)
