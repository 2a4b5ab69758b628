# ext4, planned and written in one pass, and read, through libext2fs
ext4_SRCS := $(wildcard toolkit/ext4/*.c)
ext4_DEPS := base tree text disk
ext4_PKGS := ext2fs com_err
ext4_TESTS := $(call tests,ext4)
ext4_CFLAGS := -Wconversion
