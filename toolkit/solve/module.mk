solve_SRCS := $(wildcard toolkit/solve/*.c)
solve_DEPS := base rpm
solve_PKGS := libsolv libsolvext
solve_TESTS := $(call tests,solve)
