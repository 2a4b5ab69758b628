base_SRCS := $(wildcard toolkit/base/*.c)
base_DEPS := 
base_PKGS := libcrypto jansson
base_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_base*.c))
