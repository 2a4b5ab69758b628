# Source files: pins, mirrors, downloads; the library packages of Go programs
source_SRCS := $(wildcard toolkit/source/*.c)
source_DEPS := base text store spec
source_PKGS := libarchive libcurl jansson
source_TESTS := $(call tests,source)
