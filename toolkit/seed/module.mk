seed_SRCS := $(wildcard toolkit/seed/*.c)
seed_DEPS := base text store source sandbox
seed_PKGS :=
seed_TESTS := $(call tests,seed)
