# The partition table (GPT) and dm-verity
partition_SRCS := $(wildcard toolkit/partition/*.c)
partition_DEPS := base text disk
partition_PKGS := libcrypto zlib
partition_TESTS := $(call tests,partition)
partition_CFLAGS := -Wconversion
