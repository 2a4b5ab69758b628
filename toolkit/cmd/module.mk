cmd_SRCS := $(wildcard toolkit/cmd/*.c)
cmd_DEPS := base rpm source graph sandbox disk solve repo build image audit
cmd_PKGS := 
cmd_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_cmd*.c))
