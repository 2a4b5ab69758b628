# The databases of rpm before sqlite, read: ndb, and the hash of Berkeley DB
rpmdb_SRCS := $(wildcard toolkit/rpmdb/*.c)
rpmdb_DEPS := base
rpmdb_PKGS :=
rpmdb_TESTS := $(call tests,rpmdb)
rpmdb_CFLAGS := -Wconversion
