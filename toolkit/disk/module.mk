# Containers of a disk, written forward and read: raw, VHD, VHDX, qcow2
disk_SRCS := $(wildcard toolkit/disk/*.c)
disk_DEPS := base tree text
disk_PKGS := zlib libzstd liblzma
disk_TESTS := $(call tests,disk)
disk_CFLAGS := -Wconversion
