# FAT32, written and read
fat_SRCS := $(wildcard toolkit/fat/*.c)
fat_DEPS := base text disk
fat_PKGS :=
fat_TESTS := $(call tests,fat)
fat_CFLAGS := -Wconversion
