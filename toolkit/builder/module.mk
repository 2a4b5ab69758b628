# Builds: keys, build roots, the scheduler, records and logs
builder_SRCS := $(wildcard toolkit/builder/*.c)
builder_DEPS := base graph text store rpm scriptlet spec source keys repo sandbox seed solve
builder_PKGS :=
builder_TESTS := $(call tests,builder)
