# An image in QEMU, with its console
machine_SRCS := $(wildcard toolkit/machine/*.c)
machine_DEPS := base text disk
machine_PKGS :=
machine_TESTS := $(call tests,machine)
