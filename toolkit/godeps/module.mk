godeps_SRCS := $(wildcard toolkit/godeps/*.c)
godeps_DEPS := base text store spec source sandbox builder
godeps_PKGS := libarchive jansson
godeps_TESTS := $(call tests,godeps)
