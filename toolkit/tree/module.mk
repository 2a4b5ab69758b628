# The file tree of an image in memory: paths, owners, modes, xattrs, and where the content of each file is
tree_SRCS := $(wildcard toolkit/tree/*.c)
tree_DEPS := base
tree_PKGS := libcap
tree_TESTS := $(call tests,tree)
tree_CFLAGS := -Wconversion
