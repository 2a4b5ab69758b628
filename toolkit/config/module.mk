config_SRCS := $(wildcard toolkit/config/*.c)
config_DEPS := base binary text disk fat partition
config_PKGS :=
config_TESTS := $(call tests,config)
