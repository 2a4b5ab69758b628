# The root of Debian tools in which everything is built: what is in it, how it is made
seed_SRCS := $(wildcard toolkit/seed/*.c)
seed_DEPS := base text store source debian sandbox
seed_PKGS := libarchive jansson
seed_TESTS := $(call tests,seed)
