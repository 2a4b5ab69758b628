sandbox_SRCS := $(wildcard toolkit/sandbox/*.c)
sandbox_DEPS := base
sandbox_PKGS := 
sandbox_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_sandbox*.c))
