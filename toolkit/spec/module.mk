spec_SRCS := $(wildcard toolkit/spec/*.c)
spec_DEPS := base store rpm
spec_PKGS := rpm jansson
spec_LIBS := -lrpmbuild
spec_TESTS := $(call tests,spec)
