source_SRCS := $(wildcard toolkit/source/*.c)
source_DEPS := base rpm
source_PKGS := libcurl libcrypto libarchive
source_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_source*.c))
