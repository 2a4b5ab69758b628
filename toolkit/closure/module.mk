# The packages of an image: what repositories offer, the solution with its reasons, the lock file, chains of reasons
closure_SRCS := $(wildcard toolkit/closure/*.c)
closure_DEPS := base text store rpm source repo solve config
closure_PKGS :=
closure_TESTS := $(call tests,closure)
