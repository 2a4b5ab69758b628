# SPDX license identifiers and expressions
license_SRCS := $(wildcard toolkit/license/*.c)
license_DEPS := base
license_PKGS :=
license_TESTS := $(call tests,license)
