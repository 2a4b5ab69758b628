image_SRCS := $(wildcard toolkit/image/*.c)
image_DEPS := base rpm source sandbox solve repo disk
image_PKGS := libarchive libcap zlib
image_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_image*.c))
