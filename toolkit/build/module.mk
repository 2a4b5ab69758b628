build_SRCS := $(wildcard toolkit/build/*.c)
build_DEPS := base rpm source graph sandbox solve repo
build_PKGS := 
build_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_build*.c))
