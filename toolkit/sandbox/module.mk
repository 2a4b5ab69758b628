# A command in namespaces, in a root made of mounts, under limits; knows nothing of packages
sandbox_SRCS := $(wildcard toolkit/sandbox/*.c)
sandbox_DEPS := base seccomp streams
sandbox_PKGS :=
sandbox_TESTS := $(call tests,sandbox)
