repo_SRCS := $(wildcard toolkit/repo/*.c)
repo_DEPS := base rpm
repo_PKGS := libzstd
repo_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_repo*.c))
