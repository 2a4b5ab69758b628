rpm_SRCS := $(wildcard toolkit/rpm/*.c)
rpm_DEPS := base
rpm_PKGS := rpm libarchive sqlite3
rpm_LIBS := -lrpmbuild
rpm_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_rpm*.c))
