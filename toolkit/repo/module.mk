repo_SRCS := $(wildcard toolkit/repo/*.c)
repo_DEPS := base rpm source
repo_PKGS := libzstd libsolv libsolvext
repo_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_repo*.c))
