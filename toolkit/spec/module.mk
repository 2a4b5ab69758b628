# Specs: parsed with our macros, in processes of their own, to sources, packages and requirements
spec_SRCS := $(wildcard toolkit/spec/*.c)
spec_DEPS := base text store rpm scriptlet sandbox
spec_PKGS := rpm jansson
spec_LIBS := -lrpmbuild
spec_TESTS := $(call tests,spec)
