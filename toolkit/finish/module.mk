finish_SRCS := $(wildcard toolkit/finish/*.c)
finish_DEPS := base tree binary store config payload system
finish_PKGS :=
finish_TESTS := $(call tests,finish)
