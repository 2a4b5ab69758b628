solve_SRCS := $(wildcard toolkit/solve/*.c)
solve_DEPS := base rpm
solve_PKGS := libsolv libsolvext
solve_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_solve*.c))
