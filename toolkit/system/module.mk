# What files of a system mean: units, presets, sysusers.d, tmpfiles.d, accounts, os-release, kernel configuration
system_SRCS := $(wildcard toolkit/system/*.c)
system_DEPS := base tree
system_PKGS :=
system_TESTS := $(call tests,system)
