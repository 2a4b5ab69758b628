# Source files: pins, mirrors, downloads
source_SRCS := $(wildcard toolkit/source/*.c)
source_DEPS := base text store spec
source_PKGS := libarchive libcurl jansson
source_TESTS := $(call tests,source)
