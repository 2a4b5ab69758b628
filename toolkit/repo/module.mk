# rpm-md repositories: written, read, their signatures checked
repo_SRCS := $(wildcard toolkit/repo/*.c)
repo_DEPS := base text store rpm source
repo_PKGS := libzstd libsolv libsolvext expat
repo_TESTS := $(call tests,repo)
repo_TEST_DEPS := solve
