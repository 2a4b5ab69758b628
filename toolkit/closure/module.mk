closure_SRCS := $(wildcard toolkit/closure/*.c)
closure_DEPS := base text store rpm source repo solve config
closure_PKGS :=
closure_TESTS := $(call tests,closure)
