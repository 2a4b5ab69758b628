# Which packages satisfy what is asked for, and the reason for each, through libsolv
solve_SRCS := $(wildcard toolkit/solve/*.c)
solve_DEPS := base text rpm
solve_PKGS := libsolv libsolvext
solve_TESTS := $(call tests,solve)
