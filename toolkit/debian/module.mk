# The Debian archive: its suites and signed indexes, what is pinned of it and what is newer there
debian_SRCS := $(wildcard toolkit/debian/*.c)
debian_DEPS := base text store spec source
debian_PKGS := libarchive jansson
debian_TESTS := $(call tests,debian)
