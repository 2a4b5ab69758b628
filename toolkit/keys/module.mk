# What this builder signs with: its keys and certificates, and the signatures of kernel modules
keys_SRCS := $(wildcard toolkit/keys/*.c)
keys_DEPS := base store rpm spec source
keys_PKGS := libcrypto libarchive
keys_TESTS := $(call tests,keys)
