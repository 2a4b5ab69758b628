# File systems that images of others have and Hull does not write: squashfs, EROFS, XFS
readfs_SRCS := $(wildcard toolkit/readfs/*.c)
readfs_DEPS := base tree text disk
readfs_PKGS := libsquashfs1
readfs_TESTS := $(call tests,readfs)
readfs_CFLAGS := -Wconversion
