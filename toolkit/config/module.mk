# Image configurations: read and checked, each error with line and column
config_SRCS := $(wildcard toolkit/config/*.c)
config_DEPS := base binary text disk fat partition
config_PKGS :=
config_TESTS := $(call tests,config)
