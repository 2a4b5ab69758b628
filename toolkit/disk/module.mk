disk_SRCS := $(wildcard toolkit/disk/*.c)
disk_DEPS := base
disk_PKGS := ext2fs com_err libzstd zlib
disk_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_disk*.c))
