# What packages do not bring and no scriptlet makes: accounts, unit links, ld.so.cache, hwdb, catalog, module indexes, network
finish_SRCS := $(wildcard toolkit/finish/*.c)
finish_DEPS := base tree binary store config payload system
finish_PKGS :=
finish_TESTS := $(call tests,finish)
