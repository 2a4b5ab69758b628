# RPM files, their headers and payload, and the rpm database, through librpm
rpm_SRCS := $(wildcard toolkit/rpm/*.c)
rpm_DEPS := base text store rpmdb
rpm_PKGS := rpm sqlite3 libarchive
rpm_TESTS := $(call tests,rpm)
