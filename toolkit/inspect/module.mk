# An image that somebody made: disks, file systems, archives, packages, which package a file is of
inspect_SRCS := $(wildcard toolkit/inspect/*.c)
inspect_DEPS := base tree binary text store rpm disk readfs fat partition closure ext4 system image
inspect_PKGS := libarchive
inspect_TESTS := $(call tests,inspect)
